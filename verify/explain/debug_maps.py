"""Source maps after `sentry-cli sourcemaps inject`: the compiler's, with an id and with the lines of the snippet.

The snippet that it writes into the JavaScript (:mod:`~provenly.verify.explain.postprocess`, ``debug-ids``) takes one
line or two, and each line of a generated file is one group in ``mappings``, closed by a semicolon (ECMA-426, Source map
format). So as many empty groups are inserted at one place, a member for the id is added, and nothing else changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads

MAX_MAP: Final = 8 * 1024 * 1024
"""Bytes of a source map that is compared; those of single modules have some kilobytes."""

MAX_LINES: Final = 2
"""Lines that the snippet takes, with a line break before it."""

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MEMBERS: Final = ("debugId", "debug_id")


def with_debug_id(packed: bytes, expected: bytes) -> str:
    """Return the id where ``packed`` is ``expected`` with an id and the lines of the snippet; else an empty string."""
    mine, other = _map(packed), _map(expected)
    found = {mine[name] for name in _MEMBERS if isinstance(mine.get(name), str)}
    identity = next(iter(found), "")
    if len(found) != 1 or not isinstance(identity, str) or not _ID.fullmatch(identity) or other.keys() & _MEMBERS:
        return ""
    rest = {name: value for name, value in mine.items() if name not in (*_MEMBERS, "mappings")}
    if rest != {name: value for name, value in other.items() if name != "mappings"}:
        return ""
    return identity if _has_lines_inserted(mine.get("mappings"), other.get("mappings")) else ""


def _map(data: bytes) -> Mapping[str, Json]:
    try:
        value = loads(data, what="a source map", max_bytes=MAX_MAP)
    except MalformedError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _has_lines_inserted(packed: Json, expected: Json) -> bool:
    """Whether ``packed`` is ``expected`` with a few semicolons at one place."""
    if not isinstance(packed, str) or not isinstance(expected, str):
        return False
    added = len(packed) - len(expected)
    if not 0 <= added <= MAX_LINES:
        return False
    start = next((at for at, (a, b) in enumerate(zip(packed, expected, strict=False)) if a != b), len(expected))
    # Semicolons of both stand together there: where among them the new ones are cannot be told, and does not matter.
    return packed[start : start + added] == ";" * added and packed[start + added :] == expected[start:]
