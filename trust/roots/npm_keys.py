"""Reading the keys of an npm registry, in both forms in which they are served.

The TUF form (the target ``registry.npmjs.org/keys.json``) lists a key once for each use, with its period; the form of
the API (``/-/npm/v1/keys``) lists it once, with neither a use nor a start. An id has to be the key's own fingerprint,
so that no document can give one key's signatures to another's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from provenly.trust import strict_json
from provenly.trust.encoding import items, members, text, time
from provenly.trust.errors import MalformedError
from provenly.trust.keys import PublicKey, Scheme
from provenly.trust.roots import reading
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import KeyUsage, Period, RegistryKey, RegistryKeys, Unusable
from provenly.trust.strict_json import Json

MAX_KEYS: Final = 64
"""Entries of one document. npm has had two keys in its life, each listed for two uses."""

MAX_KEY_ID: Final = 128
"""Characters of a key's id; a fingerprint has 50."""

API_TYPE: Final = "ecdsa-sha2-nistp256"
"""The ``keytype`` and ``scheme`` of the API's form that we accept: ECDSA on P-256 with SHA-256."""

_TUF: Final = frozenset({"keyId", "keyUsage", "publicKey"})
_API: Final = frozenset({"expires", "keyid", "keytype", "scheme", "key"})
_PUBLIC_KEY: Final = frozenset({"rawBytes", "keyDetails", "validFor"})


@lru_cache(maxsize=8)  # a pure function of frozen bytes
def load(material: Material, registry: str) -> RegistryKeys:
    """Read the keys of the registry with the base URL ``registry``.

    Steps: (1) no private key, strict JSON within the limits; (2) one form throughout; (3) each key: its kind, its
    period, its id, which must be its fingerprint; (4) entries of one id name one key, and each use once.

    :raises MalformedError: a step failed: ``KEY_IS_PRIVATE``, ``JSON_…``, ``B64_…``, ``KEY_…`` or ``TRUST_…``.
    """
    what = "the file of registry keys"
    # Step 1.
    if b"PRIVATE KEY-----" in material.data:
        raise MalformedError(f"{what} holds a private key", code="KEY_IS_PRIVATE", hint="Give the public keys only.")
    document = members(
        strict_json.loads(material.data, what=what, max_bytes=reading.MAX_DOCUMENT), what=what, code="TRUST_FORM"
    )
    entries = items(document.get("keys"), what=f"keys of {what}", code="TRUST_FORM", least=1, most=MAX_KEYS)
    # Steps 2 and 3.
    first = members(entries[0], what=f"keys[0] of {what}", code="TRUST_FORM")
    read = _tuf_key if "keyId" in first else _api_key
    found = [read(entry, f"keys[{index}] of {what}") for index, entry in enumerate(entries)]
    unusable = tuple(entry for entry in found if isinstance(entry, Unusable))
    # Step 4.
    merged: dict[str, RegistryKey] = {}
    for entry in found:
        if isinstance(entry, RegistryKey):
            known = merged.get(entry.keyid)
            merged[entry.keyid] = _merged(known, entry, what) if known else entry
    if not merged:
        raise MalformedError(f"{what} has no key that we can use", code="TRUST_EMPTY")
    return RegistryKeys(registry=registry, keys=tuple(merged.values()), origin=material.origin, unusable=unusable)


def _merged(known: RegistryKey, more: RegistryKey, what: str) -> RegistryKey:
    """Return one key for two entries with its id; the ids being fingerprints, it is the same key."""
    if known.usages & more.usages:
        raise MalformedError(f"{what} lists the key {known.keyid} twice for one use", code="TRUST_DUPLICATE")
    return RegistryKey(
        keyid=known.keyid,
        key=known.key,
        usages=known.usages | more.usages,
        periods=known.periods + more.periods,
    )


def _tuf_key(value: Json, what: str) -> RegistryKey | Unusable:
    entry = reading.closed(value, what=what, known=_TUF)
    keyid = _keyid(entry, "keyId", what)
    public = reading.closed(entry.get("publicKey"), what=what, known=_PUBLIC_KEY)
    period = reading.period(public.get("validFor"), what=f"the period of {what}")
    usage = text(entry.get("keyUsage"), what=f"keyUsage of {what}", code="TRUST_FORM")
    key = reading.key(public.get("rawBytes"), public.get("keyDetails"), what=what)
    if not isinstance(key, str) and key.scheme is not Scheme.ECDSA_P256:
        key = f"its key is of the kind {key.scheme}; registries sign with ECDSA on P-256 only"
    if isinstance(key, str):
        return Unusable(kind="keys", url="", name=keyid, reason=key)
    _check_id(keyid, key, what)
    if usage not in set(KeyUsage):
        return Unusable(kind="keys", url="", name=keyid, reason=f"its use {usage[:60]} is not one that we know")
    use = KeyUsage(usage)
    return RegistryKey(keyid=keyid, key=key, usages=frozenset({use}), periods=((use, period),))


def _api_key(value: Json, what: str) -> RegistryKey | Unusable:
    entry = reading.closed(value, what=what, known=_API)
    keyid = _keyid(entry, "keyid", what)
    end = time(entry["expires"], what=f"the end of {what}") if "expires" in entry else None
    kinds = {text(entry.get(name), what=f"{name} of {what}", code="TRUST_FORM")[:60] for name in ("keytype", "scheme")}
    if kinds != {API_TYPE}:
        reason = f"its key is of the kind {', '.join(sorted(kinds))}, which is not accepted"
        return Unusable(kind="keys", url="", name=keyid, reason=reason)
    key = reading.key(entry.get("key"), "PKIX_ECDSA_P256_SHA_256", what=what)
    if isinstance(key, str):
        return Unusable(kind="keys", url="", name=keyid, reason=key)
    _check_id(keyid, key, what)
    period = Period(start=None, end=end)
    return RegistryKey(
        keyid=keyid, key=key, usages=frozenset(KeyUsage), periods=tuple((use, period) for use in KeyUsage)
    )


def _keyid(entry: Mapping[str, Json], name: str, what: str) -> str:
    keyid = text(entry.get(name), what=f"{name} of {what}", code="TRUST_FORM")
    if len(keyid) > MAX_KEY_ID:
        raise MalformedError(f"{name} of {what} has {len(keyid):,} characters", code="TRUST_KEY_ID")
    return keyid


def _check_id(keyid: str, key: PublicKey, what: str) -> None:
    """Hold a key's id to its fingerprint."""
    if keyid != key.fingerprint:
        raise MalformedError(
            f"{what} is called {keyid}; the fingerprint of the key is {key.fingerprint}", code="TRUST_KEY_ID"
        )
