"""What bundles may be made of: the sources of the package, and the packages that its lockfile locks."""

from __future__ import annotations

import json
import posixpath
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.verify.comparison.manifest import load
from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.esbuild.releases import Release, nearest
from provenly.verify.explain.bundled.tree import package_tree, specifiers
from provenly.verify.explain.identical import BAIT
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

_TOOLING: Final = re.compile(r"\.(?:test|spec|stories|bench)\.")

_PLATFORM: Final = re.compile(
    r"(?:^|[-/@])(?:darwin|linux|linuxmusl|win32|freebsd|openbsd|netbsd|android|sunos|aix|wasm32)(?:[-/]|$)"
)
"""Names of optional packages that hold a program for one platform."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """What bundles are traced to.

    :param sources: files of the repository by path; package.json has the version of the release.
    :param packages: what may be in the bundles.
    :param lock: the lockfile; ``None`` where there is none.
    :param problem: why it cannot be read, or empty.
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
    sources = _sources(scene)
    try:
        lock, problem = lock_of(scene), ""
    except MalformedError as error:
        lock, problem = None, f"the lockfile cannot be read: {error.message}"
    directory = scene.source.directory
    packages: tuple[LockedPackage, ...] = ()
    if lock is not None:
        packages = lock.reachable(directory, above=True) if labelled else _imported(lock, sources, directory)
    return Corpus(sources=sources, packages=packages, lock=lock, problem=problem)


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

    :param until: the time (:func:`time.monotonic`) after which no further package is read.
    :ivar problems: ``name@version`` → why it could not be had.
    :ivar unlooked: those of them that another try may bring.
    """

    def __init__(self, dependencies: Dependencies, until: float) -> None:
        self._dependencies = dependencies
        self._until = until
        self.problems: dict[str, str] = {}
        self.unlooked: set[str] = set()

    def each(self, packages: Iterable[LockedPackage]) -> Iterator[tuple[LockedPackage, Files | Error]]:
        """Yield packages with their code, or with why they have none."""
        for package, found in self._dependencies.each(self._in_time(packages), is_code):
            files: Files | Error = found
            if time.monotonic() > self._until:
                files = UnavailableError("reading all dependencies takes too long here", code="TRACE_TIME")
            if isinstance(files, Error):
                name = f"{package.name}@{package.version}"
                self.problems[name] = files.message
                final = isinstance(files, NotFoundError | MalformedError) or files.code == "DEPENDENCY_ORIGIN"
                if isinstance(files, UnavailableError) and not final:
                    self.unlooked.add(name)
            yield package, files

    def _in_time(self, packages: Iterable[LockedPackage]) -> Iterator[LockedPackage]:
        """Yield packages as long as there is time, so that no more are fetched; then note the others as not read."""
        for package in packages:
            if time.monotonic() <= self._until:
                yield package
            else:
                name = f"{package.name}@{package.version}"
                self.problems[name] = "reading all dependencies takes too long here"
                self.unlooked.add(name)


def _sources(scene: Scene) -> Mapping[str, bytes]:
    """Return the code and the texts of the package, and of what it uses of its repository, but for tests."""
    tree, links = package_tree(scene)
    if not tree:
        raise MalformedError("the sources are more than is traced", code="TRACE_SOURCES")
    roots = (scene.source.directory, *links.values())
    texts = [path for path in scene.files if path.endswith(TEXT) and _is_below(path, roots)]
    found = {**scene.read(path for path in texts[:MAX_TEXTS] if _is_source(scene, path)), **tree}
    kept = {path: data for path, data in found.items() if _is_source(scene, path)}
    if sum(len(data) for path, data in kept.items() if is_code(path)) > MAX_CODE:
        raise MalformedError("the sources are more than is traced", code="TRACE_SOURCES")
    manifest = scene.beside("package.json")
    if manifest in kept:
        kept[manifest] = _versioned(kept[manifest], scene.artifact.package.version)
    return kept


def _is_source(scene: Scene, path: str) -> bool:
    """Whether bundles are made of a file: not of tests and examples, unless the package lies among them."""
    within = scene.inside(path)
    folders = {part.lower() for part in (path if within is None else within).split("/")[:-1]}
    return not folders & BAIT and not _TOOLING.search(posixpath.basename(path))


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return "node_modules" not in path.split("/") and any(not root or path.startswith(f"{root}/") for root in roots)


def _versioned(manifest: bytes, version: str) -> bytes:
    """Return a package.json with the version of the release: release tools set it, and bundlers copy it."""
    try:
        own = load(manifest, "package.json").get("version")
    except MalformedError:
        return manifest
    if not isinstance(own, str) or own == version:
        return manifest
    stated = re.compile(rb'("version"\s*:\s*)' + re.escape(json.dumps(own).encode()))
    return stated.sub(lambda match: match[1] + json.dumps(version).encode(), manifest, count=1)


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
