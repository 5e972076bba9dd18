"""Recompiled: the TypeScript compiler makes the very bytes of the sources at the commit.

1. The repository's own projects, each compiled as a whole, in memory. An output at the packed path, byte for byte the
   packed file, explains it.
2. What is left, file by file: the source that a build would make it of, with the options of the projects and a few
   variants of them (module format, target), since some builds compile one source twice.
3. What is left, with the patterns of :mod:`~provenly.verify.explain.postprocess` undone, and
   :mod:`~provenly.verify.explain.markers` of the format of what was made.

Only equal bytes count. The same bytes at another path count where both paths are forms of one module, and that is said.
For what still is left, the output that should have been there becomes the base of the diff: a line that somebody added
to a compiled file is then all that is shown. A source map is an output like any other, and proves nothing about the
JavaScript that it belongs to.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.trust.strict_json import Json
from provenly.verify.comparison.kinds import is_declaration
from provenly.verify.explain.dialects import Dialects
from provenly.verify.explain.markers import is_marker, marks
from provenly.verify.explain.postprocess import Surrounding, processed
from provenly.verify.explain.projects import Project, Projects
from provenly.verify.explain.scene import Expected, Scene
from provenly.verify.explain.source_tree import source_tree
from provenly.verify.explain.twins import TYPED, UNTYPED, is_bait, same_module, twin

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers, Emitted
    from provenly.verify.compiler.releases import Release

MAX_PROJECTS: Final = 10
"""Projects of one package that are compiled; packages with several dialects have three or four."""

MAX_EXPECTED: Final = 6
"""Outputs that one packed file is compared with for named patterns and for its diff."""

_NO_DECLARATIONS: Final[Mapping[str, Json]] = {
    "declaration": False,
    "declarationMap": False,
    "composite": False,
    "emitDeclarationOnly": False,
}
"""What is asked where the package has no declarations: they need types, and take most of the compiler's time."""

_COMPILED: Final = (".js", ".mjs", ".cjs", ".jsx")
_TYPED: Final = (".ts", ".tsx", ".mts", ".cts")
_BESIDES: Final = (".d.ts", ".d.mts", ".d.cts", ".map")
_DATA: Final = ".json"
"""What a source imports is written anew by the compiler."""


