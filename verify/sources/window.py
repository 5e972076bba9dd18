"""Which commits of the default branch, besides those that say so, a version may have been built from.

They lie between the commit that set the version before and the one that set the next, on the first-parent line of the
default branch, and none is younger than the publication by more than a day. A wider window would explain a package by
the code of another version: whoever steals a publisher's token could publish an old hole as a new version, and have it
explained. Branches that are not the default one, and what was merged from them commit by commit, are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from provenly.trust.source import FoundBy
from provenly.verify.context import LineCommit
from provenly.verify.sources import tags
from provenly.verify.sources.candidates import Search
from provenly.verify.sources.inspection import Inspection
from provenly.verify.sources.workspace import Place

MAX_COMMITS: Final = 60
"""Commits whose files are looked at. In a survey of 74 packages the right one was never further away."""


def commits(search: Search, chosen: Inspection, place: Place) -> tuple[LineCommit, ...]:
    """Return the commits that may explain more than ``chosen``, the nearest first, each with another state.

    :param search: what found ``chosen``.
    :param place: where the package is there.
    :raises UnavailableError: the history could not be read.
    :raises MalformedError: git refused it, or a limit was reached.
    """
    if not search.tip:
        return ()
    neighbours = search.neighbours(place)
    anchors = [chosen.lead.commit, neighbours.setter]
    if chosen.lead.found_by is FoundBy.NEAREST:
        anchors.insert(0, search.last_before_publication())
    # A tag of a branch for an older series has no place on this line: what lies there is of other versions.
    for anchor in dict.fromkeys(anchors):
        line = search.repository.line(place.directory, anchor) if anchor else ()
        if line:
            break
    else:
        return ()
    ends = {neighbours.after, neighbours.before} - {""}
    if not neighbours.setter:
        # The manifest says nothing of versions, but tags may.
        ends |= tags.others(search.package.name, search.package.version, search.refs.tags, place.directory)
    at = next(index for index, item in enumerate(line) if item.commit == anchor)
    window = _between(line, at, ends - {anchor})
    near = sorted(window, key=lambda index: (abs(index - at), index))
    found: dict[str, LineCommit] = {}
    for index in near:
        item = line[index]
        if item.state and not search.is_too_late(item.time):
            found.setdefault(item.state, item)
    return tuple(found.values())[:MAX_COMMITS]


def _between(line: Sequence[LineCommit], at: int, ends: set[str]) -> range:
    """Return the places around ``at``, the newest first, as far as commits that belong to other versions."""
    newest = next((index + 1 for index in range(at - 1, -1, -1) if line[index].commit in ends), 0)
    oldest = next((index for index in range(at + 1, len(line)) if line[index].commit in ends), len(line))
    return range(newest, oldest)
