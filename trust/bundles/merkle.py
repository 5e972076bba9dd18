"""Merkle inclusion proofs (RFC 9162 section 2.1.3.2)."""

from __future__ import annotations

import hashlib

from provenly.trust.bundles.model import Proof
from provenly.trust.errors import RejectedError

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf (RFC 9162 section 2.1.1): the prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(_LEAF + body).digest()


def verify(proof: Proof, body: bytes) -> None:
    """Verify that ``body`` is the leaf ``proof.index`` of the tree with ``proof.size`` leaves and ``proof.root``.

    The root is only what the proof claims; :mod:`provenly.trust.bundles.checkpoint` holds it to the log's signature.
    The numbered steps are those of RFC 9162 section 2.1.3.2.

    :param body: the entry as it is in the log.
    :raises RejectedError: no leaf of the tree has this index (``LOG_PROOF_INDEX``), the proof has another number of
        hashes than such a leaf needs (``LOG_PROOF_LENGTH``), or they lead to another root (``LOG_PROOF_ROOT``).
    """
    # 1. A tree of n leaves has the leaves 0 to n - 1.
    if proof.index >= proof.size:
        raise RejectedError(
            f"the inclusion proof is about leaf {proof.index} of a tree with {proof.size} leaves",
            code="LOG_PROOF_INDEX",
            expected=f"an index below {proof.size}",
            actual=str(proof.index),
            hint="The bundle was altered: ask for it again from another place.",
        )
    # 2. Walk up from the leaf: `position` is its place in the level, `last` the place of the level's last node.
    position, last = proof.index, proof.size - 1
    result = leaf_hash(body)
    # 3. (and 4.) Each hash takes us one level up, or several where the node on the right edge has no sibling.
    for sibling in proof.hashes:
        if last == 0:
            raise _length(proof)
        if position & 1 or position == last:
            result = hashlib.sha256(_NODE + sibling + result).digest()
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = hashlib.sha256(_NODE + result + sibling).digest()
        position >>= 1
        last >>= 1
    # 5. The walk ends at the root, neither below it nor beside it.
    if last != 0:
        raise _length(proof)
    if result != proof.root:
        raise RejectedError(
            "the inclusion proof does not lead from the log entry to the root that it names",
            code="LOG_PROOF_ROOT",
            expected=f"the root {proof.root.hex()}",
            actual=f"the root {result.hex()}",
            hint="The entry is not in the log as it is in the bundle: do not trust it.",
        )


def _length(proof: Proof) -> RejectedError:
    return RejectedError(
        f"the inclusion proof of leaf {proof.index} in a tree of {proof.size} leaves has {len(proof.hashes)} hashes",
        code="LOG_PROOF_LENGTH",
        expected="as many hashes as the path from that leaf to the root has",
        actual=str(len(proof.hashes)),
        hint="The bundle was altered: ask for it again from another place.",
    )
