"""Where in a published file a position of its rewritten text is, by the source map that esbuild makes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

_COMMENT: Final = b"//# sourceMappingURL=data:application/json;base64,"
_OTHER: Final = re.compile(rb"(//|/\*)([#@])(\s*)sourceMappingURL=")
_DIGITS: Final = {
    ord(digit): value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_MORE: Final = 32
_BITS: Final = 5


class Lines:
    """Finds lines of the published file.

    :param mappings: the ``mappings`` of a source map of version 3, whose only source is the published file.
    """

    def __init__(self, mappings: str) -> None:
        self._lines = tuple(_lines(mappings))

    def line(self, line: int, column: int) -> int:
        """Return the line, from 1, that a line and a column, both from 0, come from."""
        while 0 <= line < len(self._lines):
            columns, origins = self._lines[line]
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


def split(data: bytes) -> tuple[bytes, Lines | None]:
    """Return what esbuild wrote without the source map at its end, and that."""
    at = data.rfind(_COMMENT)
    if at < 0:
        return data, None
    try:
        found = json.loads(base64.b64decode(data[at + len(_COMMENT) :].strip(), validate=True))
        return data[:at], Lines(found["mappings"])
    except (ValueError, KeyError, IndexError, TypeError, binascii.Error):
        return data[:at], None


def _lines(mappings: str) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Yield for each line its columns and the lines, from 0, that they come from."""
    origin = 0
    for line in mappings.split(";"):
        column = 0
        columns: list[int] = []
        origins: list[int] = []
        for segment in line.split(","):
            numbers = _numbers(segment)
            if not numbers:
                continue
            column += numbers[0]
            if len(numbers) > 2:  # noqa: PLR2004 - the column, the source and its line
                origin += numbers[2]
                columns.append(column)
                origins.append(origin)
        yield columns, origins


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
