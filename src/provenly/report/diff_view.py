"""What a diff shows, whatever it is written as: two sides, what to look at first, and the files.

There are two diffs. One has the source on its left side and a package on its right: what nothing explains. The other
has two versions of a package: what changed from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.text import plural
from provenly.trust.verdict import Report
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.difference import lines_of
from provenly.verify.comparison.line_diff import unified
from provenly.verify.comparison.versions import Change, FileChange, Versions

UNEXPLAINED: Final = "unexplained"
"""What became of a file between the source and the package; between versions it is a ``Change``."""

MAX_WHOLE: Final = 100
"""Lines of a file that is shown as a whole; with a thousand characters each they fit what a diff may have."""

NOT_EXPLAINED: Final = frozenset({"", FileClass.UNEXPLAINED.value})


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side of a diff.

    :param package: ``name@version``, or what was asked for where no package was found.
    :param repository: its source, or empty where none was read.
    :param commit: the commit of the source, or empty.
    :param found_by: how the commit was found, or empty.
    :param sha512: of the archive, hexadecimal, or empty where it was not read.
    :param explained: how many files the source explains; ``None`` where they were not compared.
    :param files: how many files there are; ``None`` where they were not read.
    """

    package: str
    repository: str = ""
    commit: str = ""
    found_by: str = ""
    sha512: str = ""
    explained: int | None = None
    files: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of a diff.

    :param path: in the package; in the earlier one where it was removed.
    :param before: what it is compared with: a path in the source, or in the earlier package; empty for none.
    :param change: ``unexplained``, ``added``, ``changed`` or ``removed``.
    :param file_class: how the source of the right side explains it; empty where that is not known.
    :param lines: first and last line, from 1, of each run of lines that only the right side has.
    :param detail: one sentence about it.
    :param diff: a unified diff; empty where it would not help.
    """

    path: str
    before: str
    change: str
    file_class: str
    executable: bool
    reachable: bool
    size: int
    lines: tuple[tuple[int, int], ...]
    detail: str
    diff: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A diff.

    :param tool_version: of provenly.
    :param at: when it was made.
    :param between: ``source`` or ``versions``.
    :param left: the source's package, or the earlier version.
    :param right: the package, or the later version.
    :param summary: one sentence.
    :param look: whether a person must look: the exit code is 3.
    :param problems: why something could not be compared, one sentence each.
    :param cues: what to look at first.
    :param cues_left_out: how many were beyond the limit.
    :param sources: source files that differ between the commits of both sides, sorted.
    :param files: what can run and is led to comes first.
    """

    tool_version: str
    at: datetime
    between: str
    left: Side
    right: Side
    summary: str
    look: bool
    problems: tuple[str, ...] = ()
    cues: tuple[Cue, ...] = ()
    cues_left_out: int = 0
    sources: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


def of_source(report: Report) -> View:
    """Return what the source does not explain of a package."""
    side = _side(report)
    problems = () if report.comparison is not None else _problems(report)
    files = (
        tuple(_unexplained(file, report.artifact) for file in report.comparison.unexplained)
        if report.comparison
        else ()
    )
    serious = sum(file.executable and file.reachable for file in files)
    if report.comparison is None:
        summary = "There was nothing to compare it with."
    elif not files:
        summary = f"The source explains all {plural(len(report.comparison.files), 'file')}."
    else:
        total = plural(len(report.comparison.files), "file")
        summary = f"The source does not explain {len(files):,} of {total}; {serious:,} of them can run and are led to."
    return View(
        tool_version=report.tool_version,
        at=report.checked_at,
        between="source",
        left=side,
        right=side,
        summary=summary,
        look=bool(serious) or report.comparison is None,
        problems=problems,
        files=files,
    )


