"""What both loaders share: keys with their kind, periods, and the closed set of members of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.trust import keys
from provenly.trust.encoding import base64_bytes, members, time
from provenly.trust.errors import MalformedError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.roots.model import Period
from provenly.trust.strict_json import Json

MAX_DOCUMENT: Final = 1024 * 1024
"""Bytes of a trusted root or of a registry's keys. Sigstore's has 7 thousand, npm's 2 thousand."""

SCHEMES: Final[Mapping[str, Scheme]] = {
    "PKIX_ECDSA_P256_SHA_256": Scheme.ECDSA_P256,
    "PKIX_ECDSA_P384_SHA_384": Scheme.ECDSA_P384,
    "PKIX_ED25519": Scheme.ED25519,
    "PKIX_RSA_PKCS1V15_3072_SHA256": Scheme.RSA,
    "PKIX_RSA_PKCS1V15_4096_SHA256": Scheme.RSA,
}
"""The values of ``keyDetails`` (sigstore/protobuf-specs, sigstore_common.proto) whose keys we accept."""


def closed(value: Json, *, what: str, known: frozenset[str]) -> Mapping[str, Json]:
    """Return an object that has no member but ``known`` ones; members that are ``null`` are as if absent.

    An unknown member inside an entry may restrict what the entry is for: not knowing it, we do not guess.

    :raises MalformedError: it is no object (``TRUST_FORM``), or has another member (``TRUST_MEMBER``).
    """
    found = {key: member for key, member in members(value, what=what, code="TRUST_FORM").items() if member is not None}
    for key in found.keys() - known:
        raise MalformedError(f"{what} has the member {key[:80]!r}, which we do not know", code="TRUST_MEMBER")
    return found


def period(value: Json, *, what: str) -> Period:
    """Read a ``validFor``, which must say when it starts.

    A missing start would be read as 1970, or as the beginning of time; the conformance suite of Sigstore clients
    (trust-root-tlog-missing-validity-start) asks that it be refused.

    :raises MalformedError: it has no start, or ends before it starts (``TRUST_PERIOD``); or is no pair of times.
    """
    found = closed({} if value is None else value, what=what, known=frozenset({"start", "end"}))
    if "start" not in found:
        raise MalformedError(f"{what} does not say when it starts", code="TRUST_PERIOD")
    start = time(found["start"], what=f"the start of {what}")
    end = time(found["end"], what=f"the end of {what}") if "end" in found else None
    if end is not None and end < start:
        raise MalformedError(f"{what} ends before it starts", code="TRUST_PERIOD")
    return Period(start=start, end=end)


def key(raw: Json, details: Json, *, what: str) -> PublicKey | str:
    """Read a public key, or say why one of its kind is not used.

    :param raw: base64 of its SubjectPublicKeyInfo.
    :param details: the ``keyDetails`` beside it.
    :return: the key; or the reason, as the end of a sentence.
    :raises MalformedError: it is no key (``KEY_FORMAT``), or not of the kind that ``details`` says (``TRUST_KEY``).
    """
    encoded = base64_bytes(raw, what=what, max_bytes=keys.MAX_KEY)
    if not isinstance(details, str) or not details:
        raise MalformedError(f"{what} has no keyDetails", code="TRUST_KEY")
    scheme = SCHEMES.get(details)
    if scheme is None:
        return f"its key is of the kind {details[:60]}, which is not accepted"
    try:
        found = keys.from_spki(encoded, what=what)
    except MalformedError as error:
        if error.code == "KEY_ALGORITHM":
            return "its key is weaker than, or of another kind than, those that are accepted"
        raise
    if found.scheme is not scheme:
        raise MalformedError(f"{what} is said to be {details} and is {found.scheme}", code="TRUST_KEY")
    if found.spki != encoded:
        raise MalformedError(f"{what} is not in the one form of its kind (DER)", code="TRUST_KEY")
    return found
