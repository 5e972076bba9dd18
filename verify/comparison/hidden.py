"""Text that a reader sees otherwise than the machine: hidden lines, reordered and invisible characters.

The cases are J07, J09, J12 and J14 of our threat model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from provenly.trust.model import Note

_LINE_END: Final = re.compile("[\r\u2028\u2029]")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PAYLOAD: Final = re.compile(
    "[\U000e0000-\U000e01ef\U000f0000-\U0010fffd]{8,}+|[\ufe00-\ufe0f]{4,}+|[\ue000-\uf8ff]{64,}+"
)
"""Runs that can carry a message unseen: tag characters, variation selectors, private-use characters. Fonts and tables
of character sets hold a few dozen of the last in a row."""

_SHAPELESS: Final = frozenset("\u3164\uffa0\u115f\u1160\u17b4\u17b5\u180e")
"""Letters without a shape: identifiers of their own, or part of one."""

_INVISIBLE: Final = re.compile("[\u3164\uffa0\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")
"""Those, and invisible characters that mean something only between the letters of a word."""

_UNUSUAL: Final = re.compile(
    "[\u3164\uffa0\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2069\ufeff\u00ad\u202a-\u202e"
    "\U000e0000-\U000e01ef\ue000-\uf8ff\ufe00-\ufe0f\U000f0000-\U0010fffd]"
)
"""Every character that one of the patterns above asks for; text without them needs no search."""

_ASCII: Final = bytes(range(128))

_ESCAPED_WORD: Final = re.compile(r"(?:[\w$]|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}){1,64}+")
_ESCAPED: Final = re.compile(r"\\u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))")
_ESCAPED_LETTER: Final = re.compile(r"\\u(?:00[4-7]|\{0{0,5}[4-7])[0-9a-fA-F]")
"""A letter of ASCII that somebody took the trouble to escape."""

_NEARBY: Final = 64
"""Characters on both sides of an escaped letter in which its word is looked for."""

MAX_ESCAPES: Final = 10_000
"""Escaped letters, or invisible characters, that are looked at in one file; tables of characters hold a few hundred."""

_TELLING: Final = frozenset(
    {
        *(
            "eval",
            "require",
            "Function",
            "import",
            "process",
            "global",
            "globalThis",
            "constructor",
            "console",
            "fetch",
        ),
        *("child_process", "exec", "execSync", "spawn", "spawnSync", "fork", "XMLHttpRequest", "WebAssembly"),
        *("__proto__", "prototype", "binding", "mainModule", "https", "http", "Buffer", "module"),
    }
)
"""Names that nobody writes with escapes but to keep them from being found."""

_COMMENT: Final = re.compile("<!--|-->")
_MAX_LINE: Final = 400
"""Characters before an HTML comment on its line that are looked at; minified code has strings of HTML beyond them."""

MAX_COMMENTS: Final = 1_000
"""HTML comments that are looked at in one file."""

_MAX_CODE_POINT: Final = 0x10FFFF


def look(path: str, data: bytes, *, executable: bool, commonjs: bool) -> Iterator[Note]:
    """Yield a note for each kind of hidden text in a file, with the line at which it is first seen.

    :param path: the file's path.
    :param data: its bytes. What is not text is not looked at: it is compared byte for byte only.
    :param executable: whether it is code. Emoji and scripts of the world are written with some of these characters,
        so that data is held to less.
    :param commonjs: whether it is a CommonJS script, in which ``<!--`` and ``-->`` start comments.
    """
    if b"\0" in data:
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    beyond = data.translate(None, _ASCII).decode("utf-8")
    if _UNUSUAL.search(beyond):
        yield from _unseen(path, text, beyond, executable=executable)
    if not executable:
        return
    if text.removeprefix("\ufeff").startswith("#!"):
        first = text.split("\n", 1)[0].removesuffix("\r")
        if _LINE_END.search(first):
            message = "the hashbang line holds a character that ends the line for the machine and not for a reader"
            yield Note(code="SRC_HIDDEN_LINE", text=f"{path}:1: {message}", where=path)
    yield from _escaped(path, text)
    if commonjs:
        yield from _html_comment(path, text)


def _unseen(path: str, text: str, beyond: str, *, executable: bool) -> Iterator[Note]:
    # Searching what is left of the text without its ASCII characters is quick, and finds no less.
    for code, pattern, what in (
        ("SRC_BIDI", _BIDI, "characters that reorder the text around them"),
        ("SRC_INVISIBLE", _PAYLOAD, "a run of characters that nobody can see"),
    ):
        found = pattern.search(text) if pattern.search(beyond) else None
        if found:
            yield Note(code=code, text=f"{path}:{_line(text, found.start())}: {what}", where=path)
    if executable and _INVISIBLE.search(beyond):
        at = next((place for place in _invisible(text)), None)
        if at is not None:
            yield Note(
                code="SRC_INVISIBLE", text=f"{path}:{_line(text, at)}: invisible characters inside words", where=path
            )


def _invisible(text: str) -> Iterator[int]:
    """Yield the places of letters without a shape, and of invisible characters between two word characters."""
    for found in islice(_INVISIBLE.finditer(text), MAX_ESCAPES):
        start, end = found.span()
        if found[0] in _SHAPELESS or (_is_word(text[max(0, start - 1) : start]) and _is_word(text[end : end + 1])):
            yield start


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in {"_", "$"})


def _escaped(path: str, text: str) -> Iterator[Note]:
    for letter in islice(_ESCAPED_LETTER.finditer(text), MAX_ESCAPES):
        nearby = text[max(0, letter.start() - _NEARBY) : letter.end() + _NEARBY]
        for word in _ESCAPED_WORD.findall(nearby):
            if "\\u" in word and (plain := _ESCAPED.sub(_character, word)) in _TELLING:
                message = f"{plain!r} is written with escapes"
                yield Note(
                    code="SRC_ESCAPED_IDENT", text=f"{path}:{_line(text, letter.start())}: {message}", where=path
                )
                return


def _html_comment(path: str, text: str) -> Iterator[Note]:
    """Report HTML comments in a script, outside of strings as far as counting quotes on the line can tell."""
    for found in islice(_COMMENT.finditer(text), MAX_COMMENTS):
        start = text.rfind("\n", max(0, found.start() - _MAX_LINE), found.start()) + 1
        if not start and found.start() > _MAX_LINE:
            continue
        before = text[start : found.start()]
        opens = all(before.count(quote) % 2 == 0 for quote in "\"'`") and "/" not in before
        if opens if found[0] == "<!--" else not before.strip():
            message = "an HTML comment: code to a reader, a comment to Node.js"
            yield Note(code="SRC_HTML_COMMENT", text=f"{path}:{_line(text, found.start())}: {message}", where=path)
            return


def _character(match: re.Match[str]) -> str:
    point = int(match[1] or match[2], 16)
    return chr(point) if point <= _MAX_CODE_POINT else ""


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
