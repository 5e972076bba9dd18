"""Real bundles of the shared cases as plain JSON, so that a test can change a part, and what verifies them."""

import base64
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from provenly.trust.bundles.model import Bundle
from provenly.trust.bundles.read import read
from provenly.trust.errors import RejectedError
from provenly.trust.keys import PublicKey, from_pem
from provenly.trust.roots import npm_keys, trusted_root
from provenly.trust.roots.material import Material
from provenly.trust.roots.model import KeyUsage, TrustedRoot
from tests.cases import CASES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

SUITE = CASES / "conformance" / "bundle-verify"

ARTIFACT = SUITE / "a.txt"

GENUINE = (
    "mcp-server-filesystem-2026.7.10",
    "nuxt-3.13.0",
    "provenance-npm-test-1.0.3",
    "provenance-npm-test-1.0.5",
    "sigstore-0.4.0",
    "sigstore-1.3.0",
    "sigstore-2.3.1",
    "tuf-js-1.0.0",
)
"""The npm cases that must pass."""

Change = Callable[[Any], object]


@cache
def _loaded(path: Path) -> Any:
    return json.loads(path.read_bytes())


def suite(name: str) -> Any:
    """Return the bundle of a case of the conformance suite; the caller may change it."""
    return copy.deepcopy(_loaded(SUITE / name / "bundle.sigstore.json"))


def npm(name: str, index: int) -> Any:
    """Return one bundle of an npm case; the caller may change it."""
    return copy.deepcopy(_loaded(CASES / "npm" / name / "attestations.json")["attestations"][index]["bundle"])


def other(name: str) -> Any:
    return copy.deepcopy(_loaded(CASES / "other" / f"{name}.sigstore.json"))


def parsed(bundle: Any) -> Bundle:
    return read(json.dumps(bundle).encode(), what="the bundle")


def entry(bundle: Any) -> Any:
    return bundle["verificationMaterial"]["tlogEntries"][0]


def change_body(bundle: Any, change: Change) -> None:
    """Change the JSON of the log entry's body."""
    body = json.loads(base64.b64decode(entry(bundle)["canonicalizedBody"]))
    change(body)
    entry(bundle)["canonicalizedBody"] = base64.b64encode(json.dumps(body).encode()).decode()


def flipped(text: str) -> str:
    """Return canonical base64 of other bytes."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


@cache
def root(path: Path = CASES / "trust" / "trusted_root.json") -> TrustedRoot:
    return trusted_root.load(Material(data=path.read_bytes(), kind="file", place=path.name))


def suite_root(name: str) -> TrustedRoot:
    own = SUITE / name / "trusted_root.json"
    return root(own) if own.exists() else root()


def suite_key(name: str) -> PublicKey | None:
    own = SUITE / name / "key.pub"
    return from_pem(own.read_bytes(), what="the key") if own.exists() else None


def suite_artifact(name: str) -> bytes:
    own = SUITE / name / "artifact"
    return (own if own.exists() else ARTIFACT).read_bytes()


@cache
def _npm_keys() -> Any:
    path = CASES / "trust" / "npm-keys.tuf.json"
    return npm_keys.load(Material(data=path.read_bytes(), kind="file", place=path.name), "https://registry.npmjs.org")


def npm_keyring(hint: str, at: datetime) -> PublicKey:
    """Return npm's key for attestations with this id, as the code above the bundles does."""
    key = _npm_keys().key(hint)
    period = key.period(KeyUsage.ATTESTATIONS) if key else None
    if period is None or not period.covers(at):
        raise RejectedError(f"no key {hint} at {at}", code="TEST_KEYRING")
    return key.key
