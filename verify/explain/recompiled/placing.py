"""Which packed files the outputs of a project are: at the path that it writes to, or at another of the same module."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from provenly.trust.evidence import Explanation
from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.attempt import Attempt
from provenly.verify.explain.scene import Expected
from provenly.verify.explain.twins import is_bait, same_module

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Emitted
    from provenly.verify.compiler.releases import Release


class Placing:
    """Compares outputs with packed files.

    :param attempt: what is left, and where what comes out goes.
    :param release: what compiled.
    :param whole: whether whole projects were compiled: what comes out of those is the likeliest base of a diff.
    """

    def __init__(self, attempt: Attempt, release: Release, *, whole: bool = False) -> None:
        self._whole = whole
        self.said = ""
        """What else than the commit the outputs were made of, for people."""
        self._attempt = attempt
        self._scene = attempt.scene
        self._compiler = f"TypeScript {release.version}"
        self.placed: set[str] = set()
        """The packed paths that something was written to."""

    def at_place(self, project: Project, emitted: Emitted) -> Iterator[Explanation]:
        """Yield what is equal at its place, and keep what is expected there."""
        for path, entry in list(self._attempt.left.items()):
            output = self._scene.beside(path)
            if output not in emitted.outputs:
                continue
            origin = _origin(emitted, output)
            if not origin or is_bait(self._scene, origin, path) or not self._attempt.agrees(path, origin):
                continue
            self.placed.add(path)
            said = f" {self.said}" if self.said else ""
            how = f"compiles to with {self._compiler} by {_named(project)}{said}"
            if emitted.outputs[output] == self._scene.content(entry):
                yield self._attempt.explained(entry, origin, f"{self._compiler}, {_named(project)}{said}")
            else:
                expected = Expected(source=origin, data=emitted.outputs[output], how=how)
                self._attempt.expect(path, expected, first=self._whole)

    def elsewhere(self, project: Project, emitted: Emitted) -> Iterator[Explanation]:
        """Yield what is equal at another path of the same module, where nothing else is made at its own."""
        scene = self._scene
        forms: dict[str, list[str]] = {}
        for output in emitted.outputs:
            if (within := scene.inside(output)) is not None:
                forms.setdefault(posixpath.basename(output), []).append(within)
        for path, entry in list(self._attempt.left.items()):
            if scene.beside(path) in scene.files:
                # The source has a file of its own there: nothing of another place is that file.
                continue
            for within in forms.get(posixpath.basename(path), ()):
                output = scene.beside(within)
                origin = _origin(emitted, output)
                if within == path or not origin or not same_module(path, within) or is_bait(scene, origin, path):
                    continue
                if not self._attempt.agrees(path, origin):
                    continue
                data = emitted.outputs[output]
                if data == scene.content(entry):
                    detail = f"{self._compiler}, {_named(project)}; the project writes it to {within}"
                    yield self._attempt.explained(entry, origin, detail, elsewhere=True)
                    break
                how = f"compiles to with {self._compiler} by {_named(project)}, which writes it to {within}"
                self._attempt.expect(path, Expected(source=origin, data=data, how=how))


def _named(project: Project) -> str:
    return f"{project.config} (script {project.script})" if project.script else project.config


def _origin(emitted: Emitted, output: str) -> str:
    return next(iter(emitted.origins.get(output, ())), "")
