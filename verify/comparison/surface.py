"""Which files of a package can run, and which of them anything leads to.

Both answers are taken generously: whatever is in doubt is executable, and reachable. A file is held to its source in
either case; what this decides is how much an unexplained one matters.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import Note
from provenly.trust.strict_json import Json
from provenly.verify.comparison import hashbang, hidden, specifiers
from provenly.verify.comparison import manifest as manifests
from provenly.verify.comparison.entry_points import MAX_PATTERNS, Entry, entry_points, nested_targets
from provenly.verify.comparison.kinds import MARKUP, OTHER_CODE, is_inert, runs, suffix
from provenly.verify.comparison.magic import NATIVE, SCRIPT, WASM, kind
from provenly.verify.comparison.packed_files import PackedFiles, folders

MAX_READ: Final = 64 * 1024 * 1024
"""Bytes of code that are scanned for what they load; beyond them everything counts as reachable. The largest MCP
server of our survey has 40 MB of code."""

_MARKUP_WORDS: Final = re.compile(r"""[^\s"'=<>()]{1,300}+""")


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
        notes=tuple(_notes(contents, walk.executable, walk.files.manifests)),
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
        self.followed: set[str] = set()
        self.waiting: list[str] = []
        self.doubts: list[Note] = [Note(code="REACH_DOUBT", text=why, where="package.json") for why in doubts]
        self.said: set[str] = set()
        self.nothing: set[str] = set()
        self.scopes: set[str] = {""}
        self.patterns = 0
        self.starter = self.places = ""
        self.left = MAX_READ

    def run(self) -> None:
        for entry in self.entries:
            # Patterns in exports match declarations, maps and documents, too. What is named outright may run.
            if not is_inert(entry.path) or "*" not in entry.how:
                self.executable.add(entry.path)
            if entry.how.startswith("bin ") and not self.contents[entry.path].startswith(b"#!"):
                self._doubt(entry.path, "is a command without a hashbang, so that a shell may run it")
            self._reach(entry.path)
        self._settle()
        if self.doubts:
            self._believe_doubts()
        for folder in self.files.manifests:
            path = posixpath.join(folder, "package.json")
            self.executable.add(path)
            if folder in self.scopes:
                self.reached.add(path)

    def _believe_doubts(self) -> None:
        """Take all for reachable that can run, and for code what is not data by its name.

        What only a doubt leads to is read too: it may load files that their names do not make code.
        """
        for path in sorted(self.contents):
            if path in self.executable or not is_inert(path):
                self._execute(path)
        self._settle()

    def _settle(self) -> None:
        """Follow what was reached until nothing is new, through the manifests that lie above it."""
        self._drain()
        while new := {""}.union(*map(folders, self.reached)) - self.scopes:
            self.scopes |= new
            for folder in sorted(new & self.files.manifests.keys()):
                self._enter(folder)
            self._drain()
        if self.starter and self.places:
            self._doubt(self.starter, f"starts processes or workers, and {self.places} looks up its own place")
            self.starter = ""

    def _enter(self, folder: str) -> None:
        """Reach what the package.json of ``folder`` makes loadable: its main, exports, imports and commands."""
        for how, target in nested_targets(self.files.manifests[folder]):
            self.patterns += "*" in target or target.endswith("/")
            if self.patterns > MAX_PATTERNS:
                self._doubt(posixpath.join(folder, "package.json"), "exports too many patterns")
                return
            place = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            for path in sorted(self.files.pattern(place + "/" * target.endswith("/"))):
                if not is_inert(path) or "*" not in how:
                    self.executable.add(path)
                self._reach(path)

    def _drain(self) -> None:
        while self.waiting:
            self._follow(self.waiting.pop())

    def _reach(self, path: str) -> None:
        self.reached.add(path)
        if path in self.executable and path not in self.followed:
            self.followed.add(path)
            self.waiting.append(path)

    def _execute(self, path: str) -> None:
        """Reach a file as code, even where it was reached as data before."""
        self.executable.add(path)
        self._reach(path)

    def _doubt(self, path: str, why: str) -> None:
        self.doubts.append(Note(code="REACH_DOUBT", text=f"{path} {why}", where=path))

    def _follow(self, path: str) -> None:
        """Reach whatever the file ``path`` loads or names."""
        ending = suffix(path)
        if path == "package.json":
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
        if why := hashbang.doubt(data):
            self._doubt(path, why)
        if ending in OTHER_CODE:
            self._doubt(path, "is code in a language that is not scanned for what it loads")
        elif kind(path, data) in NATIVE or kind(path, data) == WASM:
            self._doubt(path, "is machine code")
        else:
            self._edges(path, text, ending)

    def _edges(self, path: str, text: str, ending: str) -> None:
        script = specifiers.read(text)
        if ending != ".json":
            for why in script.doubts:
                self._doubt(path, why)
            self.starter = self.starter or path * script.starts
            self.places = self.places or path * script.places
        for literal in sorted(script.loaded):
            for found in sorted(self.files.named(path, literal, specifier=True)):
                self._execute(found)
            for found in self.files.bundled(literal):
                if found in self.executable or found.endswith("/package.json"):
                    self._reach(found)
        named = script.literals | set(_MARKUP_WORDS.findall(text)) if ending in MARKUP else script.literals
        for literal in sorted(script.run):
            for found in self.files.named(path, literal, specifier=False):
                self._execute(found)
        new = named - script.loaded - self.nothing
        known = set(filter(self.files.knows, new))
        self.nothing |= new - known
        for literal in sorted(known):
            self._mention(path, literal)

    def _mention(self, path: str, literal: str) -> None:
        """Reach what a string in the file ``path`` may mean, though nothing says that it is loaded."""
        for found in self.files.named(path, literal, specifier=False):
            self._reach(found)
        # A mere file name means every file of that name, whoever says it: that is looked up once.
        name = posixpath.basename(literal).casefold()
        if "." in name and name not in self.said:
            self.said.add(name)
            for found in self.files.called(name):
                self._reach(found)


def _notes(
    contents: Mapping[str, bytes], executable: set[str], scopes: Mapping[str, Mapping[str, Json]]
) -> Iterator[Note]:
    if contents["package.json"].startswith(b"\xef\xbb\xbf"):
        yield Note(code="JSON_BOM", text="package.json starts with a byte order mark", where="package.json")
    types = {folder: str(scope.get("type", "commonjs")) for folder, scope in scopes.items()}
    for path in sorted(contents):
        found = kind(path, contents[path])
        if found in NATIVE:
            yield Note(code="NATIVE_BINARY", text=f"{path} is native code ({found})", where=path)
        elif found == WASM:
            yield Note(code="WASM", text=f"{path} is WebAssembly", where=path)
        if found in {"", SCRIPT}:
            code = path in executable
            yield from hidden.look(path, contents[path], executable=code, commonjs=_is_commonjs(path, types))


def _is_commonjs(path: str, types: Mapping[str, str]) -> bool:
    """Whether Node.js reads ``path`` as CommonJS: by its ending, else by the nearest package.json."""
    if suffix(path) != ".js":
        return suffix(path) == ".cjs"
    folder = posixpath.dirname(path)
    while folder and folder not in types:
        folder = posixpath.dirname(folder)
    return types.get(folder) != "module"
