"""What bundles may be made of: the sources of the package, and the packages that its lockfile locks."""

from __future__ import annotations

import posixpath
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.esbuild.releases import Release, nearest
from provenly.verify.explain.bundled.tree import package_tree, specifiers
from provenly.verify.explain.identical import BAIT
from provenly.verify.explain.memory import may_appear, may_be_had_later
from provenly.verify.explain.scene import Scene
from provenly.verify.tracing.index import TEXT, is_code

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.dependencies.model import Lock, LockedPackage
    from provenly.verify.dependencies.unpack import Files

MAX_CODE: Final = 30_000_000
"""Bytes of code of the repository: a minute of work. The sources of a large server have five million."""

MAX_TEXTS: Final = 4_000
"""Files of texts, which bundlers make strings of."""

MAX_PACKAGES: Final = 3_000
"""Packages that are looked through where no comment of a bundle names any."""

_CHANGED: Final = MalformedError("the repository changes it", code="DEPENDENCY_PATCHED")
"""Why a patched package has no code here: what the registry has is not what is bundled."""

_LATE: Final = "reading all dependencies takes too long here"

_TOOLING: Final = re.compile(r"\.(?:test|spec|stories|bench)\.")

_PLATFORM: Final = re.compile(
    r"(?:^|[-/@])(?:darwin|linux|linuxmusl|win32|freebsd|openbsd|netbsd|android|sunos|aix|wasm32)(?:[-/]|$)"
)
"""Names of optional packages that hold a program for one platform."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """What bundles are traced to.

    :param sources: files of the repository by path.
    :param packages: what may be in the bundles.
    :param lock: the lockfile; ``None`` where there is none.
    :param problem: why there is none; empty where there is one.
    """

    sources: Mapping[str, bytes] = field(repr=False)
    packages: tuple[LockedPackage, ...] = field(repr=False)
    lock: Lock | None = field(repr=False)
    problem: str = ""


def corpus_of(scene: Scene, *, labelled: bool) -> Corpus:
    """Return what the bundles of a package may be made of.

    :param labelled: whether their comments name files: then only the packages that these name are read, and all that
        the package can see may be named. Else it is what the sources import, and what that needs.
    :raises MalformedError: the sources are more than is traced (``TRACE_SOURCES``).
    :raises UnavailableError: the source could not be read.
    """
    try:
        lock, problem = lock_of(scene), "no lockfile says which dependencies are in it"
    except MalformedError as error:
        lock, problem = None, f"the lockfile cannot be read: {error.message}"
    sources = _sources(scene, lock)
    directory = scene.source.directory
    packages: tuple[LockedPackage, ...] = ()
    if lock is not None:
        packages = lock.reachable(directory, above=True) if labelled else _imported(lock, sources, directory)
    return Corpus(sources=sources, packages=packages, lock=lock, problem="" if lock is not None else problem)


def locked(scene: Scene) -> Lock | None:
    """Return the lockfile; ``None`` where there is none that can be read.

    :raises UnavailableError: the source could not be read.
    """
    try:
        return lock_of(scene)
    except MalformedError:
        return None


def release_of(lock: Lock | None, directory: str) -> Release:
    """Return the release of esbuild that made a bundle, as far as the lockfile tells."""
    if lock is None:
        return nearest("")
    tsup = lock.find("tsup", directory)
    place = lock.resolve("esbuild", tsup.place) if tsup else None
    found = lock.at(place) if place is not None else lock.find("esbuild", directory)
    return nearest(found.version if found else "")


class Loader:
    """Gets the code of packages, and remembers why some have none.

    :param until: the time (:func:`time.monotonic`) after which no further package is read, at the very latest. What is
        looked at is counted in bytes elsewhere, so that time does not decide it.
    :ivar problems: ``name@version`` → why it could not be had.
    :ivar places: where the lockfile has those of them that may be there another time.
    :ivar unlooked: those of them that could not be looked at at all.
    """

    def __init__(self, dependencies: Dependencies, until: float) -> None:
        self._dependencies = dependencies
        self._until = until
        self.problems: dict[str, str] = {}
        self.places: dict[str, None] = {}
        self.unlooked: dict[str, None] = {}

    def each(self, packages: Iterable[LockedPackage]) -> Iterator[tuple[LockedPackage, Files | Error]]:
        """Yield packages with their code, or with why they have none."""
        wanted = list(packages)
        found = iter(self._dependencies.each(self._in_time(one for one in wanted if not one.patched), is_code))
        for package in wanted:
            if package.patched:
                yield package, self._noted(package, _CHANGED)
            elif (answer := next(found, None)) is not None:
                yield package, self._noted(package, answer[1])
            else:
                yield package, self._noted(package, UnavailableError(_LATE, code="TRACE_TIME"))

    def _noted(self, package: LockedPackage, found: Files | Error) -> Files | Error:
        """Remember why a package has no code."""
        if isinstance(found, Error):
            name = f"{package.name}@{package.version}"
            self.problems[name] = found.message
            if may_appear(found):
                self.places[package.place] = None
            if may_be_had_later(found):
                self.unlooked[name] = None
        return found

    def _in_time(self, packages: Iterable[LockedPackage]) -> Iterator[LockedPackage]:
        """Yield packages as long as there is time, so that no more are fetched."""
        return takewhile(lambda _: time.monotonic() <= self._until, packages)


def _sources(scene: Scene, lock: Lock | None) -> Mapping[str, bytes]:
    """Return the code and the texts of the package, and of what it uses of its repository, but for tests."""
    tree, links = package_tree(scene, lock)
    if not tree:
        raise MalformedError("the sources are more than is traced", code="TRACE_SOURCES")
    roots = (scene.source.directory, *links.values())
    texts = [path for path in scene.files if path.endswith(TEXT) and _is_below(path, roots)]
    found = {**scene.read(path for path in texts[:MAX_TEXTS] if _is_source(scene, path)), **tree}
    kept = {path: data for path, data in found.items() if _is_source(scene, path)}
    if sum(len(data) for path, data in kept.items() if is_code(path)) > MAX_CODE:
        raise MalformedError("the sources are more than is traced", code="TRACE_SOURCES")
    return kept


def _is_source(scene: Scene, path: str) -> bool:
    """Whether bundles are made of a file: not of tests and examples, unless the package lies among them."""
    within = scene.inside(path)
    folders = {part.lower() for part in (path if within is None else within).split("/")[:-1]}
    return not folders & BAIT and not _TOOLING.search(posixpath.basename(path))


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return "node_modules" not in path.split("/") and any(not root or path.startswith(f"{root}/") for root in roots)


def _imported(lock: Lock, sources: Mapping[str, bytes], directory: str) -> tuple[LockedPackage, ...]:
    """Return the packages that the sources import and that the package asks for, with all that these need."""
    start = lock.below(directory)
    own = lock.needs.get(start)
    asked = [(name, lock.below(folder)) for name, folders in specifiers(sources).items() for folder in folders]
    asked += [(name, start) for name in (own.usual if own else ())]
    waiting = deque(place for name, folder in asked if (place := lock.resolve(name, folder)) is not None)
    found: dict[str, LockedPackage] = {}
    seen: set[str] = set()
    while waiting and len(found) < MAX_PACKAGES:
        place = waiting.popleft()
        if place in seen:
            continue
        seen.add(place)
        package = lock.at(place)
        if package is not None and not (package.optional and _PLATFORM.search(package.name)):
            found[place] = package
        needs = lock.needs.get(place)
        names = needs.usual if needs else ()
        waiting.extend(there for name in names if (there := lock.resolve(name, place)) is not None)
    return tuple(found.values())
