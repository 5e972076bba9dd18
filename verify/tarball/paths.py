"""Names of packed files: which of them mean the same everywhere, and what npm makes of them.

npm strips the first component of every name, rewrites some of the rest (drive letters, double slashes, text behind a
NUL) and lets the last of several equal names win; case-insensitive and normalising file systems make more names equal.
Comparing is done with npm's final names, and a name that npm would change refuses the archive.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from provenly.verify.tarball.archive_faults import Remarks, fault, quoted
from provenly.verify.tarball.archive_limits import Limits

_LINE_SEPARATORS: Final = frozenset("\u2028\u2029")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
"""Names that Windows reserves in every folder (Microsoft, "Naming Files, Paths, and Namespaces")."""

_UNPORTABLE: Final = frozenset('<>"|?*')
"""Characters that Windows forbids; npm replaces some of them there."""

_TAIL: Final = re.compile(r"[. ]+(?=/|$)")


def checked(raw: bytes, limits: Limits) -> str:
    """Return a name as an archive or a folder has it, if all readers make the same path of it.

    :raises MalformedError: ``TAR_PATH_ENCODING`` (not UTF-8), ``TAR_PATH_CONTROL``, ``TAR_PATH_UNSAFE`` (readers or
        npm would make another path of it), ``LIMIT_PATH_BYTES``, ``LIMIT_PATH_DEPTH``.
    """
    if len(raw) > limits.path:
        message = f"the path {quoted(raw[: limits.part])}… has {len(raw):,} bytes, more than {limits.path:,}"
        raise fault("LIMIT_PATH_BYTES", message)
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise fault("TAR_PATH_ENCODING", f"the path {quoted(raw)} is not UTF-8") from error
    if not name or "\0" in name or "\\" in name or ":" in name:
        message = f"the path {quoted(raw)} is empty or has a NUL, backslash or colon, which npm rewrites"
        raise fault("TAR_PATH_UNSAFE", message)
    if not name.isprintable():
        _check_characters(name)
    parts = name.split("/")
    if limits.dots:
        parts = [parts[0], *(part for part in parts[1:] if part != ".")]
        name = "/".join(parts)
    if any(part in ("", ".", "..") for part in parts):
        message = f"the path {quoted(raw)} is absolute or has an empty, “.” or “..” part, which npm rewrites or drops"
        raise fault("TAR_PATH_UNSAFE", message)
    if len(parts) > limits.depth:
        raise fault("LIMIT_PATH_DEPTH", f"the path {quoted(raw)} has {len(parts):,} parts, more than {limits.depth}")
    if len(raw) > limits.part and any(len(part.encode()) > limits.part for part in parts):
        message = f"a part of {quoted(raw)} has more than {limits.part} bytes; npm drops what no file system can hold"
        raise fault("LIMIT_PATH_BYTES", message)
    return name


def _check_characters(name: str) -> None:
    for character in name:
        if unicodedata.category(character) == "Cc" or character in _LINE_SEPARATORS:
            raise fault("TAR_PATH_CONTROL", f"the path {quoted(name)} has a control character or line separator")


def remark(path: str, remarks: Remarks) -> None:
    """Note what is unusual about a final name without making it ambiguous."""
    parts = path.split("/")
    for part in parts:
        if part[-1] in ". " or _DEVICES.fullmatch(part) or not _UNPORTABLE.isdisjoint(part):
            remarks.add("TAR_PATH_UNPORTABLE", f"Windows cannot hold the name {quoted(part)}.", path)
            break
    if not path.isprintable():
        if not _BIDI.isdisjoint(path):
            remarks.add("TAR_PATH_BIDI", f"{quoted(path)} has characters that reorder text on screen.", path)
        else:
            remarks.add("TAR_PATH_INVISIBLE", f"{quoted(path)} has characters that nobody can see.", path)
    lowered = [part.lower() for part in parts]
    if ".git" in lowered:
        remarks.add("PKG_DOTGIT", "The package ships a git repository, which git commands run there would obey.", path)
    if lowered[-1] == ".npmrc":
        remarks.add("PKG_NPMRC", "The package ships npm settings.", path)


def fold(path: str) -> str:
    """Return a key that is equal for all paths which some file system takes for one.

    NFD and case folding as macOS and Windows do (upper case first, for letters that only that direction equates),
    format characters dropped as HFS+ does, dots and spaces at the end of a part dropped as Windows does.
    """
    if path.isascii():
        key = path.lower()
    else:
        key = unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).upper().casefold())
        key = "".join(character for character in key if unicodedata.category(character) != "Cf")
    return _TAIL.sub("", key)


class Names:
    """The final names of a package, held against each other.

    :param limits: how many folders there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files: dict[str, tuple[str, str]] = {}
        self._folders: set[str] = set()

    def add_file(self, path: str, original: str) -> bool:
        """Add a file and say whether it is new; ``False`` means that the archive has this very name again.

        :param path: npm's final name.
        :param original: the name in the archive, which tells a repeated name from two names that became one.
        :raises MalformedError: ``TAR_PATH_COLLISION``, ``LIMIT_ENTRY_COUNT``.
        """
        key = fold(path)
        before = len(self._files)
        known = self._files.setdefault(key, (path, original))
        if known != (path, original):
            message = f"{quoted(known[1])} and {quoted(original)} are one file when they are installed"
            raise fault("TAR_PATH_COLLISION", f"{message}, on some file systems if not on all")
        self._add_folders(key.rpartition("/")[0])
        return len(self._files) > before

    def add_folder(self, path: str) -> None:
        """Add a folder that the archive names."""
        self._add_folders(fold(path))

    def _add_folders(self, key: str) -> None:
        """Add a folder and those around it, up to the first that is known."""
        while key and key not in self._folders:
            self._folders.add(key)
            key = key.rpartition("/")[0]
        if len(self._folders) > self._limits.folders:
            raise fault("LIMIT_ENTRY_COUNT", f"the archive names more than {self._limits.folders:,} folders")

    def check_kinds(self) -> None:
        """Refuse a name that is a file and a folder, once all names are known."""
        for key in self._files.keys() & self._folders:
            path = quoted(self._files[key][1])
            raise fault("TAR_PATH_COLLISION", f"{path} is a file and also a folder; which one stays is chance")
