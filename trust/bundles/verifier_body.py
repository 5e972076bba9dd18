"""The key or certificate that a log entry names, held against the one that signed.

Rekor writes the PEM that was uploaded (v1: base64 of PEM) or raw DER (v2: message ``Verifier``). Both are compared as
DER: the certificate byte for byte, the key after writing it again.
"""

from __future__ import annotations

import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from provenly.trust.bundles import members as obj
from provenly.trust.encoding import base64_bytes
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import PublicKey, from_spki
from provenly.trust.strict_json import Json

CODE: Final = "LOG_BODY_FORMAT"
"""What a body without the shape of its kind is called."""

MAX_VERIFIER: Final = 32 * 1024
"""Bytes of a key or certificate in PEM: a third more than the 16 KiB of a certificate in a bundle, and line ends."""

_CERTIFICATE: Final = "CERTIFICATE"
"""The label of certificates in PEM (RFC 7468 section 5)."""

_PEM: Final = re.compile(
    rb"\s*-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\s*", re.ASCII
)
"""One block (RFC 7468); the length of lines is the uploader's, so it is not looked at."""


def require_pem(value: Json, certificate: Certificate | None, key: PublicKey, *, what: str) -> None:
    """Require ``value``, base64 of PEM, to be ``certificate`` or, without one, ``key``.

    :raises RejectedError: another one (``LOG_BODY_SIGNER``).
    :raises MalformedError: not one PEM block (``LOG_BODY_FORMAT``, ``B64_…``), or no key in it (``KEY_…``).
    """
    found = _PEM.fullmatch(base64_bytes(value, what=what, max_bytes=MAX_VERIFIER))
    if found is None:
        raise MalformedError(f"{what} is not one PEM block with a certificate or public key", code=CODE)
    raw = found[2].replace(b"\r", b"").replace(b"\n", b"").decode()
    _require(found[1].decode(), base64_bytes(raw, what=what, max_bytes=MAX_VERIFIER), certificate, key, what)


def require_verifier(value: Json, certificate: Certificate | None, key: PublicKey, *, what: str) -> None:
    """Require ``value``, the message ``Verifier`` of Rekor v2, to name ``certificate`` or, without one, ``key``.

    :raises RejectedError: another one, or another way to sign (``LOG_BODY_SIGNER``).
    :raises MalformedError: not such a message (``LOG_BODY_FORMAT``, ``B64_…``), or no key in it (``KEY_…``).
    """
    verifier = obj.read(value, "keyDetails", "x509Certificate", "publicKey", what=what, code=CODE)
    kind = obj.one_of(verifier, "x509Certificate", "publicKey", what=what, code=CODE)
    raw = obj.read(verifier[kind], "rawBytes", what=what, code=CODE).get("rawBytes")
    named = base64_bytes(raw, what=what, max_bytes=MAX_VERIFIER)
    _require(_CERTIFICATE if kind == "x509Certificate" else "PUBLIC KEY", named, certificate, key, what)
    wanted = _details(key)
    if verifier.get("keyDetails") != wanted:
        raise RejectedError(
            f"{what} signs in another way than the key of the bundle",
            code="LOG_BODY_SIGNER",
            expected=wanted,
            actual=str(verifier.get("keyDetails"))[:64],
        )


def _require(label: str, named: bytes, certificate: Certificate | None, key: PublicKey, what: str) -> None:
    """Compare what the entry names with what signed; a certificate does not stand for its key, nor the reverse."""
    if label == _CERTIFICATE:
        same = certificate is not None and certificate.public_bytes(Encoding.DER) == named
    else:
        same = certificate is None and from_spki(named, what=what).spki == key.spki
    if not same:
        raise RejectedError(
            f"{what} is not the {'key' if certificate is None else 'certificate'} of the bundle",
            code="LOG_BODY_SIGNER",
            expected=f"the {'key' if certificate is None else 'certificate with the key'} {key.digest}",
            actual=f"another {'certificate' if label == _CERTIFICATE else 'key'}",
            hint="The entry of the log is about a signature by somebody else: do not trust this bundle.",
        )


def _details(key: PublicKey) -> str:
    """Return the name of the way to sign in sigstore_common.proto, enum ``PublicKeyDetails``; RSA's have the size."""
    if isinstance(key.loaded, rsa.RSAPublicKey):
        return f"PKIX_RSA_PKCS1V15_{key.loaded.key_size}_SHA256"
    return str(key.scheme)
