"""Reads pax extended headers (IEEE 1003.1, "pax Extended Header") and GNU long names.

npm reads pax records line by line and drops those whose length does not fit their line; strict readers follow the
lengths. Records are therefore accepted only where both ways give the same: canonical lengths, no line end in a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from provenly.verify.tarball.archive_faults import Remarks, fault, quoted
from provenly.verify.tarball.tar_header import BLOCK, MAX_SAFE_INTEGER

MAX_SIZE_DIGITS: Final = 20
"""Digits of a size that are converted to a number at all; 2^64 has 20."""

_LENGTH: Final = re.compile(rb"([1-9][0-9]{0,6}) ")
_DECIMAL: Final = re.compile(rb"0|[1-9][0-9]*")
_PLAIN_VALUES: Final = {
    b"mtime": re.compile(rb"-?[0-9]+(\.[0-9]*)?"),
    b"atime": re.compile(rb"-?[0-9]+(\.[0-9]*)?"),
    b"ctime": re.compile(rb"-?[0-9]+(\.[0-9]*)?"),
    b"uid": re.compile(rb"[0-9]+"),
    b"gid": re.compile(rb"[0-9]+"),
}
_UTF8_CHARSET: Final = b"ISO-IR 10646 2000 UTF-8"
_SPARSE_KEYS: Final = (b"GNU.sparse.", b"SCHILY.realsize")


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """What an extended header says about the entry that follows.

    :param name: the name of that entry, or ``None`` where the header says nothing about it.
    :param size: the size of that entry in bytes, or ``None``.
    :param long: whether this is a GNU long name rather than a pax header.
    """

    name: bytes | None = None
    size: int | None = None
    long: bool = False


def records(body: bytes) -> Mapping[bytes, bytes]:
    r"""Split the body of a pax header into its records ``"LENGTH KEY=VALUE\n"``.

    :raises MalformedError: ``TAR_PAX_MALFORMED``, ``TAR_PAX_DUPLICATE``.
    """
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(body):
        length = _LENGTH.match(body, at)
        end = at + int(length[1]) if length else 0
        if length is None or not length.end() < end <= len(body) or body[end - 1 : end] != b"\n":
            raise fault("TAR_PAX_MALFORMED", f"a pax record at byte {at} of its header has an impossible length")
        key, equals, value = body[length.end() : end - 1].partition(b"=")
        if not key or not equals or b"\n" in key + value:
            raise fault("TAR_PAX_MALFORMED", f"the pax record {quoted(key)} is not KEY=VALUE on one line")
        if key in found:
            raise fault("TAR_PAX_DUPLICATE", f"a pax header has {quoted(key)} twice")
        found[key] = value
        at = end
    if not found:
        raise fault("TAR_PAX_MALFORMED", "a pax header is empty")
    return found


def entry_header(body: bytes, remarks: Remarks) -> Extension:
    """Read a pax header that is about the next entry.

    :raises MalformedError: as :func:`records`, and ``TAR_SPARSE``, ``TAR_NAME_CONFLICT``, ``TAR_PATH_ENCODING``,
        ``TAR_PATH_UNSAFE``, ``TAR_HEADER_NUMBER``, ``TAR_SIZE_LIMIT``.
    """
    found = records(body)
    for key, value in found.items():
        if key.startswith(_SPARSE_KEYS):
            raise fault("TAR_SPARSE", f"the pax record {quoted(key)} is of a sparse file, which npm reads as another")
        if key == b"hdrcharset" and value != _UTF8_CHARSET:
            raise fault("TAR_PATH_ENCODING", f"a pax header is in the charset {quoted(value)}; npm reads UTF-8")
        if key == b"linkpath":
            raise fault("TAR_NAME_CONFLICT", f"a pax header names the link target {quoted(value)} for what is no link")
        expected = _PLAIN_VALUES.get(key)
        if expected is not None and not expected.fullmatch(value):
            remarks.add("TAR_PAX_VALUE", f"A pax header has the {key.decode()} {quoted(value)}.")
    _check_seams(body, found.get(b"path", b""))
    return Extension(name=found.get(b"path"), size=_size(found[b"size"]) if b"size" in found else None)


def global_header(body: bytes, remarks: Remarks) -> None:
    """Accept a pax header about all entries that follow, if all it has is a comment, as ``git archive`` writes.

    :raises MalformedError: as :func:`records`, and ``TAR_PAX_GLOBAL``: npm ignores a global path, others apply it.
    """
    for key, value in records(body).items():
        if key != b"comment":
            raise fault("TAR_PAX_GLOBAL", f"a global pax header sets {quoted(key)} for all entries that follow")
        remarks.add("TAR_PAX_GLOBAL_COMMENT", f"The archive carries the comment {quoted(value)}.")


def long_name(body: bytes) -> Extension:
    """Read a GNU long name: the name, then nothing but NULs.

    :raises MalformedError: ``TAR_PATH_UNSAFE``, or ``TAR_HEADER_JUNK`` for a NUL inside: readers that stop there and
        readers that do not see two names.
    """
    name = body.rstrip(b"\0")
    if b"\0" in name or not name:
        raise fault("TAR_HEADER_JUNK", f"the long name {quoted(name)} is empty or has a NUL inside")
    _check_seams(body, name)
    return Extension(name=name, long=True)


def _check_seams(body: bytes, name: bytes) -> None:
    """Refuse a name that npm may not understand.

    npm decodes an extended header in the pieces that its decompressor happens to give, never smaller than a block. A
    character that lies across a seam is damaged, its record no longer has its length, and npm falls back to the name in
    the entry's own header (seen with node-tar 7.5.22; seams lie every 16 KiB).
    """
    if len(body) > BLOCK and not name.isascii():
        message = f"the name {quoted(name)} is not ASCII and in an extended header of more than {BLOCK} bytes"
        raise fault("TAR_PATH_UNSAFE", f"{message}, which npm may misread")


def _size(value: bytes) -> int:
    if not _DECIMAL.fullmatch(value):
        raise fault("TAR_HEADER_NUMBER", f"a pax header has the size {quoted(value)}")
    if len(value) > MAX_SIZE_DIGITS or int(value) > MAX_SAFE_INTEGER:
        raise fault("TAR_SIZE_LIMIT", f"a pax header has the size {quoted(value)}, more than readers can hold")
    return int(value)
