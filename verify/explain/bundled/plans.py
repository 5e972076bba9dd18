"""Which calls of esbuild a repository states for a package: in scripts, configurations and build scripts.

All of it is read as text. What a script would do is folded out of it by :meth:`Compilers.literals`, with what it would
see of its surroundings: its arguments, ``package.json``, and a few environments in which people release.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.explain.bundled import esbuild_options, globs, tsup, tsup_flags
from provenly.verify.explain.bundled.builds import Build, placed
from provenly.verify.explain.bundled.commands import Command, commands
from provenly.verify.explain.bundled.folding import Folding
from provenly.verify.explain.bundled.values import Table, Value, decoded, table, text, texts
from provenly.verify.explain.jsonc import config
from provenly.verify.explain.scene import Scene

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.compiler.releases import Release

MAX_BUILDS: Final = 48
"""Calls of esbuild that are considered for one package; honest ones have up to a dozen."""

MAX_ENTRIES: Final = 2_000
"""Entry points of one build. A library with an entry point for each module has some hundreds."""

ENVIRONMENTS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"NODE_ENV": "production"},
    {"CI": "true", "GITHUB_ACTIONS": "true", "NODE_ENV": "production"},
)
"""What is set where people release: nothing, what many build scripts ask for, and what GitHub's runners set."""

_TSUP: Final = frozenset({"tsup", "tsup-node"})
_RUNNERS: Final = frozenset(
    {"node", "tsx", "ts-node", "ts-node-esm", "bun", "jiti", "esno", "esr", "vite-node", "zx", "nodejs", "deno"}
)
_OTHERS: Final = frozenset(
    {
        *("tsdown", "rolldown", "rollup", "vite", "webpack", "webpack-cli", "ncc", "parcel", "unbuild", "microbundle"),
        *("pkgroll", "bunchee", "swc", "babel", "rspack", "rslib", "obuild", "zshy"),
    }
)
_SCRIPTS: Final = tuple(
    f"{stem}.{ending}"
    for stem in ("esbuild.config", "esbuild", "build", "scripts/build", "scripts/esbuild", "bundle", "scripts/bundle")
    for ending in ("mjs", "js", "cjs", "ts", "mts")
)
"""Build scripts that are looked at where no command names one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plans:
    """What a repository says about how a package is bundled.

    :param builds: calls of esbuild, the likeliest first.
    :param others: bundlers that are called and not reproduced.
    :param problems: why something of it could not be read, or cannot be done by esbuild.
    """

    builds: tuple[Build, ...]
    others: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known before the scripts are read.

    :param version: the version of the package at its release, in place of the repository's; empty for that one.
    :param manifest: the bytes of the package's package.json in the repository, with that version.
    :param target: the target of the tsconfig.json, or empty.
    :param tsconfig: its path, or empty.
    :param tsup: the version of tsup, or empty.
    """

    version: str = ""
    manifest: bytes = field(repr=False)
    target: str = ""
    tsconfig: str = ""
    tsup: str = ""


