"""The limits of a JSON report, and the count of what went over them: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from provenly.trust.text import redact

MAX_TEXT: Final = 4_096
"""Characters of one string. Summaries have some hundreds; a description of two megabytes helps nobody."""

MAX_ITEMS: Final = 10_000
"""Members of one list. The largest package of the survey has 1,278 files; SARIF readers stop at about as many."""

Item = TypeVar("Item")


class Bounds:
    """Cuts strings and lists that are over the limits, and counts what was cut."""

    def __init__(self) -> None:
        self.strings = 0
        self.characters = 0
        self.items_left_out = 0

    def text(self, text: str) -> str:
        r"""Return foreign text that every JSON reader accepts: bounded, without NUL, lone surrogates or passwords.

        The end of a string that was cut says how many characters are missing. NUL becomes ``\x00`` and a lone
        surrogate ``\udc80``, spelled out: strict readers refuse both even as escapes.
        """
        text = redact(text)
        if len(text) > MAX_TEXT:
            missing = len(text) - MAX_TEXT
            self.strings += 1
            self.characters += missing
            text = f"{text[:MAX_TEXT]}… ({missing} more characters)"
        if not text.isascii():
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        return text.replace("\x00", "\\x00")

    def optional(self, text: str) -> str | None:
        """Return what :meth:`text` does, or ``None`` for an empty string: there is none."""
        return self.text(text) if text else None

    def items(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return the first members of a list; those over the limit are counted."""
        self.items_left_out += max(0, len(items) - MAX_ITEMS)
        return items[:MAX_ITEMS]

    def counts(self) -> dict[str, int]:
        """Return how many strings were cut, how many characters they lost, and how many list members were left out."""
        return {"strings": self.strings, "characters": self.characters, "items": self.items_left_out}
