"""The body of a log entry, held against the bundle: the log must have witnessed *this* signature.

Without this, an entry for one signature could vouch for the time of another one (CVE-2022-36056). Steps:

1. The body is JSON in one meaning, and names the kind and version that the bundle says.
2. That kind is one that can log such content: a ``hashedrekord`` an artifact (and in Rekor v2 an envelope's encoding),
   ``dsse`` and ``intoto`` an envelope.
3. It has the digest of what was signed, by the algorithm that belongs there.
4. It has exactly one signature, the bundle's.
5. It names the bundle's certificate, or the key.

Not compared: ``envelopeHash`` of ``dsse`` 0.0.1 and ``hash`` of ``intoto`` 0.0.2, which are of the JSON text that was
uploaded, with an order of members and spaces that nobody kept. What they would add, steps 3 to 5 cover, as the
signature is over payload and type.

Sources: sigstore/rekor, pkg/types (hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.2); sigstore/rekor-tiles, api/proto
(hashedrekord and dsse 0.0.2). An unknown member of a body is refused: those versions are closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.trust import strict_json
from provenly.trust.bundles import members as obj
from provenly.trust.bundles.dsse import pae
from provenly.trust.bundles.model import Bundle, Envelope, LogEntry, MessageSignature
from provenly.trust.bundles.read import MAX_SIGNATURE, MAX_VALUES
from provenly.trust.bundles.read_entry import MAX_BODY
from provenly.trust.bundles.verifier_body import CODE, require_pem, require_verifier
from provenly.trust.digest import SIZES, Digest
from provenly.trust.encoding import base64_bytes, items
from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.strict_json import Json

_WHAT: Final = "the log entry"

_V2_HASHES: Final = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}

_ENVELOPE_KINDS: Final = frozenset(
    {("dsse", "0.0.1"), ("intoto", "0.0.2"), ("hashedrekord", "0.0.2"), ("dsse", "0.0.2")}
)
_MESSAGE_KINDS: Final = frozenset({("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2")})


def bind(entry: LogEntry, bundle: Bundle, key: PublicKey, artifact: Digest | None) -> None:
    """Require the body of ``entry`` to be about the signature in ``bundle`` by ``key``.

    :param entry: witnessed by its log.
    :param key: that of the bundle's certificate, or the one that the verifier was given.
    :param artifact: the digest of the artifact in hand, for a message signature; otherwise the bundle's claim counts.
    :raises RejectedError: it is about something else (``LOG_BODY_KIND``, ``LOG_BODY_DIGEST``, ``LOG_BODY_SIGNATURE``,
        ``LOG_BODY_SIGNER``, ``LOG_BODY_TYPE``, ``LOG_BODY_KEYID``).
    :raises UnavailableError: a kind of entry that we do not know (``ATT_UNSUPPORTED``).
    :raises MalformedError: a body without the shape of its kind (``LOG_BODY_FORMAT``, ``JSON_…``, ``B64_…``).
    """
    # 1. Which kind it is.
    value = strict_json.loads(entry.body, what="the body of the log entry", max_bytes=MAX_BODY, max_values=MAX_VALUES)
    body = obj.read(value, "apiVersion", "kind", "spec", what=_WHAT, code=CODE)
    kind = (entry.kind, entry.version)
    if (body.get("kind"), body.get("apiVersion")) != kind:
        raise RejectedError(
            "the body of the log entry is of another kind than the bundle says",
            code="LOG_BODY_KIND",
            expected=" ".join(kind),
            actual=f"{body.get('kind')} {body.get('apiVersion')}"[:128],
        )
    if kind not in _ENVELOPE_KINDS | _MESSAGE_KINDS:
        raise UnavailableError(
            f"log entries of the kind {entry.kind} {entry.version} are not supported", code="ATT_UNSUPPORTED"
        )
    # 2. Whether it can log such content; 3. to 5. in the function of the kind.
    content, spec = bundle.content, body.get("spec")
    if isinstance(content, Envelope) and kind in _ENVELOPE_KINDS:
        match kind:
            case ("dsse", "0.0.1"):
                _dsse_v1(spec, bundle, content, key)
            case ("intoto", _):
                _intoto(spec, bundle, content, key)
            case ("dsse", _):
                _dsse_v2(spec, bundle, content, key)
            case _:
                signed = Digest.of(pae(content.payload_type, content.payload), _hash_of(key))
                _hashedrekord_v2(spec, bundle, content.signature, signed, key)
    elif isinstance(content, MessageSignature) and kind in _MESSAGE_KINDS:
        signed = artifact or content.digest
        if kind == ("hashedrekord", "0.0.1"):
            _hashedrekord_v1(spec, bundle, content.signature, signed, key)
        else:
            _hashedrekord_v2(spec, bundle, content.signature, signed, key)
    else:
        raise RejectedError(
            f"a log entry of the kind {entry.kind} {entry.version} is not about such a signature",
            code="LOG_BODY_KIND",
            expected="an entry for " + ("an envelope" if isinstance(content, Envelope) else "an artifact"),
            actual=" ".join(kind),
        )


def _hashedrekord_v1(spec: Json, bundle: Bundle, signature: bytes, signed: Digest, key: PublicKey) -> None:
    """Do steps 3 to 5 for ``hashedrekord`` 0.0.1."""
    members = _object(spec, "data", "signature")
    _require_hash(_object(members.get("data"), "hash").get("hash"), signed)
    logged = _object(members.get("signature"), "content", "publicKey")
    _require_signature(logged.get("content"), signature)
    named = _object(logged.get("publicKey"), "content").get("content")
    require_pem(named, bundle.certificate, key, what="the signer in the log entry")


def _dsse_v1(spec: Json, bundle: Bundle, envelope: Envelope, key: PublicKey) -> None:
    """Do steps 3 to 5 for ``dsse`` 0.0.1."""
    members = _object(spec, "envelopeHash", "payloadHash", "signatures")
    _require_hash(members.get("payloadHash"), Digest.of(envelope.payload))
    logged = _object(_single(members.get("signatures")), "signature", "verifier")
    _require_signature(logged.get("signature"), envelope.signature)
    require_pem(logged.get("verifier"), bundle.certificate, key, what="the signer in the log entry")


def _intoto(spec: Json, bundle: Bundle, envelope: Envelope, key: PublicKey) -> None:
    """Do steps 3 to 5 for ``intoto`` 0.0.2, whose signature and payload are base64 of base64."""
    members = _object(_object(spec, "content").get("content"), "envelope", "hash", "payloadHash")
    _require_hash(members.get("payloadHash"), Digest.of(envelope.payload))
    inner = _object(members.get("envelope"), "payload", "payloadType", "signatures")
    if inner.get("payloadType") != envelope.payload_type:
        raise _rejected("payload type", "LOG_BODY_TYPE", envelope.payload_type, str(inner.get("payloadType")))
    if "payload" in inner and _twice(inner["payload"], MAX_BODY) != envelope.payload:
        raise _rejected("content", "LOG_BODY_DIGEST", str(Digest.of(envelope.payload)), "another payload")
    logged = _object(_single(inner.get("signatures")), "keyid", "publicKey", "sig")
    if (logged.get("keyid") or "") != envelope.keyid:
        raise _rejected("key id", "LOG_BODY_KEYID", envelope.keyid, str(logged.get("keyid") or ""))
    if _twice(logged.get("sig"), MAX_SIGNATURE * 2) != envelope.signature:
        raise _other_signature()
    require_pem(logged.get("publicKey"), bundle.certificate, key, what="the signer in the log entry")


def _hashedrekord_v2(spec: Json, bundle: Bundle, signature: bytes, signed: Digest, key: PublicKey) -> None:
    """Do steps 3 to 5 for ``hashedrekord`` 0.0.2; of an envelope, what is hashed is its encoding for signing."""
    members = _object(_object(spec, "hashedRekordV002").get("hashedRekordV002"), "data", "signature")
    _require_output(members.get("data"), signed)
    _require_signed(members.get("signature"), bundle, signature, key)


def _dsse_v2(spec: Json, bundle: Bundle, envelope: Envelope, key: PublicKey) -> None:
    """Do steps 3 to 5 for ``dsse`` 0.0.2, which Rekor v2 wrote before it logged envelopes as ``hashedrekord``."""
    members = _object(_object(spec, "dsseV002").get("dsseV002"), "payloadHash", "signatures")
    _require_output(members.get("payloadHash"), Digest.of(envelope.payload))
    _require_signed(_single(members.get("signatures")), bundle, envelope.signature, key)


def _require_signed(value: Json, bundle: Bundle, signature: bytes, key: PublicKey) -> None:
    """Do steps 4 and 5 for Rekor v2: the message ``Signature`` with its ``Verifier``."""
    logged = _object(value, "content", "verifier")
    _require_signature(logged.get("content"), signature)
    require_verifier(logged.get("verifier"), bundle.certificate, key, what="the signer in the log entry")


def _require_hash(value: Json, wanted: Digest) -> None:
    """Step 3 for Rekor v1: ``{"algorithm": "sha256", "value": hex}``."""
    found = _object(value, "algorithm", "value")
    if (found.get("algorithm"), found.get("value")) != (wanted.algorithm, wanted.hex):
        actual = f"{found.get('algorithm')}:{found.get('value')}"[:160]
        raise _rejected("content", "LOG_BODY_DIGEST", str(wanted), actual)


def _require_output(value: Json, wanted: Digest) -> None:
    """Step 3 for Rekor v2: the message ``HashOutput``."""
    found = _object(value, "algorithm", "digest")
    digest = base64_bytes(found.get("digest"), what="the digest in the log entry", max_bytes=max(SIZES.values()))
    algorithm = _V2_HASHES.get(str(found.get("algorithm")), "an unknown algorithm")
    if (algorithm, digest) != (wanted.algorithm, wanted.value):
        raise _rejected("content", "LOG_BODY_DIGEST", str(wanted), f"{algorithm}:{digest.hex()}")


def _require_signature(value: Json, signature: bytes) -> None:
    """Step 4: the signature of the entry is the bundle's."""
    if base64_bytes(value, what="the signature in the log entry", max_bytes=MAX_SIGNATURE) != signature:
        raise _other_signature()


