"""Patterns of file names, as tsup and esbuild take them for entry points, over the paths of a tree."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MAX_PATTERN: Final = 400
"""Characters of a pattern."""

MAX_PATTERNS: Final = 64
"""Patterns that are looked at together; people write a handful."""

MAX_STEPS: Final = 4_000_000
"""Parts of patterns times parts of paths: some seconds. A pattern or two and some thousand files take a hundredth."""

MAX_BRACES: Final = 64
"""Patterns that braces may make of one."""

_ANY: Final = "**"
_MAGIC: Final = frozenset("*?[{!(")
_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern rather than a path."""
    return bool(_MAGIC & set(text))


def matching(patterns: Sequence[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that one of the patterns matches and none that begins with ``!``, in the order of ``paths``.

    Nothing at all where it would take more than :data:`MAX_STEPS`.
    """
    patterns = patterns[:MAX_PATTERNS]
    wanted = [one for pattern in patterns if not pattern.startswith("!") for one in _expanded(pattern)]
    unwanted = [one for pattern in patterns if pattern.startswith("!") for one in _expanded(pattern[1:])]
    found: list[str] = []
    steps = 0
    for path in paths:
        names = path.split("/")
        steps += len(names) * sum(map(len, (*wanted, *unwanted)))
        if steps > MAX_STEPS:
            return ()
        if any(_matches(one, names) for one in wanted) and not any(_matches(one, names) for one in unwanted):
            found.append(path)
    return tuple(found)


def by_folder(paths: Iterable[str]) -> tuple[str, ...]:
    """Return paths as a walk over folders finds them: the files of a folder by name, then those of its folders."""
    return tuple(sorted(paths, key=lambda path: (path.count("/"), posixpath.dirname(path), posixpath.basename(path))))


def _expanded(pattern: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a pattern for each choice that its braces leave."""
    waiting, count = [pattern[:MAX_PATTERN].removeprefix("./")], 0
    while waiting and count < MAX_BRACES:
        one = waiting.pop(0)
        match = _BRACES.search(one)
        if match:
            waiting.extend(one[: match.start()] + choice + one[match.end() :] for choice in match[1].split(","))
        else:
            yield tuple(one.split("/"))
        count += 1


def _matches(parts: tuple[str, ...], names: Sequence[str]) -> bool:
    """Whether a pattern's parts match those of a path: ``**`` any folders, everything else within one part."""
    places = _after({0}, parts)
    for name in names:
        places = _after(
            {
                place if parts[place] == _ANY else place + 1
                for place in places
                if place < len(parts) and (parts[place] == _ANY or fnmatch.fnmatchcase(name, parts[place]))
            },
            parts,
        )
    return len(parts) in places


def _after(places: set[int], parts: tuple[str, ...]) -> set[int]:
    """Return places in a pattern with those that are behind a ``**`` there, which may stand for nothing."""
    found = set(places)
    for place in sorted(places):
        while place < len(parts) and parts[place] == _ANY and place + 1 not in found:
            place += 1  # noqa: PLW2901 - it walks on from there
            found.add(place)
    return found
