"""Showing what the source does not explain: the nearest source file, the lines that it lacks, and a unified diff.

Everything here has a bound, since whoever wrote the files chose their size. Where one is reached the answer gets
coarser (a whole range of lines), never shorter.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from provenly.trust.artifact import FileEntry
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.text import plural
from provenly.verify.comparison.line_diff import MAX_STEPS, Budget, blocks, unified
from provenly.verify.comparison.lines import lines_of, pieces
from provenly.verify.explain.identical import BAIT, BUILT, WRITTEN
from provenly.verify.explain.scene import Scene

MAX_CANDIDATES: Final = 20
"""Source files that are looked at to find the nearest one of a packed file."""

MAX_SIBLINGS: Final = 200
"""Files of one source folder that are looked at where no name fits."""

MAX_READ: Final = 1_000
"""Source files that are read for all packed files together."""

MAX_ALL_STEPS: Final = 10_000_000
"""Comparisons for all files together, some three seconds; once they are spent, changed regions are shown as a whole."""

MAX_ALL_DIFFS: Final = 32 * 1024 * 1024
"""Characters of all diffs together; the files whose diffs are left out say so."""

MAX_SAMPLE: Final = 64 * 1024
"""Bytes from the start of a file by which it is told how alike it is to others."""

LEAST_SIMILAR: Final = 0.2
"""The part of lines that two files must share for one to be called near the other without their names saying so."""

_SOURCE_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    ".js": (".js", ".ts", ".tsx", ".jsx", ".mjs", ".mts"),
    ".mjs": (".mjs", ".mts", ".ts", ".js"),
    ".cjs": (".cjs", ".cts", ".ts", ".js"),
    ".jsx": (".jsx", ".tsx"),
    ".d.ts": (".d.ts", ".ts", ".tsx", ".js"),
    ".d.mts": (".d.mts", ".mts", ".ts"),
    ".d.cts": (".d.cts", ".cts", ".ts"),
}
"""What a compiled file may have been compiled of, the likeliest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What of a packed file the source does not explain.

    :param source: the nearest source file, or empty.
    :param lines: first and last line, from 1, of each run of packed lines that the nearest source lacks. Where it lacks
        none because the package leaves lines out, the packed lines that follow those.
    :param diff: a unified diff, or empty.
    :param reason: what is shown, in one phrase.
    :param expected: the bytes that the file was compared with; ``None`` for none.
    """

    source: str
    lines: tuple[tuple[int, int], ...]
    diff: str
    reason: str
    expected: bytes | None = field(default=None, repr=False)


def explain_away(scene: Scene, left: Sequence[FileEntry]) -> Mapping[str, Difference]:
    """Return the difference of each unexplained file, by its path.

    Files that run and are led to come first where a bound is shared, so that padding cannot hide them. A source that
    cannot be read, or is over a limit, leaves the files without a diff: they are unexplained whatever it would show.

    :param scene: the package and its source.
    :param left: the files that no explainer explained.
    """
    surface = scene.surface
    first = sorted(left, key=lambda entry: (entry.path not in surface.executable, entry.path not in surface.reachable))
    index = _Index(scene)
    expected = scene.expectations
    candidates = {entry.path: index.candidates(entry.path) for entry in first if entry.path not in expected}
    related = {path: bool(paths) for path, paths in candidates.items()}
    candidates |= {path: index.siblings(path) for path, paths in candidates.items() if not paths}
    wanted = list(dict.fromkeys(path for paths in candidates.values() for path in paths))[:MAX_READ]
    try:
        sources, problem = scene.read(wanted), ""
    except (UnavailableError, MalformedError) as error:
        sources, problem = {}, f"; the source could not be read for a diff: {error.message}"
    left_over = MAX_ALL_STEPS
    room = MAX_ALL_DIFFS
    likeness = _Likeness()
    result = {}
    for entry in first:
        budget = Budget(min(MAX_STEPS, left_over))
        if entry.path in expected:
            best = expected[entry.path]
            found = _difference(scene, entry, best.source, best.data, budget, made=best.how)
            found = replace(found, expected=best.data)
        else:
            near = {path: sources[path] for path in candidates[entry.path] if path in sources}
            nearest = likeness.nearest(scene.content(entry), near, related=related[entry.path])
            found = _difference(scene, entry, nearest, near.get(nearest, b""), budget)
            found = replace(found, expected=near.get(nearest))
        room -= len(found.diff)
        if room < 0:
            found = replace(found, diff="", reason=found.reason + "; its diff is left out, since there are too many")
        result[entry.path] = replace(found, reason=found.reason + problem)
        left_over -= min(MAX_STEPS, left_over) - max(0, budget.steps)
    return result


class _Index:
    """Finds source files that a packed file may come from; what is asked for many packed files is looked up once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._named: dict[str, tuple[str, ...]] = {}
        self._folders: dict[str, list[str]] = {}
        for place in sorted(scene.files):
            self._folders.setdefault(posixpath.dirname(place), []).append(place)

    def candidates(self, path: str) -> tuple[str, ...]:
        """Return the source files that a packed path may come from: by their paths, else by their names."""
        stem, ending = split(path)
        likely = tuple(place for place in _places(self._scene, path) if place in self._scene.files)
        if likely:
            return likely
        name = posixpath.basename(stem).casefold()
        named = [place for end in _SOURCE_ENDINGS.get(ending, (ending,)) for place in self._called(name + end)]
        return tuple(dict.fromkeys(sorted(named, key=self._rank)))[:MAX_CANDIDATES]

    def siblings(self, path: str) -> tuple[str, ...]:
        """Return source files of its kind in the folders that a packed path may come from."""
        ending = split(path)[1]
        endings = _SOURCE_ENDINGS.get(ending, (ending,))
        folders = dict.fromkeys(posixpath.dirname(place) for place in _places(self._scene, path))
        beside = (place for folder in folders for place in self._folders.get(folder, ())[:MAX_SIBLINGS])
        return tuple(sorted(place for place in beside if split(place)[1] in endings)[:MAX_CANDIDATES])

    def _called(self, name: str) -> tuple[str, ...]:
        if name not in self._named:
            places = self._scene.by_name.get(name, ())
            self._named[name] = tuple(sorted(places, key=self._rank)[:MAX_CANDIDATES])
        return self._named[name]

    def _rank(self, place: str) -> tuple[bool, bool, int, str]:
        """Order source files of one name: in the package first, no tests and fixtures, then the shortest path."""
        return self._scene.inside(place) is None, bool(BAIT & set(place.split("/"))), len(place), place


