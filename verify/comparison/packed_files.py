"""Finding packed files by what code and manifests call them: Node.js's resolution, taken generously.

Where Node.js takes the first file of several candidates, all of them are answers here; upper and lower case are not
told apart, since they are not on macOS and Windows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison import manifest as manifests

EXTENSIONS: Final = ("", ".js", ".json", ".node", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".wasm")
"""Endings that may be left out: those of Node.js's CommonJS loader, then those that other loaders add."""

_TWINS: Final = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
"""What TypeScript-aware loaders read where an import names a JavaScript file that is not there."""


_URL_MARKS: Final = re.compile(r"[?#%\\\x00-\x1f]|^ |^file:| $")
_FOLDERS: Final = frozenset({"", ".", ".."})
_DROPPED: Final = re.compile(r"[\t\n\r]")
_STRIPPED: Final = "".join(map(chr, range(0x21)))
"""The characters that a URL may neither begin nor end with: controls and the space."""


class PackedFiles:
    """The files of a package, by the names that lead to them.

    :param contents: the bytes of every file by path.
    :param name: the package's own name, by which its files may import each other.

    ``manifests`` has every package.json by its folder, empty ones for those that cannot be read.
    """

    def __init__(self, contents: Mapping[str, bytes], name: str) -> None:
        self._name = name
        self._by_path = _grouped((path.casefold(), path) for path in contents)
        self._names = _grouped((name, path) for path in contents for name in _spellings(path.casefold()))
        self._by_name = _grouped((posixpath.basename(path).casefold(), path) for path in contents)
        self.manifests = MappingProxyType(dict(_manifests(contents)))
        self._mains = {
            folder.casefold(): main
            for folder, manifest in self.manifests.items()
            if folder and isinstance(main := manifest.get("main"), str)
        }
        self._below = _grouped((folder.casefold(), path) for path in contents for folder in folders(path))
        self._modules = [folder for folder in self._below if posixpath.basename(folder) == "node_modules"]
        self._stems = {stem for name in self._by_name for stem in (name, posixpath.splitext(name)[0])}
        self._stems |= {posixpath.basename(folder) for folder in self._below}

    def below(self, folder: str) -> tuple[str, ...]:
        """Return every file below ``folder``, a path from the package's root; ``""`` has none."""
        return self._below.get(posixpath.normpath(folder).strip("/").casefold(), ())

    def at(self, path: str) -> frozenset[str]:
        """Return the files that ``path``, from the package's root, may mean: with an ending added, or as a folder."""
        path = posixpath.normpath("/" + path).lstrip("/").casefold()
        found = self._named(path)
        main = self._mains.get(path)
        if main is not None:
            # One step, as in Node.js: the main of a folder is a file or a folder with an index, not another main.
            found += self._named(posixpath.normpath(f"/{path}/{main}").lstrip("/").casefold())
        return frozenset(found)

    def _named(self, path: str) -> tuple[str, ...]:
        return self._names.get(path, ()) + self._names.get(path + "/index" if path else "index", ())

    def pattern(self, target: str) -> frozenset[str]:
        """Return the files that a target of ``exports`` or ``imports`` may mean; it may hold ``*`` or end in ``/``."""
        target = target.removeprefix("./")
        if target.endswith("/"):
            target += "*"
        if "*" not in target:
            return self.at(target)
        head, _, tail = target.casefold().partition("*")
        tail = tail.rpartition("*")[2]
        return frozenset(
            path
            for folded, paths in self._by_path.items()
            if folded.startswith(head) and folded.endswith(tail) and len(folded) >= len(head) + len(tail)
            for path in paths
        )

    def named(self, origin: str, text: str, *, specifier: bool) -> frozenset[str]:
        """Return the files that the string ``text`` in the file ``origin`` may mean.

        :param origin: the path of the file that the string stands in.
        :param text: the value of the string.
        :param specifier: whether the string is certainly a module specifier. Others are tried from every folder
            between the file and the root.
        """
        found: set[str] = set()
        for reading in _readings(text):
            found |= self._read_as(origin, reading, specifier=specifier)
        return frozenset(found)

    def knows(self, text: str) -> bool:
        """Whether ``text`` ends like the name of a file or folder; where it does not, it means none from anywhere."""
        if self._is_known(text):
            return True
        return _URL_MARKS.search(text) is not None and any(map(self._is_known, _readings(text)))

    def _is_known(self, text: str) -> bool:
        last = text[text.rstrip("/").rfind("/") + 1 :].rstrip("/").casefold()
        if last in self._stems or last in _FOLDERS:
            return True
        dot = last.rfind(".")
        return dot > 0 and last[:dot] in self._stems

    def _read_as(self, origin: str, text: str, *, specifier: bool) -> frozenset[str]:
        if not self._is_known(text):
            return frozenset()
        if text == self._name or text.startswith(self._name + "/"):
            return self.at(text[len(self._name) :])
        folder = posixpath.dirname(origin)
        if specifier:
            return self.at(posixpath.join(folder, text)) if text.startswith((".", "/")) else frozenset()
        return self._anywhere(folder, text, text.rstrip("/").rpartition("/")[2])

    def bundled(self, text: str) -> tuple[str, ...]:
        """Return every file of the packed copies of the package that a bare specifier names, wherever they lie."""
        if text.startswith((".", "/", "#")):
            return ()
        parts = text.casefold().split("/")
        name = "/".join(parts[:2]) if text.startswith("@") else parts[0]
        return tuple(path for folder in self._modules for path in self.below(f"{folder}/{name}"))

    def _anywhere(self, folder: str, text: str, last: str) -> frozenset[str]:
        if "/" not in text and "." not in text:
            # A word. Only a folder of web pages is meant by one without a path being computed, which is a doubt.
            pages = (posixpath.join(base, text) for base in ("", *folders(folder + "/")))
            return frozenset(
                file
                for page in pages
                if (page + "/index.html").casefold() in self._by_path
                for file in self.below(page)
            )
        if last in {"", ".", ".."}:
            return (
                self.at(posixpath.join(folder, text)) if text.startswith("..") or text in {".", "./"} else frozenset()
            )
        return frozenset(
            file
            for base in ("", folder, *folders(folder + "/"))
            for file in self.at(posixpath.join(base, text.lstrip("/")))
        )

    def called(self, name: str) -> tuple[str, ...]:
        """Return every file with the name ``name``, case folded, in whatever folder."""
        return self._by_name.get(name, ())


