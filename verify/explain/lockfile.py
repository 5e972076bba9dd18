"""Which release of a build tool a repository has locked: package-lock.json, pnpm-lock.yaml, yarn.lock or bun.lock.

What is asked is one thing: the version of ``typescript``, or of a package that a tsconfig.json extends, and the
integrity of its archive. The YAML-like files are read line by line for exactly that, in the layouts that their tools
write; a line that is not understood is passed over. A wrong answer can only make the compiler's output differ from
the package, so that a file stays unexplained.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads
from provenly.verify.explain.jsonc import plain
from provenly.verify.registry import versions

MAX_BYTES: Final = 24 * 1024 * 1024
"""Bytes of a lockfile; those of large monorepos have some five megabytes."""

NAMES: Final = ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")
"""The lockfiles that are read, in the order in which they are asked. bun.lockb is a binary format of Bun's alone."""

_SRI: Final = r"sha512-[A-Za-z0-9+/]{86}=="
_PNPM_PACKAGE: Final = re.compile(
    r"^  ['\"]?/?(?P<name>(?:@[\w.\-~]+/)?[\w.\-~]+)[@/](?P<version>\d[\w.+\-]*)[^:\n]*:[ ]*"
    r"(?P<rest>(?:\n    .*){0,3})",
    re.MULTILINE,
)
_PNPM_INTEGRITY: Final = re.compile(rf"integrity: ({_SRI})")
_PNPM_IMPORTED: Final = re.compile(r"^ *version: ['\"]?(\d[\w.+\-]*)")
_YARN_VERSION: Final = re.compile(r"^  version:? \"?(\d[\w.+\-]*)\"?\s*$", re.MULTILINE)
_YARN_INTEGRITY: Final = re.compile(rf"^  integrity ({_SRI})", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """What a lockfile says of a package.

    :param version: the exact version.
    :param integrity: the ``sha512-…`` of its archive, or empty where the lockfile has none.
    """

    version: str
    integrity: str = ""


class Lockfile:
    """A lockfile that was read.

    :param path: its path in the repository.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._data = data
        self._read: Mapping[str, Json] | None = None

    def find(self, name: str, directory: str, wanted: str = "") -> Locked | None:
        """Return what is locked of a package for whoever asks from a directory, or ``None``.

        :param name: the name of the package.
        :param directory: the directory of the asking package in the repository.
        :param wanted: the range in its manifest, or empty.
        """
        if len(self._data) > MAX_BYTES:
            return None
        readers: Mapping[str, Callable[[str, str, str], Locked | None]] = {
            "pnpm-lock.yaml": self._pnpm,
            "yarn.lock": self._yarn,
            "bun.lock": self._bun,
        }
        below = directory
        root = posixpath.dirname(self.path)
        if root:
            below = directory.removeprefix(root).strip("/") if f"{directory}/".startswith(f"{root}/") else ""
        return readers.get(posixpath.basename(self.path), self._npm)(name, below, wanted)

    def _json(self) -> Mapping[str, Json]:
        if self._read is None:
            data = plain(self._data) if self.path.endswith("bun.lock") else self._data
            try:
                value = loads(data, what=self.path, max_bytes=MAX_BYTES, allow_bom=True)
            except MalformedError:
                value = None
            self._read = value if isinstance(value, Mapping) else MappingProxyType({})
        return self._read

    def _npm(self, name: str, directory: str, wanted: str) -> Locked | None:
        """Read lockfileVersion 2 and 3 (``packages``), else 1 (``dependencies``); npm docs, package-lock.json."""
        del wanted
        for members, keys in (("packages", _installed(name, directory)), ("dependencies", (name,))):
            table = self._json().get(members)
            known: Mapping[str, Json] = table if isinstance(table, Mapping) else {}
            for key in keys:
                entry = known.get(key)
                if isinstance(entry, Mapping) and isinstance(version := entry.get("version"), str):
                    return Locked(version=version, integrity=_integrity(entry.get("integrity")))
        return None

    def _bun(self, name: str, directory: str, wanted: str) -> Locked | None:
        """Read ``packages`` of bun.lock: name → ``[name@version, registry, {…}, integrity]``."""
        del directory, wanted
        table = self._json().get("packages")
        entry = table.get(name) if isinstance(table, Mapping) else None
        if not isinstance(entry, tuple) or not entry or not isinstance(entry[0], str):
            return None
        version = versions.parse_exact(entry[0].rpartition("@")[2])
        return Locked(version=version, integrity=_integrity(entry[-1])) if version else None

    def _text(self) -> str:
        return self._data.decode("utf-8", "replace").replace("\r\n", "\n")

    def _pnpm(self, name: str, directory: str, wanted: str) -> Locked | None:
        text = self._text()
        known: dict[str, str] = {}
        for match in _PNPM_PACKAGE.finditer(text):
            if match["name"] == name:
                integrity = _PNPM_INTEGRITY.search(match["rest"])
                known.setdefault(match["version"], integrity[1] if integrity else "")
        found = _imported(text, name)
        imported = next((found[at] for at in (directory or ".", ".", "") if found.get(at) in known), "")
        version = imported or _best(known, wanted)
        return Locked(version=version, integrity=known[version]) if version else None

    def _yarn(self, name: str, directory: str, wanted: str) -> Locked | None:
        """Read yarn.lock, the format of version 1 and that of the later ones, which have no sha512 of the archive."""
        del directory
        known: dict[str, str] = {}
        exact = ""
        for block in re.split(r"\n(?=\S)", self._text()):
            head, _, body = block.partition("\n")
            asked = [part.strip().strip('":') for part in head.rstrip(":").split(",")]
            ranges = [part[len(name) + 1 :].removeprefix("npm:") for part in asked if part.startswith(f"{name}@")]
            found = _YARN_VERSION.search(body) if ranges else None
            if found:
                integrity = _YARN_INTEGRITY.search(body)
                known.setdefault(found[1], integrity[1] if integrity else "")
                exact = found[1] if wanted and wanted in ranges else exact
        version = exact or _best(known, wanted)
        return Locked(version=version, integrity=known[version]) if version else None


def _installed(name: str, directory: str) -> Iterator[str]:
    """Yield where npm may have installed a package for ``directory``: there, or in a folder above."""
    while directory:
        yield f"{directory}/node_modules/{name}"
        directory = posixpath.dirname(directory)
    yield f"node_modules/{name}"


def _imported(text: str, name: str) -> Mapping[str, str]:
    """Return the version that a pnpm-lock.yaml gives ``name`` for each importer; ``""`` is that of a single package.

    An importer is indented by two below ``importers:``, its groups by four, names by six and ``version`` by eight; a
    lockfile of one package has its groups at the left margin.
    """
    lines = text.split("\n")
    quoted = {f"{quote}{name}{quote}:" for quote in ("", "'", '"')}
    found: dict[str, str] = {}
    importers, importer = False, ""
    for at, line in enumerate(lines):
        if line.startswith(("packages:", "snapshots:")):
            break
        importers = importers or line.startswith("importers:")
        if importers and line.startswith("  ") and line[2:3] not in {" ", ""} and line.endswith(":"):
            importer = line.strip().strip("'\":")
        if line.strip() in quoted:
            version = next((match[1] for below in lines[at + 1 : at + 3] if (match := _PNPM_IMPORTED.match(below))), "")
            found.setdefault(importer, version)
    return found


def _best(known: Mapping[str, str], wanted: str) -> str:
    """Return the greatest version that is locked, of those that satisfy the range where there are some."""
    fitting = versions.satisfying(known, wanted) if wanted else ()
    return fitting[0] if fitting else next(iter(versions.satisfying(known, "*")), "")


def _integrity(value: Json) -> str:
    return value if isinstance(value, str) and re.fullmatch(_SRI, value) else ""
