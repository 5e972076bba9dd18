"""Reads one gzip member (RFC 1952), piece by piece, and holds it to its checksum, its length and our limits.

Readers differ about what follows a member: npm's reads further members and drops other bytes silently, many readers
stop at the first end. An archive of a package is therefore one member and nothing else.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from provenly.verify.tarball.archive_faults import Remarks, fault
from provenly.verify.tarball.archive_limits import KIB, Limits

MAGIC: Final = b"\x1f\x8b"
"""The first two bytes of a gzip member."""

GZIP_WBITS: Final = 31
"""What zlib calls "a gzip header and trailer, and the largest window": it checks CRC-32 and ISIZE at the end."""

INPUT_BYTES: Final = 64 * KIB
"""Compressed bytes that are handed to zlib at once. It copies what it has not used, so this bounds the copying."""

OUTPUT_BYTES: Final = 256 * KIB
"""The most bytes that one step may produce: what is held in memory between two checks of the limits."""


def inflate(data: bytes, limits: Limits, remarks: Remarks) -> Iterator[bytes]:
    """Yield the decompressed content of ``data`` in pieces of at most 256 KiB.

    Whoever iterates must do so to the end: only then have the checksum, the length and what follows been checked.

    :raises MalformedError: ``GZIP_REQUIRED``, ``GZIP_CORRUPT``, ``GZIP_MULTIPLE_MEMBERS``, ``GZIP_TRAILING_DATA``,
        ``LIMIT_ARCHIVE_BYTES``, ``LIMIT_UNPACKED_BYTES``, ``LIMIT_RATIO``.
    """
    if not data.startswith(MAGIC):
        raise fault("GZIP_REQUIRED", "the archive is not gzip; expected its first two bytes to be 1f 8b")
    if len(data) > limits.archive:
        raise fault("LIMIT_ARCHIVE_BYTES", f"the archive has {len(data):,} bytes, more than {limits.archive:,}")
    member = zlib.decompressobj(wbits=GZIP_WBITS)
    view = memoryview(data)
    total = 0
    for start in range(0, len(data), INPUT_BYTES):
        piece: bytes | memoryview = view[start : start + INPUT_BYTES]
        read = start + len(piece)
        while not member.eof:
            chunk = _step(member, piece)
            piece = member.unconsumed_tail
            total += len(chunk)
            _check_limits(total, read - len(piece), limits)
            if chunk:
                yield chunk
            elif not piece:
                break
        if member.eof:
            _check_rest(view[read - len(member.unused_data) :], remarks)
            return
    raise fault("GZIP_CORRUPT", f"the gzip stream ends early, after {total:,} bytes of content")


def _step(member: zlib._Decompress, piece: bytes | memoryview) -> bytes:
    try:
        return member.decompress(piece, OUTPUT_BYTES)
    except zlib.error as error:
        raise fault("GZIP_CORRUPT", f"the gzip stream is damaged ({error})") from error


def _check_limits(total: int, consumed: int, limits: Limits) -> None:
    if total > limits.unpacked:
        raise fault("LIMIT_UNPACKED_BYTES", f"the archive unpacks to more than {limits.unpacked:,} bytes")
    if total > limits.ratio_after and total > limits.ratio * consumed:
        raise fault("LIMIT_RATIO", f"the archive unpacks to more than {limits.ratio:,} times its size")


def _check_rest(rest: memoryview, remarks: Remarks) -> None:
    """Judge the bytes after the member: none is right, zeros are a remark (tapes were padded), the rest is refused."""
    if not rest:
        return
    found = bytes(rest)
    if found.startswith(MAGIC):
        raise fault("GZIP_MULTIPLE_MEMBERS", "a second gzip member follows the first; some readers would not read it")
    if found.count(0) != len(found):
        raise fault("GZIP_TRAILING_DATA", f"{len(found):,} bytes follow the gzip member")
    remarks.add("GZIP_TRAILING_ZEROS", f"{len(found):,} zero bytes follow the gzip member.")
