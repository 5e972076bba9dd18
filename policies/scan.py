"""Where the statements of a TOML text begin and end, so that every mistake can be named with its line.

:mod:`tomllib` reads TOML and gives no positions, and no well-kept library gives them either (tomlkit keeps trivia, not
lines). This module finds only the edges of statements, their keys and their nesting; what a key or a value *means*
:mod:`tomllib` decides. The grammar is that of https://toml.io/en/v1.0.0. One pass, in time linear in the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from provenly.policies.mistakes import Mistake, PolicyError

MAX_DOTS: Final = 16
"""Dots in one key. tomllib takes time quadratic in them (5.7 s for 20,000); policies need three."""

MAX_NESTING: Final = 16
"""Brackets within brackets. tomllib recurses for each; policies need two."""

MAX_STATEMENTS: Final = 10_000
"""Lines with a key or a header. All checks in full take 120, and a waiver takes eight."""

Path = tuple[str | int, ...]
"""The place of a value: keys, and indexes in arrays of tables."""

_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'  # the four kinds of strings, ended …
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"""[\s\S]*+'  # … or not: then the rest of the text is inside
    r"|'''[\s\S]*+"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}=,.\n]"
    r"""|[^"'#\[\]{}=,.\n]++"""
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A header or a key with its value.

    :param line: its first line, from 1.
    :param start: where it begins in the text, in characters.
    :param end: where the line after it begins.
    :param header: whether it is ``[table]`` or ``[[array of tables]]``.
    :param key: its keys as they are written, or ``None`` where tomllib cannot read them.
    :param appends: whether it is ``[[…]]``.
    """

    line: int
    start: int
    end: int
    header: bool
    key: tuple[str, ...] | None
    appends: bool = False


def scan(text: str, origin: str) -> tuple[Statement, ...]:
    r"""Return the statements of ``text``, whose line ends are ``\n``.

    :raises PolicyError: keys or brackets are nested too deep, or there are too many statements.
    """
    statements: list[Statement] = []
    for statement in _Scanner(text, origin).statements():
        if len(statements) == MAX_STATEMENTS:
            sentence = f"there are more than {MAX_STATEMENTS:,} keys and headers"
            raise PolicyError(origin, [Mistake(line=statement.line, code="POLICY_SIZE", text=sentence)])
        statements.append(statement)
    return tuple(statements)


class _Scanner:
    """The state of one pass: where the current statement began, and how deep in brackets it is."""

    def __init__(self, text: str, origin: str) -> None:
        self.text = text
        self.origin = origin
        self.line = 1
        self._begin(0)

    def _begin(self, start: int) -> None:
        self.start = start
        self.first = self.line
        self.empty = True
        self.header = False
        self.depth = 0
        self.dots = 0
        self.equals = -1

    def statements(self) -> Iterator[Statement]:
        """Yield one statement after the other."""
        for token in _TOKEN.finditer(self.text):
            word = token.group()
            if word == "\n":
                self.line += 1
                if self.depth and not self.header:
                    self.dots = 0
                    continue
                if not self.empty:
                    yield self._statement(token.end())
                self._begin(token.end())
                continue
            if not word.startswith("#") and not word.isspace():
                self._read(word, token.start())
            self.line += word.count("\n")
        if not self.empty:
            yield self._statement(len(self.text))

    def _read(self, word: str, position: int) -> None:
        """Take one token that is neither a line end, white space nor a comment."""
        if self.empty:
            self.empty = False
            self.header = word == "["
        if word == ".":
            self.dots += 1
            if self.dots > MAX_DOTS:
                self._refuse(f"a key has more than {MAX_DOTS} dots")
        elif word in ("=", ",", "[", "{"):
            self.dots = 0
        if word == "=" and self.equals < 0:
            self.equals = position
        elif self.equals >= 0 and word in ("[", "{"):
            self.depth += 1
            if self.depth > MAX_NESTING:
                self._refuse(f"brackets are nested more than {MAX_NESTING} deep")
        elif self.equals >= 0 and word in ("]", "}"):
            self.depth = max(0, self.depth - 1)

    def _refuse(self, sentence: str) -> None:
        raise PolicyError(self.origin, [Mistake(line=self.line, code="POLICY_DEPTH", text=sentence)])

    def _statement(self, end: int) -> Statement:
        if self.header:
            key, appends = _key_of_header(self.text[self.start : end])
        else:
            key, appends = _key(f"{self.text[self.start : self.equals]}=0" if self.equals >= 0 else ""), False
        return Statement(line=self.first, start=self.start, end=end, header=self.header, key=key, appends=appends)


def _key_of_header(text: str) -> tuple[tuple[str, ...] | None, bool]:
    appends = text.lstrip().startswith("[[")
    return _key(text), appends


def _key(statement: str) -> tuple[str, ...] | None:
    """Return the keys of a statement that has no value, or the value 0, as tomllib reads them."""
    try:
        value: object = tomllib.loads(statement)
    except ValueError:
        return None
    keys: list[str] = []
    while isinstance(value, (dict, list)) and value:
        if isinstance(value, dict):
            name, value = next(iter(value.items()))
            keys.append(name)
        else:
            value = value[0]
    return tuple(keys) or None


def places(statements: tuple[Statement, ...]) -> dict[Path, int]:
    """Return the first line of every value and table that the statements name, by its path."""
    lines: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    for statement in statements:
        if statement.key is None:
            continue
        base: Path = () if statement.header else table
        for depth, name in enumerate(statement.key, 1):
            base = (*base, name)
            last = depth == len(statement.key)
            if statement.appends and last:
                counts[base] = counts.get(base, -1) + 1
            lines.setdefault(base, statement.line)
            if statement.header and base in counts:
                base = (*base, counts[base])
                lines.setdefault(base, statement.line)
        if statement.header:
            table = base
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of ``path``, or of the nearest thing around it that stands on a line of its own."""
    while path not in lines:
        path = path[:-1]
    return lines[path]
