"""Which source file a compiled file would have been made of, by their paths alone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

from provenly.verify.explain.identical import BAIT, BUILT
from provenly.verify.explain.scene import Scene

DIALECTS: Final = frozenset({"commonjs", "esm", "cjs", "mjs", "module", "modules", "es6", "esnext", "umd", "node"})
"""Folders below a build folder in which builds keep one of several forms of the same modules."""

FOLDERS: Final = ("src", "source", "lib", "app", "")
"""Where people write what is compiled, the likeliest first; ``""`` is the package's own directory."""

TYPED: Final[Mapping[str, tuple[str, ...]]] = {
    ".js": (".ts", ".tsx", ".mts", ".cts"),
    ".mjs": (".mts", ".ts", ".tsx"),
    ".cjs": (".cts", ".ts", ".tsx"),
    ".jsx": (".tsx",),
}
"""The TypeScript sources of each kind of compiled file."""

UNTYPED: Final[Mapping[str, tuple[str, ...]]] = {
    ".js": (".js", ".jsx", ".mjs", ".cjs"),
    ".mjs": (".mjs", ".js"),
    ".cjs": (".cjs", ".js"),
    ".jsx": (".jsx",),
}
"""The JavaScript sources of each."""


def tails(path: str) -> tuple[str, ...]:
    """Return ``path``, and what is left of it below build folders: the longest first."""
    found = [path]
    for allowed in (BUILT, BUILT | DIALECTS):
        head, _, rest = found[-1].partition("/")
        if not rest or head not in allowed:
            break
        found.append(rest)
    return tuple(found)


def twin(scene: Scene, packed: str, kinds: Mapping[str, tuple[str, ...]]) -> str:
    """Return the source file that a compiled file is made of, by its path; empty where there is none.

    The likeliest place that has a file decides: another file at a less likely place explains nothing. Where the source
    has the packed path itself, that is the likeliest.

    :param packed: the path in the package.
    :param kinds: :data:`TYPED` or :data:`UNTYPED`.
    """
    stem, ending = posixpath.splitext(packed)
    if ending in kinds.get(ending, ()) and scene.beside(packed) in scene.files:
        return scene.beside(packed)
    return next((path for path in _places(scene, stem, kinds.get(ending, ())) if path in scene.files), "")


def _places(scene: Scene, stem: str, endings: tuple[str, ...]) -> Iterator[str]:
    for tail in tails(stem):
        for folder in FOLDERS:
            for ending in endings:
                yield scene.beside(posixpath.join(folder, tail + ending))


def same_module(packed: str, output: str) -> bool:
    """Whether two built paths, both from the package's directory, are forms of one module."""
    return bool(set(tails(packed)) & set(tails(output)))


def is_bait(scene: Scene, source: str, packed: str) -> bool:
    """Whether a source lies in a folder of tests, examples or strangers' code of which a package is not built.

    A packed file in the same folder is no surprise; a fixture that became ``dist/index.js`` is.
    """
    within = scene.inside(source)
    folders = {part.lower() for part in (within if within is not None else source).split("/")[:-1]}
    return bool(folders & BAIT - {part.lower() for part in packed.split("/")[:-1]})
