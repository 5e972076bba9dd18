"""What package.json files say that some lockfiles leave out: who asks for what, and which tool installs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from provenly.trust.strict_json import Json

Manifests: TypeAlias = Mapping[str, Mapping[str, Json]]
"""package.json files by their folders, as seen from the lockfile's: ``""`` is the one beside it."""

_USUAL: Final = ("dependencies", "optionalDependencies", "peerDependencies")
_MANAGER: Final = re.compile(r"(npm|pnpm|yarn|bun)@(\d{1,6})")


def asked_by(manifest: Mapping[str, Json]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that a package asks for: those that its users need, and those of its development."""
    usual = tuple(name for member in _USUAL for name in texts(manifest.get(member)))
    return usual, texts(manifest.get("devDependencies"))


def ranges(manifest: Mapping[str, Json], *, peers: bool = False) -> Iterable[tuple[str, str]]:
    """Yield the names that a package asks for, with their ranges.

    :param peers: whether those of ``peerDependencies`` are among them, which package managers of old did not install.
    """
    for member in (*_USUAL[: 3 if peers else 2], "devDependencies"):
        table = manifest.get(member)
        for name, wanted in table.items() if isinstance(table, Mapping) else ():
            if isinstance(wanted, str):
                yield name, wanted


def texts(value: Json) -> tuple[str, ...]:
    """Return the keys of a mapping; nothing of anything else."""
    return tuple(value) if isinstance(value, Mapping) else ()


def manager(manifest: Mapping[str, Json]) -> tuple[str, int]:
    """Return the package manager that ``packageManager`` names and its major version; ``("", 0)`` where it does not.

    https://nodejs.org/api/packages.html#packagemanager has the form ``NAME@VERSION``, a hash behind it.
    """
    value = manifest.get("packageManager")
    found = _MANAGER.match(value) if isinstance(value, str) else None
    return (found[1], int(found[2])) if found else ("", 0)
