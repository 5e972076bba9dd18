"""Rewritten import specifiers: what tsc-alias, resolve-tspaths and their like do after the compiler.

Two texts differ in nothing but module specifiers, line by line, and each new specifier leads to the very file that the
old one stands for:

* ``./base`` became ``./base.js``, or ``./base/index.js`` where there is no ``base.js``; in ``a.mjs`` it may have become
  ``./base.mjs``, beside which ``base.js`` is the same module in another form;
* an alias of the project's ``paths`` (``@/tools/a``) became the relative path of the packed file that a build makes of
  the alias's target (``dist/tools/a.js`` of ``src/tools/a``).

A specifier that is written anew may get other quotes. One that names a package is never touched: ``zod`` cannot
become ``./zod.js``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Final

from provenly.verify.explain.identical import built_from

MAX_LINES: Final = 100_000
"""Lines of a file whose specifiers are compared; compiled files have some thousand."""

MAX_CHANGED: Final = 2_000
"""Specifiers of a file that are looked at. For an alias all packed files are looked through."""

_ENDINGS: Final = (".js", ".mjs", ".cjs", ".json", "/index.js", "/index.mjs", "/index.cjs")
_SPECIFIER: Final = re.compile(
    r"""(?P<before>^\s*+(?:import|export)\b[^"'`]{0,2000}?\s?|^\s*+\}?\s*+from\s|\b(?:require|import)\()(?P<quote>["'])"""
    r"""(?P<name>[\w@~#$./+\-]{1,300})(?P=quote)"""
)


def rewritten(
    path: str, packed: bytes, expected: bytes, files: Collection[str], aliases: Mapping[str, tuple[str, ...]]
) -> str:
    """Say how many specifiers were rewritten where that is all that tells the two texts apart, else nothing.

    :param path: the packed path, from which relative specifiers lead.
    :param files: the paths of all packed files.
    :param aliases: pattern → targets, both with at most one ``*``; targets from the package's directory.
    """
    try:
        left, right = packed.decode("utf-8").split("\n"), expected.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return ""
    if len(left) != len(right) or len(left) > MAX_LINES:
        return ""
    meant = cache(lambda name: frozenset(_meant(path, name, files, aliases)))
    changed = 0
    for mine, other in zip(left, right, strict=True):
        pairs = _changed(mine, other) if mine != other else ()
        if pairs is None or changed + len(pairs) > MAX_CHANGED:
            return ""
        if any(new not in meant(old) for old, new in pairs):
            return ""
        changed += len(pairs)
    return f"{changed} import specifier{'s' * (changed != 1)} made to name files" if changed else ""


def _changed(mine: str, other: str) -> tuple[tuple[str, str], ...] | None:
    """Return the specifiers in which two lines differ, each as it was and as it is; ``None`` where more differs."""
    found, wanted = tuple(_SPECIFIER.finditer(mine)), tuple(_SPECIFIER.finditer(other))
    if len(found) != len(wanted) or _SPECIFIER.sub(r"\g<before>", mine) != _SPECIFIER.sub(r"\g<before>", other):
        return None
    pairs = tuple(zip(wanted, found, strict=True))
    if any(old["before"] != new["before"] for old, new in pairs):
        return None
    if any(old["name"] == new["name"] and old["quote"] != new["quote"] for old, new in pairs):
        return None
    return tuple((old["name"], new["name"]) for old, new in pairs if old["name"] != new["name"])


def _meant(path: str, name: str, files: Collection[str], aliases: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the specifiers that may stand for ``name`` in the packed file ``path``."""
    folder = posixpath.dirname(path)
    if name.startswith("."):
        target = posixpath.normpath(posixpath.join(folder, name))
        # A module of two forms stands for the other modules of its own form: `a.mjs` for `b.mjs`, where `b.js` is, too.
        for endings in ((posixpath.splitext(path)[1],), _ENDINGS):
            ending = next((end for end in endings if target + end in files), "")
            if ending and target not in files:
                yield name.removesuffix("/") + ending
                yield _relative(target + ending, folder)
        return
    for target in _targets(name, aliases):
        # The source that is meant, with any ending; of all packed files only one may be what a build makes of it.
        made = [file for file in files if file.endswith(_ENDINGS) and _is_made_of(file, target)]
        if len(made) == 1:
            yield _relative(made[0], folder)
            yield _relative(posixpath.splitext(made[0])[0], folder)
            return


def _is_made_of(file: str, target: str) -> bool:
    stem, wanted = posixpath.splitext(file)[0], re.sub(r"\.(?:[mc]?[jt]s|[jt]sx)$", "", target)
    return built_from(stem, wanted) or built_from(stem, posixpath.join(wanted, "index"))


def _targets(name: str, aliases: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what an alias stands for: the longest pattern that fits decides, as in TypeScript."""
    fitting = [
        (pattern, head, tail)
        for pattern in aliases
        for head, star, tail in (pattern.partition("*"),)
        if (star and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail))
        or name == pattern
    ]
    if not fitting:
        return
    pattern, head, tail = max(fitting, key=lambda item: ("*" not in item[0], len(item[1])))
    middle = name[len(head) : len(name) - len(tail)] if "*" in pattern else ""
    for target in aliases[pattern]:
        yield posixpath.normpath(target.replace("*", middle, 1))


def _relative(target: str, folder: str) -> str:
    relative = posixpath.relpath(target, folder or ".")
    return relative if relative.startswith(".") else f"./{relative}"
