"""A diff for people at a terminal. What is odd and what is new stands first, then what can run and is led to.

Foreign text goes through :func:`provenly.report.words.foreign` before it reaches the page, which reads no markup. A
terminal never gets more than it can show: long diffs are cut, and say how to see all.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from provenly.report import diff_lines
from provenly.report.diff_groups import groups
from provenly.report.diff_view import File, View
from provenly.report.diff_words import body, commits, facts, grouped, places, said, title, where
from provenly.report.page import Page
from provenly.report.words import foreign, lines, sentence
from provenly.trust.text import plural
from provenly.verify.comparison.said import Kind
from provenly.verify.comparison.sources import SourceChange

MAX_FILE: Final = 120
"""Lines of the diff of one file."""

MAX_LINES: Final = 1_500
"""Lines of all diffs together; after them each file gets :data:`LEAST`."""

LEAST: Final = 8
"""Lines that the diff of every file gets."""

MAX_FILES: Final = 300
"""Files that are shown; the others are counted."""

MAX_CUES: Final = 12
"""Cues of one kind that are listed."""

MAX_SHORT_CUES: Final = 40
"""Hosts, addresses and variables that are listed: they take a line each, and each counts."""

MAX_FINDINGS: Final = 40
"""Findings that are listed."""

MAX_COMMITS: Final = 12
"""Commits that are listed, the newest."""

MAX_SOURCES: Final = 12
"""Source files that are named."""

MAX_LINE: Final = 1_200
"""Characters of a line that are shown: a diff has cut its lines before."""

ALL: Final = "--format patch has them all, --format html shows them"

_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}
_SHORT: Final = frozenset({Kind.HOST, Kind.ADDRESS, Kind.ENVIRONMENT, Kind.DEPENDENCY, Kind.TOOL})


def render(view: View, *, width: int, colour: bool) -> str:
    """Return the diff for a terminal.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences; no others are ever written.
    """
    page = Page(width, colour=colour)
    page.row(title(view), style="bold")
    page.row(view.summary, style="yellow" if view.look else "green")
    for text in (*view.problems, *view.remarks):
        page.row(sentence(text), style="yellow")
    page.blank()
    for label, text in places(view):
        page.row(text, label=(label, "dim"), indent=2, column=12)
    _findings(page, view)
    _cues(page, view)
    _commits(page, view)
    diffs = _Diffs(page, diff_lines.words(view))
    _sources(page, view, diffs)
    _files(page, view, diffs)
    return page.text()


def _heading(page: Page, text: str) -> None:
    page.blank()
    page.row(text, style="bold")


def _findings(page: Page, view: View) -> None:
    if not view.findings:
        return
    _heading(page, "Found in these files")
    for note in view.findings[:MAX_FINDINGS]:
        page.row(f"{sentence(note.text)} [{note.code}]", style="yellow", indent=2)
    _rest(page, len(view.findings) - MAX_FINDINGS)


def _cues(page: Page, view: View) -> None:
    if not view.cues:
        return
    _heading(page, "Look at these first: the version before does not say them.")
    for kind, group in groupby(view.cues, key=lambda cue: cue.kind):
        cues = grouped(group)
        most = MAX_SHORT_CUES if kind in _SHORT else MAX_CUES
        for number, (cue, others) in enumerate(cues[:most]):
            label = (kind.value.replace("-", " ") if not number else "", "yellow")
            text, was = said(cue)
            place, before = where(cue, others)
            page.row(f"{text}  ({place})", label=label, indent=2, column=18)
            if was:
                page.row(f"before: {was}  ({before})", style="dim", indent=20)
        if len(cues) > most:
            page.row(f"and {len(cues) - most:,} more (--format json has them)", style="dim", indent=18)
    if view.cues_left_out:
        page.row(f"{view.cues_left_out:,} more were found and are not listed anywhere.", indent=2)


def _commits(page: Page, view: View) -> None:
    text = commits(view)
    if not text:
        return
    _heading(page, sentence(text))
    found = view.between_commits.commits if view.between_commits else ()
    for one in found[:MAX_COMMITS]:
        words = f"{foreign(one.subject, limit=200)}  ({foreign(one.author, limit=80)})"
        page.row(words, label=(f"{one.commit[:10]} {one.time:%Y-%m-%d}", "dim"), indent=2, column=25)
    if view.between_commits:
        _rest(page, view.between_commits.count - min(len(found), MAX_COMMITS))


def _rest(page: Page, count: int, what: str = "more", *, indent: int = 2) -> None:
    if count > 0:
        page.row(f"and {count:,} {what}", style="dim", indent=indent)


class _Diffs:
    """Adds diffs to a page as long as there is room."""

    def __init__(self, page: Page, wanted: tuple[str, ...]) -> None:
        self.page = page
        self.wanted = wanted
        self.room = MAX_LINES

    def add(self, diff: str) -> None:
        """Add the chosen lines of a diff."""
        shown, left_out = diff_lines.choose(body(diff), min(MAX_FILE, max(LEAST, self.room)), self.wanted)
        self.room -= len(shown)
        for line in shown:
            text = foreign(f"{line.mark}{line.text}".expandtabs(4) if line.mark != "@" else line.text, limit=MAX_LINE)
            rows = 1 if line.mark in " -" and len(text) > diff_lines.LONG else len(text)
            self.page.cut(text, style=_STYLES.get(line.mark, "dim"), indent=2, rows=max(1, rows))
        if left_out:
            self.page.row(f"… {plural(left_out, 'more line')}: {ALL}", style="dim", indent=2)


def _sources(page: Page, view: View, diffs: _Diffs) -> None:
    if view.sources_problem:
        _heading(page, sentence(f"no lines of the source are shown: {view.sources_problem}"))
    if view.source_changes:
        covered = sum(bool(file.source) for file in view.files)
        stands = f", standing for {plural(covered, 'packed file')}" if covered else ""
        _heading(page, f"What changed in the source: {plural(len(view.source_changes), 'file')}{stands}.")
    for one in view.source_changes[:MAX_FILES]:
        _source(page, one, diffs)
    _rest(page, len(view.source_changes) - MAX_FILES, "source files that changed")
    shown = {one.path for one in view.source_changes}
    others = [path for path in view.sources if path not in shown]
    if others:
        what = "further file" if shown else "file"
        page.blank()
        page.row(
            f"{plural(len(others), what)} of the source changed that no packed file is known to come of:", indent=2
        )
        for path in others[:MAX_SOURCES]:
            page.row(foreign(path, limit=1_024), indent=4)
        _rest(page, len(others) - MAX_SOURCES, indent=4)


def _source(page: Page, one: SourceChange, diffs: _Diffs) -> None:
    page.blank()
    page.row(foreign(one.path, limit=4_096), style="bold")
    place = f"; {lines(one.lines, limit=6)}" if one.lines else ""
    page.row(f"{one.change}: {foreign(one.detail)}{place}", indent=2)
    diffs.add(one.diff)


def _files(page: Page, view: View, diffs: _Diffs) -> None:
    left = [file for file in view.files if not file.source]
    several = len({(file.executable, file.reachable and file.executable) for file in left}) > 1
    packed = view.between == "versions" and bool(view.source_changes)
    room = MAX_FILES
    for name, files in groups(left):
        if several or packed or not name.startswith("Files that can run and"):
            _heading(page, f"Packed {name[:1].lower()}{name[1:]}" if packed else name)
        for file in files[: max(0, room)]:
            page.blank()
            _file(page, file, diffs)
        _rest(page, len(files) - max(0, room), "more files: --format json lists them")
        room -= len(files)
    same = [file for file in view.files if file.source]
    if same:
        _heading(page, f"{plural(len(same), 'packed file')} changed as the source above did:")
        for file in same[:MAX_FILES]:
            page.row(f"{foreign(file.path, limit=1_024)} ← {foreign(file.source, limit=1_024)}", indent=2)
        _rest(page, len(same) - MAX_FILES)


def _file(page: Page, file: File, diffs: _Diffs) -> None:
    page.row(foreign(file.path, limit=4_096), style="bold")
    page.row(facts(file), indent=2)
    if file.before and file.before != file.path:
        page.row(foreign(file.before, limit=4_096), label=("compared with ", "dim"), indent=2, column=16)
    if file.detail:
        page.row(sentence(file.detail), indent=2)
    if file.diff:
        diffs.add(file.diff)
