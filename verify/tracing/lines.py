"""Where in a published file a position of its rewritten text is, by the source map that esbuild makes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final

_COMMENT: Final = b"//# sourceMappingURL=data:application/json;base64,"
_OTHER: Final = re.compile(rb"(//|/\*)([#@])(\s*)sourceMappingURL=")
_DIGITS: Final = {
    ord(digit): value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_MAPPINGS: Final = re.compile(r"[A-Za-z0-9+/,;]*")
_MORE: Final = 32
_BITS: Final = 5


class Lines:
    """Finds lines of the published file.

    :param mappings: the ``mappings`` of a source map of version 3, whose only source is the published file.
    :param before: says where a line of that source, from 0, was before it was rewritten, from 1.
    :raises ValueError: these are no mappings.
    """

    def __init__(self, mappings: str, before: Callable[[int], int] | None = None) -> None:
        if _MAPPINGS.fullmatch(mappings) is None:
            raise ValueError(mappings[:100])
        self._mappings = mappings
        self._before = before
        self._read: dict[int, tuple[Sequence[int], Sequence[int]]] = {}

    @cached_property
    def _lines(self) -> Sequence[str]:
        return self._mappings.split(";")

    @cached_property
    def _origins(self) -> Sequence[int]:
        """The line that the last segment before each line comes from: read only where a line is asked for."""
        further = _Further()
        deltas = (sum(map(further.__getitem__, line.split(","))) for line in self._lines)
        return tuple(accumulate(deltas, initial=0))

    def line(self, line: int, column: int) -> int:
        """Return the line, from 1, that a line and a column, both from 0, come from."""
        found = self._line(line, column)
        return self._before(found - 1) if self._before else found

    def _segments(self, line: int) -> tuple[Sequence[int], Sequence[int]]:
        if line not in self._read:
            self._read[line] = _segments(self._lines[line], self._origins[line])
        return self._read[line]

    def _line(self, line: int, column: int) -> int:
        while 0 <= line < len(self._lines):
            columns, origins = self._segments(line)
            at = bisect_right(columns, column) - 1
            if at >= 0:
                return origins[at] + 1
            if columns:
                return origins[0] + 1
            line -= 1
            column = 1 << 30
        return 1


def without_map(data: bytes) -> bytes:
    """Return a file whose own source map, which could say anything, is not seen; all else stays where it is."""
    return _OTHER.sub(rb"\1\2\3sourceMappingOLD=", data)


def split(data: bytes, before: Callable[[int], int] | None = None) -> tuple[bytes, Lines | None]:
    """Return what esbuild wrote without the source map at its end, and that.

    :param before: says which line each line, from 0, was before esbuild got it.
    """
    at = data.rfind(_COMMENT)
    if at < 0:
        return data, None
    try:
        found = json.loads(base64.b64decode(data[at + len(_COMMENT) :].strip(), validate=True))
        return data[:at], Lines(found["mappings"], before)
    except (ValueError, KeyError, IndexError, TypeError, binascii.Error):
        return data[:at], None


class _Further(dict[str, int]):
    """By how much each segment moves the line that it comes from: most segments are one of a few."""

    def __missing__(self, segment: str) -> int:
        found = self[segment] = _segment(segment)[1] or 0
        return found


def _segments(line: str, origin: int) -> tuple[Sequence[int], Sequence[int]]:
    """Return the columns of a line of mappings, and the lines, from 0, that they come from.

    :param origin: the line that the segment before it comes from.
    """
    column = 0
    columns: list[int] = []
    origins: list[int] = []
    for segment in line.split(","):
        forward, further = _segment(segment)
        column += forward
        if further is not None:
            origin += further
            columns.append(column)
            origins.append(origin)
    return columns, origins


def _segment(segment: str) -> tuple[int, int | None]:
    """Return by how much a segment moves the column and, where it says where that comes from, the line there."""
    numbers = _numbers(segment)
    further = numbers[2] if len(numbers) > 2 else None  # noqa: PLR2004 - the column, the source and its line
    return (numbers[0] if numbers else 0), further


def _numbers(segment: str) -> list[int]:
    found = []
    value = shift = 0
    for digit in segment.encode("ascii"):
        bits = _DIGITS[digit]
        value |= (bits & (_MORE - 1)) << shift
        if bits & _MORE:
            shift += _BITS
            continue
        found.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return found
