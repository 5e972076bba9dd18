"""Identical: the tree at the commit has the very bytes, by git's object id.

Where they are found decides what they prove:

1. At the packed path under the package's directory: that is the file.
2. A document (LICENSE, README, CHANGELOG …) at the root of the repository: release tools copy those into packages.
3. Elsewhere, for data: somebody who may write to the source wrote these bytes, and data does what its reader makes of
   it wherever it lies. The place is shown. JSON that code loads is data too, but for the manifests and lockfiles that
   decide what is loaded.
4. Elsewhere, for code: only where a build that copies files would have put it, which is the same path below a build
   folder in the package and a source folder in the same package of the source (``dist/tools/a.js`` of
   ``src/tools/a.js``). Code is what it does *at its place*: the test fixture of a malicious server, an example or
   another package's file is no explanation of ``dist/index.js`` (J25 of our threat model), nor is an empty file one of
   an authorisation check that has gone.

Nothing in a folder of tests, fixtures, examples, documentation or third-party code explains code but at its own path,
or data but below folders of the same names. And one prompt is no explanation of another: where the source has another
file at the packed path, nothing elsewhere will do; and text must have its own name there, in the place that fits its
path best, so that ``dist/skills/a/SKILL.md`` is never explained by ``skills/b/SKILL.md`` while there is a
``skills/a/SKILL.md``. Pictures, fonts and sounds may be anywhere and have any name: builds put hashes into those.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.kinds import is_media
from provenly.verify.explain.scene import Scene

DOCUMENTS: Final = ("license", "licence", "readme", "changelog", "notice", "authors", "copying", "history", "security")
"""How the names of documents begin that release tools copy from the root of a repository."""

BUILT: Final = frozenset({"dist", "build", "lib", "out", "esm", "cjs", "es", "bin", "output", "bundle", "target"})
"""Folders that builds write to."""

WRITTEN: Final = frozenset({"src", "source", "lib", "app", "public", "static", "assets"})
"""Folders that people write in."""

_LIKELY: Final = ("src", "source", "lib", "app", "", "public", "static", "assets")
"""Where a build is likeliest to read from, the likeliest first; ``""`` is the package's own directory."""

_DECIDING: Final = frozenset({"package.json", "npm-shrinkwrap.json", "package-lock.json"})
"""JSON files that decide what is installed or loaded."""

