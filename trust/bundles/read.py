"""Reading a Sigstore bundle: whether its bytes mean one thing, and nothing about whether that thing is true.

Strictness comes before any library sees the data, as what two readers see differently is how a verifier is fooled:

1. JSON in one meaning (:mod:`provenly.trust.strict_json`), every size bounded before it is decoded.
2. A media type that we know (:mod:`provenly.trust.bundles.media_type`).
3. Exactly one key material, of the kind that the version has; at most one log entry; timestamps without duplicates.
4. Exactly one content, and in an envelope exactly one signature.

Source: sigstore/protobuf-specs, sigstore_bundle.proto and sigstore_common.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cryptography.x509 import Certificate

from provenly.trust import strict_json
from provenly.trust.bundles import members as obj
from provenly.trust.bundles import read_certificate, read_entry
from provenly.trust.bundles.media_type import V03, version
from provenly.trust.bundles.model import Bundle, Envelope, LogEntry, MessageSignature
from provenly.trust.digest import Digest
from provenly.trust.encoding import base64_bytes, items, text
from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json

MAX_BUNDLE: Final = 36 * 1024 * 1024
"""Bytes of a bundle: two texts of the greatest length, as payload and log entry may both hold the statement, and some
room beside them. Provenance has some ten kilobytes."""

MAX_VALUES: Final = 4_096
"""Values in a bundle. Those with a proof of thirty hashes and two certificates have less than a hundred."""

MAX_PAYLOAD: Final = strict_json.MAX_STRING // 4 * 3
"""Bytes of a payload: as many as the longest string that we read has in base64. The largest are lists of parts."""

MAX_PAYLOAD_TYPE: Final = 256
"""Characters of a payload's media type."""

MAX_HINT: Final = 1_024
"""Characters of a key hint or key id; npm's have 50."""

MAX_SIGNATURE: Final = 2_048
"""Bytes of a signature; RSA of 8,192 bits has 1,024."""

MAX_TIMESTAMPS: Final = 8
"""Timestamps in a bundle; honest ones have one. Each costs a chain of certificates to verify."""

MAX_TIMESTAMP: Final = 64 * 1024
"""Bytes of an RFC 3161 response; with its certificates inside it has some six thousand."""

_HASHES: Final = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}
"""Our names of the hash algorithms in sigstore_common.proto; the others are not accepted."""

_MATERIAL: Final = ("publicKey", "x509CertificateChain", "certificate")
_CONTENT: Final = ("messageSignature", "dsseEnvelope")


def read(data: bytes, *, what: str) -> Bundle:
    """Read a bundle from its bytes.

    :param what: which bundle this is, for messages.
    :raises MalformedError: not JSON in one meaning (codes of :func:`strict_json.loads`), or not a bundle in one
        meaning (``BUNDLE_…``, ``B64_…``, ``INT_NOT_CANONICAL``).
    :raises UnavailableError: a version that we do not know (``BUNDLE_VERSION``).
    """
    return from_json(strict_json.loads(data, what=what, max_bytes=MAX_BUNDLE, max_values=MAX_VALUES), what=what)


def from_json(value: Json, *, what: str) -> Bundle:
    """Read a bundle from JSON that :func:`strict_json.loads` returned, for one inside a larger document.

    :raises MalformedError: as :func:`read`.
    :raises UnavailableError: as :func:`read`.
    """
    media_type = value.get("mediaType") if isinstance(value, Mapping) else None
    form = version(media_type, what=what)  # before the members: a newer version may have others
    bundle = obj.read(value, "mediaType", "verificationMaterial", *_CONTENT, what=what)
    where = f"the verificationMaterial of {what}"
    known = (*_MATERIAL, "tlogEntries", "timestampVerificationData")
    material = obj.read(bundle.get("verificationMaterial"), *known, what=where)
    kind = obj.one_of(material, *_MATERIAL, what=where, code="BUNDLE_MATERIAL")
    content = obj.one_of(bundle, *_CONTENT, what=what, code="BUNDLE_CONTENT")
    certificates: tuple[Certificate, ...] = ()
    hint = ""
    if kind == "publicKey":
        key = obj.read(material[kind], "hint", what=f"the publicKey of {what}")
        hint = obj.text(key.get("hint"), what=f"the key hint of {what}", max_chars=MAX_HINT)
    else:
        if (kind == "certificate") != (form == V03):
            raise MalformedError(f"{what} of version {form} has a {kind}, not its own form", code="BUNDLE_MATERIAL")
        certificates = read_certificate.read(material[kind], version=form, what=what)
    return Bundle(
        media_type=str(media_type),
        version=form,
        certificate=certificates[0] if certificates else None,
        chain=certificates[1:],
        key_hint=hint,
        entries=_entries(material.get("tlogEntries"), what=what),
        timestamps=_timestamps(material.get("timestampVerificationData"), what=what),
        content=envelope(bundle[content], keyed=hint if kind == "publicKey" else None, what=what)
        if content == "dsseEnvelope"
        else _message(bundle[content], what=what),
    )


