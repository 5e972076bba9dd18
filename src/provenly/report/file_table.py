"""How the source explains the packed files: a count for each class, then the lines that nothing explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.report.page import Page
from provenly.report.words import foreign, lines, sentence, size
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.text import plural
from provenly.trust.verdict import Report

UNEXPLAINED: Final = FileClass.UNEXPLAINED.value

UNCHECKED: Final = "unchecked"
"""Where a class would stand, for files that could not be looked at."""

MEANING: Final[Mapping[str, str]] = {
    FileClass.IDENTICAL: "the same bytes are in the commit",
    FileClass.MANIFEST: "package.json, changed as npm does",
    FileClass.EQUIVALENT: "the same data, or other line endings",
    FileClass.RECOMPILED: "compiling the source gives it",
    FileClass.REBUILT: "building the source gives it",
    FileClass.TRACED: "each statement is traced to a source or a dependency",
    FileClass.VOCABULARY: "much is not traced, though no word is new",
    FileClass.UNEXPLAINED: "nothing in the source explains it",
    UNCHECKED: "it could not be looked at",
}
"""What each class says of a file."""

MAX_FILES: Final = 10
"""Unexplained files that are shown with their lines. What decides stands first."""

MAX_PATHS: Final = 20
"""Further unexplained files that are named without their lines."""

MAX_TRACED: Final = 5
"""Traced files of which it is said where they come from."""

MAX_DIFF: Final = 20
"""Lines of each diff that are shown: an added line and its surroundings have eight."""

MAX_PAGE: Final = 60
"""Lines of all diffs together: two screens. Files that come after them are only named."""

VERBOSE: Final = 25
"""How many times more of each is shown when all is asked for; the JSON report has the rest."""

MAX_RANGES: Final = 6
"""Ranges of lines that are listed for a file."""

MAX_ROWS: Final = 3
"""Rows of the page that an added line may take: lines of minified code have megabytes."""

MAX_LINE: Final = 1_000
"""Characters of a line of a diff that are looked at; three rows of the widest terminals have fewer."""

KEPT: Final = 24
"""Characters of the unchanged start of a long line that are shown before the change."""

DIFF_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


def add(page: Page, report: Report, *, indent: int, column: int, verbose: bool) -> None:
    """Add the table of classes and the unexplained files to the page.

    :param indent: column of the labels.
    :param column: column at which the text beside them begins.
    """
    page.blank()
    comparison = report.comparison
    if comparison is None:
        text = "not compared: there was no source to compare with"
        page.row(text, label=("files", "dim"), indent=indent, column=column)
        return
    total = len(comparison.files)
    runs = sum(file.executable for file in comparison.files)
    text = f"{plural(total, 'file')} packed, {runs} of them executable"
    page.row(text, label=("files", "dim"), indent=indent, column=column)
    _classes(page, comparison, column)
    _traced(page, tuple(file for file in comparison.traced if file not in comparison.unexplained), column, verbose)
    _unexplained(page, tuple(file for file in comparison.unexplained if not file.unchecked), column, verbose=verbose)
    _unchecked(page, comparison.unchecked, column, verbose=verbose)


def _classes(page: Page, comparison: Comparison, column: int) -> None:
    """Add a line for each class that has files; the unexplained ones are named even when there are none."""
    amounts = {kind.value: (comparison.count(kind), comparison.size(kind)) for kind in FileClass}
    unknown = (len(comparison.unchecked), sum(file.size for file in comparison.unchecked))
    count, amount = amounts[UNEXPLAINED]
    amounts |= {UNEXPLAINED: (count - unknown[0], amount - unknown[1]), UNCHECKED: unknown}
    counted = [
        (kind, count, size(amount))
        for kind, (count, amount) in amounts.items()
        if count or (kind == UNEXPLAINED and not unknown[0])
    ]
    digits = max(len(str(count)) for _, count, _ in counted)
    room = max(len(amount) for _, _, amount in counted)
    for kind, number, bytes_ in counted:
        style = "" if kind not in {UNEXPLAINED, UNCHECKED} else "yellow" if number else "green"
        left = f"{number:>{digits}} {kind:<11} {bytes_:>{room}}  "
        meaning = MEANING[kind] if number else "every file is explained"
        page.row(meaning, label=(left, style), indent=column, column=column + len(left))


def _traced(page: Page, files: tuple[Explanation, ...], column: int, verbose: bool) -> None:  # noqa: FBT001 - as said
    """Add for each traced file where it comes from: it is not what a build was seen to give."""
    most = MAX_TRACED * (VERBOSE if verbose else 1)
    for file in files[:most]:
        page.blank()
        page.row(page.middle(foreign(file.path, limit=4_096), page.width - column), style="bold", indent=column)
        page.row(sentence(file.detail), indent=column + 2)
    if len(files) > most:
        page.row(f"and {len(files) - most:,} more traced", indent=column)


def _unexplained(page: Page, files: tuple[Explanation, ...], column: int, *, verbose: bool) -> None:
    """Add files with their lines until the page is full, then the paths of further ones, then a count."""
    factor = VERBOSE if verbose else 1
    room = MAX_PAGE * factor
    shown = 0
    for file in files[: MAX_FILES * factor]:
        if room <= 0:
            break
        page.blank()
        room -= _file(page, file, column, min(MAX_DIFF * factor, room))
        shown += 1
    rest = files[shown:]
    if not rest:
        return
    page.blank()
    hint = "" if verbose else " (--verbose shows their lines)"
    page.row(f"{plural(len(rest), 'more unexplained file')}{hint}:", indent=column)
    _paths(page, rest, column, verbose=verbose)


def _unchecked(page: Page, files: tuple[Explanation, ...], column: int, *, verbose: bool) -> None:
    """Add the paths of files that could not be looked at, under the reason."""
    if not files:
        return
    page.blank()
    page.row(f"{plural(len(files), 'file')} could not be looked at: {sentence(files[0].unchecked)}", indent=column)
    _paths(page, files, column, verbose=verbose)


def _paths(page: Page, files: tuple[Explanation, ...], column: int, *, verbose: bool) -> None:
    most = MAX_PATHS * (VERBOSE if verbose else 1)
    for file in files[:most]:
        kind = _kind(file)
        path = page.middle(foreign(file.path, limit=4_096), page.width - column - len(kind) - 4)
        page.row(f"{path}  {kind}", indent=column + 2)
    if len(files) > most:
        page.row(f"and {len(files) - most:,} more", indent=column + 2)


def _kind(file: Explanation) -> str:
    """Return in words how near a file is to being run."""
    if not file.executable:
        return "data"
    return "executable" if file.reachable else "executable, not reached"


def _file(page: Page, file: Explanation, column: int, most: int) -> int:
    """Add one file and at most ``most`` lines of its diff; return how many were added."""
    path = page.middle(foreign(file.path, limit=4_096), page.width - column)
    page.row(path, style="bold", indent=column)
    facts = [_kind(file), size(file.size)]
    if file.lines:
        facts.append(lines(file.lines, limit=MAX_RANGES))
    page.row(", ".join(facts), indent=column + 2)
    if file.detail:
        page.row(sentence(file.detail), indent=column + 2)
    if file.source and file.source not in file.detail and (file.source != file.path or file.elsewhere):
        label = "nearest "
        room = page.width - column - 2 - len(label)
        nearest = page.middle(foreign(file.source, limit=4_096), room)
        page.row(nearest, label=(label, "dim"), indent=column + 2, column=column + 2 + len(label))
    return _diff(page, file.diff, column + 2, most)


def _diff(page: Page, diff: str, indent: int, most: int) -> int:
    """Add the first lines of a unified diff, without its two header lines, and count those that are left out."""
    body = [line for line in diff.split("\n") if line]
    body = body[2:] if body[:1] and body[0].startswith("--- ") else body
    before = ""
    for line in body[:most]:
        text = _focused(_spaced(line), before, page.width)
        added = line.startswith("+")
        before = "" if added else line
        style = DIFF_STYLES.get(line[0], "dim")
        start = foreign(text[:MAX_LINE], limit=MAX_LINE)
        page.cut(start, style=style, indent=indent, rows=MAX_ROWS if added else 1, beyond=len(text[MAX_LINE:]))
    if len(body) > most:
        added_lines = sum(line.startswith("+") for line in body[most:])
        removed_lines = sum(line.startswith("-") for line in body[most:])
        rest = f"{plural(len(body) - most, 'more line')} of this diff"
        page.row(f"… {rest} ({added_lines} added, {removed_lines} removed)", style="dim", indent=indent)
    return min(len(body), most)


def _focused(line: str, before: str, width: int) -> str:
    """Return an added line that is long and replaces a removed one from shortly before where the two differ.

    One changed call in the single line of a minified bundle would otherwise be far outside what is shown.
    """
    if len(line) <= width or not (line.startswith("+") and before.startswith("-")):
        return line
    same = _alike(line[1:], before[1:])
    if same <= KEPT * 2:
        return line
    return f"+… ({same - KEPT:,} characters as before) {line[1 + same - KEPT :]}"


def _alike(left: str, right: str) -> int:
    """Return how many characters both lines begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((number for number, (one, other) in pairs if one != other), min(len(left), len(right)))


def _spaced(line: str) -> str:
    """Return a line of a diff with tabs as spaces and without the carriage return of its line break."""
    return line.removesuffix("\r").expandtabs(4)
