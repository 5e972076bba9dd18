"""The answer of ``verify-attestations`` as JSON, version 1 (``provenly/attestations/1``), for machines.

What is not known is ``null``. Members may be added under this version; none is renamed, removed or given another
meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenly.report.answers import error_member, origin_member, time_member
from provenly.report.bounds import Bounds
from provenly.report.json_report import dump
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.trust.attestations.agreement import Compared
    from provenly.trust.attestations.examination import Examined
    from provenly.trust.attestations.model import Statement
    from provenly.verify.attestation_file import Answer

SCHEMA: Final = "provenly/attestations/1"

IDENTITY: Final = (
    "issuer",
    "subject",
    "signer",
    "runner",
    "repository",
    "repository_id",
    "owner",
    "owner_id",
    "commit",
    "ref",
    "workflow",
    "trigger",
    "run",
    "visibility",
    "environment",
)
"""The fields of a certificate's identity that are written, ``null`` where the certificate does not say."""


def render(answer: Answer) -> str:
    """Return the answer as one indented JSON document that ends in a line break."""
    return dump(document(answer), indent=2)


def document(answer: Answer) -> dict[str, object]:
    """Return the members of the answer as plain dicts and lists, in the order in which they are written."""
    bounds = Bounds()
    asked = answer.asked
    members: dict[str, object] = {
        "schema": SCHEMA,
        "tool": {"name": "provenly", "version": VERSION},
        "checked_at": time_member(answer.checked_at),
        "package": {"name": bounds.text(asked.name), "version": bounds.text(asked.version)},
        "sha512": asked.sha512.hex,
        "archive": None if asked.archive is None else bounds.text(asked.archive.path),
        "registry": bounds.text(asked.registry),
        "trusted_root": origin_member(answer.trusted_root, bounds),
        "keys": origin_member(answer.keys, bounds),
        "status": answer.status.value,
        "error": error_member(answer.error, bounds),
        "repository": bounds.optional(answer.repository),
        "attestations": [_attestation(one, bounds) for one in answer.attestations],
    }
    members["truncated"] = bounds.counts()
    return members


def _attestation(one: Examined, bounds: Bounds) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "status": one.status.value,
        "error": error_member(one.error, bounds),
        "signed": None if one.statement is None else _signed(one.statement, bounds),
        "builder": bounds.optional(one.builder),
        "build_type": None if one.provenance is None else bounds.text(one.provenance.build_type),
        "compared": [_compared(field, bounds) for field in one.compared],
        "notes": [{"code": note.code, "text": bounds.text(note.text)} for note in one.notes],
    }


def _signed(statement: Statement, bounds: Bounds) -> dict[str, object]:
    verified = statement.verified
    identity = verified.signed_by.identity
    return {
        "predicate_type": bounds.text(statement.predicate_type),
        "subject": bounds.text(statement.subject),
        "times": [time_member(at) for at in verified.signed_at],
        "log_url": bounds.optional(verified.log_url),
        "log_index": verified.log_index,
        "keyid": bounds.optional(verified.signed_by.keyid),
        "certificate": None
        if identity is None
        else {name: bounds.optional(getattr(identity, name)) for name in IDENTITY},
    }


def _compared(field: Compared, bounds: Bounds) -> dict[str, object]:
    return {
        "field": field.field,
        "outcome": field.outcome.value,
        "expected": bounds.optional(field.certificate),
        "actual": bounds.optional(field.predicate),
    }
