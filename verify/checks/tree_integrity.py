"""Does every dependency have the digest that its registry names?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, several
from provenly.verify.graph.model import INTEGRITY, Outcome
from provenly.verify.subject import Subject

ID: Final = INTEGRITY

ABOUT: Final = About(
    question="Does every dependency have a sha512 digest, and the one that its registry names for that version?",
    proves="What npm would hold each archive to when it installs is a sha512, and the registry's own document of that "
    "version says the same. A shrinkwrap that is shipped in an archive cannot have put other archives in their place.",
    does_not_prove="The archives themselves are not fetched: npm compares them when it installs. A registry can name "
    "the digest of a bad archive. What is bundled has no digest of its own: the archive that it lies in has.",
    remedy="Do not install a version whose digests differ; find out which of registry, mirror and shrinkwrap is wrong.",
)


def check(subject: Subject) -> Evidence:
    """Report dependencies without a digest, or with another one than the registry's."""

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        bundled = sum(outcome.status is Status.ABSENT for outcome in outcomes)
        also = f"; {several(bundled)} more, bundled in archives of others" if bundled else ""
        return Evidence(
            check=ID,
            status=Status.PASSED,
            summary=f"{several(len(outcomes) - bundled)} with the sha512 that the registry names{also}",
            facts={"looked_at": len(outcomes), "bundled": bundled},
        )

    return judge(
        ID,
        subject.tree(),
        expected="a sha512 for each, as the registry names it",
        hint="Do not install it; find out which of registry, mirror and shrinkwrap is wrong.",
        passed=passed,
    )
