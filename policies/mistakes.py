"""Mistakes in a policy file: collected with their lines, and reported all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from provenly.trust.errors import UsageError

MAX_REPORTED: Final = 50
"""Mistakes that the message of one error lists; a person mends no more at a time, and a hostile file may have many."""

MAX_QUOTED: Final = 60
"""Characters of a policy's own text that a message quotes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing that is wrong with a policy file.

    :param line: where, from 1; 0 for the file as a whole.
    :param code: a stable identifier such as ``POLICY_UNKNOWN_KEY``.
    :param text: what is wrong and what is expected; it may quote the file.
    """

    line: int
    code: str
    text: str

    def __str__(self) -> str:
        """Return the sentence with its line."""
        return f"line {self.line}: {self.text}" if self.line else self.text


class PolicyError(UsageError):
    """A policy cannot be used.

    :param origin: the file or name that was read.
    :param mistakes: every mistake that was found, in the order of their lines; never empty.
    :param stopped: whether reading stopped before the end, so that there may be more.
    """

    def __init__(self, origin: str, mistakes: Iterable[Mistake], *, stopped: bool = False) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        self.origin = origin
        count = len(self.mistakes)
        listed = "; ".join(str(mistake) for mistake in self.mistakes[:MAX_REPORTED])
        rest = f"; and {count - MAX_REPORTED} more" if count > MAX_REPORTED else ""
        many = f"{count} mistakes{' or more' if stopped else ''}" if count != 1 else "a mistake"
        super().__init__(
            f"the policy {origin} has {many}: {listed}{rest}",
            code="POLICY_INVALID",
            hint="docs/policies.md describes every field; provenly policy show default prints a complete policy.",
        )


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``" (did you mean X?)"`` for the known word that comes nearest, or what there is where none is near."""
    near = difflib.get_close_matches(word[:MAX_QUOTED].lower(), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"


def quoted(value: object) -> str:
    """Return a TOML value for a message: short, with its type where that is what was wrong."""
    shown = type(value).__name__
    match value:
        case str():
            shown = f'"{value[:MAX_QUOTED]}{"…" if len(value) > MAX_QUOTED else ""}"'
        case bool():
            shown = "true" if value else "false"
        case int():
            # Python refuses to write integers of more than 4,300 digits, and nobody wants to read them.
            shown = str(value) if abs(value) < 10**18 else "a number far too large"
        case float():
            shown = repr(value)
        case datetime() | date() | time():
            shown = value.isoformat()
        case list():
            shown = "an array"
        case dict():
            shown = "a table"
        case _:
            pass
    return shown
