"""Does the publisher still stand by this version?"""

from __future__ import annotations

import re
from typing import Final

from provenly.trust.errors import Error, RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.registry.attestations import ASK_BY_NAME
from provenly.verify.subject import Subject

ID: Final = "version-status"

ABOUT: Final = About(
    question="Does the publisher still stand by this version?",
    proves="The registry lists the version and does not call it deprecated.",
    does_not_prove="Nobody is obliged to deprecate a bad version.",
    remedy="Read the message and use the version that it names.",
)

HOLDING: Final = re.compile(r"0\.0\.[0-9]+-security(?:\.[0-9]+)?")
"""The versions of npm's placeholders (https://github.com/npm/security-holder); others may fix security, too."""


def check(subject: Subject) -> Evidence:
    """Report a deprecation, or npm's placeholder for a removed package."""
    if isinstance(subject.package_or, Error) and subject.package_or.code == "REG_UNPUBLISHED":
        raise subject.package_or
    package = subject.package()
    if not package.registry:
        summary = "a file on this machine: no registry says whether its publisher stands by it"
        return Evidence(check=ID, status=Status.UNCHECKED, summary=summary, hint=ASK_BY_NAME)
    if HOLDING.fullmatch(package.version):
        raise RejectedError(
            f"{package.version} is the placeholder that npm leaves where it removed a malicious package",
            code="SECURITY_HOLDING",
            hint="Do not use this name.",
        )
    if package.deprecated:
        raise RejectedError(
            f"the publisher deprecated this version: {package.deprecated}",
            code="DEPRECATED",
            expected="a version that is not deprecated",
            actual="deprecated",
            hint="Use the version that the message names.",
        )
    return Evidence(check=ID, status=Status.PASSED, summary="the registry lists this version, not deprecated")
