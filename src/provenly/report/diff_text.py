"""A diff for people at a terminal, and as a patch. What can run and is led to stands first.

Foreign text goes through :func:`provenly.report.words.foreign` before it reaches the page, which reads no markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from provenly.report.diff_view import File, Side, View
from provenly.report.page import Page
from provenly.report.words import foreign, lines, sentence, size
from provenly.trust.text import plural

MAX_LINES: Final = 10_000
"""Lines of all diffs together that text shows; the patch and the JSON document have the rest."""

MAX_CUES: Final = 12
"""Cues of one kind that are listed; the JSON document has the rest."""

MAX_RANGES: Final = 6
"""Ranges of lines that are listed for a file."""

MAX_LINE: Final = 1_200
"""Characters of a line that are shown: a diff has cut its lines before."""

MAX_SOURCES: Final = 20
"""Source files that are named."""

STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}
"""The styles of a diff's lines by their first character."""


def render(view: View, *, width: int, colour: bool) -> str:
    """Return the diff for a terminal.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences; no others are ever written.
    """
    page = Page(width, colour=colour)
    page.row(title(view), style="bold")
    page.row(view.summary, style="yellow" if view.look else "green")
    for problem in view.problems:
        page.row(sentence(problem), style="yellow")
    page.blank()
    for label, text in places(view):
        page.row(text, label=(label, "dim"), indent=2, column=12)
    _cues(page, view)
    _sources(page, view)
    room = MAX_LINES
    for file in view.files:
        page.blank()
        room -= _file(page, file, room)
    return page.text()


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


def _cues(page: Page, view: View) -> None:
    if not view.cues:
        return
    page.blank()
    page.row("Look at these first: the version before does not say them.", style="bold")
    for kind, group in groupby(view.cues, key=lambda cue: cue.kind):
        cues = list(group)
        for number, cue in enumerate(cues[:MAX_CUES]):
            where = foreign(cue.path, limit=1_024) + (f":{cue.line}" if cue.line else "")
            label = (kind.value.replace("-", " ") if not number else "", "yellow")
            page.row(f"{foreign(cue.text, limit=200)}  ({where})", label=label, indent=2, column=18)
        if len(cues) > MAX_CUES:
            page.row(f"and {len(cues) - MAX_CUES:,} more (--format json has them)", indent=18)
    if view.cues_left_out:
        page.row(f"{view.cues_left_out:,} more were found and are not listed anywhere.", indent=2)


def _sources(page: Page, view: View) -> None:
    if not view.sources:
        return
    page.blank()
    page.row(f"{plural(len(view.sources), 'source file')} of the package differ between the two commits:", style="bold")
    for path in view.sources[:MAX_SOURCES]:
        page.row(foreign(path, limit=1_024), indent=2)
    if len(view.sources) > MAX_SOURCES:
        page.row(f"and {len(view.sources) - MAX_SOURCES:,} more", indent=2)


def facts(file: File) -> str:
    """Return in a few words what a file is and which of its lines are meant."""
    runs = ("executable" if file.reachable else "executable, not reached") if file.executable else "data"
    words = [file.change, runs, size(file.size)]
    if file.change != "unexplained" and file.file_class:
        words.append(f"its source: {file.file_class}")
    if file.lines:
        words.append(lines(file.lines, limit=MAX_RANGES))
    return ", ".join(words)


def body(diff: str) -> list[str]:
    """Return the lines of a unified diff without its two header lines."""
    shown = diff.split("\n")
    shown = shown[2:] if shown[0].startswith("--- ") else shown
    return shown[:-1] if shown and not shown[-1] else shown


def _file(page: Page, file: File, room: int) -> int:
    """Add one file and at most ``room`` lines of its diff; return how many were added."""
    page.row(foreign(file.path, limit=4_096), style="bold")
    page.row(facts(file), indent=2)
    if file.before and file.before != file.path:
        page.row(foreign(file.before, limit=4_096), label=("compared with ", "dim"), indent=2, column=16)
    if file.detail:
        page.row(sentence(file.detail), indent=2)
    shown = body(file.diff)
    for line in shown[: max(0, room)]:
        text = foreign(line.expandtabs(4), limit=MAX_LINE)
        page.cut(text, style=STYLES.get(line[:1], "dim"), indent=2, rows=len(text))
    if len(shown) > max(0, room):
        page.row(f"… {plural(len(shown) - max(0, room), 'more line')} (--format patch has them)", style="dim", indent=2)
    return min(len(shown), max(0, room))


def patch(view: View) -> str:
    """Return all diffs as one unified diff, with what could not be diffed as comment lines.

    It is for reading and for tools that show diffs. Control characters are written as escapes and long lines are cut,
    so it is not made to be applied.
    """
    return "".join(f"{line}\n" for line in _patch(view))


def _patch(view: View) -> Iterator[str]:
    yield f"# {title(view)}"
    yield f"# {view.summary}"
    yield from (f"# {foreign(problem)}" for problem in view.problems)
    for file in view.files:
        yield ""
        yield f"# {foreign(file.path, limit=4_096)}: {facts(file)}; {foreign(file.detail)}"
        yield from _safe(file.diff.split("\n")[:-1] if file.diff else ())


def _safe(shown: Iterable[str]) -> Iterator[str]:
    return (foreign(line, limit=4_096, keep="\t") for line in shown)
