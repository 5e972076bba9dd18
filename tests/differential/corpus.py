"""Every bundle of the shared cases, with the root, the keys and the artifact that it is to be held against."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cases import CASES

ROOT = CASES / "trust" / "trusted_root.json"
STAGING = CASES / "trust" / "trusted_root.staging.json"
NPM_KEYS = CASES / "trust" / "npm-keys.tuf.json"
SUITE = CASES / "conformance" / "bundle-verify"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One bundle.

    :param name: where it is from.
    :param bundle: as parsed JSON.
    :param root: the path of the trusted root.
    :param key: the path of a key in PEM that signs, or ``None``.
    :param artifact: the path of what a message signature is over, or ``None``.
    """

    name: str
    bundle: Any
    root: Path
    key: Path | None = None
    artifact: Path | None = None


def items() -> Iterator[Item]:
    """Yield all bundles that are JSON."""
    for folder in sorted((CASES / "npm").iterdir()):
        document = json.loads((folder / "attestations.json").read_bytes())
        for attestation in document["attestations"]:
            name = f"npm/{folder.name}/{attestation['predicateType'].split('/')[-2]}"
            yield Item(name=name, bundle=attestation["bundle"], root=ROOT)
    for folder in sorted(path for path in SUITE.iterdir() if path.is_dir()):
        try:
            bundle = json.loads((folder / "bundle.sigstore.json").read_bytes())
        except ValueError:
            continue
        own, key, artifact = folder / "trusted_root.json", folder / "key.pub", folder / "artifact"
        yield Item(
            name=f"conformance/{folder.name}",
            bundle=bundle,
            root=own if own.exists() else ROOT,
            key=key if key.exists() else None,
            artifact=artifact if artifact.exists() else SUITE / "a.txt",
        )
    for path in sorted((CASES / "other").glob("*.json")):
        root = STAGING if "staging" in path.name else ROOT
        yield Item(name=f"other/{path.name}", bundle=json.loads(path.read_bytes()), root=root)


def for_node(item: Item) -> dict[str, Any]:
    """Return an item as ``sigstore_js.cjs`` takes it."""
    return {
        "bundle": item.bundle,
        "root": json.loads(item.root.read_bytes()),
        "keys": _keys(item),
        **({"artifact": base64.b64encode(item.artifact.read_bytes()).decode()} if item.artifact else {}),
    }


def _keys(item: Item) -> dict[str, dict[str, str | None]]:
    """Return the keys by hint: the one that is given, or npm's for attestations."""
    if item.key is not None:
        hint = item.bundle["verificationMaterial"].get("publicKey", {}).get("hint", "")
        lines = item.key.read_text().split()
        body = "".join(line for line in lines if not line.startswith("-----") and line not in {"PUBLIC", "KEY-----"})
        return {hint: {"spki": body, "start": "1970-01-01T00:00:00Z", "end": None}}
    keys = json.loads(NPM_KEYS.read_bytes())["keys"]
    return {
        key["keyId"]: {
            "spki": key["publicKey"]["rawBytes"],
            "start": key["publicKey"]["validFor"]["start"],
            "end": key["publicKey"]["validFor"].get("end"),
        }
        for key in keys
        if key["keyUsage"] == "npm:attestations"
    }
