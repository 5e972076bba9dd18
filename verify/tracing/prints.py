"""What is known of a file after it was taken apart: its units, what they refer to, and what it exports.

A unit is a statement, a function, a member of a class, an object or a call, with a digest of 128 bits that stays the
same whatever its names, quotes, types or spaces are (``units.js``). A *top* unit is a statement of a module.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Final, NamedTuple, overload

DIGEST: Final = 16
"""Bytes of a digest."""

PLAIN, IMPORT, WRAPPER, EXPORTS, START = range(5)
"""Kinds of units: code; an import or an export that only re-binds; a function that is a module; a table of exports; a
call that starts a module."""

_TOP: Final = 1
_STATEMENT: Final = 2
_HOISTED: Final = 4


class RefKind(IntEnum):
    """What a reference leads to (``scopes.js``)."""

    LOCAL = 0
    IMPORTED = 1
    INNER = 2
    WRAPPED = 3
    GIVEN = 4


class Ref(NamedTuple):
    """A reference: of a local one the name, of an imported one the module and the name there.

    :param kind: what it leads to.
    :param name: the name; ``*`` is a module as a whole.
    :param module: the specifier of the module; empty for what is declared here.
    :param wrapper: the reference of the function that is the module, or -1.
    """

    kind: RefKind
    name: str
    module: str = ""
    wrapper: int = -1


class Unit(NamedTuple):
    """A piece of a program.

    :param start: where it begins, in UTF-16 units.
    :param line: its first line, from 1.
    :param parent: the number of the unit around it, or -1.
    :param statement: whether it is a statement of a function, or a member of a class.
    :param size: how many tokens it has.
    :param refs: the references that lead out of it, in the order of their first occurrence.
    :param defines: those of them that it declares, where it is a top unit.
    :param hoisted: whether it is a function, which is there before anything is done.
    """

    number: int
    start: int
    end: int
    line: int
    parent: int
    size: int
    top: bool
    statement: bool
    kind: int
    digest: bytes
    refs: tuple[int, ...]
    defines: tuple[int, ...]
    hoisted: bool


class Units(Sequence[Unit]):
    """The units of a file, outer before inner; each is only made when it is asked for, since most never are.

    :param numbers: for each unit its start, end, line, parent, size, flags, kind, and two rows of references with their
        lengths before them (``trace.js``).
    :param digests: their digests, one after the other.
    """

    def __init__(self, numbers: Sequence[int], digests: bytes) -> None:
        self._numbers = numbers
        self._digests = digests
        self._starts = array("I")
        at = 0
        for _ in range(len(digests) // DIGEST):
            self._starts.append(at)
            at += 8 + numbers[at + 7]
            at += 1 + numbers[at]
        self._made: list[Unit | None] = [None] * len(self._starts)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, number: int) -> Unit: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Unit]: ...

    def __getitem__(self, number: int | slice) -> Unit | Sequence[Unit]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        found = self._made[number]
        if found is None:
            number = number % len(self)
            found = self._made[number] = self._unit(number)
        return found

    def digest(self, number: int) -> bytes:
        """Return the digest of a unit."""
        return self._digests[DIGEST * number : DIGEST * (number + 1)]

    def parents(self) -> Iterator[int]:
        """Yield the parent of each."""
        return (self._numbers[at + 3] for at in self._starts)

    def plain(self) -> Iterator[int]:
        """Yield the numbers of those that are code."""
        return (number for number, at in enumerate(self._starts) if self._numbers[at + 6] == PLAIN)

    def outer(self) -> Iterator[Unit]:
        """Yield the top units, and all that are no code."""
        numbers = self._numbers
        for number, at in enumerate(self._starts):
            if numbers[at + 5] & _TOP or numbers[at + 6] != PLAIN:
                yield self[number]

    def _unit(self, number: int) -> Unit:
        numbers, at = self._numbers, self._starts[number]
        start, end, line, parent, size, flags, kind, count = numbers[at : at + 8]
        at += 8 + count
        refs = tuple(numbers[at - count : at]) if count else ()
        count = numbers[at]
        at += 1 + count
        defines = tuple(numbers[at - count : at]) if count else ()
        top, statement, hoisted = bool(flags & _TOP), bool(flags & _STATEMENT), bool(flags & _HOISTED)
        digest = self.digest(number)
        return Unit(number, start, end, line, parent, size, top, statement, kind, digest, refs, defines, hoisted)


@dataclass(frozen=True)
class Prints:
    """A file that was taken apart.

    :param raw: the isolate's answer for it, a JSON object.
    """

    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def loads(cls, data: bytes) -> Prints:
        """Read what :attr:`Shelf` keeps of a file."""
        return cls(json.loads(zlib.decompress(data)))

    @cached_property
    def units(self) -> Units:
        """All units, outer before inner."""
        return Units(self.raw["numbers"], bytes.fromhex(self.raw["digests"]))

    @cached_property
    def outer(self) -> tuple[Unit, ...]:
        """The top units, which alone declare names of the module, and all that are no code."""
        return tuple(self.units.outer())

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """All references."""
        return tuple(_ref(*values) for values in self.raw["refs"])

    @cached_property
    def exported(self) -> Mapping[str, tuple[int, ...]]:
        """What it exports of its own: name → references."""
        found: dict[str, tuple[int, ...]] = {}
        for name, ref in self.raw["exported"]:
            found[name] = (*found.get(name, ()), ref)
        return found

    @cached_property
    def children(self) -> Mapping[int, tuple[int, ...]]:
        """The units directly inside of each; -1 stands for the file."""
        found: dict[int, list[int]] = {}
        for number, parent in enumerate(self.units.parents()):
            found.setdefault(parent, []).append(number)
        return {parent: tuple(numbers) for parent, numbers in found.items()}

    @cached_property
    def by_digest(self) -> Mapping[bytes, tuple[int, ...]]:
        """The units with a digest."""
        found: dict[bytes, list[int]] = {}
        for number in self.units.plain():
            found.setdefault(self.units.digest(number), []).append(number)
        return {digest: tuple(numbers) for digest, numbers in found.items()}


_REF_KINDS: Final = tuple(RefKind)


def _ref(kind: int, first: str | int, second: str) -> Ref:
    if kind == RefKind.IMPORTED:
        return Ref(RefKind.IMPORTED, second, str(first))
    if kind == RefKind.WRAPPED:
        return Ref(RefKind.WRAPPED, second, "", int(first))
    if kind == RefKind.GIVEN:
        return Ref(RefKind.GIVEN, str(first), "", int(second))
    return Ref(_REF_KINDS[kind], str(first))


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file of the sources or of a dependency, as little of it as a look-up needs.

    :param tops: the digests of its top units, and ``numbers`` theirs.
    :param inner: the first eight bytes of the digests of the units inside of those.
    :param esm: whether it is an ES module.
    :param words: eight bytes for each string and name.
    :param packed: all that is known of it, compressed.
    """

    tops: bytes = field(repr=False)
    numbers: array[int] = field(repr=False)
    inner: bytes = field(repr=False)
    words: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    esm: bool

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Entry:
        """Return the entry of a file that was taken apart."""
        return cls(
            tops=bytes.fromhex(answer["tops"]),
            numbers=array("I", answer["numbers"]),
            inner=bytes.fromhex(answer["inner"]),
            words=bytes.fromhex(answer["digested"]),
            packed=zlib.compress(answer["whole"].encode(), 1),
            esm=bool(answer["esm"]),
        )
