"""pnpm-lock.yaml, of the versions 5 to 9.

https://github.com/pnpm/spec/tree/master/lockfile describes them. Each package has a folder of its own below
``node_modules/.pnpm``, with links to what it asks for beside it; packages of the repository have links to those.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from provenly.verify.dependencies import plain_yaml, pnpm_hoist
from provenly.verify.dependencies.build import Builder, exact, folder, integrity, origin, refused
from provenly.verify.dependencies.manifests import Manifests, manager
from provenly.verify.dependencies.model import Lock, LockedPackage, Origin
from provenly.verify.dependencies.plain_yaml import Yaml, mapping, text
from provenly.verify.dependencies.pnpm_names import NO_SLASH, Names

_STORE: Final = "node_modules/.pnpm"
_VERSIONS: Final = frozenset({5, 6, 9})
_GROUPS: Final = ("dependencies", "optionalDependencies")
_LINK: Final = "link:"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A package with what it asks for: alias → dependency path."""

    package: LockedPackage
    needs: Mapping[str, str]


_Entries: TypeAlias = Mapping[str, _Entry]
"""Packages by their dependency paths."""

_Direct: TypeAlias = tuple[str, str, str]
"""The folder of a package of the repository, and of a dependency of it the alias and the dependency path."""


def read(path: str, data: bytes, manifests: Manifests) -> Lock:
    """Read a lockfile of pnpm.

    :param manifests: that of the lockfile's folder may name the version of pnpm, which decides about some folders.
    :raises MalformedError: ``LOCKFILE_…``, or ``YAML_…``.
    """
    found = plain_yaml.documents(data, f"the lockfile {path}")
    # pnpm 11 writes a document about itself before that of the packages.
    document = mapping(found[-1]) if found else {}
    major = text(document.get("lockfileVersion")).partition(".")[0]
    if not major.isdecimal() or len(major) > 1 or int(major) not in _VERSIONS:
        refused("VERSION", path, "is of no version of pnpm's that is known (5, 6 and 9)")
    who, version = manager(manifests.get("", {}))
    rules = Names(lockfile=int(major), manager=version if who == "pnpm" else 0)
    builder = Builder(path, "pnpm")
    entries = _entries(document, rules)
    direct = _importers(builder, document, rules, entries)
    for entry in entries.values():
        builder.package(entry.package)
        own = entry.package.place
        beside = own.removesuffix(f"/{entry.package.name}")
        builder.need(own, entry.needs)
        for alias, wanted in entry.needs.items():
            if (target := _target(wanted, "", entries)) is not None and f"{beside}/{alias}" != own:
                builder.link(f"{beside}/{alias}", target)
    _hoist(builder, rules, entries, direct)
    return builder.lock(mark=True)


def _hoist(builder: Builder, rules: Names, entries: _Entries, direct: Sequence[_Direct]) -> None:
    """Add the links for packages that ask for what they do not declare."""
    packages = {key: entry.needs for key, entry in entries.items()}
    root = frozenset(alias for where, alias, _ in direct if not where)
    chosen = pnpm_hoist.hoisted([(alias, key) for _, alias, key in direct], packages, root)
    public = pnpm_hoist.PUBLIC if rules.lockfile < NO_SLASH or 0 < rules.manager <= NO_SLASH else ()
    for alias, key in chosen.items():
        above = "node_modules" if any(word in alias for word in public) else f"{_STORE}/node_modules"
        builder.link(f"{above}/{alias}", entries[key].package.place)


def _entries(document: Mapping[str, Yaml], rules: Names) -> _Entries:
    """Return the packages by their dependency paths."""
    packages = mapping(document.get("packages"))
    keys = mapping(document.get("snapshots")) if rules.lockfile >= NO_SLASH else packages
    patched = frozenset(mapping(document.get("patchedDependencies")))
    entries = {}
    for key in keys:
        about = mapping(packages.get(rules.base(key))) if rules.lockfile >= NO_SLASH else mapping(keys[key])
        package = _package(key, about, mapping(keys[key]), rules)
        if package is not None:
            changed = "(patch_hash=" in key or not patched.isdisjoint(
                {package.name, f"{package.name}@{package.version}"}
            )
            needs = {
                alias: wanted if wanted.startswith(_LINK) else rules.key(alias, wanted)
                for group in _GROUPS
                for alias, wanted in _texts(keys[key], group)
            }
            entries[key] = _Entry(package=replace(package, patched=changed), needs=needs)
    return entries


def _package(key: str, about: Mapping[str, Yaml], snapshot: Mapping[str, Yaml], rules: Names) -> LockedPackage | None:
    stated, version = rules.parts(key)
    name = text(about.get("name")) or stated
    version = text(about.get("version")) or version
    resolution = mapping(about.get("resolution"))
    if not name:
        return None
    where, url = _origin(name, version, resolution)
    return LockedPackage(
        name=name,
        version=exact(version) or version,
        integrity=integrity(resolution.get("integrity")),
        url=url,
        place=f"{_STORE}/{rules.folder(key)}/node_modules/{name}",
        optional=text(snapshot.get("optional")) == "true",
        origin=where,
    )


def _origin(name: str, version: str, resolution: Mapping[str, Yaml]) -> tuple[Origin, str]:
    if "directory" in resolution:
        return Origin.FOLDER, text(resolution["directory"])
    if "repo" in resolution:
        return Origin.GIT, f"{text(resolution['repo'])}#{text(resolution.get('commit'))}"
    if "type" in resolution:  # a Node.js or another runtime: several archives, one for each platform
        return Origin.ARCHIVE, text(resolution["type"])
    return origin(name, version, text(resolution.get("tarball")))


def _importers(builder: Builder, document: Mapping[str, Yaml], rules: Names, entries: _Entries) -> Sequence[_Direct]:
    """Add the packages of the repository, with links to what they ask for.

    :returns: what they ask for, in the order in which pnpm takes it.
    """
    direct: list[_Direct] = []
    importers = mapping(document.get("importers")) or {".": dict(document)}
    for key, importer in importers.items():
        where = folder(key)
        if where is None:
            continue
        names: dict[str, list[str]] = {}
        for group in ("devDependencies", *_GROUPS):
            for alias, wanted in _texts(importer, group):
                names.setdefault(group, []).append(alias)
                reference = wanted if wanted.startswith(_LINK) else rules.key(alias, wanted)
                direct.append((where, alias, reference))
                if (target := _target(reference, where, entries)) is not None:
                    builder.link(posixpath.join(where, "node_modules", alias), target)
        usual = [alias for group in _GROUPS for alias in names.get(group, ())]
        builder.need(where, usual, names.get("devDependencies", ()))
    return direct


def _texts(entry: Yaml, group: str) -> Iterator[tuple[str, str]]:
    """Yield what a package or importer asks for in a group: alias and reference.

    Importers have the reference as ``version`` beside the range (``specifier``) since lockfile 6.
    """
    for alias, value in mapping(mapping(entry).get(group)).items():
        reference = text(value) or text(mapping(value).get("version"))
        if reference:
            yield alias, reference


def _target(reference: str, where: str, entries: _Entries) -> str | None:
    """Return the place or folder that a reference leads to; ``None`` where the lockfile has none."""
    if reference.startswith(_LINK):
        return folder(reference.removeprefix(_LINK), where)
    entry = entries.get(reference)
    return entry.package.place if entry else None
