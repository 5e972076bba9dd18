"""package-lock.json and npm-shrinkwrap.json, of the versions 1 to 3.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json describes them: since version 2 ``packages`` has every
place of the tree with what it asks for; version 1 nests ``dependencies`` as the tree nests.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from provenly.trust.strict_json import Json, loads
from provenly.trust.text import show
from provenly.verify.dependencies.build import Builder, exact, folder, integrity, origin, refused
from provenly.verify.dependencies.manifests import Manifests, asked_by, texts
from provenly.verify.dependencies.model import Lock, LockedPackage, Origin

_VERSIONS: Final = (1, 2, 3)
_MODULES: Final = "node_modules/"


def read(path: str, data: bytes, manifests: Manifests, *, max_bytes: int) -> Lock:
    """Read a lockfile of npm.

    :raises MalformedError: ``LOCKFILE_…``, or ``JSON_…`` of the strict reader.
    """
    document = loads(data, what=f"the lockfile {path}", max_bytes=max_bytes, allow_bom=True)
    if not isinstance(document, Mapping) or document.get("lockfileVersion", 1) not in _VERSIONS:
        refused("VERSION", path, "is of no version of npm's that is known (1 to 3)")
    builder = Builder(path, "npm")
    packages = document.get("packages")
    if isinstance(packages, Mapping):
        for key, entry in packages.items():
            if isinstance(entry, Mapping):
                _package(builder, key, entry)
    else:
        tree = _table(document, "dependencies")
        builder.need("", *(asked_by(manifests[""]) if "" in manifests else (tuple(tree),)))
        _nested(builder, tree, "")
    return builder.lock()


def _package(builder: Builder, key: str, entry: Mapping[str, Json]) -> None:
    """Read one member of ``packages``: a folder of the repository, a link to one, or a package."""
    place = folder(key)
    if place is None:
        return  # what lies outside of the lockfile's folder is not looked at
    if place != key:
        refused("PLACE", builder.path, f"puts a package at {show(key, limit=80)}, which is not how npm writes a path")
    if f"/{_MODULES}" not in f"/{place}":
        builder.need(place, *asked_by(entry))
        return
    url = _text(entry, "resolved")
    if entry.get("link") is True:
        builder.link(place, url)
        return
    name, version = _text(entry, "name") or place.rpartition(_MODULES)[2], _text(entry, "version")
    if not version and not url:
        return  # npm keeps the place of some packages that it has left out
    _add(builder, entry, place, name, version, url, bundled=entry.get("inBundle") is True)
    builder.need(place, asked_by(entry)[0])


def _nested(builder: Builder, tree: Mapping[str, Json], where: str) -> None:
    """Read the ``dependencies`` of version 1. How deep they nest, the JSON reader has limited."""
    for alias, entry in tree.items():
        if not isinstance(entry, Mapping):
            continue
        place = posixpath.join(where, _MODULES + alias)
        version, name, url = _text(entry, "version"), alias, _text(entry, "resolved")
        if version.startswith("npm:"):
            name, _, version = version.removeprefix("npm:").rpartition("@")
        elif not exact(version):
            version, url = "", version
        if not version and not url:
            continue
        _add(builder, entry, place, name, version, url, bundled=entry.get("bundled") is True)
        builder.need(place, texts(entry.get("requires")))
        _nested(builder, _table(entry, "dependencies"), place)


def _add(  # noqa: PLR0913, PLR0917 - what the two layouts have in different places
    builder: Builder, entry: Mapping[str, Json], place: str, name: str, version: str, url: str, *, bundled: bool
) -> None:
    where, kept = origin(name, version, url)
    either = entry.get("devOptional") is True
    builder.package(
        LockedPackage(
            name=name,
            version=exact(version) or version,
            integrity=integrity(entry.get("integrity")),
            url=kept,
            place=place,
            dev=entry.get("dev") is True or either,
            optional=entry.get("optional") is True or either,
            origin=Origin.HOLDER if bundled else where,
        )
    )


def _text(entry: Mapping[str, Json], member: str) -> str:
    value = entry.get(member)
    return value if isinstance(value, str) else ""


def _table(entry: Mapping[str, Json], member: str) -> Mapping[str, Json]:
    value = entry.get(member)
    return value if isinstance(value, Mapping) else {}