@dataclass(frozen=True, slots=True)
class Recompiled:
    """The explainer; see the module."""

    name: str = "recompiled"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each file that the compiler makes, and a reason for those that it should have made.

        :raises UnavailableError: the source could not be read, or there is no compiler (``COMPILER_UNAVAILABLE``): what
            it would have said is then not known.
        """
        wanted = [entry for entry in left if entry.path.endswith((*_COMPILED, *_BESIDES, _DATA))]
        if not any(entry.path.endswith(_COMPILED) or twin(scene, _code_of(entry.path), TYPED) for entry in wanted):
            return
        if scene.tools.compilers is None:
            for entry in wanted:
                if twin(scene, entry.path, TYPED):
                    yield self._reason(scene, entry, "nothing was compiled: there is no compiler here")
            return
        attempt = _Attempt(scene, scene.tools.compilers, wanted)
        yield from attempt.run(self.name)
        for entry in attempt.left.values():
            if entry.path in scene.expectations or attempt.reason(entry):
                yield self._reason(scene, entry, attempt.reason(entry))

    def _reason(self, scene: Scene, entry: FileEntry, text: str) -> Explanation:
        return scene.explanation(entry, FileClass.UNEXPLAINED, self.name, detail=text)


def _code_of(path: str) -> str:
    """Return the path of the code that a declaration or a map belongs to."""
    path = path.removesuffix(".map")
    for ending, code in ((".d.ts", ".js"), (".d.mts", ".mjs"), (".d.cts", ".cjs")):
        path = path.removesuffix(ending) + code if path.endswith(ending) else path
    return path


class _Attempt:
    """One attempt to make the packed files.

    :param wanted: the files that may be outputs of a compiler.
    """

    def __init__(self, scene: Scene, compilers: Compilers, wanted: Sequence[FileEntry]) -> None:
        self._scene = scene
        self._compilers = compilers
        self.left = {entry.path: entry for entry in wanted}
        self._expected: dict[str, list[Expected]] = {}
        self._placed: set[str] = set()
        self._made: set[str] = set()
        self._problems: list[str] = []
        self._aliases: dict[str, tuple[str, ...]] = {}

    def run(self, name: str) -> Iterator[Explanation]:
        from provenly.verify.compiler.releases import nearest

        scene = self._scene
        if any(path.endswith(_TYPED) and not is_declaration(path) for path in scene.files):
            known = Projects(scene)
            release = nearest(known.compiler())
            projects = known.found()
            self._aliases = _aliases(scene, projects)
            # 1. Whole projects.
            tree = source_tree(scene, projects, known.foreign) if projects else {}
            yield from self._programs(name, release, projects, tree)
            # 2. File by file.
            yield from self._files(name, release, projects)
        # 3. What release tools did after it.
        yield from self._processed(name)
        for path, entry in list(self.left.items()):
            if is_marker(path) and (stated := marks(path, scene.artifact.contents, self._made)):
                yield self._explained(name, entry, "", f"it marks the files beside it as what they are: {stated}")
        self._remember()

    def reason(self, entry: FileEntry) -> str:
        """Return why nothing is known of a file that the compiler should have made; else an empty string."""
        known = entry.path in self._expected or not twin(self._scene, entry.path, TYPED)
        return "" if known else "; ".join(dict.fromkeys(self._problems))

    def _remember(self) -> None:
        """Leave what should have been there as the base of the diffs of what is left."""
        committed = self._scene.read(self._scene.beside(path) for path in self.left if path in self._expected)
        for path, entry in self.left.items():
            # A source as it is needs no help of ours to be compared with.
            if candidates := [expected for expected in self._expected.get(path, ()) if expected.how]:
                packed = self._scene.content(entry)
                best = min(candidates, key=lambda expected: _distance(packed, expected.data))
                own = committed.get(self._scene.beside(path))
                if own is None or _distance(packed, best.data) < _distance(packed, own):
                    self._scene.expectations[path] = best

    def _programs(
        self, name: str, release: Release, projects: Sequence[Project], tree: Mapping[str, bytes]
    ) -> Iterator[Explanation]:
        made: list[tuple[Project, Emitted]] = []
        for project in self._relevant(projects) if tree else ():
            if not self.left:
                break
            emitted = self._emitted(release, project, tree)
            if emitted is None:
                continue
            made.append((project, emitted))
            yield from self._at_place(name, release, project, emitted)
            if any(_is_declaration_of(emitted, self._scene.beside(path)) for path in self.left):
                # Some declarations are inferred from those of the language, which cost a second to read.
                again = self._emitted(release, project, tree, libraries=True)
                if again is not None:
                    yield from self._at_place(name, release, project, again)
        for project, emitted in made:
            yield from self._elsewhere(name, release, project, emitted)

    def _relevant(self, projects: Sequence[Project]) -> Iterator[Project]:
        """Yield the projects that may have made something of what is left, by where they write to."""
        compiled = [project for project in projects if project.effective.get("noEmit") is not True]
        if not any(self._open(project) for project in compiled):
            # The package is published from another folder than the one that is written to: forms of its modules count.
            yield from compiled[:2]
            return
        count = 0
        for project in compiled:
            if count < MAX_PROJECTS and self._open(project):
                count += 1
                yield project

    def _open(self, project: Project) -> list[str]:
        """Return the files where a project writes to, for which no project has written anything yet."""
        out = project.out
        prefix = f"{out}/" if out else ""
        return [
            path
            for path in self.left
            if path not in self._placed and self._scene.beside(path).startswith(prefix) and not path.endswith(_DATA)
        ]

    def _emitted(
        self, release: Release, project: Project, tree: Mapping[str, bytes], *, libraries: bool = False
    ) -> Emitted | None:
        self._scene.tools.progress.step(f"Compiling {project.config}")
        overrides = dict(project.overrides)
        if libraries:
            overrides["emitDeclarationOnly"] = True
        elif not any(".d." in posixpath.basename(path) for path in self._open(project)):
            overrides |= _NO_DECLARATIONS
        try:
            return self._compilers.program(release, tree, project.config, overrides=overrides, libraries=libraries)
        except UnavailableError as error:
            if error.code != "COMPILER_CRASH":
                raise
            self._problems.append(f"{project.config} could not be compiled: {error.message}")
        except MalformedError as error:
            self._problems.append(f"{project.config} could not be compiled: {error.message}")
        return None

    def _at_place(self, name: str, release: Release, project: Project, emitted: Emitted) -> Iterator[Explanation]:
        """Yield what is equal at its place, and keep what is expected there."""
        for path, entry in list(self.left.items()):
            output = self._scene.beside(path)
            if output not in emitted.outputs:
                continue
            origin = _origin(emitted, output)
            if not origin or is_bait(self._scene, origin, path) or not self._agrees(path, origin):
                continue
            self._placed.add(path)
            how = f"compiles to with TypeScript {release.version} by {_named(project)}"
            if emitted.outputs[output] == self._scene.content(entry):
                yield self._explained(name, entry, origin, f"TypeScript {release.version}, {_named(project)}")
            else:
                self._expect(path, Expected(source=origin, data=emitted.outputs[output], how=how))

    def _elsewhere(self, name: str, release: Release, project: Project, emitted: Emitted) -> Iterator[Explanation]:
        """Yield what is equal at another path of the same module, where nothing else is made at its own."""
        scene = self._scene
        forms: dict[str, list[str]] = {}
        for output in emitted.outputs:
            if (within := scene.inside(output)) is not None:
                forms.setdefault(posixpath.basename(output), []).append(within)
        for path, entry in list(self.left.items()):
            if scene.beside(path) in scene.files:
                # The source has a file of its own there: nothing of another place is that file.
                continue
            for within in forms.get(posixpath.basename(path), ()):
                output = scene.beside(within)
                origin = _origin(emitted, output)
                if within == path or not origin or not same_module(path, within) or is_bait(scene, origin, path):
                    continue
                if not self._agrees(path, origin):
                    continue
                data = emitted.outputs[output]
                if data == scene.content(entry):
                    detail = f"TypeScript {release.version}, {_named(project)}; the project writes it to {within}"
                    yield self._explained(name, entry, origin, detail, elsewhere=True)
                    break
                how = f"compiles to with TypeScript {release.version} by {_named(project)}, which writes it to {within}"
                self._expect(path, Expected(source=origin, data=data, how=how))

    def _agrees(self, path: str, origin: str) -> bool:
        """Whether what was expected at a path before came from the same source: no second source may take its place."""
        return all(expected.source == origin for expected in self._expected.get(path, ()))

    def _files(self, name: str, release: Release, projects: Sequence[Project]) -> Iterator[Explanation]:
        """Yield what single files compile to, with the projects' options and variants of them."""
        scene = self._scene
        sources = {}
        for path in self.left:
            if path.endswith(_COMPILED):
                known = self._expected.get(path)
                own = scene.beside(path) in scene.files
                source = known[0].source if known else "" if own else twin(scene, path, TYPED)
                if source and not is_bait(scene, source, path):
                    sources[path] = source
        if not sources:
            return
        dialects = Dialects(scene, self._compilers, release, projects)
        for path, expected, equal in dialects.compiled({path: self.left[path] for path in sources}, sources):
            if equal:
                elsewhere = scene.inside(expected.source) is None
                yield self._explained(name, self.left[path], expected.source, expected.how, elsewhere=elsewhere)
            else:
                self._expect(path, expected)

    def _processed(self, name: str) -> Iterator[Explanation]:
        """Yield what is expected output with a named pattern on top, and JavaScript sources likewise."""
        scene = self._scene
        plain = {path: source for path in self.left if (source := twin(scene, path, UNTYPED))}
        texts = scene.read(plain.values())
        for path, source in plain.items():
            if path not in self._expected and source in texts and not is_bait(scene, source, path):
                self._expect(path, Expected(source=source, data=texts[source], how=""))
        version = scene.artifact.package.version
        around = Surrounding(version=version, packed=frozenset(scene.artifact.contents), aliases=self._aliases)
        for path, entry in list(self.left.items()):
            for expected in self._expected.get(path, ()):
                done = processed(path, scene.content(entry), expected.data, around)
                if done is not None:
                    detail = f"what {expected.source} {expected.how}, " if expected.how else ""
                    detail += done.detail
                    yield self._explained(name, entry, expected.source, detail)
                    break

    def _expect(self, path: str, expected: Expected) -> None:
        known = self._expected.setdefault(path, [])
        if len(known) < MAX_EXPECTED and all(other.data != expected.data for other in known):
            known.append(expected)

    def _explained(
        self, name: str, entry: FileEntry, source: str, detail: str, *, elsewhere: bool = False
    ) -> Explanation:
        del self.left[entry.path]
        self._made.add(entry.path)
        outside = bool(source) and self._scene.inside(source) is None
        if outside:
            detail += f"; its source {source} is outside of the package's directory"
        return self._scene.explanation(
            entry, FileClass.RECOMPILED, name, source=source, elsewhere=elsewhere or outside, detail=detail
        )


def _named(project: Project) -> str:
    return f"{project.config} (script {project.script})" if project.script else project.config


def _is_declaration_of(emitted: Emitted, output: str) -> bool:
    return ".d." in posixpath.basename(output) and output in emitted.outputs


def _origin(emitted: Emitted, output: str) -> str:
    return next(iter(emitted.origins.get(output, ())), "")


def _aliases(scene: Scene, projects: Sequence[Project]) -> dict[str, tuple[str, ...]]:
    """Return the path aliases of the projects that lead into the package's directory; the likelier project's first."""
    found: dict[str, tuple[str, ...]] = {}
    for project in projects:
        table = project.options.get("paths")
        for pattern, targets in table.items() if isinstance(table, Mapping) else ():
            places = targets if isinstance(targets, tuple) else ()
            inside = [scene.inside(target) for target in places if isinstance(target, str)]
            found.setdefault(pattern, tuple(target for target in inside if target is not None))
    return found


def _distance(packed: bytes, expected: bytes) -> int:
    """Return how many different lines only one of two texts has."""
    return len(set(packed.split(b"\n")) ^ set(expected.split(b"\n")))
