"""Identical: the tree at the commit has the very bytes, by git's object id.

Where they are found decides what they prove:

1. At the packed path under the package's directory: that is the file.
2. A document (LICENSE, README, CHANGELOG …) at the root of the repository: release tools copy those into packages.
3. Elsewhere, for data: somebody who may write to the source wrote these bytes, and data does what its reader makes of
   it wherever it lies. The place is shown.
4. Elsewhere, for code: only where a build that copies files would have put it, which is the same path below a build
   folder in the package and a source folder in the same package of the source (``dist/tools/a.js`` of
   ``src/tools/a.js``). Code is what it does *at its place*: the test fixture of a malicious server, an example or
   another package's file is no explanation of ``dist/index.js`` (J25 of our threat model), nor is an empty file one of
   an authorisation check that has gone.

Nothing in a folder of tests, fixtures, examples, documentation or third-party code explains code but at its own path,
or data but under its own name. And where the source has another file at the packed path, nothing elsewhere will do: one
prompt is no explanation of another.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.evidence import Explanation, FileClass
from provenly.trust.model import FileEntry
from provenly.verify.explain.scene import Scene

DOCUMENTS: Final = ("license", "licence", "readme", "changelog", "notice", "authors", "copying", "history", "security")
"""How the names of documents begin that release tools copy from the root of a repository."""

BUILT: Final = frozenset({"dist", "build", "lib", "out", "esm", "cjs", "es", "bin", "output", "bundle", "target"})
"""Folders that builds write to."""

WRITTEN: Final = frozenset({"src", "source", "lib", "app", "public", "static", "assets"})
"""Folders that people write in."""

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
        for entry in left:
            found = _place(scene, entry)
            if found is not None:
                source, detail = found
                elsewhere = source != scene.beside(entry.path)
                yield scene.explanation(
                    entry, FileClass.IDENTICAL, self.name, source=source, elsewhere=elsewhere, detail=detail
                )


def _place(scene: Scene, entry: FileEntry) -> tuple[str, str] | None:
    """Return where the source has the bytes of a packed file, and what to say about it; ``None`` for nowhere."""
    places = scene.by_blob.get(entry.blob, ())
    beside = scene.beside(entry.path)
    if beside in places:
        return beside, ""
    executable = entry.path in scene.surface.executable
    if not executable and is_document(entry.path) and entry.path in places:
        return entry.path, "the document at the root of the repository"
    if not places or beside in scene.files:
        return None
    return _code(scene, entry, places) if executable else _data(scene, entry, places)


def _code(scene: Scene, entry: FileEntry, places: Sequence[str]) -> tuple[str, str] | None:
    for path in places if entry.size else ():
        within = scene.inside(path)
        if within is not None and built_from(entry.path, within):
            return path, f"the same bytes are at {path}, from where a build copies them"
    return None


def _data(scene: Scene, entry: FileEntry, places: Sequence[str]) -> tuple[str, str] | None:
    nearest = min(places, key=lambda path: _distance(scene, entry.path, path))
    if _bait(nearest) and posixpath.basename(nearest) != posixpath.basename(entry.path):
        return None
    return nearest, f"the same bytes are at {nearest}"


def is_document(path: str) -> bool:
    """Whether a packed path is that of a document at the package's root, by its name."""
    return "/" not in path and path.lower().startswith(DOCUMENTS)


def _distance(scene: Scene, packed: str, source: str) -> tuple[bool, bool, bool, int, str]:
    """Order the places of data: inside the package first, no bait, the same name, then the shortest path."""
    same_name = posixpath.basename(packed) == posixpath.basename(source)
    return scene.inside(source) is None, _bait(source), not same_name, len(source), source
