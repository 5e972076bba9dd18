"""Where in the user's own files a package is asked for: code scanning shows its findings there.

A finding of GitHub code scanning belongs to a line of the repository that was scanned, and what can be mended there is
the line that asks for the package: in a client's configuration, in a manifest.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provenly.trust.errors import UsageError
from provenly.trust.text import show

USUAL: Final = (
    ".mcp.json",
    "mcp.json",
    ".vscode/mcp.json",
    ".cursor/mcp.json",
    ".gemini/settings.json",
    ".codex/config.toml",
    ".claude/settings.json",
    "server.json",
    "package.json",
)
"""Files of a repository that name MCP servers, the likeliest first; peers.md (d) has each client's."""

MAX_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one such file that are read. Client configurations that people keep have some hundred kilobytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line of a file.

    :param path: relative to the folder that was searched, with slashes.
    :param line: counted from 1; 1 where the file does not name the package.
    :param named: whether the line names the package.
    """

    path: str
    line: int
    named: bool = True


def find(name: str, root: Path, given: str = "") -> Place | None:
    """Return the line that asks for the package ``name``; ``None`` where no usual file of ``root`` names it.

    :param name: the package's name as it was written; empty where nothing was resolved.
    :param given: the file that the user says it is in, relative to ``root``; empty to look at the usual ones.
    :raises UsageError: the file that was given cannot be read or lies outside of ``root`` (``PLACE_FILE``).
    """
    if given:
        return _given(name, root, given)
    for usual in USUAL:
        text = _text(root / usual)
        line = _line(text, name) if text else 0
        if line:
            return Place(path=usual, line=line)
    return None


def _given(name: str, root: Path, given: str) -> Place:
    path = Path(os.path.normpath(root / given))
    hint = "Name a file of the repository that is scanned, relative to the folder that provenly runs in."
    if not path.is_relative_to(os.path.normpath(root)):
        raise UsageError(f"{show(given)} is not in this folder", code="PLACE_FILE", hint=hint)
    text = _text(path)
    if text is None:
        raise UsageError(f"{show(given)} cannot be read as a text file", code="PLACE_FILE", hint=hint)
    line = _line(text, name)
    return Place(path=path.relative_to(os.path.normpath(root)).as_posix(), line=line or 1, named=bool(line))


def _text(path: Path) -> str | None:
    """Return the text of a file; ``None`` where it is none that we read. A named pipe would never end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(MAX_BYTES + 1)
        return data.decode("utf-8") if len(data) <= MAX_BYTES else None
    except (OSError, ValueError):
        return None


def _line(text: str, name: str) -> int:
    """Return the first line that has the name between characters that cannot be part of a longer name; 0 for none."""
    if not name:
        return 0
    for number, line in enumerate(text.split("\n"), 1):
        start = line.find(name)
        while start >= 0:
            before, after = line[max(start - 1, 0) : start], line[start + len(name) : start + len(name) + 1]
            if not (_goes_on(before) or before == "@" or _goes_on(after)):
                return number
            start = line.find(name, start + 1)
    return 0


def _goes_on(character: str) -> bool:
    """Whether a character beside a name makes it another, longer name; a version may follow, behind an @."""
    return character.isalnum() or (character != "" and character in "-_./")
