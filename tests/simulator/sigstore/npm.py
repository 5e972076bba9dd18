"""What npm's registry signs: versions, and that it published them. And its keys in both forms of document."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulator.sigstore.ct_log import new_key, spki
from tests.simulator.sigstore.rekor import b64

REGISTRY: Final = "https://registry.npmjs.org"
USAGES: Final = ("npm:signatures", "npm:attestations")
START: Final = datetime(2025, 1, 13, tzinfo=UTC)


def fingerprint(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a key's OpenSSH fingerprint (RFC 4253 section 6.6)."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    parts = (b"ecdsa-sha2-nistp256", b"nistp256", point)
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


@dataclass(frozen=True, kw_only=True)
class NpmKey:
    """A key of a registry as its documents list it.

    :param keyid: by default the fingerprint.
    :param usages: for which it is listed.
    """

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key, repr=False)
    keyid: str = ""
    usages: tuple[str, ...] = USAGES
    start: datetime | None = START
    end: datetime | None = None

    @property
    def id(self) -> str:
        """How documents call it."""
        return self.keyid or fingerprint(self.key)

    def sign_version(self, name: str, version: str, integrity: str, *, keyid: str | None = None) -> dict[str, str]:
        """Return a member of ``dist.signatures``."""
        signature = self.key.sign(f"{name}@{version}:{integrity}".encode(), ec.ECDSA(SHA256()))
        return {"keyid": keyid or self.id, "sig": b64(signature)}


def tuf_form(*keys: NpmKey) -> dict[str, Any]:
    """Return the document as Sigstore's TUF repository has it."""
    return {"keys": [_listed(key, usage) for key in keys for usage in key.usages]}


def _listed(key: NpmKey, usage: str) -> dict[str, Any]:
    valid = {name: _iso(at) for name, at in (("start", key.start), ("end", key.end)) if at is not None}
    public = {"rawBytes": b64(spki(key.key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}
    return {"keyId": key.id, "keyUsage": usage, "publicKey": public}


def api_form(*keys: NpmKey) -> dict[str, Any]:
    """Return the document as ``/-/npm/v1/keys`` has it: neither usage nor start."""
    listed = [
        {
            "expires": _iso(key.end) if key.end else None,
            "keyid": key.id,
            "keytype": "ecdsa-sha2-nistp256",
            "scheme": "ecdsa-sha2-nistp256",
            "key": b64(spki(key.key)),
        }
        for key in keys
    ]
    return {"keys": listed}


def purl(name: str, version: str) -> str:
    """Return the package-url as npm writes it."""
    return f"pkg:npm/{quote(name, safe='/')}@{version}"


def integrity(data: bytes) -> str:
    """Return the Subresource Integrity value of a tarball."""
    return "sha512-" + b64(hashlib.sha512(data).digest())


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
