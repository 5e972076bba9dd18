"""The projects of the source: first each source by itself, then what that does not decide by whole projects.

A whole project is compiled in memory as ``tsc -p`` does. That is asked where single sources have left something that
the project would write; and for declarations, whose types may be inferred from any other file, with the declarations
of the language.
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.evidence import Explanation
from provenly.trust.strict_json import Json
from provenly.verify.explain.projects import Project
from provenly.verify.explain.recompiled.attempt import DATA, HOPELESS, Attempt, code_of
from provenly.verify.explain.recompiled.placing import Placing
from provenly.verify.explain.recompiled.singles import Singles
from provenly.verify.explain.recompiled.typed_code import harmless, may_need_types
from provenly.verify.explain.recompiled.types import Types, found_types
from provenly.verify.explain.source_tree import source_tree
from provenly.verify.explain.twins import TYPED, twin

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers, Emitted, Outline
    from provenly.verify.compiler.releases import Release

MAX_PROJECTS: Final = 10
"""Projects of one package that are compiled; packages with several dialects have three or four."""

MAX_SECONDS: Final = 300.0
"""Seconds after which no further project is begun. The largest package of the survey took 15 in all."""

MAX_TYPED: Final = 3
"""Projects that are compiled once more for the types of npm packages."""

MAX_SAID: Final = 4
"""Projects that are named where a file is in none."""

_NO_DECLARATIONS: Final[Mapping[str, Json]] = {
    "declaration": False,
    "declarationMap": False,
    "composite": False,
    "emitDeclarationOnly": False,
}
"""What is asked where the package has no declarations: they need types, and take most of the compiler's time."""


