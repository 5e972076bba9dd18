"""One attempt to make the packed files: what is left of them, and what should have been where."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.kinds import is_declaration
from provenly.verify.explain.scene import Expected, Scene
from provenly.verify.explain.twins import TYPED, is_bait, twin

COMPILED: Final = (".js", ".mjs", ".cjs", ".jsx")
"""The code that a compiler writes."""

DATA: Final = ".json"
"""What a source imports is written anew by the compiler."""

HOPELESS: Final = frozenset({"COMPILER_UNAVAILABLE", "COMPILER_START"})
"""The codes of errors that say that there is no compiler."""

MAX_EXPECTED: Final = 6
"""Outputs that one packed file is compared with for named patterns and for its diff."""


class Attempt:
    """What is known while the ways to make the packed files are tried in turn.

    :param scene: the package and its source.
    :param name: the name of the explainer.
    :param wanted: the files that may be outputs of a compiler.
    """

    def __init__(self, scene: Scene, name: str, wanted: Sequence[FileEntry]) -> None:
        self.scene = scene
        self._name = name
        self.left = {entry.path: entry for entry in wanted}
        self.expected: dict[str, list[Expected]] = {}
        self.made: set[str] = set()
        self.problems: list[str] = []
        """Why projects could not be compiled."""
        self.tried = ""
        """The compiler, and what it was asked to compile."""
        self.lacking = ""
        """Why types that declarations are inferred from were not there."""
        self.aliases: Mapping[str, tuple[str, ...]] = {}

    def explained(self, entry: FileEntry, source: str, detail: str, *, elsewhere: bool = False) -> Explanation:
        """Return the explanation of a file that was made, byte for byte; it is no longer left."""
        del self.left[entry.path]
        self.made.add(entry.path)
        outside = bool(source) and self.scene.inside(source) is None
        if outside:
            detail += f"; its source {source} is outside of the package's directory"
        return self.scene.explanation(
            entry,
            FileClass.RECOMPILED,
            self._name,
            source=source,
            elsewhere=elsewhere or outside,
            detail=detail,
        )

    def expect(self, path: str, expected: Expected, *, first: bool = False) -> None:
        """Keep what should have been at a packed path, for named patterns and for the diff.

        :param first: whether it is likelier than what is known so far.
        """
        known = self.expected.setdefault(path, [])
        if len(known) < MAX_EXPECTED and all(other.data != expected.data for other in known):
            known.insert(0 if first else len(known), expected)

    def agrees(self, path: str, origin: str) -> bool:
        """Whether what was expected at a path before came from the same source: no second source may take its place."""
        return all(expected.source == origin for expected in self.expected.get(path, ()))

    def reason(self, entry: FileEntry) -> str:
        """Return what was tried for a file that is left, where its diff does not say so; else an empty string."""
        if entry.path in self.expected:
            return self.lacking if is_declaration(entry.path.removesuffix(".map")) else ""
        if not twin(self.scene, code_of(entry.path), TYPED):
            return ""
        tried = f"{self.tried} writes no such file" if self.tried else ""
        return "; ".join(dict.fromkeys(self.problems)) or tried

    def remember(self) -> None:
        """Leave what should have been there as the base of the diffs of what is left."""
        committed = self.scene.read(self.scene.beside(path) for path in self.left if path in self.expected)
        for path, entry in self.left.items():
            # A source as it is needs no help of ours to be compared with.
            if candidates := [expected for expected in self.expected.get(path, ()) if expected.how]:
                packed = self.scene.content(entry)
                best = min(candidates, key=lambda expected: distance(packed, expected.data))
                own = committed.get(self.scene.beside(path))
                if own is None or distance(packed, best.data) < distance(packed, own):
                    self.scene.expectations[path] = best


def distance(packed: bytes, expected: bytes) -> int:
    """Return how many different lines only one of two texts has."""
    return len(set(packed.split(b"\n")) ^ set(expected.split(b"\n")))


def code_of(path: str) -> str:
    """Return the path of the code that a declaration or a map belongs to; that of any other file is its own."""
    path = path.removesuffix(".map")
    for ending, code in ((".d.ts", ".js"), (".d.mts", ".mjs"), (".d.cts", ".cjs")):
        path = path.removesuffix(ending) + code if path.endswith(ending) else path
    return path


def may_be_compiled(scene: Scene, path: str) -> bool:
    """Whether the source has a file of which a compiler could make a packed file: one of its name, to be generous."""
    if "node_modules" in path.split("/"):
        return False
    stem, ending = posixpath.splitext(code_of(path))
    endings = (DATA,) if ending == DATA else TYPED.get(ending, ())
    names = (posixpath.basename(stem).casefold() + end for end in endings)
    return any(not is_bait(scene, source, path) for name in names for source in scene.by_name.get(name, ()))
