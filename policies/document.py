"""From the bytes of a policy file to TOML values with their lines; every mistake of form at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from provenly.policies.mistakes import Mistake, PolicyError
from provenly.policies.scan import Path, Statement, line_of, places, scan

MAX_BYTES: Final = 262_144
"""Bytes of a policy file. The longest packaged one has 8 kB; a waiver has 200 bytes."""

EVERYWHERE: Final = -1
"""A line number that is in :attr:`Document.damaged` where nobody can tell which table a line belongs to."""

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
"""What tomllib adds to its messages; :class:`tomllib.TOMLDecodeError` has no other way to say it before Python 3.14."""

_BARE_WORD: Final = re.compile(r"=[ \t]*([A-Za-z][A-Za-z0-9_-]{0,63})[ \t]*(?:#[^\n]*)?\n?\Z")
"""A value that is a word without quotes: the most frequent mistake of people who know YAML."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A TOML document.

    :param origin: the file or name that it was read from.
    :param values: what :func:`tomllib.loads` gives.
    :param lines: the line of every value that stands on one of its own.
    :param mistakes: of form; where there are some, ``values`` is what the statements without mistakes give.
    :param damaged: the lines of the headers under which a statement was left out; 0 for what stands above all headers,
        :data:`EVERYWHERE` where a header itself was.
    """

    origin: str
    values: dict[str, Any]
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...] = ()
    damaged: frozenset[int] = frozenset()

    def line(self, *path: str | int) -> int:
        """Return the line of the value at ``path``."""
        return line_of(self.lines, path)


def parse(data: bytes, origin: str) -> Document:
    """Return the document in ``data``.

    :raises PolicyError: too large, not UTF-8, nested too deep, or nothing of it can be read.
    """
    text = _decode(data, origin)
    statements = scan(text, origin)
    try:
        return Document(origin=origin, values=tomllib.loads(text), lines=places(statements))
    except RecursionError:
        mistake = Mistake(line=0, code="POLICY_DEPTH", text="it is nested too deep")
        raise PolicyError(origin, [mistake]) from None
    except ValueError as error:
        whole = _mistake(str(error), 1, text.count("\n") + 1)
    return _without_faults(text, statements, whole, origin)


def _decode(data: bytes, origin: str) -> str:
    if len(data) > MAX_BYTES:
        sentence = f"it has more than {MAX_BYTES:,} bytes"
        raise PolicyError(origin, [Mistake(line=0, code="POLICY_SIZE", text=sentence)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sentence = "it is not UTF-8; save it as UTF-8"
        raise PolicyError(origin, [Mistake(line=line, code="POLICY_ENCODING", text=sentence)]) from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _without_faults(text: str, statements: tuple[Statement, ...], whole: Mistake, origin: str) -> Document:
    """Return what is left of a text that tomllib refuses, without the statements that are at fault.

    Each statement is read on its own, so that one misspelt value does not hide the mistakes after it.
    """
    mistakes: list[Mistake] = []
    kept: list[Statement] = []
    seen: dict[Path, int] = {}
    damaged: set[int] = set()
    header = 0
    table: Path | None = ()
    arrays: dict[Path, int] = {}
    for statement in statements:
        named = _table(statement, arrays) if statement.header else table
        fault = _fault(text, statement) or _repeated(statement, named, seen)
        if fault:
            mistakes.append(fault)
            damaged.add(EVERYWHERE if statement.header else header)
        if statement.header:
            header = statement.line
            table = None if fault or statement.key is None else named
        if not fault and table is not None:
            kept.append(statement)
    rest = _only(text, kept)
    try:
        values = tomllib.loads(rest)
    except (ValueError, RecursionError):
        raise PolicyError(origin, mistakes or [whole]) from None
    return Document(
        origin=origin,
        values=values,
        lines=places(tuple(kept)),
        mistakes=tuple(mistakes or [whole]),
        damaged=frozenset(damaged or {EVERYWHERE}),
    )


def _table(statement: Statement, arrays: dict[Path, int]) -> Path:
    """Return a path that tells the table of a header from every other one; arrays of tables get a new one each time.

    :param arrays: the line of the last header of each array of tables; what is below it is of that one.
    """
    table: Path = ()
    for name in statement.key or ():
        table = (*table, name)
        table = (*table, arrays[table]) if table in arrays else table
    if statement.appends and table:
        table = (*table[:-1], statement.line) if isinstance(table[-1], int) else (*table, statement.line)
        arrays[table[:-1]] = statement.line
    return table


def _repeated(statement: Statement, table: Path | None, seen: dict[Path, int]) -> Mistake | None:
    """Return the mistake of a key or a table that was there before; note where this one is."""
    if statement.key is None or (table is None and not statement.header):
        return None
    path: Path = (table or ()) if statement.header else (*(table or ()), "", *statement.key)
    first = seen.setdefault(path, statement.line)
    if first == statement.line:
        return None
    what = f"the table [{'.'.join(statement.key)}]" if statement.header else f"the key {'.'.join(statement.key)!r}"
    return Mistake(
        line=statement.line, code="POLICY_DUPLICATE", text=f"{what} is given twice; it was first on line {first}"
    )


def _fault(text: str, statement: Statement) -> Mistake | None:
    """Return what tomllib has against one statement alone."""
    alone = text[statement.start : statement.end]
    try:
        tomllib.loads(alone)
    except RecursionError:
        return Mistake(line=statement.line, code="POLICY_DEPTH", text="it is nested too deep")
    except ValueError as error:
        word = _BARE_WORD.search(alone)
        if word:
            sentence = f'text is written in quotes: "{word.group(1)}"'
            if word.group(1).lower() in {"null", "nil", "none"}:
                sentence = "there is no null in TOML; leave the key out"
            return Mistake(line=statement.line, code="POLICY_SYNTAX", text=sentence)
        return _mistake(str(error), statement.line, statement.line + alone.rstrip("\n").count("\n"))
    return None


def _mistake(message: str, first: int, last: int) -> Mistake:
    """Turn a message of tomllib into a mistake; it counts lines from ``first``, and ``last`` is where its text ends."""
    place = _PLACE.search(message)
    line = first if place is None else last if place.group(1) is None else min(last, first + int(place.group(1)) - 1)
    sentence = _PLACE.sub("", message)[:200]
    return Mistake(line=line, code="POLICY_SYNTAX", text=f"this is not TOML: {sentence[:1].lower()}{sentence[1:]}")


def _only(text: str, kept: list[Statement]) -> str:
    return "".join(text[statement.start : statement.end] for statement in kept)
