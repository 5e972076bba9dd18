"""What release tools do to a file after the compiler: a few fixed patterns, each with a name that evidence carries.

A pattern is undone in the packed file, and the rest must be the compiler's output byte for byte. Nothing here looks at
what code means; each pattern is so narrow that whatever it lets pass does nothing, or does what its name says:

* ``hashbang``: ``#!/usr/bin/env node`` written before everything else.
* ``comment``: comments in printable ASCII at the beginning (licences), but never where a command would otherwise have
  its hashbang: what has none is run by a shell, to which ``//bin/sh -c …`` is no comment.
* ``debug-ids``: the statement that `sentry-cli sourcemaps inject` writes (its fixed text in sentry-cli's ``inject``
  helper) with a UUID, and the comment with the same UUID at the end; in a source map the lines of both and the UUID.
* ``source-map-line``: ``//# sourceMappingURL=`` with a file name, as the last line, on either side.
* ``final-newline`` and ``line-endings``: as in :mod:`~provenly.verify.explain.equivalent`.
* ``specifiers`` (tsc-alias, resolve-tspaths, fix-esm-import-path): ``./base`` became ``./base.js``, or an alias of the
  project's ``paths`` became the path of the file that it stands for. See :mod:`~provenly.verify.explain.specifiers`.
* ``version``: one string literal, a version, became the package's version. Both are said.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from provenly.verify.comparison.kinds import JAVASCRIPT
from provenly.verify.explain.debug_maps import with_debug_id
from provenly.verify.explain.specifiers import rewritten

if TYPE_CHECKING:
    from provenly.verify.explain.scene import Scene

HASHBANGS: Final = (b"#!/usr/bin/env node\n", b"#! /usr/bin/env node\n")
"""The first lines that tools insert. Any other interpreter or option would be another program's choice."""

MAX_COMMENT: Final = 16 * 1024
"""Bytes of comments at the beginning. Licences have some kilobytes."""

_UUID: Final = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SENTRY: Final = re.compile(
    re.escape(
        b'!function(){try{var e="undefined"!=typeof window?window:"undefined"!=typeof global?global:"undefined"!=typeof'
        b' globalThis?globalThis:"undefined"!=typeof self?self:{},n=(new e.Error).stack;n&&(e._sentryDebugIds='
        b'e._sentryDebugIds||{},e._sentryDebugIds[n]="@"'
    ).replace(b"@", rb"(?P<id>" + _UUID + rb")")
    + rb'(?:,e\._sentryDebugIdIdentifier="sentry-dbid-(?P=id)")?'
    + re.escape(b")}catch(e){}}();\n")
)
_SENTRY_COMMENT: Final = re.compile(rb"//# debugId=(?P<id>" + _UUID + rb")\n?\Z")
_BEFORE_SENTRY: Final = re.compile(
    rb"(?:#![^\r\n]*\n)?"
    rb"(?:[ \t]*(?://[^\r\n]*)?\n|/\*(?:[^*\r]|\*(?!/))*+\*/[ \t]*\n|(?:\"use strict\"|'use strict');\n)*+"
)
_COMMENT: Final = re.compile(
    rb"(?:(?://(?![#@])[\t\x20-\x7e]*\n|/\*(?![#@])(?:[\t\n\x20-\x29\x2b-\x7e]|\*(?!/))*+\*/[ \t]*\n)\n*)+"
)
_MAP_LINE: Final = re.compile(rb"(?<![^\n])//# sourceMappingURL=[\w.@+\-]{1,200}\.map\n?\Z")
_TO_END: Final = (b"//", b"#!")
"""How lines begin that are comments up to their end."""

_LAST: Final = 256
"""Bytes from the end in which the last line begins."""

