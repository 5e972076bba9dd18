"""Does the registry attest that it took this version in?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.attestations import PUBLISH, absent, consulted, signed
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

if TYPE_CHECKING:
    from provenly.verify.attested import Judged

ID: Final = "publish-attestation"

ABOUT: Final = About(
    question="Does the registry attest, in a public log, that it took in these bytes under this name and version?",
    proves="A key of the registry signed a publish attestation whose only subject is this package in this version with "
    "the sha512 digest of these bytes, at a time for which a public transparency log vouches and at which the key was "
    "valid for attestations. A registry that later serves other bytes cannot take that back.",
    does_not_prove="It never says who built the package or from what: whoever holds the publisher's token gets one, "
    "too. It does not prove that the registry is honest, only that it said so in public.",
    remedy="Failed: the document was altered or belongs to something else; fetch it from the registry itself, and do "
    "not install the version while it stays so. Absent: authors get one by publishing with provenance.",
)

UNKNOWN_KEY: Final = "ATT_KEY_UNKNOWN"
"""The code of "this is none of the keys that are known"."""


def check(subject: Subject) -> Evidence:
    """Report the registry's own attestation."""
    none = absent(ID, subject, subject.attested_or, PUBLISH)
    if none:
        return none
    if isinstance(subject.attested_or, Error):
        raise subject.attested_or
    judged = subject.attested_or
    statement = judged.attested.publish
    refused = next((other for other in judged.attested.others if isinstance(other, Error)), None)
    if statement is None and refused is not None:
        raise refused  # it may be the publish attestation under another name
    if statement is None:
        return Evidence(
            check=ID,
            status=Status.ABSENT,
            summary="attestations are served for this version, and none of them is a publish attestation",
            expected=f"a {PUBLISH}",
            actual="none",
            hint="Verify against the public registry rather than a mirror.",
            facts={"registry": subject.package().registry},
            consulted=(judged.place,),
        )
    if isinstance(statement, Error):
        raise _reason(statement, judged, subject.package().registry)
    keys = "" if isinstance(judged.keys, Error) else judged.keys.registry
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"{keys} attested on {statement.verified.signed_at[0]:%Y-%m-%d} that it took in these bytes as "
        f"{subject.package().name}@{subject.package().version}",
        expected=statement.digest.hex,
        actual=subject.artifact().sha512.hex,
        facts=signed(statement, judged) | {"signer": keys},
        consulted=consulted(judged, statement),
    )


def _reason(error: Error, judged: Judged, registry: str) -> Error:
    """Return why a publish attestation does not hold. That nobody knows the registry's keys is no fault of its."""
    if isinstance(judged.keys, Error):
        return judged.keys if error.code == judged.keys.code else error
    if error.code != UNKNOWN_KEY or registry in {"", judged.keys.registry}:
        return error
    return UnavailableError(
        f"no keys of {registry} are known; its publish attestation is signed by none of {judged.keys.registry}",
        code="TRUST_NO_KEYS",
        hint="Name a file of its keys with --npm-keys.",
    )
