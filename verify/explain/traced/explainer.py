"""Traced: each statement of a bundle comes from the sources at the commit, or from a dependency that is locked.

Asked for files that no explainer before could make, and that look like what a bundler writes
(:mod:`~provenly.verify.explain.traced.looks`). Nothing is built: the bundle and what it may be made of
(:mod:`~provenly.verify.explain.traced.corpus`) are taken apart and compared statement by statement
(:mod:`provenly.verify.tracing`), a minified bundle after esbuild has rewritten both sides.

A bundle of which nothing comes from nowhere is *traced*. That is less than *recompiled*: a statement that was left out,
another order of modules and genuine code that nothing imports are not seen. Of any other bundle the pieces that come
from nowhere are shown; it is unexplained, or *vocabulary* where much of it is, but no word of it is new.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass, Trace
from provenly.verify.compiler.sources import decoded
from provenly.verify.explain.projects import Projects
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.traced import looks, wording
from provenly.verify.explain.traced.corpus import Corpus, Loader, corpus_of, release_of
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.result import Traced as Result
from provenly.verify.tracing.trace import Tracing

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.tracing.isolates import Tracers

MAX_SECONDS: Final = 120.0
"""Seconds after which no further dependency is read, and bundles are not traced in a further way."""

MAX_AGAIN: Final = 40.0
"""Seconds that one way may have taken for a further one to be tried: it takes as long."""

MUCH: Final = 0.2
"""The part of a bundle that comes from nowhere, beyond which its pieces are too many to be read one by one."""

_WORKLESS: Final = ("COMPILER_", "ESBUILD_")
"""How the codes begin that say that a tool is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What tracing in one way says of a bundle.

    :param rewritten: the release of esbuild that both sides were rewritten with, or empty.
    """

    result: Result
    rewritten: str

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        """The better the less: whether anything comes from nowhere, in how many pieces, and whether lines are found."""
        result = self.result
        return bool(result.untraced or result.pieces), len(result.pieces), bool(self.rewritten), result.untraced


@dataclass(frozen=True, slots=True)
class Traced:
    """The explainer; see the module."""

    name: str = "traced"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield what is traced, and of the other bundles what is not.

        Where a tool or a package cannot be fetched, the bundles that need it are unchecked. That is said only of what a
        bundler must have written: a file that merely has no source could be one, and stays unexplained.

        :raises UnavailableError: the source could not be read.
        """
        tracers, dependencies = scene.tools.tracers, scene.tools.dependencies
        if tracers is None or dependencies is None:
            return
        wanted = looks.bundles(scene, left)
        for minified in (False, True):
            group = [entry for entry in wanted if looks.is_minified(scene.content(entry)) is minified]
            if not group:
                continue
            attempt = _Attempt(scene, tracers, dependencies, group, minified=minified)
            try:
                attempt.run()
            except MalformedError as error:
                yield from (self._reason(scene, entry, error.message) for entry in group)
                continue
            except UnavailableError as error:
                if not error.code.startswith(_WORKLESS):
                    raise
                why = f"it could not be traced: {error.message}"
                # Any other file without a source is what it was: unexplained, with its lines.
                lost = [entry for entry in group if looks.is_marked(scene.content(entry))]
                yield from (replace(self._reason(scene, entry, ""), unchecked=why, detail=why) for entry in lost)
                continue
            yield from (self._answer(scene, entry, attempt) for entry in group)

    def _reason(self, scene: Scene, entry: FileEntry, why: str) -> Explanation:
        detail = f"it could not be traced: {why}" if why else ""
        return scene.explanation(entry, FileClass.UNEXPLAINED, self.name, detail=detail)

    def _answer(self, scene: Scene, entry: FileEntry, attempt: _Attempt) -> Explanation:
        """Return what is said of one bundle."""
        found = attempt.found.get(entry.path)
        if found is None:
            return self._reason(scene, entry, attempt.problems.get(entry.path, "it cannot be read"))
        result = found.result
        places = wording.Places(decoded(scene.content(entry))) if found.rewritten else None
        words = [places.word(word.text) if places else word.line for word in result.words]
        trace = wording.trace_of(result, found.rewritten, words)
        parts = [wording.sentence(trace)]
        base = scene.explanation(entry, FileClass.TRACED, self.name)
        if not result.pieces and not result.untraced:
            foreign = wording.vocabulary(trace)
            return replace(base, detail="; ".join((*parts, *([foreign] if foreign else []))), trace=trace)
        unlooked = attempt.unlooked(trace)
        if unlooked and looks.is_marked(scene.content(entry)):
            return replace(base, file_class=FileClass.UNEXPLAINED, detail=unlooked, unchecked=unlooked)
        parts += attempt.lacking(trace)
        where = places.of(result.pieces) if places else [(piece.first, piece.last) for piece in result.pieces]
        known = result.share > MUCH and not result.words and not result.missing
        foreign = "every word of it is in a source or a dependency" if known else wording.vocabulary(trace)
        return replace(
            base,
            file_class=FileClass.VOCABULARY if known else FileClass.UNEXPLAINED,
            detail="; ".join((*parts, *([foreign] if foreign else []))),
            lines=wording.runs(where),
            diff=wording.diff_of(entry.path, result.pieces, where, scene.source.commit),
            trace=trace,
        )


