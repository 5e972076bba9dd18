"""Two versions of a package, file by file: what came, what went, what changed, and what to look at first.

Nothing here says whether a version is good. It is the view of somebody who accepted one version and is asked to accept
the next.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from provenly.trust.artifact import Artifact, FileEntry
from provenly.trust.model import Note
from provenly.verify.comparison import cues, manifest, manifest_cues, pairs, said, surface
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.difference import MAX_ALL_DIFFS, MAX_ALL_STEPS
from provenly.verify.comparison.kinds import PROSE, suffix
from provenly.verify.comparison.line_diff import MAX_STEPS, Budget
from provenly.verify.comparison.said import Kind, Said
from provenly.verify.comparison.surface import Surface
from provenly.verify.comparison.text_diff import text_diff

MAX_SEARCHED: Final = 128 * 1024 * 1024
"""Bytes of both versions together that are searched for cues; the files beyond them say so."""

MAX_CUES: Final = 1_000
"""Cues of one kind that are kept, so that none crowds out another; what is beyond them is counted. A bundle that was
built anew has thousands of sentences."""


class Change(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """One file that the two versions do not have in common.

    :param path: of the file, in the later version where it is there.
    :param before: its path in the earlier version; empty where it was added.
    :param change: what became of it.
    :param executable: whether it can run, in either version.
    :param reachable: whether an entry point leads to it, in either version.
    :param size: in bytes, in the later version; in the earlier one where it was removed.
    :param lines: first and last line (from 1) of each run of new lines in the later version.
    :param detail: one sentence: what changed, or why no lines are shown.
    :param diff: a unified diff, empty where it would not help.
    """

    path: str
    before: str
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
    :param findings: in files that are new or changed: text that reads otherwise than it runs, machine code, and names
        that differ by case only.
    """

    files: tuple[FileChange, ...]
    cues: tuple[Cue, ...]
    cues_left_out: int
    same: int
    findings: tuple[Note, ...] = ()


def compare(before: Artifact, after: Artifact) -> Versions:
    """Compare two versions of a package.

    1. Files are paired by their paths; equal digests are the same file. Where folders were renamed, a file that went
       and one that came with the same name are a pair.
    2. What each version says is searched for words, calls, sentences and tools; what only the later one says is a cue.
    3. Each changed or added text gets a line diff, within bounds that all files share.

    :param before: the version that was accepted.
    :param after: the version that is new.
    :raises MalformedError: a manifest cannot be read.
    """
    # 1.
    old, young = ({entry.path: entry for entry in item.files} for item in (before, after))
    surfaces = [surface.survey(item.contents, {one.path: one.mode for one in item.files}) for item in (before, after)]
    executable, reachable = (surfaces[0].executable | surfaces[1].executable), _reached(surfaces)
    moved = pairs.moved(old, young)
    paths = [path for path in old.keys() | young.keys() if not _same(old.get(path), young.get(path))]
    paths = sorted(set(paths) - set(moved.values()))
    paths.sort(key=lambda path: (path not in executable, path not in reachable, path))
    # 2.
    found, left_out = _bounded(_cues(before, after, executable, moved), reachable)
    # 3.
    files = _shown(before, after, paths, moved)
    marked = [replace(file, executable=file.path in executable, reachable=file.path in reachable) for file in files]
    return Versions(
        files=tuple(marked),
        cues=tuple(found),
        cues_left_out=left_out,
        same=sum(_same(old.get(path), entry) for path, entry in young.items()),
        findings=(*_notes(surfaces, paths), *pairs.renamed_by_case(old, young)),
    )


def _same(before: FileEntry | None, after: FileEntry | None) -> bool:
    return before is not None and after is not None and before.digest == after.digest


def _reached(surfaces: Iterable[Surface]) -> frozenset[str]:
    return frozenset().union(*(one.reachable for one in surfaces))


def _notes(surfaces: Sequence[Surface], paths: Iterable[str]) -> Iterator[Note]:
    """Yield what is odd about the later version's files that are new or changed."""
    known, changed = {(note.code, note.where) for note in surfaces[0].notes}, set(paths)
    for note in surfaces[1].notes:
        if note.where in changed:
            again = (note.code, note.where) in known
            yield replace(note, text=f"{note.text} (so does the version before)") if again else note


