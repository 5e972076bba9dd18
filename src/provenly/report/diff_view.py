"""What a diff shows, whatever it is written as: two sides, what to look at first, and the files.

There are two diffs. One has the source on its left side and a package on its right: what nothing explains. The other
has two versions of a package: what changed from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.evidence import Comparison
from provenly.trust.model import Note
from provenly.trust.verdict import Report
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.sources import SourceChange
from provenly.verify.context import Between

UNEXPLAINED: Final = "unexplained"
"""What became of a file between the source and the package; between versions it is a ``Change``."""


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
    :param diff: a unified diff for reading; empty where it would not help.
    :param source: the source file whose lines, shown among the sources, stand for this diff; empty for none.
    :param old: the bytes and the mode of the left side, for a patch; ``None`` where there is no such file.
    :param new: the bytes and the mode of the right side; ``None`` where there is no such file.
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
    source: str = ""
    old: tuple[bytes, int] | None = field(default=None, repr=False)
    new: tuple[bytes, int] | None = field(default=None, repr=False)


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
    :param remarks: what is odd about the question itself: two packages, the wrong order. One sentence each.
    :param findings: text that reads otherwise than it runs, and the like.
    :param cues: what to look at first.
    :param cues_left_out: how many were beyond the limit.
    :param between_commits: the commits that lie between the two sources; ``None`` where that is not known.
    :param history: why it is not, or empty.
    :param whole_repository: whether the package is one of several in it, so that some commits are about others.
    :param source_changes: what changed in the sources of files that both sides explain.
    :param sources_problem: why no lines of sources are shown, or empty.
    :param sources: all source files that differ between the commits of both sides, sorted.
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
    remarks: tuple[str, ...] = ()
    findings: tuple[Note, ...] = ()
    cues: tuple[Cue, ...] = ()
    cues_left_out: int = 0
    between_commits: Between | None = None
    history: str = ""
    whole_repository: bool = False
    source_changes: tuple[SourceChange, ...] = ()
    sources_problem: str = ""
    sources: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


def side_of(report: Report) -> Side:
    """Return what a report is about as one side of a diff."""
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


def problems_of(report: Report) -> tuple[str, ...]:
    """Return why a package, or its source, could not be read: what the first checks say of it."""
    wanted = ("artifact-integrity", "artifact-layout", "source-match")
    said = [one.summary for one in report.evidence if one.check in wanted and one.status.value != "passed"]
    # What stopped one check stops the next, which then repeats it.
    first = [text for number, text in enumerate(said) if not any(text in other for other in said[:number])]
    return tuple(first) or ("it could not be read",)


def content_of(artifact: Artifact | None, path: str) -> tuple[bytes, int] | None:
    """Return the bytes and the mode of a packed file; ``None`` where there is none."""
    if artifact is None or path not in artifact.contents:
        return None
    mode = next(entry.mode for entry in artifact.files if entry.path == path)
    return artifact.contents[path], mode
