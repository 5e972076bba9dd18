"""Transparency logs of our own: whatever a real log would never sign, these do."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenly.trust.bundles.model import LogEntry, Proof
from provenly.trust.keys import accept
from provenly.trust.roots.model import Log, Period

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
BODY = b'{"apiVersion":"0.0.1"}'


def sha256(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """Merkle Tree Hash, RFC 9162 section 2.1.1, written as the recursion that is there."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    middle = _split(len(leaves))
    return sha256(b"\x01" + root_of(leaves[:middle]) + root_of(leaves[middle:]))


def path_of(index, leaves):
    """Inclusion proof, RFC 9162 section 2.1.3.1, likewise."""
    if len(leaves) == 1:
        return ()
    middle = _split(len(leaves))
    if index < middle:
        return (*path_of(index, leaves[:middle]), root_of(leaves[middle:]))
    return (*path_of(index - middle, leaves[middle:]), root_of(leaves[:middle]))


def _split(count):
    return 1 << (count - 1).bit_length() - 1


def proof_of(index, leaves, checkpoint=""):
    return Proof(
        index=index, size=len(leaves), root=root_of(leaves), hashes=path_of(index, leaves), checkpoint=checkpoint
    )


@dataclass(frozen=True)
class LogMaker:
    """A log that signs anything. ``tiled`` for one of Rekor v2."""

    private: object
    url: str = "https://rekor.example"
    tiled: bool = False

    @property
    def name(self):
        return self.url.partition("://")[2]

    @property
    def origin(self):
        return self.name if self.tiled else f"{self.name} - 1193050959916656506"

    @property
    def key(self):
        return accept(self.private.public_key(), what="the log's key")

    @property
    def log_id(self):
        if self.tiled and isinstance(self.private, ed25519.Ed25519PrivateKey):
            raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            return sha256(self.name.encode() + b"\n\x01" + raw)
        return self.key.digest.value

    def log(self, period=Period(start=datetime(2025, 1, 1, tzinfo=UTC), end=None)):  # noqa: B008 - frozen
        return Log(url=self.url, key=self.key, log_id=self.log_id, period=period)

    def sign(self, data):
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        return self.private.sign(data, ec.ECDSA(SHA256()))

    def line(self, text, *, name="", hint=b""):
        value = (hint or self.log_id[:4]) + self.sign(text.encode())
        return f"\u2014 {name or self.name} {base64.b64encode(value).decode()}\n"

    def text(self, size, root, *, origin="", more=()):
        return "".join(f"{part}\n" for part in (origin or self.origin, size, base64.b64encode(root).decode(), *more))

    def checkpoint(self, size, root, **changed):
        text = self.text(size, root, **changed)
        return f"{text}\n{self.line(text)}"

    def promised(self, entry):
        """Return ``entry`` with a promise; the signed text is made by ``json``, not by the code under test."""
        signed = {
            "body": base64.b64encode(entry.body).decode(),
            "integratedTime": entry.integrated,
            "logID": entry.log_id.hex(),
            "logIndex": entry.index,
        }
        return replace(entry, promise=self.sign(json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()))

    def entry(self, *, kind="dsse", version="", at=MADE, body=BODY):
        """Return an entry as such a log makes it: promise, proof and checkpoint, or only the latter two."""
        leaves = [b"a", b"b", body, b"d", b"e"]
        entry = LogEntry(
            index=2 if self.tiled else 1_000_002,
            log_id=self.log_id,
            kind=kind,
            version=version or ("0.0.2" if self.tiled else "0.0.1"),
            integrated=0 if self.tiled else int(at.timestamp()),
            promise=None,
            proof=proof_of(2, leaves, self.checkpoint(len(leaves), root_of(leaves))),
            body=body,
        )
        return entry if self.tiled else self.promised(entry)


V1 = LogMaker(private=ec.generate_private_key(ec.SECP256R1()))
V2 = LogMaker(private=ed25519.Ed25519PrivateKey.generate(), url="https://log2026.rekor.example", tiled=True)
