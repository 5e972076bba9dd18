"""The documents of trust that are part of this release.

They are what the public-good instance of Sigstore published through its TUF repository (sigstore/root-signing): its
trusted root, npm's keys from the role delegated to the npm registry, and the TUF root from which refreshing starts.
Their digests are written here and held against what is read, so that neither a damaged nor an edited installation is
believed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError
from provenly.trust.roots.material import Material
from provenly.version import VERSION

NPM_REGISTRY: Final = "https://registry.npmjs.org"
"""The base URL of npm's public registry, whose keys are embedded."""

PUBLIC_URL: Final = "https://tuf-repo-cdn.sigstore.dev"
"""Where the public-good instance of Sigstore serves the TUF repository that the embedded documents come from."""

EMBEDDED_AT: Final = datetime(2026, 11, 22, tzinfo=UTC)
"""When the documents were taken into this release. Whoever replaces one of them sets it anew."""

TUF_ROOT_VERSION: Final = 14
"""The version of the embedded TUF root. Earlier ones use a form that python-tuf does not read."""

DIGESTS: Final = {
    "trusted_root.json": "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66",
    "npm-keys.json": "160677eb6e1c7083c89b166b20f8fe4e837fb71181506aff1991b80b89184f7d",
    "tuf-root.json": "c8c41ec13f06ccabf5b48541ee2550098b4c7b5349e1d180390c29a7d5c2642c",
}
"""sha256 of each embedded document."""


def trusted_root() -> Material:
    """Return the trusted root of the public-good instance of Sigstore.

    :raises UnavailableError: the installation is damaged (``TRUST_EMBEDDED``).
    """
    return _material("trusted_root.json")


def npm_keys() -> Material:
    """Return the keys of :data:`NPM_REGISTRY`.

    :raises UnavailableError: the installation is damaged (``TRUST_EMBEDDED``).
    """
    return _material("npm-keys.json")


def tuf_root() -> bytes:
    """Return the TUF root of the public-good instance, version :data:`TUF_ROOT_VERSION`.

    :raises UnavailableError: the installation is damaged (``TRUST_EMBEDDED``).
    """
    return _read("tuf-root.json")


def _material(name: str) -> Material:
    return Material(data=_read(name), kind="embedded", place=f"provenly {VERSION}", obtained=EMBEDDED_AT)


def _read(name: str) -> bytes:
    from importlib import resources

    hint = "Install provenly again."
    try:
        data = resources.files("provenly.trust.roots").joinpath("data", name).read_bytes()
    except OSError as error:
        message = f"the embedded {name} cannot be read: {error.strerror or error}"
        raise UnavailableError(message, code="TRUST_EMBEDDED", hint=hint) from error
    found = Digest.of(data).hex
    if found != DIGESTS[name]:
        message = f"the embedded {name} has the sha256 {found}; this release was made with {DIGESTS[name]}"
        raise UnavailableError(message, code="TRUST_EMBEDDED", hint=hint)
    return data
