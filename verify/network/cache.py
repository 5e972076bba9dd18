"""What was fetched before: archives by their digest, documents by what was asked, and folders for git.

The cache is a convenience, never a witness. Archives are found by a digest and hashed again whenever they are read;
documents carry the digest of their bytes; an entry that does not fit is deleted, noted and fetched again. Where the
disk is full or read-only a verification goes on without. Names of files are digests only, so nothing that a stranger
chose becomes a path.

::

    ROOT/v1/blobs/sha512/ab/abcd…       the bytes
    ROOT/v1/documents/ab/abcd…          one line of JSON, then the bytes
    ROOT/v1/KIND/ab/abcd…/              a folder of some other part of provenly
    ROOT/v1/locks/abcd…                 locks of those
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError
from provenly.trust.model import Note
from provenly.verify.network import files, sweep
from provenly.verify.network.documents import MAX_HEADER, Document, Key, decode, encode

SCHEMA: Final = "v1"
"""Entries of other schemas are neither read nor converted: they are fetched again."""

MAX_ENTRY: Final = 512 * 1024 * 1024
"""Bytes of one file, the hard maximum of an archive."""

MAX_SIZE: Final = 5 * 1024 * 1024 * 1024
"""Bytes of the whole cache. Sources of a few hundred servers and their archives."""

NEGATIVE_TTL: Final = timedelta(minutes=5)
"""How long "there is no such thing" is believed: a version or attestation may be published at any moment."""


class Cache:
    """A cache on disk, shared by any number of processes and threads of one user.

    :param root: its folder, which is made where it does not exist; ``None`` to keep nothing, with temporary folders
        that go when the program ends.
    :param now: the time by which entries are fresh or not, and by which they are marked as used.
    :param max_size: bytes beyond which the entries that were not used for longest are removed.
    :raises UsageError: ``CACHE_UNSAFE``: others can write into ``root``.
    """

    def __init__(self, root: Path | None, now: datetime, *, max_size: int = MAX_SIZE) -> None:
        self.now = now
        self.max_size = max_size
        self.notes: list[Note] = []
        self._temporary: Path | None = None
        self._root: Path | None = None
        self._written = 0
        if root is None:
            return
        try:
            # Git and esbuild run in folders of their own: a path that is relative to ours leads nowhere there.
            root = root.absolute()
            files.make_private(root)
            files.check_private(root)
            self._root = root / SCHEMA
            files.make_private(self._root)
        except OSError as error:
            self._give_up(root, error)

    @staticmethod
    def default_root() -> Path:
        """Return the folder that is used where nobody names one: ``$PROVENLY_CACHE``, or the platform's place."""
        if named := os.environ.get("PROVENLY_CACHE"):
            return Path(named)
        import platformdirs

        return platformdirs.user_cache_path("provenly")

    def blob(self, digest: Digest) -> bytes | None:
        """Return the bytes that have ``digest``, or ``None``. They were hashed just now."""
        path = self._path("blobs", digest.algorithm, digest.hex)
        data = self._read(path, MAX_ENTRY)
        if data is not None and Digest.of(data, digest.algorithm) != digest:
            self._poisoned(path, f"its bytes do not have the digest {digest}")
            return None
        return data

    def put_blob(self, data: bytes, algorithm: str) -> None:
        """Keep ``data`` under its own digest."""
        self._write(self._path("blobs", algorithm, Digest.of(data, algorithm).hex), data)

    def document(self, key: Key) -> Document | None:
        """Return what is kept for ``key`` however old it is, or ``None``; :meth:`is_fresh` says how old is too old."""
        path = self._path("documents", key.digest())
        data = self._read(path, MAX_ENTRY + MAX_HEADER)
        if data is None:
            return None
        try:
            return decode(key, data)
        except ValueError as error:
            self._poisoned(path, str(error))
            return None

    def put_document(self, key: Key, document: Document) -> None:
        """Keep the answer to ``key``; only answers with 200, 404 and 410 say anything about the thing itself."""
        self._write(self._path("documents", key.digest()), *encode(key, document))

    def renew(self, key: Key, document: Document) -> Document:
        """Keep ``document`` as fetched now, because the server just said that it has not changed."""
        renewed = replace(document, fetched=self.now)
        self.put_document(key, renewed)
        return renewed

    def is_fresh(self, document: Document, ttl: timedelta) -> bool:
        """Say whether a document may be used without asking again; what was fetched in the future may not."""
        age = self.now - document.fetched
        return timedelta(0) <= age <= (min(ttl, NEGATIVE_TTL) if document.is_missing else ttl)

    def folder(self, kind: str, key: str) -> Path:
        """Return a private folder for ``key``, made where it is not there; its name is a digest.

        Who fills it does so under :meth:`lock`. Where there is no cache it is a temporary folder.

        :param kind: what is in it, a short word of lower-case letters.
        :raises UnavailableError: ``CACHE_FOLDER``: not even a temporary folder can be made.
        """
        if not (kind.isascii() and kind.isalpha() and kind.islower()) or kind in sweep.KINDS:
            raise ValueError(kind)
        name = _name(kind, key)
        if self._root:
            try:
                path = self._path(kind, name)
                files.make_private(path.parent)
                files.make_private(path)
                files.touch(path, self.now)
            except OSError as error:
                self._give_up(self._root, error)
            else:
                return path
        try:
            path = self._scratch() / kind / name[:2] / name
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"no temporary folder can be made: {error.strerror}"
            raise UnavailableError(message, code="CACHE_FOLDER", hint="Free some space, or set TMPDIR.") from error
        return path

    @contextlib.contextmanager
    def lock(self, kind: str, key: str, *, seconds: float = 300) -> Iterator[None]:
        """Hold the folder of ``key`` against other processes and threads.

        :raises UnavailableError: ``CACHE_LOCKED``: others held it for ``seconds``.
        """
        what = f"the cache entry of {key}"
        with contextlib.ExitStack() as stack:
            if self._root:
                lock = files.locked(self._root / "locks" / _name(kind, key), seconds=seconds, what=what)
                try:
                    stack.enter_context(lock)
                except OSError as error:
                    self._give_up(self._root, error)
            if not self._root:
                lock = files.locked(self._scratch() / "locks" / _name(kind, key), seconds=seconds, what=what)
                stack.enter_context(lock)
            yield

    def sweep(self) -> None:
        """Remove what unfinished writes left behind, and the entries used longest ago while the cache is too large."""
        if self._root:
            sweep.sweep(self._root, now=self.now, max_size=self.max_size)

    def close(self) -> None:
        """Remove temporary folders."""
        if self._temporary:
            import shutil

            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _path(self, *parts: str) -> Path:
        return (self._root or Path()).joinpath(*parts[:-1], parts[-1][:2], parts[-1])

    def _read(self, path: Path, limit: int) -> bytes | None:
        if not self._root:
            return None
        try:
            data = files.read(path, limit=limit)
            if data is None:
                self._poisoned(path, "it is no plain file of yours")
                return None
            files.touch(path, self.now)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._note("CACHE_UNREADABLE", f"a cache entry cannot be read and is fetched again: {error.strerror}", path)
            return None
        return data

    def _write(self, path: Path, *parts: bytes) -> None:
        if not self._root:
            return
        try:
            files.write(path, *parts)
            self._written += sum(map(len, parts))
            if sweep.is_due(self._root, now=self.now, written=self._written):
                self._written = 0
                self.sweep()
        except OSError as error:
            self._give_up(path, error)

    def _poisoned(self, path: Path, why: str) -> None:
        """Delete an entry that is not what it should be."""
        self._note("CACHE_POISONED", f"a cache entry was deleted and is fetched again because {why}", path)
        try:
            if path.is_dir() and not path.is_symlink():
                import shutil

                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            self._give_up(path, error)

    def _give_up(self, path: Path, error: OSError) -> None:
        """Go on without writing: a full or read-only disk is no reason not to verify."""
        self._note("CACHE_UNWRITABLE", f"the cache cannot be written, going on without it: {error.strerror}", path)
        self._root = None

    def _note(self, code: str, text: str, path: Path) -> None:
        self.notes.append(Note(code=code, text=text, where=str(path)))

    def _scratch(self) -> Path:
        """Return a temporary folder that is removed with this object, at the latest."""
        if self._temporary is None:
            import shutil
            import tempfile
            import weakref

            folder = tempfile.mkdtemp(prefix="provenly-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._temporary = Path(folder)
        return self._temporary


def _name(kind: str, key: str) -> str:
    return hashlib.sha256(f"{kind}\n{key}".encode()).hexdigest()
