"""What a file of a package is by its name, its first bytes and its permission bits: code, or data that stays data.

Between the two lies what may be either: a ``.dat``, a file without an ending. It is code as soon as anything in the
package runs text, files or commands that we cannot follow.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final

from provenly.verify.comparison.magic import kind

JAVASCRIPT: Final = frozenset({".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".es6", ".es"})
"""Endings of what we can scan for imports."""

OTHER_CODE: Final = frozenset(
    {
        *(".sh", ".bash", ".zsh", ".fish", ".ksh", ".csh", ".ps1", ".psm1", ".psd1", ".cmd", ".bat", ".vbs", ".wsf"),
        *(".py", ".pyw", ".rb", ".pl", ".pm", ".php", ".lua", ".tcl", ".r", ".jl", ".go", ".awk", ".coffee", ".ls"),
        *(".vue", ".svelte", ".astro", ".ejs", ".pug", ".jade", ".hta", ".applescript", ".scpt", ".desktop", ".lnk"),
        *(".gyp", ".gypi", ".service", ".reg", ".scm", ".groovy", ".kts", ".swift", ".pyz", ".jse", ".vbe", ".command"),
    }
)
"""Endings of what runs, in languages that we do not scan: whatever they load, everything may be."""

MARKUP: Final = frozenset({".html", ".htm", ".xhtml", ".svg", ".xml", ".xht", ".shtml"})
"""Endings of what runs if it holds a script."""

PROSE: Final = frozenset({".md", ".markdown", ".txt", ".rst", ".adoc", ".text"})
"""Endings of what people and language models read."""

MEDIA: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".icns", ".avif", ".bmp", ".woff", ".woff2", ".ttf"),
        *(".otf", ".eot", ".mp3", ".mp4", ".wav", ".webm", ".ogg", ".pdf"),
    }
)
"""Endings of pictures, fonts, sounds and the like."""

INERT: Final = frozenset(
    {
        *PROSE,
        *MEDIA,
        *MARKUP,
        *(".json", ".jsonc", ".map", ".yml", ".yaml", ".toml", ".csv", ".tsv", ".css", ".scss", ".less", ".flow"),
        *(".log", ".snap", ".proto", ".graphql", ".gql", ".sql", ".tsbuildinfo", ".license", ".lock", ".sum"),
        *(".sha256", ".asc", ".sig", ".pem", ".crt"),
    }
)
"""Endings of data that nothing runs unless it is told to by name."""

DOCUMENTS: Final = frozenset({"license", "licence", "readme", "changelog", "notice", "authors", "copying", "history"})
"""Names without an ending that say nothing with their executable bit: archives made on Windows set it on all files."""

_MARKUP_SCRIPT: Final = re.compile(
    rb"<script|javascript:|[\s/\"']on[a-z]{3,30}\s{0,20}=|<iframe|<object|<embed|<base|<meta\s[^>]{0,80}http-equiv"
    rb"|<\?xml-stylesheet|<link\s[^>]{0,200}\bhref|&(?:#|tab;|newline;|colon;)|\0",
    re.IGNORECASE,
)
"""What makes a page load or run something; in UTF-16, which has NULs, we do not look for it."""

_DECLARATION: Final = re.compile(r"\.d\.(?:[\w-]{1,40}\.)?[mc]?ts$", re.IGNORECASE)
_EXECUTABLE_BITS: Final = 0o111


def suffix(path: str) -> str:
    """Return the ending of a path with its dot, in lower case."""
    return posixpath.splitext(path)[1].lower()


def runs(path: str, data: bytes, mode: int) -> bool:
    """Whether a file can run, by its name, its first bytes and its permission bits; no entry point is needed for it."""
    ending = suffix(path)
    if kind(path, data):
        return True
    if ending in JAVASCRIPT:
        return not is_declaration(path)
    if ending in MARKUP:
        return _MARKUP_SCRIPT.search(data) is not None
    return ending in OTHER_CODE or (not ending and bool(mode & _EXECUTABLE_BITS) and not _is_document(path))


def is_inert(path: str) -> bool:
    """Whether a file is data by its name, so that only code which names it can make it run."""
    ending = suffix(path)
    if not ending:
        return _is_document(path) or posixpath.basename(path).startswith(".")
    return ending in INERT or is_declaration(path)


def is_media(path: str) -> bool:
    """Whether a file is a picture, a font, a sound or the like, by its name."""
    return suffix(path) in MEDIA


def is_declaration(path: str) -> bool:
    """Whether a file has type declarations for TypeScript and nothing else, by its name."""
    return _DECLARATION.search(path) is not None


def _is_document(path: str) -> bool:
    return posixpath.basename(path).lower().partition(".")[0].partition("-")[0] in DOCUMENTS
