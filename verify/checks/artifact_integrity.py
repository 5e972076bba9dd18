"""Are these the bytes that the registry describes?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error, LayoutError, RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.registry.attestations import ASK_BY_NAME
from provenly.verify.subject import Subject

ID: Final = "artifact-integrity"

ABOUT: Final = About(
    question="Are the bytes that were analysed the bytes that the registry describes?",
    proves="The archive has the sha512 digest (or, of several, the strongest one) that the registry names for this "
    "version, and everything else in the report is about those very bytes.",
    does_not_prove="It does not prove that the registry is honest, that its owner published these bytes, or anything "
    "about what they do: whoever controls the registry's document controls the digest in it.",
    remedy="Fetch the archive again without a cache, proxy or mirror between. If it still differs, do not install it "
    "and tell the registry.",
)


def check(subject: Subject) -> Evidence:
    """Hold the archive's digest to the registry's Subresource Integrity value (https://www.w3.org/TR/sri-2/)."""
    package = subject.package()
    if not package.integrity and package.registry:
        return _without_integrity(package.shasum)
    artifact = subject.artifact_or
    if isinstance(artifact, LayoutError):
        return _unreadable(package.integrity)
    if isinstance(artifact, Error):
        raise artifact
    if not artifact.claimed:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary="a file on this machine: nobody says which digest it should have",
            expected="a digest from a registry",
            actual=str(artifact.sha512),
            hint=ASK_BY_NAME,
            facts={"sha512": artifact.sha512.hex, "size": artifact.size},
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"the archive's {artifact.size:,} bytes have the digest that the registry names",
        expected=package.integrity,
        actual=artifact.sha512.sri,
        facts={"sha512": artifact.sha512.hex, "size": artifact.size},
        consulted=(artifact.origin,),
    )


def _unreadable(integrity: str) -> Evidence:
    """Say that the bytes are the right ones: their digest is compared before the archive is read."""
    if integrity:
        summary = "the archive has the digest that the registry names, though it cannot be read (artifact-layout)"
        return Evidence(check=ID, status=Status.PASSED, summary=summary, expected=integrity)
    summary = "a file on this machine: nobody says which digest it should have"
    return Evidence(check=ID, status=Status.UNCHECKED, summary=summary, hint=ASK_BY_NAME)


def _without_integrity(shasum: str) -> Evidence:
    """Tell "there is only a SHA-1" from "there is nothing": the first is a refusal with its own words."""
    if shasum:
        raise RejectedError(
            "the registry names only a SHA-1 digest for this version, and files that share one can be made",
            code="INTEGRITY_WEAK",
            expected="a sha512 integrity",
            actual=f"sha1 {shasum}",
            hint="Ask the registry to serve dist.integrity, or the publisher to publish again.",
        )
    return Evidence(
        check=ID,
        status=Status.ABSENT,
        summary="the registry names no digest for this version",
        expected="a sha512 integrity",
        actual="none",
        hint="Use a registry that serves dist.integrity.",
    )
