"""JSON with comments and trailing commas, as tsconfig.json and bun.lock have it, made plain for a strict reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads

MAX_CONFIG: Final = 1024 * 1024
"""Bytes of a tsconfig.json; the largest that list files have some ten kilobytes."""

_TOKEN: Final = re.compile(
    rb'(?P<kept>"(?:[^"\\\n]|\\.)*+")|(?P<comment>//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+\*/)|(?P<comma>,)', re.DOTALL
)
_CLOSING: Final = re.compile(rb"(?:\s|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+\*/)*+[\]}]", re.DOTALL)


def plain(data: bytes) -> bytes:
    """Return ``data`` without comments and without commas before a closing bracket. Strings are left alone."""

    def replaced(match: re.Match[bytes]) -> bytes:
        if match["kept"] is not None:
            return match["kept"]
        if match["comment"] is not None:
            return b" "
        return b"" if _CLOSING.match(data, match.end()) else b","

    return _TOKEN.sub(replaced, data)


def config(data: bytes, what: str) -> Mapping[str, Json]:
    """Return a tsconfig.json as data; empty where it cannot be read, so that nothing is compiled by it.

    :param what: where it is.
    """
    if len(data) > MAX_CONFIG:
        return MappingProxyType({})
    try:
        value = loads(plain(data.removeprefix(b"\xef\xbb\xbf")), what=what, max_bytes=MAX_CONFIG)
    except MalformedError:
        return MappingProxyType({})
    return value if isinstance(value, Mapping) else MappingProxyType({})
