"""Adds up where a bundle comes from, and finds the pieces that come from nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Final

from provenly.verify.tracing.index import Index, Place
from provenly.verify.tracing.links import Links
from provenly.verify.tracing.match import Matched, Statement
from provenly.verify.tracing.order import disordered
from provenly.verify.tracing.parts import Parts
from provenly.verify.tracing.prints import PLAIN, Prints, Unit
from provenly.verify.tracing.resolve import BUNDLER
from provenly.verify.tracing.result import Reason, Traced, Untraced, Word
from provenly.verify.tracing.words import rank

MAX_TEXT: Final = 2_000
"""Characters of a piece that are kept."""

MAX_PIECES: Final = 2_000
"""Pieces that are kept; the sizes count all."""


COMMON: Final = 50
"""Files that have a part, beyond which it says nothing about where a statement comes from."""


class Report:
    """The report on one bundle.

    :param linked: the statements with a name that leads elsewhere, by the number of their unit, and which name.
    :param links: what the names of the bundle stand for.
    :param copies: how often each package may be in the bundle.
    :param foreign: the words of the bundle that the corpus has not.
    """

    def __init__(  # noqa: PLR0913 - all that a report is made of
        self,
        bundle: Matched,
        index: Index,
        *,
        linked: Mapping[int, str],
        links: Links,
        copies: Mapping[str, int],
        foreign: frozenset[str],
        bundles: Mapping[str, Matched],
        minified: bool,
        missing: tuple[str, ...],
    ) -> None:
        self._bundle = bundle
        self._index = index
        self._linked = linked
        self._links = links
        self._copies = copies
        self._foreign = foreign
        self._bundles = bundles
        self._minified = minified
        self._missing = missing
        self._sizes: Counter[str] = Counter()
        self._files: set[str] = set()
        self._pieces: list[Untraced] = []
        self._untraced = 0
        self._glue = 0
        self._versions: list[int] = []

    def made(self) -> Traced:
        """Return the report."""
        nearby = self._nearby()
        taken: Counter[object] = Counter()
        moved = frozenset(disordered(self._bundle, self._index, self._copies))
        for statement in self._bundle.statements:
            place = statement.chosen
            unit = statement.unit
            if place is None and unit.number in self._links.spaces.get(self._bundle.path, ()):
                self._glue += unit.end - unit.start  # a module as a whole, made by the bundler
            elif place is None:
                self._part(statement, nearby.get(unit.number, ()))
            elif unit.number in self._linked:
                self._lost(unit, Reason.LINK, self._where(place.file, place.unit), self._linked[unit.number])
            else:
                source = self._index.prints(place.file).units[place.unit]
                # Two ways to read a file have the same statements: each of them is only one.
                what = (self._index.files[place.file].key, source.start, source.end, source.digest)
                taken[what] += 1
                owner = self._index.files[place.file].owner
                if owner != BUNDLER and taken[what] > self._copies.get(owner, 1):
                    self._lost(unit, Reason.COPY, self._where(place.file, place.unit))
                elif unit.number in moved:
                    self._lost(unit, Reason.ORDER, self._where(place.file, place.unit))
                else:
                    self._found(unit, place.file)
        self._add_glue()
        self._pieces.sort(key=lambda piece: piece.first)
        return Traced(
            sources=self._sizes.pop("", 0),
            glue=self._glue + self._sizes.pop(BUNDLER, 0),
            dependencies=dict(sorted(self._sizes.items())),
            untraced=self._untraced,
            files=tuple(sorted(self._files)),
            units=len(self._bundle.statements),
            pieces=tuple(self._pieces[:MAX_PIECES]),
            words=tuple(self._words()),
            minified=self._minified,
            missing=self._missing,
            versions=tuple(self._versions),
        )

    def _found(self, unit: Unit, file: int, size: int | None = None) -> None:
        indexed = self._index.files[file]
        if file in self._index.versioned and size is None and self._set(unit):
            self._glue += unit.end - unit.start
            self._versions.append(self._bundle.line(unit.start))
            return
        self._sizes[indexed.owner] += unit.end - unit.start if size is None else size
        if not indexed.owner:
            self._files.add(indexed.path)

    def _set(self, unit: Unit) -> bool:
        """Whether a statement is only known with the version that was published."""
        return all(place.file in self._index.versioned for place in self._index.places(unit.digest))

    def _lost(self, unit: Unit, reason: Reason, nearest: str = "", detail: str = "", *, counted: bool = True) -> None:
        if counted:
            self._untraced += unit.end - unit.start
        # A statement ends before its semicolon, which belongs to it for whoever reads it.
        text = self._bundle.piece(unit.start, unit.end) + (
            ";" if self._bundle.piece(unit.end, unit.end + 1) == ";" else ""
        )
        # What esbuild moved has lines from several places of the published file.
        lines = sorted((self._bundle.line(unit.start), self._bundle.line(max(unit.start, unit.end - 1))))
        self._pieces.append(
            Untraced(
                first=lines[0],
                last=lines[1],
                text=text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…",
                reason=reason,
                nearest=nearest,
                detail=detail,
            )
        )

    def _nearby(self) -> Mapping[int, tuple[int, ...]]:
        """Return for each statement that has no place the files that its parts may come from, the best first."""
        prints = self._bundle.prints
        lost = [statement for statement in self._bundle.statements if statement.chosen is None]
        parts = {one.unit.number: list(_below(prints, one.unit.number)) for one in lost if not one.label}
        digests = {unit.digest for units in parts.values() for unit in units}
        holding = self._index.holding(digests) if digests else {}
        found = {statement.unit.number: statement.label for statement in lost if statement.label}
        for number, units in parts.items():
            votes: Counter[int] = Counter()
            for unit in units:
                files = holding.get(unit.digest, ())
                if len(files) <= COMMON:
                    votes.update(dict.fromkeys(files, unit.size))
            found[number] = tuple(file for file, _ in votes.most_common(3))
        return found

    def _part(self, statement: Statement, files: tuple[int, ...]) -> None:
        """Account for the parts of a statement that as a whole comes from nowhere."""
        if not files:
            self._lost(statement.unit, Reason.UNKNOWN)
            return
        ways = [(Parts(self._bundle.prints, self._index.prints(file)), file) for file in files]
        fitting = [(self._fitting(statement.unit, parts, file), parts, file) for parts, file in ways]
        (found, lost), parts, file = max(fitting, key=lambda way: sum(one.end - one.start for one in way[0][0]))
        near = self._near(statement.unit, file, self._index.prints(file).by_digest)
        covered = sum(unit.end - unit.start for unit in found)
        for unit in found:
            self._found(unit, file)
        for unit, wrong in lost:
            self._lost(unit, Reason.LINK, near, wrong, counted=False)
        self._untraced += statement.unit.end - statement.unit.start - covered
        for unit in parts.innermost(statement.unit):
            self._lost(unit, Reason.CHANGED if covered else Reason.UNKNOWN, near if covered else "", counted=False)

    def _fitting(self, unit: Unit, parts: Parts, file: int) -> tuple[list[Unit], list[tuple[Unit, str]]]:
        """Return the parts of a statement that a file has, and those in which a name leads elsewhere, and which."""
        found: list[Unit] = []
        lost: list[tuple[Unit, str]] = []
        inner: dict[int, int] = {}
        # Parts that can be one thing only say what the names in the others are.
        for part in sorted(parts.outermost(unit), key=lambda one: (len(parts.known(one)), -one.size)):
            places = [Place(file, number) for number in parts.known(part)]
            wrong = self._links.part(self._bundle, part, places, inner)
            if wrong:
                lost.append((part, wrong))
            else:
                found.append(part)
        return found, lost

    def _near(self, unit: Unit, file: int, known: Mapping[bytes, tuple[int, ...]]) -> str:
        """Return where in a file the statement is that has most of a unit's parts."""
        prints = self._index.prints(file)
        votes: Counter[int] = Counter()
        for part in _below(self._bundle.prints, unit.number):
            for number in known.get(part.digest, ())[:8]:
                top = prints.units[number]
                while not top.top and top.parent >= 0:
                    top = prints.units[top.parent]
                votes[top.number] += part.size
        return self._where(file, votes.most_common(1)[0][0]) if votes else ""

    def _where(self, file: int, unit: int) -> str:
        indexed = self._index.files[file]
        line = self._index.prints(file).units[unit].line
        return f"{indexed.owner}{'/' if indexed.owner else ''}{indexed.path}:{line}"

    def _add_glue(self) -> None:
        """Count what is no statement of a module; imports of what no source imports come from nowhere."""
        prints = self._bundle.prints
        wrong = {position: one for one, position in prints.raw["imports"] if self._strange(one)}
        for unit in prints.outer:
            if not unit.top or unit.kind == PLAIN:
                continue
            inside = sum(
                prints.units[one].end - prints.units[one].start for one in prints.children.get(unit.number, ())
            )
            if unit.start in wrong and not inside:
                self._lost(unit, Reason.IMPORT, detail=wrong[unit.start])
            elif unit.number in self._linked:
                self._lost(unit, Reason.LINK, detail=self._linked[unit.number])
            else:
                self._glue += unit.end - unit.start - inside

    def _strange(self, specifier: str) -> bool:
        if _own(specifier, self._bundle.path, self._bundles):
            return False
        return specifier.removeprefix("node:") in self._foreign

    def _words(self) -> Iterator[Word]:
        labels = {label for _, label, _ in self._bundle.prints.raw["labels"]}
        for text, position, _ in sorted(self._bundle.prints.raw["words"], key=lambda word: rank(word[0])):
            if text in self._foreign and text not in labels and not _own(text, self._bundle.path, self._bundles):
                yield Word(text=text, line=self._bundle.line(position))


def _own(text: str, path: str, bundles: Mapping[str, Matched]) -> bool:
    return text.startswith(".") and normpath(join(dirname(path), text)) in bundles


def _below(prints: Prints, number: int) -> Iterator[Unit]:
    """Yield all units inside of one."""
    for child in prints.children.get(number, ()):
        yield prints.units[child]
        yield from _below(prints, child)
