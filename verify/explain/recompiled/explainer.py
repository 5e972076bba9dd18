"""Recompiled: the TypeScript compiler makes the very bytes of the sources at the commit.

1. The repository's own projects, in memory: each source by itself, and as a whole where that leaves something
   (:mod:`~provenly.verify.explain.recompiled.programs`). An output at the packed path, byte for byte the packed file,
   explains it.
2. What is left, file by file: the source that a build would make it of, with the options of the projects and a few
   variants of them (module format, target), since some builds compile one source twice
   (:mod:`~provenly.verify.explain.recompiled.dialects`).
3. What is left, with the patterns of :mod:`~provenly.verify.explain.postprocess` undone, and
   :mod:`~provenly.verify.explain.recompiled.markers` of the format of what was made.
4. What is left and may depend on the types of npm packages
   (:mod:`~provenly.verify.explain.recompiled.typed_code`), with these.

Only equal bytes count. The same bytes at another path count where both paths are forms of one module, and that is said.
For what still is left, the output that should have been there becomes the base of the diff: a line that somebody added
to a compiled file is then all that is shown. A source map is an output like any other, and proves nothing about the
JavaScript that it belongs to.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.kinds import is_declaration
from provenly.verify.explain.postprocess import Surrounding, processed
from provenly.verify.explain.projects import Project, Projects
from provenly.verify.explain.recompiled.attempt import COMPILED, DATA, HOPELESS, Attempt, code_of, may_be_compiled
from provenly.verify.explain.recompiled.dialects import Dialects
from provenly.verify.explain.recompiled.markers import MAX_MARKERS, is_marker, marks
from provenly.verify.explain.recompiled.programs import Programs
from provenly.verify.explain.scene import Expected, Scene
from provenly.verify.explain.twins import TYPED, UNTYPED, is_bait, twin

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.compiler.releases import Release

_TYPED: Final = (".ts", ".tsx", ".mts", ".cts")
_BESIDES: Final = (".d.ts", ".d.mts", ".d.cts", ".map")


@dataclass(frozen=True, slots=True)
class Recompiled:
    """The explainer; see the module."""

    name: str = "recompiled"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each file that the compiler makes, and a reason for those that it should have made.

        Where there is no compiler, that is said of each file that it may have made: it is then unchecked.

        :raises UnavailableError: the source could not be read.
        """
        wanted = [entry for entry in left if entry.path.endswith((*COMPILED, *_BESIDES, DATA))]
        if not any(entry.path.endswith(COMPILED) or twin(scene, code_of(entry.path), TYPED) for entry in wanted):
            return
        attempt = Attempt(scene, self.name, wanted)
        if scene.tools.compilers is None:
            problem = "nothing was compiled: there is no compiler here"
        else:
            problem = yield from _made(attempt, scene.tools.compilers)
        yield from _finished(attempt, scene.artifact.contents.keys() - {entry.path for entry in left})
        for entry in attempt.left.values():
            unchecked = problem if problem and may_be_compiled(scene, entry.path) else ""
            reason = unchecked or attempt.reason(entry)
            if reason or entry.path in scene.expectations:
                found = scene.explanation(entry, FileClass.UNEXPLAINED, self.name, detail=reason)
                yield replace(found, unchecked=unchecked)


def _made(attempt: Attempt, compilers: Compilers) -> Generator[Explanation, None, str]:
    """Yield what the compiler makes, the ways that leave the least open first.

    :returns: why there is no compiler, where it was needed; else an empty string.
    """
    from provenly.verify.compiler.releases import nearest

    scene = attempt.scene
    if not any(path.endswith(_TYPED) and not is_declaration(path) for path in scene.files):
        return ""
    known = Projects(scene)
    release = nearest(known.compiler())
    projects = known.found()
    attempt.aliases = _aliases(scene, projects)
    programs = Programs(attempt, compilers, release, projects, known.foreign)
    try:
        # 1. Whole projects.
        yield from programs.run()
        # 2. File by file.
        yield from _files(attempt, compilers, release, projects)
        # 3. Named patterns, then what depends on the types of npm packages: that takes longest.
        yield from _processed(attempt)
        yield from programs.with_types()
    except UnavailableError as error:
        if error.code not in HOPELESS:
            raise
        return error.message
    return ""


def _finished(attempt: Attempt, explained: Collection[str]) -> Iterator[Explanation]:
    """Yield what release tools did after the compiler, or without it, and leave what is expected for the diffs.

    :param explained: the packed files that earlier explainers have explained.
    """
    yield from _processed(attempt)
    made = {*attempt.made, *explained}
    markers = [(path, entry) for path, entry in attempt.left.items() if is_marker(path)]
    for path, entry in markers[:MAX_MARKERS]:
        if stated := marks(path, attempt.scene.artifact.contents, made):
            yield attempt.explained(entry, "", f"it marks the files beside it as what they are: {stated}")
    attempt.remember()


def _files(
    attempt: Attempt, compilers: Compilers, release: Release, projects: Sequence[Project]
) -> Iterator[Explanation]:
    """Yield what single files compile to, with the projects' options and variants of them."""
    scene = attempt.scene
    sources = {}
    for path in attempt.left:
        if path.endswith(COMPILED):
            known = attempt.expected.get(path)
            own = scene.beside(path) in scene.files
            source = known[0].source if known else "" if own else twin(scene, path, TYPED)
            if source and not is_bait(scene, source, path):
                sources[path] = source
    if not sources:
        return
    dialects = Dialects(scene, compilers, release, projects)
    for path, expected, equal in dialects.compiled({path: attempt.left[path] for path in sources}, sources):
        if equal:
            elsewhere = scene.inside(expected.source) is None
            yield attempt.explained(attempt.left[path], expected.source, expected.how, elsewhere=elsewhere)
        else:
            attempt.expect(path, expected)


def _processed(attempt: Attempt) -> Iterator[Explanation]:
    """Yield what is expected output with a named pattern on top, and JavaScript sources likewise."""
    scene = attempt.scene
    plain = {
        path: source
        for path in attempt.left
        if (source := twin(scene, path, UNTYPED))
        # Where there is TypeScript for it, JavaScript of the same name elsewhere is not what it is made of.
        and (source == scene.beside(path) or not twin(scene, path, TYPED))
    }
    texts = scene.read(plain.values())
    for path, source in plain.items():
        if path not in attempt.expected and source in texts and not is_bait(scene, source, path):
            attempt.expect(path, Expected(source=source, data=texts[source], how=""))
    around = Surrounding.of(scene, attempt.aliases)
    for path, entry in list(attempt.left.items()):
        for expected in attempt.expected.get(path, ()):
            done = processed(path, scene.content(entry), expected.data, around)
            if done is not None:
                detail = f"what {expected.source} {expected.how}, " if expected.how else ""
                detail += done.detail
                yield attempt.explained(entry, expected.source, detail)
                break


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
