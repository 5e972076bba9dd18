"""Will the next launch get the same version?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Selector
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "launch-pinned"

ABOUT: Final = About(
    question="Does the reference name one exact version, so that the next launch gets what was verified?",
    proves="The reference names an exact version.",
    does_not_prove="An exact version fixes the package, not its dependencies: npx resolves those afresh each time.",
    remedy="Write the version out: name@1.2.3.",
)

OVERRIDES: Final = frozenset({"LAUNCH_OVERRIDE", "LAUNCH_SHELL", "LAUNCH_NOT_REGISTRY"})
"""Notes of the reference parser: the launch line would run something else than what is verified."""


def check(subject: Subject) -> Evidence:
    """Report how the version was selected."""
    reference = subject.reference
    odd = [note.text for note in reference.notes if note.code in OVERRIDES]
    if odd:
        raise RejectedError(
            f"the launch line may run something else: {odd[0]}",
            code="LAUNCH_OVERRIDE",
            expected="a launch line that names the package and nothing else",
            actual=reference.text,
            hint="Take the flag out.",
        )
    if reference.selector in {Selector.FILE, Selector.FOLDER}:
        return Evidence(check=ID, status=Status.ABSENT, summary="a file on this machine is launched as it is")
    package = subject.package()
    if reference.selector is Selector.EXACT:
        return Evidence(check=ID, status=Status.PASSED, summary=f"the reference names version {package.version}")
    asked = reference.spec or "no version"
    raise RejectedError(
        f"the reference names {asked}, which is {package.version} now and may be another version tomorrow",
        code="REF_UNPINNED",
        expected=f"{package.name}@{package.version}",
        actual=reference.text,
        hint=f"Write {package.name}@{package.version}.",
    )
