"""Build scripts and configurations, and the files that they read, handed to the compiler that folds them."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.compiler.scripts import Script
from provenly.verify.explain.scene import Scene

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.compiler.releases import Release

MAX_SCRIPTS: Final = 24
"""Build scripts and configurations that are folded for one package, in one environment."""

MAX_ROUNDS: Final = 3
"""How often a script is folded again with the files that it turned out to read."""

MAX_READ: Final = 1024 * 1024
"""Bytes of one file that a script reads."""


class Folding:
    """Folds the scripts of a scene's package.

    :param compilers: folds them, in ``release``.
    :param until: when no further script is folded, by :func:`time.monotonic`.
    """

    def __init__(self, scene: Scene, compilers: Compilers, release: Release, until: float) -> None:
        self._scene = scene
        self._compilers = compilers
        self._release = release
        self._until = until
        self._count = 0
        self.problems: dict[str, None] = {}

    def begin(self) -> None:
        """Count scripts from the beginning: another environment is tried."""
        self._count = 0

    def fold(
        self, path: str, words: tuple[str, ...], directory: str, manifest: bytes, environment: Mapping[str, str]
    ) -> Mapping[str, Json] | None:
        """Return what :meth:`Compilers.literals` says of a script; ``None`` where it cannot be read.

        :param path: its path in the repository.
        :param words: what follows its name on the command line.
        :param directory: where it is run.
        :param manifest: the bytes of the package.json there.
        :param environment: the variables that are set.
        :raises UnavailableError: the source could not be read, or there is no compiler.
        """
        self._count += 1
        if self._count > MAX_SCRIPTS:
            return None
        if time.monotonic() > self._until:
            self.problems.setdefault(f"{path} was not read: others took too long")
            return None
        own = posixpath.join(directory, "package.json")
        wanted = {path, own, "package.json"}
        answer: Mapping[str, Json] | None = None
        for _ in range(MAX_ROUNDS):
            files = {name: data for name, data in self._scene.read(wanted).items() if len(data) <= MAX_READ}
            files[own] = manifest
            if path not in files:
                return None
            script = Script(
                path=path,
                files=files,
                paths=tuple(self._near()),
                directory=directory,
                environment=MappingProxyType(dict(environment)),
                arguments=words,
                module_format=_module_format(manifest),
            )
            try:
                answer = self._compilers.literals(self._release, script)
            except MalformedError as error:
                self.problems.setdefault(f"{path} could not be read: {error.message}")
                return None
            except UnavailableError as error:
                if error.code != "COMPILER_CRASH":
                    raise
                self.problems.setdefault(f"{path} could not be read: {error.message}")
                return None
            missing = answer.get("missing")
            more = {place for name in (missing if isinstance(missing, tuple) else ()) for place in self._module(name)}
            if more <= wanted:
                break
            wanted |= more
        return answer

    def _near(self) -> Iterator[str]:
        directory = self._scene.source.directory
        prefix = f"{directory}/" if directory else ""
        return (path for path in self._scene.files if path.startswith(prefix) and "node_modules" not in path)

    def _module(self, name: Json) -> Iterator[str]:
        """Yield the files that a script may mean by a path without its ending."""
        if isinstance(name, str):
            stem = name.removesuffix(".js").removesuffix(".mjs")
            endings = ("", ".ts", ".mts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js")
            places = (place for start in dict.fromkeys((name, stem)) for place in (start + end for end in endings))
            yield from (place for place in places if place in self._scene.files)


def _module_format(manifest: bytes) -> str:
    try:
        stated = load(manifest, "package.json").get("type")
    except MalformedError:
        return ""
    return stated if isinstance(stated, str) else ""
