"""The types of npm packages that declarations are inferred from: their ``.d.ts`` files, where they would be.

Which packages the lockfile says; which of them matter the sources do: what they import, what that imports in turn, and
the ambient ones (``@types/node``) that a configuration names or that lie where the compiler looks. They are fetched
only when something is left that nothing else explains, within limits; without them that stays unexplained.

Other packages of the repository have their declarations in no commit. With ``siblings`` they are those that the
registry has of the version which the repository states: then it is not the commit alone that fixes what comes out.
"""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError, NotFoundError, UsageError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.compiler.installed import Installed
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.dependencies.unlocked import Unlocked
from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.attempt import Attempt
from provenly.verify.explain.scene import Scene

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.dependencies.model import Lock

MAX_PACKAGES: Final = 400
"""Packages whose types are fetched. mongodb-mcp-server, which has the most that we know, needs some 150."""

MAX_BYTES: Final = 32_000_000
"""Bytes of all declarations: what the compiler's heap has room for beside the language's own."""

MAX_SECONDS: Final = 120.0
"""Seconds that fetching them may take."""

MAX_SAID: Final = 2
"""Reasons that are kept of why packages are missing."""

_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts")
_SPECIFIER: Final = re.compile(rb"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*["']([^"'\s.][^"'\s]{0,213})["']""")
_REFERENCE: Final = re.compile(rb"""///\s*<reference\s+types\s*=\s*["']([^"'\s]{1,213})["']""")
_AMBIENT: Final = "@types/"


class Types:
    """The declarations that a package's sources lead to: an :class:`~provenly.verify.compiler.installed.Installation`.

    :param scene: the package and its source.
    :param lock: what is installed for the package, or may have been.
    :param dependencies: where the packages come from.
    :param projects: the projects whose options name ambient types.
    :param sources: the sources whose imports count.
    :param siblings: whether other packages of the repository are taken from the registry.
    """

    def __init__(  # noqa: PLR0913 - what leads to types, and where these come from
        self,
        scene: Scene,
        lock: Lock | Unlocked,
        dependencies: Dependencies,
        projects: Iterable[Project],
        sources: Mapping[str, bytes],
        *,
        siblings: bool = False,
    ) -> None:
        self._scene = scene
        self._start = lock.below(scene.source.directory)
        self._lock = lock
        self._dependencies = dependencies
        self._projects = tuple(projects)
        self._sources = sources
        self._siblings = siblings
        self._files: dict[str, bytes] = {}
        self._places: dict[str, None] = {}
        self._size = 0
        self._missing: list[str] = []
        self._final = True
        self._installed: Installed | None = None

    @property
    def key(self) -> str:
        """The lockfile: it fixes the bytes of every package, and the sources are part of the result's own key.

        Without one, the manifests, which are among the sources, and the time decide. Other packages of the repository
        are what their manifests state.
        """
        if isinstance(self._lock, Unlocked):
            return f"unlocked {self._lock.when.isoformat()} {self._scene.source.directory}"
        folders = sorted(set(self._lock.links.values())) if self._siblings else ()
        manifests = (posixpath.join(self._lock.root, folder, "package.json") for folder in folders)
        stated = [self._scene.files[path] for path in manifests if path in self._scene.files]
        return " ".join((self._scene.files[self._lock.path], self._lock.path, self._start, *stated))

    @property
    def locked(self) -> bool:
        """Whether the commit alone fixes what the types are."""
        return not self._siblings and not isinstance(self._lock, Unlocked)

    @property
    def said(self) -> str:
        """What the types are, for people; nothing where a lockfile locks them."""
        if isinstance(self._lock, Unlocked):
            return f"with the newest types of npm packages at {self._lock.when:%Y-%m-%d}, which no lockfile fixes"
        return "with the types of packages of the repository as npm has them" if self._siblings else ""

    def lead_to_siblings(self) -> bool:
        """Whether sources import other packages of the repository."""
        if isinstance(self._lock, Unlocked):
            return False
        places = {self._lock.resolve(name, start) for name, start in _with_ambient(self._imported())}
        return any(place not in {None, self._start} and self._lock.at(place) is None for place in places if place)

    def installed(self) -> Installed:
        """Fetch the declarations, once. What cannot be had is missing: then less is explained."""
        if self._installed is None:
            self._scene.tools.progress.step("Fetching the types of npm packages")
            self._gather()
            self._scene.tools.progress.step("Compiling with the types of npm packages")
            missing = "; ".join(self._missing[:MAX_SAID])
            self._installed = Installed(files=self._files, links=self._links(), missing=missing, final=self._final)
        return self._installed

    def _gather(self) -> None:
        end = self._scene.tools.end(MAX_SECONDS)
        waiting: list[tuple[str, str]] = [(name, self._start) for name in _ambient(self._projects)]
        waiting += [(f"{_AMBIENT}{name}", self._start) for name in self._visible()]
        waiting += self._imported()
        while waiting and not self._full:
            if time.monotonic() > end:
                self._missing.append(f"fetching them took more than {MAX_SECONDS:g} seconds")
                self._final = False
                return
            waiting = list(self._round(waiting))
        if isinstance(self._lock, Unlocked):
            for error in self._lock.problems:
                self._lacks(error)
        if self._full:
            self._missing.append(f"they are more than {MAX_BYTES:,} bytes or {MAX_PACKAGES} packages")

    def _imported(self) -> Iterator[tuple[str, str]]:
        """Yield what the sources import, each with the folder that it is imported from."""
        for path, data in self._sources.items():
            if not path.endswith(".json"):
                start = self._lock.below(posixpath.dirname(path))
                yield from ((name, start) for name in _named(data))

    def _lacks(self, error: Error) -> None:
        """Keep why a package is missing. What the registry does not have it will not have later; others it may."""
        self._missing.append(error.message)
        self._final &= isinstance(error, NotFoundError | MalformedError | UsageError)

    @property
    def _full(self) -> bool:
        return self._size > MAX_BYTES or len(self._places) > MAX_PACKAGES

    def _visible(self) -> Iterator[str]:
        """Yield the names of ambient packages that lie where the compiler looks without being asked."""
        for place in (*(package.place for package in self._lock.packages), *self._lock.links):
            folder, _, name = place.rpartition(f"node_modules/{_AMBIENT}")
            if name and "/" not in name and f"{self._start}/".startswith(folder):
                yield name

    def _round(self, asked: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Fetch what is asked for, and yield what that asks for."""
        found = list(self._new(asked))
        for package, files in self._dependencies.each(found, _is_wanted):
            if isinstance(files, Error):
                self._lacks(files)
                continue
            if isinstance(self._lock, Unlocked):
                self._lock.learn(package.place, files)
            names: dict[str, None] = {}
            for path, data in files.items():
                self._size += len(data)
                self._files[posixpath.join(self._lock.root, package.place, path)] = data
                if path.endswith(_DECLARATIONS):
                    names |= dict.fromkeys(_named(data))
            if self._full:
                return
            yield from ((name, package.place) for name in names)

    def _new(self, asked: Iterable[tuple[str, str]]) -> Iterator[LockedPackage]:
        """Yield the packages that are asked for and were not before."""
        wanted = _with_ambient(asked)
        if isinstance(self._lock, Unlocked):
            self._lock.prepare(wanted)
        for name, start in wanted:
            place = self._lock.resolve(name, start)
            package = self._lock.at(place) or self._sibling(place) if place is not None else None
            if package is not None and package.place not in self._places:
                self._places[package.place] = None
                if package.patched:
                    self._missing.append(f"the repository changes {package.name}@{package.version}")
                else:
                    yield package

    def _sibling(self, folder: str) -> LockedPackage | None:
        """Return another package of the repository as the registry has it, of the version that its folder states."""
        path = posixpath.join(self._lock.root, folder, "package.json")
        if not self._siblings or folder == self._start:
            return None
        try:
            manifest = load(self._scene.read([path]).get(path, b"{}"), path)
        except MalformedError:
            return None
        name, version = manifest.get("name"), manifest.get("version")
        if not isinstance(name, str) or not isinstance(version, str):
            return None
        return LockedPackage(name=name, version=version, place=folder)

    def _links(self) -> Mapping[str, str]:
        root = self._lock.root
        return {
            posixpath.join(root, place): posixpath.join(root, target)
            for place, target in self._lock.links.items()
            if target in self._places
        }


def found_types(attempt: Attempt, projects: Iterable[Project], sources: Mapping[str, bytes]) -> tuple[Types, ...]:
    """Return the types that sources lead to, those first that the commit alone fixes; none where nothing says which.

    Where there is no lockfile, or none that can be read, they are those of the time of the publication.
    """
    scene = attempt.scene
    dependencies = scene.tools.dependencies
    if dependencies is None:
        return ()
    try:
        lock = lock_of(scene)
    except MalformedError as error:
        attempt.lacking = f"the types of npm packages are not known: {error.message}"
        lock = None
    if lock is None:
        published = scene.artifact.package.published
        if published is None:
            return ()
        unlocked = Unlocked(dependencies, _manifests(scene), published)
        return (Types(scene, unlocked, dependencies, projects, sources),)
    types = Types(scene, lock, dependencies, projects, sources)
    if not types.lead_to_siblings():
        return (types,)
    return types, Types(scene, lock, dependencies, projects, sources, siblings=True)


def _manifests(scene: Scene) -> Iterator[Mapping[str, Json]]:
    """Yield the manifests of the package's directory and of those above it."""
    folder = scene.source.directory
    while True:
        path = posixpath.join(folder, "package.json")
        with suppress(MalformedError):
            yield load(scene.read([path]).get(path, b"{}"), path)
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _is_wanted(path: str) -> bool:
    return path.endswith(_DECLARATIONS) or posixpath.basename(path) == "package.json"


def _named(data: bytes) -> Iterator[str]:
    """Yield the names of the packages that a text imports or refers to, each as often as it does."""
    for found in (*_SPECIFIER.findall(data), *_REFERENCE.findall(data)):
        parts = found.decode("utf-8", "replace").split("/")
        yield "/".join(parts[: 2 if parts[0].startswith("@") else 1])


def _ambient(projects: Iterable[Project]) -> Iterator[str]:
    """Yield the packages that the options of projects name: `types`, and where the functions behind JSX come from."""
    for project in projects:
        types = project.effective.get("types")
        yield from (name for name in (types if isinstance(types, tuple) else ()) if isinstance(name, str))
        if project.effective.get("jsx"):
            source = project.effective.get("jsxImportSource")
            yield source if isinstance(source, str) else "react"


def _with_ambient(asked: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is asked for, each once, and behind each what DefinitelyTyped has of it."""
    return [(each, start) for name, start in dict.fromkeys(asked) for each in (name, _ambient_name(name))]


def _ambient_name(name: str) -> str:
    """Return the package of DefinitelyTyped that has the types of another one."""
    return name if name.startswith(_AMBIENT) else _AMBIENT + name.removeprefix("@").replace("/", "__")
