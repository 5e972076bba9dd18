"""Which commit it was: where the one that was found leaves code unexplained, the one that explains the most.

A version's commit is found by what is written about it (:mod:`~provenly.verify.sources.source`). In a survey of 62
servers that was the wrong one for a third of those without a tag: people publish before they commit, or go on working
under the same version. So where executable files are left, others are compared: the other commits that say that they
are the version, then the commits around it on the default branch (:mod:`~provenly.verify.sources.window`).

What is found that way is weaker than any commit that somebody named: it is called ``search``, says nothing about which
version it is, and adds nothing to how the source knows or acknowledges the package. Files are never explained by two
commits: what another one would explain is said, and stays unexplained.

The bounds count commits, files and bytes, so that the same inputs have the same answer on every machine; the one on
seconds is for what is worse than all that was measured, and says so where it is reached.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.evidence import UNEXPLAINED_CLASSES, Comparison
from provenly.trust.model import Note
from provenly.trust.source import FoundBy, Source
from provenly.verify.comparison import compare
from provenly.verify.comparison.surface import Surface
from provenly.verify.context import Context, LineCommit
from provenly.verify.explain import EXPLAINERS
from provenly.verify.explain.scene import NO_TOOLS, Tools
from provenly.verify.sources import window
from provenly.verify.sources.candidates import Search
from provenly.verify.sources.inspection import Inspection, Lead
from provenly.verify.sources.ledger import PARTIAL, Key, Ledger, Score
from provenly.verify.sources.outcome import STRENGTH, Outcome, Trial
from provenly.verify.sources.source import Found
from provenly.verify.sources.workspace import MANIFEST

MAX_COMPARED: Final = 12
"""Commits that are compared besides the first. Of the packages that were measured none needed more than seven."""

HOPELESS: Final = 3
"""Further commits after which it is given up where no code of the package came out of any: it is made in a way that is
not known here, and so it would be at all others."""

MANY: Final = 8
"""Files of code of a package of which nothing came out, for that to say something about how it is made."""

_CODE: Final = (".js", ".mjs", ".cjs", ".jsx")

MAX_BYTES: Final = 48 * 1024 * 1024
"""Packed code that is compared with further commits, together; what is known to come out the same does not count."""

MAX_FILES: Final = 300_000
"""Files of all further commits that are looked at together, which are kept in memory: some 150 MB."""

MAX_SECONDS: Final = 300.0
"""Seconds after which no further commit is compared: five times what the longest search took that was measured."""

ROUND: Final = 15
"""Commits that are looked at before the most promising of them are compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The commit in the end, and the comparison with it.

    :param found: what was found, with the source changed to the commit that explains the most.
    """

    found: Found
    comparison: Comparison


def settle(found: Found, artifact: Artifact, context: Context, *, surface: Surface | None, tools: Tools) -> Settled:
    """Compare a package with its source, at the commit that was found or at one around it that explains more.

    :param found: the commit, and the others that were looked at.
    :param surface: what of the package can run, where the caller knows it already.
    :raises Error: as :func:`~provenly.verify.comparison.compare.compare`, of the commit that was found. What goes wrong
        with others ends the search, with a note.
    """
    first = compare.compare(artifact, found.source, found.repository, surface=surface, tools=tools)
    if found.search is None or not any(file.executable and not file.unchecked for file in first.unexplained):
        return Settled(found=found, comparison=first)
    context.progress.step("Looking for the commit")
    return _Attempt(found, found.search, artifact, first, surface=surface, tools=tools).run()


class _Attempt:
    """One search for a better commit."""

    def __init__(  # noqa: PLR0913 - what is compared, and with what
        self,
        found: Found,
        search: Search,
        artifact: Artifact,
        first: Comparison,
        *,
        surface: Surface | None,
        tools: Tools = NO_TOOLS,
    ) -> None:
        self._found = found
        self._search = search
        self._artifact = artifact
        self._surface = surface
        self._tools = tools
        self._first = first
        self._ledger = Ledger(first)
        self._trials: list[Trial] = []
        self._looked = 0
        self._bytes = 0
        self._end = tools.end(MAX_SECONDS)
        self._notes: list[Note] = []

    def run(self) -> Settled:
        self._learn(self._found.inspections[0], self._first)
        best, comparison = self._trials[0], self._first
        with self._ending():
            self._try_all()
        with self._ending():
            best, comparison = self._best()
        told = Outcome(trials=self._trials, best=best, total=len(self._ledger.files), looked=self._looked)
        left = {file.path for file in comparison.unexplained if file.executable}
        source = replace(
            self._at(best.item),
            candidates=told.candidates(self._found.source.candidates),
            notes=(*self._found.source.notes, *self._notes, *told.notes(left)),
        )
        return Settled(found=replace(self._found, source=source), comparison=comparison)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Let what goes wrong with another commit end what is done with others, with a note."""
        try:
            yield
        except (UnavailableError, MalformedError, RejectedError) as error:
            self._note("SOURCE_SEARCH_UNREAD", f"no further commits could be compared: {error.message}")

    def _best(self) -> tuple[Trial, Comparison]:
        """Return the commit that explains the most, and the comparison with it as it is reported."""
        first = self._trials[0]
        while (best := max(self._trials, key=lambda trial: trial.rank)) is not first:
            comparison = self._compared(best.item)
            if _explained(comparison) > _explained(self._first):
                return best, comparison
            # What was taken as known was not so; or tracing, which is not tried everywhere, sees more at the first one.
            self._trials.remove(best)
        return first, self._first

    def _try_all(self) -> None:
        """Compare what is promising, one round of commits after the other, until nothing is left to be explained."""
        pool: list[tuple[Inspection, Mapping[str, Key]]] = []
        for group in self._rounds():
            pool += [(item, self._keys(item)) for item in group if item.place is not None]
            while (item := self._next(pool)) is not None:
                if len(self._trials) > MAX_COMPARED or self._bytes > MAX_BYTES:
                    self._note("SOURCE_SEARCH_LIMIT", "not every commit that may explain more could be compared")
                    return
                if time.monotonic() > self._end:
                    text = f"no further commit was compared after {MAX_SECONDS:.0f} seconds; a faster machine does more"
                    self._note("SOURCE_SEARCH_TIME", text)
                    return
                self._try(item)
                if not self._is_open():
                    return
                if self._is_hopeless():
                    text = f"no code of the package came out of {len(self._trials)} commits; no others were compared"
                    self._note("SOURCE_SEARCH_LIMIT", text)
                    return

    def _rounds(self) -> Iterator[Sequence[Inspection]]:
        """Yield commits to choose from: those that say that they are the version, then those around it."""
        chosen = self._found.inspections[0]
        refs = self._found.refs
        yield [
            _no_stronger(item, chosen)
            for item in self._found.inspections[1:]
            # A commit that only the publisher names may be any old one: the repository must call it the version.
            if item.owner(refs) and (item.knows or not chosen.knows)
        ]
        if chosen.place is None:
            return
        known = {item.lead.commit for item in self._found.inspections}
        near = [item for item in window.commits(self._search, chosen, chosen.place) if item.commit not in known]
        files = len(chosen.tree)
        for start in range(0, len(near), ROUND):
            room = (MAX_FILES - files * self._looked) // max(1, files)
            group = near[start : start + min(ROUND, room)]
            if not group:
                self._note("SOURCE_SEARCH_LIMIT", "the repository is too large to look at all commits around it")
                return
            yield self._look(group, chosen)

    def _look(self, group: Sequence[LineCommit], chosen: Inspection) -> list[Inspection]:
        """Return commits of the default branch as they are found, their manifests read in one request."""
        search = self._search
        directory = chosen.place.directory if chosen.place else ""
        path = f"{directory}/{MANIFEST}" if directory else MANIFEST
        search.repository.expect(item.commit for item in group)
        trees = [search.repository.tree(item.commit) for item in group]
        search.workspace.read(tree[path].blob for tree in trees if path in tree)
        # Where nothing knows the version, no neighbour of what was compared instead does so either.
        nearest = chosen.lead.found_by is FoundBy.NEAREST
        found_by = FoundBy.NEAREST if nearest else FoundBy.SEARCH
        leads = (
            Lead(commit=item.commit, found_by=found_by, name=search.refs.default, refs=(search.default_ref,))
            for item in group
        )
        self._looked += len(group)
        return [search.inspect(lead) for lead in leads]

    def _next(self, pool: list[tuple[Inspection, Mapping[str, Key]]]) -> Inspection | None:
        """Take the most promising commit out of the pool; ``None`` where none can explain more than the best one."""
        best = max(trial.score for trial in self._trials)
        promises = [(self._ledger.promise(keys), item, keys) for item, keys in pool]
        better = [row for row in promises if row[0].most > best]
        pool[:] = [(item, keys) for _, item, keys in better]
        if not better:
            return None
        number = max(range(len(better)), key=lambda index: (better[index][0].likely, -index))
        return pool.pop(number)[0]

    def _try(self, item: Inspection) -> None:
        """Compare the files of which it is not known yet what this commit makes of them."""
        self._tools.progress.step(f"Comparing with {item.lead.commit[:12]}, commit {len(self._trials) + 1}")
        unknown = self._ledger.unknown(self._keys(item))
        self._bytes += sum(file.size for file in self._ledger.files if file.path in unknown)
        self._learn(item, self._compared(item, only=unknown))

    def _learn(self, item: Inspection, comparison: Comparison) -> None:
        keys = self._keys(item)
        self._ledger.learn(keys, comparison)
        explained = self._ledger.explained(keys)
        score = self._ledger.score(explained)
        self._trials.append(Trial(item=item, explained=explained, score=score, number=len(self._trials)))

    def _compared(self, item: Inspection, *, only: Collection[str] | None = None) -> Comparison:
        """Compare with a commit.

        :param only: the files that are asked about, by the explainers that make the very bytes; else everything.
        """
        return compare.compare(
            self._artifact,
            self._at(item),
            self._found.repository,
            surface=self._surface,
            tools=self._tools,
            explainers=EXPLAINERS if only is None else [tool for tool in EXPLAINERS if tool.name not in PARTIAL],
            only=only,
        )

    def _keys(self, item: Inspection) -> Mapping[str, Key]:
        return self._ledger.keys(item.tree, self._at(item).directory)

    def _at(self, item: Inspection) -> Source:
        """Return the source at another commit."""
        source = self._found.source
        if item.lead.commit == source.commit:
            return source
        directory = item.place.directory if item.place else source.directory
        return replace(
            source, commit=item.lead.commit, found_by=item.lead.found_by, directory=directory, tree=item.tree
        )

    def _is_open(self) -> bool:
        """Whether the best commit so far leaves executable files."""
        return max(trial.score[0] for trial in self._trials) < len(self._ledger.files)

    def _is_hopeless(self) -> bool:
        """Whether so many files came out of none of so many commits that others need not be tried."""
        code = {file.path for file in self._ledger.files if file.path.endswith(_CODE)}
        tried = len(self._trials) > HOPELESS and len(code) >= MANY
        return tried and all(code.isdisjoint(trial.explained) for trial in self._trials)

    def _note(self, code: str, text: str, where: str = "") -> None:
        self._notes.append(Note(code=code, text=text, where=where))


def _no_stronger(item: Inspection, chosen: Inspection) -> Inspection:
    """Return a commit to try, found no better than the first one: that it explains more makes no proof stronger."""
    if STRENGTH.index(item.lead.found_by) >= STRENGTH.index(chosen.lead.found_by):
        return item
    return replace(item, lead=replace(item.lead, found_by=FoundBy.SEARCH))


def _explained(comparison: Comparison) -> Score:
    """Return how many executable files are explained, in whatever class, and their bytes."""
    runs = [file for file in comparison.files if file.executable and file.file_class not in UNEXPLAINED_CLASSES]
    return len(runs), sum(file.size for file in runs)
