"""What provenly says of a bundle of the corpus."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from provenly.trust import keys as public_keys
from provenly.trust.bundles import read, verify
from provenly.trust.digest import Digest
from provenly.trust.errors import Error
from provenly.trust.roots import npm_keys, trusted_root
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import KeyUsage, TrustedRoot
from tests.differential import corpus

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@cache
def root_of(path: Path) -> TrustedRoot:
    return trusted_root.load(Material(data=path.read_bytes(), kind="file", place=path.name))


@cache
def registry_keys():
    material = Material(data=corpus.NPM_KEYS.read_bytes(), kind="file", place=corpus.NPM_KEYS.name)
    return npm_keys.load(material, "https://registry.npmjs.org")


def registry_key(hint, at):
    key = registry_keys().key(hint)
    period = key.period(KeyUsage.ATTESTATIONS) if key else None
    if key is None or period is None or not period.covers(at):
        raise Error("no such key")
    return key.key


def ours(item: corpus.Item) -> str:
    """Return why we refuse a bundle, or an empty text. Who signed it is not asked."""
    try:
        check(json.dumps(item.bundle), item)
    except Error as error:
        return f"{error.code}: {error.message}"
    return ""


def check(text: str, item: corpus.Item) -> None:
    """Parse and verify a bundle.

    The conformance suite gives an artifact for each bundle, of which only message signatures are about it.

    :raises Error: it does not hold.
    """
    artifact = item.artifact if "messageSignature" in item.bundle else None
    verify.verify(
        read.read(text.encode(), what=item.name),
        root_of(item.root),
        now=NOW,
        key=public_keys.from_pem(item.key.read_bytes(), what="key") if item.key else None,
        keyring=None if item.key else registry_key,
        artifact=Digest.of(artifact.read_bytes()) if artifact else None,
    )