class Reader:
    """Reads the plans of a scene's package.

    :param compilers: folds scripts, in ``release``.
    :param directory: that of the package, or of one inside of it whose files are packed with it.
    :param until: when no further script is read, by :func:`time.monotonic`.
    """

    def __init__(self, scene: Scene, compilers: Compilers, release: Release, directory: str, until: float) -> None:
        self._scene = scene
        self._folding = Folding(scene, compilers, release, until)
        self._directory = directory
        self._problems = self._folding.problems
        self._others: dict[str, None] = {}

    def read(self, known: Known) -> Plans:
        """Return what the repository states.

        :raises UnavailableError: the source could not be read, or there is no compiler.
        """
        manifest = _loaded(known.manifest)
        asked = list(commands(manifest, self._directory))
        if self._directory:
            # A monorepo may build its packages from its root.
            root = _loaded(self._scene.read(["package.json"]).get("package.json", b"{}"))
            asked.extend(command for command in commands(root, "") if command.directory == self._directory)
        found: dict[Build, None] = {}
        for environment in ENVIRONMENTS:
            self._folding.begin()
            for build in self._builds(asked, manifest, known, environment):
                if len(found) < MAX_BUILDS:
                    found.setdefault(replace(build, version=known.version))
        return Plans(builds=tuple(found), others=tuple(self._others), problems=tuple(self._problems))

    def _builds(
        self, asked: list[Command], manifest: Mapping[str, Json], known: Known, environment: Mapping[str, str]
    ) -> Iterator[Build]:
        """Yield the builds of commands; without any, those of configurations and of scripts with usual names."""
        count = 0
        for command in asked:
            seen = {**environment, **self._lifecycle(command.script, manifest, known), **dict(command.variables)}
            for build in self._commanded(command, manifest, known, seen):
                count += 1
                yield build
        if count:
            return
        plain = Command(script="", words=("tsup",), directory=self._directory)
        seen = {**environment, **self._lifecycle("", manifest, known)}
        if any(posixpath.join(self._directory, name) in self._scene.files for name in tsup.CONFIGS):
            yield from self._tsup((), plain, manifest, known, seen)
        for name in _SCRIPTS:
            if (path := posixpath.join(self._directory, name)) in self._scene.files:
                yield from self._scripted(path, (), plain, known, seen)

    def _commanded(
        self, command: Command, manifest: Mapping[str, Json], known: Known, environment: Mapping[str, str]
    ) -> Iterator[Build]:
        """Yield the builds of one command."""
        if command.program in _TSUP:
            yield from self._tsup(command.words[1:], command, manifest, known, environment)
        elif command.program == "esbuild":
            yield from self._esbuild(command)
        elif command.program in _OTHERS or command.words[:2] == ("bun", "build"):
            self._others.setdefault(command.program)
        elif command.program in _RUNNERS:
            program, words = self._script(command)
            if posixpath.basename(program) in _TSUP:
                yield from self._tsup(words, command, manifest, known, environment)
            elif program:
                yield from self._scripted(program, words, command, known, environment)

    def _lifecycle(self, script: str, manifest: Mapping[str, Json], known: Known) -> Mapping[str, str]:
        """Return what a package manager sets for a script (https://docs.npmjs.com/cli/using-npm/scripts)."""
        version, name = known.version or manifest.get("version"), manifest.get("name")
        found = {"npm_lifecycle_event": script or "build"}
        found |= {"npm_package_version": version} if isinstance(version, str) else {}
        return found | ({"npm_package_name": name} if isinstance(name, str) else {})

    def _esbuild(self, command: Command) -> Iterator[Build]:
        words = [word for given in command.words[1:] for word in self._expanded(given, command.directory)]
        build = esbuild_options.from_words(words, command.directory, f"the script {command.script}")
        if build is not None:
            yield build

    def _expanded(self, word: str, directory: str) -> tuple[str, ...]:
        """Return the files that a shell or esbuild itself would put in the place of a pattern."""
        if word.startswith("-") or "=" in word or not globs.is_pattern(word):
            return (word,)
        return tuple(sorted(globs.matching((word,), self._below(directory)))) or (word,)

    def _below(self, directory: str) -> list[str]:
        prefix = f"{directory}/" if directory else ""
        return [path[len(prefix) :] for path in self._scene.files if path.startswith(prefix)]

    def _script(self, command: Command) -> tuple[str, tuple[str, ...]]:
        """Return the script that a runner is given, a path in the repository or of a program, and what follows it."""
        for at, word in enumerate(command.words[1:], 1):
            place = placed(word, command.directory)
            if posixpath.basename(word) in _TSUP:
                return word, command.words[at + 1 :]
            if not word.startswith("-") and place in self._scene.files:
                return place, command.words[at + 1 :]
        return "", ()

    # tsup

    def _tsup(
        self,
        words: tuple[str, ...],
        command: Command,
        manifest: Mapping[str, Json],
        known: Known,
        environment: Mapping[str, str],
    ) -> Iterator[Build]:
        directory = command.directory
        flags = tsup_flags.options(words)
        for path, options in self._configurations(flags, directory, manifest, known, environment):
            origin = path or f"the script {command.script}"
            yield from self._tsup_builds({**options, **flags}, directory, manifest, known, origin)

    def _configurations(
        self,
        flags: Table,
        directory: str,
        manifest: Mapping[str, Json],
        known: Known,
        environment: Mapping[str, str],
    ) -> Iterator[tuple[str, Table]]:
        """Yield the tables of options that tsup would read, each with where it stands."""
        named = text(flags.get("config"))
        names = () if flags.get("config") is False else (named,) if named else tsup.CONFIGS
        path = next((one for name in names if (one := placed(name, directory)) in self._scene.files), "")
        member = manifest.get("tsup")
        if path.endswith(".json"):
            yield path, table(_thaw(config(self._scene.read([path]).get(path, b""), path)))
        elif path:
            script = self._folding.fold(path, (), directory, known.manifest, environment)
            main = decoded(script.get("main")) if script else ()
            for item in main if isinstance(main, tuple) else (main,):
                if isinstance(item, Mapping):
                    yield path, item
                else:
                    self._problems.setdefault(f"what {path} exports is not known here")
        elif isinstance(member, Mapping | tuple) and flags.get("config") is not False:
            for item in member if isinstance(member, tuple) else (member,):
                yield "the member tsup of package.json", table(_thaw(item))
        else:
            yield "", {}

    def _tsup_builds(
        self, options: Table, directory: str, manifest: Mapping[str, Json], known: Known, origin: str
    ) -> Iterator[Build]:
        around = tsup.Surrounding(
            directory=directory,
            manifest=manifest,
            version=known.tsup,
            target=known.target,
            tsconfig=placed(text(options.get("tsconfig")), directory) if options.get("tsconfig") else known.tsconfig,
        )
        for format_ in tsup.formats(options):
            if refused := tsup.refusals(options, format_):
                self._problems.update((f"{origin}: {why}", None) for why in refused)
                continue
            for one in esbuild_options.variants(options):
                for entries in self._entries(one.get("entry", one.get("entryPoints", ())), directory):
                    if build := tsup.build(one, format_, entries, around, origin):
                        yield build

    def _entries(self, value: Value, directory: str) -> Iterator[tuple[str, ...]]:
        """Yield the entry points in the orders in which tsup may find them: as a walk does, and as they are stated."""
        if isinstance(value, Mapping):
            yield tuple(f"{output}={source}" for output, source in value.items() if isinstance(source, str))
            return
        patterns = tuple(item.removeprefix("./") for item in texts(value))
        below = self._below(directory)
        found = globs.by_folder(globs.matching(patterns, below))
        if len(found) > MAX_ENTRIES:
            return
        yield found
        stated = tuple(dict.fromkeys(path for one in patterns for path in found if globs.matching((one,), (path,))))
        if stated != found:
            yield stated

    # scripts in JavaScript

    def _scripted(
        self, path: str, words: tuple[str, ...], command: Command, known: Known, environment: Mapping[str, str]
    ) -> Iterator[Build]:
        script = self._folding.fold(path, words, command.directory, known.manifest, environment)
        if script is None:
            return
        made = script.get("builds")
        for one in made if isinstance(made, tuple) else ():
            kind, _, given = one if isinstance(one, tuple) and len(one) == 3 else ("", "", None)  # noqa: PLR2004
            options = table(decoded(given))
            if kind == "tsup":
                manifest = _loaded(known.manifest)
                for _, stated in self._configurations(options, command.directory, manifest, known, environment):
                    yield from self._tsup_builds({**stated, **options}, command.directory, manifest, known, path)
            else:
                for variant in esbuild_options.variants(options):
                    build = esbuild_options.from_table(variant, command.directory, path)
                    if build is not None:
                        yield build
        yield from self._spawned(script.get("commands"), command, known, path)

    def _spawned(self, value: Json, command: Command, known: Known, path: str) -> Iterator[Build]:
        """Yield builds of the commands that a script would run."""
        for words in value if isinstance(value, tuple) else ():
            line = " ".join(word for word in words if isinstance(word, str)) if isinstance(words, tuple) else ""
            for one in commands({"scripts": {path: line}}, command.directory):
                if one.program == "esbuild":
                    yield from self._esbuild(replace(one, script=path))
                elif one.program in _TSUP:
                    manifest = _loaded(known.manifest)
                    yield from self._tsup(one.words[1:], one, manifest, known, self._lifecycle("", manifest, known))


def _loaded(data: bytes) -> Mapping[str, Json]:
    try:
        return load(data, "package.json")
    except MalformedError:
        return {}


def _thaw(value: Json) -> Value:
    """Return JSON as values of a script."""
    if isinstance(value, Mapping):
        return {name: _thaw(item) for name, item in value.items()}
    return tuple(_thaw(item) for item in value) if isinstance(value, tuple) else value
