"""The types of bundles: :class:`Bundle` is only well-formed; :class:`Verified` is what holds."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Final

from cryptography.x509 import Certificate

from provenly.trust.digest import Digest
from provenly.trust.identity import Identity
from provenly.trust.keys import PublicKey
from provenly.trust.model import Note


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A DSSE envelope (secure-systems-lab/dsse, envelope.md) with its one signature.

    :param keyid: as written; nobody signed it, so nothing may depend on it.
    """

    payload: bytes = field(repr=False)
    payload_type: str
    signature: bytes = field(repr=False)
    keyid: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageSignature:
    """A signature over an artifact that is not in the bundle.

    :param digest: of the artifact, as the bundle claims.
    """

    digest: Digest
    signature: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """An inclusion proof (RFC 9162 section 2.1.3).

    :param index: of the leaf in this tree.
    :param size: of the tree.
    :param root: the tree's root hash, 32 bytes.
    :param hashes: from the leaf upwards, 32 bytes each.
    :param checkpoint: the signed tree head in the form of a note (C2SP signed-note, tlog-checkpoint); empty for none.
    """

    index: int
    size: int
    root: bytes
    hashes: tuple[bytes, ...] = field(repr=False)
    checkpoint: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """A transparency log entry as it is in the bundle.

    :param index: in the whole log, over all its shards.
    :param log_id: raw.
    :param kind: ``hashedrekord``, ``dsse`` or ``intoto``.
    :param version: ``0.0.1`` or ``0.0.2``.
    :param integrated: seconds since 1970; 0 where Rekor v2 gives none.
    :param promise: the signed entry timestamp, or ``None``.
    :param proof: or ``None``.
    :param body: the entry as it is in the log.
    """

    index: int
    log_id: bytes
    kind: str
    version: str
    integrated: int
    promise: bytes | None = field(repr=False)
    proof: Proof | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A bundle that is well-formed (sigstore/protobuf-specs, sigstore_bundle.proto). Nothing of it is verified.

    :param media_type: as written.
    :param version: ``0.1``, ``0.2`` or ``0.3``.
    :param certificate: the signer's certificate, or ``None`` where ``key_hint`` names a key.
    :param chain: further certificates that came along; they are never trusted, only bounded.
    :param key_hint: of a key that the verifier knows; empty with a certificate.
    :param entries: of transparency logs; none or one.
    :param timestamps: RFC 3161 responses, DER.
    :param content: the envelope or signature.
    """

    media_type: str
    version: str
    certificate: Certificate | None
    chain: tuple[Certificate, ...] = field(repr=False)
    key_hint: str
    entries: tuple[LogEntry, ...]
    timestamps: tuple[bytes, ...] = field(repr=False)
    content: Envelope | MessageSignature


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedBy:
    """The key that made the signature, and whose it is.

    :param key: the key.
    :param identity: of the certificate's holder; ``None`` for a key that the verifier was given.
    :param keyid: by which the verifier knows a given key; empty with a certificate.
    """

    key: PublicKey
    identity: Identity | None = None
    keyid: str = ""


class _Seal:
    """What only :mod:`provenly.trust.bundles.verify` hands in."""


SEAL: Final = _Seal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A bundle that holds: who signed what, and when. Only :mod:`provenly.trust.bundles.verify` makes one.

    :param signed_by: who.
    :param signed_at: the times for which there is proof, each of which passed all checks; never empty, sorted.
    :param payload: of a DSSE envelope; ``None`` for a message signature.
    :param payload_type: of a DSSE envelope, or empty.
    :param digest: of the artifact for a message signature; of the payload (sha256) for an envelope.
    :param log_index: of the entry in its log, or ``None`` without one.
    :param log_url: of the log, or empty.
    :param notes: what a reader should know (``LOG_SET_ONLY``, ``CERT_NEAR_EDGE``, …).
    """

    signed_by: SignedBy
    signed_at: tuple[datetime, ...]
    payload: bytes | None = field(repr=False)
    payload_type: str
    digest: Digest
    log_index: int | None
    log_url: str
    notes: tuple[Note, ...] = ()
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse to be made by anybody else, or without a time."""
        if seal is not SEAL or not self.signed_at:
            raise TypeError("a Verified bundle is made by provenly.trust.bundles.verify only")
