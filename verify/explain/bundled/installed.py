"""The locked packages that a bundle may hold, where an installation would put them."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError
from provenly.verify.explain.bundled.tree import specifiers
from provenly.verify.explain.memory import may_be_had_later

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.dependencies.model import Lock, LockedPackage

MAX_PACKAGES: Final = 1_500
"""Packages that are fetched for one bundle. A server with all cloud clients in it has some five hundred."""

MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes of their files."""

_ASIDE: Final = (".d.ts", ".d.mts", ".d.cts", ".map", ".md", ".markdown", ".flow", ".tsbuildinfo")
"""What no bundler reads of a package."""

_MACHINE: Final = (".node", ".exe", ".dll", ".so", ".dylib", ".tgz", ".gz", ".zip", ".mp4", ".pdf")
"""What goes into no bundle, and is large: with such files a tree has hundreds of megabytes."""

_PLATFORM: Final = re.compile(r"\b(?:darwin|win32|windows|linux|linuxmusl|android|freebsd|openbsd|netbsd|sunos|aix)\b")
"""What is in the names of optional packages that hold the programs of one system: nobody bundles those."""

_CHANGED: Final = MalformedError("the repository changes it", code="DEPENDENCY_PATCHED")
"""Why a patched package has no files here: what the registry has is not what is bundled."""

_TOO_LARGE: Final = MalformedError("the locked packages are larger than what is read", code="DEPENDENCY_LIMIT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """What an installation holds of what a bundle may be made of.

    :param files: by path in the repository.
    :param links: symbolic links, from a path to another.
    :param places: the folder of each package, in the repository, and the package.
    :param asked: the folders of all packages that were asked for, those that could not be had included.
    :param missing: the folders of those that could not be had, and why.
    :param problems: why packages are missing, the first few.
    :param unlooked: why one could not be looked at, where another try may bring it; else empty.
    """

    files: Mapping[str, bytes] = field(repr=False)
    links: Mapping[str, str] = field(repr=False)
    places: Mapping[str, LockedPackage] = field(repr=False)
    asked: frozenset[str] = field(default=frozenset(), repr=False)
    missing: Mapping[str, Error] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()
    unlooked: str = ""


def installed(
    lock: Lock,
    dependencies: Dependencies,
    sources: Mapping[str, bytes],
    outside: Iterable[str],
    more: Iterable[str] = (),
) -> Installed:
    """Return the packages that sources ask for, and all that these need.

    :param sources: the files of the repository, by path.
    :param outside: names of packages that stay outside of the bundle: they are not asked for.
    :param more: places that are wanted besides.
    :returns: what could be had; why the rest could not is among the problems.
    """
    left_out = frozenset(outside)
    asked = {name: folders for name, folders in specifiers(sources).items() if name not in left_out}
    starts = {
        place
        for name, folders in asked.items()
        for folder in folders
        if (place := lock.resolve(name, lock.below(folder))) is not None
    }
    places = _closure(lock, sorted(starts | set(more)), left_out)
    packages = [package for place in places if (package := lock.at(place)) is not None]
    files: dict[str, bytes] = {}
    kept: dict[str, LockedPackage] = {}
    problems: list[str] = []
    unlooked = ""
    missing: dict[str, Error] = {}
    registered = [package for package in packages[:MAX_PACKAGES] if not package.patched]
    changed = dict.fromkeys((package for package in packages if package.patched), _CHANGED)
    for package, found in {**dependencies.fetch(registered, _is_read), **changed}.items():
        folder = posixpath.join(lock.root, package.place)
        if isinstance(found, Error):
            missing[folder] = found
            if not package.optional:
                problems.append(f"{package.name}@{package.version} could not be had: {found.message}")
                if may_be_had_later(found):
                    unlooked = unlooked or problems[-1]
            continue
        kept[folder] = package
        files.update((posixpath.join(folder, path), data) for path, data in found.items())
    asked_for = frozenset(posixpath.join(lock.root, package.place) for package in packages)
    if sum(map(len, files.values())) > MAX_BYTES:
        return Installed(
            files={},
            links={},
            places={},
            asked=asked_for,
            missing=dict.fromkeys(asked_for, _TOO_LARGE),
            problems=(_TOO_LARGE.message,),
        )
    return Installed(
        files=files,
        links=_links(lock, kept),
        places=kept,
        asked=asked_for,
        missing=missing,
        problems=tuple(problems[:3]),
        unlooked=unlooked,
    )


def undeclared(lock: Lock, held: Installed, inputs: Mapping[str, bytes], outside: Iterable[str]) -> tuple[str, ...]:
    """Return the places of packages that code in a bundle asks for although nothing declares them.

    Some code tries whether a package happens to be there (``debug`` and ``supports-color``); what an installation has
    put where it is found gets into the bundle.

    :param inputs: the files that the bundle is made of, by path in the repository.
    """
    asked = _asked_for(lock, inputs, outside)
    return tuple(sorted(place for place in asked if posixpath.join(lock.root, place) not in held.asked))


def lacking(lock: Lock, held: Installed, inputs: Mapping[str, bytes], outside: Iterable[str]) -> Mapping[str, Error]:
    """Return the packages that code in a bundle asks for and that could not be had: ``name@version`` and why.

    Code that does without one, and code that finds another version further up, is made into another bundle than where
    all is installed.

    :param inputs: as of :func:`undeclared`.
    """
    places = sorted(_asked_for(lock, inputs, outside)) if held.missing else ()
    found = ((lock.at(place), held.missing.get(posixpath.join(lock.root, place))) for place in places)
    return {f"{package.name}@{package.version}": why for package, why in found if package and why}


def _asked_for(lock: Lock, inputs: Mapping[str, bytes], outside: Iterable[str]) -> frozenset[str]:
    """Return the places of the locked packages that code asks for."""
    left_out = frozenset(outside)
    return frozenset(
        place
        for name, folders in specifiers(inputs).items()
        if name not in left_out
        for folder in folders
        if (place := lock.resolve(name, lock.below(folder))) is not None and lock.at(place) is not None
        if not _is_machine_code(lock, place)
    )


def _is_read(path: str) -> bool:
    return not path.endswith((*_ASIDE, *_MACHINE))


def _is_machine_code(lock: Lock, place: str) -> bool:
    """Whether a place has an optional package that holds a program for one system, by its name."""
    package = lock.at(place)
    return package is not None and package.optional and bool(_PLATFORM.search(package.name))


def _closure(lock: Lock, starts: Iterable[str], left_out: frozenset[str]) -> tuple[str, ...]:
    """Return places and all that the packages there can come to import; what stays outside does so everywhere."""
    found: dict[str, None] = {}
    waiting = deque(starts)
    while waiting and len(found) < MAX_PACKAGES:
        place = waiting.popleft()
        if place in found or _is_machine_code(lock, place):
            continue
        found[place] = None
        needs = lock.needs.get(place)
        for name in needs.usual if needs is not None else ():
            if name not in left_out and (next_place := lock.resolve(name, place)) is not None:
                waiting.append(next_place)
    return tuple(found)


def _links(lock: Lock, kept: Mapping[str, LockedPackage]) -> Mapping[str, str]:
    """Return the links of the lockfile that lead to packages that are there."""
    found = {}
    for place, target in lock.links.items():
        link, goal = posixpath.join(lock.root, place), posixpath.join(lock.root, target)
        if goal in kept or lock.at(target) is None:
            found[link] = goal
    return found
