"""The answer of ``verify-bundle``: for people, and as the JSON document ``provenly/bundle/1``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, RejectedError
from provenly.trust.evidence import Status
from provenly.trust.roots.material import Origin
from provenly.trust.text import show
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.trust.bundles.model import Verified

SCHEMA: Final = "provenly/bundle/1"
"""The identifier of the format. Members may be added under it; none is renamed, removed or given another meaning."""

WORDS: Final = {Status.PASSED: "VERIFIED", Status.FAILED: "REFUSED", Status.UNCHECKED: "UNCHECKED"}

_LABEL: Final = 12
"""Columns of the longest label, with the space after it."""

_IDENTITY: Final = (
    "issuer",
    "subject",
    "subject_kind",
    "signer",
    "signer_digest",
    "runner",
    "repository",
    "commit",
    "ref",
    "repository_id",
    "owner",
    "owner_id",
    "workflow",
    "workflow_digest",
    "trigger",
    "run",
    "visibility",
    "environment",
    "token_subject",
)
"""The fields of an identity, which are also the names of the members; an empty one is written as ``null``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of a bundle.

    :param status: passed, failed or unchecked.
    :param artifact: what it is to be about, as it was asked.
    :param bundle: the path of the bundle.
    :param at: the reference time.
    :param digest: of the artifact, once it was read.
    :param bundle_digest: of the bundle, once it was read.
    :param verified: only where ``status`` is passed.
    :param predicate_type: of the statement in it, or empty.
    :param error: why not, where ``status`` is another.
    :param trusted_root: what was believed.
    """

    status: Status
    artifact: str
    bundle: str
    at: datetime
    digest: Digest | None = None
    bundle_digest: Digest | None = None
    verified: Verified | None = None
    predicate_type: str = ""
    error: Error | None = None
    trusted_root: Origin | None = None


def render_json(answer: Answer) -> str:
    """Return the answer as one indented JSON document that ends in a line break; what is not ASCII is escaped."""
    # DEL is ASCII, so that json leaves it alone; outside strings there is none.
    return json.dumps(document(answer), allow_nan=False, indent=2).replace("\x7f", "\\u007f") + "\n"


def document(answer: Answer) -> dict[str, object]:
    """Return the members of the answer. What a bundle that does not hold says of its signer is not among them."""
    verified = answer.verified
    return {
        "schema": SCHEMA,
        "tool": {"name": "provenly", "version": VERSION},
        "verified": verified is not None,
        "status": str(answer.status),
        "checked_at": _time(answer.at),
        "bundle": {"place": answer.bundle, "sha256": answer.bundle_digest.hex if answer.bundle_digest else None},
        "subject": {
            "asked": answer.artifact,
            "algorithm": answer.digest.algorithm if answer.digest else None,
            "digest": answer.digest.hex if answer.digest else None,
            "predicate_type": answer.predicate_type or None,
            "payload_type": (verified.payload_type or None) if verified else None,
        },
        "signer": _signer(verified) if verified else None,
        "signed_at": [_time(at) for at in verified.signed_at] if verified else [],
        "log": {"url": verified.log_url, "index": verified.log_index} if verified and verified.log_url else None,
        "notes": [{"code": note.code, "text": note.text, "where": note.where} for note in verified.notes]
        if verified
        else [],
        "reason": _reason(answer.error) if answer.error else None,
        "trusted_root": _origin(answer.trusted_root) if answer.trusted_root else None,
    }


def _signer(verified: Verified) -> dict[str, object]:
    """Return who signed; the same members for a certificate's holder and for a key."""
    identity = verified.signed_by.identity
    members: dict[str, object] = {
        "kind": "certificate" if identity else "key",
        "key_sha256": verified.signed_by.key.digest.hex,
    }
    return members | {name: (getattr(identity, name) or None) if identity else None for name in _IDENTITY}


def _reason(error: Error) -> dict[str, object]:
    rejected = error if isinstance(error, RejectedError) else None
    return {
        "code": error.code,
        "text": error.message,
        "expected": (rejected.expected or None) if rejected else None,
        "actual": (rejected.actual or None) if rejected else None,
        "hint": error.hint or None,
    }


def _origin(origin: Origin) -> dict[str, object]:
    return {
        "kind": origin.kind,
        "place": origin.place,
        "sha256": origin.digest.hex,
        "obtained": _time(origin.obtained) if origin.obtained else None,
        "expires": _time(origin.expires) if origin.expires else None,
    }


def render_text(answer: Answer) -> str:
    """Return the answer as lines for a terminal: the word first, then what it rests on. Foreign text is made safe."""
    lines = [f"{WORDS[answer.status]}  {show(answer.artifact)}"]
    lines += [f"  {label:<{_LABEL}}{show(text)}" for label, text in _facts(answer) if text]
    return "\n".join(lines) + "\n"


def _facts(answer: Answer) -> list[tuple[str, str]]:
    """Return labels and texts, empty where there is nothing to say."""
    facts: list[tuple[str, str]] = []
    error, verified, origin = answer.error, answer.verified, answer.trusted_root
    if error:
        facts += [("reason", f"{error.message} [{error.code}]")]
        if isinstance(error, RejectedError):
            facts += [("expected", error.expected), ("found", error.actual)]
        facts += [("hint", error.hint)]
    if verified:
        facts += _verified_facts(verified)
        facts += [("statement", answer.predicate_type)]
    facts += [("digest", str(answer.digest or "")), ("bundle", answer.bundle)]
    if origin:
        dated = f" of {_time(origin.obtained)}" if origin.obtained else ""
        facts += [("trusting", f"{origin.kind} {origin.place}{dated} ({origin.digest})")]
    if verified:
        facts += [("note", f"{note.text} [{note.code}]") for note in verified.notes]
    return facts


def _verified_facts(verified: Verified) -> list[tuple[str, str]]:
    identity = verified.signed_by.identity
    if identity:
        names = ("issuer", "repository", "commit", "ref")
        who = [("signed by", identity.subject), *((name, getattr(identity, name)) for name in names)]
    else:
        who = [("signed by", f"the key {verified.signed_by.key.digest}")]
    log = f"{verified.log_url}, entry {verified.log_index}" if verified.log_url else ""
    return [*who, ("signed at", ", ".join(map(_time, verified.signed_at))), ("log", log)]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
