"""Does the registry describe the package that is in the archive?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error, MalformedError, RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.registry.attestations import ASK_BY_NAME
from provenly.verify.subject import Subject

ID: Final = "manifest-match"

ABOUT: Final = About(
    question="Does the registry's description agree with the package.json inside the archive?",
    proves="Name, version, scripts, dependencies and commands that the registry shows are those that the archive "
    "brings, so what a reviewer or scanner read at the registry is what will be installed.",
    does_not_prove="It does not prove that either of them is honest, only that they agree.",
    remedy="The registry stores the description apart from the archive, and a publisher can make them differ. "
    "Believe the archive, and ask the publisher why.",
)


def check(subject: Subject) -> Evidence:
    """Compare the version document with the packed manifest (the fault is known as manifest confusion)."""
    from provenly.verify.comparison import manifest

    described = subject.package_or
    if isinstance(described, (MalformedError, RejectedError)) and described.code != "REG_UNPUBLISHED":
        raise described
    package = subject.package()
    if isinstance(subject.manifest_or, Error) and subject.manifest_or.code.startswith(("JSON_", "MANIFEST_")):
        raise subject.manifest_or
    packed = subject.manifest()
    if not package.registry:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary="a file on this machine: there is no registry's description to compare its package.json with",
            hint=ASK_BY_NAME,
        )
    changes = manifest.confusion(package.manifest, packed)
    if changes:
        fields = ", ".join(change.path for change in changes[:5])
        raise RejectedError(
            f"the registry and the archive disagree about {plural(len(changes), 'member')} of package.json: {fields}",
            code="MANIFEST_CONFUSION",
            expected="no difference",
            actual="; ".join(change.text for change in changes[:5]),
            hint="Believe the archive: it is what gets installed.",
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary="the registry describes the package.json that is in the archive",
        consulted=(package.registry,),
    )
