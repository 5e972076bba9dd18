"""Which files of a package its name leads to, as its ``package.json`` says.

Which of them a bundler took depends on conditions that only its builder knows (``import``, ``node``, ``browser``), so
all of them are.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.manifest import load

ENDINGS: Final = ("", ".js", ".mjs", ".cjs", ".json", "/index.js", "/index.mjs", "/index.cjs")
"""What a path may leave out."""

MAX_ENTRIES: Final = 2_000
"""Members of a package's ``exports`` that are looked at."""

_MAIN: Final = ("main", "module", "browser", "jsnext:main", "es2015", "esm", "default")
_FIELDS: Final = (*_MAIN, "exports")
_INDEX: Final = ("index.js", "index.mjs", "index.cjs")


def leading(files: Mapping[str, bytes]) -> Mapping[str, object]:
    """Return the members of a package's ``package.json`` that say what its name leads to."""
    try:
        manifest = load(files.get("package.json", b"{}"), "package.json")
    except MalformedError:
        return {}
    found = {name: _plain(manifest[name]) for name in _FIELDS if name in manifest}
    if manifest.get("bundledDependencies") or manifest.get("bundleDependencies"):
        found["bundled"] = True
    # A folder of a package may have a manifest of its own.
    for path, data in files.items():
        if path.endswith("/package.json") and "node_modules/" not in path and len(found) < MAX_ENTRIES:
            try:
                inner = load(data, path)
            except MalformedError:
                continue
            mains = [
                posixpath.join(posixpath.dirname(path), one)
                for name in _MAIN
                if isinstance(one := inner.get(name), str)
            ]
            if mains:
                found["/" + posixpath.dirname(path)] = mains
    return found


def entries(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the files that the name of a package leads to: through these its names are known outside of it."""
    yield from (path for path in _INDEX if path in files)
    for value in leading(files).values():
        for target in _leaves(value):
            path = posixpath.normpath(target)
            yield from (path + ending for ending in ENDINGS if path + ending in files)


def led(manifest: Mapping[str, object], below: str) -> Iterator[str]:
    """Yield the paths that a specifier may lead to.

    :param manifest: what :func:`leading` returned.
    :param below: what follows the name of the package in the specifier, without the slash; mostly nothing.
    """
    exports = manifest.get("exports")
    subpaths = isinstance(exports, Mapping) and any(name.startswith(".") for name in exports)
    targets: list[str] = []
    if isinstance(exports, Mapping) and subpaths:
        wanted = f"./{below}" if below else "."
        for name, value in exports.items():
            head, star, tail = name.partition("*")
            if name == wanted:
                targets += _leaves(value)
            elif star and wanted.startswith(head) and wanted.endswith(tail) and len(wanted) >= len(name):
                part = wanted[len(head) : len(wanted) - len(tail)]
                targets += [leaf.replace("*", part) for leaf in _leaves(value)]
    elif not below:
        targets += _leaves(exports)
    if not below:
        targets += [path for name in _MAIN if isinstance(path := manifest.get(name), str)]
        targets.append("index")
    else:
        targets += [below, *_leaves(manifest.get("/" + below))]
    for target in dict.fromkeys(targets):
        path = posixpath.normpath(target)
        yield from (path + ending for ending in ENDINGS)


def _leaves(value: object) -> list[str]:
    """Return the strings in a value, whatever conditions they are under."""
    found: list[str] = []
    left = [value]
    for _ in range(MAX_ENTRIES):
        if not left:
            break
        one = left.pop()
        if isinstance(one, Mapping):
            left.extend(one.values())
        elif isinstance(one, tuple | list):
            left.extend(one)
        elif isinstance(one, str):
            found.append(one)
    return found


def _plain(value: object) -> object:
    """Return read-only data as what JSON can be made of."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
