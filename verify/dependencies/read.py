"""Reading a lockfile of whatever package manager."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.manifest import load
from provenly.verify.dependencies import bun_lock, npm_lock, pnpm_lock, yarn_berry, yarn_classic
from provenly.verify.dependencies.build import refused
from provenly.verify.dependencies.manifests import Manifests
from provenly.verify.dependencies.model import Lock

MAX_BYTES: Final = 24 * 1024 * 1024
"""Bytes of a lockfile; those of large monorepos have some five megabytes."""

NAMES: Final = ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")
"""The lockfiles that are read, in the order in which they count where nothing else decides. npm itself reads
npm-shrinkwrap.json before package-lock.json."""

BINARY: Final = "bun.lockb"
"""The binary lockfile that Bun wrote until its version 1.2; only Bun can read it."""

_NO_MANIFESTS: Final[Mapping[str, bytes]] = MappingProxyType({})


def read(path: str, data: bytes, manifests: Mapping[str, bytes] = _NO_MANIFESTS) -> Lock:
    """Read a lockfile. The last few that were read are kept, so that each user of one need not hand it on.

    :param path: its path in the repository; its name tells its format.
    :param data: its bytes.
    :param manifests: package.json files of the repository by their paths, where they are at hand: yarn.lock does not
        say what the repository itself asks for, and ``packageManager`` tells pnpm's versions apart.
    :raises MalformedError: ``LOCKFILE_SIZE``, ``LOCKFILE_BINARY``, ``LOCKFILE_KIND`` for a name of no lockfile,
        ``LOCKFILE_VERSION``, ``LOCKFILE_FORMAT``, ``LOCKFILE_NAME`` and ``LOCKFILE_PLACE`` for packages that cannot be,
        ``LOCKFILE_LIMIT``, and the codes of the JSON and YAML readers.
    """
    return _read(path, data, tuple(sorted(manifests.items())))


@functools.lru_cache(maxsize=4)
def _read(path: str, data: bytes, manifests: tuple[tuple[str, bytes], ...]) -> Lock:
    if len(data) > MAX_BYTES:
        refused("SIZE", path, f"has {len(data):,} bytes, more than {MAX_BYTES:,}")
    name = posixpath.basename(path)
    if name == BINARY:
        refused("BINARY", path, "is in Bun's binary format, which only Bun reads; newer versions of Bun write bun.lock")
    beside = _beside(path, manifests)
    if name in {"package-lock.json", "npm-shrinkwrap.json"}:
        return npm_lock.read(path, data, beside, max_bytes=MAX_BYTES)
    if name == "pnpm-lock.yaml":
        return pnpm_lock.read(path, data, beside)
    if name == "bun.lock":
        return bun_lock.read(path, data, max_bytes=MAX_BYTES)
    if name != "yarn.lock":
        refused("KIND", path, "has no name of a lockfile that is known")
    if b"\n__metadata:" in b"\n" + data.replace(b"\r", b""):
        return yarn_berry.read(path, data, beside)
    return yarn_classic.read(path, data, beside)


def _beside(path: str, manifests: tuple[tuple[str, bytes], ...]) -> Manifests:
    """Return the manifests by their folders as seen from the lockfile; those that cannot be read say nothing."""
    root = posixpath.dirname(path)
    found = {}
    for where, data in manifests:
        directory = posixpath.dirname(where)
        if root and not f"{directory}/".startswith(f"{root}/"):
            continue
        try:
            found[directory[len(root) :].strip("/")] = load(data, where)
        except MalformedError:
            continue
    return MappingProxyType(found)
