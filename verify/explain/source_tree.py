"""The files of the source that are handed to the compiler, read in few requests and held in memory.

Handed over are the TypeScript files of the package's directory, those of folders outside of it that a project names
(`include`, `files`, `references`, `paths`), JavaScript where a project allows it, every package.json and configuration,
and JSON files that a source names. The limits are those of the survey: what is over one is left out, and a tree that is
too large as a whole is not compiled.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from provenly.verify.explain.projects import Project
from provenly.verify.explain.scene import Scene

MAX_SOURCE: Final = 1_500_000
"""Bytes of one source file: larger ones are generated, and nobody reads what they compile to."""

MAX_TREE: Final = 60_000_000
"""Bytes of all files of a tree. The largest package of the survey had a third of that."""

MAX_FILES: Final = 12_000
"""Files of a tree."""

_TYPED: Final = (".ts", ".tsx", ".mts", ".cts")
_UNTYPED: Final = (".js", ".jsx", ".mjs", ".cjs")
_NAMED_JSON: Final = re.compile(rb"""["']([\w@~./\-]{1,200}\.json)["']""")


def source_tree(scene: Scene, projects: Sequence[Project], foreign: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return what the projects of a package are compiled of, by path; empty where it is over a limit.

    :param projects: the package's projects.
    :param foreign: files of npm packages that configurations extend, by where they would be installed.
    :raises UnavailableError: the source could not be read.
    """
    roots = {scene.source.directory, *(_folder(path) for project in projects for path in project.reach)}
    untyped = any(project.effective.get(name) is True for project in projects for name in ("allowJs", "checkJs"))
    endings = (*_TYPED, *_UNTYPED) if untyped else _TYPED
    wanted = _below(scene.files, roots, endings)
    if len(wanted) > MAX_FILES:
        # The directory is that of a whole repository: only what the projects name.
        wanted = _below(scene.files, roots - {scene.source.directory}, endings)
        if len(wanted) > MAX_FILES:
            return {}
    found = dict(scene.read(wanted))
    named = named_data(found) & scene.files.keys()
    chains = dict.fromkeys(path for project in projects for path in project.chain)
    found |= scene.read([*_manifests(scene, roots), *_configs(scene, roots), *chains, *named])
    found = {path: data for path, data in found.items() if len(data) <= MAX_SOURCE}
    return {**foreign, **found} if sum(map(len, found.values())) <= MAX_TREE else {}


def named_data(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the paths of the JSON files that source files name, as seen from each of these."""
    return frozenset(
        posixpath.normpath(posixpath.join(posixpath.dirname(path), name.decode("ascii", "replace")))
        for path, data in files.items()
        if not path.endswith(".json")
        for name in _NAMED_JSON.findall(data)
    )


def _folder(path: str) -> str:
    """Return the folder that a pattern is about: what stands before its first wildcard."""
    fixed = path.partition("*")[0].partition("${")[0]
    if fixed != path:
        return fixed.rpartition("/")[0]
    return posixpath.dirname(path) if posixpath.splitext(path)[1] else path


def _below(files: Iterable[str], roots: Iterable[str], endings: tuple[str, ...]) -> list[str]:
    prefixes = tuple(f"{root}/" if root else "" for root in roots)
    return [
        path
        for path in files
        if path.endswith(endings) and path.startswith(prefixes) and "node_modules" not in path.split("/")
    ]


def _manifests(scene: Scene, roots: Iterable[str]) -> list[str]:
    """Return every package.json below the roots, and above the package: their `type` decides what is emitted."""
    above, folder = [], scene.source.directory
    while folder:
        above.append(f"{folder}/package.json")
        folder = posixpath.dirname(folder)
    below = _below(scene.by_name.get("package.json", ()), roots, ("package.json",))
    return [path for path in dict.fromkeys((*above, "package.json", *below[:MAX_FILES])) if path in scene.files]


def _configs(scene: Scene, roots: Iterable[str]) -> list[str]:
    """Return the configurations below the roots, at the root, and in folders of configurations."""
    names = [name for name in scene.by_name if name.endswith(".json") and "tsconfig" in name]
    paths = [path for name in names for path in scene.by_name[name]]
    shared = [path for path in paths if "/" not in path or "config" in posixpath.dirname(path)]
    return list(dict.fromkeys((*_below(paths, roots, (".json",)), *shared)))[:MAX_FILES]
