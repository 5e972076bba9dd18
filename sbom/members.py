"""Reading the members of a report document: whatever they hold, what comes out is of the type that was asked for.

A document may be older than this version, and it may have been changed by whoever kept it. What is missing is empty;
what is written for others is bounded, without control characters and passwords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from provenly.trust.strict_json import Json
from provenly.trust.text import redact, show

Document: TypeAlias = Mapping[str, Json]
"""A JSON report, or a part of one."""

MAX_TEXT: Final = 1_024
"""Characters of a description, a name or a licence that are written."""

MAX_URL: Final = 512
"""Characters of a URL that is written as an external reference; general parsers of IRIs are slower than linear."""

MAX_NAME: Final = 214
"""Characters of a package name, npm's own limit."""

MAX_VERSION: Final = 256
"""Characters of a version, as in node-semver. CycloneDX allows 1,024, escapes and the count of the rest included."""

NAME: Final = re.compile(r"(?:(@[A-Za-z0-9~_-][A-Za-z0-9._~-]*)/)?([A-Za-z0-9~_-][A-Za-z0-9._~-]*)")
"""The grammar of npm package names, old ones with capitals included, as in the package validate-npm-package-name."""

VERSION: Final = re.compile(r"\d{1,16}\.\d{1,16}\.\d{1,16}(?:-[0-9A-Za-z.-]{1,128})?(?:\+[0-9A-Za-z.-]{1,128})?")
"""An exact version as in https://semver.org, bounded."""

_URL: Final = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?"
    r"(?:[/?](?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
"""RFC 3986 for https: a host name, no user or password, and nothing that needs to be escaped once more."""

_NOTHING: Final[Document] = MappingProxyType({})


def part(members: Document, key: str) -> Document:
    """Return the object at ``key``; an empty one where there is none."""
    value = members.get(key)
    return value if isinstance(value, Mapping) else _NOTHING


def parts(members: Document, key: str) -> Iterator[Document]:
    """Yield the objects of the list at ``key``."""
    return (one for one in items(members, key) if isinstance(one, Mapping))


def items(members: Document, key: str) -> tuple[Json, ...]:
    """Return the list at ``key``; an empty one where there is none."""
    value = members.get(key)
    return value if isinstance(value, tuple) else ()


def texts(members: Document, key: str) -> tuple[str, ...]:
    """Return the texts of the list at ``key``."""
    return tuple(one for one in items(members, key) if isinstance(one, str))


def text(members: Document, key: str) -> str:
    """Return the text at ``key`` as it is; an empty one where it is null or missing."""
    value = members.get(key)
    return value if isinstance(value, str) else ""


def number(members: Document, key: str) -> int:
    """Return the whole number at ``key``, or 0."""
    value = members.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def https(url: str) -> str:
    """Return ``url`` if it is an https URL that may stand in a document for others, else an empty text."""
    return url if len(url) <= MAX_URL and _URL.fullmatch(url) else ""


def shown(foreign: str, *, limit: int = MAX_TEXT) -> str:
    """Return foreign text without control characters, passwords or megabytes."""
    return show(redact(foreign), limit=limit)


def split(name: str) -> tuple[str, str]:
    """Return the scope, as other CycloneDX tools for npm write it, and the rest of a package name."""
    found = NAME.fullmatch(name) if len(name) <= MAX_NAME else None
    return (found[1] or "", found[2]) if found else ("", shown(name))


def installable(name: str) -> bool:
    """Return whether npm would take ``name`` for a package."""
    return len(name) <= MAX_NAME and NAME.fullmatch(name) is not None


def tool_version(document: Document) -> str:
    """Return the version of provenly that wrote the report."""
    return shown(text(part(document, "tool"), "version"), limit=64)


def status_of(document: Document) -> dict[str, str]:
    """Return the status of each check by its id, in the order of the document."""
    return {text(one, "check"): text(one, "status") for one in parts(document, "evidence")}


def facts_of(document: Document, check: str) -> Document:
    """Return the facts of a check that passed; of all others nothing is proven, and they give an empty object."""
    for one in parts(document, "evidence"):
        if text(one, "check") == check and text(one, "status") == "passed":
            return part(one, "facts")
    return _NOTHING
