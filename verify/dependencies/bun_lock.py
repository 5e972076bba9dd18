"""bun.lock of Bun 1.2 and later: JSON with comments and trailing commas.

https://bun.com/docs/pm/lockfile shows one. ``packages`` has, by where a package lies (``express/debug/ms`` is the
``ms`` that only the ``debug`` of ``express`` sees), a list of ``name@version``, the registry, what it asks for, and the
integrity. The places are those of Bun's hoisted installation; the isolated one of its version 1.3 has links to the same
packages.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from provenly.trust.strict_json import Json, loads
from provenly.verify.dependencies.build import Builder, exact, folder, integrity, origin, refused
from provenly.verify.dependencies.manifests import asked_by
from provenly.verify.dependencies.model import Lock, LockedPackage, Origin

_VERSIONS: Final = frozenset({0, 1, 2})
_WORKSPACE: Final = "workspace:"
_NONE: Final[Mapping[str, Json]] = {}


def read(path: str, data: bytes, *, max_bytes: int) -> Lock:
    """Read a lockfile of Bun.

    :raises MalformedError: ``LOCKFILE_…``, or ``JSON_…`` of the strict reader.
    """
    from provenly.verify.explain.jsonc import plain

    document = loads(plain(data), what=f"the lockfile {path}", max_bytes=max_bytes, allow_bom=True)
    if not isinstance(document, Mapping) or document.get("lockfileVersion") not in _VERSIONS:
        refused("VERSION", path, "is of no version of Bun's that is known (0 to 2)")
    builder = Builder(path, "bun")
    patched = frozenset(_table(document.get("patchedDependencies")))
    for key, workspace in _table(document.get("workspaces")).items():
        where = folder(key)
        if where is not None:
            builder.need(where, *asked_by(_table(workspace)))
    packages = _table(document.get("packages"))
    folders = {}
    for key, entry in packages.items():
        target = _target(entry)[1]
        if target.startswith(_WORKSPACE):
            where = folder(target.removeprefix(_WORKSPACE))
            if where is not None:
                folders[key] = where
                builder.link(_place(key, {}), where)
    for key, entry in packages.items():
        if key not in folders and isinstance(entry, tuple) and entry:
            _package(builder, _place(key, folders), entry, patched)
    return builder.lock(mark=True)


def _package(builder: Builder, place: str, entry: tuple[Json, ...], patched: frozenset[str]) -> None:
    name, target = _target(entry)
    about = next((item for item in entry[1:] if isinstance(item, Mapping)), _NONE)
    version = exact(target)
    stated = entry[1] if len(entry) > 1 and isinstance(entry[1], str) else ""
    if version:
        # What stands second is the registry, or the whole address of the archive where that is not the usual one.
        where, url = origin(name, version, stated if stated.endswith(".tgz") else "")
    else:
        where, url = origin(name, "", target)
    if target in {"", "root:"} or target.startswith("link:"):
        return
    builder.package(
        LockedPackage(
            name=name,
            version=version or target,
            integrity=integrity(entry[-1]),
            url=url,
            place=place,
            optional="os" in about or "cpu" in about,
            origin=Origin.HOLDER if about.get("bundled") is True else where,
            patched=f"{name}@{target}" in patched,
        )
    )
    builder.need(place, asked_by(about)[0])


def _place(key: str, folders: Mapping[str, str]) -> str:
    """Return where the package of a key lies: below that of the key before it, which may be one of the repository."""
    parts: list[str] = []
    words = key.split("/")
    while words:
        count = 2 if words[0].startswith("@") else 1
        parts.append("/".join(words[:count]))
        del words[:count]
    above = folders.get(parts[0]) if len(parts) > 1 else None
    nested = parts if above is None else parts[1:]
    return posixpath.join(above or "", *(f"node_modules/{name}" for name in nested))


def _target(entry: Json) -> tuple[str, str]:
    """Return the name and what follows it of an entry's first member: a version, or where it is from."""
    text = entry[0] if isinstance(entry, tuple) and entry else ""
    if not isinstance(text, str):
        return "", ""
    name, _, target = text[1:].partition("@")
    return text[:1] + name, target


def _table(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else _NONE
