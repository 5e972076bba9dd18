"""Public keys: which kinds we accept, what they are called, and what they signed.

The algorithm comes from the key, never from the message (CVE-2017-11424). Accepted are ECDSA on P-256 with SHA-256 and
on P-384 with SHA-384, Ed25519, and RSA of at least 3,072 bits with PKCS #1 v1.5 and SHA-256: those of Sigstore's
algorithm registry (sigstore/architecture-docs, algorithm-registry.md) that public instances use. ``cryptography`` also
loads P-192, secp256k1, DSA and short RSA keys; none of those is accepted.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from provenly.trust.digest import Digest
from provenly.trust.encoding import base64_bytes
from provenly.trust.errors import MalformedError, RejectedError

MIN_RSA_BITS: Final = 3_072
"""Bits of the shortest RSA key: the strength of P-256 (NIST SP 800-57 part 1, table 2)."""

MAX_RSA_BITS: Final = 8_192
"""Bits of the longest RSA key: verifying takes time that grows with the square."""

MIN_RSA_EXPONENT: Final = 65_537
"""The least public exponent of an RSA key (FIPS 186-5, A.1.1): forged signatures for 3 were found in many libraries."""

MAX_KEY: Final = 4_096
"""Bytes of a key as SubjectPublicKeyInfo; RSA of 8,192 bits has 1,062."""

_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""The points of order 1, 2, 4 and 8 of Ed25519's curve, in every spelling, without the bit of the sign. With one of
them for a key, a signature that needs no secret is good for every message, or for every eighth."""

_PEM: Final = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n((?:[A-Za-z0-9+/=]{1,76}\r?\n){1,128})-----END \1-----(?:\r?\n)?", re.ASCII
)


