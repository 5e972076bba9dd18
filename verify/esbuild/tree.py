"""A tree of files on the disk, for esbuild to read: private, and gone afterwards."""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.text import plural, show
from provenly.verify.esbuild.confinement import climbs
from provenly.verify.network import files
from provenly.verify.network.cache import Cache
from provenly.verify.network.sweep import LEFTOVER_AGE

MAX_FILES: Final = 100_000
"""Files of a tree: a repository with what it installs. Writing them takes some ten seconds."""

MAX_BYTES: Final = 512 * 1024 * 1024
"""Bytes of a tree. They are on the disk, or in memory where that is where temporary files are."""

MAX_PART: Final = 255
"""Bytes of one part of a path (NAME_MAX): longer names cannot be on a disk."""

MAX_PATH: Final = 3_000
"""Bytes of a path, of the 4,096 (PATH_MAX) that it may have with the folder in front."""

AMBIENT: Final = frozenset(
    {"node_modules", "package.json", "tsconfig.json", "jsconfig.json", ".pnp.cjs", ".pnp.js", ".pnp.data.json"}
)
"""What esbuild looks for in every folder above a source, up to the root of the file system."""

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only private folders are made in it
"""Linux's file system in memory. Ten thousand files are written there in 0.15 s, on a busy disk in up to seven."""

MAX_MEMORY: Final = 128 * 1024 * 1024
"""Bytes of a tree that may be there. A container often has 64 MiB in all."""

NOT_WRITTEN: Final = frozenset({".pnp.cjs", ".pnp.js", ".pnp.data.json"})
"""Yarn's maps of where packages are. They lead into archives, or anywhere; what is installed is in ``node_modules``."""

KIND: Final = "esbuild"
_FOLDER: Final = "trees"
_PREFIX: Final = f"{files.TEMPORARY}provenly-"
_PAGE: Final = 4_096
"""Bytes that a file takes beside its content, at most."""


def check(tree: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    """Refuse a tree that is too large, and paths that are not paths below one root.

    :param links: symbolic links, from a place to another path in the tree; the empty path is its root.
    :raises MalformedError: ``ESBUILD_INPUT``.
    """
    total = sum(map(len, tree.values()))
    if total > MAX_BYTES or len(tree) + len(links) > MAX_FILES:
        message = f"a tree of {plural(len(tree) + len(links), 'file')} with {plural(total, 'byte')} is too large"
        raise MalformedError(message, code="ESBUILD_INPUT")
    for path in (*tree, *links):
        if any(part in {"", ".", ".."} for part in path.split("/")) or "\0" in path:
            raise _bad(path, "is no path below the root")
    for place, target in links.items():
        if climbs(target or ".") or "\0" in target or place in tree:
            raise _bad(place, "is a link that leads out of the tree, or also a file")
    # A path through a link would be written to where that leads.
    for path in (*tree, *links) if links else ():
        if any(parent in links for parent in _parents(path)):
            raise _bad(path, "lies behind a symbolic link")


@contextmanager
def written(tree: Mapping[str, bytes], links: Mapping[str, str], cache: Cache | None) -> Iterator[Path]:
    """Give a folder that holds ``tree``, which :func:`check` has passed, and remove it at the end.

    Names that no disk can hold are left out, as if the files were not there, and so is :data:`NOT_WRITTEN`.

    :raises MalformedError: ``ESBUILD_INPUT``: two paths are the same one to this file system, or one is a folder, too.
    :raises UnavailableError: ``ESBUILD_FOLDER``: there is no place for it.
    """
    folder = _made(tree, cache)
    try:
        try:
            _write(folder, tree, links)
        except FileExistsError as error:
            raise _bad(os.path.relpath(os.fsdecode(error.filename), folder), "is there twice") from error
        except NotADirectoryError as error:
            raise _bad(os.path.relpath(os.fsdecode(error.filename), folder), "is a file and a folder") from error
        except OSError as error:
            raise _no_place(error) from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, tree: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    made: set[str] = {""}
    root = os.fspath(folder)
    for path in sorted(tree):
        if not _fits(path) or posixpath.basename(path) in NOT_WRITTEN:
            continue
        _make_parent(root, path, made)
        # O_EXCL: where the file system folds case, or the same name is a folder, it must not pass unseen.
        descriptor = os.open(f"{root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            data = memoryview(tree[path])
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)
    for place in sorted(links):
        if _fits(place) and _fits(links[place]):
            _make_parent(root, place, made)
            start = posixpath.dirname(place)
            os.symlink(posixpath.relpath(links[place] or ".", start or "."), f"{root}/{place}")  # noqa: PTH211 - a string


def _make_parent(root: str, path: str, made: set[str]) -> None:
    parent = posixpath.dirname(path)
    if parent not in made:
        _make_parent(root, parent, made)
        try:
            os.mkdir(f"{root}/{parent}", 0o700)  # noqa: PTH102 - strings, and many
        except FileExistsError:
            # Another spelling of it on a file system that folds case, or a file.
            raise NotADirectoryError(0, "", f"{root}/{parent}") from None
        made.add(parent)


def _fits(path: str) -> bool:
    """Say whether a disk can hold a name: no bytes that are no text, and no part that is too long."""
    try:
        data = path.encode()
    except UnicodeEncodeError:
        return False
    return len(data) <= MAX_PATH and all(len(part) <= MAX_PART for part in data.split(b"/"))


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _made(tree: Mapping[str, bytes], cache: Cache | None) -> Path:
    """Return a new private folder, with nothing above it that esbuild would find there."""
    places: list[Path] = []
    try:
        if _fits_memory(tree):
            places.append(MEMORY)
            if cache is not None:
                _sweep(MEMORY, cache.now)
        if cache is not None:
            # Beside a folder of the cache: there, what a killed process leaves behind is swept.
            places.append(cache.folder(KIND, _FOLDER).parent)
        places.append(Path(tempfile.gettempdir()))
        for place in map(Path.resolve, places):
            if not any((above / name).exists() for above in (place, *place.parents) for name in AMBIENT):
                return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    except OSError as error:
        raise _no_place(error) from error
    message = f"above {places[-1]} there is a package.json, a tsconfig.json or a node_modules, which esbuild would read"
    raise UnavailableError(message, code="ESBUILD_FOLDER", hint="Set TMPDIR to another folder.")


def _fits_memory(tree: Mapping[str, bytes]) -> bool:
    """Say whether a tree may go to the file system in memory: where there is one, and the tree takes little of it."""
    size = sum(len(data) + _PAGE for data in tree.values())
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    return size <= min(MAX_MEMORY, found.f_bavail * found.f_frsize // 2) and os.access(MEMORY, os.W_OK)


def _sweep(place: Path, now: datetime) -> None:
    """Remove what a process of this user left in ``place`` when it was killed, a day ago or earlier."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            old = now.timestamp() - found.st_mtime > LEFTOVER_AGE.total_seconds()
            if old and found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode):
                shutil.rmtree(folder, ignore_errors=True)


def _no_place(error: OSError) -> UnavailableError:
    message = f"there is no place for the files that esbuild reads: {error.strerror}"
    return UnavailableError(message, code="ESBUILD_FOLDER", hint="Free some space, or set TMPDIR.")


def _bad(path: str, why: str) -> MalformedError:
    return MalformedError(f"{show(path, limit=200)} {why}", code="ESBUILD_INPUT")
