"""Fetches a pinned esbuild release, takes the binary out of its archive, and keeps it where it can be started."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, UnavailableError
from provenly.verify.context import Transport
from provenly.verify.esbuild import releases
from provenly.verify.esbuild.releases import Release
from provenly.verify.network import files
from provenly.verify.network.cache import Cache
from provenly.verify.tarball import tar
from provenly.verify.tarball.archive_faults import Remarks
from provenly.verify.tarball.archive_limits import LIMITS, MIB
from provenly.verify.tarball.gzip_member import inflate

MAX_ARCHIVE: Final = 16 * MIB
"""Bytes of the archive. Those of the pinned releases have 4 to 5 MiB."""

MAX_BINARY: Final = 32 * MIB
"""Bytes of the binary. Those of the pinned releases have 9 to 11 MiB."""

KIND: Final = "esbuild"
_SETTLE: Final = 0.05
"""Seconds after writing a program. What another thread starts meanwhile has the file open until it becomes another
program, and Linux starts none that somebody can write to (ETXTBSY)."""

_NAMES: Final = ("package/bin/esbuild", "package/esbuild.exe")
_EXECUTABLE: Final = "esbuild"


class Binaries:
    """esbuild's binaries on this machine. Threads may share one.

    :param transport: fetches the archives.
    :param cache: where binaries are kept, or ``None`` for a folder that goes with this object.
    :param registry: the base URL of the registry that serves the packages ``@esbuild/…``.
    """

    def __init__(self, transport: Transport, cache: Cache | None, registry: str) -> None:
        self._transport = transport
        self._cache = cache
        self._registry = registry
        self._known: dict[str, bytes | UnavailableError] = {}
        """Of each release the SHA-256 of its binary, or why there is none."""
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def path(self, release: Release) -> Path:
        """Return where the binary of a release is. Its bytes were hashed just now: call this before every start.

        :raises UnavailableError: ``ESBUILD_UNAVAILABLE``: the archive cannot be had, or is not the one that we pinned;
            ``ESBUILD_PLATFORM``; ``ESBUILD_START``: there is no place to keep it.
        """
        with self._lock:
            known = self._known.get(release.version)
            if isinstance(known, UnavailableError):
                raise known
            try:
                path = self._place(release) / _EXECUTABLE
                if known is None or not _has(path, known):
                    self._unpack(release, path)
            except OSError as error:
                message = f"there is no place to keep esbuild@{release.version}: {error.strerror}"
                raise UnavailableError(message, code="ESBUILD_START", hint="Set TMPDIR.") from error
            return path

    def close(self) -> None:
        """Remove what was kept for this object alone."""
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _place(self, release: Release) -> Path:
        if self._cache is not None:
            return self._cache.folder(KIND, f"{releases.platform()} {release.version}")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="provenly-")
        place = Path(self._folder.name, release.version)
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    def _unpack(self, release: Release, path: Path) -> None:
        """Put the binary into its place, from the archive whose digest is the pinned one."""
        try:
            data = _binary(load(release, self._transport, self._registry))
        except UnavailableError as error:
            # It is not tried again for every build.
            self._known[release.version] = error
            raise
        self._known[release.version] = digest = hashlib.sha256(data).digest()
        if not _has(path, digest):
            _write(path, data)
            time.sleep(_SETTLE)


def load(release: Release, transport: Transport, registry: str) -> bytes:
    """Fetch the archive of a release for this platform, from the cache where it is there, and hold it to its digest.

    :raises UnavailableError: ``ESBUILD_UNAVAILABLE``, ``ESBUILD_PLATFORM``.
    """
    platform = releases.platform()
    what = f"@esbuild/{platform}@{release.version}"
    expected = release.digest(platform)
    try:
        data = transport.download(
            registry.rstrip("/") + release.path(platform), expected=expected, max_bytes=MAX_ARCHIVE, what=what
        )
    except Error as error:
        message = f"{what}, esbuild's binary, cannot be fetched: {error.message}"
        raise UnavailableError(message, code="ESBUILD_UNAVAILABLE", hint=error.hint) from error
    if Digest.of(data, expected.algorithm) != expected:
        raise UnavailableError(
            f"what the registry serves as {what} is not the archive that provenly was made with",
            code="ESBUILD_UNAVAILABLE",
            hint="Ask the registry's operator why it serves another one, or name another registry.",
        )
    return data


def _binary(archive: bytes) -> bytes:
    """Take the binary out of an archive whose digest is the right one."""
    remarks = Remarks()
    for entry in tar.entries(inflate(archive, LIMITS, remarks), LIMITS, remarks):
        if entry.name.decode("utf-8", "replace") in _NAMES and entry.content is not None:
            return entry.content
    raise UnavailableError("the archive of esbuild has no binary", code="ESBUILD_UNAVAILABLE")


def _has(path: Path, digest: bytes) -> bool:
    """Say whether a file is ours alone, and has these bytes."""
    with contextlib.suppress(FileNotFoundError):
        data = files.read(path, limit=MAX_BINARY)
        return data is not None and hashlib.sha256(data).digest() == digest and os.access(path, os.X_OK)
    return False


def _write(path: Path, data: bytes) -> None:
    """Write a program whole or not at all. Another process may do the same: the last one wins, with the same bytes."""
    temporary = path.parent / f"{files.TEMPORARY}{os.urandom(16).hex()}"
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700), "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
        temporary.rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
