"""What a lockfile locks: packages, where an installation puts them, and who sees which.

A place is a path from the folder of the lockfile, as in an installed tree: ``node_modules/zod``. Who asks for a package
finds it as Node.js does (https://nodejs.org/api/modules.html#loading-from-node_modules-folders): in the
``node_modules`` beside itself, else in that of the folder above, and so on.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from provenly.verify.registry import versions

MAX_PACKAGES: Final = 40_000
"""Packages of one lockfile, each place counted. Those of the largest monorepos known have some ten thousand."""

MAX_LINKS: Final = 400_000
"""Links and stated dependencies of one lockfile: ten for each package."""

MAX_PLACE: Final = 1_024
"""Characters of a place. Nested trees of npm reach two hundred."""

_HOPS: Final = 8
"""Links that are followed from one place; package managers make links to folders, so one is usual."""


class Origin(StrEnum):
    """Where the files of a locked package come from."""

    REGISTRY = "registry"
    """The archive of this name and version, from the registry that is configured for the name."""
    ARCHIVE = "archive"
    """An archive at a URL that is not where a registry keeps this version."""
    GIT = "git"
    """A commit of a git repository."""
    FOLDER = "folder"
    """A folder or an archive of the repository itself."""
    HOLDER = "holder"
    """The archive of another package, which has it in its own ``node_modules`` ("bundled")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedPackage:
    """A package at a place.

    :param name: its real name, where the place has an alias.
    :param version: the exact version; of one that is no registry's, what the lockfile says instead, or empty.
    :param integrity: ``sha512-…``, or empty where the lockfile has none that is good enough.
    :param url: the address that the lockfile states; empty for the usual place of the configured registry.
    :param place: where it is installed.
    :param dev: whether only development dependencies lead to it.
    :param optional: whether an installation may leave it out: those of other platforms are among these.
    :param origin: where its files come from.
    :param patched: whether the repository changes its files, so that they are not the registry's.
    """

    name: str
    version: str
    integrity: str = ""
    url: str = ""
    place: str
    dev: bool = False
    optional: bool = False
    origin: Origin = Origin.REGISTRY
    patched: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """The names that a package asks for, in the order of the lockfile.

    :param usual: its dependencies, the optional ones and its peers among them.
    :param dev: those that only its development needs; packages of a registry have none.
    """

    usual: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A lockfile that was read.

    :param path: its path in the repository.
    :param kind: ``npm``, ``pnpm``, ``yarn``, ``yarn-berry`` or ``bun``.
    :param packages: what it locks, each place once.
    :param links: the symbolic links that the package manager would make: place → the place or folder that it leads to.
    :param needs: who asks for what: by the place of a package, or by the folder of a package of the repository, which
        is empty for that of the lockfile itself.
    :param asked: where the lockfile says it: ``name@range`` → place.
    """

    path: str
    kind: str
    packages: tuple[LockedPackage, ...] = field(repr=False)
    links: Mapping[str, str] = field(default_factory=_no_texts, repr=False)
    needs: Mapping[str, Needs] = field(repr=False)
    asked: Mapping[str, str] = field(default_factory=_no_texts, repr=False)
    _at: Mapping[str, LockedPackage] = field(init=False, repr=False, compare=False)
    _named: Mapping[str, tuple[LockedPackage, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the packages by place and by name."""
        named: dict[str, list[LockedPackage]] = {}
        for package in self.packages:
            named.setdefault(package.name, []).append(package)
        at = {package.place: package for package in self.packages}
        object.__setattr__(self, "_at", MappingProxyType(at))
        object.__setattr__(self, "_named", MappingProxyType({name: tuple(all_) for name, all_ in named.items()}))

    @property
    def root(self) -> str:
        """The folder of the lockfile in the repository; empty for the repository's own."""
        return posixpath.dirname(self.path)

    def below(self, directory: str) -> str:
        """Return a directory of the repository as seen from the lockfile's folder; empty for one outside of it."""
        if not self.root:
            return directory.strip("/")
        inside = f"{directory}/".startswith(f"{self.root}/")
        return directory[len(self.root) :].strip("/") if inside else ""

    def at(self, place: str) -> LockedPackage | None:
        """Return the package at a place, or ``None``."""
        return self._at.get(place)

    def resolve(self, name: str, start: str) -> str | None:
        """Return where ``name`` is for code in the folder ``start``, links followed; ``None`` where nowhere.

        :param start: from the lockfile's folder.
        :returns: the place of a package, or the folder of a package of the repository.
        """
        return next(iter(self._seen((name,), start)), None)

    def find(self, name: str, directory: str, wanted: str = "") -> LockedPackage | None:
        """Return what is locked of a package for whoever asks from a directory, or ``None``.

        A package that is installed nowhere above the directory is looked for in the whole lockfile, and the greatest
        version that satisfies ``wanted`` is taken: it is what its author most likely had.

        :param name: the name of the package, or its alias.
        :param directory: a directory of the repository.
        :param wanted: the range in the manifest there, or empty.
        """
        stated = self._at.get(self.asked.get(f"{name}@{wanted}", "")) if wanted else None
        if stated:
            return stated
        place = self.resolve(name, self.below(directory))
        if place is not None:
            return self._at.get(place)
        known = {package.version: package for package in reversed(self._named.get(name, ()))}
        fitting = versions.satisfying(known, wanted or "*") or versions.satisfying(known, "*")
        return known[fitting[0]] if fitting else None

    def reachable(self, directory: str, *, above: bool = False) -> tuple[LockedPackage, ...]:
        """Return the packages that code in a directory can come to import, each once.

        First the direct dependencies of the package in the directory, then what these lead to, then development
        dependencies of other packages of the repository that it uses.

        :param directory: a directory of the repository; where no package of the lockfile is there, that of the nearest
            folder above it which has one.
        :param above: whether what the packages in folders above ask for is added, last: Node.js finds that, too.
        """
        start = self.below(directory)
        while start and start not in self.needs:
            start = posixpath.dirname(start)
        found: dict[str, None] = {}
        own = self.needs.get(start, Needs())
        later = self._collect(self._seen((*own.usual, *own.dev), start), found)
        while later:
            later = self._collect([place for one in later for place in self._seen(self.needs[one].dev, one)], found)
        while above and start:
            start = posixpath.dirname(start)
            needs = self.needs.get(start, Needs())
            self._collect(self._seen((*needs.usual, *needs.dev), start), found)
        return tuple(package for place in found if (package := self._at.get(place)))

    def led_to(self, *, dev: bool = True, optional: bool = True) -> frozenset[str]:
        """Return the places that the packages of the repository lead to.

        :param dev: whether through their development dependencies, too.
        :param optional: whether through optional packages, too, and to them.
        """
        found: set[str] = set()
        waiting = [where for where in self.needs if where not in self._at]
        while waiting:
            place = waiting.pop()
            package = self._at.get(place)
            if place in found or (package and package.optional and not optional):
                continue
            found.add(place)
            needs = self.needs.get(place, Needs())
            waiting.extend(self._seen((*needs.usual, *(needs.dev if dev else ())), place))
        return frozenset(found)

    def _seen(self, names: Iterable[str], start: str) -> Iterator[str]:
        """Yield where each name is for code in ``start``; nothing for one that is nowhere."""
        levels = tuple(_levels(start))
        for name in names:
            for level in levels:
                place = self._follow(level + name)
                if place in self._at or place in self.needs:
                    yield place
                    break

    def _collect(self, places: Iterable[str], found: dict[str, None]) -> list[str]:
        """Add what ``places`` lead to, breadth first; return the packages of the repository that are new among it."""
        waiting = deque(places)
        folders = []
        while waiting:
            place = waiting.popleft()
            if place in found:
                continue
            found[place] = None
            if place not in self._at:
                folders.append(place)
            waiting.extend(self._seen(self.needs.get(place, Needs()).usual, place))
        return folders

    def _follow(self, place: str) -> str:
        for _ in range(_HOPS):
            if place not in self.links:
                break
            place = self.links[place]
        return place


def _levels(start: str) -> Iterator[str]:
    """Yield the ``node_modules/`` in which Node.js looks for what code in ``start`` asks for, the nearest first."""
    folder = start
    while folder:
        if posixpath.basename(folder) != "node_modules":
            yield f"{folder}/node_modules/"
        folder = posixpath.dirname(folder)
    yield "node_modules/"