def _bounded(found: Iterable[Cue], reachable: Container[str]) -> tuple[list[Cue], int]:
    """Return cues by kind, those of files that are led to first, so many of each; and how many are left out."""
    kinds: dict[Kind, list[Cue]] = {kind: [] for kind in Kind}
    for cue in found:
        led_to = cue.path in reachable or cue.path == "package.json" or suffix(cue.path) in PROSE
        kinds[cue.kind].append(cue if led_to else replace(cue, reached=False))
    ordered = [sorted(group, key=lambda cue: not cue.reached) for group in kinds.values()]
    left_out = sum(max(0, len(group) - MAX_CUES) for group in ordered)
    return [cue for group in ordered for cue in group[:MAX_CUES]], left_out


def _cues(before: Artifact, after: Artifact, code: frozenset[str], moved: Mapping[str, str]) -> Iterator[Cue]:
    """Yield all cues; files that could not be searched are cues of their own."""
    manifests = [manifest.load(item.contents["package.json"], "package.json") for item in (before, after)]
    yield from manifest_cues.look(*manifests)
    room = MAX_SEARCHED
    known: dict[tuple[str, bool, str], Said | None] = {}
    read: list[dict[str, Said]] = []
    same = {(entry.path, entry.digest) for entry in before.files} & {
        (entry.path, entry.digest) for entry in after.files
    }
    for item in (before, after):
        files: dict[str, Said] = {}
        # What changed comes first: files that are the same in both must not use up the room.
        order = {
            entry: ((entry.path, entry.digest) in same, entry.path not in code, entry.path) for entry in item.files
        }
        for entry in sorted(item.files, key=order.__getitem__):
            key = entry.digest.hex, entry.path in code, suffix(entry.path)
            if key not in known:
                room -= entry.size
                data = item.contents[entry.path]
                known[key] = said.read(entry.path, data, executable=entry.path in code) if room >= 0 else None
            one = known[key]
            if one is not None:
                files[entry.path] = one
            elif item is after and (entry.path, entry.digest) not in same and entry.path in code:
                text = "it is no text, or too large, and was not searched"
                yield Cue(kind=Kind.UNREAD, text=text, path=entry.path)
        read.append(files)
    yield from cues.new(read[0], read[1], code, moved)


def _shown(before: Artifact, after: Artifact, paths: Sequence[str], moved: Mapping[str, str]) -> list[FileChange]:
    """Return a change for each path, with a diff as long as the bounds that all share allow."""
    sizes = {entry.path: entry for entry in (*before.files, *after.files)}
    places = {entry.digest: entry.path for entry in before.files}
    steps, room = MAX_ALL_STEPS, MAX_ALL_DIFFS
    found: list[FileChange] = []
    for path in paths:
        budget = Budget(min(MAX_STEPS, steps))
        one = _change(path, moved.get(path, path), before.contents, after.contents, budget)
        steps -= min(MAX_STEPS, steps) - max(0, budget.steps)
        one = replace(one, size=sizes[path].size)
        place = places.get(sizes[path].digest)
        if one.change is not Change.REMOVED and place is not None:
            one = replace(one, lines=(), detail=f"the version before has the same bytes at {place}", diff="")
        room -= len(one.diff)
        if room < 0:
            one = replace(one, diff="", detail=f"{one.detail}; its diff is left out, since there are too many")
        found.append(one)
    return found


def _change(
    path: str, place: str, before: Mapping[str, bytes], after: Mapping[str, bytes], budget: Budget
) -> FileChange:
    change = Change.REMOVED if path not in after else Change.CHANGED if place in before else Change.ADDED
    base = FileChange(
        path=path,
        before="" if change is Change.ADDED else place,
        change=change,
        executable=False,
        reachable=False,
        size=0,
    )
    if change is Change.REMOVED:
        return replace(base, detail="the later version does not have it")
    headers = ("/dev/null" if change is Change.ADDED else f"a/{place}", f"b/{path}")
    lines, detail, diff = text_diff(before.get(place, b""), after[path], headers, budget)
    return replace(base, lines=lines, detail=detail, diff=diff)
