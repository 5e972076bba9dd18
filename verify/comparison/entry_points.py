"""Where the execution of a package can start: its commands, its modules, and what npm runs when it installs it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest_changes import INSTALL_HOOKS
from provenly.verify.comparison.packed_files import PackedFiles

DOCUMENTATION: Final = frozenset({"types", "typings", "typesVersions"})
"""Members and conditions that lead to declarations only; TypeScript reads them, nothing runs them."""

MODULES: Final = ("main", "module", "browser", "exports", "imports", "react-native", "source", "unpkg", "jsdelivr")
"""Members that name what is loaded by the package's name: Node.js's, and those that bundlers and CDNs read."""

_WORDS: Final = re.compile(r"[\s\"'`;&|()<>=]+")
_UNDERSTOOD: Final = re.compile(
    r"\s*+(?:node(?:js)?\s++(?![-.]*(?:\s|$))(?!-)[\w./@-]++(?:\s++[\w./=@:,-]++)*|npm\s++(?:run|run-script)\s++[\w:.-]++"
    r"|node-gyp\s++rebuild|echo(?:\s++[\w.,!-]++)*|exit\s++\d|true)\s*+"
)
"""A command of an install script of which we know what it starts: a file by its name, or another script."""

_JOINTS: Final = re.compile(r"&&|\|\||;")
MAX_PATTERNS: Final = 200
"""Targets with a ``*`` that are looked up; each is held against every file. Beyond them everything is reachable."""

_MAX_FOLLOWED: Final = 64
"""Scripts that are followed from an install script through `npm run`. Real ones call two or three."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file at which execution can start.

    :param path: the packed file.
    :param how: what leads to it, such as ``bin left-pad`` or ``postinstall``.
    """

    path: str
    how: str


def entry_points(
    manifest: Mapping[str, Json], files: PackedFiles, contents: Mapping[str, bytes]
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return where execution can start, and why more may be started than that.

    :param manifest: the package.json of the root.
    :param files: the packed files by what they may be called.
    :param contents: their bytes, by path.
    """
    found = [
        *_commands(manifest, files),
        *_modules(manifest, files),
        *_installed(manifest, files, contents),
    ]
    entries = {(entry.path, entry.how): entry for entry in found}
    return tuple(entries[key] for key in sorted(entries)), tuple(_doubts(manifest, contents))


def _commands(manifest: Mapping[str, Json], files: PackedFiles) -> Iterator[Entry]:
    declared = manifest.get("bin")
    if isinstance(declared, str):
        declared = {str(manifest.get("name", "")): declared}
    for command, target in declared.items() if isinstance(declared, Mapping) else ():
        if isinstance(target, str):
            yield from (Entry(path=path, how=f"bin {command}") for path in sorted(files.at(target)))
    directories = manifest.get("directories")
    folder = directories.get("bin") if isinstance(directories, Mapping) else None
    if isinstance(folder, str):
        yield from (Entry(path=path, how="directories.bin") for path in files.below(folder))


def _modules(manifest: Mapping[str, Json], files: PackedFiles) -> Iterator[Entry]:
    """Yield what is loaded by the package's name: Node.js's members, and those that bundlers read."""
    patterns = 0
    for member in MODULES:
        for how, target in _targets(member, manifest.get(member)):
            patterns += _is_pattern(target)
            if _is_pattern(target) and patterns > MAX_PATTERNS:
                continue
            yield from (Entry(path=path, how=how) for path in sorted(files.pattern(target)))
    main = manifest.get("main")
    if not isinstance(main, str) or not files.at(main):
        # Node.js falls back to the index; so it does where main leads nowhere.
        yield from (Entry(path=path, how="index") for path in sorted(files.at("index")))


def nested_targets(manifest: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield what a package.json below the root makes loadable for the files beside it, each with how."""
    declared = manifest.get("bin")
    for target in declared.values() if isinstance(declared, Mapping) else (declared,):
        if isinstance(target, str):
            yield "bin", target
    for member in MODULES:
        yield from _targets(member, manifest.get(member))


def _is_pattern(target: str) -> bool:
    return "*" in target or target.endswith("/")


def _targets(how: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield every file that a member names, under all of its conditions but those for types."""
    if isinstance(value, str):
        yield how, value
    elif isinstance(value, tuple):
        for member in value:
            yield from _targets(how, member)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if key.partition("@")[0] not in DOCUMENTATION:
                yield from _targets(f"{how} {key}", member)


def _installed(manifest: Mapping[str, Json], files: PackedFiles, contents: Mapping[str, bytes]) -> Iterator[Entry]:
    """Yield the files that install scripts, and the start script, name."""
    for name, command in _followed(manifest, (*INSTALL_HOOKS, "start")):
        for word in set(_WORDS.split(command)):
            yield from (Entry(path=path, how=name) for path in sorted(files.at(word)) if word.strip("./"))
    scripts = manifest.get("scripts")
    if "server.js" in contents and not (isinstance(scripts, Mapping) and "start" in scripts):
        yield Entry(path="server.js", how="npm start")
    for path in contents:
        if "/" not in path and path.lower().endswith(".gyp"):
            yield Entry(path=path, how="node-gyp rebuild")


def installation(manifest: Mapping[str, Json], contents: Mapping[str, bytes]) -> tuple[frozenset[str], bool]:
    """Return the files that the install scripts name, and whether they may run others that they do not name.

    :param manifest: the packed package.json.
    :param contents: the bytes of every file by path.
    """
    name = manifest.get("name")
    files = PackedFiles(contents, name if isinstance(name, str) else "")
    named = {
        path
        for _, command in _followed(manifest, INSTALL_HOOKS)
        for word in set(_WORDS.split(command))
        if word.strip("./")
        for path in files.at(word)
    }
    builds = {path for path in contents if "/" not in path and path.lower().endswith(".gyp")}
    unclear = not all(
        _UNDERSTOOD.fullmatch(part)
        for _, command in _followed(manifest, INSTALL_HOOKS)
        for part in _JOINTS.split(command)
    )
    return frozenset(named | builds), unclear


def _followed(manifest: Mapping[str, Json], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the scripts called ``names`` and those whose names stand in them, as `npm run` would call them."""
    scripts = manifest.get("scripts")
    if not isinstance(scripts, Mapping):
        return
    waiting = list(names)
    seen: set[str] = set()
    while waiting and len(seen) < _MAX_FOLLOWED:
        name = waiting.pop(0)
        command = scripts.get(name)
        if name in seen or not isinstance(command, str):
            continue
        seen.add(name)
        yield name, command
        words = set(_WORDS.split(command)) & scripts.keys()
        waiting.extend(f"{prefix}{word}" for word in sorted(words) for prefix in ("", "pre", "post"))


def _doubts(manifest: Mapping[str, Json], contents: Mapping[str, bytes]) -> Iterator[str]:
    for name, command in _followed(manifest, INSTALL_HOOKS):
        if not all(_UNDERSTOOD.fullmatch(part) for part in _JOINTS.split(command)):
            yield f"the script {name} computes what it runs, or runs what is not scanned"
    targets = (target for member in MODULES for _, target in _targets(member, manifest.get(member)))
    if sum(map(_is_pattern, targets)) > MAX_PATTERNS:
        yield f"exports more than {MAX_PATTERNS} patterns"
    if any("/" not in path and path.lower().endswith(".gyp") for path in contents):
        yield "node-gyp may run any command that the .gyp file names"
