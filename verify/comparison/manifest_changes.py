"""What differs between two package.json files, member by member.

:func:`normalise` undoes what npm's own publish does to the manifest that it sends to the registry, so that the
document of the registry and the file in the archive of an honest package are equal. Its rules are those of npm's
``normalize-package-data``, ``npm-normalize-package-bin`` and ``@npmcli/package-json``.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from provenly.trust.strict_json import Json, thaw

MAX_SHOWN: Final = 160
"""Characters of a value that a sentence shows; reports carry the sentences, not the values."""

INSTALL_HOOKS: Final = ("preinstall", "install", "postinstall")
"""The scripts that npm runs when it installs a package from a registry, in the order in which it runs them."""

INSTALLED: Final = ("dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies")
"""The members that decide what is installed beside a package. devDependencies decide nothing for its users."""

ENTRY_POINTS: Final = ("main", "exports", "imports", "type", "module", "browser")
"""The members that decide which file runs when a package is loaded, and how it is read."""

ORDERED: Final = frozenset({"exports", "imports"})
"""Members in which the order of keys means something: the first condition that applies is taken (Node.js, packages)."""

_LOCAL_BIN: Final = re.compile(r"^(?:\./)?node_modules/\.bin/")
_BUILD_METADATA: Final = re.compile(r"\+[0-9A-Za-z.-]+$")
_GITHUB: Final = re.compile(
    r"^(?:github:|(?:git\+)?(?:https?|ssh|git)://(?:git@)?github\.com/|git@github\.com:|(?=[\w-]+/[\w.-]+(?:#|$)))"
    r"([\w-]+/[\w.-]+?)(?:\.git)?(#.*)?$"
)


class Absent(Enum):
    """The type of :data:`ABSENT`: a member that is not there is something else than one that is null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Stands for the value of a member that is not there."""

Value: TypeAlias = "Json | Absent"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """One member that two manifests do not agree on.

    :param keys: the keys that lead to it, from the top.
    :param before: its value in the first manifest, or :data:`ABSENT`.
    :param after: its value in the second, or :data:`ABSENT`.
    """

    keys: tuple[str, ...]
    before: Value
    after: Value

    @property
    def path(self) -> str:
        """The keys with dots between them, as npm writes them: ``dependencies.left-pad``."""
        return ".".join(self.keys)

    @property
    def text(self) -> str:
        """One phrase: the path and both values, long ones cut. It quotes foreign text."""
        return f"{self.path}: {shown(self.before)} → {shown(self.after)}"


def shown(value: Value) -> str:
    """Return ``value`` as JSON, cut to :data:`MAX_SHOWN` characters, or the word ``absent``."""
    if isinstance(value, Absent):
        return "absent"
    text = json.dumps(thaw(value), ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text) - MAX_SHOWN} more characters)"


def differences(left: Mapping[str, Json], right: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    """Return the members that differ, by path. The order of keys is ignored but where it has a meaning.

    Objects are compared member by member; arrays and all else as a whole. Numbers are equal only where their kind is
    equal too, and ``true`` is not 1.
    """
    return tuple(sorted(_walk((), left, right), key=lambda change: change.keys))


def _walk(keys: tuple[str, ...], left: Mapping[str, Json], right: Mapping[str, Json]) -> Iterator[FieldChange]:
    ordered = bool(keys) and keys[0] in ORDERED
    if ordered and list(left) != list(right) and left.keys() == right.keys():
        yield FieldChange(keys=keys, before=tuple(left), after=tuple(right))
    for key in left.keys() | right.keys():
        before = left.get(key, ABSENT)
        after = right.get(key, ABSENT)
        path = (*keys, key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _walk(path, before, after)
        elif not _equal(before, after, ordered=path[0] in ORDERED):
            yield FieldChange(keys=path, before=before, after=after)


def _equal(left: Value, right: Value, *, ordered: bool) -> bool:
    """Compare two values that are not both objects: by their JSON, which tells 1 from 1.0 and from true.

    :param ordered: whether the order of keys counts, in objects within arrays.
    """
    if isinstance(left, Absent) or isinstance(right, Absent):
        return left is right
    return json.dumps(thaw(left), sort_keys=not ordered) == json.dumps(thaw(right), sort_keys=not ordered)


def normalise(manifest: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return ``manifest`` as npm would send it to a registry, as far as that decides what is installed and run.

    Members that only a registry or a publishing npm adds (``_id``, ``dist``, ``gitHead`` …) are dropped, other members
    are kept as they are.
    """
    result = {key: value for key, value in manifest.items() if not _registry_only(key)}
    if isinstance(name := result.get("name"), str):
        result["name"] = name.strip()
    if isinstance(version := result.get("version"), str):
        result["version"] = _BUILD_METADATA.sub("", version.strip().lstrip("=v").strip())
    if isinstance(main := result.get("main"), str):
        result["main"] = posixpath.normpath(main)
    if isinstance(scripts := result.get("scripts"), Mapping):
        result["scripts"] = {
            key: _LOCAL_BIN.sub("", value.strip()) for key, value in scripts.items() if isinstance(value, str)
        }
    if "bin" in result:
        result["bin"] = _bins(result["bin"], str(result.get("name", "")))
    _normalise_dependencies(result)
    if isinstance(repository := result.get("repository"), str):
        result["repository"] = {"type": "git", "url": repository}
    empty = [key for key, value in result.items() if value in ({}, (), None) and key not in ORDERED]
    return MappingProxyType({key: value for key, value in result.items() if key not in empty})


