"""How large an archive, a file in it and a name may be before we stop reading.

Whoever made the archive chose every number in it, so each is bounded before memory or time is spent. The largest of 38
popular MCP packages has 1,278 files, six levels of folders and a path of 114 bytes; the defaults leave a wide margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The limits of one archive or folder. Sizes are in bytes.

    :param archive: of the compressed archive. The npm registry itself takes about 200 MiB; MCP packages stay below 10.
    :param unpacked: of everything that comes out of it: headers, names and padding too. All of it is held in memory.
    :param ratio: how many times larger than its compressed form the content may be; npm stops at 1000, and deflate
        cannot do more than 1032.
    :param ratio_after: unpacked bytes before ``ratio`` counts: small archives of zeros are harmless.
    :param file: of one file. GitHub refuses files over 100 MiB, and git holds a file in memory when it compares it.
    :param entries: files and folders. npm itself has no limit; 50,000 are read in seconds.
    :param folders: folders that are named by an entry or by the path of one.
    :param path: of one path. Linux has PATH_MAX = 4096.
    :param part: of one part of a path. File systems have 255 (NAME_MAX), and npm silently drops what does not fit.
    :param names: of all paths together. 50,000 paths of 300 bytes each.
    :param depth: parts of a path. npm drops what is deeper than 1,024.
    :param metadata: of one extended header. npm silently ignores those over 1 MiB.
    :param metadata_in_a_row: extended headers before one entry; honest archives have one or two.
    :param dots: whether a path may have ``.`` for a part behind its first, which is dropped as every reader does. One
        in a hundred archives has such paths, made by pnpm of a ``files`` that begins with ``./``.
    """

    archive: int = 64 * MIB
    unpacked: int = 256 * MIB
    ratio: int = 1_000
    ratio_after: int = 32 * MIB
    file: int = 64 * MIB
    entries: int = 50_000
    folders: int = 50_000
    path: int = 4_096
    part: int = 255
    names: int = 16 * MIB
    depth: int = 128
    metadata: int = 64 * KIB
    metadata_in_a_row: int = 8
    dots: bool = False


LIMITS: Final = Limits()
"""The limits that are used unless a caller names others."""
