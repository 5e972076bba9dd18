"""Archives of dependencies, unpacked in memory by the hostile-archive reader, the large ones one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from provenly.verify.tarball import archive
from provenly.verify.tarball.archive_limits import MIB, Limits

Files: TypeAlias = Mapping[str, bytes]
"""The files of a package by their paths in it."""

Wanted: TypeAlias = Callable[[str], bool]
"""Says of a path in a package whether its file is wanted."""

MAX_ARCHIVE: Final = 32 * MIB
"""Bytes of one archive. Those of TypeScript have 4 MB, those with a browser or a compiler in them up to 40."""

LARGE: Final = 48 * MIB
"""Unpacked bytes beyond which archives are unpacked one at a time: TypeScript has 25 MB, some API clients have 190."""

LIMITS: Final = {
    large: Limits(archive=MAX_ARCHIVE, unpacked=192 * MIB if large else LARGE, dots=True) for large in (False, True)
}
"""The limits of one archive, by whether it says that it is large. One that lies about it is refused."""

_SIZE_BYTES: Final = 4
"""At the end of a gzip member, the bytes of its content's length (RFC 1952)."""

_one_large: Final = threading.Lock()


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """The files of one package.

    :param read: bytes of the archive and of all that was in it.
    :param held: bytes of the wanted files.
    """

    read: int
    held: int
    files: Files


NOTHING: Final = Unpacked(read=0, held=0, files=MappingProxyType({}))
"""What is unpacked of a package that has no archive of its own."""


def unpack(data: bytes, wanted: Wanted | None) -> Unpacked:
    """Return the files of an archive.

    :param wanted: says which files are wanted; all are where it is ``None``.
    :raises MalformedError: as :func:`provenly.verify.tarball.archive.read_tarball`.
    """
    if int.from_bytes(data[-_SIZE_BYTES:], "little") <= LARGE:
        return _unpack(data, wanted, LIMITS[False])
    with _one_large:
        return _unpack(data, wanted, LIMITS[True])


def _unpack(data: bytes, wanted: Wanted | None, limits: Limits) -> Unpacked:
    listing = archive.read_tarball(data, _no_ids, limits)
    files = listing.contents
    if wanted is not None:
        files = MappingProxyType({path: content for path, content in files.items() if wanted(path)})
    read = len(data) + sum(entry.size for entry in listing.files)
    return Unpacked(read=read, held=sum(map(len, files.values())), files=files)


def _no_ids(contents: Sequence[bytes]) -> Sequence[str]:
    """Return no object ids: nothing is compared with these files."""
    return [""] * len(contents)
