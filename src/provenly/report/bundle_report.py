"""The answer of ``verify-bundle``: for people, and as the JSON document ``provenly/bundle/1``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from provenly.report import answers
from provenly.report.answers import error_member, origin_member, time_member
from provenly.report.bounds import Bounds
from provenly.report.json_report import dump
from provenly.report.page import Page
from provenly.report.words import foreign
from provenly.trust.digest import Digest
from provenly.trust.errors import Error
from provenly.trust.evidence import Status
from provenly.trust.roots.material import Origin
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.trust.bundles.model import Verified

SCHEMA: Final = "provenly/bundle/1"
"""The identifier of the format. Members may be added under it; none is renamed, removed or given another meaning."""

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
    """Return the answer as one indented JSON document that ends in a line break."""
    return dump(document(answer), indent=2)


def document(answer: Answer) -> dict[str, object]:
    """Return the members of the answer. What a bundle that does not hold says of its signer is not among them."""
    verified = answer.verified
    bounds = Bounds()
    members: dict[str, object] = {
        "schema": SCHEMA,
        "tool": {"name": "provenly", "version": VERSION},
        "checked_at": time_member(answer.at),
        "bundle": {
            "place": bounds.text(answer.bundle),
            "sha256": answer.bundle_digest.hex if answer.bundle_digest else None,
        },
        "subject": {
            "asked": bounds.text(answer.artifact),
            "algorithm": answer.digest.algorithm if answer.digest else None,
            "digest": answer.digest.hex if answer.digest else None,
            "predicate_type": bounds.optional(answer.predicate_type),
            "payload_type": bounds.optional(verified.payload_type) if verified else None,
        },
        "trusted_root": origin_member(answer.trusted_root, bounds),
        "status": answer.status.value,
        "error": error_member(answer.error, bounds),
        "verified": verified is not None,
        "signer": _signer(verified, bounds) if verified else None,
        "signed_at": [time_member(at) for at in verified.signed_at] if verified else [],
        "log": {"url": bounds.text(verified.log_url), "index": verified.log_index}
        if verified and verified.log_url
        else None,
        "notes": [
            {"code": note.code, "text": bounds.text(note.text), "where": bounds.optional(note.where)}
            for note in verified.notes
        ]
        if verified
        else [],
    }
    members["truncated"] = bounds.counts()
    return members


def _signer(verified: Verified, bounds: Bounds) -> dict[str, object]:
    """Return who signed; the same members for a certificate's holder and for a key."""
    identity = verified.signed_by.identity
    members: dict[str, object] = {
        "kind": "certificate" if identity else "key",
        "key_sha256": verified.signed_by.key.digest.hex,
    }
    return members | {name: bounds.optional(getattr(identity, name)) if identity else None for name in _IDENTITY}


def line(answer: Answer) -> str:
    """Return the answer in one line, without a line break."""
    why = answers.reason(answer.error) if answer.error else f"signed by {_who(answer.verified)}"
    return answers.line(answer.status, foreign(answer.artifact, limit=512), why)


def render_text(answer: Answer, *, width: int, colour: bool) -> str:
    """Return the answer as lines for a terminal: the word first, then what it rests on. Foreign text is made safe.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences.
    """
    page = Page(width, colour=colour)
    why = (
        answers.reason(answer.error)
        if answer.error
        else "The bundle holds, is about this, and was signed by whom you named."
    )
    answers.headline(page, answer.status, foreign(answer.artifact, limit=512), why)
    if answer.error:
        answers.comparison(page, answer.error, indent=2)
    page.blank()
    for label, text in (*_signed(answer), *_places(answer)):
        if text:
            answers.row(page, label, text, indent=2)
    return page.text()


def _who(verified: Verified | None) -> str:
    if verified is None:
        return ""
    identity = verified.signed_by.identity
    return foreign(identity.subject) if identity else f"the key {verified.signed_by.key.digest}"


def _signed(answer: Answer) -> list[tuple[str, str]]:
    """Return who signed what and when, where that is proven; a text is empty where there is nothing to say."""
    verified = answer.verified
    if verified is None:
        return []
    identity = verified.signed_by.identity
    names = ("issuer", "repository", "commit", "ref") if identity else ()
    return [
        ("signed by", _who(verified)),
        *((name, foreign(getattr(identity, name))) for name in names),
        ("signed at", answers.signed_at(verified)),
        ("statement", foreign(answer.predicate_type)),
        *(("note", answers.coded(note.text, note.code)) for note in verified.notes),
    ]


def _places(answer: Answer) -> list[tuple[str, str]]:
    """Return what was compared with what, on whose word and when."""
    return [
        ("bytes", str(answer.digest or "")),
        ("bundle", foreign(answer.bundle, limit=512)),
        ("trusted root", answers.origin(answer.trusted_root) if answer.trusted_root else ""),
        ("judged", answers.judged(answer.at)),
    ]
