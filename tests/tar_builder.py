"""Builds tar and gzip byte by byte, so that each field can be wrong on its own.

Nothing here checks anything: a header is whatever bytes it is given, with a right checksum unless another is asked for.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Final

POSIX: Final = b"ustar\x0000"
GNU: Final = b"ustar  \0"
V7: Final = bytes(8)
END: Final = bytes(1024)

FIELDS: Final[Mapping[str, tuple[int, int]]] = {
    "name": (0, 100),
    "mode": (100, 8),
    "uid": (108, 8),
    "gid": (116, 8),
    "size": (124, 12),
    "mtime": (136, 12),
    "checksum": (148, 8),
    "kind": (156, 1),
    "link": (157, 100),
    "magic": (257, 8),
    "uname": (265, 32),
    "gname": (297, 32),
    "major": (329, 8),
    "minor": (337, 8),
    "prefix": (345, 155),
    "tail": (500, 12),
}
"""Offset and length of each field of a header block."""


def octal(number: int, width: int) -> bytes:
    """Return ``number`` as the octal digits of a field of ``width`` bytes, the last of which is NUL."""
    return b"%0*o\0" % (width - 1, number)


def header(name: bytes, size: int = 0, /, **fields: bytes) -> bytes:
    """Return a header block; ``fields`` are raw bytes by the names of :data:`FIELDS`."""
    values = {
        "name": name,
        "mode": octal(0o644, 8),
        "uid": octal(0, 8),
        "gid": octal(0, 8),
        "size": octal(size, 12),
        "mtime": octal(499162500, 12),
        "checksum": b" " * 8,
        "kind": b"0",
        "magic": POSIX,
        **{field: value for field, value in fields.items() if field != "checksum"},
    }
    block = bytearray(512)
    for field, value in values.items():
        at, length = FIELDS[field]
        block[at : at + length] = value[:length].ljust(length, b"\0")
    block[148:156] = fields.get("checksum", b"%06o\0 " % sum(block))
    return bytes(block)


def body(content: bytes) -> bytes:
    """Return ``content`` padded with zeros to whole blocks."""
    return content + bytes(-len(content) % 512)


def file(name: bytes, content: bytes = b"", /, **fields: bytes) -> bytes:
    """Return an entry: header and content."""
    return header(name, len(content), **fields) + body(content)


def record(key: bytes, value: bytes) -> bytes:
    """Return a pax record with its right length, which counts its own digits."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def pax(*records: bytes, kind: bytes = b"x", name: bytes = b"PaxHeader/x") -> bytes:
    """Return a pax extended header of raw records."""
    return file(name, b"".join(records), kind=kind)


def renamed(path: bytes, content: bytes, name: bytes = b"package/renamed") -> bytes:
    """Return a file whose name is in a pax header."""
    return pax(record(b"path", path)) + file(name, content)


def long_name(path: bytes, kind: bytes = b"L") -> bytes:
    """Return a GNU long name: the header and the name as its content."""
    return file(b"././@LongLink", path, kind=kind, magic=GNU)


def base256(number: int, width: int) -> bytes:
    """Return a number in the base-256 form of GNU tar: 0x80, then big-endian; negative ones in two's complement."""
    if number < 0:
        return number.to_bytes(width, "big", signed=True)
    return b"\x80" + number.to_bytes(width - 1, "big")


def gzip(raw: bytes, *, level: int = 6, flags: int = 0, extra: bytes = b"") -> bytes:
    """Return one gzip member.

    :param flags: the FLG byte; 1 text, 2 header checksum, 4 extra field, 8 name, 16 comment.
    :param extra: what these flags put between the header and the data.
    """
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = deflate.compress(raw) + deflate.flush()
    start = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\0\xff" + extra
    return start + packed + struct.pack("<II", zlib.crc32(raw), len(raw) & 0xFFFFFFFF)


def zeros(start: bytes, count: int, end: bytes = b"") -> bytes:
    """Return one gzip member of ``start``, ``count`` zero bytes (whole mebibytes) and ``end``, without holding it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    mebibyte = bytes(1 << 20)
    pieces = [deflate.compress(start)]
    pieces += [deflate.compress(mebibyte) for _ in range(count >> 20)]
    return b"".join([*pieces, deflate.compress(end), deflate.flush()])
