"""Markers of a module format: a package.json in a build folder that says ``{"type": "commonjs"}`` and nothing else.

Builds with two forms of the same modules write one into each folder (tshy, dual builds). Such a marker decides only how
Node.js reads the files beside it; so it is explained where each of those is what the compiler made, in that format.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.manifest import load

MAX_MARKER: Final = 256
"""Bytes of a marker."""

MAX_MARKERS: Final = 64
"""Markers of one package that are looked at; for each of them all packed files are. Dual builds have two or three."""

NAME: Final = "package.json"

_SCRIPT: Final = (".js", ".jsx")
_STRICT: Final = (b'"use strict";', b"'use strict';")


def is_marker(path: str) -> bool:
    """Whether a packed path may be a marker: a manifest below the package's own."""
    return posixpath.basename(path) == NAME and path != NAME


def marks(path: str, contents: Mapping[str, bytes], made: Collection[str]) -> str:
    """Return the format that a marker states where it says what the files beside it are; else an empty string.

    The compiler writes ``"use strict"`` at the beginning of CommonJS that it makes of a module, and never of an ES
    module that stays one: there it is always in force.

    :param path: the packed path of the marker.
    :param contents: the bytes of every packed file.
    :param made: the packed files that the compiler made, byte for byte.
    """
    if len(contents[path]) > MAX_MARKER:
        return ""
    try:
        stated = load(contents[path], path)
    except MalformedError:
        return ""
    if set(stated) != {"type"} or stated["type"] not in {"commonjs", "module"}:
        return ""
    folder = posixpath.dirname(path)
    deeper = tuple(
        f"{posixpath.dirname(other)}/"
        for other in contents
        if is_marker(other) and other != path and other.startswith(f"{folder}/")
    )
    beside = [
        other
        for other in contents
        if other.startswith(f"{folder}/") and other.endswith(_SCRIPT) and not other.startswith(deeper)
    ]
    strict = [_is_strict(contents[other]) for other in beside]
    fits = all(strict) if stated["type"] == "commonjs" else not any(strict)
    return str(stated["type"]) if beside and fits and set(beside) <= set(made) else ""


def _is_strict(data: bytes) -> bool:
    if data.startswith(b"#!"):
        data = data.partition(b"\n")[2]
    return data.startswith(_STRICT)