_TWINS: Final = {".js": (".ts", ".tsx", ".jsx"), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What a built file may be compiled of."""

BAIT: Final = frozenset(
    {
        *(
            "test",
            "tests",
            "__tests__",
            "spec",
            "specs",
            "fixture",
            "fixtures",
            "__fixtures__",
            "testdata",
            "__mocks__",
        ),
        *("mock", "mocks", "example", "examples", "sample", "samples", "demo", "demos", "template", "templates"),
        *("doc", "docs", "documentation", "website", "playground", "e2e", "bench", "benchmark", "benchmarks"),
        *("node_modules", "bower_components", "vendor", "third_party", "third-party"),
    }
)
"""Folders whose files are not what a package is built of, and to which strangers contribute."""


def built_from(packed: str, source: str) -> bool:
    """Whether a build that copies files would have made the packed path of the source path.

    :param packed: the path in the package.
    :param source: the path in the source, from the package's directory.
    """
    if _bait(source):
        return False
    return packed == source or bool(_tails(packed, BUILT) & _tails(source, WRITTEN))


def _tails(path: str, folders: frozenset[str]) -> set[str]:
    """Return ``path``, and what is below its first folder or first two where those are among ``folders``."""
    head, _, rest = path.partition("/")
    tails = {path}
    if rest and head in folders:
        tails.add(rest)
        second, _, deeper = rest.partition("/")
        if deeper and second in folders:
            tails.add(deeper)
    return tails


def _bait(path: str) -> bool:
    return any(folder.lower() in BAIT for folder in path.split("/")[:-1])


@dataclass(frozen=True, slots=True)
class Identical:
    """The explainer; see the module."""

    name: str = "identical"

    def explain(self, scene: Scene, left: Sequence[FileEntry]) -> Iterator[Explanation]:
        """Yield an explanation for each packed file whose object id the tree has at a place that counts."""
        tails = _Tails(scene)
        for entry in left:
            found = _place(scene, entry, tails)
            if found is not None:
                source, detail = found
                elsewhere = source != scene.beside(entry.path)
                yield scene.explanation(
                    entry, FileClass.IDENTICAL, self.name, source=source, elsewhere=elsewhere, detail=detail
                )


def _place(scene: Scene, entry: FileEntry, tails: _Tails) -> tuple[str, str] | None:
    """Return where the source has the bytes of a packed file, and what to say about it; ``None`` for nowhere."""
    places = scene.by_blob.get(entry.blob, ())
    beside = scene.beside(entry.path)
    if beside in places:
        return beside, ""
    executable = entry.path in scene.surface.executable and not _is_json_data(entry.path)
    if not executable and is_document(entry.path) and entry.path in places:
        return entry.path, "the document at the root of the repository"
    if not places or beside in scene.files:
        return None
    return _code(scene, entry, places) if executable else _data(scene, entry, places, tails)


def _code(scene: Scene, entry: FileEntry, places: Sequence[str]) -> tuple[str, str] | None:
    for path in places if entry.size else ():
        within = scene.inside(path)
        if within is not None and any(
            built_from(packed, rest) and not _outranked(scene, folder, packed, rest)
            for folder, packed, rest in _packages(scene, entry.path, within)
        ):
            return path, f"the same bytes are at {path}, from where a build copies them"
    return None


def _packages(scene: Scene, packed: str, within: str) -> Iterator[tuple[str, str, str]]:
    """Yield the packages that both paths lie in, as a folder, and both paths from there.

    That is the package itself, and folders of it that have a manifest of their own: ``server/build/static/a.html`` of
    a package that is packed of several is made of ``server/static/a.html``.

    :param within: a path of the source, from the package's directory.
    """
    yield "", packed, within
    parts = packed.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        folder = "/".join(parts[:depth])
        if not within.startswith(f"{folder}/"):
            return
        if scene.beside(f"{folder}/package.json") in scene.files:
            yield folder, packed[len(folder) + 1 :], within[len(folder) + 1 :]


def _outranked(scene: Scene, package: str, packed: str, within: str) -> bool:
    """Whether the source has another file of which a build would rather make ``packed``, TypeScript included.

    :param package: the folder of the package that both paths are from, from the directory of the packed one.
    :param within: the place of the same bytes.
    """
    head, slash, _ = within.partition("/")
    rank = _LIKELY.index(head if slash and head in _LIKELY else "")
    for tail in _tails(packed, BUILT):
        stem, ending = posixpath.splitext(tail)
        for folder in _LIKELY[:rank]:
            places = (posixpath.join(folder, stem + twin) for twin in (ending, *_TWINS.get(ending, ())))
            if any(scene.beside(posixpath.join(package, place)) in scene.files and place != within for place in places):
                return True
    return False


def _data(scene: Scene, entry: FileEntry, places: Sequence[str], tails: _Tails) -> tuple[str, str] | None:
    if not is_media(entry.path):
        tail = tails.longest(entry.path)
        places = [path for path in places if tail and _ends_with(path, tail)]
    path_in_source = entry.path.removesuffix("npmignore") + "gitignore" if _is_renamed(entry.path) else entry.path
    places = [
        path
        for path in places
        if not (bait := _from_bait(path, entry.path))
        or _ends_with(entry.path, bait)
        or _ends_with(path_in_source, bait)
    ]
    if not places:
        return None
    nearest = min(places, key=lambda path: _distance(scene, entry.path, path))
    return nearest, f"the same bytes are at {nearest}"


class _Tails:
    """Finds which place of the source fits a packed path best: the one with most folders in common, from the end."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[str, frozenset[str]] = {}

    def longest(self, packed: str) -> str:
        """Return the longest end of ``packed``, its name at least, that a path of the source has too; else nothing.

        Upper and lower case are not told apart in names, and npm's renaming of ``.gitignore`` is undone.
        """
        folder, name = posixpath.split(packed)
        for source_name in (name, ".gitignore") if _is_renamed(packed) else (name,):
            known = self._ends(source_name.casefold())
            parts = [*folder.split("/"), source_name] if folder else [source_name]
            for start in range(len(parts)):
                tail = "/".join(parts[start:]).casefold()
                if tail in known:
                    return tail
        return ""

    def _ends(self, name: str) -> frozenset[str]:
        """Return every end of the paths of source files called ``name``, case folded; each name is looked up once."""
        if name not in self._known:
            paths = (path.casefold().split("/") for path in self._scene.by_name.get(name, ()))
            self._known[name] = frozenset("/".join(parts[start:]) for parts in paths for start in range(len(parts)))
        return self._known[name]


def _is_json_data(path: str) -> bool:
    return path.endswith(".json") and posixpath.basename(path).lower() not in _DECIDING


def _is_renamed(packed: str) -> bool:
    """Whether npm may have called this file ``.gitignore`` when it packed it."""
    return posixpath.basename(packed) == ".npmignore"


def _ends_with(path: str, tail: str) -> bool:
    return ("/" + path.casefold()).endswith("/" + tail.casefold())


def _from_bait(path: str, packed: str) -> str:
    """Return the end of ``path`` that ``packed`` must have too because of folders of tests, examples and the like.

    That is what begins with the first of them; with the last one, where ``packed`` lies below folders of all these
    names (``docs/a.md`` of ``packages/docs/src/docs/a.md``); nothing where there is none.
    """
    parts, own = path.split("/"), {folder.lower() for folder in packed.split("/")[:-1]}
    baits = [index for index, folder in enumerate(parts[:-1]) if folder.lower() in BAIT]
    if not baits:
        return ""
    alike = {parts[index].lower() for index in baits} <= own
    return "/".join(parts[baits[-1 if alike else 0] :])


def is_document(path: str) -> bool:
    """Whether a packed path is that of a document at the package's root, by its name."""
    return "/" not in path and path.lower().startswith(DOCUMENTS)


def _distance(scene: Scene, packed: str, source: str) -> tuple[bool, bool, bool, int, str]:
    """Order the places of data: inside the package first, no bait, the same name, then the shortest path."""
    same_name = posixpath.basename(packed) == posixpath.basename(source)
    return scene.inside(source) is None, _bait(source), not same_name, len(source), source
