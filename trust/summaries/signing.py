"""Signing with a private key, and the two envelopes in which a signed statement travels.

A plain DSSE envelope (secure-systems-lab/dsse, envelope.md) is what slsa-verifier's ``verify-vsa`` reads; a Sigstore
bundle with the same envelope and a key hint (sigstore_bundle.proto) is what Sigstore's clients read. The keys are those
that :mod:`provenly.trust.keys` accepts for verifying: what we sign, we could verify.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provenly.trust import keys
from provenly.trust.attestations.statement import PAYLOAD_TYPE
from provenly.trust.bundles.dsse import pae
from provenly.trust.errors import MalformedError, UsageError
from provenly.trust.keys import PublicKey, Scheme

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
"""The version of bundles that Sigstore's clients write today."""

MAX_KEY_FILE: Final = 16 * 1024
"""Bytes of a file with a private key; RSA of 8,192 bits has 6,400 in PEM."""

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """A private key of an accepted kind. It is never shown, compared or written.

    :param public: its public half; the sha256 of that is the key's id.
    """

    public: PublicKey
    _private: PrivateKey = field(repr=False, compare=False)

    @property
    def keyid(self) -> str:
        """The id of the key in envelopes: ``sha256:`` and the digest of its SubjectPublicKeyInfo."""
        return str(self.public.digest)

    def sign(self, data: bytes) -> bytes:
        """Return the signature of ``data``: ECDSA in DER, the others raw."""
        match self._private:
            case ec.EllipticCurvePrivateKey():
                hashed = SHA384() if self.public.scheme is Scheme.ECDSA_P384 else SHA256()
                return self._private.sign(data, ec.ECDSA(hashed))
            case ed25519.Ed25519PrivateKey():
                return self._private.sign(data)
            case rsa.RSAPrivateKey():
                return self._private.sign(data, padding.PKCS1v15(), SHA256())


def load(data: bytes, *, password: bytes | None, what: str) -> Signer:
    """Read a private key from PEM.

    :param password: what it is encrypted with; ``None`` where it is not.
    :raises UsageError: it is no private key, or the password is missing or wrong (``SIGNING_KEY``). No message shows
        anything of the key.
    :raises MalformedError: it is of a kind that is not accepted (``KEY_ALGORITHM``).
    """
    hint = "Give a PEM file with one private key: ECDSA on P-256 or P-384, Ed25519, or RSA of at least 3,072 bits."
    if len(data) > MAX_KEY_FILE:
        raise UsageError(f"{what} has more than {MAX_KEY_FILE:,} bytes", code="SIGNING_KEY", hint=hint)
    try:
        private = load_pem_private_key(data, password)
    except TypeError as error:
        told = "is encrypted, and no password was given" if password is None else "is not encrypted"
        message = f"{what} {told}"
        hint = "The password is read from the environment variable PROVENLY_KEY_PASSWORD."
        raise UsageError(message, code="SIGNING_KEY", hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"{what} is no private key in PEM, or its password is another one"
        raise UsageError(message, code="SIGNING_KEY", hint=hint) from error
    if not isinstance(private, PrivateKey):
        raise MalformedError(f"{what} is of a kind that is not accepted", code="KEY_ALGORITHM", hint=hint)
    return Signer(public=keys.accept(private.public_key(), what=what), _private=private)


def envelope(payload: bytes, signer: Signer) -> str:
    """Return an in-toto statement as a plain DSSE envelope, one line of JSON with its line break."""
    return json.dumps(_envelope(payload, signer)) + "\n"


def bundle(payload: bytes, signer: Signer) -> str:
    """Return an in-toto statement as a Sigstore bundle that names the key, one line of JSON with its line break."""
    made = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": signer.keyid}, "tlogEntries": []},
        "dsseEnvelope": _envelope(payload, signer),
    }
    return json.dumps(made) + "\n"


def _envelope(payload: bytes, signer: Signer) -> dict[str, object]:
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": signer.keyid}],
    }
