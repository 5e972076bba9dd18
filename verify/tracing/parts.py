"""The parts of a statement that as a whole comes from nowhere: which are known, and whether they are in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from provenly.verify.tracing.prints import Prints, Unit

MAX_TRIED: Final = 200
"""Equal parts of a file that are tried for one part of a bundle."""


class Parts:
    """The parts of the statements of a bundle, as one file knows them.

    :param prints: the bundle.
    :param source: the file.
    """

    def __init__(self, prints: Prints, source: Prints) -> None:
        self._prints = prints
        self._source = source
        self._known = source.by_digest

    def known(self, unit: Unit) -> tuple[int, ...]:
        """Return the units of the file that a part may be."""
        return self._known.get(unit.digest, ())[:MAX_TRIED]

    def outermost(self, unit: Unit) -> Iterator[Unit]:
        """Yield the largest parts of a unit that are known."""
        for number in self._prints.children.get(unit.number, ()):
            child = self._prints.units[number]
            if child.digest in self._known:
                yield child
            else:
                yield from self.outermost(child)

    def innermost(self, unit: Unit) -> Iterator[Unit]:
        """Yield the smallest statements that are not known: what is different is there, or is missing there.

        Where statements beside an unknown one are missing or have changed places, all that is around them is.
        """
        below = list(_statements(self._prints, unit))
        unknown = [child for child in below if child.digest not in self._known]
        if not unknown or not self._in_order(below):
            yield unit
        for child in unknown:
            yield from self.innermost(child)

    def _in_order(self, below: list[Unit]) -> bool:
        """Whether known statements follow each other as in the file, with no more left out than is unknown there."""
        around: Counter[int] = Counter()
        for child in below:
            around.update({_around(self._source, number) for number in self.known(child)})
        if not around:
            return True
        parent = around.most_common(1)[0][0]
        row = [one.number for one in _statements(self._source, self._source.units[parent])] if parent >= 0 else []
        places = {number: place for place, number in enumerate(row)}
        at, unknown = 0, 0
        for child in below:
            options = sorted(places[number] for number in self.known(child) if number in places)
            if not options:
                unknown += 1
                continue
            place = next((one for one in options if one >= at), None)
            if place is None or (place > at and not unknown):
                return False
            at, unknown = place + 1, 0
        return at == len(row) or unknown > 0


def _statements(prints: Prints, unit: Unit) -> Iterator[Unit]:
    """Yield the outermost statements inside of a unit."""
    for number in prints.children.get(unit.number, ()):
        child = prints.units[number]
        if child.statement:
            yield child
        else:
            yield from _statements(prints, child)


def _around(prints: Prints, number: int) -> int:
    """Return the statement around a unit, or -1."""
    number = prints.units[number].parent
    while number >= 0 and not (prints.units[number].statement or prints.units[number].top):
        number = prints.units[number].parent
    return number
