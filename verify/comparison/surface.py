"""Which files of a package can run, and which of them anything leads to.

Both answers are taken generously: whatever is in doubt is executable, and reachable. A file is held to its source in
either case; what this decides is how much an unexplained one matters.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import Note
from provenly.trust.strict_json import Json
from provenly.verify.comparison import hidden, specifiers
from provenly.verify.comparison import manifest as manifests
from provenly.verify.comparison.entry_points import Entry, entry_points
from provenly.verify.comparison.magic import NATIVE, SCRIPT, WASM, kind
from provenly.verify.comparison.packed_files import PackedFiles, folders

MAX_READ: Final = 64 * 1024 * 1024
"""Bytes of code that are scanned for what they load; beyond them everything counts as reachable. The largest MCP
server of our survey has 40 MB of code."""

JAVASCRIPT: Final = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".es6", ".es"})
"""Endings of what we can scan for imports."""

OTHER_CODE: Final = frozenset(
    {
        *(".sh", ".bash", ".zsh", ".fish", ".ksh", ".csh", ".ps1", ".psm1", ".psd1", ".cmd", ".bat", ".vbs", ".wsf"),
        *(".py", ".pyw", ".rb", ".pl", ".pm", ".php", ".lua", ".tcl", ".r", ".jl", ".go", ".awk", ".coffee", ".ls"),
        *(".vue", ".svelte", ".astro", ".ejs", ".pug", ".jade", ".hta", ".applescript", ".scpt", ".desktop", ".lnk"),
        *(".gyp", ".gypi", ".service", ".reg", ".scm", ".groovy", ".kts", ".swift"),
    }
)
"""Endings of what runs, in languages that we do not scan: whatever they load, everything may be."""

MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".svg", ".xml", ".xht", ".shtml"})
"""Endings of what runs if it holds a script."""

DOCUMENTS: Final = frozenset({"license", "licence", "readme", "changelog", "notice", "authors", "copying", "history"})
"""Names without an ending that say nothing with their executable bit: archives made on Windows set it on all files."""

_MARKUP_SCRIPT: Final = re.compile(
    rb"<script|javascript:|\son[a-z]{3,30}\s{0,20}=|<iframe|<object|<embed", re.IGNORECASE
)
_MARKUP_WORDS: Final = re.compile(r"""[^\s"'=<>()]{1,300}+""")
_DECLARATION: Final = re.compile(r"\.d\.(?:[\w-]{1,40}\.)?[mc]?ts$", re.IGNORECASE)
_EXECUTABLE_BITS: Final = 0o111


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """What of a package can run.

    :param executable: the files that can run as code or decide how code runs.
    :param reachable: the files, code and data, that an entry point leads to as far as can be told.
    :param entries: where execution can start, each with how.
    :param doubts: why all executable files count as reachable, each with the file that raised it; empty if they do not.
    :param notes: hidden text, machine code and a byte order mark on the manifest.
    """

    executable: frozenset[str]
    reachable: frozenset[str]
    entries: tuple[Entry, ...]
    doubts: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


def survey(contents: Mapping[str, bytes], modes: Mapping[str, int]) -> Surface:
    """Return what of a package can run.

    :param contents: the bytes of every file by path.
    :param modes: the permission bits of the files; those that are missing count as not executable.
    :raises MalformedError: there is no package.json (``PKG_NO_MANIFEST``) or it cannot be read.
    """
    if "package.json" not in contents:
        raise MalformedError("the package has no package.json", code="PKG_NO_MANIFEST")
    manifest = manifests.load(contents["package.json"], "package.json")
    name = manifest.get("name")
    walk = _Walk(contents, modes, PackedFiles(contents, name if isinstance(name, str) else ""), manifest)
    walk.run()
    return Surface(
        executable=frozenset(walk.executable),
        reachable=frozenset(walk.reached),
        entries=walk.entries,
        doubts=tuple(walk.doubts),
        notes=tuple(_notes(contents, walk.executable)),
    )


