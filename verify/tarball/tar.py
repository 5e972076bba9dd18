"""A strict, streaming tar reader: what every reader reads alike comes out, everything else refuses the archive.

Python's ``tarfile`` ends its listing silently at faults that npm reads past, so that a file can be installed which a
checker never sees; this reader ends only at the end-of-archive marker or the end of the data, and checks that nothing
but zeros follows. It writes nothing to disk. Names are not judged here; :mod:`~provenly.verify.tarball.paths` does
that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from provenly.trust.text import show
from provenly.verify.tarball import tar_extended
from provenly.verify.tarball.archive_faults import Remarks, fault, quoted
from provenly.verify.tarball.archive_limits import Limits
from provenly.verify.tarball.tar_extended import Extension
from provenly.verify.tarball.tar_header import (
    BLOCK,
    DIRECTORY_TYPE,
    FILE_TYPES,
    LONG_NAME_TYPE,
    PAX_GLOBAL_TYPE,
    PAX_TYPE,
    Header,
    parse,
)

_ZEROS: Final = bytes(BLOCK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file or folder of the archive.

    :param name: as the archive has it, with its first component, without a slash at the end.
    :param content: the bytes of a file; ``None`` for a folder.
    :param mode: permission bits, and whatever else was in the field.
    """

    name: bytes
    content: bytes | None
    mode: int


def entries(chunks: Iterator[bytes], limits: Limits, remarks: Remarks) -> Iterator[Entry]:
    """Yield the files and folders of a tar archive in their order, then drain ``chunks``.

    :param chunks: the uncompressed archive, in pieces of any size.
    :raises MalformedError: with the code of the first fault, see :mod:`~provenly.verify.tarball.tar_header`,
        :mod:`~provenly.verify.tarball.tar_extended`, and here ``TAR_TRUNCATED``, ``TAR_DATA_AFTER_EOF``,
        ``TAR_DESYNC``, ``TAR_TYPE_AMBIGUOUS``, ``TAR_SIZE_CONFLICT``, ``TAR_PAX_DANGLING`` and ``LIMIT_…``.
    """
    reader = _Reader(_Stream(chunks), limits, remarks)
    while (block := reader.stream.read(BLOCK)) and block != _ZEROS:
        if len(block) < BLOCK:
            raise fault("TAR_TRUNCATED", f"the archive ends inside a header, {len(block)} bytes after its start")
        header = parse(block, remarks)
        if header.type in (PAX_TYPE, PAX_GLOBAL_TYPE, LONG_NAME_TYPE):
            reader.extend(header)
        else:
            yield reader.entry(header)
    if reader.extension is not None:
        raise fault("TAR_PAX_DANGLING", "an extended header at the end of the archive belongs to no entry")
    _finish(reader.stream, marked=bool(block), remarks=remarks)


