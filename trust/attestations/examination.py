"""What verified attestations say, held to the registry and to the certificates of their signers."""

from __future__ import annotations

from dataclasses import dataclass

from provenly.trust.attestations import agreement, builder, circumstances, provenance
from provenly.trust.attestations.agreement import Compared
from provenly.trust.attestations.attested import Attested, Kind
from provenly.trust.attestations.model import Provenance, Statement
from provenly.trust.attestations.publish import publish_identity
from provenly.trust.errors import Error, RejectedError, UnavailableError
from provenly.trust.evidence import Status
from provenly.trust.model import Note


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """One attestation after all steps.

    :param kind: what it is about.
    :param statement: what was signed; ``None`` where that did not verify.
    :param error: why it is refused or could not be checked; ``None`` where it holds.
    :param provenance: what a provenance says.
    :param compared: the fields that were held to the certificate, or to what was asked for.
    :param builder: of a provenance, in one spelling.
    :param notes: what a reader should know.
    """

    kind: Kind
    statement: Statement | None = None
    error: Error | None = None
    provenance: Provenance | None = None
    compared: tuple[Compared, ...] = ()
    builder: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def status(self) -> Status:
        """How it came out."""
        if self.error is None:
            return Status.PASSED
        return Status.UNCHECKED if isinstance(self.error, UnavailableError) else Status.FAILED


def examine(attested: Attested, *, name: str, version: str, registry: str) -> tuple[Examined, ...]:
    """Hold what the statements say to the registry and to the certificates.

    :param registry: the base URL of the registry whose keys were used.
    :returns: every attestation, publish and provenance first, with what is wrong with it. For a duplicated kind there
        is one member, whose error says how many there are.
    """
    found: list[Examined] = []
    if attested.publish is not None:
        found.append(_publish(attested.publish, name, version, registry))
    if attested.provenance is not None:
        found.append(_provenance(attested.provenance))
    found += [_plain(Kind.OTHER, other) for other in attested.others]
    return tuple(found)


def require_held(found: tuple[Examined, ...], *, what: str) -> None:
    """Raise what :func:`require_all` raises, for attestations that were examined already."""
    errors = [one.error for one in found if one.error is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, UnavailableError)):
        raise error
    if all(one.kind is Kind.OTHER for one in found):
        message = f"there is no attestation of {what}" if not found else f"no attestation of {what} is of a known type"
        raise UnavailableError(
            message,
            code="ATT_ONLY_OTHERS" if found else "ATT_ABSENT",
            hint="Nothing was verified: that a package has no attestation says nothing about it.",
        )


def _publish(outcome: Statement | Error, name: str, version: str, registry: str) -> Examined:
    if isinstance(outcome, Error):
        return Examined(kind=Kind.PUBLISH, error=outcome)
    try:
        fields = publish_identity(outcome, name, version, registry)
    except Error as error:
        return Examined(kind=Kind.PUBLISH, statement=outcome, error=error, notes=outcome.verified.notes)
    asked = (name, version, registry.rstrip("/"))
    compared = tuple(
        Compared(field=field, certificate=one, predicate=one) for field, one in zip(fields, asked, strict=True)
    )
    return Examined(kind=Kind.PUBLISH, statement=outcome, compared=compared, notes=outcome.verified.notes)


def _provenance(outcome: Statement | Error) -> Examined:
    """Hold a provenance to its certificate.

    Steps: 1. the issuer is known; 2. the build type is; 3. every field agrees; 4. the builder is known.
    """
    if isinstance(outcome, Error):
        return Examined(kind=Kind.PROVENANCE, error=outcome)
    identity = outcome.verified.signed_by.identity
    said: Provenance | None = None
    compared: tuple[Compared, ...] = ()
    notes = outcome.verified.notes
    built_by = ""
    failure: Error | None = None
    try:
        if identity is None:  # judge refuses it already; a Statement that came from elsewhere is refused here
            raise RejectedError("the provenance was not signed with a certificate", code="ATT_SIGNER_KIND")
        # 1.
        builder.require_issuer(identity)
        # 2.
        said = provenance.parse(outcome)
        # 3.
        compared = agreement.compare(identity, said)
        agreement.require(identity, said)
        # 4.
        built_by = builder.require(identity, said)
        notes += circumstances.concerns(identity, said)
    except Error as error:
        failure = error
    return Examined(
        kind=Kind.PROVENANCE,
        statement=outcome,
        error=failure,
        provenance=said,
        compared=compared,
        builder=built_by,
        notes=notes,
    )


def _plain(kind: Kind, outcome: Statement | Error) -> Examined:
    if isinstance(outcome, Error):
        return Examined(kind=kind, error=outcome)
    return Examined(kind=kind, statement=outcome, notes=outcome.verified.notes)