class _Walk:
    """The closure over what files load, from the entry points on."""

    def __init__(
        self,
        contents: Mapping[str, bytes],
        modes: Mapping[str, int],
        files: PackedFiles,
        manifest: Mapping[str, Json],
    ) -> None:
        self.contents = contents
        self.files = files
        self.executable = {path for path, data in contents.items() if runs(path, data, modes.get(path, 0))}
        self.entries, doubts = entry_points(manifest, files, contents)
        self.reached: set[str] = set()
        self.waiting: list[str] = []
        self.doubts: list[Note] = [Note(code="REACH_DOUBT", text=why, where="package.json") for why in doubts]
        self.said: set[str] = set()
        self.left = MAX_READ

    def run(self) -> None:
        for entry in self.entries:
            if not _DECLARATION.search(entry.path):
                self.executable.add(entry.path)
            self._reach(entry.path)
        self._drain()
        if self.doubts:
            # What only a doubt leads to is read too: it may load files that their names do not make code.
            for path in sorted(self.executable):
                self._reach(path)
            self._drain()
            self.reached |= self.executable
        self._manifests()

    def _drain(self) -> None:
        while self.waiting:
            self._follow(self.waiting.pop())

    def _reach(self, path: str) -> None:
        if path not in self.reached:
            self.reached.add(path)
            self.waiting.append(path)

    def _doubt(self, path: str, why: str) -> None:
        self.doubts.append(Note(code="REACH_DOUBT", text=f"{path} {why}", where=path))

    def _follow(self, path: str) -> None:
        """Reach whatever the file ``path`` loads or names."""
        suffix = posixpath.splitext(path)[1].lower()
        if path not in self.executable or path == "package.json":
            return
        data = self.contents[path]
        self.left -= len(data)
        if self.left < 0:
            self._doubt(path, "is beyond the amount of code that is scanned for what it loads")
            return
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            self._doubt(path, "is code, but not text")
            return
        if suffix in OTHER_CODE or (suffix not in JAVASCRIPT and not _says_node(text) and data.startswith(b"#!")):
            self._doubt(path, "is code in a language that is not scanned for what it loads")
        elif kind(path, data) in NATIVE or kind(path, data) == WASM:
            self._doubt(path, "is machine code")
        else:
            self._edges(path, text, suffix)

    def _edges(self, path: str, text: str, suffix: str) -> None:
        script = specifiers.read(text)
        if suffix != ".json":
            for why in script.doubts:
                self._doubt(path, why)
        for literal in sorted(script.loaded):
            for found in sorted(self.files.named(path, literal, specifier=True)):
                self.executable.add(found)
                self._reach(found)
        named = script.literals | set(_MARKUP_WORDS.findall(text)) if suffix in MARKUP else script.literals
        for literal in sorted(named - script.loaded):
            for found in sorted(self.files.named(path, literal, specifier=False)):
                self._reach(found)
            # A mere file name means every file of that name, whoever says it: that is looked up once.
            name = posixpath.basename(literal).casefold()
            if "." in name and name not in self.said:
                self.said.add(name)
                for found in self.files.called(name):
                    self._reach(found)

    def _manifests(self) -> None:
        """Add the package.json files: the root's holds the scripts, others decide how their neighbours are read."""
        above = {""}.union(*map(folders, self.reached))
        for path in self.contents:
            if posixpath.basename(path) == "package.json":
                self.executable.add(path)
                if posixpath.dirname(path) in above:
                    self.reached.add(path)


def runs(path: str, data: bytes, mode: int) -> bool:
    """Whether a file can run, by its name, its first bytes and its permission bits; no entry point is needed for it."""
    suffix = posixpath.splitext(path)[1].lower()
    if kind(path, data):
        return True
    if suffix in JAVASCRIPT:
        return not _DECLARATION.search(path)
    if suffix in MARKUP:
        return _MARKUP_SCRIPT.search(data) is not None
    stem = posixpath.basename(path).lower().partition(".")[0].partition("-")[0]
    return suffix in OTHER_CODE or (not suffix and bool(mode & _EXECUTABLE_BITS) and stem not in DOCUMENTS)


def _says_node(text: str) -> bool:
    """Whether a hashbang names a JavaScript runtime."""
    return re.search(r"\b(?:node|bun|deno|tsx|ts-node)\b", text.split("\n", 1)[0][:200]) is not None


def _notes(contents: Mapping[str, bytes], executable: set[str]) -> Iterator[Note]:
    if contents["package.json"].startswith(b"\xef\xbb\xbf"):
        yield Note(code="JSON_BOM", text="package.json starts with a byte order mark", where="package.json")
    types = _module_types(contents)
    for path in sorted(contents):
        found = kind(path, contents[path])
        if found in NATIVE:
            yield Note(code="NATIVE_BINARY", text=f"{path} is native code ({found})", where=path)
        elif found == WASM:
            yield Note(code="WASM", text=f"{path} is WebAssembly", where=path)
        if found in {"", SCRIPT}:
            code = path in executable
            yield from hidden.look(path, contents[path], executable=code, commonjs=_is_commonjs(path, types))


def _module_types(contents: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the ``type`` of every package.json, by its folder."""
    types: dict[str, str] = {}
    for path, data in contents.items():
        if posixpath.basename(path) == "package.json":
            try:
                types[posixpath.dirname(path)] = str(manifests.load(data, path).get("type", "commonjs"))
            except MalformedError:
                types[posixpath.dirname(path)] = "commonjs"
    return MappingProxyType(types)


def _is_commonjs(path: str, types: Mapping[str, str]) -> bool:
    """Whether Node.js reads ``path`` as CommonJS: by its ending, else by the nearest package.json."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix != ".js":
        return suffix == ".cjs"
    folder = posixpath.dirname(path)
    while folder and folder not in types:
        folder = posixpath.dirname(folder)
    return types.get(folder) != "module"