class _Attempt:
    """One attempt to trace the bundles of a package.

    :param group: all minified, or none of them.
    """

    def __init__(
        self, scene: Scene, tracers: Tracers, dependencies: Dependencies, group: Sequence[FileEntry], *, minified: bool
    ) -> None:
        self._scene = scene
        self._tracers = tracers
        self._until = scene.tools.end(MAX_SECONDS)
        self._loader = Loader(dependencies, self._until)
        self._group = group
        self._minified = minified
        self._corpus: Corpus | None = None
        self.found: dict[str, _Found] = {}
        self.problems: dict[str, str] = {}

    def run(self) -> None:
        """Trace the bundles in one way after the other, until nothing is left that comes from nowhere.

        :raises MalformedError: ``TRACE_SOURCES``, ``TRACE_SIZE``: the sources or the bundles are over a limit.
        :raises UnavailableError: a tool is not there, or the source could not be read.
        """
        scene = self._scene
        files = looks.imported(scene, self._group)
        if sum(map(len, files.values())) > looks.MAX_ALTOGETHER:
            raise MalformedError("the bundles are more than is traced", code="TRACE_SIZE")
        scene.tools.progress.step("Reading the sources of bundles")
        labelled = any(looks.is_labelled(data) for data in files.values())
        self._corpus = corpus_of(scene, labelled=labelled)
        for prepass, release in self._ways():
            begun = time.monotonic()
            if all(self._is_done(entry.path) for entry in self._group):
                break
            scene.tools.progress.step(f"Tracing bundles{f', rewritten by esbuild {release}' if release else ''}")
            self._trace(files, prepass, release)
            if time.monotonic() > min(self._until, begun + MAX_AGAIN):
                break

    def unlooked(self, trace: Trace) -> str:
        """Return why what comes from nowhere may come from what we could not look at; empty where it cannot."""
        # Those that there was no time for are not among the missing: nobody asked for them.
        lost = [name for name in (*trace.missing, *sorted(self._loader.unlooked)) if name in self._loader.unlooked]
        if lost:
            return f"it could not be traced: {self._loader.problems[lost[0]]}"
        assert self._corpus is not None  # noqa: S101 - nothing is traced before it is read
        if self._corpus.lock is None and trace.untraced > MUCH * trace.size:
            return f"it could not be traced: {self._corpus.problem or 'no lockfile says which dependencies are in it'}"
        return ""

    def lacking(self, trace: Trace) -> list[str]:
        """Return which dependencies could not be had, where what comes from nowhere may be theirs."""
        assert self._corpus is not None  # noqa: S101 - as above
        names = trace.missing[: wording.NAMED]
        parts = [f"{name} could not be had: {self._loader.problems.get(name, 'it is not there')}" for name in names]
        if len(trace.missing) > len(names):
            parts.append(f"nor could {len(trace.missing) - len(names):,} more")
        if self._corpus.problem or self._corpus.lock is None:
            parts.append(self._corpus.problem or "no lockfile says which dependencies are in it")
        return parts

    def _is_done(self, path: str) -> bool:
        found = self.found.get(path)
        return path in self.problems or (found is not None and not found.result.pieces and not found.result.untraced)

    def _trace(self, files: Mapping[str, bytes], prepass: Prepass | None, release: str) -> None:
        """Trace in one way, and keep what leaves less than the ways before."""
        assert self._corpus is not None  # noqa: S101 - as above
        tracing = Tracing(self._tracers, self._scene.tools.prints, prepass)
        corpus = self._corpus
        results = tracing.run(
            files, corpus.sources, corpus.packages, self._loader.each, directory=self._scene.source.directory
        )
        for entry in self._group:
            result = results[entry.path]
            if isinstance(result, Error):
                if entry.path not in self.found:
                    self.problems[entry.path] = result.message
                continue
            found = _Found(result=result, rewritten=release)
            known = self.found.get(entry.path)
            if known is None or found.rank < known.rank:
                self.found[entry.path] = found

    def _ways(self) -> Iterator[tuple[Prepass | None, str]]:
        """Yield ways to trace, with the release of esbuild that rewrites both sides: plain code as it is, first."""
        assert self._corpus is not None  # noqa: S101 - as above
        if not self._minified:
            yield None, ""
        esbuild = self._scene.tools.esbuild
        if esbuild is None:
            return
        release = release_of(self._corpus.lock, self._scene.source.directory)
        yield Prepass(esbuild, release), release.version
        if target := self._target():
            yield Prepass(esbuild, release, (f"--target={target}",)), release.version

    def _target(self) -> str:
        """Return what the sources are compiled for, where that changes how classes are written."""
        for project in Projects(self._scene).found():
            target = project.options.get("target")
            if isinstance(target, str) and target.lower() in {f"es20{year}" for year in range(15, 22)}:
                return target.lower()
        return ""
