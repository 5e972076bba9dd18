"""What is asked before anything that was kept is believed: the rules that it was made by, and what was missing then."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import Error, NotFoundError, UnavailableError
from provenly.version import VERSION

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.dependencies.model import Lock

MAX_MISSING: Final = 40
"""Packages that could not be had, beyond which nothing is kept: each is asked for again before it is believed."""

_RULES: Final = (
    "tracing",
    "tracing/helpers",
    "explain",
    "explain/traced",
    "explain/bundled",
    "dependencies",
    "esbuild",
    "compiler",
)
"""The folders whose text decides what comes out."""


@cache
def rules() -> str:
    """Return a name of all that decides what comes out, besides what is looked at: another text is another name."""
    parts = [VERSION]
    for name in _RULES:
        folder = resources.files("provenly.verify").joinpath(name)
        files = sorted((one for one in folder.iterdir() if _is_rule(one)), key=lambda one: one.name)
        parts += [f"{name}/{one.name} {sha256(one.read_bytes()).hexdigest()}" for one in files]
    return sha256("\n".join(parts).encode()).hexdigest()


def may_appear(why: Error) -> bool:
    """Whether a registry may have a package another time that it has not now."""
    return isinstance(why, UnavailableError) and why.code != "DEPENDENCY_ORIGIN"


def may_be_had_later(why: Error) -> bool:
    """Whether nobody said that there is no such package: it could not be looked at."""
    return may_appear(why) and not isinstance(why, NotFoundError)


def are_missing(dependencies: Dependencies | None, lock: Lock | None, places: Iterable[str]) -> bool:
    """Whether the packages that could not be had still cannot be.

    :param places: where the lockfile has them.
    """
    wanted = [lock.at(place) if lock is not None else None for place in places]
    packages = [package for package in wanted if package is not None]
    if len(packages) < len(wanted) or (packages and dependencies is None):
        return False
    found = dependencies.each(packages, lambda _: False) if dependencies is not None and packages else ()
    return all(isinstance(files, Error) for _, files in found)


def _is_rule(one: Traversable) -> bool:
    return one.is_file() and one.name.endswith((".py", ".js", ".json"))
