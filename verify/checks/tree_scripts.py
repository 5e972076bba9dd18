"""Do dependencies run code when they are installed?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, several
from provenly.verify.graph.model import SCRIPTS, Outcome
from provenly.verify.subject import Subject

ID: Final = SCRIPTS

ABOUT: Final = About(
    question="Does any dependency run code when it is installed?",
    proves="No dependency of the tree has a preinstall, install or postinstall script, as far as its registry says.",
    does_not_prove="Code of a dependency runs whenever it is imported. The registry's word about scripts is what npm "
    "goes by before it has the archive; an archive can have a binding.gyp of which the registry says nothing.",
    remedy="Install with npm install --ignore-scripts and see whether the server starts; native modules need theirs.",
)


def check(subject: Subject) -> Evidence:
    """Report the dependencies that run code at installation."""

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        summary = f"none of {several(len(outcomes))} runs code when it is installed"
        return Evidence(check=ID, status=Status.PASSED, summary=summary, facts={"looked_at": len(outcomes)})

    return judge(
        ID,
        subject.tree(),
        expected="no install scripts",
        hint="Install with --ignore-scripts where the server works without, and read what they run first.",
        passed=passed,
    )
