"""The sources of two versions, side by side: what somebody changed so that the packed files became what they are.

Where the source explains a packed file on both sides, the lines of its source say more than those of the file: they are
shorter, and no compiler has been over them. Which source files those are, the explanations say; a bundle is made of
many, so that for one all code of the package's folder counts, tests apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.source import Source
from provenly.verify.comparison.difference import MAX_ALL_DIFFS, MAX_ALL_STEPS
from provenly.verify.comparison.kinds import JAVASCRIPT, PROSE, suffix
from provenly.verify.comparison.line_diff import MAX_STEPS, Budget
from provenly.verify.comparison.text_diff import text_diff
from provenly.verify.context import Repository
from provenly.verify.explain.identical import BAIT

MAX_FILES: Final = 2_000
"""Source files that are compared line by line; those beyond them are named."""

SHOWN: Final = frozenset(
    {FileClass.IDENTICAL, FileClass.MANIFEST, FileClass.EQUIVALENT, FileClass.RECOMPILED, FileClass.REBUILT}
)
"""The classes of files whose lines follow from their sources' lines: these need not be shown twice. A traced bundle has
statements of dependencies as well, and is shown itself, too."""

_MADE: Final = frozenset({FileClass.REBUILT, FileClass.TRACED, FileClass.VOCABULARY})
_REGULAR: Final = frozenset({"100644", "100755"})
_TEXTS: Final = PROSE | {".json", ".html", ".yaml", ".yml", ".css", ".sql", ".graphql"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceChange:
    """One source file that the two commits do not have in common.

    :param path: in the repository.
    :param change: ``added``, ``changed`` or ``removed``.
    :param lines: first and last line, from 1, of each run of new lines at the later commit.
    :param detail: one sentence.
    :param diff: a unified diff; empty where it would not help.
    """

    path: str
    change: str
    lines: tuple[tuple[int, int], ...]
    detail: str
    diff: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What the sources of two versions do not have in common.

    :param changes: the files that explain packed ones; those of code that is led to come first, then by path.
    :param others: further files of the package's folder that differ and explain nothing: tests, settings. Sorted.
    :param covered: packed files that are explained on both sides and whose source is among ``changes``: path → source.
    :param problem: why no lines of sources are shown; empty where they are.
    """

    changes: tuple[SourceChange, ...] = ()
    others: tuple[str, ...] = ()
    covered: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def compare(
    before: tuple[Source, Comparison], after: tuple[Source, Comparison], repository: Repository | None
) -> Sources:
    """Compare the sources of two versions that come from one repository.

    :param before: the commit of the earlier version, and how it explains that version.
    :param after: the same of the later one.
    :param repository: where the files are read; ``None`` where they cannot be, so that they are only named.
    """
    (old, old_files), (young, young_files) = before, after
    if old.repository != young.repository:
        return Sources(problem="the two versions come from different repositories")
    if old.commit == young.commit:
        return Sources(problem="both versions were compared with the same commit")
    explaining = _explaining(old, old_files) | _explaining(young, young_files)
    differing = sorted(
        path for path in old.tree.keys() | young.tree.keys() if old.tree.get(path) != young.tree.get(path)
    )
    changed = [path for path in differing if path in explaining]
    within = tuple(_folder(source) for source in (old, young))
    others = [path for path in differing if path not in explaining and path.startswith(within)]
    if repository is None:
        return Sources(others=tuple(differing), problem="the source of saved evidence is not kept as a whole")
    runs = _running(old_files) | _running(young_files)
    order = sorted(changed, key=lambda path: (path not in runs, suffix(path) not in JAVASCRIPT, path))
    try:
        found = _changes(order[:MAX_FILES], old, young, repository)
    except (UnavailableError, MalformedError) as error:
        return Sources(others=tuple(differing), problem=f"the source could not be read: {error.message}")
    shown = {one.path for one in found if one.diff or one.change == "removed"}
    return Sources(
        changes=tuple(found),
        others=(*order[MAX_FILES:], *others),
        covered=_covered(old_files, young_files, shown),
    )


