"""Reading predicates: members that may be missing, and members that say the same thing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from provenly.trust.encoding import members
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.model import NOTHING
from provenly.trust.strict_json import Json

MAX_TEXT: Final = 2_048
"""Characters of a member that is compared: URLs with long refs stay below 500."""

MAX_SOURCES: Final = 64
"""Materials or dependencies of one build. npm names one; generic generators name some images beside it."""

CODE: Final = "ATT_PREDICATE_FORMAT"

_GIT: Final = "git+https://"
"""What the URI of a source begins with in every known predicate (SPDX download location)."""


def inside(value: Mapping[str, Json], *path: str) -> Mapping[str, Json]:
    """Return the object at ``path``, empty where a member on the way is missing or ``null``.

    :raises MalformedError: a member on the way is no object (``ATT_PREDICATE_FORMAT``).
    """
    for name in path:
        member = value.get(name)
        if member is None:
            return NOTHING
        value = members(member, what=f"the member {name} of the predicate", code=CODE)
    return value


def text(value: Mapping[str, Json], *path: str) -> str:
    """Return the text at ``path``, empty where it or a member on the way is missing, ``null`` or empty.

    :raises MalformedError: it is something else, or too long (``ATT_PREDICATE_FORMAT``).
    """
    found = inside(value, *path[:-1]).get(path[-1])
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > MAX_TEXT:
        raise MalformedError(f"the member {'.'.join(path)} of the predicate is not a short text", code=CODE)
    return found


def sources(value: Mapping[str, Json], name: str) -> tuple[Mapping[str, Json], ...]:
    """Return the objects of the array ``name``: what went into the build. Empty where it is missing.

    :raises MalformedError: no array of objects, or too long (``ATT_PREDICATE_FORMAT``).
    """
    listed = value.get(name)
    if listed is None:
        return ()
    if not isinstance(listed, tuple) or len(listed) > MAX_SOURCES:
        raise MalformedError(f"the member {name} of the predicate is not a short array", code=CODE)
    return tuple(members(one, what=f"a member of {name} of the predicate", code=CODE) for one in listed)


def split(uri: str) -> tuple[str, str]:
    """Split the URI of a source, ``git+https://HOST/PATH`` or ``git+https://HOST/PATH@REF``, into URL and ref.

    Nothing else is done to it: a host is not folded, a ``.git`` not dropped, since no real predicate needs it.

    :returns: the repository's URL and the ref, each empty where there is none.
    """
    if not uri.startswith(_GIT):
        return "", ""
    repository, _, ref = uri.removeprefix("git+").partition("@")
    return repository, ref


def one(field: str, values: Iterable[str], *, code: str = "ATT_PREDICATE_CONFLICT") -> str:
    """Return what all of ``values`` say that say anything; empty where none does.

    :raises RejectedError: they say different things; with ``code``.
    """
    said = sorted({value for value in values if value})
    if len(said) > 1:
        raise RejectedError(
            f"the provenance contradicts itself about the {field} of the build",
            code=code,
            expected=f"one {field}",
            actual=" and ".join(said[:4]),
            hint="No build service writes this: the provenance was made up or altered before it was signed.",
        )
    return said[0] if said else ""