def _places(scene: Scene, path: str) -> tuple[str, ...]:
    """Return where the source of a packed path would be: at its place, or where builds of it read from."""
    stem, ending = split(path)
    tails = [stem]
    head, _, rest = stem.partition("/")
    if rest and head in BUILT:
        tails += [*(f"{folder}/{rest}" for folder in sorted(WRITTEN)), rest]
    endings = _SOURCE_ENDINGS.get(ending, (ending,))
    return tuple(
        dict.fromkeys(scene.beside(tail) for tail in (path, *(tail + end for tail in tails for end in endings)))
    )


def split(path: str) -> tuple[str, str]:
    """Return ``path`` without its ending, and the ending; ``.d.ts`` is one ending."""
    for ending in (".d.ts", ".d.mts", ".d.cts"):
        if path.endswith(ending):
            return path.removesuffix(ending), ending
    return posixpath.splitext(path)


class _Likeness:
    """Says how alike texts are by the lines that they share; on a budget, as many files may have many candidates."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[bytes]] = {}
        self._budget = Budget(MAX_ALL_STEPS)

    def nearest(self, packed: bytes, sources: Mapping[str, bytes], *, related: bool) -> str:
        """Return the path of the source with the most lines in common, the likelier path where two have as many.

        :param sources: candidates, the likeliest first.
        :param related: whether names say that they belong together; else they must share :data:`LEAST_SIMILAR`.
        """
        if related and len(sources) == 1:
            return next(iter(sources))
        mine = _fingerprint(packed)
        best, nearest = (-1.0, "") if related else (LEAST_SIMILAR, "")
        for path, data in sources.items():
            share = self._share(mine, path, data)
            if share > best:
                best, nearest = share, path
        return nearest

    def _share(self, mine: frozenset[bytes], path: str, data: bytes) -> float:
        if path not in self._known:
            self._known[path] = _fingerprint(data)
        other = self._known[path]
        if not self._budget.spend(len(mine) + len(other)):
            return 0.0
        return len(mine & other) / max(1, len(mine | other))


def _fingerprint(data: bytes) -> frozenset[bytes]:
    """Return the first lines that say something, without their indentation."""
    lines = data[:MAX_SAMPLE].split(b"\n")
    return frozenset(text for line in lines if len(text := line.strip()) > 2)  # noqa: PLR2004 - more than a bracket


def _difference(  # noqa: PLR0913 - both sides, their names, and what may be spent
    scene: Scene, entry: FileEntry, nearest: str, source: bytes, budget: Budget, *, made: str = ""
) -> Difference:
    """Compare a packed file with its nearest source, or with what was made of it.

    :param made: how ``source`` was made of the file ``nearest``, or empty where it is that file.
    """
    lines = lines_of(scene.content(entry))
    if lines is None:
        return Difference(source=nearest, lines=(), diff="", reason="it is no text, or too large for a diff")
    whole = ((1, max(1, len(lines))),)
    if not nearest:
        return Difference(source="", lines=whole, diff="", reason="the source has no file like it")
    other = lines_of(source)
    if other is None:
        reason = f"{nearest}, the nearest file of the source, is no text, or too large for a diff"
        return Difference(source=nearest, lines=whole, diff="", reason=reason)
    # The long lines of bundles are compared in pieces, so that one changed statement is not lost in a megabyte.
    left, right = pieces(other), pieces(lines)
    if made or split(nearest)[1] == split(entry.path)[1]:
        changed = blocks(left.keys, right.keys, budget)
    else:
        # A compiler indents in its own way: lines that differ in nothing else are the same for whoever reads the diff.
        changed = blocks([line.strip() for line in left.keys], [line.strip() for line in right.keys], budget)
    what = f"what {nearest} {made}" if made else nearest
    if not changed:
        last = max(1, len(lines))
        return Difference(
            source=nearest,
            lines=((last, last),),
            diff="",
            reason=f"its last line ends otherwise than that of {what}",
        )
    headers = (f"a/{nearest}{' (compiled)' if made else ''}@{scene.source.commit[:12]}", f"b/{entry.path}")
    extra = sum(block[3] - block[2] for block in changed)
    missing = sum(block[1] - block[0] for block in changed)
    one, several = ("piece", "pieces") if right.cut else ("line", "lines")
    total = plural(len(right.parts), one, several)
    reason = f"{extra:,} of its {total} {'is' if extra == 1 else 'are'} not in {what}"
    if missing:
        reason += f", and {plural(missing, one, several)} of that {'is' if missing == 1 else 'are'} not in it"
    if left.cut or right.cut:
        reason += "; its long lines are compared in pieces, and the numbers in the diff count those"
    diff = unified(left.parts, right.parts, changed, headers)
    return Difference(source=nearest, lines=right.lines(changed), diff=diff, reason=reason)
