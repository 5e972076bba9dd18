"""Reading a transparency log entry of a bundle.

Source: sigstore/protobuf-specs, sigstore_rekor.proto, message ``TransparencyLogEntry``. Numbers that are zero may be
left out, as protobuf's writers do.
"""

from __future__ import annotations

from typing import Final

from provenly.trust import strict_json
from provenly.trust.bundles import members as obj
from provenly.trust.bundles.model import LogEntry, Proof
from provenly.trust.encoding import base64_bytes, integer, items, text
from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json

MAX_BODY: Final = strict_json.MAX_STRING // 4 * 3
"""Bytes of an entry as the log has it: as many as the longest string that we read has in base64."""

MAX_LOG_ID: Final = 64
"""Bytes of a log's id; all known ones have 32."""

MAX_KIND: Final = 64
"""Characters of an entry's kind and of its version."""

MAX_PROMISE: Final = 2_048
"""Bytes of a signed entry timestamp: a signature."""

MAX_HASHES: Final = 64
"""Hashes in an inclusion proof: as many levels as a tree of 2^63 leaves has, and one to spare."""

MAX_CHECKPOINT: Final = 16 * 1024
"""Characters of a checkpoint; with some dozen cosignatures it has two thousand."""

HASH: Final = 32
"""Bytes of a hash in the tree: SHA-256 (RFC 6962 section 2.1)."""


def read(value: Json, *, what: str) -> LogEntry:
    """Read one member of ``tlogEntries``.

    :raises MalformedError: ``BUNDLE_FORMAT``, ``B64_…``, ``INT_NOT_CANONICAL``.
    """
    entry = obj.read(
        value,
        "logIndex",
        "logId",
        "kindVersion",
        "integratedTime",
        "inclusionPromise",
        "inclusionProof",
        "canonicalizedBody",
        what=what,
    )
    log = obj.read(entry.get("logId"), "keyId", what=f"the logId of {what}")
    kind = obj.read(entry.get("kindVersion"), "kind", "version", what=f"the kindVersion of {what}")
    promise = entry.get("inclusionPromise")
    proof = entry.get("inclusionProof")
    return LogEntry(
        index=integer(entry.get("logIndex", 0), what=f"the logIndex of {what}"),
        log_id=base64_bytes(log.get("keyId"), what=f"the log id of {what}", max_bytes=MAX_LOG_ID),
        kind=_name(kind.get("kind"), what=f"the kind of {what}"),
        version=_name(kind.get("version"), what=f"the version of {what}"),
        integrated=integer(entry.get("integratedTime", 0), what=f"the integratedTime of {what}"),
        promise=None if promise is None else _promise(promise, what=f"the inclusion promise of {what}"),
        proof=None if proof is None else _proof(proof, what=f"the inclusion proof of {what}"),
        body=base64_bytes(entry.get("canonicalizedBody"), what=f"the body of {what}", max_bytes=MAX_BODY),
    )


def _name(value: Json, *, what: str) -> str:
    return text(obj.text(value, what=what, max_chars=MAX_KIND), what=what, code=obj.CODE)


def _promise(value: Json, *, what: str) -> bytes:
    signed = obj.read(value, "signedEntryTimestamp", what=what).get("signedEntryTimestamp")
    return base64_bytes(signed, what=what, max_bytes=MAX_PROMISE)


def _proof(value: Json, *, what: str) -> Proof:
    """Read an inclusion proof; one without a checkpoint has an empty one."""
    proof = obj.read(value, "logIndex", "rootHash", "treeSize", "hashes", "checkpoint", what=what)
    hashes = items(proof.get("hashes", ()), what=f"the hashes of {what}", code=obj.CODE, least=0, most=MAX_HASHES)
    note = proof.get("checkpoint")
    checkpoint = "" if note is None else _checkpoint(note, what=f"the checkpoint of {what}")
    return Proof(
        index=integer(proof.get("logIndex", 0), what=f"the logIndex of {what}"),
        size=integer(proof.get("treeSize", 0), what=f"the treeSize of {what}"),
        root=_hash(proof.get("rootHash"), what=f"the rootHash of {what}"),
        hashes=tuple(_hash(item, what=f"a hash of {what}") for item in hashes),
        checkpoint=checkpoint,
    )


def _checkpoint(value: Json, *, what: str) -> str:
    note = obj.read(value, "envelope", what=what)
    return obj.text(note.get("envelope"), what=what, max_chars=MAX_CHECKPOINT)


def _hash(value: Json, *, what: str) -> bytes:
    data = base64_bytes(value, what=what, max_bytes=HASH)
    if len(data) != HASH:
        raise MalformedError(f"{what} has {len(data)} bytes, not {HASH}", code=obj.CODE)
    return data