class _Reader:
    """The state between two headers: what was counted, and the extended header that waits for its entry."""

    def __init__(self, stream: _Stream, limits: Limits, remarks: Remarks) -> None:
        self.stream = stream
        self.extension: Extension | None = None
        self._limits = limits
        self._remarks = remarks
        self._entries = 0
        self._bytes = 0
        self._headers_in_a_row = 0

    def extend(self, header: Header) -> None:
        """Read an extended header; at most one that names something may stand before an entry."""
        self._headers_in_a_row += 1
        if self._headers_in_a_row > self._limits.metadata_in_a_row:
            raise fault("LIMIT_META_COUNT", f"more than {self._limits.metadata_in_a_row} extended headers in a row")
        if not header.name:
            raise fault("TAR_PAX_MALFORMED", "an extended header has no name of its own; npm would drop it")
        if header.size > self._limits.metadata:
            message = f"an extended header has {header.size:,} bytes, more than {self._limits.metadata:,}"
            raise fault("LIMIT_META_BYTES", message)
        if self.extension is not None:
            if header.type == PAX_GLOBAL_TYPE:
                raise fault("TAR_PAX_DANGLING", "a global pax header stands between an extended header and its entry")
            if header.type == LONG_NAME_TYPE or self.extension.long:
                raise fault("TAR_NAME_CONFLICT", "one entry has two extended headers; readers choose differently")
            raise fault("TAR_PAX_DUPLICATE", "one entry has two pax headers")
        body = self._body(header.size, b"an extended header")
        if header.type == PAX_GLOBAL_TYPE:
            tar_extended.global_header(body, self._remarks)
        elif header.type == LONG_NAME_TYPE:
            self.extension = tar_extended.long_name(body)
        else:
            self.extension = tar_extended.entry_header(body, self._remarks)

    def entry(self, header: Header) -> Entry:
        """Read the content of a file or accept a folder."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise fault("LIMIT_ENTRY_COUNT", f"the archive has more than {self._limits.entries:,} entries")
        extension, self.extension, self._headers_in_a_row = self.extension or Extension(), None, 0
        name = header.name if extension.name is None else extension.name
        if extension.size is not None and extension.size != header.size:
            message = f"{quoted(name)} has {header.size:,} bytes by its header and {extension.size:,} by its pax header"
            raise fault("TAR_SIZE_CONFLICT", message)
        if header.type == DIRECTORY_TYPE or (header.type == b"\0" and name.endswith(b"/") and not header.size):
            if header.size:
                message = f"the folder {quoted(name)} claims {header.size:,} bytes; do they follow?"
                raise fault("TAR_DESYNC", message)
            return Entry(name=name.removesuffix(b"/"), content=None, mode=header.mode)
        if name.endswith(b"/"):
            raise fault("TAR_TYPE_AMBIGUOUS", f"{quoted(name)} is a file by its type and a folder by its name")
        if header.type != FILE_TYPES[:1] and header.type != b"\0":
            self._remarks.add("TAR_TYPE_UNUSUAL", f"{quoted(name)} has the type “contiguous file”.", show(name))
        self._check_size(header.size, name)
        return Entry(name=name, content=self._body(header.size, name), mode=header.mode)

    def _check_size(self, size: int, name: bytes) -> None:
        """Refuse what would be too large before any of it is read."""
        self._bytes += size
        if self._bytes > self._limits.unpacked:
            message = f"with {quoted(name)} the files have {self._bytes:,} bytes, more than {self._limits.unpacked:,}"
            raise fault("LIMIT_UNPACKED_BYTES", message)
        if size > self._limits.file:
            raise fault("LIMIT_FILE_BYTES", f"{quoted(name)} has {size:,} bytes, more than {self._limits.file:,}")

    def _body(self, size: int, what: bytes) -> bytes:
        """Return ``size`` bytes and pass over the padding that fills their last block."""
        body = self.stream.read(size)
        padding = self.stream.read(-size % BLOCK)
        if len(body) < size or len(padding) < -size % BLOCK:
            raise fault(
                "TAR_TRUNCATED", f"the archive ends inside {quoted(what)}: {len(body):,} of {size:,} bytes are there"
            )
        if padding.count(0) != len(padding):
            self._remarks.add("TAR_PADDING_JUNK", f"The padding behind {quoted(what)} is not zero.", show(what))
        return body


class _Stream:
    """Pieces of any size, read in pieces of the wanted size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer only where the data ends."""
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        if len(piece) == size:
            return piece
        pieces = [piece]
        missing = size - len(piece)
        while missing and (chunk := next(self._chunks, None)) is not None:
            self._chunk, self._at = chunk, min(missing, len(chunk))
            pieces.append(chunk[: self._at])
            missing -= self._at
        return b"".join(pieces)

    def rest(self) -> Iterator[bytes]:
        """Yield everything that has not been read."""
        yield self._chunk[self._at :]
        self._chunk, self._at = b"", 0
        yield from self._chunks


def _finish(stream: _Stream, *, marked: bool, remarks: Remarks) -> None:
    """Drain the stream. After the first zero block there may be zeros only, whatever the blocking factor of the tape.

    :param marked: whether a zero block was read; without one the data has simply ended.
    """
    zeros = BLOCK if marked else 0
    for chunk in stream.rest():
        if chunk.count(0) != len(chunk):
            message = "something follows the end-of-archive marker: some readers stop there and some go on"
            raise fault("TAR_DATA_AFTER_EOF", message)
        zeros += len(chunk)
    if zeros < 2 * BLOCK:
        remarks.add("TAR_NO_EOF", f"The archive ends with {zeros} zero bytes instead of 1,024 or more.")