class Programs:
    """Compiles the projects of a package.

    :param attempt: what is left, and where what comes out goes.
    :param projects: the package's projects, the likeliest first.
    :param foreign: files of npm packages that configurations extend, by where they would be installed.
    """

    def __init__(
        self,
        attempt: Attempt,
        compilers: Compilers,
        release: Release,
        projects: Sequence[Project],
        foreign: Mapping[str, bytes],
    ) -> None:
        self._attempt = attempt
        self._scene = attempt.scene
        self._compilers = compilers
        self._release = release
        self._projects = [project for project in projects if project.effective.get("noEmit") is not True]
        self._tree = source_tree(attempt.scene, projects, foreign) if projects else {}
        self._singles = Singles(attempt, compilers, release, self._tree)
        self._outlines: dict[str, Outline | None] = {}
        self._until = attempt.scene.tools.end(MAX_SECONDS)
        self._types: tuple[Types, ...] | None = None

    def run(self) -> Iterator[Explanation]:
        """Yield an explanation for each packed file that a project makes.

        :raises UnavailableError: the source could not be read, or there is no compiler.
        """
        if self._tree:
            names = [project.config for project in self._projects]
            more = f" and {len(names) - MAX_SAID} more" if len(names) > MAX_SAID else ""
            by = f" by {', '.join(names[:MAX_SAID])}{more}" if names else ""
            self._attempt.tried = f"TypeScript {self._release.version}{by}"
            yield from self._each_by_itself()
            yield from self._as_a_whole()

    def _each_by_itself(self) -> Iterator[Explanation]:
        placing = Placing(self._attempt, self._release)
        outlines: list[tuple[Project, Outline]] = []
        for project in self._relevant(placing):
            if not self._attempt.left:
                return
            outline = self._outlines[project.config] = self._outlined(project, placing)
            if outline is not None:
                outlines.append((project, outline))
                yield from placing.at_place(project, self._singles.at_place(outline))
        for project, outline in outlines:
            yield from placing.elsewhere(project, self._singles.elsewhere(outline, placing.placed))

    def _as_a_whole(self) -> Iterator[Explanation]:
        placing = Placing(self._attempt, self._release, whole=True)
        made: list[tuple[Project, Emitted]] = []
        for project in self._relevant(placing):
            if not self._undecided(project):
                continue
            if not self._only_declarations(project):
                emitted = self._emitted(project, self._overrides(project, placing))
                if emitted is not None:
                    made.append((project, emitted))
                    yield from placing.at_place(project, emitted)
            if any(_is_declaration(path) for path in self._undecided(project)):
                yield from self._declarations(project, placing)
        for project, emitted in made:
            yield from placing.elsewhere(project, emitted)

    def with_types(self) -> Iterator[Explanation]:
        """Yield JavaScript that comes out only where the types of npm packages are known.

        They decide constants of enumerations, which of the imported names that are exported again are types, and what
        decorators record. That is asked last, and only where the difference may be such a thing.

        :raises UnavailableError: the source could not be read, or there is no compiler.
        """
        placing = Placing(self._attempt, self._release, whole=True)
        for project in self._projects[:MAX_TYPED] if self._tree else ():
            for types in self._installations():
                if not any(may_need_types(self._attempt, path, project) for path in self._written(project)):
                    break
                emitted = self._emitted(project, {**project.overrides, **_NO_DECLARATIONS}, packages=types)
                if emitted is not None:
                    placing.said = types.said
                    yield from placing.at_place(project, emitted if types.locked else harmless(self._attempt, emitted))

    def _declarations(self, project: Project, placing: Placing) -> Iterator[Explanation]:
        """Yield declarations with the types of the language, which cost a second to read, and of npm packages."""
        overrides = {**project.overrides, "emitDeclarationOnly": True}
        # Declarations are data: it does not matter who else has a say in the types.
        types = next(reversed(self._installations()), None)
        emitted = self._emitted(project, overrides, libraries=True, packages=types) if types else None
        placing.said = types.said if types and emitted else ""
        if emitted is None:
            emitted = self._emitted(project, overrides, libraries=True)
        if emitted is not None:
            yield from placing.at_place(project, emitted)
            if emitted.missing:
                missing = f"types of npm packages that it may be inferred from are missing: {emitted.missing}"
                self._attempt.lacking = missing
        placing.said = ""

    def _installations(self) -> tuple[Types, ...]:
        """Return the types of packages that the sources lead to, those first that the commit alone fixes."""
        if self._types is None:
            self._types = found_types(self._attempt, self._projects, self._sources())
        return self._types

    def _sources(self) -> Mapping[str, bytes]:
        """Return the files below the roots of the projects: what lies elsewhere (tests, scripts) is not compiled."""
        roots = [str(outline.options.get("rootDir", "/")) for outline in self._outlines.values() if outline]
        prefixes = tuple(f"{root.strip('/')}/".lstrip("/") for root in roots)
        return {path: data for path, data in self._tree.items() if path.startswith(prefixes or "")}

    def _relevant(self, placing: Placing) -> Iterator[Project]:
        """Yield the projects that may have made something of what is left, by where they write to."""
        if not any(self._open(project, placing) for project in self._projects):
            # The package is published from another folder than the one that is written to: forms of its modules count.
            yield from self._projects[:2]
            return
        count = 0
        for project in self._projects:
            if count < MAX_PROJECTS and self._open(project, placing):
                count += 1
                yield project

    def _open(self, project: Project, placing: Placing) -> list[str]:
        """Return the files where a project writes to, for which no project has written anything yet."""
        return [
            path
            for path in self._attempt.left
            if path not in placing.placed and self._below(path, project) and not path.endswith(DATA)
        ]

    def _below(self, path: str, project: Project) -> bool:
        return self._scene.beside(path).startswith(f"{project.out}/" if project.out else "")

    def _undecided(self, project: Project) -> list[str]:
        """Return the files that are left and that a whole project may still make.

        They are those that it would write; where it is not known what it writes, those below its folder; and those
        below its folder that no project is known to write, though there is a source that fits.
        """
        outline = self._outlines.get(project.config)
        if outline is None or not outline.outputs:
            return [path for path in self._attempt.left if self._below(path, project) and not path.endswith(DATA)]
        known = {output for one in self._outlines.values() if one for some in one.outputs.values() for output in some}
        orphans = [
            path
            for path in self._attempt.left
            if self._below(path, project)
            and self._scene.beside(path) not in known
            and twin(self._scene, code_of(path), TYPED)
        ]
        return [*self._singles.written(outline), *orphans]

    def _written(self, project: Project) -> list[str]:
        """Return the files that are left and that a project writes, or may write where that is not known."""
        if project.config not in self._outlines:
            return []
        outline = self._outlines[project.config]
        return self._singles.written(outline) if outline and outline.outputs else self._undecided(project)

    def _only_declarations(self, project: Project) -> bool:
        return all(_is_declaration(path) for path in self._undecided(project))

    def _overrides(self, project: Project, placing: Placing) -> Mapping[str, Json]:
        """Return the options of the command line, without declarations where none are left where it writes to."""
        if any(_is_declaration(path) for path in self._open(project, placing)):
            return project.overrides
        return {**project.overrides, **_NO_DECLARATIONS}

    def _is_late(self, project: Project) -> bool:
        """Whether there is no time left for a project, after saying so."""
        late = time.monotonic() > self._until
        if late:
            self._attempt.problems.append(f"{project.config} was not compiled: others took more than {MAX_SECONDS:g} s")
        return late

    def _outlined(self, project: Project, placing: Placing) -> Outline | None:
        if self._is_late(project):
            return None
        self._scene.tools.progress.step(f"Compiling sources of {project.config}")
        try:
            return self._singles.outline(project, self._overrides(project, placing))
        except Error as error:
            self._failed(project, error)
        return None

    def _emitted(
        self,
        project: Project,
        overrides: Mapping[str, Json],
        *,
        libraries: bool = False,
        packages: Types | None = None,
    ) -> Emitted | None:
        if self._is_late(project):
            return None
        self._scene.tools.progress.step(f"Compiling {project.config}")
        try:
            return self._compilers.program(
                self._release,
                self._tree,
                project.config,
                overrides=overrides,
                libraries=libraries,
                packages=packages,
            )
        except (UnavailableError, MalformedError) as error:
            self._failed(project, error)
        return None

    def _failed(self, project: Project, error: Error) -> None:
        """Keep why a project could not be compiled; another may fare better.

        :raises Error: ``error``, where there is no compiler.
        """
        if error.code in HOPELESS:
            raise error
        self._attempt.problems.append(f"{project.config} could not be compiled: {error.message}")


def _is_declaration(path: str) -> bool:
    return ".d." in posixpath.basename(path)
