"""Files that other processes, and other users of the machine, may touch at the same time.

Written whole or not at all; read only where they are plain files of ours. POSIX only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust.errors import UnavailableError, UsageError

TEMPORARY: Final = ".tmp-"
"""How names of files begin that are not finished yet."""

_POLL: Final = 0.05
"""Seconds between two attempts to get a lock: short against what locks are held for, long against a system call."""

_TOUCH_AFTER: Final = 600
"""Seconds after which a file that is used again is marked so: rarely, so that reading does not mean writing."""


def make_private(folder: Path) -> None:
    """Make ``folder``, and those above it that are missing, for this user alone (as the XDG specification asks).

    :raises OSError: it cannot be made.
    """
    if not folder.parent.exists():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def check_private(folder: Path) -> None:
    """Refuse a folder into which others can write.

    :raises UsageError: ``CACHE_UNSAFE``: a symbolic link, another owner, or writable by others.
    :raises OSError: it cannot be looked at.
    """
    found = folder.lstat()
    parent = folder.parent.stat()
    why = ""
    if stat.S_ISLNK(found.st_mode):
        why = "is a symbolic link"
    elif not stat.S_ISDIR(found.st_mode):
        why = "is no folder"
    elif found.st_uid != os.geteuid():
        why = f"belongs to user {found.st_uid}, not to you"
    elif found.st_mode & 0o022:
        why = "can be written by others"
    elif parent.st_mode & 0o002 and not parent.st_mode & stat.S_ISVTX:
        why = "is inside a folder in which others can replace it"
    if why:
        hint = "Name another folder, make it yours alone (chmod 700), or do without a cache."
        raise UsageError(f"the cache folder {folder} {why}", code="CACHE_UNSAFE", hint=hint)


def write(path: Path, *parts: bytes) -> None:
    """Write a file so that readers see all of it or what was there before, even across a power loss.

    :raises OSError: it could not be written; nothing is left behind.
    """
    make_private(path.parent)
    temporary = path.parent / f"{TEMPORARY}{os.urandom(16).hex()}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
            stream.writelines(parts)
            stream.flush()
            os.fsync(descriptor)
        temporary.rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path, *, limit: int) -> bytes | None:
    """Return the bytes of a file; ``None`` where it is no plain file of ours with just one name, or is over ``limit``.

    :raises FileNotFoundError: there is none.
    :raises OSError: it cannot be read.
    """
    try:
        # O_NONBLOCK: opening a pipe that somebody put there must not wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        if path.is_symlink():
            return None
        raise
    try:
        found = os.fstat(descriptor)
        # A link count of 0 is a file that another process has just replaced; 2 is one that has another name.
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink <= 1
        if not ours or found.st_size > limit:
            return None
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit)
    finally:
        os.close(descriptor)


def touch(path: Path, now: datetime) -> None:
    """Set the modification time of a file or folder to ``now``, if it is much off: it was used."""
    with contextlib.suppress(OSError):  # A read-only cache can still be read.
        if abs(path.stat().st_mtime - now.timestamp()) > _TOUCH_AFTER:
            os.utime(path, (now.timestamp(), now.timestamp()))


@contextlib.contextmanager
def locked(path: Path, *, seconds: float, what: str) -> Iterator[None]:
    """Hold the lock file ``path``; other processes and threads wait for it.

    The lock goes with the process that holds it, however that ends.

    :param seconds: how long to wait for others.
    :param what: what is locked, for the message.
    :raises UnavailableError: ``CACHE_LOCKED``: others held it all that time.
    :raises OSError: the lock file cannot be made.
    """
    make_private(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    message = f"{what} is in use by another process for more than {seconds:g} seconds"
                    raise UnavailableError(message, code="CACHE_LOCKED", hint="Try again when it is done.") from error
                time.sleep(_POLL)
            else:
                break
        yield
    finally:
        os.close(descriptor)
