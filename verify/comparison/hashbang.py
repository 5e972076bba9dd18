"""The first line of a script, which says what runs it."""

from __future__ import annotations

import re
from typing import Final

_BOM: Final = b"\xef\xbb\xbf"

MAX_LINE: Final = 256
"""Bytes of the first line that are looked at; Linux cuts it there (BINPRM_BUF_SIZE)."""

_PLAIN: Final = re.compile(
    rb"#!\s*(?:[\w./-]*/)?(?:env\s+(?:-S\s*)?)?(?:node|nodejs|bun|deno|tsx|ts-node)(?:\s+run)?"
    rb"(?:\s+(?:--(?:no-warnings|disable-warning|enable-source-maps|max-old-space-size|stack-size|allow|trace|no-deprecation"
    rb"|experimental-(?!loader))[\w=:,./-]*|-A))*\s*"
)
"""A JavaScript runtime, with options that load nothing."""


def doubt(data: bytes) -> str:
    """Return why what runs the script ``data`` may load more than its text says, or an empty string.

    A byte order mark before ``#!`` makes it none for the kernel: whoever started the file then runs it as a shell
    script (POSIX, ``execvp``), whatever language it is in.
    """
    if data.startswith(_BOM + b"#!"):
        return "has a byte order mark before its hashbang, so that a shell runs it"
    if not data.startswith(b"#!"):
        return ""
    line = data[:MAX_LINE].partition(b"\n")[0]
    return "" if _PLAIN.fullmatch(line) else "is not simply run by a JavaScript runtime, by its hashbang"
