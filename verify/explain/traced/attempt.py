"""One attempt to trace the bundles of a package: in one way after the other, until nothing is left from nowhere.

How far it goes is counted in bytes of code, never in seconds, so that every machine says the same. Where time runs out
all the same, or the processor's limits stop a tool, the bundles were not looked at: that is said, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import Error, MalformedError
from provenly.verify.explain.memory import are_missing
from provenly.verify.explain.projects import Projects
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.traced import looks
from provenly.verify.explain.traced.corpus import Corpus, Loader, corpus_of, locked, release_of
from provenly.verify.explain.traced.outcome import Found, Outcome, Outcomes, name_of
from provenly.verify.tracing.index import ABOUT_FILES, is_code
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.trace import Tracing

if TYPE_CHECKING:
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.tracing.isolates import Tracers

MAX_WORK: Final = 200_000_000
"""Bytes of code that all ways may take apart together for a further one to begin: each begins from the start. Some
three minutes of a processor."""


class Attempt:
    """One attempt.

    :param group: the bundles, all minified, or none of them.
    """

    def __init__(
        self, scene: Scene, tracers: Tracers, dependencies: Dependencies, group: Sequence[FileEntry], *, minified: bool
    ) -> None:
        self._scene = scene
        self._tracers = tracers
        self._loader = Loader(dependencies, scene.tools.until)
        self._group = group
        self._minified = minified
        self._found: dict[str, Found] = {}
        self._problems: dict[str, str] = {}
        self._missing: dict[str, str] = {}
        self._later = ""
        self._work = 0

    def outcome(self) -> Outcome:
        """Return what is kept of the same attempt, or trace the bundles and keep what comes of it.

        :raises MalformedError: ``TRACE_SOURCES``, ``TRACE_SIZE``: the sources or the bundles are over a limit.
        :raises UnavailableError: a tool is not there, or the source could not be read.
        """
        scene = self._scene
        files = looks.imported(scene, self._group)
        if sum(map(len, files.values())) > looks.MAX_ALTOGETHER:
            raise MalformedError("the bundles are more than is traced", code="TRACE_SIZE")
        target = self._target()
        paths = sorted(entry.path for entry in self._group)
        name = name_of(scene, files, paths, self._minified, target, scene.tools.esbuild is not None)
        outcomes = Outcomes(scene.tools.prints)
        kept = outcomes.get(name)
        if kept is not None and self._is_still(kept):
            return kept
        found = self._traced(files, target)
        outcomes.put(name, found)
        return found

    def _is_still(self, kept: Outcome) -> bool:
        """Whether the packages that could not be had still cannot be."""
        return not kept.places or are_missing(self._scene.tools.dependencies, locked(self._scene), kept.places)

    def _traced(self, files: Mapping[str, bytes], target: str) -> Outcome:
        scene = self._scene
        scene.tools.progress.step("Reading the sources of bundles")
        corpus = corpus_of(scene, labelled=any(looks.is_labelled(data) for data in files.values()))
        for prepass, release in self._ways(corpus, target):
            if all(self._is_done(entry.path) for entry in self._group):
                break
            scene.tools.progress.step(f"Tracing bundles{f', rewritten by esbuild {release}' if release else ''}")
            before = self._work
            self._trace(files, corpus, prepass, release)
            if self._work + (self._work - before) > MAX_WORK:
                break
        if self._loader.unlooked:
            self._later = self._loader.problems[next(iter(self._loader.unlooked))]
        return Outcome(
            found=self._found,
            problems=self._problems,
            missing={**self._loader.problems, **self._missing},
            places=tuple(self._loader.places),
            lock=corpus.problem,
            later=self._later,
        )

    def _is_done(self, path: str) -> bool:
        found = self._found.get(path)
        return path in self._problems or (found is not None and not found.result.pieces and not found.result.untraced)

    def _trace(self, files: Mapping[str, bytes], corpus: Corpus, prepass: Prepass | None, release: str) -> None:
        """Trace in one way, and keep what leaves less than the ways before."""
        tracing = Tracing(self._tracers, self._scene.tools.prints, prepass)
        results = tracing.run(
            files,
            corpus.sources,
            corpus.packages,
            self._loader.each,
            directory=self._scene.source.directory,
            version=self._scene.artifact.package.version,
        )
        self._missing |= tracing.problems
        self._later = self._later or tracing.hindered
        code = (data for path, data in {**corpus.sources, **files}.items() if is_code(path))
        self._work += tracing.size + sum(map(len, code))
        for entry in self._group:
            result = results[entry.path]
            if isinstance(result, Error):
                if result.code not in ABOUT_FILES and not result.code.startswith("TRACE_"):
                    self._later = self._later or f"{entry.path}: {result.message}"
                if entry.path not in self._found:
                    self._problems[entry.path] = result.message
                continue
            found = Found(result=result, rewritten=release)
            known = self._found.get(entry.path)
            if known is None or found.rank < known.rank:
                self._found[entry.path] = found

    def _ways(self, corpus: Corpus, target: str) -> Iterator[tuple[Prepass | None, str]]:
        """Yield ways to trace, with the release of esbuild that rewrites both sides: plain code as it is, first."""
        if not self._minified:
            yield None, ""
        esbuild = self._scene.tools.esbuild
        if esbuild is None:
            return
        release = release_of(corpus.lock, self._scene.source.directory)
        yield Prepass(esbuild, release), release.version
        if target:
            yield Prepass(esbuild, release, (f"--target={target}",)), release.version

    def _target(self) -> str:
        """Return what the sources are compiled for, where that changes how classes are written."""
        for project in Projects(self._scene).found():
            target = project.options.get("target")
            if isinstance(target, str) and target.lower() in {f"es20{year}" for year in range(15, 22)}:
                return target.lower()
        return ""
