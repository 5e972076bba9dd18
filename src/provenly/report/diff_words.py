"""The words that every form of a diff uses: its title, both sides, a file's facts, and what a cue says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from provenly.report.diff_view import File, Side, View
from provenly.report.words import foreign, lines, size
from provenly.trust.text import plural
from provenly.verify.comparison.cues import Cue, around
from provenly.verify.comparison.said import Kind

MAX_RANGES: Final = 6
"""Ranges of lines that are listed for a file."""

MAX_CUE: Final = 240
"""Characters of a cue that are shown to people: what sets it apart from before is among them."""


def title(view: View) -> str:
    """Return one line that names both sides."""
    right = foreign(view.right.package, limit=512)
    if view.between == "source":
        left = foreign(view.right.repository, limit=512) or "its source"
        return f"{left} → {right}"
    return f"{foreign(view.left.package, limit=512)} → {right}"


def places(view: View) -> Iterator[tuple[str, str]]:
    """Yield both sides with labels."""
    if view.between == "source":
        yield "source", _source(view.right)
        yield "package", _package(view.right)
        return
    for label, side in (("before", view.left), ("after", view.right)):
        yield label, _package(side)
        yield "", _source(side)


def _source(side: Side) -> str:
    if not side.commit:
        return "no source could be read"
    return f"{foreign(side.repository, limit=512)} at {side.commit[:12]}, found by {side.found_by}"


def _package(side: Side) -> str:
    name = foreign(side.package, limit=512)
    if side.files is None:
        return f"{name}, which could not be read"
    explained = f", {side.explained:,} of them explained by the source" if side.explained is not None else ""
    return f"{name}, {plural(side.files, 'file')}{explained}"


def facts(file: File) -> str:
    """Return in a few words what a file is and which of its lines are meant."""
    runs = ("executable" if file.reachable else "executable, not reached") if file.executable else "data"
    words = [file.change, runs, size(file.size)]
    if file.change != "unexplained" and file.file_class:
        words.append(f"its source: {file.file_class}")
    if file.lines:
        words.append(lines(file.lines, limit=MAX_RANGES))
    return ", ".join(words)


def said(cue: Cue) -> tuple[str, str]:
    """Return what a cue says and what was there before, each cut to what sets it apart; the second may be empty."""
    named, colon, text = cue.text.partition(": ") if cue.kind is Kind.TOOL and cue.was else ("", "", cue.text)
    now = f"{around(named, '', MAX_CUE)}{colon}{around(text, cue.was, MAX_CUE)}"
    return foreign(now), foreign(around(cue.was, text, MAX_CUE))


def grouped(cues: Iterable[Cue]) -> list[tuple[Cue, int]]:
    """Return cues without those that say the same of other files, each with how many those are.

    A package that is built twice says everything twice.
    """
    first: dict[tuple[Kind, str, str], Cue] = {}
    times: Counter[tuple[Kind, str, str]] = Counter()
    for cue in cues:
        key = cue.kind, cue.text, cue.was
        first.setdefault(key, cue)
        times[key] += 1
    return [(cue, times[key] - 1) for key, cue in first.items()]


def where(cue: Cue, others: int = 0) -> tuple[str, str]:
    """Return the places of a cue: in the later version, and in the earlier one; the second may be empty.

    :param others: in how many other places the same is said.
    """
    more = f" and {plural(others, 'more place')}" if others else ""
    unreached = "" if cue.reached else ", which nothing leads to"
    return _place(cue.path, cue.line) + more + unreached, _place(cue.was_path, cue.was_line)


def _place(path: str, line: int) -> str:
    return foreign(path, limit=1_024) + (f":{line}" if line else "")


def commits(view: View) -> str:
    """Return one sentence about the commits between both sides; empty where there is nothing to say."""
    if view.history:
        return f"The commits between could not be listed: {foreign(view.history)}"
    if view.between_commits is None:
        return ""
    found = view.between_commits
    undone = (
        f"; {plural(found.undone, 'commit')} of the one before {_are(found.undone)} not in it" if found.undone else ""
    )
    whole = " in the whole repository" if view.whole_repository else ""
    return f"{plural(found.count, 'commit')} between the two{whole}{undone}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def body(diff: str) -> list[str]:
    """Return the lines of a unified diff without its two header lines."""
    shown = diff.split("\n")
    shown = shown[2:] if shown[0].startswith("--- ") else shown
    return shown[:-1] if shown and not shown[-1] else shown
