"""JSON as one meaning only.

Two readers that disagree about the same bytes are how a verifier is fooled: duplicate keys (first or last wins?),
``NaN``, numbers of a thousand digits, UTF-16, lone surrogates. Python's ``json`` accepts all of those. This reader
refuses them, before and while parsing, and its limits hold before memory is spent.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias

from provenly.trust.errors import MalformedError

Json: TypeAlias = "bool | int | float | str | tuple[Json, ...] | Mapping[str, Json] | None"
"""A JSON value as :func:`loads` returns it: mappings are read-only and arrays are tuples."""

MAX_DEPTH: Final = 64
"""Nesting levels. Packuments and lockfiles stay below 20; the recursion limit of readers starts at a few hundred."""

MAX_DIGITS: Final = 32
"""Digits of a number: 2^64 has 20; converting thousands of digits takes quadratic time."""

MAX_STRING: Final = 16 * 1024 * 1024
"""Characters in one string. READMEs inside packuments reach a few hundred kilobytes; source maps some megabytes."""

MAX_CONTAINERS: Final = 1_000_000
"""Arrays and objects in one document. The largest packuments have some hundred thousand; an empty object is two bytes
of JSON and hundreds in memory, so that the limit on bytes alone would let 64 MiB become gigabytes."""

_ESCAPES: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""How JSON writes NUL and halves of surrogate pairs. Text that was UTF-8 has neither by itself."""


MAX_VALUES: Final = 4_000_000
"""Commas in one document, so values and members. The largest packuments have one for each 30 bytes; a text of two
letters is five bytes of JSON and sixty in memory, so that 64 MiB of those would be a gigabyte."""


def loads(  # noqa: PLR0913 - one limit each
    data: bytes,
    *,
    what: str,
    max_bytes: int,
    allow_bom: bool = False,
    max_depth: int = MAX_DEPTH,
    max_values: int = MAX_VALUES,
) -> Json:
    """Parse ``data``, refusing whatever two readers could read differently.

    :param data: the document, UTF-8.
    :param what: what the document is, for messages ("the packument of left-pad").
    :param max_bytes: the most bytes that are accepted.
    :param allow_bom: whether a leading byte order mark is skipped, as npm does for package.json.
    :param max_depth: how deep arrays and objects may nest.
    :param max_values: how many commas and how many opening brackets there may be, those in strings included.
    :raises MalformedError: not UTF-8, not JSON, duplicate keys, a number or string that not all readers agree on, or
        over a limit; the code says which (``JSON_DUPLICATE_KEY``, ``JSON_DEPTH``, ``JSON_NUMBER``, …).
    """
    if len(data) > max_bytes:
        raise MalformedError(f"{what} has {len(data):,} bytes, more than {max_bytes:,}", code="JSON_SIZE")
    if data.startswith(b"\xef\xbb\xbf"):
        if not allow_bom:
            raise MalformedError(f"{what} starts with a byte order mark", code="JSON_BOM")
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not UTF-8 (byte {error.start})", code="JSON_ENCODING") from error
    if "\x00" in text:
        raise MalformedError(f"{what} contains a NUL character", code="JSON_ENCODING")
    # Those in strings count, too: honest ones are few.
    if text.count("{") + text.count("[") > min(MAX_CONTAINERS, max_values) or text.count(",") > max_values:
        raise MalformedError(f"{what} has more values than are accepted", code="JSON_SIZE")
    reader = _Reader(what, max_depth, plain=len(text) <= MAX_STRING and not _ESCAPES.search(text))
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.members,
            parse_int=reader.integer,
            parse_float=reader.float,
            parse_constant=reader.constant,
        )
    except json.JSONDecodeError as error:
        message = f"{what} is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise MalformedError(message, code="JSON_SYNTAX") from error
    except RecursionError as error:
        raise MalformedError(f"{what} nests deeper than {max_depth} levels", code="JSON_DEPTH") from error
    return reader.freeze(value, 0)


def thaw(value: Json) -> object:
    """Return ``value`` as the plain dicts and lists that :mod:`json` writes."""
    if isinstance(value, Mapping):
        return {key: thaw(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return [thaw(member) for member in value]
    return value


def canonical(value: Json) -> bytes:
    """Return the one spelling of ``value`` that we hash: sorted keys, no spaces, UTF-8. For our own documents only."""
    return json.dumps(thaw(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class _Reader:
    """The hooks of :func:`json.loads`, with the name of the document for their messages."""

    def __init__(self, what: str, max_depth: int, *, plain: bool) -> None:
        """Take ``plain``: whether no string can be one that :meth:`_checked` refuses, so that none need be asked."""
        self.what = what
        self.max_depth = max_depth
        self.plain = plain

    def members(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            count = Counter(key for key, _ in pairs)
            twice = next(key for key, times in count.items() if times > 1)
            raise MalformedError(f"{self.what} has the key {twice!r} twice in one object", code="JSON_DUPLICATE_KEY")
        return members

    def integer(self, text: str) -> int | float:
        if text == "-0":  # a float in JavaScript, where npm reads it, and in no spelling a whole number of ours
            return -0.0
        if len(text) > MAX_DIGITS:
            raise MalformedError(f"{self.what} has a number of {len(text)} digits", code="JSON_NUMBER")
        return int(text)

    def float(self, text: str) -> float:
        value = float(text)
        if len(text) > MAX_DIGITS * 2 or not math.isfinite(value):
            raise MalformedError(f"{self.what} has a number that not every reader can hold", code="JSON_NUMBER")
        return value

    def constant(self, text: str) -> NoReturn:
        raise MalformedError(f"{self.what} has {text}, which is not JSON", code="JSON_SYNTAX")

    def freeze(self, value: object, depth: int) -> Json:
        """Return ``value`` with read-only mappings and tuples; refuse bad strings and deep nesting on the way."""
        if isinstance(value, str):
            return value if self.plain else self._checked(value)
        if isinstance(value, (dict, list)):
            if depth == self.max_depth:
                raise MalformedError(f"{self.what} nests deeper than {self.max_depth} levels", code="JSON_DEPTH")
            if isinstance(value, list):
                return tuple(self.freeze(member, depth + 1) for member in value)
            if not self.plain:
                for key in value:
                    self._checked(key)
            return MappingProxyType({key: self.freeze(member, depth + 1) for key, member in value.items()})
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise TypeError(type(value).__name__)

    def _checked(self, text: str) -> str:
        if len(text) > MAX_STRING:
            raise MalformedError(f"{self.what} has a string of {len(text):,} characters", code="JSON_STRING")
        if "\x00" in text:
            raise MalformedError(f"{self.what} has a NUL character in a string", code="JSON_CONTROL")
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError as error:
                raise MalformedError(f"{self.what} has half of a surrogate pair", code="JSON_SURROGATE") from error
        return text
