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


def show(text: str | bytes, *, limit: int = MAX_SHOWN, keep: str = "") -> str:
    r"""Return ``text`` with everything that could act on a terminal or mislead a reader escaped.

    Control, format (bidirectional, zero-width, tag), surrogate, private-use and unassigned characters, line and
    paragraph separators and floods of combining marks become ``\x1b``- or ``\u{202e}``-style escapes.

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
    for character in text[:limit]:
        run = run + 1 if unicodedata.combining(character) else 0
        if character in keep:
            shown.append(character)
        elif unicodedata.category(character) in _UNSAFE_CATEGORIES or run > MAX_COMBINING_RUN:
            shown.append(_escape(character))
        else:
            shown.append(character)
    if len(text) > limit:
        shown.append(f"… ({len(text) - limit} more characters)")
    return "".join(shown)


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{{{point:04x}}}"  # noqa: PLR2004 - the last code point of Latin-1


def plural(count: int, singular: str, several: str = "") -> str:
    """Return ``"1 file"`` or ``"2 files"``; ``several`` where the plural is not formed with an s."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


_USERINFO: Final = re.compile(r"(?i)\b(https?://)[^/?#\s]*@")
"""The ``user:password@`` of a web address. Nothing public needs it, and tokens of registries stand there."""


def redact(text: str) -> str:
    """Return ``text`` with the user and password of every web address in it replaced by ``<redacted>``."""
    return _USERINFO.sub(r"\1<redacted>@", text) if "@" in text else text
