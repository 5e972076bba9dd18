"""Did the registry sign every dependency?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, listed, named, several
from provenly.verify.graph.model import SIGNATURES, Outcome
from provenly.verify.subject import Subject

ID: Final = SIGNATURES

ABOUT: Final = About(
    question="Did the registry sign name, version and digest of every dependency?",
    proves="For each dependency, what registry-signature proves for the package itself: no mirror and no proxy can "
    "have exchanged its archive or made the version up. It is what npm audit signatures "
    "checks, before an installation.",
    does_not_prove="The registry signs whatever is published, malice included. Bundled packages are not signed apart.",
    remedy="Verify against the registry itself rather than a mirror. Do not install a version with a signature that "
    "does not hold.",
)


def check(subject: Subject) -> Evidence:
    """Report signatures that do not hold, and versions without any."""

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        without = [one for one in outcomes if one.status is Status.ABSENT and one.code != "TREE_BUNDLED"]
        signed = sum(one.status is Status.PASSED for one in outcomes)
        facts: dict[str, Json] = {"looked_at": len(outcomes), "signed": signed, "unsigned": listed(without)}
        if without:
            summary = f"{several(len(without))} without a signature of the registry: {named(without)}"
            return Evidence(check=ID, status=Status.ABSENT, summary=summary, facts=facts)
        if not signed:
            summary = "all dependencies are bundled, and no registry signs those"
            return Evidence(check=ID, status=Status.ABSENT, summary=summary, facts=facts)
        summary = f"{several(signed)} with a signature of the registry that holds"
        return Evidence(check=ID, status=Status.PASSED, summary=summary, facts=facts)

    return judge(
        ID,
        subject.tree(),
        expected="signatures that hold",
        hint="Do not install it: a signature that does not verify is no matter of settings.",
        passed=passed,
    )
