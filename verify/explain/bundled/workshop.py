"""Where bundles are made: the tools in their versions, the files that a call needs, and the call itself."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.compiler.releases import nearest as compiler_nearest
from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.esbuild.releases import nearest
from provenly.verify.explain.bundled.builds import BUILTIN, Build
from provenly.verify.explain.bundled.installed import Installed, installed, lacking, undeclared
from provenly.verify.explain.bundled.kept import Keeper, name_of
from provenly.verify.explain.bundled.made import Made
from provenly.verify.explain.bundled.plans import Known, Plans, Reader
from provenly.verify.explain.bundled.tree import leading, package_tree, reached
from provenly.verify.explain.jsonc import config
from provenly.verify.explain.memory import may_be_had_later
from provenly.verify.explain.projects import Projects
from provenly.verify.explain.scene import Scene

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.dependencies.model import Lock, LockedPackage
    from provenly.verify.esbuild.esbuild import Built, Esbuild
    from provenly.verify.esbuild.releases import Release

MAX_SECONDS: Final = 120.0
"""Seconds for reading build scripts, of which each may take as long as the compiler's limits allow."""

MAX_INNER: Final = 6
"""Packages inside of the package that are looked at."""

_PACKED: Final = (".js", ".mjs", ".cjs")

MAX_INSTALLED: Final = 2
"""Installations that are kept for further builds: each may be as large as one may be."""

MAX_ROUNDS: Final = 4
"""How often a bundle is made again with packages that its code turned out to look for."""

_NOTHING: Final = Installed(files={}, links={}, places={})

_OF_TSUP: Final = (
    ((8, 5, 1), "^0.27.0"),
    ((8, 4, 0), "^0.25.0"),
    ((8, 3, 5), "^0.24.0"),
    ((8, 3, 0), "^0.23.0"),
    ((8, 2, 0), "^0.21.4"),
    ((8, 0, 0), "^0.19.2"),
    ((7, 0, 0), "^0.18.2"),
    ((0, 0, 0), "^0.17.6"),
)
"""Which esbuild releases of tsup ask for (their package.json), the newest first; for sources without a lockfile."""


