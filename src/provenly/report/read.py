"""Reading the members of a report document: each as the type that it should have, or empty.

A document was held to the schema when it was loaded. Older documents lack members, and a page is made of them all the
same: what is not there is said to be not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from provenly.trust.model import NOTHING
from provenly.trust.strict_json import Json

Members: TypeAlias = Mapping[str, Json]


def mapping(of: Members, *keys: str) -> Members:
    """Return the object at ``keys``; an empty one where there is none."""
    for key in keys:
        value = of.get(key)
        if not isinstance(value, Mapping):
            return NOTHING
        of = value
    return of


def text(of: Members, key: str) -> str:
    """Return the text of a member; an empty one where it is null or left out."""
    value = of.get(key)
    return value if isinstance(value, str) else ""


def number(of: Members, key: str) -> int:
    """Return the whole number of a member; 0 where there is none."""
    value = of.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def flag(of: Members, key: str) -> bool:
    """Return whether a member is true."""
    return of.get(key) is True


def items(of: Members, key: str) -> tuple[Json, ...]:
    """Return the members of a list; none where there is no list."""
    value = of.get(key)
    return tuple(value) if isinstance(value, (tuple, list)) else ()


def mappings(of: Members, key: str) -> Iterator[Members]:
    """Yield the objects of a list."""
    return (item for item in items(of, key) if isinstance(item, Mapping))


def texts(of: Members, key: str) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(item for item in items(of, key) if isinstance(item, str))


def moment(time: str) -> str:
    """Return a time of a document for people, in UTC; as it was written where it is none that we read."""
    try:
        return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return time


def day(time: str) -> str:
    """Return the day of a time, in UTC, as people write it in a contract: ``22 November 2026``."""
    try:
        at = datetime.fromisoformat(time).astimezone(UTC)
    except (ValueError, OverflowError):
        return time
    return f"{at.day} {at:%B %Y}"
