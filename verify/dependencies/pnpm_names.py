"""How pnpm names a package in a lockfile ("dependency path"), and the folder that it puts it into.

Both changed over the years; the rules are those of pnpm's own ``dependency-path`` package at its versions 6 to 11:

* lockfile 5: ``/name/1.0.0_peer@2.0.0``, 6: ``/name@1.0.0(peer@2.0.0)``, 9: ``name@1.0.0(peer@2.0.0)``;
* the folder has ``+`` for what a file name may not have, ``_`` for brackets, and where it is too long or has capital
  letters (some file systems do not tell them apart) a hash in place of its end.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

MAX_FOLDER: Final = 120
"""Characters of a folder's name before pnpm cuts it (``virtualStoreDirMaxLength``, on every system but Windows)."""

_UNSAFE: Final = re.compile(r'[\\/:*?"<>|#]')
_BRACKETS: Final = re.compile(r"\)\(|\(|\)")
_SHA256_SINCE: Final = 10
"""The major version of pnpm that replaced MD5 in folders' names."""

BRACKETS: Final = 6
"""The lockfile version that put peers into brackets."""

NO_SLASH: Final = 9
"""The lockfile version that left out the slash before names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The rules of one lockfile.

    :param lockfile: the major version of the lockfile: 5, 6 or 9.
    :param manager: the major version of pnpm, or 0 where it is not known.
    """

    lockfile: int
    manager: int = 0

    def key(self, name: str, reference: str) -> str:
        """Return the dependency path that ``reference`` means where it stands beside ``name``.

        :param reference: a version with its peers, or a dependency path: that of an alias, of git or of a URL.
        """
        if self.lockfile >= NO_SLASH:
            at, colon, bracket = (reference.find(sign) for sign in "@:(")
            whole = reference.startswith("@") or (
                at >= 0 and (colon < 0 or at < colon) and (bracket < 0 or at < bracket)
            )
            return reference if whole else f"{name}@{reference}"
        if reference.startswith("file:") or "/" in reference.partition("(")[0]:
            return reference
        return f"/{name}{'@' if self.lockfile >= BRACKETS else '/'}{reference}"

    def parts(self, key: str) -> tuple[str, str]:
        """Return the name and the version of a dependency path, without peers; the version is empty where it has none.

        A path that begins with a registry's host, as other registries than the default had it, is read without it.
        """
        bare = key.partition("(")[0] if self.lockfile >= BRACKETS else key
        if self.lockfile >= NO_SLASH:
            name, _, version = bare[1:].partition("@")
            return bare[:1] + name, version
        host, slash, rest = bare.partition("/")
        if not slash or (host and "." not in host):
            return "", ""
        if self.lockfile >= BRACKETS:
            name, _, version = rest[1:].partition("@")
            return rest[:1] + name, version
        name, _, version = rest.rpartition("/")
        return name, version.partition("_")[0]

    def base(self, key: str) -> str:
        """Return a dependency path without peers and patches: the key of ``packages`` in lockfile 9."""
        return key.partition("(")[0]

    def folder(self, key: str) -> str:
        """Return the name of the folder below ``node_modules/.pnpm`` that a package is put into."""
        name = _UNSAFE.sub("+", self._readable(key))
        if "(" in name:
            name = _BRACKETS.sub("_", name.removesuffix(")"))
        if len(name) <= MAX_FOLDER and (name == name.lower() or name.startswith("file+")):
            return name
        if self.lockfile >= NO_SLASH and (not self.manager or self.manager >= _SHA256_SINCE):
            digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        else:
            md5 = hashlib.md5(name.encode(), usedforsecurity=False).digest()
            digest = base64.b32encode(md5).decode().rstrip("=").lower()
        return f"{name[: MAX_FOLDER - len(digest) - 1]}_{digest}"

    def _readable(self, key: str) -> str:
        if key.startswith("file:"):
            return key.replace(":", "+", 1)
        key = key.removeprefix("/")
        if self.lockfile >= BRACKETS:
            return key
        name, slash, version = key.rpartition("/")
        return f"{name}@{version}" if slash else key
