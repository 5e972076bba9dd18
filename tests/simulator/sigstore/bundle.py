"""Bundles (sigstore/protobuf-specs, sigstore_bundle.proto): an envelope, who signed it, and what a log says of it."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulator.sigstore.rekor import Rekor, Words, b64, canonical

IN_TOTO: Final = "application/vnd.in-toto+json"
V01: Final = "application/vnd.dev.sigstore.bundle+json;version=0.1"
V02: Final = "application/vnd.dev.sigstore.bundle+json;version=0.2"
V03_OLD: Final = "application/vnd.dev.sigstore.bundle+json;version=0.3"
V03: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs: a key, with a certificate or with the hint of a key that verifiers know.

    :param certificate: DER, or ``None``.
    :param hint: the key's id, where there is no certificate.
    """

    key: Any
    certificate: bytes | None = None
    hint: str = ""

    @property
    def pem(self) -> bytes:
        """The certificate or public key as log entries have it."""
        if self.certificate is not None:
            lines = textwrap.wrap(b64(self.certificate), 64)
            return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", "")).encode()
        encoded: bytes = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return encoded

    def sign(self, data: bytes) -> bytes:
        """Sign as a key of its kind does."""
        match self.key:
            case ed25519.Ed25519PrivateKey():
                return self.key.sign(data)
            case rsa.RSAPrivateKey():
                return self.key.sign(data, padding.PKCS1v15(), SHA256())
            case _:
                large = self.key.curve.name == "secp384r1"
                signature: bytes = self.key.sign(data, ec.ECDSA(SHA384() if large else SHA256()))
                return signature


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what a DSSE signature is over (secure-systems-lab/dsse, protocol.md)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope(payload: bytes, signer: Signer, *, payload_type: str = IN_TOTO) -> dict[str, Any]:
    """Return a signed envelope."""
    return {
        "payload": b64(payload),
        "payloadType": payload_type,
        "signatures": [{"sig": b64(signer.sign(pae(payload_type, payload))), "keyid": signer.hint}],
    }


def dsse_body(signed: dict[str, Any], payload: bytes, signer: Signer) -> bytes:
    """Return the entry dsse 0.0.1 (sigstore/rekor, pkg/types/dsse/v0.0.1)."""
    verifier = b64(signer.pem)
    spec = {
        "envelopeHash": _sha256(canonical(signed)),
        "payloadHash": _sha256(payload),
        "signatures": [{"signature": signed["signatures"][0]["sig"], "verifier": verifier}],
    }
    return canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})


def intoto_body(signed: dict[str, Any], payload: bytes, signer: Signer) -> bytes:
    """Return the entry intoto 0.0.2 (sigstore/rekor, pkg/types/intoto/v0.0.2): its signature is base64 of base64."""
    signature = {"publicKey": b64(signer.pem), "sig": b64(signed["signatures"][0]["sig"].encode())}
    if signer.hint:
        signature["keyid"] = signer.hint
    content = {
        "envelope": {"payloadType": signed["payloadType"], "signatures": [signature]},
        "hash": _sha256(canonical(signed)),
        "payloadHash": _sha256(payload),
    }
    return canonical({"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}})


def hashedrekord_body(message: bytes, signature: str, signer: Signer) -> bytes:
    """Return the entry hashedrekord 0.0.1, which is for message signatures."""
    spec = {
        "data": {"hash": _sha256(message)},
        "signature": {"content": signature, "publicKey": {"content": b64(signer.pem)}},
    }
    return canonical({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec})


def hashedrekord_v2_body(message: bytes, signature: str, signer: Signer) -> bytes:
    """Return Rekor v2's hashedrekord 0.0.2; of an envelope the message is what its signature is over."""
    verifier: dict[str, Any] = {"keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    if signer.certificate is not None:
        verifier["x509Certificate"] = {"rawBytes": b64(signer.certificate)}
    else:
        public = signer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        verifier["publicKey"] = {"rawBytes": b64(public)}
    spec = {
        "data": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(message).digest())},
        "signature": {"content": signature, "verifier": verifier},
    }
    return canonical({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": spec}})


def body(kind: str, version: str, signed: dict[str, Any], payload: bytes, signer: Signer) -> bytes:
    """Return the honest body of an entry about an envelope."""
    message = pae(signed["payloadType"], payload)
    signature = signed["signatures"][0]["sig"]
    match kind, version:
        case "intoto", _:
            return intoto_body(signed, payload, signer)
        case "hashedrekord", "0.0.2":
            return hashedrekord_v2_body(message, signature, signer)
        case "hashedrekord", _:
            return hashedrekord_body(message, signature, signer)
        case _:
            return dsse_body(signed, payload, signer)


def make(  # noqa: PLR0913 - the parts of a bundle
    payload: bytes,
    signer: Signer,
    log: Rekor,
    *,
    media_type: str = V03,
    payload_type: str = IN_TOTO,
    kind: str = "dsse",
    version: str = "0.0.1",
    words: Words | None = None,
    entry_body: bytes | None = None,
    chain: Sequence[bytes] = (),
    timestamps: Sequence[bytes] = (),
) -> dict[str, Any]:
    """Return a bundle with an envelope.

    :param kind: of the log's entry, with ``version``.
    :param words: what the log says about the entry.
    :param entry_body: the entry in place of the honest one.
    :param chain: further certificates; only the forms before 0.3 have a place for them.
    :param timestamps: responses of timestamp authorities.
    """
    signed = envelope(payload, signer, payload_type=payload_type)
    written = entry_body if entry_body is not None else body(kind, version, signed, payload, signer)
    material: dict[str, Any]
    if signer.certificate is None:
        material = {"publicKey": {"hint": signer.hint}}
    elif media_type in {V03, V03_OLD}:
        material = {"certificate": {"rawBytes": b64(signer.certificate)}}
    else:
        certificates = [{"rawBytes": b64(each)} for each in (signer.certificate, *chain)]
        material = {"x509CertificateChain": {"certificates": certificates}}
    material["tlogEntries"] = [log.entry(written, kind, version, words)]
    material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": b64(t)} for t in timestamps]}
    return {"mediaType": media_type, "verificationMaterial": material, "dsseEnvelope": signed}


def make_message(artifact: bytes, signer: Signer, log: Rekor, *, media_type: str = V03) -> dict[str, Any]:
    """Return a bundle with a signature over an artifact."""
    signature = b64(signer.sign(artifact))
    material: dict[str, Any] = {
        "certificate": {"rawBytes": b64(signer.certificate or b"")},
        "tlogEntries": [log.entry(hashedrekord_body(artifact, signature, signer), "hashedrekord", "0.0.1")],
    }
    digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(artifact).digest())}
    return {
        "mediaType": media_type,
        "verificationMaterial": material,
        "messageSignature": {"messageDigest": digest, "signature": signature},
    }


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
