"""Drawing unified diffs on a page, as long as there is room for them.

The lines of diffs are drawn from left to right whatever characters are in them, so that none can seem to stand where
it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from provenly.report import diff_lines
from provenly.report.diff_words import body
from provenly.report.html.markup import Child, Html, tag, text
from provenly.trust.text import plural

MAX_LINES: Final = 20_000
"""Lines of all diffs together on one page; browsers draw these at once. The rest is counted."""

MAX_FILE: Final = 2_000
"""Lines of the diff of one file."""

LEAST: Final = 20
"""Lines that the diff of every file gets, whatever there is room for."""

MAX_OPEN: Final = 5
"""Diffs that are shown without being asked for."""

MAX_LINE: Final = 1_200
"""Characters of a line."""

MAX_CHARACTERS: Final = 3_000_000
"""Characters of all lines together; after them lines are cut to :data:`SHORT`."""

SHORT: Final = 160
"""Characters of a line where there is little room left."""

_MARKS: Final = {"+": "a", "-": "r", "@": "h", "…": "h"}


class Diffs:
    """Draws diffs as long as there is room on the page.

    :param wanted: words; hunks that add lines with one of them go first where not all fit.
    :param elsewhere: where the lines are that are left out.
    """

    def __init__(self, wanted: Sequence[str] = (), *, elsewhere: str) -> None:
        self._wanted = wanted
        self._elsewhere = elsewhere
        self._room = MAX_LINES
        self._characters = MAX_CHARACTERS
        self._opened = 0

    def file(self, summary: Child, *inside: Child) -> Html:
        """Return the next file: its summary, and what is seen when it is opened. The first ones are open."""
        self._opened += 1
        return tag("details", tag("summary", summary), *inside, open=self._opened <= MAX_OPEN)

    def draw(self, diff: str) -> Html | None:
        """Return the chosen lines of a diff; ``None`` where there is none."""
        if not diff:
            return None
        shown, left_out = diff_lines.choose(body(diff), min(MAX_FILE, max(LEAST, self._room)), self._wanted)
        self._room -= len(shown)
        rest = tag("span", f"… {plural(left_out, 'more line')}: {self._elsewhere}", class_="h") if left_out else None
        return tag("pre", map(self._line, shown), rest)

    def _line(self, line: diff_lines.Line) -> Html:
        limit = MAX_LINE if self._characters > 0 else SHORT
        head, middle, tail = (_shown(part, limit) for part in (line.head, line.middle, line.tail))
        if line.middle and (line.head or line.tail):
            middle = tag("mark", middle)
        mark = "" if line.mark == "@" else _shown(line.mark, 1)
        self._characters -= len(head) + len(middle) + len(tail)
        return tag("span", mark, head, middle, tail, class_=_MARKS.get(line.mark, ""))


def _shown(part: str, limit: int) -> Html:
    return text(part.expandtabs(4), limit=limit)
