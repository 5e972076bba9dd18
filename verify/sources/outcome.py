"""What a search for a better commit came to, as it is recorded and told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from provenly.trust.model import Note
from provenly.trust.source import Candidate, FoundBy
from provenly.trust.text import plural
from provenly.verify.sources.inspection import Inspection
from provenly.verify.sources.ledger import Score

MAX_NAMED: Final = 5
"""Files that a note names."""

STRENGTH: Final = tuple(FoundBy)
"""The ways to a commit, the strongest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A commit that was compared.

    :param explained: the executable files that it explains, some of them because another one with the same source does.
    :param number: how many were compared before it.
    """

    item: Inspection
    explained: frozenset[str]
    score: Score
    number: int

    @property
    def rank(self) -> tuple[Score, int, int]:
        """What makes one the better: what it explains, then the stronger way to it, then which came first."""
        return self.score, -STRENGTH.index(self.item.lead.found_by), -self.number


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """All that was tried.

    :param trials: the commits that were compared, the one that was found without comparing first.
    :param best: the one of them that is taken.
    :param total: how many executable files the package has.
    :param looked: how many commits of the default branch were looked at, compared or not.
    """

    trials: Sequence[Trial]
    best: Trial
    total: int
    looked: int

    def candidates(self, recorded: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Return the records of all commits, with what those explain that were compared.

        :param recorded: the records from before the search.
        """
        lead = self.best.item.lead
        said = {
            trial.item.lead.commit: f"; it explains {trial.score[0]} of {plural(self.total, 'executable file')}"
            for trial in self.trials
        }
        found = [replace(item, chosen=False, note=item.note + said.get(item.commit, "")) for item in recorded]
        same = [number for number, item in enumerate(found) if item.commit == lead.commit]
        if same:
            number = next((at for at in same if found[at].found_by is lead.found_by), same[0])
            found[number] = replace(found[number], chosen=True, found_by=lead.found_by)
        known = {item.commit for item in found}
        for trial in self.trials:
            commit = trial.item.lead.commit
            if commit not in known:
                # It may carry the version or a tag; that it was looked at is no merit of its own.
                record = trial.item.candidate(chosen=trial is self.best)
                found.append(replace(record, knows=False, note=record.note + said[commit]))
        return tuple(found)

    def notes(self, left: Collection[str]) -> tuple[Note, ...]:
        """Return how the commit was chosen, and what others explain of the files that it leaves.

        :param left: the executable files that nothing explains.
        """
        first, others = self.trials[0], [trial for trial in self.trials if trial is not self.best]
        how = f"{_named(first)} explains {first.score[0]} of {plural(self.total, 'executable file')}; "
        if not others:
            if not self.looked:
                return ()
            text = f"of {plural(self.looked, 'commit')} around it none has other sources for what is left"
            return (Note(code="SOURCE_SEARCH", text=how + text, where=first.item.lead.commit),)
        second = max(others, key=lambda trial: trial.rank)
        around = f"{plural(self.looked, 'commit')} around it looked at, " if self.looked else ""
        text = f"{around}{plural(len(self.trials) - 1, 'further commit')} compared: "
        if self.best is first:
            text += f"none explains more, the next best, {_named(second)}, {second.score[0]}"
        else:
            text += f"{_named(self.best)} explains {self.best.score[0]} and was taken"
            text += f"; the next best, {_named(second)}, {second.score[0]}" if second is not first else ""
        note = Note(code="SOURCE_SEARCH", text=how + text, where=self.best.item.lead.commit)
        return note, *_of_others(others, left)


def _of_others(others: Sequence[Trial], left: Collection[str]) -> tuple[Note, ...]:
    """Return a note that names the files which another commit explains."""
    places: dict[str, str] = {}
    for trial in sorted(others, key=lambda trial: trial.rank, reverse=True):
        for path in trial.explained & frozenset(left):
            places.setdefault(path, trial.item.lead.commit)
    if not places:
        return ()
    named = ", ".join(f"{path} ({commit[:12]})" for path, commit in sorted(places.items())[:MAX_NAMED])
    more = f" and {len(places) - MAX_NAMED:,} more" if len(places) > MAX_NAMED else ""
    text = f"no one commit explains the package: another one explains what stays unexplained in {named}{more}"
    return (Note(code="SOURCE_SEVERAL_COMMITS", text=text),)


def _named(trial: Trial) -> str:
    lead = trial.item.lead
    return f"{lead.commit[:12]} ({lead.found_by}{' ' + lead.name if lead.name else ''})"
