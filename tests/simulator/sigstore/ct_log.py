"""A certificate transparency log (RFC 6962) that promises to include whatever it is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulator.sigstore import der

LIST = "1.3.6.1.4.1.11129.2.4.2"
"""The extension that holds the promises (RFC 6962 section 3.3)."""


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def spki(key: Any) -> bytes:
    """Return the public half of a private key as SubjectPublicKeyInfo."""
    encoded: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


@dataclass(frozen=True, kw_only=True)
class CtLog:
    """A log.

    :param url: its base URL.
    """

    url: str = "https://ct.forge.example/2026"
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key, repr=False)

    @property
    def log_id(self) -> bytes:
        """sha256 of the key (RFC 6962 section 3.2)."""
        return hashlib.sha256(spki(self.key)).digest()

    def promise(self, tbs: bytes, issuer_spki: bytes, at: datetime, *, log_id: bytes | None = None) -> bytes:
        """Return a SignedCertificateTimestamp for a precertificate (RFC 6962 section 3.2).

        :param tbs: the TBSCertificate without poison and without promises.
        :param log_id: what the promise says which log made it; by default the truth.
        """
        milliseconds = (int(at.timestamp()) * 1000).to_bytes(8, "big")
        entry = hashlib.sha256(issuer_spki).digest() + len(tbs).to_bytes(3, "big") + tbs
        signed = b"\x00\x00" + milliseconds + b"\x00\x01" + entry + b"\x00\x00"
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        return b"".join(
            (
                b"\x00",
                log_id or self.log_id,
                milliseconds,
                b"\x00\x00",
                b"\x04\x03",
                len(signature).to_bytes(2, "big"),
                signature,
            )
        )


def promises(*each: bytes) -> bytes:
    """Return the value of the extension: an OCTET STRING with the TLS list of promises (RFC 6962 section 3.3)."""
    listed = b"".join(len(promise).to_bytes(2, "big") + promise for promise in each)
    return der.octets(len(listed).to_bytes(2, "big") + listed)
