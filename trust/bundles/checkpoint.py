"""Checkpoints: the signed tree heads of a log, in the form of a note (C2SP signed-note and tlog-checkpoint).

The text is the log's origin, the number of leaves, the root in base64 and any further lines, each ended by a newline;
then an empty line; then one line a signature. Only the text is signed. Rekor v1 calls itself ``host - tree`` and signs
as ``host``; Rekor v2 follows the specification: origin and name are the same. Witnesses may sign, too; we know no
witness, and ignore their lines once those are well-formed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenly.trust.bundles.model import Proof
from provenly.trust.encoding import base64_bytes, integer
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.roots.model import Log

MAX_CHECKPOINT: Final = 16 * 1024
"""Characters of a checkpoint. Real ones have some hundreds, with three witnesses one thousand."""

MAX_SIGNATURES: Final = 64
"""Signature lines. The specification asks for at least 16; real checkpoints have up to 4."""

MAX_EXTENSIONS: Final = 16
"""Further lines of the text. Rekor v1 wrote one (``Timestamp: …``)."""

MAX_SIGNATURE: Final = 8 * 1024
"""Bytes of one signature with its hint: post-quantum witnesses (ML-DSA-87) need 4,635."""

MAX_NAME: Final = 512
"""Characters of a key's name or an origin; a name is a host, perhaps with a path."""

HINT: Final = 4
"""Bytes of the hint before each signature."""

ROOT: Final = 32
"""Bytes of a root: sha256."""

_TREE: Final = re.compile(r" - (?:0|[1-9][0-9]{0,19})", re.ASCII)
"""What Rekor v1 adds to its name: the number of the tree (a shard of the log) in Trillian."""

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
"""What no note has: control characters other than newline, and halves of characters."""

_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteSignature:
    """One signature line.

    :param name: whose key it claims to be.
    :param hint: the first bytes of that key's id.
    """

    name: str
    hint: bytes
    signature: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A checkpoint that is well-formed. Nothing of it is verified.

    :param origin: the name of the log.
    :param size: leaves of its tree.
    :param root: the root of that tree.
    :param text: what is signed, with the newline at its end.
    :param signatures: at least one.
    """

    origin: str
    size: int
    root: bytes
    text: bytes = field(repr=False)
    signatures: tuple[NoteSignature, ...]


def verify(proof: Proof, log: Log, *, tiled: bool) -> None:
    """Verify that ``log`` signed the tree that ``proof`` is about.

    :param tiled: whether the entry is one of Rekor v2; of v1 otherwise.
    :raises MalformedError: not a checkpoint (``CHECKPOINT_FORMAT``, ``CHECKPOINT_SIZE``, or a code of
        :mod:`provenly.trust.encoding`).
    :raises RejectedError: it is another log's (``CHECKPOINT_ORIGIN``), about another tree (``CHECKPOINT_TREE_SIZE``,
        ``CHECKPOINT_ROOT``), or that log did not sign it (``CHECKPOINT_UNSIGNED``, ``CHECKPOINT_SIGNATURE``).
    """
    checkpoint = parse(proof.checkpoint)
    # 1. It is from the log that the entry names: the same key could sign for several.
    name = log_name(log, tiled=tiled)
    if not (checkpoint.origin == name if tiled else _is_shard(checkpoint.origin, name)):
        raise RejectedError(
            "the checkpoint is from another log than the entry",
            code="CHECKPOINT_ORIGIN",
            expected=name if tiled else f"{name} - and the number of its tree",
            actual=checkpoint.origin,
            hint="The parts of this bundle do not belong together: do not trust it.",
        )
    # 2. It is about the tree of the proof.
    _same("CHECKPOINT_ROOT", "root", proof.root.hex(), checkpoint.root.hex())
    _same("CHECKPOINT_TREE_SIZE", "number of leaves", str(proof.size), str(checkpoint.size))
    # 3. That log signed it, under its own name and with the key that we know.
    hint = key_hint(log.key, name, tiled=tiled)
    ours = [line for line in checkpoint.signatures if line.name == name and line.hint == hint]
    if len(ours) != 1:
        raise RejectedError(
            f"the checkpoint has {len(ours) or 'no'} signatures by the key of {name} that we know",
            code="CHECKPOINT_UNSIGNED",
            expected=f"one signature by {name} with the hint {hint.hex()}",
            actual=", ".join(f"{line.name} ({line.hint.hex()})" for line in checkpoint.signatures),
            hint="This log did not sign that tree: do not trust the entry.",
        )
    log.key.verify(ours[0].signature, checkpoint.text, what=f"the checkpoint of {name}", code="CHECKPOINT_SIGNATURE")


def parse(text: str) -> Checkpoint:
    """Read a checkpoint; nothing may be left over.

    :raises MalformedError: ``CHECKPOINT_FORMAT``, ``CHECKPOINT_SIZE``, or a code of :mod:`provenly.trust.encoding`.
    """
    if len(text) > MAX_CHECKPOINT:
        raise MalformedError(
            f"the checkpoint has {len(text):,} characters, more than {MAX_CHECKPOINT:,}", code="CHECKPOINT_SIZE"
        )
    # 1. Signed notes have no control characters but newlines.
    if _CONTROL.search(text):
        raise _malformed("has a control character")
    # 2. One empty line stands between text and signatures.
    head, separator, tail = text.partition("\n\n")
    if not separator or "\n\n" in tail or not tail.endswith("\n"):
        raise _malformed("is not a text, one empty line and signature lines, each with its newline")
    # 3. The text: origin, size, root, further lines.
    lines = head.split("\n")
    if not 3 <= len(lines) <= 3 + MAX_EXTENSIONS:  # noqa: PLR2004 - origin, size, root
        raise _malformed(f"has {len(lines)} lines of text; 3 to {3 + MAX_EXTENSIONS} are accepted")
    origin, size, root = lines[:3]
    if not origin or len(origin) > MAX_NAME:
        raise _malformed("names no origin")
    # 4. The signatures.
    signatures = tail[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise _malformed(f"has {len(signatures):,} signature lines; {MAX_SIGNATURES} are accepted")
    value = base64_bytes(root, what="the root in the checkpoint", max_bytes=ROOT)
    if len(value) != ROOT:
        raise _malformed(f"has a root of {len(value)} bytes; sha256 has {ROOT}")
    return Checkpoint(
        origin=origin,
        size=integer(size, what="the tree size in the checkpoint"),
        root=value,
        text=f"{head}\n".encode(),
        signatures=tuple(_signature(line) for line in signatures),
    )


def _signature(line: str) -> NoteSignature:
    """Read ``— name base64(hint and signature)``; the name has no spaces and no plus sign."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\u2014" or not name or len(name) > MAX_NAME or "+" in name or any(map(str.isspace, name)):
        raise _malformed("has a signature line that is none")
    value = base64_bytes(encoded, what="a signature of the checkpoint", max_bytes=MAX_SIGNATURE)
    if len(value) <= HINT:
        raise _malformed("has a signature line without a signature")
    return NoteSignature(name=name, hint=value[:HINT], signature=value[HINT:])


