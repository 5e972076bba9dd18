"""Does the provenance say the same as the certificate that signed it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.attestations import consulted, iso, without_provenance
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

if TYPE_CHECKING:
    from provenly.verify.attested import Built

ID: Final = "provenance-identity"

ABOUT: Final = About(
    question="Does the provenance say the same about the build as the certificate of the key that signed it?",
    proves="Repository, commit, ref, workflow, trigger, ids, builder and run in the provenance are, wherever the "
    "certificate has them, those that the build service vouched for to the certificate authority. The facts name the "
    "identity: it is what a policy's list of identities is held against.",
    does_not_prove="What a provenance says its signer wrote; only what the certificate repeats is vouched for. A match "
    "does not prove that the repository is the one you have in mind (provenance-source), and says where a build ran, "
    "not that the bytes follow from the source.",
    remedy="The workflow signed something else than what ran: do not install the version, and tell the project.",
)


def check(subject: Subject) -> Evidence:
    """Compare provenance and certificate field by field."""
    none = without_provenance(ID, subject)
    if none:
        return none
    built = subject.provenance()
    from provenly.trust.attestations import agreement

    fields = agreement.require(built.identity, built.provenance)
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"the certificate of {built.identity.issuer} says the same as the provenance: {', '.join(fields)}",
        expected="no field that differs",
        actual="none differs",
        facts=facts(built),
        consulted=consulted(subject.attested(), built.statement),
    )


def facts(built: Built) -> dict[str, Json]:
    """Return who built it: the certificate's word, but for ``build_type``, which only the provenance has.

    ``builder`` is in one spelling, and only there where it is one that we know. What is not known is an empty text.
    """
    identity, provenance = built.identity, built.provenance
    return {
        "issuer": identity.issuer,
        "subject": identity.subject,
        "repository": identity.repository,
        "repository_id": identity.repository_id,
        "owner": identity.owner,
        "owner_id": identity.owner_id,
        "workflow": identity.workflow_path,
        "workflow_ref": identity.workflow_ref,
        "signer": identity.signer,
        "ref": identity.ref,
        "commit": identity.commit,
        "trigger": identity.trigger,
        "builder": _builder(built),
        "runner": identity.runner,
        "run": identity.run,
        "visibility": identity.visibility,
        "build_type": provenance.build_type,
        "signed_at": iso(built.statement.verified.signed_at[0]),
    }


def _builder(built: Built) -> str:
    from provenly.trust.attestations import builder

    try:
        return builder.require(built.identity, built.provenance)
    except RejectedError:  # the check provenance-builder says why
        return ""