def _readings(text: str) -> Iterable[str]:
    """Return what a string means to those who load files: CommonJS takes it as it is, ES modules as a URL.

    A URL loses its query and fragment, its percent escapes, and tabs and line ends within it (WHATWG, URL, 4.4).
    """
    if text.startswith("#") or not _URL_MARKS.search(text):
        return (text,)
    url = _DROPPED.sub("", text).strip(_STRIPPED).removeprefix("file://").replace("\\", "/")
    url = unquote(url.partition("?")[0].partition("#")[0])
    return dict.fromkeys((text, url))


def _spellings(path: str) -> tuple[str, ...]:
    """Return the ways to write a path: as it is, without its ending, and with that of its JavaScript twin."""
    stem, ending = posixpath.splitext(path)
    if ending not in EXTENSIONS or not ending:
        return (path,)
    return (path, stem, *(stem + twin for twin, endings in _TWINS.items() if ending in endings))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key, path in pairs:
        groups.setdefault(key, []).append(path)
    return {key: tuple(paths) for key, paths in groups.items()}


def folders(path: str) -> list[str]:
    """Return the folders that ``path`` is in, without the root."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _manifests(contents: Mapping[str, bytes]) -> Iterable[tuple[str, Mapping[str, Json]]]:
    """Return every package.json by its folder, ``""`` for the root. Unreadable ones lead nowhere."""
    for path, data in contents.items():
        if posixpath.basename(path) == "package.json":
            try:
                yield posixpath.dirname(path), manifests.load(data, path)
            except MalformedError:
                # Node.js refuses to load anything from such a folder; the root's manifest was read strictly before.
                yield posixpath.dirname(path), {}
