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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass, Trace
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.traced import looks, wording
from provenly.verify.explain.traced.attempt import Attempt
from provenly.verify.explain.traced.outcome import Outcome

MUCH: Final = 0.2
"""The part of a bundle that comes from nowhere, beyond which its pieces are too many to be read one by one."""

_WORKLESS: Final = ("COMPILER_", "ESBUILD_")
"""How the codes begin that say that a tool is not there."""


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
        room = wording.Room()
        for minified in (False, True):
            group = [entry for entry in wanted if looks.is_minified(scene.content(entry)) is minified]
            if not group:
                continue
            try:
                outcome = Attempt(scene, tracers, dependencies, group, minified=minified).outcome()
            except MalformedError as error:
                yield from (self._reason(scene, entry, error.message) for entry in group)
                continue
            except UnavailableError as error:
                if not error.code.startswith(_WORKLESS):
                    raise
                yield from self._unlooked(scene, group, error.message)
                continue
            yield from (self._answer(scene, entry, outcome, room) for entry in group)

    def _reason(self, scene: Scene, entry: FileEntry, why: str) -> Explanation:
        detail = f"it could not be traced: {why}" if why else ""
        return scene.explanation(entry, FileClass.UNEXPLAINED, self.name, detail=detail)

    def _unlooked(self, scene: Scene, entries: Sequence[FileEntry], why: str) -> Iterator[Explanation]:
        """Yield that bundles are unchecked; any other file without a source is what it was: left with its lines."""
        for entry in entries:
            if looks.is_marked(scene.content(entry)):
                found = self._reason(scene, entry, why)
                yield replace(found, unchecked=found.detail)

    def _answer(self, scene: Scene, entry: FileEntry, outcome: Outcome, room: wording.Room) -> Explanation:
        """Return what is said of one bundle."""
        marked = looks.is_marked(scene.content(entry))
        found = outcome.found.get(entry.path)
        if found is None:
            if outcome.later and marked:
                return next(self._unlooked(scene, [entry], outcome.later))
            return self._reason(scene, entry, outcome.problems.get(entry.path, "it cannot be read"))
        result = found.result
        trace = wording.trace_of(result, found.rewritten, room)
        parts = [wording.sentence(trace), *wording.versions(result, scene.artifact.package.version)]
        base = scene.explanation(entry, FileClass.TRACED, self.name)
        if not (result.sources or result.dependencies or result.untraced or looks.passes_on(scene, entry)):
            return self._reason(scene, entry, "there is no statement in it")
        if not result.pieces and not result.untraced:
            foreign = wording.vocabulary(trace)
            return replace(base, detail="; ".join((*parts, *([foreign] if foreign else []))), trace=trace)
        unlooked = _why_unlooked(outcome, trace)
        if unlooked and marked:
            return next(self._unlooked(scene, [entry], unlooked))
        parts += wording.lacking(outcome, trace)
        known = result.share > MUCH and not result.words and not result.missing
        foreign = "every word of it is in a source or a dependency" if known else wording.vocabulary(trace)
        return replace(
            base,
            file_class=FileClass.VOCABULARY if known else FileClass.UNEXPLAINED,
            detail="; ".join((*parts, *([foreign] if foreign else []))),
            lines=wording.runs((piece.first, piece.last) for piece in result.pieces),
            diff=wording.diff_of(entry.path, result.pieces, scene.source.commit, found.rewritten, room),
            trace=trace,
        )


def _why_unlooked(outcome: Outcome, trace: Trace) -> str:
    """Return why what comes from nowhere may come from what we could not look at; empty where it cannot."""
    if outcome.later:
        return outcome.later
    return outcome.lock if trace.untraced > MUCH * trace.size else ""
