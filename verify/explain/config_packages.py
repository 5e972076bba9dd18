"""The npm packages that a tsconfig.json extends: their JSON files, and nothing else of them.

The archive is fetched at the version and with the integrity that the lockfile of the source names. Where it names
none, the registry is asked for the range of the manifest, and its integrity holds. No file is run or written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import Error
from provenly.trust.model import Reference, Selector
from provenly.verify.context import Context
from provenly.verify.explain.lockfile import Locked
from provenly.verify.registry import names, npm, versions
from provenly.verify.tarball import archive

MAX_ARCHIVE: Final = 2 * 1024 * 1024
"""Bytes of the archive of a config package; honest ones have some ten kilobytes, those with lint rules a megabyte."""

MAX_JSON: Final = 256 * 1024
"""Bytes of one JSON file of a config package."""

MAX_PACKAGES: Final = 12
"""Config packages of one source; chains of them are two or three long."""


class ConfigPackages:
    """Fetches config packages, each once.

    :param context: whose transport and registries are asked.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[tuple[str, str], Mapping[str, bytes]] = {}

    def files(self, name: str, locked: Locked | None, wanted: str) -> Mapping[str, bytes]:
        """Return the JSON files of a package by their paths in it; empty where it cannot be had.

        :param name: the package; a name that no package can have is asked of nobody.
        :param locked: what the lockfile says of it, or ``None``.
        :param wanted: the range in the manifest, or empty; without it and a lock nothing is fetched.
        """
        if (
            names.fault(name)
            or not (locked or (wanted and versions.is_range(wanted)))
            or len(self._known) >= MAX_PACKAGES
        ):
            return MappingProxyType({})
        key = name, locked.version if locked else wanted
        if key not in self._known:
            try:
                self._known[key] = self._fetched(name, locked, wanted)
            except Error:
                # What extends it is then not known, and what it compiles to will not match.
                self._known[key] = MappingProxyType({})
        return self._known[key]

    def _fetched(self, name: str, locked: Locked | None, wanted: str) -> Mapping[str, bytes]:
        if locked and locked.integrity:
            base = self._context.registries.base(name)
            url = f"{base}/{name}/-/{name.rpartition('/')[2]}-{locked.version}.tgz"
            integrity, what = locked.integrity, f"{name}@{locked.version}"
        else:
            spec = locked.version if locked else wanted
            selector = Selector.EXACT if versions.parse_exact(spec) else Selector.RANGE
            reference = Reference(text=f"{name}@{spec}", name=name, selector=selector, spec=spec)
            package = npm.resolve(reference, self._context)
            url, integrity, what = package.url, package.integrity, f"{name}@{package.version}"
        expected = Digest.from_sri(integrity, what=what)
        what = f"the archive of {what}, which a tsconfig.json extends"
        data = self._context.transport.download(url, expected=expected, max_bytes=MAX_ARCHIVE, what=what)
        if Digest.of(data, expected.algorithm) != expected:
            return MappingProxyType({})
        found = archive.read_tarball(data, _no_ids).contents
        return MappingProxyType(
            {path: content for path, content in found.items() if path.endswith(".json") and len(content) <= MAX_JSON}
        )


def _no_ids(contents: Sequence[bytes]) -> Sequence[str]:
    """Return no object ids: nothing is compared with these files."""
    return [""] * len(contents)
