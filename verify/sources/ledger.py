"""What comparisons with some commits say about others, so that few of them have to be made.

Whether a packed file is explained depends, nearly always, on the source file that it is made of and on the settings of
the compiler. So a file that was not explained at one commit will not be at another one where both are the same, and a
commit at which nothing can be better is not compared. That is a guess about what is worth trying, and proves nothing:
what explains a file is only ever a comparison.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.source import TreeEntry

WHOLE: Final = frozenset({"bundled"})
"""Explainers that make one file of all sources: any change of those counts."""

PARTIAL: Final = frozenset({FileClass.TRACED, FileClass.VOCABULARY, FileClass.UNEXPLAINED})
"""Classes that say less than that the source makes these bytes: a better commit is told by the others."""

MAX_DROPPED: Final = 2
"""Build folders in front of a packed path that the path of its source lacks: ``dist/esm/a.js`` of ``src/a.ts``."""

MAX_ALIKE: Final = 50
"""Source files of one name that a packed file's state is made of, so that many of both cannot multiply."""

_SETTINGS: Final = re.compile(r"(?:[tj]sconfig[^/]*\.json)")
_CODE: Final = re.compile(r"(.+?)((?:\.d)?\.[cm]?[jt]sx?|\.json)")

Key = str
Score = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """What a commit may explain.

    :param most: executable files, and their bytes, that it can explain at most.
    :param likely: how promising it is; only good for comparing.
    """

    most: tuple[int, int]
    likely: int


class Ledger:
    """The outcomes of comparisons, by what they depended on.

    :param first: the comparison with the first commit; which files run is taken from it.
    """

    def __init__(self, first: Comparison) -> None:
        self.files = tuple(file for file in first.files if file.executable)
        self._sources = {file.path: file.source for file in self.files}
        self._whole = {file.path for file in self.files if file.explainer in WHOLE}
        self._known: dict[tuple[str, Key], bool] = {}
        self._ever: set[str] = set()

    def keys(self, tree: Mapping[str, TreeEntry], directory: str) -> Mapping[str, Key]:
        """Return what each executable file depends on at a commit, as a digest."""
        inside = _inside(tree, directory)
        stems: dict[str, list[str]] = {}
        for path, entry in inside.items():
            if match := _CODE.fullmatch(path):
                row = f"{match[2]} {entry.blob}"
                for stem in dict.fromkeys((match[1], match[1].partition("/")[2])):
                    if len(rows := stems.setdefault(stem, [])) < MAX_ALIKE:
                        rows.append(row)
        settings = [f"{path} {entry.blob}" for path, entry in tree.items() if _is_setting(path, directory)]
        whole = _digest([*settings, *(f"{path} {entry.blob}" for path, entry in inside.items())])
        found = {}
        for file in self.files:
            if file.path in self._whole:
                found[file.path] = whole
                continue
            own = tree.get(self._sources[file.path])
            rows = [row for stem in _stems(file.path) for row in stems.get(stem, ())]
            found[file.path] = _digest([*settings, *rows, f"source {own.blob if own else ''}"])
        return found

    def learn(self, keys: Mapping[str, Key], comparison: Comparison) -> None:
        """Remember how a comparison, of some files at least, came out."""
        for file in comparison.files:
            if file.path in keys:
                explained = is_explained(file)
                self._known[file.path, keys[file.path]] = explained
                if explained:
                    self._ever.add(file.path)

    def unknown(self, keys: Mapping[str, Key]) -> frozenset[str]:
        """Return the files that have to be compared to be known of."""
        return frozenset(file.path for file in self.files if (file.path, keys[file.path]) not in self._known)

    def explained(self, keys: Mapping[str, Key]) -> frozenset[str]:
        """Return the files that are known to be explained."""
        return frozenset(file.path for file in self.files if self._known.get((file.path, keys[file.path])))

    def promise(self, keys: Mapping[str, Key]) -> Promise:
        """Return what a commit with these keys may explain: at most, everything that is not known to be unexplained.

        A file that no commit explained so far gains by another source; one that some did rather loses.
        """
        count = size = likely = 0
        for file in self.files:
            known = self._known.get((file.path, keys[file.path]))
            if known is not False:
                count += 1
                size += file.size
                likely += 10 if known else 2 if file.path in self._ever else 5
        return Promise(most=(count, size), likely=likely)

    def score(self, paths: Collection[str]) -> Score:
        """Return how much it is that these files are explained: executable files, and their bytes."""
        runs = [file.size for file in self.files if file.path in paths]
        return len(runs), sum(runs)


def is_explained(file: Explanation) -> bool:
    """Whether the source makes the very bytes of a file, or their data."""
    return file.file_class not in PARTIAL


def _inside(tree: Mapping[str, TreeEntry], directory: str) -> Mapping[str, TreeEntry]:
    prefix = f"{directory}/" if directory else ""
    return {path[len(prefix) :]: entry for path, entry in tree.items() if path.startswith(prefix)}


def _is_setting(path: str, directory: str) -> bool:
    """Whether a file may set what the compiler does in ``directory``: it lies there or above."""
    folder, name = posixpath.split(path)
    return bool(_SETTINGS.fullmatch(name)) and (not folder or f"{directory}/".startswith(f"{folder}/"))


def _stems(path: str) -> Sequence[str]:
    """Return the packed path without its ending, and without the first folders."""
    match = _CODE.fullmatch(path)
    stem = match[1] if match else path
    found = [stem]
    for _ in range(MAX_DROPPED):
        stem = stem.partition("/")[2]
        if stem:
            found.append(stem)
    return found


def _digest(rows: Iterable[str]) -> Key:
    return hashlib.sha256("\n".join(sorted(rows)).encode("utf-8", "surrogatepass")).hexdigest()
