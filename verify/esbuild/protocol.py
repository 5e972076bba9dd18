"""How one speaks with esbuild's binary: packets over its standard input and output.

It is what esbuild's own JavaScript does (``esbuild --service=VERSION``). A packet is a length, an id with one bit that
says whether it is an answer, and a value: JSON's kinds, and bytes besides. All numbers have four bytes, little endian.

Source of the format: lib/shared/stdio_protocol.ts and cmd/esbuild/stdio_protocol.go in esbuild's repository.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

Value: TypeAlias = "bool | int | str | bytes | Sequence[Value] | Mapping[str, Value] | None"

LENGTH: Final = 4
"""Bytes of the length that stands before a packet."""

MAX_DEPTH: Final = 12
"""Values inside of values in an answer: esbuild's own have five."""

_NOTHING, _FLAG, _NUMBER, _TEXT, _BYTES, _LIST, _MEMBERS = range(7)
_SIZE: Final = struct.Struct("<I")
_SIGNED: Final = struct.Struct("<i")


def packet(number: int, value: Value, *, answer: bool = False) -> bytes:
    """Return a request, or an answer to one, ready to be sent.

    :param number: which request it is, for the answer names it.
    """
    parts: list[bytes] = [_SIZE.pack(number << 1 | answer)]
    _write(value, parts)
    return _SIZE.pack(sum(map(len, parts))) + b"".join(parts)


def _write(value: Value, parts: list[bytes]) -> None:
    if value is None:
        parts.append(bytes((_NOTHING,)))
    elif isinstance(value, bool):
        parts.append(bytes((_FLAG, value)))
    elif isinstance(value, int):
        parts.append(bytes((_NUMBER,)) + _SIGNED.pack(value))
    elif isinstance(value, str):
        parts.append(bytes((_TEXT,)) + _counted(value.encode()))
    elif isinstance(value, bytes):
        parts.extend((bytes((_BYTES,)), _SIZE.pack(len(value)), value))
    elif isinstance(value, Mapping):
        parts.append(bytes((_MEMBERS,)) + _SIZE.pack(len(value)))
        for key, member in value.items():
            parts.append(_counted(key.encode()))
            _write(member, parts)
    else:
        parts.append(bytes((_LIST,)) + _SIZE.pack(len(value)))
        for item in value:
            _write(item, parts)


def _counted(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data


def read(data: bytes) -> tuple[int, bool, Value]:
    """Read a packet whose length was taken off.

    :returns: its number, whether it is an answer, and its value.
    :raises ValueError: it is none.
    """
    reader = _Reader(data)
    number = reader.size()
    value = reader.value(MAX_DEPTH)
    if reader.place != len(data):
        raise ValueError("something follows the value")
    return number >> 1, bool(number & 1), value


class _Reader:
    """Reads values one after the other. Every one takes at least a byte, so that the length bounds the work."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def size(self) -> int:
        return int(_SIZE.unpack(self._take(4))[0])

    def value(self, depth: int) -> Value:  # noqa: PLR0911 - one for each kind
        if not depth:
            raise ValueError("too many values inside of each other")
        kind = self._take(1)[0]
        if kind == _NOTHING:
            return None
        if kind == _FLAG:
            return bool(self._take(1)[0])
        if kind == _NUMBER:
            return int(_SIGNED.unpack(self._take(4))[0])
        if kind == _TEXT:
            return self._counted().decode("utf-8", "replace")
        if kind == _BYTES:
            return self._counted()
        if kind == _LIST:
            return [self.value(depth - 1) for _ in range(self.size())]
        if kind == _MEMBERS:
            return {self._counted().decode("utf-8", "replace"): self.value(depth - 1) for _ in range(self.size())}
        raise ValueError(f"there is no kind {kind}")

    def _counted(self) -> bytes:
        return self._take(self.size())

    def _take(self, size: int) -> bytes:
        piece = self._data[self.place : self.place + size]
        if len(piece) < size:
            raise ValueError("it ends too early")
        self.place += size
        return piece
