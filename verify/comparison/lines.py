"""Lines of texts, and pieces of the long ones, as they are compared and counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenly.verify.comparison.line_diff import Block

MAX_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a file that is compared line by line; the largest bundle of our survey has seven million."""

MAX_LINES: Final = 200_000
"""Lines of such a file."""

LONG: Final = 1_000
"""Characters of a line that is compared in pieces: nobody writes such lines, and a diff would show their beginning."""

PIECE: Final = 60
"""Characters that a piece of a long line has at least."""

_PIECE: Final = re.compile(rf".{{{PIECE}}}[^;{{}},\n]{{0,{LONG - PIECE - 1}}}[;{{}},]?|.+", re.DOTALL)


def lines_of(data: bytes) -> list[str] | None:
    """Return the lines of a text, without their ends; ``None`` where it is no text or over a limit."""
    if len(data) > MAX_BYTES or b"\0" in data or data.count(b"\n") >= MAX_LINES:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text.removesuffix("\n").split("\n") if text else []


def ranges(changed: Sequence[Block], count: int) -> tuple[tuple[int, int], ...]:
    """Return the packed lines of changed blocks, from 1. Never empty: lines that are only missing are marked where."""
    found = tuple((start + 1, end) for _, _, start, end in changed if end > start)
    if found:
        return found
    places = dict.fromkeys(min(start + 1, max(1, count)) for _, _, start, _ in changed)
    return tuple((place, place) for place in places)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """Lines with the long ones cut where statements and lists are, so that one changed call is one changed piece.

    :param parts: the pieces, as they are shown.
    :param keys: the pieces, as they are compared: one that its line goes on behind is not one that ends there, though
        both look alike.
    :param numbers: of each piece the number, from 1, of its line.
    """

    parts: Sequence[str]
    keys: Sequence[str]
    numbers: Sequence[int]

    @property
    def cut(self) -> bool:
        """Whether any line was cut."""
        return bool(self.numbers) and self.numbers[-1] < len(self.parts)

    def lines(self, changed: Sequence[Block]) -> tuple[tuple[int, int], ...]:
        """Return the lines of changed blocks, the pieces being those of the right side; see :func:`ranges`."""
        found = (
            (self.numbers[a - 1], self.numbers[b - 1]) for a, b in ranges(changed, len(self.parts)) if self.numbers
        )
        return tuple(dict.fromkeys(found))


def pieces(lines: Sequence[str]) -> Pieces:
    """Return lines with the long ones cut into pieces."""
    parts: list[str] = []
    keys: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, 1):
        found = [match[0] for match in _PIECE.finditer(line)] if len(line) > LONG else [line]
        parts += found
        # A text that is compared has no NUL of its own.
        keys += [*(f"{piece}\0" for piece in found[:-1]), found[-1]]
        numbers += [number] * len(found)
    return Pieces(parts=parts, keys=keys, numbers=numbers)
