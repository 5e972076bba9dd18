"""Source files on their way to a compiler: which are sent, how large they may be, and what text they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.text import plural, show

MAX_SOURCE: Final = 1_500_000
"""Bytes of one source. The largest of 62 surveyed packages that a person wrote has 0.4 MB; more is a data file or an
attack, and the compiler's time grows faster than the size."""

MAX_TREE: Final = 60_000_000
"""Bytes of all sources of a project. The checkouts of all but monorepos of hundreds of packages stay below 10 MB."""

MAX_FILES: Final = 50_000
"""Sources of a project, as many as an archive may have entries."""

PIECE: Final = 1_000_000
"""Bytes of sources that are sent at once."""

_READABLE: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")


def readable(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that the compiler could read, in the order of their paths.

    Those over :data:`MAX_SOURCE`, and those whose names are no text, which could come to be the names of others, are as
    if they were not there: at worst, what needs them is not explained.
    """
    return {path: files[path] for path in sorted(files) if path.endswith(_READABLE) and _fits(path, files[path])}


def _fits(path: str, data: bytes) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return len(data) <= MAX_SOURCE


def check_tree(files: Mapping[str, bytes]) -> None:
    """Refuse a tree that is too large, and paths that are not paths below one root.

    :raises MalformedError: ``COMPILER_INPUT``.
    """
    total = sum(map(len, files.values()))
    if total > MAX_TREE or len(files) > MAX_FILES:
        raise MalformedError(
            f"{plural(len(files), 'source')} with {plural(total, 'byte')} are more than are compiled "
            f"({MAX_FILES:,} with {MAX_TREE:,} bytes)",
            code="COMPILER_INPUT",
        )
    for path in files:
        if any(part in {"", ".", ".."} for part in path.split("/")):
            raise MalformedError(f"{show(path, limit=200)} is no path below the root", code="COMPILER_INPUT")


def pieces(files: Mapping[str, bytes]) -> Iterator[list[tuple[str, str]]]:
    """Yield files as texts, some at a time: about :data:`PIECE` bytes."""
    piece: list[tuple[str, str]] = []
    size = 0
    for path, data in files.items():
        piece.append((path, decoded(data)))
        size += len(data)
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def too_large(path: str, size: int) -> MalformedError:
    """Return the error for a file over :data:`MAX_SOURCE`."""
    message = f"{show(path, limit=200)} has {plural(size, 'byte')}; files over {MAX_SOURCE:,} bytes are not compiled"
    return MalformedError(message, code="COMPILER_INPUT")


def decoded(data: bytes) -> str:
    """Return the text of a source as the compiler reads it from a disk (``readFileWorker`` in TypeScript's sys.ts).

    A byte order mark is not part of it, and two of them mean UTF-16; everything else is UTF-8, where what is none
    becomes U+FFFD.
    """
    if data.startswith(b"\xfe\xff"):
        return data[2 : len(data) & ~1].decode("utf-16-be", "replace")
    if data.startswith(b"\xff\xfe"):
        return data[2:].decode("utf-16-le", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
