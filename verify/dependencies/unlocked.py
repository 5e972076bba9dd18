"""Packages that no lockfile fixes: the newest versions that ranges let through at the time of a publication.

It has the members of a :class:`~provenly.verify.dependencies.model.Lock` by which the types of packages are found, but
learns what packages ask for while they are fetched. Where a package lies is what npm does first of all: at the top,
and below the one who asks where another version is at the top.

Nobody promises that the author had these versions, and whoever publishes one of them decides what it is: it is good for
finding out what a compiler makes of types, where equal bytes decide, and never for code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.registry import versions

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies

WORKERS: Final = 4
"""Packages whose versions are asked for at the same time, as in :mod:`~provenly.verify.dependencies.fetch`."""

_OWN: Final = ("peerDependencies", "optionalDependencies", "devDependencies", "dependencies")
_OTHERS: Final = ("peerDependencies", "optionalDependencies", "dependencies")
_TOP: Final = "node_modules/"


class Unlocked:
    """What an installation would have brought at a time.

    :param dependencies: asks the registry.
    :param manifests: the package.json of the package, and those above it, whose ranges count less.
    :param when: the time after which nothing was published.
    """

    root: Final = ""
    links: Final[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, dependencies: Dependencies, manifests: Iterable[Mapping[str, Json]], when: datetime) -> None:
        self._dependencies = dependencies
        self.when = when
        self._asked: dict[str, Mapping[str, str]] = {"": {}}
        for manifest in manifests:
            self._asked[""] = {**_ranges(manifest, _OWN), **self._asked[""]}
        self._at: dict[str, LockedPackage] = {}
        self._newest: dict[tuple[str, str], LockedPackage | Error] = {}

    @property
    def packages(self) -> tuple[LockedPackage, ...]:
        """The ambient types that the package itself asks for."""
        named = [name for name in self._asked[""] if name.startswith("@types/")]
        self.prepare((name, "") for name in named)
        places = [self.resolve(name, "") for name in named]
        return tuple(self._at[place] for place in places if place)

    def below(self, directory: str) -> str:
        """Return the folder that code in a directory of the repository asks from: all is at the top."""
        del directory
        return ""

    def at(self, place: str) -> LockedPackage | None:
        """Return the package at a place, or ``None``."""
        return self._at.get(place)

    def resolve(self, name: str, start: str) -> str | None:
        """Return where ``name`` is for the package at the place ``start``, or for the own one where that is empty.

        What nobody asks for is where somebody else brought it.
        """
        top = self._at.get(_TOP + name)
        wanted = self._asked.get(start, {}).get(name)
        if wanted is None or (top and versions.satisfying((top.version,), wanted)):
            return top.place if top else None
        place = f"{start}/{_TOP}{name}" if top and start else _TOP + name
        if place not in self._at:
            self.prepare([(name, start)])
            found = self._newest[name, wanted]
            if isinstance(found, Error):
                return None
            self._at[place] = LockedPackage(
                name=name, version=found.version, integrity=found.integrity, url=found.url, place=place
            )
        return place

    def prepare(self, asked: Iterable[tuple[str, str]]) -> None:
        """Ask for the versions of several names at once, each as seen from a place."""
        wanted = dict.fromkeys(
            (name, text) for name, start in asked if (text := self._asked.get(start, {}).get(name)) is not None
        )
        new = [pair for pair in wanted if pair not in self._newest]
        if new:
            with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="versions") as pool:
                self._newest.update(zip(new, pool.map(self._ask, new), strict=True))

    def learn(self, place: str, files: Mapping[str, bytes]) -> None:
        """Read what a package that was fetched asks for; one whose manifest cannot be read asks for nothing."""
        try:
            manifest = load(files.get("package.json", b"{}"), "package.json")
        except MalformedError:
            return
        self._asked[place] = dict(_ranges(manifest, _OTHERS))

    def _ask(self, pair: tuple[str, str]) -> LockedPackage | Error:
        try:
            return self._dependencies.newest(*pair, self.when)
        except Error as error:
            return error

    @property
    def problems(self) -> Iterator[Error]:
        """Why versions are not known."""
        return (found for found in self._newest.values() if isinstance(found, Error))


def _ranges(manifest: Mapping[str, Json], members: Iterable[str]) -> Mapping[str, str]:
    """Return the ranges by name, those of later members winning."""
    found: dict[str, str] = {}
    for member in members:
        table = manifest.get(member)
        if isinstance(table, Mapping):
            found |= {name: wanted for name, wanted in table.items() if isinstance(wanted, str)}
    return found
