"""Registry signatures: did the registry sign that this name and version is this archive?

npm signs ``name@version:integrity`` with ECDSA on P-256 and SHA-256 (https://docs.npmjs.com/about-registry-signatures;
npm/cli, ``pacote/lib/registry.js``). Such a signature carries no time: when it was made is only known from the
publish time that the registry states and nobody signs. It is held against the key's period all the same, as npm does;
what cannot be held against it is said (:attr:`Signed.strength`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.encoding import base64_bytes
from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.model import Note, RegistrySignature
from provenly.trust.roots.model import KeyUsage, Period, RegistryKey, RegistryKeys
from provenly.trust.text import show

MAX_SIGNATURES: Final = 16
"""Signatures of one version. npm makes one; while keys rotate, two."""

MAX_KEYID: Final = 128
"""Characters of a key's id. npm's are OpenSSH fingerprints with 50."""

MAX_SIGNATURE: Final = 72
"""Bytes of an ECDSA signature on P-256 in DER: two integers of at most 33 bytes with their heads (SEC 1, C.5)."""

SKEW: Final = timedelta(minutes=5)
"""How far in the future a publish time may lie: what clocks that are kept by NTP never differ by."""

EDGE: Final = timedelta(days=1)
"""How near to the end or beginning of its key's period a publish time is reported. Keys change every few years and
overlap by weeks; the time being unsigned, one that just fits is worth a look."""

_NAME: Final = re.compile(r"(?:@[^@:/\s]{1,214}/)?[^@:/\s]{1,214}")
"""A name with which the message has one reading: no colon, and ``@`` at the beginning only. What npm allows is less."""

_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]{1,256}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """What a registry signed holds.

    :param keyid: of the key that signed; of several, the first in the registry's order.
    :param keyids: of all keys that signed.
    :param strength: ``dated`` where the publish time is in the period of every key; ``undated`` where the registry
        states no publish time, so that a key could have been used after its end.
    :param notes: ``KEY_NEAR_EDGE``, ``SIG_UNDATED``, ``SIG_OTHER_KEY``.
    """

    keyid: str
    keyids: tuple[str, ...]
    strength: str
    notes: tuple[Note, ...] = ()


def verify(  # noqa: PLR0913 - what is signed, by whom, and when
    name: str,
    version: str,
    integrity: str,
    signatures: tuple[RegistrySignature, ...],
    keys: RegistryKeys,
    *,
    published: datetime | None,
    now: datetime,
) -> Signed:
    """Verify that a registry signed that ``name@version`` is the archive with this integrity.

    Every signature by a key that we know must hold, and there must be one. Whether the archive in hand *has* this
    integrity is not asked here.

    :param integrity: one sha512 value, in canonical Subresource Integrity spelling; it is a part of what is signed.
    :param signatures: as the registry serves them.
    :param published: when the registry says it was published; unsigned.
    :raises UnavailableError: no signature is by a key that we know (``SIG_UNKNOWN_KEY``).
    :raises RejectedError: a signature does not verify (``SIG_INVALID``); its key is not for signatures
        (``SIG_KEY_USAGE``) or not for this time (``SIG_KEY_PERIOD``); the publish time has not come yet
        (``SIG_FUTURE``).
    :raises MalformedError: the message cannot be made (``SIG_MESSAGE``, ``SIG_WEAK_MESSAGE``), or what is served as
        signatures are none (``SIG_FORMAT``, ``SIG_COUNT``).
    """
    # 1. What must have been signed.
    message = _message(name, version, integrity)
    # 2. How many there are, before any is looked at.
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise MalformedError(
            f"{len(signatures)} signatures are served; 1 to {MAX_SIGNATURES} are accepted", code="SIG_COUNT"
        )
    # 3. Those by keys that we know, and the form of each. Others may be of a form that we do not know either.
    found = [(key, one) for one in signatures if (key := keys.key(_keyid(one))) is not None]
    if not found:
        raise _unknown(signatures, keys)
    known = [(key, _signature(one)) for key, one in found]
    # 4. The publish time, which nobody signs.
    if published is not None and published > now + SKEW:
        raise RejectedError(
            f"the registry says that {show(name)}@{show(version)} was published at a time that has not come yet",
            code="SIG_FUTURE",
            expected=f"a time before {now:%Y-%m-%dT%H:%M:%SZ}",
            actual=f"{published:%Y-%m-%dT%H:%M:%SZ}",
            hint="A false time can hide that a key was used after its end: do not trust it.",
        )
    # 5. Each key: its usage, its period, its signature.
    notes: list[Note] = []
    for key, signature in known:
        notes += _check_key(key, published)
        key.key.verify(signature, message, what=f"the registry's signature by {key.keyid}", code="SIG_INVALID")
    # 6. What a reader should know.
    if published is None:
        text = "the registry states no publish time, so that the signature is not held against its key's period"
        notes.append(Note(code="SIG_UNDATED", text=text))
    if len(known) < len(signatures):
        others = ", ".join(show(one.keyid) for one in signatures if keys.key(one.keyid) is None)
        notes.append(Note(code="SIG_OTHER_KEY", text=f"signatures by keys that are not known were not read: {others}"))
    keyids = tuple(dict.fromkeys(key.keyid for key, _ in known))
    strength = "undated" if published is None else "dated"
    return Signed(keyid=keyids[0], keyids=keyids, strength=strength, notes=tuple(notes))


def _message(name: str, version: str, integrity: str) -> bytes:
    """Return what npm signs. Only with a strong digest in its one spelling does that say which archive is meant."""
    if not _NAME.fullmatch(name) or not name.isprintable() or not _VERSION.fullmatch(version):
        raise MalformedError(
            f"{show(name, limit=64)}@{show(version, limit=64)} is no name and version that can be signed",
            code="SIG_MESSAGE",
        )
    what = f"{name}@{version}"
    try:
        digest = Digest.from_sri(integrity, what=what)
    except MalformedError as error:
        code = "SIG_WEAK_MESSAGE" if error.code == "INTEGRITY_WEAK" else "SIG_MESSAGE"
        raise MalformedError(f"what is signed says no archive: {error.message}", code=code) from error
    if digest.algorithm != "sha512" or digest.sri != integrity:
        raise MalformedError(
            f"what is signed for {what} is not one sha512 value",
            code="SIG_MESSAGE" if digest.algorithm == "sha512" else "SIG_WEAK_MESSAGE",
        )
    return f"{name}@{version}:{integrity}".encode()


def _keyid(one: RegistrySignature) -> str:
    if not one.keyid or len(one.keyid) > MAX_KEYID:
        raise MalformedError(
            f"a signature of the registry names a key with {len(one.keyid):,} characters", code="SIG_FORMAT"
        )
    return one.keyid


def _signature(one: RegistrySignature) -> bytes:
    """Return the bytes of a signature by a key on P-256, and refuse what cannot be one."""
    try:
        return base64_bytes(one.signature, what="a signature of the registry", max_bytes=MAX_SIGNATURE)
    except MalformedError as error:
        raise MalformedError(error.message, code="SIG_FORMAT") from error


def _check_key(key: RegistryKey, published: datetime | None) -> tuple[Note, ...]:
    """Check that a key was good for signatures when the version was published; report one that only just was."""
    period = key.period(KeyUsage.SIGNATURES)
    if period is None:
        raise RejectedError(
            f"the version is signed by {key.keyid}, which is not a key for signatures of versions",
            code="SIG_KEY_USAGE",
            expected=KeyUsage.SIGNATURES,
            actual=", ".join(sorted(key.usages)) or "none",
            hint="A key that is used for what it is not meant for may be in other hands: do not trust it.",
        )
    if published is None:
        return ()
    if not period.covers(published) or published == period.end:  # the end does not belong to it, as in npm's own client
        raise RejectedError(
            f"the version is signed by {key.keyid}, which was not in use when it was published",
            code="SIG_KEY_PERIOD",
            expected=f"a time from {period}",
            actual=f"{published:%Y-%m-%dT%H:%M:%SZ}",
            hint="Some mirrors state times of their own; verify against the registry itself. If that states this time, "
            "do not trust the version.",
        )
    if not _is_near_edge(period, published):
        return ()
    text = f"the version was published within a day of the beginning or end of its key {key.keyid}"
    return (Note(code="KEY_NEAR_EDGE", text=text),)


def _is_near_edge(period: Period, at: datetime) -> bool:
    return any(edge is not None and abs(edge - at) <= EDGE for edge in (period.start, period.end))


def _unknown(signatures: tuple[RegistrySignature, ...], keys: RegistryKeys) -> UnavailableError:
    names = ", ".join(show(one.keyid, limit=MAX_KEYID) for one in signatures)
    return UnavailableError(
        f"the version is signed by {names}, of which no key of {keys.registry} is known",
        code="SIG_UNKNOWN_KEY",
        hint="The registry may have a new key: run provenly trust update, or name a file of its keys with --npm-keys.",
    )
