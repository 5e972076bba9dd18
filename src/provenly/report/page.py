"""A page of text in columns, for terminals: wrapping, hanging indentation, colours. It knows nothing of reports."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.text import Text

MIN_WIDTH: Final = 40
"""Columns of the narrowest page; below it columns of text have no room, and the terminal wraps the lines."""

MIN_PATH: Final = 16
"""Columns of the shortest path that still tells something."""

ELLIPSIS: Final = "…"

_COMMAND: Final = re.compile(r"(?m)^((?:[^\S\n]|\x1b\[[0-9;]*m)*)::")
"""The start of a GitHub Actions command: the runner trims white space before it looks for the two colons."""


class Page:
    """Collects lines and gives them back as one text.

    All text goes through :class:`rich.text.Text`, so that nothing in it is read as markup, emoji or a link.

    :param width: columns.
    :param colour: whether lines are styled with escape sequences.
    """

    def __init__(self, width: int, *, colour: bool) -> None:
        from rich.console import Console

        self.width = max(width, MIN_WIDTH)
        self._file = StringIO()
        self._console = Console(
            file=self._file,
            width=self.width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            force_jupyter=False,
            force_interactive=False,
            no_color=not colour,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )

    def blank(self) -> None:
        """Add an empty line."""
        self._console.print()

    def row(
        self,
        body: str,
        *,
        style: str = "",
        label: tuple[str, str] = ("", ""),
        indent: int = 0,
        column: int | None = None,
    ) -> None:
        """Add a label and, beside it, text that is wrapped into the columns from ``column`` to the right edge.

        :param body: one paragraph without line breaks.
        :param label: the label and its style; it stands at ``indent`` and must end before ``column``.
        :param column: where the text begins on every line; ``indent`` where it is not given.
        """
        from rich.text import Text

        start = indent if column is None else column
        pieces = Text(body, style=style).wrap(self._console, self.width - start, overflow="fold")
        head = Text(" " * indent)
        head.append(*label)
        head.append(" " * max(0, start - indent - len(label[0])))
        for piece in pieces or [Text("")]:
            head.append_text(piece)
            self._print(head)
            head = Text(" " * start)

    def cut(self, text: str, *, style: str = "", indent: int = 0, rows: int = 1, beyond: int = 0) -> None:
        """Add text that keeps its white space: folded at the right edge into at most ``rows`` lines, the rest counted.

        Lines after the first are indented by two more columns, so that none of them looks like a line of its own.

        :param text: one line without line breaks.
        :param beyond: how many characters the caller has already taken off its end.
        """
        from rich.cells import chop_cells
        from rich.text import Text

        room = self.width - indent
        first = (chop_cells(text, room) or [""])[0]
        pieces = [first, *(f"  {piece}" for piece in chop_cells(text[len(first) :], room - 2))]
        if len(pieces) > rows or beyond:
            left = "".join(piece[2:] if number else piece for number, piece in enumerate(pieces[rows - 1 :], rows - 1))
            shown = (chop_cells(left, room - 2 - len(f"{ELLIPSIS} +{len(text) + beyond:,} characters")) or [""])[0]
            ending = f"{shown}{ELLIPSIS} +{len(left) - len(shown) + beyond:,} characters"
            pieces = [*pieces[: rows - 1], f"  {ending}" if rows > 1 else ending]
        for piece in pieces:
            line = Text(" " * indent)
            line.append(piece, style=style)
            self._print(line)

    def middle(self, text: str, room: int) -> str:
        """Return ``text`` shortened in the middle to ``room`` columns; the end of a path tells more than its start.

        :param room: columns; fewer than :data:`MIN_PATH` are taken as that many, and the line is wrapped.
        """
        from rich.cells import cell_len, chop_cells

        room = max(room, MIN_PATH)
        if cell_len(text) <= room:
            return text
        end = (room - 1) * 2 // 3
        first = chop_cells(text, room - 1 - end)[0]
        last = chop_cells(text[::-1], end)[0][::-1]
        return f"{first}{ELLIPSIS}{last}"

    def text(self) -> str:
        r"""Return the page. A line that a build service would obey is broken: ``::`` at its start becomes ``\::``."""
        return _COMMAND.sub(r"\1\\::", self._file.getvalue())

    def _print(self, line: Text) -> None:
        line.rstrip()
        self._console.print(line, soft_wrap=True)
