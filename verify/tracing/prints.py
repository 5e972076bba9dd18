"""What is known of a file after it was taken apart: its units, what they refer to, and what it exports.

A unit is a statement, a function, a member of a class, an object or a call, with a digest of 128 bits that stays the
same whatever its names, quotes, types or spaces are (``units.js``). A *top* unit is a statement of a module.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Final, NamedTuple

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
    def units(self) -> tuple[Unit, ...]:
        """All units, outer before inner."""
        return tuple(self._units())

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
        for unit in self.units:
            found.setdefault(unit.parent, []).append(unit.number)
        return {parent: tuple(numbers) for parent, numbers in found.items()}

    @cached_property
    def by_digest(self) -> Mapping[bytes, tuple[int, ...]]:
        """The units with a digest."""
        found: dict[bytes, list[int]] = {}
        for unit in self.units:
            if unit.kind == PLAIN:
                found.setdefault(unit.digest, []).append(unit.number)
        return {digest: tuple(numbers) for digest, numbers in found.items()}

    def _units(self) -> Iterator[Unit]:
        numbers: list[int] = self.raw["numbers"]
        digests = bytes.fromhex(self.raw["digests"])
        at = 0
        for number in range(len(digests) // DIGEST):
            start, end, line, parent, size, flags, kind, count = numbers[at : at + 8]
            at += 8 + count
            refs = tuple(numbers[at - count : at]) if count else ()
            count = numbers[at]
            at += 1 + count
            defines = tuple(numbers[at - count : at]) if count else ()
            digest = digests[DIGEST * number : DIGEST * (number + 1)]
            top, statement, hoisted = bool(flags & _TOP), bool(flags & _STATEMENT), bool(flags & _HOISTED)
            yield Unit(number, start, end, line, parent, size, top, statement, kind, digest, refs, defines, hoisted)


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
