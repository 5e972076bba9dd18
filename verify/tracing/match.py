"""Finds for each statement of a bundle the statement that it comes from.

A statement of a module matches only a statement of a module, of the file that the bundler's comment names where there
is one. Of equal ones the next in the order of its file is taken, beside what was matched before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.lines import Lines
from provenly.verify.tracing.prints import PLAIN, WRAPPER, Prints, Unit
from provenly.verify.tracing.resolve import BUNDLER, Key

WINDOW: Final = 60
"""Statements before and after one that say which of several packages it comes from."""

MAX_PLACES: Final = 3_000_000
"""Places that all statements of a bundle may come from together. Genuine bundles have a few for each statement."""

MANY: Final = 40
"""Places of one statement beyond which those far from its neighbours are not looked at closely."""


@dataclass(kw_only=True, slots=True)
class Statement:
    """A statement of the bundle.

    :param unit: it.
    :param label: the files that the bundler says it comes from; empty where it does not say, or there is no such file.
    :param places: the statements that it may come from.
    :param likely: the package that they are most likely in.
    :param chosen: the one that it comes from.
    """

    unit: Unit
    label: tuple[int, ...] = ()
    places: Sequence[Place] = ()
    likely: str = ""
    chosen: Place | None = None


@dataclass(kw_only=True, slots=True)
class Matched:
    """A bundle with the places of its statements.

    :param path: the path of the bundle.
    :param prints: it, taken apart.
    :param text: its text as UTF-16, as positions count.
    :param lines: where its lines are in the published file, where the text is not its.
    """

    path: str
    prints: Prints = field(repr=False)
    text: bytes = field(repr=False)
    statements: list[Statement] = field(repr=False)
    labels: Mapping[str, Key] = field(repr=False)
    lines: Lines | None = field(default=None, repr=False)
    _starts: list[int] = field(default_factory=list, init=False, repr=False)

    def label(self, unit: Unit) -> Key | None:
        """Return the file that the bundler says a unit comes from."""
        return _labelled(unit, self.prints, self.labels)

    def piece(self, start: int, end: int) -> str:
        """Return the text between two positions."""
        return self.text[2 * start : 2 * end].decode("utf-16-le", "replace")

    def line(self, position: int) -> int:
        """Return the line of a position in the published file, from 1."""
        if not self._starts:
            breaks = re.finditer(rb"\n\x00", self.text)
            self._starts = [0, *(one.end() // 2 for one in breaks if not one.start() % 2)]
        line = bisect_right(self._starts, position) - 1
        return self.lines.line(line, position - self._starts[line]) if self.lines else line + 1


def match(  # noqa: PLR0913, PLR0917 - all that is known of a bundle
    path: str, text: str, prints: Prints, index: Index, labels: Mapping[str, Key], lines: Lines | None = None
) -> Matched:
    """Match the statements of one bundle.

    :param labels: the file that each of the bundler's comments names.
    :param lines: where the lines are in the published file, where the text is not its.
    :raises MalformedError: ``TRACE_PLACES``: too many statements could come from too many places.
    """
    statements = [Statement(unit=unit) for unit in prints.outer if unit.top and unit.kind == PLAIN]
    _label(statements, prints, index, labels)
    inside = _modules(prints)
    for statement in statements:
        statement.places = _places(statement, index, inside)
    if sum(len(statement.places) for statement in statements) > MAX_PLACES:
        message = f"its statements could come from more than {MAX_PLACES:,} places altogether"
        raise MalformedError(message, code="TRACE_PLACES")
    _gather(statements, index, inside)
    _choose(statements, prints, index, inside)
    return Matched(
        path=path,
        prints=prints,
        text=text.encode("utf-16-le", "replace"),
        statements=statements,
        labels=labels,
        lines=lines,
    )


def _label(statements: Iterable[Statement], prints: Prints, index: Index, labels: Mapping[str, Key]) -> None:
    """Note for each statement which files the comment before it names."""
    for statement in statements:
        key = _labelled(statement.unit, prints, labels)
        statement.label = tuple(index.by_path.get(key, ())) if key else ()


def _labelled(unit: Unit, prints: Prints, labels: Mapping[str, Key]) -> Key | None:
    """Return the file that the comment before a unit names."""
    written = prints.raw["labels"]
    at = bisect_right(written, unit.start, key=itemgetter(0)) - 1
    # The path inside of a wrapper ends with it; a comment is good until the next one.
    while at >= 0 and 0 <= written[at][2] <= unit.start:
        at -= 1
    return labels.get(written[at][1]) if at >= 0 else None


def _modules(prints: Prints) -> Mapping[int, bool]:
    """Return the functions that are modules, and whether each is an ES module: webpack writes both as functions."""
    tables = {prints.units[number].refs[0] for number, _ in prints.raw["tables"]}
    return {unit.number: unit.refs[0] in tables for unit in prints.outer if unit.kind == WRAPPER and unit.refs}


def _places(statement: Statement, index: Index, inside: Mapping[int, bool]) -> Sequence[Place]:
    """Return where a statement may come from.

    Without a comment, ES modules come before others where the statement stands by itself, and after them inside of a
    function: so bundlers write them, and packages often have both.
    """
    places = index.places(statement.unit.digest)
    if index.lost:
        # Of a package that could not be had, another version may have the same: that does not show where this is from.
        places = [one for one in places if one.file in statement.label or not index.is_lost(one.file)]
    if statement.label:
        return [one for one in places if one.file in statement.label or index.files[one.file].owner == BUNDLER]
    esm = inside.get(statement.unit.parent, True)
    fitting = [
        one for one in places if index.files[one.file].entry.esm == esm or index.files[one.file].owner == BUNDLER
    ]
    return fitting or places


def _gather(statements: Iterable[Statement], index: Index, inside: Mapping[int, bool]) -> None:
    """Hold the statements of each module that is a function to the file that most of them come from.

    Of files that are equal as far as they are in the bundle, what their names lead to decides later.
    """
    modules: dict[int, list[Statement]] = {}
    for statement in statements:
        if statement.unit.parent in inside and not statement.label:
            modules.setdefault(statement.unit.parent, []).append(statement)
    for row in modules.values():
        votes: Counter[int] = Counter()
        for statement in row:
            votes.update(dict.fromkeys({place.file for place in statement.places}, statement.unit.size + 1))
        if not votes:
            continue
        most = max(votes.values())
        best = {index.files[file].key for file, count in votes.items() if count == most}
        label = tuple(number for key in sorted(best) for number in index.by_path[key])
        for statement in row:
            statement.label = label
            statement.places = [place for place in statement.places if place.file in statement.label]


def _choose(statements: Sequence[Statement], prints: Prints, index: Index, inside: Mapping[int, bool]) -> None:
    """Choose among the places of each statement: the file that its neighbours come from, the next that is not taken.

    Most bundlers keep names or add a number to them, so of equal statements the one with the name is the likely one.
    """
    _narrow([one for one in statements if one.unit.parent not in inside], index)
    certain = dict(_certain(statements))
    before = _nearest(range(len(statements)), certain)
    after = _nearest(range(len(statements) - 1, -1, -1), certain)
    taken: Counter[Place] = Counter()
    for number, statement in enumerate(statements):
        if not statement.places:
            continue
        near = (before.get(number), after.get(number))
        statement.chosen = min(statement.places, key=partial(_order, statement, near, prints, index, taken))
        taken[statement.chosen] += 1


def _narrow(statements: Sequence[Statement], index: Index) -> None:
    """Leave to each statement, of several versions of its packages, the one that explains most of what is around it.

    Versions have most of their statements in common, and packages carry older versions of others: only together with
    their neighbours can they be told apart.
    """
    owners = [{index.files[place.file].owner for place in statement.places} for statement in statements]
    around: Counter[str] = Counter()
    best: list[str] = []
    for number in range(len(statements) + WINDOW):
        if number < len(statements):
            around.update(dict.fromkeys(owners[number], statements[number].unit.size))
        if number >= 2 * WINDOW + 1:
            gone = number - 2 * WINDOW - 1
            around.subtract(dict.fromkeys(owners[gone], statements[gone].unit.size))
        if number >= WINDOW:
            middle = number - WINDOW
            best.append(max(sorted(owners[middle]), key=around.__getitem__, default=""))
    for number, statement in enumerate(statements):
        if len(owners[number]) > 1 and not statement.label:
            kept = [place for place in statement.places if index.files[place.file].owner == best[number]]
            others = [place for place in statement.places if index.files[place.file].owner != best[number]]
            statement.places = (*kept, *others)
            statement.likely = best[number]


def _order(  # noqa: PLR0913, PLR0917 - all that a place is judged by
    statement: Statement,
    near: tuple[int | None, int | None],
    prints: Prints,
    index: Index,
    taken: Mapping[Place, int],
    place: Place,
) -> tuple[object, ...]:
    """Return what puts the places of a statement in their order, the best first."""
    distance = near.index(place.file) if place.file in near else len(near)
    if len(statement.places) == 1 or (distance == len(near) and len(statement.places) > MANY):
        return taken[place], True, distance, False, place
    there = index.prints(place.file)
    renamed = _name(there, there.units[place.unit]) != _name(prints, statement.unit)
    unlikely = bool(statement.likely) and index.files[place.file].owner != statement.likely
    return taken[place], unlikely, distance, renamed, place


def _name(prints: Prints, unit: Unit) -> str:
    return prints.refs[unit.defines[0]].name.rstrip("0123456789$") if unit.defines else ""


def _certain(statements: Sequence[Statement]) -> Iterator[tuple[int, int]]:
    """Yield the statements that can come from one file only, with that file."""
    for number, statement in enumerate(statements):
        files = {place.file for place in statement.places}
        if len(files) == 1:
            yield number, files.pop()


def _nearest(order: Iterable[int], certain: Mapping[int, int]) -> dict[int, int]:
    """Return for each statement the file of the nearest certain one, as seen in that order."""
    found: dict[int, int] = {}
    last = None
    for number in order:
        last = certain.get(number, last)
        if last is not None:
            found[number] = last
    return found
