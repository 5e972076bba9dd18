"""The names of npm packages: which npm accepts, how they go into URLs, and which resemble a well-known one.

The rules are those of npm's ``validate-npm-package-name`` 7.0.2 ("valid for old packages"): what npm would fetch can
be asked about, and what it would refuse is refused here with the same reason. One rule is stricter: a name has at
most 214 characters, as https://docs.npmjs.com/cli/configuring-npm/package-json#name says of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from provenly.trust.model import Note
from provenly.trust.text import show
from provenly.verify.registry.popular import POPULAR

MAX_NAME: Final = 214
"""Characters of a name, its scope included."""

_PART: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+", re.ASCII)
"""The characters that ``encodeURIComponent`` leaves alone."""

_LEGACY: Final = re.compile(r"[~'!()*]")
"""Characters that old names may have and new ones may not."""

_BLOCKED: Final = frozenset({"node_modules", "favicon.ico"})
"""Names that npm refuses: files and folders that stand where a package would."""

_GENERIC: Final = frozenset({"mcp", "server", "cli", "sdk"})
"""Words that half of all packages here have: alone they name no package."""

_BUILT_IN: Final = frozenset(
    """
    assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain
    events fs http http2 https inspector module net node npm npx os path perf_hooks process punycode querystring
    readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib
    """.split()  # noqa: SIM905 - easier to read than fifty quoted names
)
"""Node's built-in modules, and node's and npm's own names: a package so called is rarely what was meant."""


def fault(name: str) -> str:
    """Return why npm would refuse ``name``, as the end of a sentence; an empty string where it would not."""
    if not 0 < len(name) <= MAX_NAME:
        return f"has {len(name)} characters, more than {MAX_NAME}" if name else "is empty"
    if name[0] in ".-_":
        return f"starts with {name[0]!r}"
    if name.lower() in _BLOCKED:
        return "is one that npm refuses"
    return _scope_fault(name) if name.startswith("@") else _characters_fault(name)


def _scope_fault(name: str) -> str:
    scope, _, bare = name[1:].partition("/")
    if not scope or not bare:
        return "is only a scope: it needs the form @scope/name"
    if bare.startswith("."):
        return "starts with '.' after its scope"
    return _characters_fault(scope) or _characters_fault(bare)


def _characters_fault(part: str) -> str:
    wrong = next((character for character in part if not _PART.fullmatch(character)), "")
    return f"has {_spell(wrong)}, which no package name has" if wrong else ""


def notes(name: str) -> tuple[Note, ...]:
    """Return what a reader should know about ``name``: ``NAME_CASE``, ``NAME_RESERVED``, ``NAME_NEAR``.

    :param name: a name without a :func:`fault`.
    """
    found: list[Note] = []
    if name.lower() != name:
        text = f"{name} has capital letters: only packages from before 2014 do, and {name.lower()} would be another one"
        found.append(Note(code="NAME_CASE", text=text))
    if name.lower() in _BUILT_IN:
        found.append(Note(code="NAME_RESERVED", text=f"{name} is the name of a part of Node.js or npm itself"))
    if _LEGACY.search(name.rpartition("/")[2]):
        found.append(Note(code="NAME_LEGACY", text=f"{name} has characters that npm no longer lets new names have"))
    resembled = near(name)
    if resembled:
        text = f"{name} resembles the well-known {' and '.join(resembled[:3])}, and is another package"
        found.append(Note(code="NAME_NEAR", text=text))
    return tuple(found)


def escaped(name: str) -> str:
    """Return ``name`` as one segment of a URL path: ``@scope/name`` becomes ``@scope%2fname``, as npm writes it."""
    return quote(name, safe="@/!~*'()").replace("/", "%2f")


def near(name: str, known: Iterable[str] = POPULAR) -> tuple[str, ...]:
    """Return the well-known names that ``name`` could be mistaken for, sorted; empty for a well-known name.

    Names are near when they differ in one character (inserted, removed, replaced, or two swapped), in the order of
    their words, in separators, or in a scope that was dropped or turned into a prefix.
    """
    known = tuple(known)
    if name in known:
        return ()
    return tuple(sorted(other for other in known if _resembles(name.lower(), other.lower())))


def _resembles(name: str, other: str) -> bool:
    shape = _shape(name)
    dropped = other.partition("/")[2] == name and bool(_words(name) - _GENERIC)
    return dropped or _one_edit(name, other) or (len(shape) > 1 and shape == _shape(other))


def _shape(name: str) -> tuple[str, ...]:
    """Return the words of a name in one order. One word alone says too little to compare."""
    return tuple(sorted(re.findall(r"[^-_./@]+", name)))


def _words(name: str) -> set[str]:
    return set(_shape(name))


def _one_edit(left: str, right: str) -> bool:
    """Say whether one insertion, removal, replacement or swap of neighbours turns ``left`` into ``right``.

    Names of fewer than five characters are near to too many others to mean anything.
    """
    if left == right or min(len(left), len(right)) < 5 or abs(len(left) - len(right)) > 1:  # noqa: PLR2004 - said above
        return False
    start = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    a, b = left[start:], right[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b or a == b[1:]


def _spell(character: str) -> str:
    """Return a character so that it can be read, with its code point where it is not plain ASCII."""
    return (
        repr(character)
        if character.isascii() and character.isprintable()
        else f"'{show(character)}' (U+{ord(character):04X})"
    )
