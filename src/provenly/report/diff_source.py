"""What the source does not explain of a package, as a diff to show."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Final

from provenly.report.diff_view import UNEXPLAINED, File, View, content_of, problems_of, side_of
from provenly.trust.artifact import Artifact
from provenly.trust.evidence import Explanation
from provenly.trust.model import Note
from provenly.trust.source import Source
from provenly.trust.text import plural
from provenly.trust.verdict import Report
from provenly.verify.comparison import pairs
from provenly.verify.comparison.line_diff import unified
from provenly.verify.comparison.lines import lines_of

MAX_WHOLE: Final = 100
"""Lines of a file that is shown as a whole; with a thousand characters each they fit what a diff may have."""

FINDINGS: Final = frozenset(
    {
        *("SRC_BIDI", "SRC_INVISIBLE", "SRC_ESCAPED_IDENT", "SRC_HIDDEN_LINE", "SRC_HTML_COMMENT", "JSON_BOM"),
        *("NATIVE_BINARY", "WASM"),
    }
)
"""The codes of notes that say that a file does not show what it does; they stand above its lines."""


def of_source(report: Report) -> View:
    """Return what the source does not explain of a package."""
    side = side_of(report)
    comparison = report.comparison
    files = tuple(_unexplained(file, report.artifact) for file in comparison.unexplained) if comparison else ()
    serious = sum(file.executable and file.reachable for file in files)
    if comparison is None:
        summary = "There was nothing to compare it with."
    elif not files:
        summary = f"The source explains all {plural(len(comparison.files), 'file')}."
    else:
        total = plural(len(comparison.files), "file")
        summary = f"The source does not explain {len(files):,} of {total}; {serious:,} of them can run and are led to."
        if unknown := len(comparison.unchecked):
            summary += f" {unknown:,} of them could not be looked at."
    paths = report.source.tree if report.source else ()
    names = pairs.renamed_by_case(_inside(report.source, paths), (file.path for file in files)) if report.source else ()
    return View(
        tool_version=report.tool_version,
        at=report.checked_at,
        between="source",
        left=side,
        right=side,
        summary=summary,
        look=bool(serious) or comparison is None,
        problems=() if comparison is not None else problems_of(report),
        findings=(*_findings(report.notes, {file.path for file in files}), *names),
        files=files,
    )


def _findings(notes: Iterable[Note], paths: Container[str]) -> Iterator[Note]:
    """Yield what the package's own files are found to hide, of the files that are shown."""
    return (note for note in notes if note.code in FINDINGS and note.where in paths)


def _inside(source: Source | None, paths: Iterable[str]) -> Iterator[str]:
    """Yield source paths as seen from the package's folder."""
    folder = source.directory.rstrip("/") + "/" if source and source.directory else ""
    return (path[len(folder) :] for path in paths if path.startswith(folder))


def _unexplained(file: Explanation, artifact: Artifact | None) -> File:
    """Return an unexplained file. One that the source has nothing like is shown as a whole, from its beginning."""
    diff, content = file.diff, content_of(artifact, file.path)
    mode = content[1] if content else 0
    if not diff and not file.source and not file.unchecked and content is not None:
        diff = _whole(file.path, content[0])
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
        old=None if file.expected is None else (file.expected, mode),
        new=None if content is None else (content[0], mode),
    )


def _whole(path: str, data: bytes) -> str:
    lines = lines_of(data)
    if not lines:
        return ""
    shown = lines[:MAX_WHOLE]
    diff = unified((), shown, ((0, 0, 0, len(shown)),), ("/dev/null", f"b/{path}"))
    rest = len(lines) - len(shown)
    return diff + (f"\\ {plural(rest, 'more line')} of this file\n" if rest else "")