def log_name(log: Log, *, tiled: bool) -> str:
    """Return the name under which ``log`` signs: its address without the scheme; of Rekor v1 only the host.

    sigstore/protobuf-specs, sigstore_trustroot.proto, on ``base_url``: it may lack a scheme, and is the origin.
    """
    address = _SCHEME.sub("", log.url, count=1).rstrip("/")
    return address if tiled else address.partition("/")[0]


def key_hint(key: PublicKey, name: str, *, tiled: bool) -> bytes:
    """Return the hint of a log's key.

    Rekor v1 takes the sha256 of the SubjectPublicKeyInfo, whatever the kind of key. Rekor v2 follows C2SP signed-note:
    so for ECDSA, but for Ed25519 the sha256 of name, newline, 0x01 and the raw key; and for RSA, as Sigstore has it
    (sigstore_trustroot.proto), of name, newline, 0xff, ``PKIX-RSA-PKCS#1v1.5`` and the SubjectPublicKeyInfo.
    """
    if not tiled or key.scheme in (Scheme.ECDSA_P256, Scheme.ECDSA_P384):
        return hashlib.sha256(key.spki).digest()[:HINT]
    if key.scheme is Scheme.ED25519:
        tail = b"\x01" + key.loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
    else:
        tail = b"\xffPKIX-RSA-PKCS#1v1.5" + key.spki
    return hashlib.sha256(name.encode() + b"\n" + tail).digest()[:HINT]


def _is_shard(origin: str, name: str) -> bool:
    return origin.startswith(name) and _TREE.fullmatch(origin, len(name)) is not None


def _same(code: str, what: str, expected: str, actual: str) -> None:
    if expected != actual:
        raise RejectedError(
            f"the checkpoint and the inclusion proof name a different {what}",
            code=code,
            expected=expected,
            actual=actual,
            hint="The parts of this bundle do not belong together: do not trust it.",
        )


def _malformed(problem: str) -> MalformedError:
    return MalformedError(f"the checkpoint {problem}", code="CHECKPOINT_FORMAT")