class Scheme(StrEnum):
    """How a key signs; the values are those of ``keyDetails`` in Sigstore's protobuf specification."""

    ECDSA_P256 = "PKIX_ECDSA_P256_SHA_256"
    ECDSA_P384 = "PKIX_ECDSA_P384_SHA_384"
    ED25519 = "PKIX_ED25519"
    RSA = "PKIX_RSA_PKCS1V15_SHA256"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """A public key of an accepted kind.

    :param spki: the key as DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), re-encoded: one key, one spelling.
    :param scheme: how it signs.
    """

    spki: bytes
    scheme: Scheme
    loaded: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey = field(repr=False, compare=False)

    @property
    def digest(self) -> Digest:
        """sha256 of the SubjectPublicKeyInfo: the id of a log in Rekor v1 and in Certificate Transparency."""
        return Digest.of(self.spki)

    @property
    def fingerprint(self) -> str:
        """The OpenSSH fingerprint (RFC 4253 section 6.6, RFC 5656 section 3.1), as npm names its keys.

        :raises MalformedError: the key is not on P-256; npm has no other (``KEY_ALGORITHM``).
        """
        if self.scheme is not Scheme.ECDSA_P256:
            raise MalformedError(f"a registry's key is on P-256; this one is {self.scheme}", code="KEY_ALGORITHM")
        point = self.loaded.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        parts = (b"ecdsa-sha2-nistp256", b"nistp256", point)
        blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    def verify(self, signature: bytes, data: bytes, *, what: str, code: str = "SIGNATURE_INVALID") -> None:
        """Verify that the holder of this key signed ``data``.

        :param signature: ECDSA in DER, the others raw.
        :param what: whose signature this is, for the message.
        :raises RejectedError: it is not this key's signature of these bytes; with ``code``.
        """
        try:
            match self.loaded:
                case ec.EllipticCurvePublicKey():
                    self.loaded.verify(signature, data, ec.ECDSA(self._hash()))
                case ed25519.Ed25519PublicKey():
                    self.loaded.verify(signature, data)
                case rsa.RSAPublicKey():
                    self.loaded.verify(signature, data, padding.PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise _invalid(what, code, self) from error

    def verify_digest(self, signature: bytes, digest: Digest, *, what: str, code: str = "SIGNATURE_INVALID") -> None:
        """Verify that the holder of this key signed data with this digest, which must be of the key's own hash.

        :raises RejectedError: it is not this key's signature; with ``code``.
        :raises MalformedError: this kind of key signs no digests, or others (``KEY_DIGEST``).
        """
        hashed = self._hash()
        if isinstance(self.loaded, ed25519.Ed25519PublicKey) or hashed.name != digest.algorithm:
            raise MalformedError(
                f"a {self.scheme} key signs no {digest.algorithm} digest: the data itself is needed", code="KEY_DIGEST"
            )
        prehashed = utils.Prehashed(hashed)
        try:
            if isinstance(self.loaded, rsa.RSAPublicKey):
                self.loaded.verify(signature, digest.value, padding.PKCS1v15(), prehashed)
            else:
                self.loaded.verify(signature, digest.value, ec.ECDSA(prehashed))
        except InvalidSignature as error:
            raise _invalid(what, code, self) from error

    def _hash(self) -> SHA256 | SHA384:
        return SHA384() if self.scheme is Scheme.ECDSA_P384 else SHA256()


def _invalid(what: str, code: str, key: PublicKey) -> RejectedError:
    return RejectedError(
        f"{what} is not a signature of these bytes by that key",
        code=code,
        expected=f"a signature by the key {key.digest}",
        actual="a signature that does not verify",
        hint="Whoever holds the key did not sign this: do not trust it.",
    )


def from_spki(data: bytes, *, what: str) -> PublicKey:
    """Read a key from DER SubjectPublicKeyInfo.

    :raises MalformedError: not a key (``KEY_FORMAT``), or none that is accepted (``KEY_ALGORITHM``).
    """
    if len(data) > MAX_KEY:
        raise MalformedError(f"{what} has {len(data):,} bytes, more than {MAX_KEY:,}", code="KEY_FORMAT")
    try:
        loaded = load_der_public_key(data)
    except UnsupportedAlgorithm as error:
        raise MalformedError(f"{what} is of a kind that is not accepted", code="KEY_ALGORITHM") from error
    except (ValueError, TypeError) as error:
        raise MalformedError(f"{what} is not a public key", code="KEY_FORMAT") from error
    return accept(loaded, what=what)


def accept(loaded: object, *, what: str) -> PublicKey:
    """Return a key of ``cryptography`` as one of ours, if it is of an accepted kind.

    :raises MalformedError: it is not (``KEY_ALGORITHM``).
    """
    match loaded:
        case ec.EllipticCurvePublicKey() if isinstance(loaded.curve, ec.SECP256R1):
            scheme = Scheme.ECDSA_P256
        case ec.EllipticCurvePublicKey() if isinstance(loaded.curve, ec.SECP384R1):
            scheme = Scheme.ECDSA_P384
        case ed25519.Ed25519PublicKey() if not _has_small_order(loaded):
            scheme = Scheme.ED25519
        case rsa.RSAPublicKey() if (
            MIN_RSA_BITS <= loaded.key_size <= MAX_RSA_BITS and loaded.public_numbers().e >= MIN_RSA_EXPONENT
        ):
            scheme = Scheme.RSA
        case _:
            raise MalformedError(f"{what} is of a kind that is not accepted", code="KEY_ALGORITHM")
    spki = loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(spki=spki, scheme=scheme, loaded=loaded)


def _has_small_order(key: ed25519.Ed25519PublicKey) -> bool:
    *point, last = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return bytes((*point, last & 0x7F)) in _SMALL_ORDER


def from_pem(data: bytes, *, what: str) -> PublicKey:
    """Read a key from PEM (RFC 7468): one ``PUBLIC KEY`` block and nothing else.

    :raises MalformedError: another number or kind of blocks, or text around it (``KEY_PEM``); a private key
        (``KEY_IS_PRIVATE``), which no message shows; otherwise as :func:`from_spki`.
    """
    if b"PRIVATE KEY-----" in data:
        raise MalformedError(
            f"{what} holds a private key where a public one is expected",
            code="KEY_IS_PRIVATE",
            hint="Give the public key only, and replace the private one if others could read this file.",
        )
    found = _PEM.fullmatch(data)
    if found is None or found[1] != b"PUBLIC KEY":
        raise MalformedError(f"{what} is not one PEM block PUBLIC KEY and nothing else", code="KEY_PEM")
    encoded = found[2].replace(b"\r", b"").replace(b"\n", b"").decode()
    return from_spki(base64_bytes(encoded, what=what, max_bytes=MAX_KEY), what=what)
