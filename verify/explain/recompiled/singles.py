"""Sources one by one, with the options of a project: what it writes of each, as far as that depends on nothing else.

The compiler is asked where a project writes what, and then compiles each source that matters by itself. What comes out
is kept by the source's bytes, the options and the compiler, so that another version of a package costs only what
changed in it. All but a few files come out as the whole project makes them: those with a constant of an imported
enumeration, and declarations whose types are inferred, do not, and are left to
:mod:`~provenly.verify.explain.recompiled.programs`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error
from provenly.trust.strict_json import Json
from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.attempt import COMPILED, DATA, Attempt
from provenly.verify.explain.recompiled.formats import Formats
from provenly.verify.explain.source_tree import named_data
from provenly.verify.explain.twins import TYPED, same_module, twin

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers, Emitted, Outline
    from provenly.verify.compiler.releases import Release

MAX_GUESSES: Final = 8
"""Packed files by which the root of a project's sources is guessed where it states none."""


class Singles:
    """Compiles single sources of projects.

    :param attempt: what is left.
    :param tree: the files of the source that the compiler may see.
    """

    def __init__(self, attempt: Attempt, compilers: Compilers, release: Release, tree: Mapping[str, bytes]) -> None:
        self._attempt = attempt
        self._scene = attempt.scene
        self._compilers = compilers
        self._release = release
        self._tree = tree
        self._formats = Formats(attempt.scene)
        self._data = named_data(tree)

    def outline(self, project: Project, overrides: Mapping[str, Json]) -> Outline:
        """Return what a project writes where.

        Without a ``rootDir`` that is what all its sources have in common, those that are only imported among them: a
        ``../package.json`` moves every output one folder down. Then the packed files tell.

        :raises Error: as :meth:`~provenly.verify.compiler.compilers.Compilers.outline`.
        """
        outline = self._compilers.outline(self._release, self._tree, project.config, overrides=overrides)
        if "rootDir" in project.effective or self.written(outline):
            return outline
        root = self._guessed(project)
        if root is None or f"/{root}" == outline.options.get("rootDir"):
            return outline
        overrides = {**overrides, "rootDir": f"/{root}"}
        return self._compilers.outline(self._release, self._tree, project.config, overrides=overrides)

    def _guessed(self, project: Project) -> str | None:
        """Return the folder from which a packed file below the project's folder of outputs has its source's path."""
        out = project.out
        for path in [path for path in self._attempt.left if path.endswith(COMPILED)][:MAX_GUESSES]:
            output, source = self._scene.beside(path), twin(self._scene, path, TYPED)
            if not source or out is None or not output.startswith(f"{out}/" if out else ""):
                continue
            inside = posixpath.splitext(output[len(out) + 1 :] if out else output)[0]
            stem = posixpath.splitext(source)[0]
            if stem == inside or stem.endswith(f"/{inside}"):
                return stem[: -len(inside)].rstrip("/")
        return None

    def written(self, outline: Outline) -> list[str]:
        """Return the files that are left and that a project would write."""
        outputs = {output for outputs in outline.outputs.values() for output in outputs}
        return [path for path in self._attempt.left if self._scene.beside(path) in outputs]

    def at_place(self, outline: Outline) -> Emitted:
        """Return what a project writes at the places of what is left."""
        wanted = {self._scene.beside(path) for path in self._attempt.left}
        return self._emitted(outline, (path for path, outputs in outline.outputs.items() if wanted & set(outputs)))

    def elsewhere(self, outline: Outline, placed: Collection[str]) -> Emitted:
        """Return what a project writes of the modules of what is left, at other places.

        :param placed: the packed paths that something was written to; declarations there differ for want of types.
        """
        named: dict[str, list[str]] = {}
        for path in self._attempt.left:
            decided = path in placed and not path.endswith(COMPILED)
            if not decided and self._scene.beside(path) not in self._scene.files:
                named.setdefault(posixpath.basename(path), []).append(path)
        return self._emitted(
            outline,
            (
                path
                for path, outputs in outline.outputs.items()
                if any(self._is_form(output, named.get(posixpath.basename(output), ())) for output in outputs)
            ),
        )

    def _is_form(self, output: str, packed: Iterable[str]) -> bool:
        within = self._scene.inside(output)
        return within is not None and any(path != within and same_module(path, within) for path in packed)

    def _emitted(self, outline: Outline, wanted: Iterable[str]) -> Emitted:
        """Return what sources become, but for those that cannot be compiled, or would be written where another is."""
        from provenly.verify.compiler.compilers import Emitted, Single

        paths = [path for path in wanted if path in self._tree and (not path.endswith(DATA) or path in self._data)]
        items = [Single(path=path, source=self._tree[path], module_format=self._formats.of(path)) for path in paths]
        outputs: dict[str, bytes] = {}
        origins: dict[str, tuple[str, ...]] = {}
        answers = self._compilers.emit(self._release, outline, items) if items else ()
        for path, made in zip(paths, answers, strict=True):
            if not isinstance(made, Error):
                for output, data in made.items():
                    outputs.setdefault(output, data)
                    origins.setdefault(output, (path,))
        return Emitted(outputs=outputs, origins=origins, diagnostics=())
