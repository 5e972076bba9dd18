"""Reading a policy file from disk: once, bounded, and with a warning where others could change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from provenly.policies.document import MAX_BYTES
from provenly.trust.errors import UsageError
from provenly.trust.model import Note

_HINT: Final = "Give the path of a policy file, or the name of a packaged policy such as default."

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def read(path: Path) -> tuple[bytes, tuple[Note, ...]]:
    """Return the bytes of the policy file at ``path``, and a note for each way in which others could change it.

    :raises UsageError: ``POLICY_FILE`` there is no such file, it is not a regular one or may not be read.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for somebody to write.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"the policy {path} cannot be read: {reason}", code="POLICY_FILE", hint=_HINT) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"the policy {path} is not a regular file", code="POLICY_FILE", hint=_HINT)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"the policy {path} cannot be read: {error.strerror}"
        raise UsageError(message, code="POLICY_FILE", hint=_HINT) from error
    finally:
        os.close(descriptor)
    return data, _notes(path, status)


def _notes(path: Path, status: os.stat_result) -> tuple[Note, ...]:
    """Say who else could change what this machine decides."""
    texts: list[str] = []
    if path.is_symlink():
        texts.append(f"it is a symbolic link to {os.path.realpath(path)}")
    if status.st_mode & _OTHERS_WRITE:
        texts.append(f"others may write it (mode {stat.S_IMODE(status.st_mode):04o})")
    if status.st_uid not in (os.geteuid(), 0):
        texts.append(f"it belongs to another user (number {status.st_uid})")
    return tuple(
        Note(code="POLICY_PERMS", text=f"the policy file could be changed: {text}", where=str(path)) for text in texts
    )
