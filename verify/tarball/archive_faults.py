"""What is wrong with an archive: faults that refuse it, and remarks about oddities that every reader reads alike."""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import Note
from provenly.trust.text import show

MAX_REMARKS: Final = 10
"""Remarks of one code that are kept word for word; the rest is counted, so that 50,000 files give no 50,000 lines."""

MAX_NAME: Final = 160
"""Characters of a name that a message quotes."""

HINT: Final = (
    "Do not install it: npm may put other files on disk than a checker or reviewer sees. "
    "Ask the publisher for an archive made by `npm pack`."
)
"""What to do about an ambiguous archive."""

LIMIT_HINT: Final = "Do not install it without looking at it by hand: packages of this kind are far smaller."
"""What to do about an archive over a limit."""


def fault(code: str, message: str) -> MalformedError:
    """Return the error that refuses an archive; codes that begin with ``LIMIT_`` get the hint for limits."""
    return MalformedError(message, code=code, hint=LIMIT_HINT if code.startswith("LIMIT_") else HINT)


def quoted(name: bytes | str) -> str:
    """Return a name from the archive for use in a message: printable, and not too long."""
    return f"“{show(name, limit=MAX_NAME)}”"


class Remarks:
    """Collects what was unusual, at most :data:`MAX_REMARKS` notes for each code."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, text: str, where: str = "") -> None:
        """Remember a remark; ``where`` is the path that it is about."""
        count = self._counts.get(code, 0) + 1
        self._counts[code] = count
        if count <= MAX_REMARKS:
            self._notes.append(Note(code=code, text=text, where=where))

    def notes(self) -> tuple[Note, ...]:
        """Return the remarks in the order in which they were made, then how many more there were of each code."""
        more = [
            Note(code=code, text=f"The same holds for {count - MAX_REMARKS:,} more.")
            for code, count in self._counts.items()
            if count > MAX_REMARKS
        ]
        return (*self._notes, *more)
