"""Keeping the cache small: what unfinished writes left behind goes, then what was used longest ago."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from provenly.verify.network import files

KINDS: Final = frozenset({"blobs", "documents", "locks"})
"""The folders of the cache itself; all others belong to somebody, and their entries are folders."""

INTERVAL: Final = timedelta(hours=1)
"""How long after a sweep the next may come: counting a full cache takes about a second."""

STRIDE: Final = 256 * 1024 * 1024
"""Bytes that one process may write before it sweeps all the same."""

LEFTOVER_AGE: Final = timedelta(days=1)
"""How old an unfinished file is when surely nobody writes to it any more."""

_STAMP: Final = "swept"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    path: Path
    size: int
    used: float


def is_due(root: Path, *, now: datetime, written: int) -> bool:
    """Say whether it is time to sweep.

    :param written: bytes that this process has written since its last sweep.
    """
    try:
        age = now.timestamp() - (root / _STAMP).stat().st_mtime
    except FileNotFoundError:
        return True
    return written > STRIDE or not 0 <= age <= INTERVAL.total_seconds()


def sweep(root: Path, *, now: datetime, max_size: int) -> None:
    """Bring the cache below ``max_size`` bytes.

    Only one process sweeps at a time, the others go on. Entries whose time of last use lies in the future count as
    the oldest: a clock was wrong.

    :raises OSError: the stamp that says when it was swept cannot be written.
    """
    files.write(root / _STAMP)
    os.utime(root / _STAMP, (now.timestamp(), now.timestamp()))
    entries = sorted(_entries(root, now), key=lambda entry: entry.used if entry.used <= now.timestamp() + 60 else 0)
    total = sum(entry.size for entry in entries)
    for entry in entries:
        if total <= max_size:
            return
        if _remove(root, entry.path):
            total -= entry.size


def _entries(root: Path, now: datetime) -> Iterator[_Entry]:
    """Yield what may be removed, and remove leftovers on the way."""
    for kind in sorted(path for path in root.iterdir() if path.is_dir() and path.name != "locks"):
        depth = 2 if kind.name == "blobs" else 1
        for path in kind.glob("/".join("*" * (depth + 1))):
            with contextlib.suppress(FileNotFoundError):  # Others sweep and replace at the same time.
                found = path.lstat()
                if path.name.startswith(files.TEMPORARY):
                    if now.timestamp() - found.st_mtime > LEFTOVER_AGE.total_seconds():
                        _discard(path)
                    continue
                size = _size(path) if path.is_dir() else found.st_size
                yield _Entry(path=path, size=size, used=found.st_mtime)


def _discard(leftover: Path) -> None:
    if leftover.is_symlink() or not leftover.is_dir():
        leftover.unlink()
    else:
        import shutil

        shutil.rmtree(leftover, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(
        os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - os.walk gives strings, and many
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _remove(root: Path, path: Path) -> bool:
    """Remove an entry; a folder only where nobody holds its lock, for which it is moved out of the way first."""
    with contextlib.suppress(OSError):
        if not path.is_dir():
            path.unlink()
            return True
        # Users of a folder hold its lock in shared or exclusive mode; its name is in the file that names the folder.
        descriptor = os.open(root / "locks" / path.name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            import shutil

            shutil.rmtree(path)
        finally:
            os.close(descriptor)
        return True
    return False