def _registry_only(key: str) -> bool:
    return key.startswith("_") or key in {
        "dist",
        "gitHead",
        "maintainers",
        "readme",
        "readmeFilename",
        "deprecated",
        "hasInstallScript",
        "gypfile",
    }


def _bins(value: Json, name: str) -> Json:
    """Return ``bin`` as npm's normaliser leaves it: command → path without ``./``; targets that climb are cut off."""
    if isinstance(value, str):
        value = {name: value}
    if not isinstance(value, Mapping):
        return value
    return {
        posixpath.basename(command.replace("\\", "/").replace(":", "/")): posixpath.normpath(
            "/" + target.replace("\\", "/")
        ).lstrip("/")
        if isinstance(target, str)
        else target
        for command, target in value.items()
    }


def _normalise_dependencies(result: dict[str, Json]) -> None:
    """Give the dependency members one form: objects, optional ones only under their own name, one name for bundles."""
    for member in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies"):
        wanted = result.get(member)
        if isinstance(wanted, Mapping):
            result[member] = {
                key: _specifier(value) if isinstance(value, str) else value for key, value in wanted.items()
            }
    optional = result.get("optionalDependencies")
    regular = result.get("dependencies")
    if isinstance(optional, Mapping) and isinstance(regular, Mapping):
        # npm's older publish copies the optional ones into the regular ones; its newer one takes them out again.
        result["dependencies"] = {key: value for key, value in regular.items() if key not in optional}
    bundled = result.pop("bundledDependencies", None)
    bundled = result.get("bundleDependencies", bundled)
    if bundled is True:
        bundled = tuple(regular) if isinstance(regular, Mapping) else ()
    if isinstance(bundled, Mapping):
        bundled = tuple(bundled)
    result["bundleDependencies"] = tuple(sorted(map(str, bundled))) if isinstance(bundled, tuple) else None


def _specifier(text: str) -> str:
    """Return a dependency's specifier with the spellings of one GitHub repository made one."""
    text = text.strip()
    found = _GITHUB.match(text)
    return f"github:{found[1]}{found[2] or ''}" if found else text


def confusion(registry: Mapping[str, Json], packed: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    """Return what the registry's document and the package.json in the archive say differently.

    npm takes the dependencies from the former and runs the scripts of the latter: a difference hides one of them from
    whoever reads only the other. Compared are name and version; install scripts, commands and what is installed beside
    the package, whichever side lacks them; other scripts and the entry points only where the registry's document
    carries them, since abbreviated documents and mirrors leave them out and nothing is run because of them. A script
    or member that only the document has is no difference where npm itself adds it, or where it does nothing for a
    user: publishing tools cut such members from the file that is packed and restore it before npm reads it again.

    :param registry: the version document.
    :param packed: the package.json in the archive.
    """
    served = normalise(registry)
    file = normalise(packed)
    announced = registry.get("hasInstallScript") is True and "scripts" not in registry
    changes = differences(served, file)
    return tuple(change for change in changes if _matters(change, registry, served, file, announced=announced))


def _matters(
    change: FieldChange,
    registry: Mapping[str, Json],
    served: Mapping[str, Json],
    file: Mapping[str, Json],
    *,
    announced: bool,
) -> bool:
    """Whether a difference between the registry's document and the packed file decides what is installed or run."""
    member = change.keys[0]
    if member in {"name", "version", *INSTALLED}:
        return True
    if member == "bin":
        return not _expanded(served.get("bin"), file)
    if member == "scripts":
        return any(_script_matters(script, registry, announced=announced) for script in _scripts(change))
    return member in ENTRY_POINTS and member in registry


def _scripts(change: FieldChange) -> Iterator[FieldChange]:
    """Split a change of ``scripts`` as a whole, where one side has none, into a change for each script."""
    if len(change.keys) > 1:
        yield change
        return
    for side, value in enumerate((change.before, change.after)):
        if isinstance(value, Mapping):
            for name, command in value.items():
                before, after = ((command, ABSENT), (ABSENT, command))[side]
                yield FieldChange(keys=("scripts", name), before=before, after=after)
        elif not isinstance(value, Absent):
            yield change


def _script_matters(change: FieldChange, registry: Mapping[str, Json], *, announced: bool) -> bool:
    name = change.keys[-1]
    if name in INSTALL_HOOKS:
        # npm writes this one itself for a package with a binding.gyp and no install script.
        added_by_npm = name == "install" and change.before == "node-gyp rebuild" and change.after is ABSENT
        return not added_by_npm and not (announced and change.before is ABSENT)
    return "scripts" in registry and change.after is not ABSENT


def _expanded(commands: Value, file: Mapping[str, Json]) -> bool:
    """Whether ``commands`` is what npm makes of ``directories.bin`` when it publishes: files of that folder only."""
    directories = file.get("directories")
    folder = directories.get("bin") if isinstance(directories, Mapping) else None
    if not isinstance(folder, str) or not isinstance(commands, Mapping) or "bin" in file:
        return False
    prefix = posixpath.normpath("/" + folder).lstrip("/") + "/"
    return all(isinstance(target, str) and target.startswith(prefix) for target in commands.values())
