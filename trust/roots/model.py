"""The types of what is believed from the start. Only loaders in this folder make them, from whole documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from provenly.trust.keys import PublicKey
from provenly.trust.roots.material import Origin

if TYPE_CHECKING:  # registry signatures need no certificates, and importing them takes longer than verifying
    from cryptography.x509 import Certificate


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """When something may be relied on. Both ends belong to it, as the conformance suite of Sigstore clients asks.

    :param start: its first moment; ``None`` where the document gives none (the keys of npm's API).
    :param end: its last moment, or ``None``.
    """

    start: datetime | None
    end: datetime | None

    def covers(self, at: datetime) -> bool:
        """Return whether ``at`` is in it."""
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)

    def __str__(self) -> str:
        """Return it as a reader wants it: ``2021-01-12T11:53:27Z to …``."""
        start = self.start.strftime("%Y-%m-%dT%H:%M:%SZ") if self.start else "the beginning"
        return f"{start} to {self.end.strftime('%Y-%m-%dT%H:%M:%SZ') if self.end else 'no end'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """A transparency log (Rekor) or certificate transparency log.

    :param url: its base URL.
    :param key: what it signs with.
    :param log_id: its id, raw: of Rekor v1 and CT logs the sha256 of the key, of Rekor v2 as the document says.
    :param period: when its word counts.
    """

    url: str
    key: PublicKey
    log_id: bytes
    period: Period


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """A certificate authority (Fulcio) or a timestamp authority.

    :param uri: where it is.
    :param chain: of a certificate authority intermediates first and the root last; of a timestamp authority the
        signing certificate before them. Never empty.
    :param period: when its word counts.
    """

    uri: str
    chain: tuple[Certificate, ...] = field(repr=False)
    period: Period


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusable:
    """A log or key that a document of trust names and that we cannot use: nothing it signed is believed.

    :param kind: ``tlogs``, ``ctlogs`` or ``keys``: the list that it is in.
    :param url: of the log; empty for a registry's key.
    :param name: the id in hexadecimal for a log, as written for a registry's key.
    :param reason: why, as the end of a sentence: "its key is …".
    """

    kind: str
    url: str
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedRoot:
    """A Sigstore instance's trusted root (sigstore/protobuf-specs, sigstore_trustroot.proto).

    :param logs: transparency logs.
    :param authorities: certificate authorities.
    :param ct_logs: certificate transparency logs.
    :param timestamp_authorities: timestamp authorities.
    :param unusable: logs whose keys are of a kind that we do not accept.
    """

    logs: tuple[Log, ...]
    authorities: tuple[Authority, ...]
    ct_logs: tuple[Log, ...]
    timestamp_authorities: tuple[Authority, ...]
    origin: Origin
    unusable: tuple[Unusable, ...] = ()


class KeyUsage(StrEnum):
    """What a registry uses a key for; the values are npm's."""

    SIGNATURES = "npm:signatures"
    ATTESTATIONS = "npm:attestations"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryKey:
    """A key of a registry, its id equal to its own fingerprint.

    :param keyid: ``SHA256:…``.
    :param usages: what it may be used for; the API form of npm's keys does not say, which means all.
    :param period: by usage, when its signatures count.
    """

    keyid: str
    key: PublicKey
    usages: frozenset[KeyUsage]
    periods: tuple[tuple[KeyUsage, Period], ...]

    def period(self, usage: KeyUsage) -> Period | None:
        """Return when the key may be used so, or ``None`` where it may never."""
        return next((period for name, period in self.periods if name is usage), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryKeys:
    """All keys of one registry.

    :param registry: its base URL, without a slash at the end: what publish attestations must name.
    :param unusable: keys of a kind, or for a use, that we do not know.
    """

    registry: str
    keys: tuple[RegistryKey, ...]
    origin: Origin
    unusable: tuple[Unusable, ...] = ()

    def key(self, keyid: str) -> RegistryKey | None:
        """Return the key with exactly this id, or ``None``."""
        return next((key for key in self.keys if key.keyid == keyid), None)
