"""Does the package say, verifiably, who built it and from what?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.attested import MAX_TYPE
from provenly.verify.checks.attestations import consulted, signed, without_provenance
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "provenance"

ABOUT: Final = About(
    question="Is there a provenance attestation: a signed statement of who built these bytes, and from which commit?",
    proves="The holder of a certificate of the trusted Sigstore instance signed a provenance whose only subject is "
    "this package in this version with the sha512 digest of these bytes; the signature is in a public transparency "
    "log, the certificate was valid when it was made, and the statement is of a kind that we can read.",
    does_not_prove="A provenance says where a build ran, and not that the bytes follow from the source: a build can "
    "fetch, generate and replace anything (for the bytes, see source-match). Nor does it say that the workflow is the "
    "project's (provenance-identity, provenance-source), or that what was built is harmless.",
    remedy="Failed: what is served does not hold; it was altered, or belongs to other bytes. Do not install the "
    "version. Absent: authors get one by publishing from a CI workflow with npm publish --provenance or a trusted "
    "publisher. Unchecked: a kind that this release does not read is named; no conclusion is drawn from it.",
)


def check(subject: Subject) -> Evidence:
    """Report the provenance as such; what it says is for the checks that follow."""
    none = without_provenance(ID, subject)
    if none:
        return none
    if isinstance(subject.provenance_or, Error):
        raise subject.provenance_or
    built, judged = subject.provenance_or, subject.attested()
    others = judged.attested.others
    facts: dict[str, Json] = {
        "predicate_type": built.statement.predicate_type,
        "build_type": built.provenance.build_type,
        "attestations": judged.attested.count,
        "others": tuple(
            other.code if isinstance(other, Error) else other.predicate_type[:MAX_TYPE] for other in others
        ),
    }
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"{built.identity.subject} signed on {built.statement.verified.signed_at[0]:%Y-%m-%d} how these bytes "
        "were built",
        expected=built.statement.digest.hex,
        actual=subject.artifact().sha512.hex,
        facts=signed(built.statement, judged) | facts,
        consulted=consulted(judged, built.statement),
    )
