"""Checks that the statements of each source file run in the order in which they are written there.

Bundlers leave statements out and put modules one after the other, but what is left of a module keeps its order. Only
functions are there before anything runs, wherever they stand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from provenly.verify.tracing.index import Index
from provenly.verify.tracing.match import Matched
from provenly.verify.tracing.resolve import BUNDLER

_DATA = (".json",)


def disordered(bundle: Matched, index: Index, copies: Mapping[str, int]) -> Iterator[int]:
    """Yield the statements that stand between others of their file where they do not stand in it: as few as can be.

    :param copies: how often each package may be in the bundle. Where there are several copies of a statement, which of
        them belongs to which copy of its file cannot be told.
    """
    modules: dict[tuple[int, str, str], list[tuple[int, int]]] = {}
    for statement in bundle.statements:
        place = statement.chosen
        if place is None or statement.unit.hoisted:
            continue
        file = index.files[place.file]
        if file.owner == BUNDLER or file.path.endswith(_DATA):
            continue
        # The parts of a statement that are units of their own, as of a loop's beginning, run before what is left of it.
        line = index.prints(place.file).units[place.unit].end
        modules.setdefault((statement.unit.parent, *file.key), []).append((statement.unit.number, line))
    for (_, owner, _), inside in modules.items():
        if copies.get(owner, 1) > 1 and len({place for _, place in inside}) < len(inside):
            continue
        kept = _increasing([place for _, place in inside])
        yield from (inside[number][0] for number in range(len(inside)) if number not in kept)


def _increasing(values: Sequence[int]) -> frozenset[int]:
    """Return the numbers of as many values as can be that do not fall."""
    ends: list[int] = []  # the numbers of the last values of the best rows, by their length
    lasts: list[int] = []
    before: list[int] = []
    for number, value in enumerate(values):
        at = bisect_right(lasts, value)
        before.append(ends[at - 1] if at else -1)
        if at == len(ends):
            ends.append(number)
            lasts.append(value)
        else:
            ends[at], lasts[at] = number, value
    found = set()
    number = ends[-1] if ends else -1
    while number >= 0:
        found.add(number)
        number = before[number]
    return frozenset(found)
