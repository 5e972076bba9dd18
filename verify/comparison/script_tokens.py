"""Strings and brackets of JavaScript, found without a parser, in linear time and on any text.

Cues need to know where a string begins and ends, which brackets belong together, and what a string says that was put
together of pieces. A regular expression over the whole text loses its way at the first quote in a regular expression
literal; this goes from token to token and tells those by what stands before them. It reads TypeScript and minified
bundles as well. What it misreads is a cue missed, never a file explained.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

MAX_TOKENS: Final = 4_000_000
"""Tokens of one file; the largest bundle of our survey, of seven million characters, has a tenth of them."""

MAX_STRING: Final = 64 * 1024
"""Characters of a string that is read; longer ones are data."""

MAX_PIECES: Final = 400
"""Pieces of which a string may be put together."""

MAX_FAILURES: Final = 2_000
"""Slashes after which a regular expression was looked for in vain; text with more of them is none."""

_NEXT: Final = re.compile(r"""["'`/(){}\[\]+,]""")
_SINGLE: Final = re.compile(r"'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*+'")
_DOUBLE: Final = re.compile(r'"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*+"')
_TEMPLATE: Final = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*+(`|\$\{|\Z)")
_REGULAR: Final = re.compile(
    r"/(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r]){0,4000}+\]){1,20000}+/[a-z]{0,10}"
)
_COMMENT: Final = re.compile(r"/\*[\s\S]*?(?:\*/|\Z)|//[^\n\r\u2028\u2029]*+")
_BEFORE_REGULAR: Final = re.compile(
    r"(?:^|[(,=:\[!&|?{};+\-*%~^<>\n]|\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else|yield|await))\s*\Z"
)
"""What stands before a regular expression literal; after anything else a slash divides."""

_LOOK_BACK: Final = 16
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}
_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\s\S]))"
)
_NAMED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r\n": "", "\r": ""}
_LAST_CODE_POINT: Final = 0x10FFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """The tokens of a text, in order.

    :param text: what was read.
    :param kinds: for each token one of ``s`` (a string, or a piece of a template), ``( ) [ ] { } + ,``. The brackets of
        ``${`` and its end are ``{`` and ``}``.
    :param starts: where each begins.
    :param ends: where each ends.
    :param partner: for each bracket the number of its other half; -1 where it has none, and for other tokens.
    :param parent: for each token the number of the bracket that it is in; -1 outside of all.
    """

    text: str = field(repr=False)
    kinds: Sequence[str] = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    partner: Sequence[int] = field(repr=False)
    parent: Sequence[int] = field(repr=False)

    def value(self, token: int) -> str:
        """Return what the string ``token`` says, its escapes read."""
        raw = self.text[self.starts[token] : min(self.ends[token], self.starts[token] + MAX_STRING)]
        raw = raw.strip("\"'`") if raw[:1] in {'"', "'"} else raw
        return unescaped(raw)

    def between(self, token: int) -> str:
        """Return the code between the end of a token and the start of the next."""
        end = self.starts[token + 1] if token + 1 < len(self.starts) else len(self.text)
        return self.text[self.ends[token] : end]

    def at(self, position: int) -> int:
        """Return the number of the last token that starts at or before ``position``; -1 where there is none."""
        return bisect_right(self.starts, position) - 1


def unescaped(raw: str) -> str:
    """Return the text of a string literal's inside with its escapes read (ECMA-262, 12.9.4)."""
    return _ESCAPE.sub(_character, raw) if "\\" in raw else raw


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits or found[4]:
        point = int(digits, 16) if digits else int(found[4], 8)
        return chr(point) if point <= _LAST_CODE_POINT else ""
    return _NAMED.get(found[5], found[5])


def scan(text: str) -> Script:
    """Return the tokens of ``text``."""
    return _Scanner(text).script()


class _Scanner:
    """Goes through a text once, from one sign of :data:`_NEXT` to the next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.partner: list[int] = []
        self.parent: list[int] = []
        self.open: list[int] = []
        self.templates: set[int] = set()
        self.failures = 0

    def script(self) -> Script:
        position = 0
        while (found := _NEXT.search(self.text, position)) and len(self.kinds) < MAX_TOKENS:
            start, sign = found.start(), found[0]
            if sign in "\"'":
                position = self._string(start, _DOUBLE if sign == '"' else _SINGLE)
            elif sign == "/":
                position = self._slash(start)
            elif sign in ")]}":
                position = self._close(start, sign)
            elif sign == "`":
                position = self._template(start + 1)
            else:
                number = self._add(sign, start, start + 1)
                if sign in "([{":
                    self.open.append(number)
                position = start + 1
        return Script(
            text=self.text,
            kinds=self.kinds,
            starts=self.starts,
            ends=self.ends,
            partner=self.partner,
            parent=self.parent,
        )

    def _slash(self, start: int) -> int:
        """Return where the comment, the regular expression or the division at ``start`` ends."""
        comment = _COMMENT.match(self.text, start)
        if comment:
            return comment.end()
        if self.failures < MAX_FAILURES and _BEFORE_REGULAR.search(self.text[max(0, start - _LOOK_BACK) : start]):
            regular = _REGULAR.match(self.text, start)
            if regular:
                return regular.end()
            self.failures += 1
        return start + 1

    def _add(self, kind: str, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        self.partner.append(-1)
        self.parent.append(self.open[-1] if self.open else -1)
        return len(self.kinds) - 1

    def _string(self, start: int, pattern: re.Pattern[str]) -> int:
        string = pattern.match(self.text, start)
        if string is None:
            return start + 1
        self._add("s", start, string.end())
        return string.end()

    def _template(self, start: int) -> int:
        """Read a piece of a template from ``start`` on, up to its end or to the bracket of what is computed in it."""
        piece = _TEMPLATE.match(self.text, start)
        if piece is None:
            return start
        self._add("s", start, piece.start(1))
        if piece[1] == "${":
            number = self._add("{", piece.start(1), piece.end())
            self.templates.add(number)
            self.open.append(number)
        return piece.end()

    def _close(self, start: int, sign: str) -> int:
        # Brackets that do not match are those of a text that was misread, or is no script: the nearest one counts.
        depth = len(self.open)
        for back in range(depth - 1, max(-1, depth - 1 - _LOOK_BACK), -1):
            number = self.open[back]
            if self.kinds[number] == _PAIRS[sign]:
                del self.open[back:]
                closing = self._add(sign, start, start + 1)
                self.partner[closing], self.partner[number] = number, closing
                return self._template(start + 1) if number in self.templates else start + 1
        self._add(sign, start, start + 1)
        return start + 1


def strings(script: Script) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the strings of a script, those that ``+`` and ``join`` put together as one.

    A template is one string, with ``${…}`` for what is computed in it.

    :returns: where each starts and ends, what it says, and whether that is written otherwise in the text: with escapes,
        or in pieces.
    """
    token, count = 0, len(script.kinds)
    while token < count:
        if script.kinds[token] == "[" and (joined := _joined(script, token)):
            last, value = joined
            yield script.starts[token], script.ends[last], value, True
            token = last + 1
        elif script.kinds[token] == "s":
            last, value, pieces = folded(script, token)
            start, end = script.starts[token], script.ends[last]
            yield start, end, value, pieces > 1 or "\\" in script.text[start:end]
            token = last + 1
        else:
            token += 1


def folded(script: Script, token: int) -> tuple[int, str, int]:
    """Return the string that begins at ``token``: its last token, what it says, and of how many pieces it is."""
    pieces: list[str] = []
    last = token
    while len(pieces) < MAX_PIECES:
        last, value = _literal(script, token)
        pieces.append(value)
        # "a" + "b": nothing but white space and comments between.
        following = last + 2
        if (
            following < len(script.kinds)
            and script.kinds[last + 1] == "+"
            and script.kinds[following] == "s"
            and _blank(script.between(last).strip("\"'`"))
            and _blank(script.between(last + 1).strip("\"'`"))
        ):
            token = following
            continue
        break
    return last, "".join(pieces), len(pieces)


def _literal(script: Script, token: int) -> tuple[int, str]:
    """Return the last token of a literal and what it says; a template goes on behind each ``${…}``."""
    parts = [script.value(token)]
    last = token
    while len(parts) < MAX_PIECES and last + 1 < len(script.kinds) and _opens(script, last + 1):
        closing = script.partner[last + 1]
        if closing < 0 or closing + 1 >= len(script.kinds) or script.kinds[closing + 1] != "s":
            break
        last = closing + 1
        parts.append(script.value(last))
    return last, "${…}".join(parts)


def _opens(script: Script, token: int) -> bool:
    return script.kinds[token] == "{" and script.ends[token] - script.starts[token] == 2  # noqa: PLR2004 - ``${``


def _blank(code: str) -> bool:
    return not _COMMENT.sub("", code).strip() if code else True


def _joined(script: Script, opening: int) -> tuple[int, str] | None:
    """Return the last token and the text of ``["a", "b"].join("")``."""
    closing = script.partner[opening]
    if closing < 0 or not 0 < closing - opening <= 2 * MAX_PIECES:
        return None
    inside = range(opening + 1, closing)
    if any(script.kinds[token] not in "s," for token in inside):
        return None
    if closing + 1 >= len(script.kinds) or not re.fullmatch(r"\s*\.\s*join\s*", script.between(closing)):
        return None
    end = script.partner[closing + 1]
    if script.kinds[closing + 1] != "(" or end not in {closing + 2, closing + 3}:
        return None
    glue = script.value(closing + 2) if end == closing + 3 else ","
    return end, glue.join(script.value(token) for token in inside if script.kinds[token] == "s")
