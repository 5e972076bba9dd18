"""What a new version's package.json asks for that the one before did not: install scripts, commands, dependencies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from provenly.trust.strict_json import Json, thaw
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.manifest_changes import ENTRY_POINTS, INSTALL_HOOKS, INSTALLED, MAX_SHOWN
from provenly.verify.comparison.said import Kind

_PATH: Final = "package.json"


def look(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Cue]:
    """Yield a cue for each install script, command, dependency and entry point that is new or changed.

    :param before: the manifest of the earlier version.
    :param after: the manifest of the later version.
    """
    yield from _members(Kind.INSTALL_SCRIPT, before.get("scripts"), after.get("scripts"), only=INSTALL_HOOKS)
    yield from _members(Kind.BIN, _commands(before), _commands(after))
    for name in INSTALLED:
        yield from _members(Kind.DEPENDENCY, _listed(before.get(name)), _listed(after.get(name)), where=name)
    for name in ENTRY_POINTS:
        if name in after and before.get(name) != after[name]:
            yield Cue(
                kind=Kind.ENTRY_POINT, text=f"{name} is {_shown(after[name])}{_was(before.get(name))}", path=_PATH
            )


def _members(kind: Kind, before: Json, after: Json, *, only: tuple[str, ...] = (), where: str = "") -> Iterator[Cue]:
    old = before if isinstance(before, Mapping) else {}
    for name, value in after.items() if isinstance(after, Mapping) else ():
        if (only and name not in only) or (name in old and old[name] == value):
            continue
        place = f" ({where})" if where and where != "dependencies" else ""
        yield Cue(kind=kind, text=f"{name}: {_shown(value)}{place}{_was(old.get(name))}", path=_PATH)


def _commands(manifest: Mapping[str, Json]) -> Json:
    """Return ``bin`` as names and files; a single file is a command that is called as the package."""
    commands = manifest.get("bin")
    return {str(manifest.get("name", "")): commands} if isinstance(commands, str) else commands


def _listed(value: Json) -> Json:
    """Return ``bundleDependencies``, a list of names, as a mapping like the others."""
    return {str(name): "bundled" for name in value} if isinstance(value, tuple) else value


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(thaw(value), ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text) - MAX_SHOWN} more characters)"


def _was(value: Json) -> str:
    return f", before {_shown(value)}" if value is not None else ""
