"""Reading typed values out of a TOML document; what is wrong is noted, and reading goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from provenly.policies.document import EVERYWHERE, Document
from provenly.policies.mistakes import Mistake, PolicyError, nearest, quoted
from provenly.policies.scan import Path
from provenly.trust.verdict import Action

MAX_TEXT: Final = 1_000
"""Characters of a description, a reason or the like: a paragraph. Reports print them whole."""

MAX_MISTAKES: Final = 200
"""Mistakes after which reading stops. Looking for the word that was meant takes time, and nobody reads on."""

ACTIONS: Final = tuple(str(action) for action in Action)


class Form:
    """A document that is being read, and the mistakes found so far.

    :param document: what is read.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mistakes: list[Mistake] = list(document.mistakes)

    @property
    def whole(self) -> bool:
        """Whether the document was read whole: else something that is missing may be in a line that was not read."""
        return not self.document.mistakes

    def line(self, path: Path) -> int:
        """Return the line of the value at ``path``, or of what is around it."""
        return self.document.line(*path)

    def damaged(self, path: Path) -> bool:
        """Return whether a line of the table that ``path`` is in, or is, could not be read."""
        table = self.line(path[:2]) if len(path) > 1 else 0
        return bool(self.document.damaged & {table, EVERYWHERE})

    def mistake(self, code: str, text: str, path: Path = ()) -> None:
        """Note what is wrong with the value at ``path``; with no path, with the file as a whole.

        :raises PolicyError: there are :data:`MAX_MISTAKES`.
        """
        self.mistakes.append(Mistake(line=self.line(path) if path else 0, code=code, text=text))
        if len(self.mistakes) >= MAX_MISTAKES:
            raise PolicyError(self.document.origin, self.mistakes, stopped=True)

    def missing(self, text: str, path: Path = ()) -> None:
        """Note what is not there, unless it may stand in a line of the same table that could not be read."""
        if not self.damaged(path):
            self.mistake("POLICY_MISSING", text, path)

    def wrong_type(self, path: Path, expected: str, value: object) -> None:
        """Note a value that is not what its key takes."""
        self.mistake("POLICY_TYPE", f"{path[-1]!r} takes {expected}, not {quoted(value)}", path)

    def unknown(
        self, table: Mapping[str, object], path: Path, known: Sequence[str], elsewhere: Mapping[str, str]
    ) -> None:
        """Note every key of ``table`` that is not in ``known``.

        :param path: of the table.
        :param elsewhere: where keys belong that are right in another place, as the end of a sentence.
        """
        names = ".".join(part for part in path if isinstance(part, str))
        where = "a policy" if not path else f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"
        for key in table:
            if key in known:
                continue
            advice = f"; it belongs {elsewhere[key]}" if key in elsewhere else nearest(key, known)
            self.mistake("POLICY_UNKNOWN_KEY", f"{where} has no key {quoted(key)}{advice}", (*path, key))

    def table(self, parent: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
        """Return the table at ``path``, or an empty one where there is none."""
        value = parent.get(str(path[-1]), {})
        if not isinstance(value, dict):
            self.wrong_type(path, "a table", value)
            return {}
        return value

    def text(self, parent: Mapping[str, Any], path: Path, *, required: bool = False) -> str:
        """Return the text at ``path`` without the white space around it, or ``""``."""
        value = parent.get(str(path[-1]))
        if value is None:
            if required:
                self.missing(f"{path[-1]!r} is missing", path)
            return ""
        if not isinstance(value, str):
            self.wrong_type(path, "text in quotes", value)
            return ""
        if len(value) > MAX_TEXT:
            self.mistake("POLICY_VALUE", f"{path[-1]!r} has {len(value):,} characters; {MAX_TEXT:,} is the most", path)
        if required and not value.strip():
            self.mistake("POLICY_VALUE", f"{path[-1]!r} is empty", path)
        return value.strip()[:MAX_TEXT]

    def action(self, parent: Mapping[str, Any], path: Path) -> Action | None:
        """Return the action at ``path``; ``None`` where there is none. A mistake reads as deny from there on."""
        value = parent.get(str(path[-1]))
        if value is None:
            return None
        if isinstance(value, str) and value in ACTIONS:
            return Action(value)
        if isinstance(value, str):
            self.mistake("POLICY_VALUE", f"{path[-1]!r} has no action {quoted(value)}{nearest(value, ACTIONS)}", path)
        else:
            self.wrong_type(path, f"one of {', '.join(ACTIONS)}, in quotes", value)
        return Action.DENY

    def words(self, parent: Mapping[str, Any], path: Path, known: Sequence[str]) -> tuple[str, ...] | None:
        """Return the array of known words at ``path``; ``None`` where there is none."""
        value = parent.get(str(path[-1]))
        if value is None:
            return None
        if not isinstance(value, list):
            self.wrong_type(path, "an array of texts", value)
            return ()
        words: list[str] = []
        for word in value:
            if not isinstance(word, str):
                self.wrong_type(path, "an array of texts", word)
            elif word not in known:
                self.mistake("POLICY_VALUE", f"{path[-1]!r} has no {quoted(word)}{nearest(word, known)}", path)
            elif word in words:
                self.mistake("POLICY_DUPLICATE", f"{path[-1]!r} has {quoted(word)} twice", path)
            else:
                words.append(word)
        return tuple(words)
