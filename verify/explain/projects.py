"""The TypeScript projects of a package, as the source has them: which there are, and what they are made of.

1. Projects that the manifest's scripts build (`tsc -p`, `tsc -b`), those of the root's manifest where they lie in the
   package's directory, then every other tsconfig*.json of the directory, and what `-b` refers to.
2. Of each the chain of `extends`, through files, packages of the repository, and npm packages at the lockfile's
   version, and the options that come out of it.

All of it is read as data, breadth first, so that each level of a chain is one request to the repository.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import nothing
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.explain.config_packages import ConfigPackages
from provenly.verify.explain.jsonc import config
from provenly.verify.explain.lockfile import NAMES, Locked, Lockfile
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.tsc_commands import Call, calls

MAX_CONFIGS: Final = 120
"""Configurations that are read for one package, with what they extend and refer to."""

MAX_CHAIN: Final = 12
"""Levels of `extends`; real ones have up to four."""

_PATHS: Final = frozenset({"outDir", "rootDir", "declarationDir", "baseUrl", "sourceRoot", "mapRoot"})
"""Options whose value is a path, from the directory of whoever states it."""

_TESTS: Final = ("test", "spec", "eslint", "lint", "e2e", "vitest", "jest", "example", "docs")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A project that may have made packed files.

    :param config: the path of its configuration in the repository.
    :param options: its compiler options, `extends` resolved; paths are from the root of the repository.
    :param overrides: options of the command line, with paths from the root (``/dist``).
    :param script: the script that builds it, or empty.
    :param reach: folders and files that it names, from the root: `include`, `files`, `references`, `paths`.
    """

    config: str
    options: Mapping[str, Json] = field(repr=False)
    overrides: Mapping[str, Json] = field(default_factory=nothing)
    script: str = ""
    reach: tuple[str, ...] = field(default=(), repr=False)

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
        self._packages: ConfigPackages | None = scene.tools.packages
        self._configs: dict[str, Mapping[str, Json]] = {}
        self._foreign: dict[str, bytes] = {}
        self._named: dict[str, str] | None = None
        found = scene.read([*self._manifest_paths(), *self._lock_paths()])
        self.manifests: Mapping[str, Mapping[str, Json]] = MappingProxyType(
            {path: _manifest(found[path], path) for path in self._manifest_paths() if path in found}
        )
        self._locks = tuple(Lockfile(path, found[path]) for path in self._lock_paths() if path in found)

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
        self._read(asked)
        built = [path for path, call in asked.items() if call and call.build]
        for _ in range(MAX_CHAIN):
            referred = [path for start in built for path in self._references(start) if path not in asked]
            if not referred:
                break
            self._read(referred)
            asked |= {path: Call(script=f"references of {built[0]}", config="", build=True) for path in referred}
            built = referred
        return tuple(self._project(path, call) for path, call in asked.items() if self._configs.get(path))

    def _asked(self) -> dict[str, Call | None]:
        """Return the configurations to begin with, each with the call that names it."""
        scene = self._scene
        asked: dict[str, Call | None] = {}
        for path, manifest in self.manifests.items():
            directory = posixpath.dirname(path)
            for call in calls(manifest):
                where = posixpath.normpath(posixpath.join(directory, call.config))
                if where in scene.files and (directory == scene.source.directory or scene.inside(where) is not None):
                    asked.setdefault(where, call)
        folder = scene.source.directory
        others = [
            path
            for path in scene.files
            if posixpath.dirname(path) == folder
            and posixpath.basename(path).startswith("tsconfig")
            and path.endswith(".json")
        ]
        for path in sorted(others, key=_order):
            asked.setdefault(path, None)
        return asked

    def _project(self, path: str, call: Call | None) -> Project:
        options: dict[str, Json] = {}
        reach: dict[str, tuple[str, ...]] = {}
        for link in reversed(tuple(self._chain(path))):
            document = self._configs[link]
            found = document.get("compilerOptions")
            stated: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
            for name, value in stated.items():
                options[name] = _placed(value, link) if name in _PATHS and isinstance(value, str) else value
                if name == "paths":
                    options[name] = _aliases(value, stated, link)
            for member in ("include", "files"):
                if member in document:
                    reach[member] = tuple(_placed(item, link) for item in _texts(document[member]))
        near = tuple(_placed(item, path) for item in self._referred(path))
        # The command is run in the package's directory, or in the root.
        base = self._scene.source.directory
        overrides: dict[str, Json] = {}
        for name, value in call.options.items() if call else ():
            overrides[name] = f"/{_placed(value, f'{base}/x')}" if name in _PATHS and isinstance(value, str) else value
        return Project(
            config=path,
            options=MappingProxyType(options),
            overrides=MappingProxyType(overrides),
            script=call.script if call else "",
            reach=(*(item for items in reach.values() for item in items), *near),
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
        for name in _texts(self._configs[path].get("extends")):
            if name.startswith((".", "/")):
                place = _placed(name, path)
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
        """Return the JSON files of a package: one of the repository, else one of the registry."""
        directory = self._workspace().get(name)
        if directory is None:
            if self._packages is None:
                return {}
            return self._packages.files(name, self._locked(name), self._wanted(name))
        prefix = f"{directory}/" if directory else ""
        own = [path for path in self._scene.files if path.startswith(prefix) and path.endswith(".json")]
        return {path[len(prefix) :]: data for path, data in self._scene.read(own[:MAX_CONFIGS]).items()}

    def _workspace(self) -> Mapping[str, str]:
        """Return the directory of each package of the repository by its name."""
        if self._named is None:
            paths = [path for path in self._scene.by_name.get("package.json", ()) if "node_modules" not in path]
            self._named = {}
            for path, data in self._scene.read(paths[: 2 * MAX_CONFIGS]).items():
                name = _manifest(data, path).get("name")
                if isinstance(name, str) and path.endswith("package.json"):
                    self._named.setdefault(name, posixpath.dirname(path))
        return self._named

    def _references(self, path: str) -> tuple[str, ...]:
        found = []
        for item in self._referred(path):
            place = _placed(item, path)
            found.append(place if place.endswith(".json") else posixpath.join(place, "tsconfig.json"))
        return tuple(place for place in found if place in self._scene.files and self._scene.inside(place) is not None)

    def _referred(self, path: str) -> Sequence[str]:
        items = self._configs.get(path, {}).get("references")
        paths = [item.get("path") for item in items if isinstance(item, Mapping)] if isinstance(items, tuple) else []
        return [text for text in paths if isinstance(text, str)]

    def _locked(self, name: str) -> Locked | None:
        for lock in self._locks:
            if found := lock.find(name, self._scene.source.directory, self._wanted(name)):
                return found
        return None

    def _wanted(self, name: str) -> str:
        for manifest in self.manifests.values():
            for member in ("devDependencies", "dependencies", "peerDependencies"):
                table = manifest.get(member)
                if isinstance(table, Mapping) and isinstance(wanted := table.get(name), str):
                    return wanted
        return ""

    def _manifest_paths(self) -> tuple[str, ...]:
        """Return the package's manifest and the root's."""
        return tuple(dict.fromkeys((self._scene.beside("package.json"), "package.json")))

    def _lock_paths(self) -> tuple[str, ...]:
        folders = dict.fromkeys((self._scene.source.directory, ""))
        return tuple(posixpath.join(folder, name) for folder in folders for name in NAMES)


def _order(path: str) -> tuple[bool, bool, str]:
    name = posixpath.basename(path).lower()
    return any(word in name for word in _TESTS), "build" not in name, name


def _manifest(data: bytes, path: str) -> Mapping[str, Json]:
    try:
        return load(data, path)
    except MalformedError:
        return nothing()


def _placed(text: str, config_path: str) -> str:
    """Return a path that a configuration states, from the root; ``${configDir}`` (TypeScript 5.5) is left alone."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(config_path), text)).lstrip("/")


def _texts(value: Json) -> tuple[str, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if isinstance(item, str))


def _aliases(value: Json, stated: Mapping[str, Json], link: str) -> Json:
    """Return `paths` with its targets from the root: they are from `baseUrl` where the same file has one."""
    base = stated.get("baseUrl")
    start = f"{_placed(base, link)}/x" if isinstance(base, str) else link
    table = value if isinstance(value, Mapping) else {}
    return {pattern: tuple(_placed(item, start) for item in _texts(targets)) for pattern, targets in table.items()}
