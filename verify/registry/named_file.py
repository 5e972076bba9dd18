"""Reading a file that the user named: a whole regular file, or an error that says why not."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a regular file; links are followed, since the user named it.

    :raises OSError: it cannot be read, is not a regular file (``EINVAL``), or has more than ``max_bytes`` (``EFBIG``).
    """
    # Without O_NONBLOCK, opening a FIFO would wait for somebody to write.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "It is not a regular file")
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, f"It has more than {max_bytes:,} bytes")
    return data