def _folder(source: Source) -> str:
    return source.directory.rstrip("/") + "/" if source.directory else ""


def _explaining(source: Source, comparison: Comparison) -> set[str]:
    """Return the source files that explain packed ones; for a bundle also the code that it may be made of."""
    named = {file.source for file in comparison.files if file.file_class is not FileClass.UNEXPLAINED and file.source}
    if not any(_is_bundle(file) for file in comparison.files):
        return named
    folder = _folder(source)
    inside = {path: path[len(folder) :] for path in source.tree if path.startswith(folder)}
    return named | {path for path, rest in inside.items() if _may_be_bundled(rest)}


def _may_be_bundled(path: str) -> bool:
    """Whether a bundler may take in a file of the package's folder: code, and texts that lie deeper than manifests."""
    if BAIT & set(path.split("/")):
        return False
    return suffix(path) in JAVASCRIPT or (suffix(path) in _TEXTS and "/" in path)


def _running(comparison: Comparison) -> set[str]:
    """Return the source files of what can run and is led to: their lines are shown first."""
    return {file.source for file in comparison.files if file.executable and file.reachable}


def _is_bundle(file: Explanation) -> bool:
    """Whether a file was made of more than the one source file that its explanation names."""
    return file.explainer == "bundled" or file.file_class in _MADE


def _changes(paths: Iterable[str], old: Source, young: Source, repository: Repository) -> list[SourceChange]:
    sides = [
        {path: source.tree[path].blob for path in paths if path in source.tree and source.tree[path].mode in _REGULAR}
        for source in (old, young)
    ]
    blobs = repository.blobs({blob for side in sides for blob in side.values()})
    steps, room = MAX_ALL_STEPS, MAX_ALL_DIFFS
    found: list[SourceChange] = []
    for path in paths:
        budget = Budget(min(MAX_STEPS, steps))
        one = _change(path, sides, blobs, (old.commit, young.commit), budget)
        steps -= min(MAX_STEPS, steps) - max(0, budget.steps)
        room -= len(one.diff)
        found.append(one if room >= 0 else _without(one))
    return found


def _without(one: SourceChange) -> SourceChange:
    detail = f"{one.detail}; its diff is left out, since there are too many"
    return SourceChange(path=one.path, change=one.change, lines=one.lines, detail=detail, diff="")


def _change(
    path: str,
    sides: Sequence[Mapping[str, str]],
    blobs: Mapping[str, bytes],
    commits: tuple[str, str],
    budget: Budget,
) -> SourceChange:
    there = [path in side for side in sides]
    change = "changed" if all(there) else "added" if there[1] else "removed"
    if not there[1]:
        detail = "the later commit does not have it" if there[0] else "it is no regular file"
        return SourceChange(path=path, change=change, lines=(), detail=detail, diff="")
    data = [blobs.get(side[path]) if path in side else b"" for side in sides]
    if data[0] is None or data[1] is None:
        return SourceChange(path=path, change=change, lines=(), detail="it is too large to be read", diff="")
    if data[0] == data[1]:
        return SourceChange(path=path, change=change, lines=(), detail="only its mode changed", diff="")
    left = f"a/{path}@{commits[0][:12]}" if there[0] else "/dev/null"
    lines, detail, diff = text_diff(data[0], data[1], (left, f"b/{path}@{commits[1][:12]}"), budget)
    return SourceChange(path=path, change=change, lines=lines, detail=detail, diff=diff)


def _covered(before: Comparison, after: Comparison, shown: set[str]) -> dict[str, str]:
    """Return the packed files whose change is that of a source file which is shown."""
    old = {file.path: file for file in before.files}
    found: dict[str, str] = {}
    for file in after.files:
        if file.file_class in SHOWN and not _is_bundle(file) and file.source in shown:
            other = old.get(file.path)
            if other is None or (other.file_class in SHOWN and other.source == file.source and not _is_bundle(other)):
                found[file.path] = file.source
    return found
