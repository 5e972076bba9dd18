"""The comments in which a bundler names the file that follows, and the files that they name.

A comment proves nothing: it only says where to look first.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.tracing.resolve import Key

_MODULES: Final = "node_modules/"


def owner_of(package: LockedPackage) -> str:
    """Return how the files of a package are named: packages of one name and version have the same."""
    return f"{package.name}@{package.version}"


class Labels:
    """Finds the file of a comment.

    :param sources: the paths of the source.
    :param packages: what the lockfile locks.
    :param directory: the folder in which the bundler ran: what its comments are relative to.
    """

    def __init__(self, sources: Collection[str], packages: Sequence[LockedPackage], directory: str = "") -> None:
        self._sources = frozenset(sources)
        self._directory = directory
        self._places = {package.place: package for package in packages}
        self._names: dict[str, list[LockedPackage]] = {}
        for package in packages:
            self._names.setdefault(package.name, []).append(package)

    def package(self, label: str) -> tuple[LockedPackage, str] | None:
        """Return the package that a comment names, and the path in it."""
        at = label.rfind(_MODULES)
        if at < 0:
            return None
        parts = label[at + len(_MODULES) :].split("/")
        count = 2 if parts[0].startswith("@") else 1
        name, path = "/".join(parts[:count]), "/".join(parts[count:])
        place = (label[:at] + _MODULES + name).lstrip("./")
        package = self._places.get(place) or self._places.get(posixpath.join(self._directory, place))
        if package is None:
            named = self._names.get(name, [])
            fitting = [one for one in named if f"@{one.version}" in label[:at]] or named
            package = fitting[0] if len({one.version for one in fitting}) == 1 else None
        return (package, path) if package is not None and path else None

    def key(self, label: str) -> Key | None:
        """Return the file that a comment names, or ``None`` where there is no such file."""
        found = self.package(label)
        if found is not None:
            return owner_of(found[0]), found[1]
        path = posixpath.normpath(posixpath.join(self._directory, label))
        return ("", path) if path in self._sources else None

    def keys(self, labels: Collection[str]) -> Mapping[str, Key]:
        """Return the files that comments name."""
        return {label: key for label in labels if (key := self.key(label)) is not None}
