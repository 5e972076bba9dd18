"""Objects of a bundle, read as protobuf's JSON mapping has them (protobuf.dev, "ProtoJSON Format").

A member that is ``null`` is as if absent. A member that the message does not have is refused: one reader would ignore
it, and another one act upon it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from provenly.trust import encoding
from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json

CODE: Final = "BUNDLE_FORMAT"
"""What all faults of shape are called."""


def read(value: Json, *allowed: str, what: str, code: str = CODE) -> Mapping[str, Json]:
    """Return the members of the object ``value`` that are not ``null``.

    :param allowed: the names that the message has.
    :raises MalformedError: not an object, or one with other members; with ``code``.
    """
    members = encoding.members(value, what=what, code=code)
    for name in members:
        if name not in allowed:
            raise MalformedError(f"{what} has the unknown member {name[:64]!r}", code=code)
    return {name: member for name, member in members.items() if member is not None}


def one_of(members: Mapping[str, Json], *names: str, what: str, code: str = CODE) -> str:
    """Return which one of ``names`` is among the members.

    :raises MalformedError: none of them, or several; with ``code``.
    """
    found = [name for name in names if name in members]
    if len(found) != 1:
        raise MalformedError(
            f"{what} has {' and '.join(found) or 'none'} of {', '.join(names)}; exactly one is needed", code=code
        )
    return found[0]


def text(value: Json, *, what: str, max_chars: int, code: str = CODE) -> str:
    """Return a string of at most ``max_chars`` characters; absent, it is empty.

    :raises MalformedError: something else, or longer; with ``code``.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > max_chars:
        raise MalformedError(f"{what} is not a text of at most {max_chars:,} characters", code=code)
    return value