_VERSION: Final = re.compile(rb"v?\d{1,9}(?:\.\d{1,9}){1,2}(?:-[0-9A-Za-z.\-]{1,60})?(?:\+[0-9A-Za-z.\-]{1,60})?")
_IN_LITERAL: Final = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+")
_QUOTES: Final = frozenset(b"\"'`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Surrounding:
    """What the patterns may know of the package.

    :param version: the package's version.
    :param packed: the paths of its files.
    :param aliases: the ``paths`` of the projects: pattern → targets, as paths in the package's directory.
    :param commands: the paths of the files that are started as commands.
    """

    version: str
    packed: Collection[str]
    aliases: Mapping[str, tuple[str, ...]]
    commands: Collection[str] = frozenset()

    @classmethod
    def of(cls, scene: Scene, aliases: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> Self:
        """Return what is known of a scene's package.

        :param aliases: see the class.
        """
        return cls(
            version=scene.artifact.package.version,
            packed=frozenset(scene.artifact.contents),
            aliases=aliases,
            commands=frozenset(entry.path for entry in scene.surface.entries if entry.how.startswith("bin ")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Processed:
    """Why a packed file is the expected one.

    :param steps: the names of the patterns.
    :param detail: what they did, for people.
    """

    steps: tuple[str, ...]
    detail: str


def processed(path: str, packed: bytes, expected: bytes, around: Surrounding) -> Processed | None:
    """Return the patterns that make ``packed`` of ``expected``; ``None`` where they do not.

    :param path: the packed path; only JavaScript and source maps are processed.
    :param packed: the bytes of the package.
    :param expected: the bytes that the compiler made.
    """
    if path.endswith(".map") and (identity := with_debug_id(packed, expected)):
        steps = [("debug-ids", f"sentry-cli's debug id {identity}")]
        return Processed(steps=("debug-ids",), detail=_sentence(steps))
    if posixpath.splitext(path)[1] not in JAVASCRIPT or packed == expected or not _is_text(packed):
        return None
    if abs(len(packed) - len(expected)) > 2 * MAX_COMMENT + expected.count(b"\n"):
        # No pattern writes as much: a bundle is not worth looking at.
        return None
    steps = []
    of_shell = path in around.commands and not packed.startswith(b"#!")
    # 1. Undo whole pieces, each only where the expected file has not the like itself.
    for name, undo in _PIECES:
        packed, expected, said = undo(packed, expected)
        if said:
            steps.append((name, said))
        if said and name == "comment" and of_shell:
            return None
    # 2. What is left is equal, or differs in one of the two ways that change a line.
    if packed != expected:
        if said := rewritten(path, packed, expected, around.packed, around.aliases):
            steps.append(("specifiers", said))
        elif said := _version_literal(packed, expected, around.version):
            steps.append(("version", said))
        else:
            return None
    return Processed(steps=tuple(name for name, _ in steps), detail=_sentence(steps))


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sentence(steps: Sequence[tuple[str, str]]) -> str:
    return "after the compiler: " + ", ".join(f"{said} ({name})" for name, said in steps)


def _line_endings(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    """Take CRLF for LF on both sides: JavaScript reads both as one line terminator, in templates as LF.

    In some lines only, too: whoever builds on Windows has CRLF in the sources, and the compiler, which ends its own
    lines with LF, copies those of comments and templates. A lone CR is another matter, and is left alone.
    """
    mine, other = packed.replace(b"\r\n", b"\n"), expected.replace(b"\r\n", b"\n")
    if (mine, other) == (packed, expected) or b"\r" in mine or b"\r" in other:
        return packed, expected, ""
    return mine, other, "CRLF for LF" if mine != packed else "LF for CRLF"


def _debug_ids(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    """Take out the snippet, which stands after the first comments and directives, and the comment at the end."""
    found = _SENTRY.search(packed)
    last = _SENTRY_COMMENT.search(packed)
    if not found or not last or found["id"] != last["id"] or b"_sentryDebugIds" in expected:
        return packed, expected, ""
    before = packed[: found.start()]
    if not _BEFORE_SENTRY.fullmatch(before):
        return packed, expected, ""
    rest = packed[found.end() : last.start()]
    # It writes a line break of its own before the snippet where something stands there; never in the middle of a line,
    # where it would end a comment whose rest then runs.
    ends = rest.startswith(b"\n") or not before.rpartition(b"\n")[0].rpartition(b"\n")[2].lstrip().startswith(_TO_END)
    tighter = before[:-1] if before.endswith(b"\n") and not expected.startswith(before) and ends else before
    if not expected.endswith(b"\n"):
        rest = rest.removesuffix(b"\n")
    return tighter + rest, expected, f"sentry-cli's debug id {found['id'].decode()}"


def _hashbang(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    for line in HASHBANGS:
        if packed.startswith(line) and not expected.startswith(b"#!"):
            rest = packed[len(line) :]
            if rest.startswith(b"\n") and not expected.startswith(b"\n"):
                rest = rest[1:]
            return rest, expected, f"{line.decode().strip()} inserted"
    return packed, expected, ""


def _comment(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    """Take comments out that stand before everything but a hashbang, and that the expected file does not begin with."""
    start = packed.index(b"\n") + 1 if packed.startswith(b"#!") and b"\n" in packed else 0
    if packed[:start] != expected[:start] or packed[start:].startswith(expected[start:][:64]):
        return packed, expected, ""
    if expected[start:].startswith(b"#!"):
        # Without its hashbang at the very beginning a shell runs the file, and the comment first.
        return packed, expected, ""
    added = len(packed) - len(expected)
    if not 0 < added <= MAX_COMMENT or packed[start + added :] != expected[start:]:
        # Where the comment stops is known only if it is all that is left.
        return packed, expected, ""
    if not _COMMENT.fullmatch(packed, start, start + added):
        return packed, expected, ""
    return packed[:start] + packed[start + added :], expected, "a comment inserted at its beginning"


def _map_line(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    """Take the last line away where it names a source map and the two files do not agree about it."""
    mine, other = (_MAP_LINE.search(data, max(0, len(data) - _LAST)) for data in (packed, expected))
    if (mine[0].strip() if mine else b"") == (other[0].strip() if other else b""):
        return packed, expected, ""
    said = "the line that names a source map " + ("changed" if mine and other else "removed" if other else "added")
    return packed[: mine.start()] if mine else packed, expected[: other.start()] if other else expected, said


def _final_newline(packed: bytes, expected: bytes) -> tuple[bytes, bytes, str]:
    if packed.endswith(b"\n") == expected.endswith(b"\n"):
        return packed, expected, ""
    said = "the final newline " + ("removed" if expected.endswith(b"\n") else "added")
    return packed.removesuffix(b"\n"), expected.removesuffix(b"\n"), said


_PIECES: Final = (
    ("line-endings", _line_endings),
    ("debug-ids", _debug_ids),
    ("hashbang", _hashbang),
    ("source-map-line", _map_line),
    ("final-newline", _final_newline),
    ("comment", _comment),
)
"""What is undone, in this order: each piece is looked for in what the ones before it left."""


def _version_literal(packed: bytes, expected: bytes, version: str) -> str:
    """Say what became what where the files differ in one literal, and that is the package's version now.

    The difference is widened to the whole literal: quotes of one kind on both sides, between them a version alone.
    """
    start = next((at for at, (a, b) in enumerate(zip(packed, expected, strict=False)) if a != b), -1)
    if start < 0:
        return ""
    while start and expected[start - 1] in _IN_LITERAL:
        start -= 1
    ends = [_literal_end(data, start) for data in (packed, expected)]
    if not start or expected[start - 1] not in _QUOTES or packed[ends[0] :] != expected[ends[1] :]:
        return ""
    if ends[0] >= len(packed) or packed[ends[0]] != expected[start - 1]:
        return ""
    before, after = expected[start : ends[1]], packed[start : ends[0]]
    if after.removeprefix(b"v") != version.encode() or not _VERSION.fullmatch(before):
        return ""
    return f"the literal {before.decode()} became the package's version {after.decode()}"


def _literal_end(data: bytes, start: int) -> int:
    end = start
    while end < len(data) and data[end] in _IN_LITERAL:
        end += 1
    return end
