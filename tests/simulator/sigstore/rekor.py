"""Transparency logs: Rekor v1 with promises and checkpoints, Rekor v2 with checkpoints only.

An entry gets its own small Merkle tree (RFC 9162 section 2.1), so that each proof is real and its length known. Every
part of :class:`Words`, what the log says about an entry, can be another than the truth.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.simulator.sigstore.authority import SIGNED
from tests.simulator.sigstore.ct_log import new_key, spki

NEIGHBOURS: Final = tuple(f"another entry {number}".encode() for number in range(10))
"""The other entries of the tree."""

LEAF_INDEX: Final = 4
"""Where our entry is among them."""

SHARD: Final = 121_904_182
"""Entries in earlier shards: a log's index is larger than a tree's by so many, as in Rekor v1."""


def b64(data: bytes) -> str:
    """Return base64."""
    return base64.b64encode(data).decode()


def canonical(value: Any) -> bytes:
    """Return JSON as a promise is made over it (RFC 8785 for plain ASCII and small numbers)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def root_hash(leaves: tuple[bytes, ...]) -> bytes:
    """Return the root over the hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    half = _split(len(leaves))
    return node_hash(root_hash(leaves[:half]), root_hash(leaves[half:]))


def path(leaves: tuple[bytes, ...], index: int) -> tuple[bytes, ...]:
    """Return the hashes from a leaf to the root, the lowest first."""
    if len(leaves) == 1:
        return ()
    half = _split(len(leaves))
    if index < half:
        return (*path(leaves[:half], index), root_hash(leaves[half:]))
    return (*path(leaves[half:], index - half), root_hash(leaves[:half]))


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the log says about an entry; a forgery replaces one. ``None`` means: the truth.

    :param at: the integrated time; ``None`` says nothing, as Rekor v2 does.
    :param promise: whether there is a signed entry timestamp.
    :param promise_body: the body that it is over.
    :param promise_at: the time that it is over.
    :param promise_index: the index that it is over.
    :param promise_key: the key that made it.
    :param proof: whether there is an inclusion proof.
    :param proof_body: the body whose leaf is in the tree.
    :param size: of the tree, in the proof and the checkpoint.
    :param proof_index: in the proof.
    :param checkpoint: whether the proof has one.
    :param checkpoint_size: in the checkpoint only.
    :param checkpoint_root: in the checkpoint only.
    :param checkpoint_key: the key that signed it.
    :param checkpoint_name: who the signature line says signed it.
    :param origin: the checkpoint's first line.
    :param key_hint: the four bytes before the signature.
    :param log_id: which log the entry says it is in.
    """

    at: datetime | None = SIGNED
    index: int | None = None
    promise: bool = True
    promise_body: bytes | None = None
    promise_at: datetime | None = None
    promise_index: int | None = None
    promise_key: Any = field(default=None, repr=False)
    proof: bool = True
    proof_body: bytes | None = None
    proof_index: int | None = None
    size: int | None = None
    checkpoint: bool = True
    checkpoint_size: int | None = None
    checkpoint_root: bytes | None = None
    checkpoint_key: Any = field(default=None, repr=False)
    checkpoint_name: str | None = None
    origin: str | None = None
    key_hint: bytes | None = None
    log_id: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Rekor:
    """A log.

    :param name: its host name.
    :param key: on P-256 for version 1, Ed25519 for version 2.
    """

    name: str = "rekor.forge.example"
    key: Any = field(default_factory=new_key, repr=False)

    @property
    def second(self) -> bool:
        """Whether it is of version 2."""
        return isinstance(self.key, ed25519.Ed25519PrivateKey)

    @property
    def origin(self) -> str:
        """The first line of its checkpoints."""
        return self.name if self.second else f"{self.name} - 1193050959916656506"

    @property
    def log_id(self) -> bytes:
        """sha256 of the key; of version 2 the note key id (C2SP signed-note) before it is cut to four bytes."""
        if not self.second:
            return hashlib.sha256(spki(self.key)).digest()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(self.name.encode() + b"\n\x01" + raw).digest()

    def entry(self, body: bytes, kind: str, version: str, words: Words | None = None) -> dict[str, Any]:
        """Return a bundle's ``tlogEntries`` member for this body."""
        words = words or Words()
        if self.second and words.at == SIGNED:
            words = replace(words, at=None, promise=False)
        shard = 0 if self.second else SHARD
        index = words.index if words.index is not None else LEAF_INDEX + shard
        log_id = words.log_id or self.log_id
        entry: dict[str, Any] = {
            "logIndex": str(index),
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": kind, "version": version},
        }
        if words.at is not None:
            entry["integratedTime"] = str(int(words.at.timestamp()))
        if words.promise:
            entry["inclusionPromise"] = {"signedEntryTimestamp": b64(self._promise(body, index, log_id, words))}
        if words.proof:
            entry["inclusionProof"] = self._proof(body, words)
        return entry | {"canonicalizedBody": b64(body)}

    def sign(self, data: bytes, key: Any = None) -> bytes:
        """Return a signature by the log's key, or by another."""
        key = key or self.key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        signature: bytes = key.sign(data, ec.ECDSA(SHA256()))
        return signature

    def _promise(self, body: bytes, index: int, log_id: bytes, words: Words) -> bytes:
        """Return the signed entry timestamp (sigstore/rekor, pkg/types/entries.go: the canonical JSON of four)."""
        at = words.promise_at or words.at
        promised = {
            "body": b64(words.promise_body or body),
            "integratedTime": int(at.timestamp()) if at else 0,
            "logID": log_id.hex(),
            "logIndex": index if words.promise_index is None else words.promise_index,
        }
        return self.sign(canonical(promised), words.promise_key)

    def _proof(self, body: bytes, words: Words) -> dict[str, Any]:
        leaves = [leaf_hash(data) for data in NEIGHBOURS]
        leaves[LEAF_INDEX] = leaf_hash(words.proof_body or body)
        root = root_hash(tuple(leaves))
        size = words.size or len(leaves)
        proof: dict[str, Any] = {
            "logIndex": str(LEAF_INDEX if words.proof_index is None else words.proof_index),
            "rootHash": b64(root),
            "treeSize": str(size),
            "hashes": [b64(value) for value in path(tuple(leaves), LEAF_INDEX)],
        }
        if words.checkpoint:
            proof["checkpoint"] = {"envelope": self.checkpoint(size, root, words)}
        return proof

    def checkpoint(self, size: int, root: bytes, words: Words | None = None) -> str:
        """Return a signed tree head as a note (C2SP tlog-checkpoint)."""
        words = words or Words()
        head = f"{words.origin or self.origin}\n{words.checkpoint_size or size}\n{b64(words.checkpoint_root or root)}\n"
        signature = self.sign(head.encode(), words.checkpoint_key)
        hint = words.key_hint or self.log_id[:4]
        return f"{head}\n\u2014 {words.checkpoint_name or self.name} {b64(hint + signature)}\n"


def second_log(name: str = "log2026-1.rekor.forge.example") -> Rekor:
    """Return a log of version 2."""
    return Rekor(name=name, key=ed25519.Ed25519PrivateKey.generate())
