"""Every way in which one place of a JSON document is removed or changed."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

INNER = ("payload", "canonicalizedBody")
"""Members that hold a JSON document in base64; what is in them is changed, too."""


def changes(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield a description and the changed document, for each place and each change."""
    for path, value in places(document):
        name = ".".join(str(part) for part in path)
        yield f"{name} removed", removed(document, path)
        for how, changed in changed_values(value):
            yield f"{name} {how}", replaced(document, path, changed)
        if path[-1] in INNER and isinstance(value, str):
            yield from inner(document, path, value, name)


def inner(document: Any, path: Path, value: str, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the changes of a document that is inside the document."""
    try:
        inside = json.loads(base64.b64decode(value))
    except ValueError:
        return
    for how, changed in changes(inside):
        text = json.dumps(changed, separators=(",", ":")).encode()
        yield f"{name}/{how}", replaced(document, path, base64.b64encode(text).decode())


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every member and element, outer ones first."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key), member
        yield from places(member, (*path, key))


def changed_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield other values in the place of one."""
    match value:
        case str():
            yield from changed_texts(value)
        case bool():
            yield "the other", not value
        case int() | float():
            yield "one more", value + 1
            yield "text", f"0{value}"
        case None:
            yield "text", "x"
        case []:
            yield "one more", [{}]
        case list():
            yield "empty", []
            yield "one more", [*value, value[-1]]
            if value != value[::-1]:
                yield "turned around", value[::-1]
        case dict():
            yield "with another member", {**value, "x": "y"}
            if value:
                yield "empty", {}


def changed_texts(value: str) -> Iterator[tuple[str, Any]]:
    """Yield other texts, and other spellings of a number."""
    yield "appended", value + "A"
    if value:
        yield "empty", ""
    for place in sorted({0, len(value) // 2, len(value) - 1} if value else ()):
        other = "B" if value[place] != "B" else "C"
        yield f"character {place}", value[:place] + other + value[place + 1 :]
    if value.isdigit():
        yield "one more", str(int(value) + 1)
        yield "with a zero", f"0{value}"


def removed(document: Any, path: Path) -> Any:
    changed = copy.deepcopy(document)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    del holder[path[-1]]
    return changed


def replaced(document: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(document)
    holder = changed
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return changed
