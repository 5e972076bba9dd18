"""Attestation documents as npm's registries serve them at ``/-/npm/v1/attestations/NAME@VERSION``.

Such a document is an envelope that nobody signed: ``{"attestations": [{"predicateType": …, "bundle": {…}}, …]}``
(npm/documentation, registry API; npm/pacote, lib/registry.js). What it says about its bundles is a claim; each bundle
is read on its own, so that one that is broken does not hide the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from provenly.trust import strict_json
from provenly.trust.bundles import read as bundles
from provenly.trust.bundles.model import Bundle
from provenly.trust.encoding import items, members, one_spelling, text
from provenly.trust.errors import Error, MalformedError
from provenly.trust.strict_json import Json

MAX_DOCUMENT: Final = 4 * 1024 * 1024
"""Bytes of a document. Real ones have 10 to 40 KB; a bundle with a large payload has some hundred."""

MAX_ATTESTATIONS: Final = 16
"""Attestations in one document. npm's registry serves two."""

KNOWN: Final = frozenset({"attestations", "predicateType", "bundle"})
"""The members that decide something. Others (``signedAccessSignatureUrl``) are left alone: nobody signed them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """One member of a document. Nothing of it is verified.

    :param predicate_type: what the document says that the bundle is about; the signed payload has the last word.
    :param bundle: the bundle, or why it is none.
    """

    predicate_type: str
    bundle: Bundle | Error = field(repr=False)


def read(data: bytes, *, what: str) -> tuple[Attestation, ...]:
    """Read a document.

    :param data: the document, JSON.
    :param what: what the document is, for messages ("the attestations of left-pad@1.0.0").
    :returns: its attestations in their order; empty where the member is missing, ``null`` or an empty array, which
        means the same: there is none (``ATT_ABSENT`` is for the caller to say).
    :raises MalformedError: not JSON in one meaning (``JSON_…``), no such document (``ATT_DOCUMENT``), too many members
        (``ATT_COUNT``). A bundle that is ill-formed raises nothing: its error stands in its place.
    """
    document = members(strict_json.loads(data, what=what, max_bytes=MAX_DOCUMENT), what=what, code="ATT_DOCUMENT")
    one_spelling(document, KNOWN, what=what, code="ATT_DOCUMENT")
    listed = document.get("attestations")
    if listed is None and "mediaType" in document:
        raise MalformedError(
            f"{what} is a single bundle",
            code="ATT_DOCUMENT",
            hint="Take the document as a registry serves it, or verify the bundle with provenly verify-bundle.",
        )
    if listed is None:
        return ()
    count = len(listed) if isinstance(listed, tuple) else 0
    if count > MAX_ATTESTATIONS:
        message = f"{what} has {count:,} attestations, more than {MAX_ATTESTATIONS}"
        raise MalformedError(message, code="ATT_COUNT")
    found = items(listed, what=f"the member attestations of {what}", code="ATT_DOCUMENT", least=0, most=count)
    return tuple(_attestation(value, f"attestation {number} of {what}") for number, value in enumerate(found, 1))


def _attestation(value: Json, what: str) -> Attestation:
    """Read one member; only its frame may be at fault, its bundle's fault is kept beside its type."""
    member = members(value, what=what, code="ATT_DOCUMENT")
    one_spelling(member, KNOWN, what=what, code="ATT_DOCUMENT")
    predicate_type = text(member.get("predicateType"), what=f"the predicateType of {what}", code="ATT_DOCUMENT")
    try:
        bundle: Bundle | Error = bundles.from_json(member.get("bundle"), what=f"the bundle of {what}")
    except Error as error:
        bundle = error
    return Attestation(predicate_type=predicate_type, bundle=bundle)
