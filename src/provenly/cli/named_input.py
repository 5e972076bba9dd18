"""Documents that a command reads from a file, or from standard input where the file is called ``-``."""

from __future__ import annotations

import sys
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.tarball.local_files import read_local

STANDARD_INPUT: Final = "-"


def read(path: str, *, max_bytes: int, what: str) -> bytes:
    """Return the bytes of a document.

    :raises UsageError: there is no such file, or it is no regular file.
    :raises UnavailableError: it cannot be read.
    :raises MalformedError: it has more than ``max_bytes`` (``INPUT_SIZE``).
    """
    if path != STANDARD_INPUT:
        return read_local(path, max_bytes=max_bytes, code="INPUT_SIZE")
    data = sys.stdin.buffer.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise MalformedError(f"{what} has more than {max_bytes:,} bytes", code="INPUT_SIZE")
    return data
