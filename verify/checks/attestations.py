"""What the checks of attestations have in common: what to say where there is none, and the facts of a signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.attested import NONE
from provenly.verify.subject import Subject

if TYPE_CHECKING:
    from provenly.trust.attestations.model import Statement
    from provenly.trust.roots.material import Origin
    from provenly.verify.attested import Judged

PROVENANCE: Final = "provenance attestation"
PUBLISH: Final = "publish attestation"


def absent(check: str, subject: Subject, part: object, what: str) -> Evidence | None:
    """Return the evidence for a version that has no ``what``, or ``None`` where it has one or nobody can say.

    :param check: the id of the check that asks.
    :param part: the part of ``subject`` that would hold it, or the error in its place.
    """
    if not isinstance(part, Error) or part.code not in NONE:
        return None
    registry = "" if isinstance(subject.package_or, Error) else subject.package_or.registry
    return Evidence(
        check=check,
        status=Status.ABSENT,
        summary=f"this version was published without a {what}",
        expected=f"a {what}",
        actual="none",
        hint=part.hint,
        facts={"registry": registry},
    )


def without_provenance(check: str, subject: Subject) -> Evidence | None:
    """Return the evidence of a check about a provenance for a version that has none."""
    return absent(check, subject, subject.provenance_or, PROVENANCE)


def signed(statement: Statement, judged: Judged) -> dict[str, Json]:
    """Return who signed a statement and when, and what that was judged by, as facts."""
    verified = statement.verified
    facts: dict[str, Json] = {
        "signed_at": iso(verified.signed_at[0]),
        "log_index": verified.log_index,
        "log_url": verified.log_url,
        "statement_sha256": verified.digest.hex,
        "trusted_root": origin(judged.root),
    }
    if verified.signed_by.identity is not None:
        return facts | {"issuer": verified.signed_by.identity.issuer}
    keys = None if isinstance(judged.keys, Error) else origin(judged.keys.origin)
    return facts | {"keyid": verified.signed_by.keyid, "keys": keys}


def origin(of: Origin) -> dict[str, Json]:
    """Return where a document of trust comes from, as facts."""
    return {
        "kind": of.kind,
        "place": of.place,
        "sha256": of.digest.hex,
        "obtained": iso(of.obtained),
        "expires": iso(of.expires),
    }


def iso(at: datetime | None) -> str:
    """Return a time as ISO 8601 in UTC, or an empty text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def consulted(judged: Judged, statement: Statement) -> tuple[str, ...]:
    """Return what was read to verify a statement."""
    log = statement.verified.log_url
    return (judged.place, *((f"{log} entry {statement.verified.log_index}",) if log else ()), str(judged.root.digest))
