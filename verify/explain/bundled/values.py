"""The values that a build script hands to its bundler, as :meth:`Compilers.literals` folds them out of its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from provenly.trust.strict_json import Json


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a script does not say by itself."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """A regular expression of JavaScript. It is never run; see :func:`covers`."""

    source: str
    flags: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """A function; what it answers for each module format, where that was asked."""

    answers: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


Value: TypeAlias = (
    "bool | int | float | str | Unknown | Pattern | Function | tuple[Value, ...] | Mapping[str, Value] | None"
)
"""A list is a tuple, a table a mapping. Members that are ``undefined`` are not there."""

Table: TypeAlias = Mapping[str, Value]

FORMATS: Final = ("esm", "cjs", "iife")
"""The formats that functions are asked for, in the order of ``literals.js``."""


def decoded(value: Json) -> Value:
    """Return a value of ``literals.js``; :data:`UNKNOWN` for ``undefined`` and whatever is not of its form."""
    if not isinstance(value, tuple):
        return UNKNOWN if isinstance(value, Mapping) else value
    kind, *rest = value or ("",)
    first = rest[0] if rest else None
    if kind == "list" and isinstance(first, tuple):
        return tuple(decoded(item) for item in first)
    if kind == "table" and isinstance(first, tuple):
        pairs = [pair for pair in first if isinstance(pair, tuple) and len(pair) == 2]  # noqa: PLR2004 - name, value
        return {name: decoded(item) for name, item in pairs if isinstance(name, str) and item != ("undefined",)}
    if kind == "pattern" and isinstance(first, str):
        flags = rest[1] if len(rest) > 1 else ""
        return Pattern(source=first, flags=flags if isinstance(flags, str) else "")
    if kind == "function" and isinstance(first, tuple):
        return Function(answers={name: decoded(item) for name, item in zip(FORMATS, first, strict=False)})
    return UNKNOWN


def holds_unknown(value: Value) -> bool:
    """Whether something in a value is not known, or is a function: what is made of it is not known either."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Unknown | Function | Pattern):
            return True
        waiting.extend(item.values() if isinstance(item, Mapping) else item if isinstance(item, tuple) else ())
    return False


def table(value: Value) -> Table:
    """Return a value as a table; empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Value) -> tuple[str, ...]:
    """Return the texts of a list, or of a single text."""
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if isinstance(item, str))


def text(value: Value) -> str:
    """Return a text; empty where the value is none."""
    return value if isinstance(value, str) else ""


def covers(pattern: Pattern, name: str) -> bool | None:
    """Whether a regular expression finds something in ``name``; ``None`` for one that is not simple.

    Only those are read that say nothing but where a text is: ``/^@scope/``, ``/^left-pad$/``, ``/.*/``. A pattern
    of a stranger is never given to an engine that may take forever.
    """
    body = pattern.source
    if pattern.flags not in {"", "i", "u"} or len(body) > 200:  # noqa: PLR2004 - the longest name of a package is 214
        return None
    while body.startswith("(") and body.endswith(")") and not {"(", ")", "|"} & set(body[1:-1]):
        body = body[1:-1]
    if body in {"", ".*", "^.*", "^.*$", ".+", ".", "^.+$", "[\\s\\S]*"}:
        return True
    start, end = body.startswith("^"), body.endswith("$") and not body.endswith("\\$")
    body = body[1 if start else 0 : -1 if end else None]
    if not end and body.endswith((".*", ".+")):
        body = body[:-2]
    literal = body.replace("\\/", "/").replace("\\.", ".").replace("\\-", "-")
    if set(literal) & set("\\^$*+?()[]{}|") or ("." in body.replace("\\.", "")):
        return None
    if "i" in pattern.flags:
        literal, name = literal.lower(), name.lower()
    if start and end:
        return name == literal
    return name.startswith(literal) if start else name.endswith(literal) if end else literal in name
