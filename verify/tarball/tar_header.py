"""Reads one tar header block: POSIX ustar, GNU and the old V7 form (IEEE 1003.1 "pax", GNU tar manual).

Readers differ wherever a field is damaged: Python's ``tarfile`` ends its listing there, npm's reader skips the entry or
takes a default and goes on. Every field that npm looks at must therefore have one meaning; else the archive is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from provenly.trust.text import show
from provenly.verify.tarball.archive_faults import Remarks, fault, quoted

BLOCK: Final = 512
"""Bytes of a block: headers have one, contents are padded to whole ones."""

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that JavaScript holds exactly; npm's reader drops an entry with a larger number in its header."""

FILE_TYPES: Final = b"0\x007"
DIRECTORY_TYPE: Final = b"5"
PAX_TYPE: Final = b"x"
PAX_GLOBAL_TYPE: Final = b"g"
LONG_NAME_TYPE: Final = b"L"
_ACCEPTED: Final = FILE_TYPES + DIRECTORY_TYPE + PAX_TYPE + PAX_GLOBAL_TYPE + LONG_NAME_TYPE

_REFUSED: Final = {
    b"1": ("TAR_LINK", "a hard link"),
    b"2": ("TAR_LINK", "a symbolic link"),
    b"K": ("TAR_LINK", "a long link target"),
    b"3": ("TAR_SPECIAL", "a character device"),
    b"4": ("TAR_SPECIAL", "a block device"),
    b"6": ("TAR_SPECIAL", "a FIFO"),
    b"S": ("TAR_SPARSE", "a sparse file"),
}
"""Entry types that no package needs: npm drops links and devices silently and takes sparse files for something else."""

_NAME: Final = slice(0, 100)
_CHECKSUM: Final = slice(148, 156)
_TYPE: Final = slice(156, 157)
_LINK: Final = slice(157, 257)
_MAGIC: Final = slice(257, 265)
_PREFIX: Final = slice(345, 500)
_SHORT_PREFIX: Final = slice(345, 475)
_POSIX: Final = b"ustar\x0000"

_NUMBERS: Final = {
    "mode": slice(100, 108),
    "owner": slice(108, 116),
    "group": slice(116, 124),
    "size": slice(124, 136),
    "time": slice(136, 148),
}
_DEVICE_NUMBERS: Final = {"major device": slice(329, 337), "minor device": slice(337, 345)}
_MORE_TIMES: Final = {"access time": slice(476, 488), "change time": slice(488, 500)}
_MAY_BE_NEGATIVE: Final = frozenset({"time", "access time", "change time"})

_OCTAL: Final = re.compile(rb" *([0-7]*)[ \0]*")
_LINE_ENDS: Final = re.compile(rb"[\n\r]|\xe2\x80[\xa8\xa9]")
"""Where JavaScript's ``.`` stops: npm cuts a field with ``/\0.*/``, so text after one of these joins the name again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """One header block.

    :param name: with the prefix of the POSIX form, as bytes.
    :param type: one byte; see the constants of this module.
    :param mode: permission bits and whatever else was in the field; 0 where the field is empty.
    :param size: of the content that follows, in bytes.
    """

    name: bytes
    type: bytes
    mode: int
    size: int


def parse(block: bytes, remarks: Remarks) -> Header:
    """Read a block of 512 bytes that is not all zero.

    :raises MalformedError: ``TAR_CHECKSUM``, ``TAR_LINK``, ``TAR_SPECIAL``, ``TAR_SPARSE``, ``TAR_TYPE_UNKNOWN``,
        ``TAR_HEADER_NUMBER``, ``TAR_SIZE_LIMIT``, ``TAR_NAME_CONFLICT``, ``TAR_PATH_UNSAFE``.
    """
    _check_sum(block)
    shown = block[_NAME].partition(b"\0")[0]
    kind = _check_type(block[_TYPE], shown)
    numbers = {field: _number(block[place], field, shown, remarks) for field, place in _NUMBERS.items()}
    if _text(block[_LINK], shown, remarks):
        raise fault("TAR_NAME_CONFLICT", f"{quoted(shown)} is no link and names a link target; npm would drop it")
    name = _text(block[_NAME], shown, remarks)
    prefix = _prefix(block, shown, remarks)
    return Header(
        name=prefix + b"/" + name if prefix else name,
        type=kind,
        mode=numbers["mode"] or 0,
        size=numbers["size"] or 0,
    )


def _check_sum(block: bytes) -> None:
    """Hold the block to its checksum: the unsigned sum of its bytes, the checksum's own counted as spaces."""
    expected = sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")
    match = _OCTAL.fullmatch(block[_CHECKSUM])
    digits = match[1] if match else b""
    # Eight digits would fill the field; npm reads on into the next one until something ends the number.
    if not digits or block[_CHECKSUM].endswith(digits) or int(digits, 8) != expected:
        raise fault("TAR_CHECKSUM", "a header block has the wrong checksum: this is no tar archive, or a damaged one")


