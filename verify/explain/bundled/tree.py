"""The files that a bundle may be made of: the package, packages of its repository, and what configures them.

Read are code, data that code imports, every package.json and tsconfig.json; other files only where a source names them.
The limits are those of :mod:`~provenly.verify.explain.source_tree`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from provenly.verify.explain.bundled.workspaces import MAX_MANIFESTS, linked
from provenly.verify.explain.identical import BAIT
from provenly.verify.explain.scene import Scene
from provenly.verify.explain.source_tree import MAX_FILES, MAX_SOURCE, MAX_TREE

if TYPE_CHECKING:
    from provenly.verify.dependencies.model import Lock

CODE: Final = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
DATA: Final = (".json", ".css")

_NAMED: Final = re.compile(rb"""["'](\.{1,2}/[\w@~./\- ]{1,200}\.\w{1,10})(?:\?\w{1,20})?["']""")
_SPECIFIER: Final = re.compile(
    rb"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*(?:\.resolve\s*)?\(\s*)["']((?![./])[\w@~./\-:]{1,214})["']"""
)
_RELATIVE: Final = re.compile(rb"""["'](\.{1,2}(?:/[^"'\n]{0,300})?)["']""")
_ALIASES: Final = frozenset({"src", "lib", "@", "~"})
"""What aliases of modules begin with; a package cannot be called so, or is not."""

_TOOLING: Final = re.compile(r"\.(?:test|spec|config|stories|bench)\.|^(?:vitest|jest|eslint|vite|tsup|rollup)\b")


def package_tree(scene: Scene, lock: Lock | None = None) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return the files of a package and of what it uses of its repository, and links to the latter; empty over a limit.

    :param lock: what is installed for the package.
    :returns: files by path in the repository, and links as a package manager makes them for packages of the repository:
        ``node_modules/NAME`` → its folder.
    :raises UnavailableError: the source could not be read.
    """
    folders = linked(scene, lock)
    roots = (scene.source.directory, *folders.values())
    wanted = [path for path in scene.files if path.endswith((*CODE, *DATA)) and _is_below(path, roots)]
    if len(wanted) > MAX_FILES:
        return {}, {}
    found = dict(scene.read((*wanted, *_around(scene, roots))))
    named = {
        posixpath.normpath(posixpath.join(posixpath.dirname(path), name.decode("ascii", "replace")))
        for path, data in found.items()
        if path.endswith(CODE)
        for name in _NAMED.findall(data)
    }
    # What is committed below node_modules an installation replaces.
    found |= scene.read(path for path in named - found.keys() if "node_modules" not in path.split("/"))
    kept = {path: data for path, data in found.items() if len(data) <= MAX_SOURCE}
    if sum(map(len, kept.values())) > MAX_TREE:
        return {}, {}
    return kept, {f"node_modules/{name}": folder for name, folder in folders.items() if folder}


def reached(files: Mapping[str, bytes], links: Mapping[str, str], entries: Iterable[str]) -> Mapping[str, bytes]:
    """Return the code that entry points lead to by relative imports.

    Of packages of the repository that it asks for it is all code; where a module is named by an alias, all there is.

    :param files: the tree.
    :param links: as of :func:`package_tree`.
    :param entries: paths in the tree.
    """
    code = {path: data for path, data in files.items() if path.endswith(CODE)}
    found: dict[str, bytes] = {}
    waiting = [path for path in entries if path in code]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = code[path]
        folder = posixpath.dirname(path)
        for specifier in _RELATIVE.findall(code[path]):
            place = posixpath.normpath(posixpath.join(folder, specifier.decode("utf-8", "replace")))
            waiting.extend(one for one in _modules(place) if one in code)
        for name in _names(code[path]):
            if name in _ALIASES or name.startswith(("~", "#", "@/")):
                return _sources(code)
            if target := links.get(f"node_modules/{name}"):
                waiting.extend(one for one in _sources(code) if one.startswith(f"{target}/") and one not in found)
    return found or _sources(code)


def _sources(code: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return code that is no test and no configuration."""
    return {
        path: data
        for path, data in code.items()
        if not {part.lower() for part in path.split("/")[:-1]} & BAIT and not _TOOLING.search(posixpath.basename(path))
    }


def _modules(place: str) -> Iterator[str]:
    """Yield the files that a relative specifier may mean."""
    stem, ending = posixpath.splitext(place)
    yield place
    for start in (place, stem) if ending in CODE else (place,):
        yield from (start + one for one in CODE)
    yield from (f"{place}/index{one}" for one in CODE)


def _names(data: bytes) -> Iterator[str]:
    for specifier in _SPECIFIER.findall(data):
        parts = specifier.decode("ascii", "replace").split("/")
        yield "/".join(parts[: 2 if parts[0].startswith("@") else 1])


def leading(links: Mapping[str, str], files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the links that lead somewhere, and that no file and no other link is in the way of."""
    folders = {folder for path in files for folder in _above(path)}
    kept = {place: target for place, target in links.items() if target in folders and place not in folders}
    return {place: target for place, target in kept.items() if not any(one in kept for one in _above(place))}


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def specifiers(files: Mapping[str, bytes]) -> Mapping[str, frozenset[str]]:
    """Return the names of packages that code asks for, each with the folders of the files that do."""
    found: dict[str, set[str]] = {}
    for path, data in files.items():
        for name in _names(data) if path.endswith(CODE) else ():
            if ":" not in name:
                found.setdefault(name, set()).add(posixpath.dirname(path))
    return {name: frozenset(folders) for name, folders in found.items()}


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return "node_modules" not in path.split("/") and any(not root or path.startswith(f"{root}/") for root in roots)


def _around(scene: Scene, roots: Iterable[str]) -> list[str]:
    """Return the manifests and configurations above the roots, and configurations at the root of the repository."""
    found: list[str] = []
    for root in roots:
        folder = root
        while folder:
            folder = posixpath.dirname(folder)
            found.extend(posixpath.join(folder, name) for name in ("package.json", "tsconfig.json", "jsconfig.json"))
    names = (name for name in scene.by_name if "tsconfig" in name and name.endswith(".json"))
    shared = (path for name in names for path in scene.by_name[name])
    return [path for path in dict.fromkeys((*found, *shared)) if path in scene.files][:MAX_MANIFESTS]