def _object(value: Json, *allowed: str) -> Mapping[str, Json]:
    return obj.read(value, *allowed, what=_WHAT, code=CODE)


def _single(value: Json) -> Json:
    return items(value, what="the signatures of the log entry", code=CODE, least=1, most=1)[0]


def _twice(value: Json, max_bytes: int) -> bytes:
    """Decode base64 of base64."""
    what = "the envelope in the log entry"
    inner = base64_bytes(value, what=what, max_bytes=max_bytes)
    if not inner.isascii():
        raise MalformedError(f"{what} is not base64 of base64", code=CODE)
    return base64_bytes(inner.decode("ascii"), what=what, max_bytes=max_bytes)


def _hash_of(key: PublicKey) -> str:
    """Return the hash that belongs to a key (sigstore/architecture-docs, algorithm-registry.md)."""
    return "sha384" if key.scheme is Scheme.ECDSA_P384 else "sha256"


def _other_signature() -> RejectedError:
    return _rejected("signature", "LOG_BODY_SIGNATURE", "the signature in the bundle", "another signature")


def _rejected(field: str, code: str, expected: str, actual: str) -> RejectedError:
    return RejectedError(
        f"the log entry is about another {field} than the bundle has",
        code=code,
        expected=expected,
        actual=actual[:256],
        hint="Parts of different bundles were put together, or one was changed: do not trust it.",
    )
