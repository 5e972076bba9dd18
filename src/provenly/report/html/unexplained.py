"""The files that nothing explains, with the lines that the source does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from provenly.report import read
from provenly.report.html.diffs import Diffs
from provenly.report.html.markup import Child, Html, code, join, tag, text
from provenly.report.read import Members
from provenly.report.words import lines, sentence, size
from provenly.trust.text import plural

MAX_FILES: Final = 1_000
"""Files on the page; what can run and is reached stands first."""

MAX_PATH: Final = 512
"""Characters of a path."""

MAX_REASON: Final = 600
"""Characters of the reason why nothing explains a file."""

MAX_RANGES: Final = 12
"""Ranges of lines that are listed for a file."""

_CUT: Final = re.compile(r"… \((\d{1,12}) more characters\)\n?\Z")
"""How a document says that it cut a text (:meth:`provenly.report.bounds.Bounds.text`)."""


def section(document: Members) -> Iterator[Html]:
    """Yield the files; what could not be looked at apart from what nothing explains."""
    files = read.mapping(document, "files")
    found = list(read.mappings(files, "unexplained"))
    if not files:
        yield tag("p", "Nothing was compared: whether a source explains the files is not known.")
        return
    if not found:
        yield tag("p", "There is none: the published source explains every file.")
        return
    yield tag("p", "Lines that begin with + are in the package, and not in what it was compared with; - the other way.")
    page = Diffs(elsewhere="provenly diff --format patch has them all")
    for one in found[:MAX_FILES]:
        yield _file(one, page)
    if len(found) > MAX_FILES:
        yield tag("p", f"{plural(len(found) - MAX_FILES, 'more file')} in the JSON document.")


def _file(one: Members, page: Diffs) -> Html:
    diff = read.text(one, "diff")
    cut = _CUT.search(diff)
    if cut:
        # The line in which the document was cut off is not shown: it would look like a whole one.
        diff = diff[: cut.start()].rpartition("\n")[0] + "\n"
    left_out = (
        f"Of its diff, {int(cut[1]):,} characters are not in the document: provenly diff shows them." if cut else ""
    )
    return page.file(
        [code(read.text(one, "path"), limit=MAX_PATH), " ", tag("span", _facts(one), class_="soft")],
        _about(one),
        page.draw(diff),
        tag("p", left_out, class_="soft") if left_out else None,
    )


def _facts(one: Members) -> str:
    runs = "data"
    if read.flag(one, "executable"):
        runs = "can be run" if read.flag(one, "reachable") else "can be run, though nothing leads to it"
    ranges = _ranges(one)
    where = f", {lines(ranges, limit=MAX_RANGES)}" if ranges else ""
    kind = "unchecked" if read.text(one, "unchecked") else "unexplained"
    return f"{kind}, {runs}, {size(read.number(one, 'size'))}{where}"


def _ranges(one: Members) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for pair in read.items(one, "lines"):
        match pair:
            case (int(first), int(last)):
                found.append((first, last))
            case _:
                pass
    return found


def _about(one: Members) -> Html:
    nearest, unlooked = read.text(one, "nearest"), read.text(one, "unchecked")
    rows: list[tuple[str, Child]] = [("Why", text(sentence(read.text(one, "reason")), limit=MAX_REASON))]
    if unlooked:
        rows.append(("Could not look", text(sentence(unlooked), limit=MAX_REASON)))
    if nearest:
        rows.append(("Compared with", code(nearest, limit=MAX_PATH)))
    return tag("dl", (join(tag("dt", label), tag("dd", said)) for label, said in rows))
