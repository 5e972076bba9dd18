"""The TypeScript projects of a package, as the source has them: which there are, and what they are made of.

1. Projects that the manifest's scripts build (`tsc -p`, `tsc -b`), those of the root's manifest where they lie in the
   package's directory, then every other tsconfig*.json of the directory, and what `-b` refers to. A package can be
   packed of several packages of its repository (``cli/build``, ``server/build``): each folder that has packed files and
   a manifest or a configuration of its own is read likewise.
2. Of each the chain of `extends`, through files, packages of the repository, and npm packages at the lockfile's
   version, and the options that come out of it.

All of it is read as data, breadth first, so that each level of a chain is one request to the repository.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import Error, MalformedError
from provenly.trust.model import nothing
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.dependencies.model import Lock, LockedPackage
from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.explain.config_paths import aliases, is_config, nested, order, placed, texts
from provenly.verify.explain.identical import BAIT
from provenly.verify.explain.jsonc import config
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.tsc_commands import Call, calls

MAX_CONFIGS: Final = 120
"""Configurations that are read for one package, with what they extend and refer to."""

MAX_PACKAGES: Final = 12
"""npm packages that configurations extend; chains of them are two or three long."""

MAX_ARCHIVE: Final = 2 * 1024 * 1024
"""Bytes of the archive of such a package; honest ones have some ten kilobytes, those with lint rules a megabyte."""

MAX_JSON: Final = 256 * 1024
"""Bytes of one JSON file of such a package."""

MAX_CHAIN: Final = 12
"""Levels of `extends`; real ones have up to four."""

_PATHS: Final = frozenset({"outDir", "rootDir", "declarationDir", "baseUrl", "sourceRoot", "mapRoot"})
"""Options whose value is a path, from the directory of whoever states it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A project that may have made packed files.

    :param config: the path of its configuration in the repository.
    :param options: its compiler options, `extends` resolved; paths are from the root of the repository.
    :param overrides: options of the command line, with paths from the root (``/dist``).
    :param script: the script that builds it, or empty.
    :param reach: folders and files that it names, from the root: `include`, `files`, `references`, `paths`.
    :param chain: its configuration and all that it extends, directly or not, from the root.
    """

    config: str
    options: Mapping[str, Json] = field(repr=False)
    overrides: Mapping[str, Json] = field(default_factory=nothing)
    script: str = ""
    reach: tuple[str, ...] = field(default=(), repr=False)
    chain: tuple[str, ...] = field(default=(), repr=False)

    @property
    def directory(self) -> str:
        """The directory of its configuration."""
        return posixpath.dirname(self.config)

    @property
    def effective(self) -> Mapping[str, Json]:
        """The options with those of the command line on top."""
        paths = {name: value.lstrip("/") for name, value in self.overrides.items() if isinstance(value, str)}
        return {**self.options, **self.overrides, **{name: paths[name] for name in _PATHS & paths.keys()}}

    @property
    def out(self) -> str | None:
        """Where it writes to, from the root; ``None`` where it writes beside its sources."""
        value = self.effective.get("outDir")
        return value if isinstance(value, str) else None


class Projects:
    """Finds the projects of a scene's package.

    :param scene: the package and its source.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._configs: dict[str, Mapping[str, Json]] = {}
        self._foreign: dict[str, bytes] = {}
        self._named: dict[str, str] | None = None
        self._nested = nested(scene)
        self._registered: set[str] = set()
        found = scene.read(self._manifest_paths())
        self.manifests: Mapping[str, Mapping[str, Json]] = MappingProxyType(
            {path: _manifest(found[path], path) for path in self._manifest_paths() if path in found}
        )
        self._lock = _lock(scene)

    @property
    def foreign(self) -> Mapping[str, bytes]:
        """The JSON files of npm packages that a chain needed, by where they would be installed."""
        return MappingProxyType(self._foreign)

    def compiler(self) -> str:
        """Return the version of TypeScript that the package is built with: locked, else a range, else empty."""
        locked = self._locked("typescript")
        return locked.version if locked else self._wanted("typescript")

    def found(self) -> tuple[Project, ...]:
        """Return the projects, the likeliest first.

        :raises UnavailableError: the source could not be read.
        """
        asked = self._asked()
        self._read(path for path, _ in asked)
        known = {path for path, _ in asked}
        built = [path for path, call in asked if call and call.build]
        for _ in range(MAX_CHAIN):
            places = dict.fromkeys(path for start in built for path in self._references(start) if path not in known)
            if not places:
                break
            self._read(places)
            known |= places.keys()
            asked += [(path, Call(script=f"references of {built[0]}", config="", build=True)) for path in places]
            built = list(places)
        return tuple(self._project(path, call) for path, call in asked if self._configs.get(path))

    def _asked(self) -> list[tuple[str, Call | None]]:
        """Return the configurations to begin with, each with the call that names it.

        One that is called with different options is a project for each of them: ``tsc --outDir dist/esm`` and
        ``tsc --outDir dist/cjs --module commonjs`` are how some packages come in two forms.
        """
        scene = self._scene
        asked: list[tuple[str, Call | None]] = []
        for path, manifest in self.manifests.items():
            directory = posixpath.dirname(path)
            for call in calls(manifest):
                where = posixpath.normpath(posixpath.join(directory, call.config))
                if where not in scene.files or (directory != scene.source.directory and scene.inside(where) is None):
                    continue
                if not any(where == known and other and other.options == call.options for known, other in asked):
                    run = posixpath.normpath(posixpath.join(directory, call.directory))
                    asked.append((where, replace(call, directory="" if run == "." else run)))
        named = {path for path, _ in asked}
        folders = (scene.source.directory, *self._nested)
        others = [path for path in scene.files if posixpath.dirname(path) in folders and is_config(path)]
        others.sort(key=lambda path: (folders.index(posixpath.dirname(path)), order(path)))
        return [*asked, *((path, None) for path in others if path not in named)]

    def _project(self, path: str, call: Call | None) -> Project:
        options: dict[str, Json] = {}
        reach: dict[str, tuple[str, ...]] = {}
        chain = tuple(self._chain(path))
        for link in reversed(chain):
            document = self._configs[link]
            found = document.get("compilerOptions")
            stated: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
            for name, value in stated.items():
                options[name] = placed(value, link, path) if name in _PATHS and isinstance(value, str) else value
                if name == "paths":
                    options[name] = aliases(value, stated, link, path)
            for member in ("include", "files"):
                if member in document:
                    reach[member] = tuple(placed(item, link, path) for item in texts(document[member]))
        near = tuple(placed(item, path) for item in self._referred(path))
        overrides: dict[str, Json] = {}
        for name, value in call.options.items() if call else ():
            place = call.directory if call else ""
            overrides[name] = f"/{placed(value, f'{place}/x')}" if name in _PATHS and isinstance(value, str) else value
        return Project(
            config=path,
            options=MappingProxyType(options),
            overrides=MappingProxyType(overrides),
            script=call.script if call else "",
            reach=(*(item for items in reach.values() for item in items), *near),
            chain=chain,
        )

    def _chain(self, path: str) -> Iterator[str]:
        """Yield a configuration and what it extends; where it extends several, the last one counts most."""
        waiting, seen = [path], set[str]()
        while waiting and len(seen) < MAX_CHAIN:
            link = waiting.pop()
            if link in seen or link not in self._configs:
                continue
            seen.add(link)
            yield link
            waiting.extend(where for where in self._extended(link) if where)

    def _read(self, paths: Iterable[str]) -> None:
        """Read configurations and, level by level, what they extend."""
        level = [path for path in dict.fromkeys(paths) if path not in self._configs]
        for _ in range(MAX_CHAIN):
            level = level[: max(0, MAX_CONFIGS - len(self._configs))]
            if not level:
                return
            found = self._scene.read([path for path in level if path not in self._foreign])
            for path in level:
                data = self._foreign.get(path, found.get(path, b""))
                self._configs[path] = config(data, path)
            deeper = (where for path in level for where in self._extended(path))
            level = [where for where in dict.fromkeys(deeper) if where and where not in self._configs]

    def _extended(self, path: str) -> Iterator[str]:
        """Yield where the configurations are that one extends; empty for one that cannot be found."""
        for name in texts(self._configs[path].get("extends")):
            if name.startswith((".", "/")):
                place = placed(name, path)
                yield self._first((place, f"{place}.json"))
            else:
                yield self._packaged(name)

    def _packaged(self, text: str) -> str:
        """Return where a configuration of a package is, putting the package's JSON files where they are installed."""
        parts = text.split("/")
        count = 2 if text.startswith("@") else 1
        name, inside = "/".join(parts[:count]), "/".join(parts[count:])
        folder = f"node_modules/{name}"
        if not any(path.startswith(f"{folder}/") for path in self._foreign):
            for path, data in self._package(name).items():
                self._foreign[f"{folder}/{path}"] = data
        manifest = self._foreign.get(f"{folder}/package.json")
        stated = _manifest(manifest, folder).get("tsconfig") if manifest and not inside else None
        inside = inside or (stated if isinstance(stated, str) else "tsconfig.json")
        place = posixpath.normpath(f"{folder}/{inside}")
        return self._first((place, f"{place}.json", f"{place}/tsconfig.json"))

    def _first(self, places: Sequence[str]) -> str:
        return next((place for place in places if place in self._scene.files or place in self._foreign), "")

    def _package(self, name: str) -> Mapping[str, bytes]:
        """Return the JSON files of a package: one of the registry where the lockfile has it, else the repository's."""
        directory = self._workspace().get(name)
        if directory is None or self._locked(name):
            return self._fetched(name)
        prefix = f"{directory}/" if directory else ""
        own = [path for path in self._scene.files if path.startswith(prefix) and path.endswith(".json")]
        return {path[len(prefix) :]: data for path, data in self._scene.read(own[:MAX_CONFIGS]).items()}

    def _fetched(self, name: str) -> Mapping[str, bytes]:
        """Return the JSON files of a package of a registry; none where it cannot be had.

        It is the version of the lockfile; where that has none, what the registry has for the range of the manifest.
        """
        dependencies, wanted = self._scene.tools.dependencies, self._wanted(name)
        locked = self._locked(name)
        if dependencies is None or not (locked or wanted) or name in self._registered:
            return {}
        self._registered.add(name)
        if len(self._registered) > MAX_PACKAGES:
            return {}
        try:
            package = locked or dependencies.satisfying(name, wanted)
            found = dependencies.files(package, lambda path: path.endswith(".json"), max_archive=MAX_ARCHIVE)
        except Error:
            # What extends it is then not known, and what it compiles to will not match.
            return {}
        return {path: data for path, data in found.items() if len(data) <= MAX_JSON}

    def _workspace(self) -> Mapping[str, str]:
        """Return the directory of each package of the repository by its name."""
        if self._named is None:
            # A fixture may have any name.
            own = BAIT - {part.lower() for part in self._scene.source.directory.split("/")}
            paths = [
                path
                for path in self._scene.by_name.get("package.json", ())
                if own.isdisjoint(part.lower() for part in path.split("/")[:-1])
            ]
            self._named = {}
            for path, data in self._scene.read(paths[: 2 * MAX_CONFIGS]).items():
                name = _manifest(data, path).get("name")
                if isinstance(name, str) and path.endswith("package.json"):
                    self._named.setdefault(name, posixpath.dirname(path))
        return self._named

    def _references(self, path: str) -> tuple[str, ...]:
        found = []
        for item in self._referred(path):
            place = placed(item, path)
            found.append(place if place.endswith(".json") else posixpath.join(place, "tsconfig.json"))
        return tuple(place for place in found if place in self._scene.files and self._scene.inside(place) is not None)

    def _referred(self, path: str) -> Sequence[str]:
        items = self._configs.get(path, {}).get("references")
        paths = [item.get("path") for item in items if isinstance(item, Mapping)] if isinstance(items, tuple) else []
        return [text for text in paths if isinstance(text, str)]

    def _locked(self, name: str) -> LockedPackage | None:
        return self._lock.find(name, self._scene.source.directory, self._wanted(name)) if self._lock else None

    def _wanted(self, name: str) -> str:
        for manifest in self.manifests.values():
            for member in ("devDependencies", "dependencies", "peerDependencies"):
                table = manifest.get(member)
                if isinstance(table, Mapping) and isinstance(wanted := table.get(name), str):
                    return wanted
        return ""

    def _manifest_paths(self) -> tuple[str, ...]:
        """Return the package's manifest, the root's, and those of packages that are packed in it."""
        nested = (posixpath.join(folder, "package.json") for folder in self._nested)
        return tuple(dict.fromkeys((self._scene.beside("package.json"), "package.json", *nested)))


def _manifest(data: bytes, path: str) -> Mapping[str, Json]:
    try:
        return load(data, path)
    except MalformedError:
        return nothing()


def _lock(scene: Scene) -> Lock | None:
    """Return the lockfile; ``None`` for one that cannot be read, so that the ranges of manifests count."""
    try:
        return lock_of(scene)
    except MalformedError:
        return None
