"""Which lockfile a package of a repository was installed by."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison.manifest import load
from provenly.verify.dependencies.build import refused
from provenly.verify.dependencies.manifests import manager
from provenly.verify.dependencies.model import Lock
from provenly.verify.dependencies.read import BINARY, NAMES, read

if TYPE_CHECKING:
    from provenly.verify.explain.scene import Scene

MAX_MANIFESTS: Final = 400
"""Packages of a repository whose manifests are read for a yarn.lock; large monorepos have some hundred."""

MAX_PATTERNS: Final = 64
"""Patterns of ``workspaces`` that are looked at; manifests have up to ten."""

_PATCHES: Final = "patches/"
_PATCH: Final = re.compile(r"(?:.*\+\+)?(?P<name>(?:@[^+/]+\+)?[^+@/]+)\+\d[^/]*\.patch")
"""The name of a patch of patch-package; of a package inside of another it begins with that and two plus signs."""

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "npm": ("npm-shrinkwrap.json", "package-lock.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock", BINARY),
}
"""The lockfiles of the tools that ``packageManager`` may name."""


def lock_of(scene: Scene) -> Lock | None:
    """Return the lockfile nearest to the package's directory, upwards; ``None`` where the source has none.

    Of several in one folder it is that of the tool that ``packageManager`` names, in the manifest beside it or in the
    root's; else the first of :data:`~provenly.verify.dependencies.read.NAMES`.

    :raises MalformedError: it cannot be read; see :func:`provenly.verify.dependencies.read.read`.
    :raises UnavailableError: the source could not be read.
    """
    folder = scene.source.directory.strip("/")
    while True:
        there = [name for name in (*NAMES, BINARY) if posixpath.join(folder, name) in scene.files]
        if there:
            return _read(scene, folder, there)
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _read(scene: Scene, folder: str, there: Iterable[str]) -> Lock:
    beside, root = posixpath.join(folder, "package.json"), "package.json"
    manifests = dict(scene.read(dict.fromkeys((beside, root))))
    stated = {path: _load(data, path) for path, data in manifests.items()}
    tool = next((who for path in (beside, root) if (who := manager(stated.get(path, {}))[0])), "")
    names = [*(name for name in there if name in _KINDS.get(tool, ())), *there]
    path = posixpath.join(folder, names[0])
    data = scene.read([path]).get(path)
    if data is None:
        refused("SIZE", path, "is larger than what is read of a repository")
    given = {beside: manifests[beside]} if beside in manifests else {}
    if names[0] == "yarn.lock":
        given |= _workspaces(scene, folder, stated.get(beside, {}))
    return _with_patches(read(path, data, given), scene, folder)


def _with_patches(lock: Lock, scene: Scene, folder: str) -> Lock:
    """Mark packages that patch-package changes after an installation; the lockfile does not say so.

    It reads ``patches/NAME+VERSION.patch`` (its README), where ``/`` in a name is ``+``. Whatever the version that a
    patch is for, it is meant for the package.
    """
    prefix = posixpath.join(folder, _PATCHES)
    found = (_PATCH.fullmatch(path[len(prefix) :]) for path in scene.files if path.startswith(prefix))
    names = {match["name"].replace("+", "/") for match in found if match}
    if not names:
        return lock
    changed = (replace(one, patched=True) if one.name in names else one for one in lock.packages)
    return replace(lock, packages=tuple(changed))


def _workspaces(scene: Scene, folder: str, manifest: Mapping[str, Json]) -> Mapping[str, bytes]:
    """Return the manifests of the packages that ``workspaces`` names."""
    value = manifest.get("workspaces")
    value = value.get("packages") if isinstance(value, Mapping) else value
    items = value[:MAX_PATTERNS] if isinstance(value, tuple) else ()
    patterns = [text.removeprefix("./").strip("/") for text in items if isinstance(text, str)]
    prefix = f"{folder}/" if folder else ""
    paths = [
        path
        for path in scene.by_name.get("package.json", ())
        if path.startswith(prefix) and "node_modules" not in path and _matches(path[len(prefix) :], patterns)
    ]
    return scene.read(paths[:MAX_MANIFESTS])


def _matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a manifest is that of a package that a pattern names: ``packages/*``, ``apps/**``, ``tools/cli``."""
    parts = posixpath.dirname(path).split("/")
    for pattern in patterns:
        wanted = pattern.split("/")
        deep = "**" in wanted and fnmatch.fnmatchcase("/".join(parts), pattern.replace("**", "*"))
        same = len(wanted) == len(parts) and all(map(fnmatch.fnmatchcase, parts, wanted))
        if deep or same:
            return True
    return False


def _load(data: bytes, path: str) -> Mapping[str, Json]:
    """Read a manifest; one that cannot be read says nothing."""
    try:
        return load(data, path)
    except MalformedError:
        return {}
