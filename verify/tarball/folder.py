"""Lists an unpacked package in a folder on this machine, with the rules and limits of an archive.

Nothing is followed out of the folder: every file and folder is opened beneath its open parent without following
symbolic links, and what is neither a regular file nor a folder refuses the whole.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.artifact import Listing
from provenly.trust.errors import Error, UsageError
from provenly.verify.comparison import manifest
from provenly.verify.tarball.archive import MANIFEST, Identify, PackedFile, listing
from provenly.verify.tarball.archive_faults import Remarks, fault, quoted
from provenly.verify.tarball.archive_limits import LIMITS, Limits
from provenly.verify.tarball.local_files import open_beneath, read_open, unreadable
from provenly.verify.tarball.paths import Names, checked

_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_MODULES: Final = "node_modules"
_GIT: Final = ".git"


def read_folder(path: str, identify: Identify, limits: Limits = LIMITS) -> tuple[bytes, Listing]:
    """Return a canonical description of the folder, whose digest stands for the folder's, and its listing.

    ``.git`` at the top, and ``node_modules`` there unless package.json bundles dependencies, are left out as
    ``npm pack`` leaves them out; a note says so. Nothing else is: an unpacked package is compared as it is.

    :param path: the folder; the user chose it, so that it may itself be a symbolic link.
    :returns: one line ``PATH NUL SHA256-IN-HEX LF`` for each file, sorted by path, and the listing.
    :raises UsageError: there is no such folder (``PATH_NOT_FOUND``) or it is none (``PATH_NOT_FOLDER``).
    :raises UnavailableError: something in it cannot be read (``PATH_UNREADABLE``).
    :raises MalformedError: ``FOLDER_LINK``, ``FOLDER_SPECIAL``, the ``TAR_PATH_…`` and ``LIMIT_…`` codes of archives,
        or ``PKG_NO_MANIFEST``.
    """
    what = quoted(path)
    try:
        top = os.open(path, _OPEN_FOLDER)
    except (FileNotFoundError, ValueError) as error:
        raise UsageError(f"there is no folder {what}", code="PATH_NOT_FOUND", hint="Check the path.") from error
    except NotADirectoryError as error:
        raise UsageError(f"{what} is no folder", code="PATH_NOT_FOLDER", hint="Check the path.") from error
    except OSError as error:
        raise unreadable(what, error) from error
    try:
        walk = _Walk(limits=limits)
        left_out = _left_out(top, walk)
        files = list(walk.files(top, "", left_out))
        walk.names.check_kinds()
    finally:
        os.close(top)
    found = listing(files, identify, walk.remarks)
    return b"".join(b"%b\0%b\n" % (file.path.encode(), file.digest.hex.encode()) for file in found.files), found


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What has been seen so far on a way through a folder."""

    limits: Limits
    remarks: Remarks = field(default_factory=Remarks)
    names: Names = field(init=False)
    entries: int = 0
    bytes: int = 0

    def __post_init__(self) -> None:
        self.names = Names(self.limits)

    def files(self, folder: int, prefix: str, left_out: frozenset[str] = frozenset()) -> Iterator[PackedFile]:
        """Yield the files of an open folder and of those below it.

        :param prefix: the folder's path with a slash at its end, or empty for the top.
        :param left_out: names in this folder that are passed over, with a remark.
        """
        for name in _sorted_names(folder, prefix):
            if name in left_out:
                text = f"{quoted(name)} at the top of the folder is left out, as npm pack leaves it out."
                self.remarks.add("FOLDER_LEFT_OUT", text, name)
                continue
            path = checked(os.fsencode(prefix + name), self.limits)
            self.entries += 1
            if self.entries > self.limits.entries:
                raise fault("LIMIT_ENTRY_COUNT", f"the folder has more than {self.limits.entries:,} entries")
            mode = _kind(folder, name, path)
            if stat.S_ISDIR(mode):
                self.names.add_folder(path)
                yield from self._below(folder, name, path)
            else:
                self.names.add_file(path, path)
                yield self.file(folder, name, path)

    def _below(self, folder: int, name: str, path: str) -> Iterator[PackedFile]:
        try:
            descriptor = os.open(name, _OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except OSError as error:
            raise unreadable(quoted(path), error) from error
        try:
            yield from self.files(descriptor, f"{path}/")
        finally:
            os.close(descriptor)

    def file(self, folder: int, name: str, path: str) -> PackedFile:
        """Read one file; its kind is checked again on the open descriptor, since somebody may exchange it."""
        try:
            descriptor = open_beneath(name, folder)
        except OSError as error:
            raise unreadable(quoted(path), error) from error
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise fault("FOLDER_SPECIAL", f"{quoted(path)} is no regular file")
            what = quoted(path)
            content = read_open(descriptor, max_bytes=self.limits.file, code="LIMIT_FILE_BYTES", what=what)
        finally:
            os.close(descriptor)
        self.bytes += len(content)
        if self.bytes > self.limits.unpacked:
            raise fault(
                "LIMIT_UNPACKED_BYTES", f"the files of the folder have more than {self.limits.unpacked:,} bytes"
            )
        return PackedFile(path=path, mode=stat.S_IMODE(mode), content=content)


def _sorted_names(folder: int, prefix: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise unreadable(quoted(prefix or "the folder"), error) from error


def _kind(folder: int, name: str, path: str) -> int:
    """Return the mode of a file or folder and refuse everything else."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError as error:
        raise unreadable(quoted(path), error) from error
    if stat.S_ISLNK(mode):
        raise fault("FOLDER_LINK", f"{quoted(path)} is a symbolic link; npm would not pack it")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise fault("FOLDER_SPECIAL", f"{quoted(path)} is a device, socket or FIFO; packages have regular files only")
    return mode


def _left_out(top: int, walk: _Walk) -> frozenset[str]:
    """Return the names that are passed over at the top.

    ``node_modules`` stays where package.json bundles dependencies, and where it cannot be read: doubt shows more.
    """
    if MANIFEST not in _sorted_names(top, "") or not stat.S_ISREG(_kind(top, MANIFEST, MANIFEST)):
        return frozenset({_GIT})
    content = _Walk(limits=walk.limits).file(top, MANIFEST, MANIFEST).content
    try:
        found = manifest.load(content, MANIFEST)
    except Error:
        return frozenset({_GIT})
    bundled = found.get("bundleDependencies") or found.get("bundledDependencies")
    return frozenset({_GIT}) if bundled else frozenset({_GIT, _MODULES})
