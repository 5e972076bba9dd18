"""The shared cases of sigstore/sigstore-conformance, with the words with which the suite calls a client.

As its test/client.py does it: each case by path and by digest, with the suite's own identity and issuer unless a file
of the case says otherwise, or with a key; with the case's trusted root, or the public one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.cases import CASES

FOLDER = CASES / "conformance" / "bundle-verify"

IDENTITY = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
    ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
ISSUER = "https://token.actions.githubusercontent.com"

NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) if FOLDER.is_dir() else []


def words(name: str, *, by_digest: bool) -> list[str]:
    """Return the suite's words for a case."""
    folder = FOLDER / name
    found = ["verify-bundle", "--bundle", str(folder / "bundle.sigstore.json")]
    if (folder / "key.pub").is_file():
        found += ["--key", str(folder / "key.pub")]
    else:
        found += ["--certificate-identity", _text(folder / "identity", IDENTITY)]
        found += ["--certificate-oidc-issuer", _text(folder / "issuer", ISSUER)]
    if (folder / "trusted_root.json").is_file():
        found += ["--trusted-root", str(folder / "trusted_root.json")]
    artifact = folder / "artifact" if (folder / "artifact").is_file() else FOLDER / "a.txt"
    digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
    return [*found, f"sha256:{digest}" if by_digest else str(artifact)]


def _text(path: Path, default: str) -> str:
    return path.read_text().strip() if path.is_file() else default
