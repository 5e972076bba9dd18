"""What was compiled before, found by everything that it was made from."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from provenly.verify.network import files
from provenly.verify.network.cache import Cache

KIND: Final = "compiled"
MAX_ENTRY: Final = 256 * 1024 * 1024
"""Bytes of one entry: an answer of an isolate, with room."""

_NAME: Final = "result"
_DIGEST: Final = 64


class Results:
    """The part of the cache that holds compiled output.

    An entry begins with the SHA-256 of its key and its bytes, so that a file that was cut off or moved is not read. A
    disk that is full or read-only costs time, nothing else.

    :param cache: the cache, or ``None`` to keep nothing.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def get(self, key: str) -> bytes | None:
        """Return what was kept for ``key``, or ``None``."""
        if self._cache is None:
            return None
        with suppress(OSError):
            data = files.read(self._path(key), limit=MAX_ENTRY)
            if data is not None and data[:_DIGEST] == _digest(key, data[_DIGEST:]):
                return data[_DIGEST:]
        return None

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data`` for ``key``.

        Unlike other entries of the cache it is not forced to the disk: a package has hundreds, waiting for each takes
        longer than compiling it again, and one that a power loss cut off does not have its digest.
        """
        if self._cache is None or len(data) + _DIGEST > MAX_ENTRY:
            return
        with suppress(OSError):
            path = self._path(key)
            temporary = path.parent / f"{files.TEMPORARY}{os.urandom(16).hex()}"
            try:
                with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                    file.writelines((_digest(key, data), data))
                temporary.rename(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        assert self._cache is not None  # noqa: S101 - both callers have looked
        return self._cache.folder(KIND, key) / _NAME


def _digest(key: str, data: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + data).hexdigest().encode()
