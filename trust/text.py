"""Making hostile text safe to show.

Package metadata, paths, commit subjects and server messages are written by strangers. A terminal obeys escape
sequences in them, a reader is fooled by invisible or reordering characters. Every writer passes foreign text through
:func:`show` before it adds any markup of its own.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_SHOWN: Final = 2_048
"""Characters of one foreign string that are shown; the rest is counted, never silently dropped."""

MAX_COMBINING_RUN: Final = 4
"""Combining marks in a row that are shown as they are. Real scripts need at most three; "zalgo" text uses dozens."""

_UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_MARKS: Final = frozenset({"Mn", "Me"})
"""The categories of marks that are drawn over the character before them."""

_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that show nothing: those that Unicode calls default ignorable (DerivedCoreProperties.txt)
and whose category does not say so, and the empty Braille pattern. Whole programs were hidden in variation selectors."""

_EMOJI_STYLES: Final = frozenset("\ufe0e\ufe0f")
"""The variation selectors that choose between text and picture. One is honest after a character that has both forms."""

_STYLED_CATEGORIES: Final = frozenset({"So", "Sm", "Po", "Pd", "Nd"})
"""Where such characters are (emoji-variation-sequences.txt): symbols, a few punctuation marks, and the keys 0 to 9."""


def show(text: str | bytes, *, limit: int = MAX_SHOWN, keep: str = "") -> str:
    r"""Return ``text`` with everything that could act on a terminal or mislead a reader escaped.

    Control, format (bidirectional, zero-width, tag), surrogate, private-use and unassigned characters, line and
    paragraph separators, letters and marks that show nothing, and floods of combining marks become ``\x1b``- or
    ``\u{202e}``-style escapes.

    :param text: foreign text; bytes are read as UTF-8 and bytes that are not UTF-8 are escaped.
    :param limit: how many characters of ``text`` are shown; a count of the rest is appended.
    :param keep: characters to leave alone, for example ``"\n"`` where the caller splits lines itself.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    shown: list[str] = []
    run = 0
    before = ""
    for character in text[:limit]:
        run = run + 1 if unicodedata.category(character) in _MARKS else 0
        unsafe = run > MAX_COMBINING_RUN or _acts_or_hides(character, before)
        shown.append(_escape(character) if unsafe and character not in keep else character)
        before = character
    if len(text) > limit:
        shown.append(f"… ({len(text) - limit} more characters)")
    return "".join(shown)


def _acts_or_hides(character: str, before: str) -> bool:
    """Whether ``character`` acts on a terminal or shows nothing, where it follows ``before`` (empty at the start)."""
    if character in _EMOJI_STYLES and before:
        return unicodedata.category(before) not in _STYLED_CATEGORIES
    return unicodedata.category(character) in _UNSAFE_CATEGORIES or _INVISIBLE.match(character) is not None


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{{{point:04x}}}"  # noqa: PLR2004 - the last code point of Latin-1


def plural(count: int, singular: str, several: str = "") -> str:
    """Return ``"1 file"`` or ``"2 files"``; ``several`` where the plural is not formed with an s."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


_USERINFO: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.\-]{0,20}:/{1,3})(?!git@)[^/?#\s]*@")
"""The ``user:password@`` of an address. Nothing public needs it, and tokens of registries stand there; ``git@`` is the
user of every forge's ssh. One slash is what is left of two where an address was taken for a path. Schemes are short:
without the limit the time would be quadratic."""


def redact(text: str) -> str:
    """Return ``text`` with the user and password of every address in it replaced by ``<redacted>``."""
    return _USERINFO.sub(r"\1<redacted>@", text) if "@" in text else text
