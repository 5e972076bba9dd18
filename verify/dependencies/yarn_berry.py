"""yarn.lock of Yarn 2 and later, which is YAML.

An entry is named by all descriptors that it answers (``zod@npm:^3.0.0``) and has the ``resolution`` of them. Its
``checksum`` is that of a zip archive that Yarn makes of the package, which cannot be held against what a registry
serves: the integrity is that of the registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs, unquote

from provenly.verify.dependencies import hoisting, plain_yaml
from provenly.verify.dependencies.build import Builder, exact, folder, origin, refused
from provenly.verify.dependencies.manifests import Manifests, texts
from provenly.verify.dependencies.model import Lock, LockedPackage, Origin
from provenly.verify.dependencies.plain_yaml import Yaml, mapping, text
from provenly.verify.registry import versions

_META: Final = "__metadata"
_ORIGINS: Final[Mapping[str, Origin]] = {
    "npm": Origin.REGISTRY,
    "file": Origin.FOLDER,
    "link": Origin.FOLDER,
    "portal": Origin.FOLDER,
    "exec": Origin.FOLDER,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """One entry.

    :param package: without its place.
    :param folder: that of a package of the repository, else ``None``.
    :param needs: the descriptors that it asks for, by name.
    :param peers: the names that it expects to be there.
    """

    package: LockedPackage
    folder: str | None
    needs: Mapping[str, str]
    peers: tuple[str, ...]


def read(path: str, data: bytes, manifests: Manifests) -> Lock:
    """Read a lockfile of Yarn 2 or later.

    :param manifests: tell the development dependencies of the repository's packages from the others, where they are
        at hand; the lockfile does not.
    :raises MalformedError: ``LOCKFILE_…``, or ``YAML_…``.
    """
    documents = plain_yaml.documents(data, f"the lockfile {path}")
    document = mapping(documents[0]) if documents else {}
    if not text(mapping(document.get(_META)).get("version")).isdecimal():
        refused("VERSION", path, "does not say which version of Yarn's it is")
    entries = {key: _entry(mapping(value)) for key, value in document.items() if key != _META}
    answers = {asked: key for key in entries for asked in key.split(", ")}
    inside = frozenset(key for key, entry in entries.items() if entry.folder is not None)
    named: dict[str, dict[str, str]] = {}
    for key, entry in entries.items():
        named.setdefault(entry.package.name, {})[entry.package.version] = key

    def edges(needs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
        found = ((name, _answer(name, wanted, answers, named)) for name, wanted in needs)
        # Packages of the repository are linked, not installed.
        return [(name, key, "") for name, key in found if key and key not in inside]

    builder = Builder(path, "yarn-berry")
    folders = {}
    for entry in entries.values():
        if entry.folder is None:
            continue
        stated = manifests.get(entry.folder, {})
        dev = frozenset(texts(stated.get("devDependencies")))
        builder.need(entry.folder, (name for name in entry.needs if name not in dev), dev & entry.needs.keys())
        folders[entry.folder] = edges(entry.needs.items())
        if entry.folder:
            builder.link(f"node_modules/{entry.package.name}", entry.folder)
    packages = {key: edges(entry.needs.items()) for key, entry in entries.items() if entry.folder is None}
    graph = hoisting.Graph(
        folders=folders,
        packages=packages,
        make=lambda key, place: replace(entries[key].package, place=place),
        peers={key: entry.peers for key, entry in entries.items()},
        top=hoisting.popular(folders, packages),
    )
    places = hoisting.place(builder, graph)
    for asked, key in answers.items():
        if key in places:
            # Manifests have the range alone, without the protocol.
            builder.ask(asked.replace("@npm:", "@", 1), places[key])
    return builder.lock(mark=True)


def _entry(entry: Mapping[str, Yaml]) -> _Entry:
    name, target = _split(text(entry.get("resolution")))
    protocol, _, rest = target.partition(":")
    version = text(entry.get("version"))
    where, url, patched = _ORIGINS.get(protocol, Origin.ARCHIVE), target, protocol == "patch"
    if patched:
        # The patched package in the form of a descriptor: typescript@npm%3A5.4.5#optional!builtin<compat/typescript>
        protocol = _split(unquote(rest.partition("#")[0]))[1].partition(":")[0]
    if protocol == "npm":
        stated = parse_qs(rest.partition("::")[2]).get("__archiveUrl", [""])[0]
        where, url = origin(name, version, "" if patched else stated)
    elif where is Origin.ARCHIVE:
        where, url = origin(name, version, target)
    return _Entry(
        package=LockedPackage(
            name=name,
            version=exact(version) or version,
            url=url,
            place="",
            optional="conditions" in entry,
            origin=where,
            patched=patched,
        ),
        folder=folder(rest) if protocol == "workspace" else None,
        needs={alias: text(wanted) for alias, wanted in mapping(entry.get("dependencies")).items()},
        peers=tuple(mapping(entry.get("peerDependencies"))),
    )


def _answer(name: str, wanted: str, answers: Mapping[str, str], named: Mapping[str, Mapping[str, str]]) -> str:
    """Return the key of the entry that answers a dependency; empty where there is none.

    ``resolutions`` of the root's manifest replace ranges, so that the one that is asked for is in no descriptor: then
    it is the greatest version that satisfies it, or the only one that there is.
    """
    for asked in (f"{name}@{wanted}", f"{name}@npm:{wanted}"):
        if asked in answers:
            return answers[asked]
    known = named.get(name, {})
    fitting = versions.satisfying(known, wanted.removeprefix("npm:"))
    return known[fitting[0]] if fitting else next(iter(known.values()), "") if len(known) == 1 else ""


def _split(descriptor: str) -> tuple[str, str]:
    """Return the name and what follows it of ``name@range`` or ``name@npm:version``."""
    name, _, rest = descriptor[1:].partition("@")
    return descriptor[:1] + name, rest