class Workshop:
    """Makes the bundles of one package.

    :param compilers: folds scripts.
    :param esbuild: makes bundles.
    """

    def __init__(self, scene: Scene, compilers: Compilers, esbuild: Esbuild) -> None:
        self._scene = scene
        self._compilers = compilers
        self._esbuild = esbuild
        self._problems: list[str] = []
        self._lock = self._read_lock()
        self._manifest = scene.read([scene.beside("package.json")]).get(scene.beside("package.json"), b"{}")
        self._tree: tuple[Mapping[str, bytes], Mapping[str, str]] | None = None
        self._installed: dict[tuple[str, ...], Installed] = {}
        self._wanted_places: dict[tuple[str, ...], set[str]] = {}
        self._foreign: Mapping[str, bytes] = {}
        self._missing: Mapping[str, Error] = {}
        self._keeper = Keeper(scene, esbuild, self._lock)

    def plans(self) -> Plans:
        """Return what the repository states, with the version of the release first where it is another one.

        :raises UnavailableError: the source could not be read, or there is no compiler.
        """
        projects = Projects(self._scene)
        targets = {project.config: project.options.get("target") for project in projects.found()}
        self._foreign = projects.foreign
        release = compiler_nearest(projects.compiler())
        plans: list[Plans] = []
        until = self._scene.tools.end(MAX_SECONDS)
        for directory in (self._scene.source.directory, *self._inner()):
            reader = Reader(self._scene, self._compilers, release, directory, until)
            plans.extend(reader.read(known) for known in self._known(directory, targets))
        return Plans(
            builds=tuple(dict.fromkeys(build for plan in plans for build in plan.builds)),
            others=tuple(dict.fromkeys(text for plan in plans for text in plan.others)),
            problems=tuple(dict.fromkeys((*self._problems, *(text for plan in plans for text in plan.problems)))),
        )

    def _inner(self) -> tuple[str, ...]:
        """Return directories inside of the package's that are packages of their own, and packed with it."""
        found: dict[str, None] = {}
        for path in self._scene.artifact.contents:
            folder = posixpath.dirname(path)
            while folder and path.endswith(_PACKED):
                if (place := self._scene.beside(folder)) and f"{place}/package.json" in self._scene.files:
                    found.setdefault(place)
                folder = posixpath.dirname(folder)
        return tuple(sorted(found))[:MAX_INNER]

    def _known(self, directory: str, targets: Mapping[str, Json]) -> Iterator[Known]:
        """Yield what is known of a package before its scripts are read, for each version that is tried."""
        tsconfig = self._tsconfig(directory)
        target = targets.get(tsconfig)
        if target is None and tsconfig:
            options = config(self._scene.read([tsconfig]).get(tsconfig, b""), tsconfig).get("compilerOptions")
            target = options.get("target") if isinstance(options, Mapping) else None
        own = directory == self._scene.source.directory
        path = posixpath.join(directory, "package.json")
        for version in self._versions() if own else ("",):
            yield Known(
                version=version,
                manifest=self._versioned(version) if own else self._scene.read([path]).get(path, b"{}"),
                target=target if isinstance(target, str) else "",
                tsconfig=tsconfig,
                tsup=self._version_of("tsup", directory),
            )

    def variants(self, build: Build) -> Iterator[Build]:
        """Yield a build, and forms of it that come nearer to what plugins do."""
        yield build
        if any(argument.startswith("--alias:node:") for argument in build.arguments):
            # A plugin that names a module as being outside does not know that it has no side effects; esbuild does.
            kept = tuple(f"--external:{name}" for name in BUILTIN if "/" not in name)
            yield replace(build, arguments=(*build.arguments, *kept))

    def said(self, build: Build) -> str:
        """Return what was tried, for people."""
        return f"bundled by {self._tool(build)}{self.left_out(build)}"

    def left_out(self, build: Build) -> str:
        """Return which options a build was made without, for people; empty where it was made with all of them."""
        if not build.left_out:
            return ""
        members = ", ".join(f"`{name}`" for name in build.left_out)
        return f"; {members} of its options {'are' if len(build.left_out) > 1 else 'is'} not known here"

    def made(self, build: Build) -> Made:
        """Make a build.

        :raises MalformedError, UnavailableError: as :meth:`Esbuild.build`; ``BUNDLE_SOURCES``: the sources are over a
            limit; ``BUNDLE_DEPENDENCIES``: locked packages could not be fetched; ``BUNDLE_SHIMS``: nor those of tsup.
        """
        name = name_of(self._scene, build, self._release(build), self._foreign)
        built = self._keeper.made(name, lambda: self._fresh(build), lambda: self._missing)
        tool = self._tool(build)
        places = {posixpath.join(self._lock.root, one.place): one for one in self._lock.packages} if self._lock else {}
        return Made(built=built, how=f"bundles to with {tool}", tool=tool, places=places, version=build.version)

    def _fresh(self, build: Build) -> Built:
        """Make a build that is not kept."""
        self._missing = {}
        tree, links = self._sources(build)
        held = self._held(build, tree, links)
        # A compiler that has read a whole project is large, and so is the tree; they need not be there together.
        self._compilers.rest()
        rounds = MAX_ROUNDS
        while True:
            files = {**self._foreign, **held.files, **tree}
            built = self._built(build, files, leading({**links, **held.links}, files), held)
            rounds -= 1
            inputs = {path: files[path] for paths in built.inputs.values() for path in paths if path in files}
            more = self._undeclared(build, held, inputs) if rounds else ()
            if not more:
                break
            held = self._held(build, tree, links, more)
        self._check_whole(build, held, inputs)
        return built

    def _built(self, build: Build, files: Mapping[str, bytes], links: Mapping[str, str], held: Installed) -> Built:
        """Have esbuild make a build; where it fails, say which packages were missing."""
        arguments = build.arguments
        if build.shims:
            arguments = (*arguments, f"--inject:{self._shims(build, files)}")
        try:
            return self._esbuild.build(self._release(build), files, arguments, directory=build.directory, links=links)
        except MalformedError as error:
            if held.unlooked:
                raise UnavailableError(held.unlooked, code="BUNDLE_DEPENDENCIES") from error
            if not held.problems:
                raise
            raise MalformedError(f"{error.message}; {'; '.join(held.problems)}", code=error.code) from error

    def _check_whole(self, build: Build, held: Installed, inputs: Mapping[str, bytes]) -> None:
        """Refuse a bundle whose code asks for a locked package that could not be had.

        :raises MalformedError, UnavailableError: ``BUNDLE_DEPENDENCIES``.
        """
        if self._lock is None or "--packages=external" in build.arguments:
            return
        for name, why in lacking(self._lock, held, inputs, _outside(build)).items():
            message = f"{name} could not be had: {why.message}"
            if may_be_had_later(why):
                raise UnavailableError(message, code="BUNDLE_DEPENDENCIES") from why
            raise MalformedError(message, code="BUNDLE_DEPENDENCIES") from why
        if more := self._undeclared(build, held, inputs):
            message = f"{more[0]} and what it leads to are more packages than are read"
            raise MalformedError(message, code="BUNDLE_DEPENDENCIES")

    def _undeclared(self, build: Build, held: Installed, inputs: Mapping[str, bytes]) -> tuple[str, ...]:
        if self._lock is None or self._scene.tools.dependencies is None or not held.places:
            return ()
        return undeclared(self._lock, held, inputs, _outside(build))

    def _tool(self, build: Build) -> str:
        release = self._release(build)
        if build.tool == "tsup":
            version = self._version_of("tsup", build.directory)
            return f"esbuild {release.version}, as tsup {version} calls it by {build.origin}"
        return f"esbuild {release.version} by {build.origin}"

    def _release(self, build: Build) -> Release:
        """Return the release of esbuild that the lockfile has for whoever calls it, else what a range would bring."""
        tsup = self._locked("tsup", build.directory) if build.tool == "tsup" else None
        if self._lock is not None and tsup is not None:
            place = self._lock.resolve("esbuild", tsup.place)
            package = self._lock.at(place) if place is not None else None
            if package is not None:
                return nearest(package.version)
        locked = self._locked("esbuild", build.directory)
        if locked is not None:
            return nearest(locked.version)
        if wanted := self._wanted("esbuild", build.directory):
            return nearest(wanted)
        numbers = tuple(int(part) for part in re.findall(r"\d+", self._version_of("tsup", build.directory))[:3])
        return nearest(next((asked for least, asked in _OF_TSUP if numbers >= least), "") if numbers else "")

    def _version_of(self, name: str, directory: str) -> str:
        locked = self._locked(name, directory)
        found = re.search(r"\d+(?:\.\d+){0,2}", locked.version if locked else self._wanted(name, directory))
        return found[0] if found else ""

    def _locked(self, name: str, directory: str) -> LockedPackage | None:
        return self._lock.find(name, directory, self._wanted(name, directory)) if self._lock else None

    def _wanted(self, name: str, directory: str) -> str:
        for folder in dict.fromkeys((directory, self._scene.source.directory, "")):
            path = posixpath.join(folder, "package.json")
            manifest = _loaded(self._scene.read([path]).get(path, b"{}"))
            for member in ("devDependencies", "dependencies", "peerDependencies"):
                asked = manifest.get(member)
                if isinstance(asked, Mapping) and isinstance(wanted := asked.get(name), str):
                    return wanted
        return ""

    def _read_lock(self) -> Lock | None:
        try:
            return lock_of(self._scene)
        except MalformedError as error:
            self._problems.append(f"the lockfile cannot be read: {error.message}")
            return None

    def _tsconfig(self, directory: str) -> str:
        folder = directory
        while (place := posixpath.join(folder, "tsconfig.json")) not in self._scene.files:
            if not folder:
                return ""
            folder = posixpath.dirname(folder)
        return place

    def _versions(self) -> tuple[str, ...]:
        """Return the versions to try: that of the release where it is another one, and the repository's own (empty)."""
        own, packed = _loaded(self._manifest).get("version"), self._scene.artifact.package.version
        return ("",) if own == packed else (packed, "")

    def _versioned(self, version: str) -> bytes:
        """Return the package's package.json with another version, all else as it is."""
        own = _loaded(self._manifest).get("version")
        if not version or not isinstance(own, str):
            return self._manifest
        stated = re.compile(rb'("version"\s*:\s*)' + re.escape(json.dumps(own).encode()))
        return stated.sub(lambda match: match[1] + json.dumps(version).encode(), self._manifest, count=1)

    def _sources(self, build: Build) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
        if self._tree is None:
            self._tree = package_tree(self._scene, self._lock)
        tree, links = self._tree
        if not tree:
            raise MalformedError("the sources are more than is bundled", code="BUNDLE_SOURCES")
        return {**tree, self._scene.beside("package.json"): self._versioned(build.version)}, links

    def _held(
        self, build: Build, tree: Mapping[str, bytes], links: Mapping[str, str], more: tuple[str, ...] = ()
    ) -> Installed:
        """Return the locked packages that a build may put into its output, those at the places ``more`` among them."""
        dependencies = self._scene.tools.dependencies
        if self._lock is None or dependencies is None or "--bundle" not in build.arguments:
            return _NOTHING
        alone = "--packages=external" in build.arguments
        if alone and not build.shims:
            return _NOTHING
        outside = _outside(build)
        key = (str(alone), build.shims, *build.entries, "", *outside)
        wanted = self._wanted_places.setdefault(key, set())
        wanted.update(more)
        if more or key not in self._installed:
            if build.shims and (tsup := self._locked("tsup", build.directory)):
                wanted.add(tsup.place)
            self._scene.tools.progress.step("Fetching locked packages")
            sources = {} if alone else reached(tree, links, build.entries)
            while len(self._installed) >= MAX_INSTALLED:
                del self._installed[next(iter(self._installed))]
            self._installed[key] = installed(self._lock, dependencies, sources, outside, sorted(wanted))
        self._missing = {**self._missing, **self._installed[key].missing}
        return self._installed[key]

    def _shims(self, build: Build, files: Mapping[str, bytes]) -> str:
        """Return the path of tsup's own file that is put into every bundle, from the directory of the build."""
        tsup = self._locked("tsup", build.directory)
        place = posixpath.join(self._lock.root, tsup.place, build.shims) if self._lock and tsup else ""
        if place not in files:
            raise MalformedError("the shims of tsup are not there: no lockfile has it", code="BUNDLE_SHIMS")
        return posixpath.relpath(place, build.directory or ".")


def _outside(build: Build) -> tuple[str, ...]:
    """Return the names of what a build leaves outside of its output."""
    start = "--external:"
    return tuple(sorted({one.removeprefix(start) for one in build.arguments if one.startswith(start)}))


def _loaded(data: bytes) -> Mapping[str, Json]:
    try:
        return load(data, "package.json")
    except MalformedError:
        return {}
