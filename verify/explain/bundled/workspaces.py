"""Which packages of its own repository a package is built with.

A folder whose manifest has the name of a dependency is not that dependency yet: a fixture may have any name. So it is
the lockfile that says which folder is linked for a name; where it does not know the name, or there is none, the
manifest that asks must mean a folder, or the repository must be one of several packages that use one another.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.explain.identical import BAIT
from provenly.verify.explain.scene import Scene
from provenly.verify.registry import versions

if TYPE_CHECKING:
    from provenly.verify.dependencies.model import Lock

MAX_PACKAGES: Final = 64
"""Packages of the repository that are taken along."""

MAX_MANIFESTS: Final = 400
"""Manifests of a repository that are read for the names of its packages."""

_TOGETHER: Final = ("pnpm-workspace.yaml", "lerna.json")
"""What says, like ``workspaces`` in the root's manifest, that a repository's packages use one another."""

_TABLES: Final = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_FOLDERS: Final = frozenset({"file", "link", "portal"})
_WORKSPACE: Final = "workspace"


def linked(scene: Scene, lock: Lock | None) -> Mapping[str, str]:
    """Return the folders of the packages of the repository that the package uses, and that those use, by name.

    :param lock: what is installed for the package.
    :raises UnavailableError: the source could not be read.
    """
    known = _Workspaces(scene, lock)
    used: dict[str, str] = {}
    waiting = [scene.source.directory]
    while waiting and len(used) < MAX_PACKAGES:
        asker = waiting.pop(0)
        for member in _TABLES:
            asked = known.manifests.get(asker, {}).get(member)
            for name, wanted in asked.items() if isinstance(asked, Mapping) else ():
                if name not in used and isinstance(wanted, str) and (folder := known.folder(name, wanted, asker)):
                    used[name] = folder
                    waiting.append(folder)
    return used


class _Workspaces:
    """The packages of a repository, by name.

    :ivar manifests: the package.json of each folder that has one.
    """

    def __init__(self, scene: Scene, lock: Lock | None) -> None:
        self._lock = lock
        self.manifests: dict[str, Mapping[str, Json]] = {}
        self._named: dict[str, list[str]] = {}
        paths = [path for path in scene.by_name.get("package.json", ()) if "node_modules" not in path]
        for path, data in scene.read(paths[:MAX_MANIFESTS]).items():
            try:
                found = self.manifests[posixpath.dirname(path)] = load(data, path)
            except MalformedError:
                continue
            name = found.get("name")
            if isinstance(name, str) and posixpath.dirname(path) != scene.source.directory:
                self._named.setdefault(name, []).append(posixpath.dirname(path))
        files = any(name in scene.files for name in _TOGETHER)
        self._together = files or "workspaces" in self.manifests.get("", {})

    def folder(self, name: str, wanted: str, asker: str) -> str:
        """Return the folder that is linked for a dependency; empty where it is none of the repository's.

        :param wanted: what the manifest in the folder ``asker`` says behind the name.
        """
        folders = self._named.get(name, ())
        place = self._lock.resolve(name, self._lock.below(asker)) if self._lock else None
        if self._lock is not None and place is not None:
            root = self._lock.root
            return next((folder for folder in folders if folder == posixpath.join(root, place).rstrip("/")), "")
        return next((folder for folder in folders if self._is_meant(wanted, asker, folder)), "")

    def _is_meant(self, wanted: str, asker: str, folder: str) -> bool:
        """Whether a package manager would link a folder for what a manifest asks for, where no lockfile knows it."""
        if {part.lower() for part in folder.split("/")} & BAIT - {part.lower() for part in asker.split("/")}:
            return False
        protocol, colon, rest = wanted.partition(":")
        if colon and protocol in _FOLDERS:
            return posixpath.normpath(posixpath.join(asker, rest)) == (folder or ".")
        if colon:
            return protocol == _WORKSPACE
        version = self.manifests[folder].get("version")
        return self._together and isinstance(version, str) and bool(versions.satisfying([version], wanted))
