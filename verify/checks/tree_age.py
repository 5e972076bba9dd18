"""How long have the versions of the dependencies been out?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, listed, named, several
from provenly.verify.graph.model import AGE, Outcome
from provenly.verify.subject import Subject

ID: Final = AGE

ABOUT: Final = About(
    question="How long has the youngest version among the dependencies been out?",
    proves="The registry says when each version was published; a policy may ask for an age, because malicious versions "
    "are mostly found within hours, and ranges bring in whatever was published last.",
    does_not_prove="The times are the registry's unsigned word, and an old version can be malicious too.",
    remedy="Wait until it is older, or resolve as of an earlier moment with --at.",
)


def check(subject: Subject) -> Evidence:
    """Report the age of the youngest in whole hours as the fact ``hours``; how much is enough, the policy says."""
    tree = subject.tree()

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        undated = [one for one in outcomes if one.code == "AGE_UNKNOWN"]
        if undated:
            summary = f"{several(len(undated))} without a publish time: {named(undated)}"
            return Evidence(check=ID, status=Status.ABSENT, summary=summary, facts={"undated": listed(undated)})
        # Bundled packages have no time of their own: they are as old as the archive that they lie in.
        dated = sum(outcome.status is Status.PASSED for outcome in outcomes)
        if tree.hours is None:
            summary = "all dependencies are bundled, and are as old as the archives that they lie in"
            return Evidence(check=ID, status=Status.ABSENT, summary=summary)
        hours = max(0, int(tree.hours))
        age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004 - two days read better as hours
        summary = f"{several(dated)}, the youngest published at least {age} before it was checked"
        return Evidence(
            check=ID, status=Status.PASSED, summary=summary, facts={"hours": hours, "looked_at": len(outcomes)}
        )

    return judge(
        ID,
        tree,
        expected="publish times that are past",
        hint="Check this machine's clock and the registry.",
        passed=passed,
    )