def of_versions(before: Report, after: Report, found: Versions | None) -> View:
    """Return what changed from one version to another.

    :param found: the comparison of their files; ``None`` where one of them could not be read.
    """
    problems = [text for report in (before, after) if report.artifact is None for text in _problems(report)]
    if found is None and not problems:
        problems = ["one of the two has a package.json that cannot be read"]
    comparison = after.comparison
    classes = {file.path: file.file_class.value for file in comparison.files} if comparison else {}
    files = tuple(_changed(file, classes.get(file.path, "")) for file in found.files) if found else ()
    unproven = [file for file in files if file.executable and file.change != "removed"]
    unproven = [file for file in unproven if file.file_class in NOT_EXPLAINED]
    if found is None:
        summary = "There was nothing to compare."
    else:
        counted = ", ".join(f"{sum(file.change == change for file in files):,} {change}" for change in map(str, Change))
        first = plural(len(found.cues) + found.cues_left_out, "thing")
        summary = f"{counted}, {found.same:,} the same; {first} to look at first."
    return View(
        tool_version=after.tool_version,
        at=after.checked_at,
        between="versions",
        left=_side(before),
        right=_side(after),
        summary=summary,
        look=found is None or bool(found.cues or unproven),
        problems=tuple(problems),
        cues=found.cues if found else (),
        cues_left_out=found.cues_left_out if found else 0,
        sources=_sources(before, after),
        files=files,
    )


def _side(report: Report) -> Side:
    package, artifact, source = report.package, report.artifact, report.source
    return Side(
        package=f"{package.name}@{package.version}" if package else report.reference.text,
        repository=source.repository if source else "",
        commit=source.commit if source else "",
        found_by=source.found_by.value if source else "",
        sha512=artifact.sha512.hex if artifact else "",
        explained=_explained(report.comparison),
        files=len(artifact.files) if artifact else None,
    )


def _explained(comparison: Comparison | None) -> int | None:
    return None if comparison is None else len(comparison.files) - len(comparison.unexplained)


def _problems(report: Report) -> tuple[str, ...]:
    """Return why a package, or its source, could not be read: what the first checks say of it."""
    wanted = ("artifact-integrity", "artifact-layout", "source-match")
    said = [one.summary for one in report.evidence if one.check in wanted and one.status.value != "passed"]
    return tuple(dict.fromkeys(said)) or ("it could not be read",)


def _sources(before: Report, after: Report) -> tuple[str, ...]:
    """Return the source files of the package that differ between two commits of one repository."""
    if before.source is None or after.source is None or before.source.repository != after.source.repository:
        return ()
    left, right = before.source.tree, after.source.tree
    folder = after.source.directory.rstrip("/") + "/" if after.source.directory else ""
    return tuple(
        sorted(
            path for path in left.keys() | right.keys() if path.startswith(folder) and left.get(path) != right.get(path)
        )
    )


def _unexplained(file: Explanation, artifact: Artifact | None) -> File:
    """Return an unexplained file. One that the source has nothing like is shown as a whole, from its beginning."""
    diff = file.diff
    if not diff and not file.source and artifact is not None:
        diff = _whole(file.path, artifact.contents[file.path])
    return File(
        path=file.path,
        before=file.source,
        change=UNEXPLAINED,
        file_class=file.file_class.value,
        executable=file.executable,
        reachable=file.reachable,
        size=file.size,
        lines=file.lines,
        detail=file.detail,
        diff=diff,
    )


def _whole(path: str, data: bytes) -> str:
    lines = lines_of(data)
    if not lines:
        return ""
    shown = lines[:MAX_WHOLE]
    diff = unified((), shown, ((0, 0, 0, len(shown)),), ("/dev/null", f"b/{path}"))
    rest = len(lines) - len(shown)
    return diff + (f"\\ {plural(rest, 'more line')} of this file\n" if rest else "")


def _changed(file: FileChange, file_class: str) -> File:
    return File(
        path=file.path,
        before="" if file.change is Change.ADDED else file.path,
        change=file.change.value,
        file_class=file_class,
        executable=file.executable,
        reachable=file.reachable,
        size=file.size,
        lines=file.lines,
        detail=file.detail,
        diff=file.diff,
    )
