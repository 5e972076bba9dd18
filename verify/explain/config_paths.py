"""Where configurations are and what the paths in them mean: the names of files alone, nothing is read."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from itertools import islice
from typing import Final

from provenly.trust.strict_json import Json
from provenly.verify.explain.scene import Scene

MAX_NESTED: Final = 12
"""Folders of a package that are packages of their own; the most that was met are three."""

_TESTS: Final = ("test", "spec", "eslint", "lint", "e2e", "vitest", "jest", "example", "docs")


def order(path: str) -> tuple[bool, bool, str]:
    """Return where a configuration stands among those of its folder: those for tests last, those for builds first."""
    name = posixpath.basename(path).lower()
    return any(word in name for word in _TESTS), "build" not in name, name


def nested(scene: Scene) -> tuple[str, ...]:
    """Return the folders below the package's directory that have packed files and a manifest or configuration."""
    inside = {
        "/".join(path.split("/")[:depth]) for path in scene.artifact.contents for depth in range(1, path.count("/") + 1)
    }
    folders = (scene.beside(folder) for folder in sorted(inside) if "node_modules" not in folder.split("/"))
    names = ("package.json", "tsconfig.json")
    found = (folder for folder in folders if any(f"{folder}/{name}" in scene.files for name in names))
    return tuple(islice(found, MAX_NESTED))


def is_config(path: str) -> bool:
    """Whether a path is by its name that of a configuration of the compiler."""
    return posixpath.basename(path).startswith("tsconfig") and path.endswith(".json")


def placed(text: str, config_path: str, leaf: str = "") -> str:
    """Return a path that a configuration states, from the root.

    :param leaf: the configuration that the project is built by: ``${configDir}`` is where that lies, not the one that
        it extends (TypeScript 5.5).
    """
    if text.startswith("${configDir}") and leaf:
        config_path, text = leaf, "." + text.removeprefix("${configDir}")
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(config_path), text)).lstrip("/")


def texts(value: Json) -> tuple[str, ...]:
    """Return the strings of a list, or a string alone."""
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if isinstance(item, str))


def aliases(value: Json, stated: Mapping[str, Json], link: str, leaf: str) -> Json:
    """Return `paths` with its targets from the root: they are from `baseUrl` where the same file has one."""
    base = stated.get("baseUrl")
    start = f"{placed(base, link, leaf)}/x" if isinstance(base, str) else link
    table = value if isinstance(value, Mapping) else {}
    return {pattern: tuple(placed(item, start, leaf) for item in texts(targets)) for pattern, targets in table.items()}
