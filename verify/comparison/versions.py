"""Two versions of a package, file by file: what came, what went, what changed, and what to look at first.

Nothing here says whether a version is good. It is the view of somebody who accepted one version and is asked to accept
the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from provenly.trust.artifact import Artifact, FileEntry
from provenly.trust.text import plural
from provenly.verify.comparison import cues, manifest, manifest_cues, surface
from provenly.verify.comparison.cues import Cue, Kind, Said
from provenly.verify.comparison.difference import MAX_ALL_DIFFS, MAX_ALL_STEPS, lines_of, ranges
from provenly.verify.comparison.line_diff import MAX_STEPS, Budget, blocks, unified
from provenly.verify.comparison.surface import Surface

MAX_SEARCHED: Final = 128 * 1024 * 1024
"""Bytes of both versions together that are searched for cues; the files beyond them say so."""

LONG: Final = 1_000
"""Characters of a line that is compared in pieces: nobody writes such lines, and a diff would show their beginning."""

PIECE: Final = 60
"""Characters that a piece of a long line has at least."""

MAX_CUES: Final = 5_000
"""Cues that are kept; a bundle that was built anew has thousands of sentences. What is beyond them is counted."""

_PIECE: Final = re.compile(rf".{{{PIECE}}}[^;{{}},\n]{{0,{LONG - PIECE - 1}}}[;{{}},]?|.+", re.DOTALL)


class Change(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """One file that the two versions do not have in common.

    :param path: of the file in both versions.
    :param change: what became of it.
    :param executable: whether it can run, in either version.
    :param reachable: whether an entry point leads to it, in either version.
    :param size: in bytes, in the later version; in the earlier one where it was removed.
    :param lines: first and last line (from 1) of each run of new lines in the later version.
    :param detail: one sentence: what changed, or why no lines are shown.
    :param diff: a unified diff, empty where it would not help.
    """

    path: str
    change: Change
    executable: bool
    reachable: bool
    size: int
    lines: tuple[tuple[int, int], ...] = ()
    detail: str = ""
    diff: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """What two versions do not have in common.

    :param files: what can run and is led to first, then by path.
    :param cues: what deserves a look first, by kind.
    :param cues_left_out: how many cues were beyond the limit.
    :param same: how many files are the same in both.
    """

    files: tuple[FileChange, ...]
    cues: tuple[Cue, ...]
    cues_left_out: int
    same: int


def compare(before: Artifact, after: Artifact) -> Versions:
    """Compare two versions of a package.

    1. Files are paired by their paths; equal digests are the same file.
    2. What each version says is searched for words, calls and prose; what only the later one says is a cue.
    3. Each changed or added text gets a line diff, within bounds that all files share.

    :param before: the version that was accepted.
    :param after: the version that is new.
    :raises MalformedError: a manifest cannot be read.
    """
    # 1.
    old, young = ({entry.path: entry for entry in item.files} for item in (before, after))
    surfaces = [surface.survey(item.contents, {one.path: one.mode for one in item.files}) for item in (before, after)]
    executable, reachable = (surfaces[0].executable | surfaces[1].executable), _reached(surfaces)
    paths = [path for path in old.keys() | young.keys() if not _same(old.get(path), young.get(path))]
    paths.sort(key=lambda path: (path not in executable, path not in reachable, path))
    # 2.
    found = _cues(before, after, executable)
    # 3.
    files = _shown(before, after, paths)
    marked = [replace(file, executable=file.path in executable, reachable=file.path in reachable) for file in files]
    return Versions(
        files=tuple(marked),
        cues=tuple(found[:MAX_CUES]),
        cues_left_out=max(0, len(found) - MAX_CUES),
        same=sum(_same(old.get(path), entry) for path, entry in young.items()),
    )


def _same(before: FileEntry | None, after: FileEntry | None) -> bool:
    return before is not None and after is not None and before.digest == after.digest


def _reached(surfaces: Iterable[Surface]) -> frozenset[str]:
    return frozenset().union(*(one.reachable for one in surfaces))


def _cues(before: Artifact, after: Artifact, code: frozenset[str]) -> list[Cue]:
    """Return all cues, by kind; files that could not be searched are cues of their own."""
    manifests = [manifest.load(item.contents["package.json"], "package.json") for item in (before, after)]
    found = list(manifest_cues.look(*manifests))
    room = MAX_SEARCHED
    known: dict[tuple[str, bool, str], Said | None] = {}
    said: list[dict[str, Said]] = []
    for item in (before, after):
        read: dict[str, Said] = {}
        for entry in sorted(item.files, key=lambda entry: (entry.path not in code, entry.path)):
            key = entry.digest.hex, entry.path in code, entry.path
            if key not in known:
                room -= entry.size
                data = item.contents[entry.path]
                known[key] = cues.read(entry.path, data, executable=entry.path in code) if room >= 0 else None
            one = known[key]
            if one is not None:
                read[entry.path] = one
            elif item is after and _is_new(before, entry) and entry.path in code:
                text = "it is no text, or too large, and was not searched"
                found.append(Cue(kind=Kind.UNREAD, text=text, path=entry.path))
        said.append(read)
    found.extend(cues.new(said[0], said[1], code))
    order = {kind: number for number, kind in enumerate(Kind)}
    return sorted(found, key=lambda cue: order[cue.kind])


def _is_new(before: Artifact, entry: FileEntry) -> bool:
    return all(other.digest != entry.digest for other in before.files if other.path == entry.path)


def _shown(before: Artifact, after: Artifact, paths: Sequence[str]) -> list[FileChange]:
    """Return a change for each path, with a diff as long as the bounds that all share allow."""
    moved = {entry.digest: entry.path for entry in before.files}
    sizes = {entry.path: entry for entry in (*before.files, *after.files)}
    steps, room = MAX_ALL_STEPS, MAX_ALL_DIFFS
    found: list[FileChange] = []
    for path in paths:
        budget = Budget(min(MAX_STEPS, steps))
        one = _change(path, before.contents, after.contents, budget)
        steps -= min(MAX_STEPS, steps) - max(0, budget.steps)
        one = replace(one, size=sizes[path].size)
        place = moved.get(sizes[path].digest)
        if one.change is Change.ADDED and place is not None:
            one = replace(one, detail=f"the version before has the same bytes at {place}", diff="")
        room -= len(one.diff)
        if room < 0:
            one = replace(one, diff="", detail=f"{one.detail}; its diff is left out, since there are too many")
        found.append(one)
    return found


def _change(path: str, before: Mapping[str, bytes], after: Mapping[str, bytes], budget: Budget) -> FileChange:
    change = Change.ADDED if path not in before else Change.REMOVED if path not in after else Change.CHANGED
    base = FileChange(path=path, change=change, executable=False, reachable=False, size=0)
    if change is Change.REMOVED:
        return replace(base, detail="the later version does not have it")
    old, new = lines_of(before.get(path, b"")), lines_of(after[path])
    if old is None or new is None:
        return replace(base, detail="it is no text, or too large for a diff")
    old, _, cut_old = _pieces(old)
    new, numbers, cut_new = _pieces(new)
    changed = blocks(old, new, budget)
    if not changed:
        last = max(1, numbers[-1] if numbers else 1)
        return replace(base, lines=((last, last),), detail="nothing but the end of its last line changed")
    what = "piece of a line" if cut_old or cut_new else "line"
    came, went = sum(b[3] - b[2] for b in changed), sum(b[1] - b[0] for b in changed)
    detail = f"{plural(came, what, what.replace('ce', 'ces', 1) if ' ' in what else '')} came"
    if went:
        detail += f", {went:,} went"
    if cut_old or cut_new:
        detail += "; its long lines are compared in pieces, and the numbers in the diff count those"
    headers = ("/dev/null" if change is Change.ADDED else f"a/{path}", f"b/{path}")
    lines = tuple(dict.fromkeys((numbers[a - 1], numbers[b - 1]) for a, b in ranges(changed, len(new)) if numbers))
    return replace(base, lines=lines, detail=detail, diff=unified(old, new, changed, headers))


def _pieces(lines: Sequence[str]) -> tuple[list[str], list[int], bool]:
    """Return lines with the long ones cut where statements and lists are, so that one changed call is one changed line.

    :returns: the pieces, the number from 1 of the line that each is of, and whether any line was cut.
    """
    pieces: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, 1):
        found = [match[0] for match in _PIECE.finditer(line)] if len(line) > LONG else [line]
        pieces += found
        numbers += [number] * len(found)
    return pieces, numbers, len(pieces) > len(lines)