def _check_type(kind: bytes, shown: bytes) -> bytes:
    if kind in _REFUSED:
        code, what = _REFUSED[kind]
        raise fault(code, f"{quoted(shown)} is {what}; packages have regular files only")
    if kind not in _ACCEPTED:
        raise fault("TAR_TYPE_UNKNOWN", f"{quoted(shown)} has the unknown type {quoted(kind)}; readers differ about it")
    return kind


def _number(field: bytes, what: str, shown: bytes, remarks: Remarks) -> int | None:
    """Read an octal number, or the base-256 form of GNU tar; ``None`` for an empty field, which all readers allow."""
    if field[0] & 0x80:
        value = _base256(field)
        remarks.add("TAR_NUMBER_BASE256", f"The {what} of {quoted(shown)} is written in base 256.", show(shown))
    else:
        match = _OCTAL.fullmatch(field)
        value = int(match[1], 8) if match and match[1] else None
        if match is None:
            raise fault("TAR_HEADER_NUMBER", f"the {what} of {quoted(shown)} is {quoted(field)}, not an octal number")
        if value is None:
            return None
    if value is None or (value < 0 and what not in _MAY_BE_NEGATIVE) or value < -MAX_SAFE_INTEGER:
        raise fault("TAR_HEADER_NUMBER", f"the {what} of {quoted(shown)} is no number that a file can have")
    if value > MAX_SAFE_INTEGER:
        code = "TAR_SIZE_LIMIT" if what == "size" else "TAR_HEADER_NUMBER"
        raise fault(code, f"the {what} of {quoted(shown)} is {value:,}, more than readers can hold")
    return value


def _base256(field: bytes) -> int | None:
    """Read a number whose first byte is 80 (positive) or ff (negative, two's complement); ``None`` for other bytes."""
    if field[0] == 0x80:  # noqa: PLR2004 - the marker of a positive number
        return int.from_bytes(field[1:], "big")
    return int.from_bytes(field, "big", signed=True) if field[0] == 0xFF else None  # noqa: PLR2004 - of a negative one


def _text(field: bytes, shown: bytes, remarks: Remarks) -> bytes:
    """Return the field up to its first NUL. Bytes behind it are a remark, or a refusal where npm would read them."""
    text, _, rest = field.partition(b"\0")
    if rest.count(0) != len(rest):
        if _LINE_ENDS.search(rest):
            raise fault("TAR_PATH_UNSAFE", f"the header of {quoted(shown)} hides a line end behind a NUL")
        remarks.add("TAR_HEADER_JUNK", f"The header of {quoted(shown)} has bytes behind a name.", show(shown))
    return text


def _prefix(block: bytes, shown: bytes, remarks: Remarks) -> bytes:
    """Return the part of the name that the POSIX form keeps in a field of its own.

    npm reads it where magic and version are those of POSIX; it takes the last 25 bytes for two times where the byte
    before them is zero. Other readers use the field under other magics too, so there it must be empty.
    """
    field = block[_PREFIX]
    if block[_MAGIC] != _POSIX:
        if field.count(0) != len(field):
            raise fault("TAR_NAME_CONFLICT", f"{quoted(shown)} has a name prefix that only some readers use")
        return b""
    _check_numbers(block, _DEVICE_NUMBERS, shown, remarks)
    if block[_SHORT_PREFIX.stop]:
        prefix = _text(field, shown, remarks)
        if not prefix:
            raise fault("TAR_NAME_CONFLICT", f"{quoted(shown)} has an empty prefix that npm takes for a folder")
        return prefix
    _check_numbers(block, _MORE_TIMES, shown, remarks)
    return _text(block[_SHORT_PREFIX], shown, remarks)


def _check_numbers(block: bytes, places: Mapping[str, slice], shown: bytes, remarks: Remarks) -> None:
    """Refuse numbers that make npm's reader drop the entry, though nobody uses their value."""
    for what, place in places.items():
        field = block[place]
        if field.count(0) != len(field):
            _number(field, what, shown, remarks)