def _entries(value: Json, *, what: str) -> tuple[LogEntry, ...]:
    """Read the log entries; several would each have to be told apart in every later answer."""
    if value is None:
        return ()
    entries = items(value, what=f"the tlogEntries of {what}", code="BUNDLE_ENTRIES", least=0, most=1)
    return tuple(read_entry.read(entry, what=f"the log entry of {what}") for entry in entries)


def _timestamps(value: Json, *, what: str) -> tuple[bytes, ...]:
    """Read the RFC 3161 responses, as DER that is not yet looked into; the same one twice is refused."""
    if value is None:
        return ()
    where = f"the timestamps of {what}"
    listed = obj.read(value, "rfc3161Timestamps", what=where).get("rfc3161Timestamps")
    if listed is None:
        return ()
    found: list[bytes] = []
    for item in items(listed, what=where, code="BUNDLE_TIMESTAMPS", least=0, most=MAX_TIMESTAMPS):
        signed = obj.read(item, "signedTimestamp", what=where).get("signedTimestamp")
        found.append(base64_bytes(signed, what=f"a timestamp of {what}", max_bytes=MAX_TIMESTAMP))
    if len(set(found)) != len(found):
        raise MalformedError(f"{where} name the same one twice", code="BUNDLE_TIMESTAMPS")
    return tuple(found)


def envelope(value: Json, *, keyed: str | None, what: str) -> Envelope:
    """Read a DSSE envelope.

    :param keyed: the key hint of the bundle; ``None`` with a certificate. The key id of an envelope must be the same
        (sigstore_bundle.proto, field ``verification_material``); writers that give none are common.
    """
    where = f"the dsseEnvelope of {what}"
    envelope = obj.read(value, "payload", "payloadType", "signatures", what=where)
    listed = items(
        envelope.get("signatures"), what=f"the signatures of {where}", code="BUNDLE_SIGNATURES", least=1, most=1
    )
    signature = obj.read(listed[0], "sig", "keyid", what=f"the signature of {where}")
    keyid = obj.text(signature.get("keyid"), what=f"the keyid of {where}", max_chars=MAX_HINT)
    if keyid and keyed is not None and keyid != keyed:
        raise MalformedError(
            f"{what} names the key {keyed!r} and its envelope the key {keyid!r}; they must be the same",
            code="BUNDLE_KEYID",
        )
    kind = obj.text(envelope.get("payloadType"), what=f"the payloadType of {where}", max_chars=MAX_PAYLOAD_TYPE)
    return Envelope(
        payload=base64_bytes(envelope.get("payload"), what=f"the payload of {where}", max_bytes=MAX_PAYLOAD),
        payload_type=text(kind, what=f"the payloadType of {where}", code=obj.CODE),
        signature=base64_bytes(signature.get("sig"), what=f"the signature of {where}", max_bytes=MAX_SIGNATURE),
        keyid=keyid,
    )


def _message(value: Json, *, what: str) -> MessageSignature:
    """Read a signature over an artifact that is elsewhere; its digest, which the message may leave out, is needed."""
    where = f"the messageSignature of {what}"
    message = obj.read(value, "messageDigest", "signature", what=where)
    digest = obj.read(message.get("messageDigest"), "algorithm", "digest", what=f"the messageDigest of {what}")
    algorithm = text(digest.get("algorithm"), what=f"the digest algorithm of {where}", code="BUNDLE_DIGEST")
    if algorithm not in _HASHES:
        raise MalformedError(f"{where} has a digest by {algorithm[:64]!r}, not by SHA-2", code="BUNDLE_DIGEST")
    return MessageSignature(
        digest=Digest(
            algorithm=_HASHES[algorithm],
            value=base64_bytes(digest.get("digest"), what=f"the digest of {where}", max_bytes=64),
        ),
        signature=base64_bytes(message.get("signature"), what=f"the signature of {where}", max_bytes=MAX_SIGNATURE),
    )
