"""Do the publishers of the dependencies stand by these versions?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, several
from provenly.verify.graph.model import STATUS, Outcome
from provenly.verify.subject import Subject

ID: Final = STATUS

ABOUT: Final = About(
    question="Do the publishers of all dependencies stand by these versions?",
    proves="The registry lists every dependency's version, calls none deprecated, and has replaced none of them by a "
    "placeholder because it was malicious.",
    does_not_prove="Nobody is obliged to deprecate a bad version, and known vulnerabilities are not looked up.",
    remedy="Use a version of the package that depends on newer ones; tell its author.",
)


def check(subject: Subject) -> Evidence:
    """Report deprecated and removed versions in the tree."""

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        summary = f"none of {several(len(outcomes))} is deprecated or was taken down"
        return Evidence(check=ID, status=Status.PASSED, summary=summary, facts={"looked_at": len(outcomes)})

    return judge(
        ID,
        subject.tree(),
        expected="versions that are not deprecated",
        hint="Use a version of the package that depends on newer ones.",
        passed=passed,
    )
