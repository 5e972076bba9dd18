"""Reads regular files that the user named on this machine: never a device or FIFO, and never more than was allowed."""

from __future__ import annotations

import os
import stat

from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.trust.text import show
from provenly.verify.tarball.archive_limits import LIMITS, MIB

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
"""How files are opened. ``O_NONBLOCK`` keeps the opening of a FIFO from waiting for somebody who writes to it."""


def read_local(path: str, *, max_bytes: int = LIMITS.archive, code: str = "LIMIT_ARCHIVE_BYTES") -> bytes:
    """Return the bytes of the file at ``path``. A symbolic link is followed: the user chose it.

    :param max_bytes: the most bytes that are accepted.
    :param code: of the error where there are more.
    :raises UsageError: there is no such file (``PATH_NOT_FOUND``) or it is no regular file (``PATH_NOT_FILE``).
    :raises UnavailableError: it cannot be read (``PATH_UNREADABLE``).
    :raises MalformedError: it is larger than ``max_bytes`` (``code``).
    """
    what = f"“{show(path)}”"
    try:
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise UsageError(f"there is no file {what}", code="PATH_NOT_FOUND", hint="Check the path.") from error
    except OSError as error:
        raise unreadable(what, error) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            message = f"{what} is a folder, device or FIFO; expected a regular file"
            raise UsageError(message, code="PATH_NOT_FILE", hint="Name the file itself.")
        return read_open(descriptor, max_bytes=max_bytes, code=code, what=what)
    finally:
        os.close(descriptor)


def open_beneath(name: str, folder: int) -> int:
    """Open a file in an open folder for reading and return its descriptor; symbolic links are not followed.

    :raises OSError: it cannot be opened; ``ELOOP`` for a symbolic link.
    """
    return os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=folder)


def read_open(descriptor: int, *, max_bytes: int, code: str, what: str) -> bytes:
    """Return the rest of an open file.

    :param max_bytes: the most bytes that are accepted; whatever the file system says about the size, no more are read.
    :param code: of the error where there are more.
    :raises UnavailableError: ``PATH_UNREADABLE``.
    :raises MalformedError: ``code``.
    """
    pieces: list[bytes] = []
    left = max_bytes + 1
    try:
        while left and (piece := os.read(descriptor, min(left, MIB))):
            pieces.append(piece)
            left -= len(piece)
    except OSError as error:
        raise unreadable(what, error) from error
    if not left:
        raise MalformedError(f"{what} has more than {max_bytes:,} bytes", code=code)
    return b"".join(pieces)


def unreadable(what: str, error: OSError) -> UnavailableError:
    """Return the error for a file or folder that is there and cannot be read."""
    reason = error.strerror or type(error).__name__
    return UnavailableError(f"{what} cannot be read: {reason}", code="PATH_UNREADABLE", hint="Check its permissions.")
