"""From npm's answer to a graph: which packages there are, who asks for whom, and what leads elsewhere.

A lockfile has places, and a package may lie at several. Two places are one component where the same archive lies there
and finds the same packages around it, so that nothing that reads the graph could tell them apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from provenly.trust import strict_json
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError
from provenly.trust.graph import Dependency, Graph, Scope
from provenly.trust.model import Note
from provenly.trust.strict_json import Json, loads
from provenly.trust.text import show
from provenly.verify.dependencies import npm_lock
from provenly.verify.dependencies.model import Lock, LockedPackage, Needs, Origin
from provenly.verify.graph import specs
from provenly.verify.graph.memory import MAX_ANSWER
from provenly.verify.graph.npm import MAX_LOCK
from provenly.verify.graph.resolver import SCHEMA, Root
from provenly.verify.registry import names

MAX_PACKAGES: Final = 10_000
"""Places of a tree. Those of MCP servers have some hundred, the largest known of any package some thousand."""

MAX_ROUNDS: Final = 64
"""Rounds in which places are told apart. Each goes one step further away; honest trees need ten."""

MAX_TEXT: Final = 300
"""Characters of a licence, a message or a platform that are kept."""

MAX_NOTES: Final = 20
"""Notes about a tree."""

_KINDS: Final[Mapping[Origin, str]] = {Origin.GIT: "git", Origin.ARCHIVE: "url", Origin.FOLDER: "file"}
_ORDER: Final = tuple(Scope)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assembled:
    """A graph, with what is needed to look at the packages in it.

    :param graph: without the outcome of any check.
    :param registered: the ids of the packages that a registry has.
    :param times: when they were published, by ``name@version``; see :mod:`provenly.verify.graph.resolver`.
    """

    graph: Graph
    registered: frozenset[str]
    times: Mapping[str, Json]


def assemble(answer: bytes, root: Root, at: datetime) -> Assembled:
    """Return the graph of an answer of :class:`provenly.verify.graph.resolver.Resolver`.

    :raises MalformedError: ``TREE_ANSWER``: it is none; ``TREE_LIMIT``: it is too large; ``LOCKFILE_…``: the lockfile
        in it cannot be read.
    """
    document = loads(answer, what="the resolved tree", max_bytes=MAX_ANSWER)
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        raise MalformedError("the resolved tree is of a form that is not known", code="TREE_ANSWER")
    written = json.dumps(strict_json.thaw(document.get("lock"))).encode()
    lock = npm_lock.read("package-lock.json", written, {}, max_bytes=MAX_LOCK)
    return _Assembly(document, lock, root, at).assembled()


class _Assembly:
    def __init__(self, document: Mapping[str, Json], lock: Lock, root: Root, at: datetime) -> None:
        self._document = document
        self._lock = lock
        self._root = root
        self._at = at
        self._top = f"node_modules/{root.name}"
        if lock.at(self._top) is None:
            raise MalformedError("the package itself is not in the tree that npm resolved for it", code="TREE_ANSWER")
        if len(lock.packages) > MAX_PACKAGES:
            raise MalformedError(f"the tree has more than {MAX_PACKAGES:,} packages", code="TREE_LIMIT")
        raw = document.get("lock")
        packages = raw.get("packages") if isinstance(raw, Mapping) else None
        self._raw: Mapping[str, Json] = packages if isinstance(packages, Mapping) else {}

    def assembled(self) -> Assembled:
        found = {place: self._lock.at(place) for place in self._reached()}
        packages = {place: package for place, package in found.items() if package is not None and place != self._top}
        edges = {place: tuple(self._edges(place)) for place in (self._top, *packages)}
        ids = self._ids(packages, edges)
        ids[self._top] = root = f"{self._root.name}@{self._root.version}"
        direct = dict.fromkeys(ids[place] for place in edges[self._top])
        by_id: dict[str, list[str]] = {}
        for place in packages:
            by_id.setdefault(ids[place], []).append(place)
        known = {
            one: self._dependency(one, [packages[place] for place in places], direct=one in direct)
            for one, places in by_id.items()
        }
        among = {one: tuple(sorted({ids[place] for place in edges[places[0]]})) for one, places in by_id.items()}
        among[root] = tuple(sorted(direct))
        left = self._left(known, among, root)
        graph = Graph(
            root=root,
            dependencies=tuple(known[one] for one in sorted(known)),
            edges=dict(sorted(among.items())),
            complete=not left and not self._document.get("gaps") and not any(one.notes for one in known.values()),
            how=_text(self._document, "how"),
            at=self._at,
            notes=self._notes(),
        )
        registered = {one for one, places in by_id.items() if packages[places[0]].origin is Origin.REGISTRY}
        times = self._document.get("times")
        return Assembled(
            graph=graph, registered=frozenset(registered), times=times if isinstance(times, Mapping) else {}
        )

    def _reached(self) -> tuple[str, ...]:
        """Return the places that the package leads to, itself among them, in the order of the lockfile."""
        waiting, seen = [self._top], {self._top}
        while waiting:
            for place in self._edges(waiting.pop()):
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)
        return tuple(package.place for package in self._lock.packages if package.place in seen)

    def _edges(self, place: str) -> Iterable[str]:
        for name in self._lock.needs.get(place, Needs()).usual:
            found = self._lock.resolve(name, place)
            if found is not None and found != place and self._lock.at(found) is not None:
                yield found

    def _ids(self, packages: Mapping[str, LockedPackage], edges: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """Return the id of each place; places that nothing tells apart have the same."""
        groups: dict[str, int] = _numbered({place: self._archive(one) for place, one in packages.items()})
        groups[self._top] = -1
        for _ in range(MAX_ROUNDS):
            told = {
                place: (groups[place], tuple(sorted({groups[other] for other in edges[place]}))) for place in packages
            }
            finer = _numbered(told)
            settled = len(set(finer.values())) == len(set(groups.values())) - 1
            groups = {**finer, self._top: -1}
            if settled:
                break
        else:
            groups = _numbered({place: place for place in packages})
        ids: dict[int, str] = {}
        taken: dict[str, int] = {f"{self._root.name}@{self._root.version}": 1}
        for place in sorted(packages, key=lambda one: (one.count("node_modules/"), one)):
            if groups[place] not in ids:
                package = packages[place]
                stem = f"{package.name}@{package.version or package.url}"
                taken[stem] = taken.get(stem, 0) + 1
                ids[groups[place]] = stem if taken[stem] == 1 else f"{stem}#{taken[stem]}"
        return {place: ids[groups[place]] for place in packages}

    def _archive(self, package: LockedPackage) -> tuple[str, ...]:
        return package.name, package.version, package.integrity, package.url, package.origin, _alias(package)

    def _dependency(self, one: str, packages: list[LockedPackage], *, direct: bool) -> Dependency:
        """Return a component of the packages at its places."""
        package = packages[0]
        entries = [self._entry(each.place) for each in packages]
        what = f"{package.name}@{package.version}"
        integrity = (Digest.from_sri(package.integrity, what=what),) if package.integrity else ()
        kind = _KINDS.get(package.origin, "")
        return Dependency(
            id=one,
            name=package.name,
            version=package.version,
            purl=purl(package.name, package.version, kind, package.url),
            alias=_alias(package),
            direct=direct,
            wanted=self._wanted(_alias(package) or package.name) if direct else "",
            integrity=integrity,
            url=_text(entries[0], "resolved"),
            licence=_text(entries[0], "license"),
            scope=min((_scope(each, entry) for each, entry in zip(packages, entries, strict=True)), key=_ORDER.index),
            platforms=platforms(entries[0]),
            deprecated=_text(entries[0], "deprecated"),
            install_scripts=entries[0].get("hasInstallScript") is True,
            notes=(_elsewhere(kind, package.url),) if kind else (),
        )

    def _wanted(self, name: str) -> str:
        for _, asked, spec in specs.asked(self._entry(self._top)):
            if asked == name:
                return spec[:MAX_TEXT]
        return ""

    def _entry(self, place: str) -> Mapping[str, Json]:
        entry = self._raw.get(place)
        return entry if isinstance(entry, Mapping) else {}

    def _left(self, known: dict[str, Dependency], among: dict[str, tuple[str, ...]], root: str) -> bool:
        """Add what was taken out before npm saw it; say whether there was anything."""
        left = self._document.get("left")
        owners: dict[str, list[str]] = {root: [root]}
        for one, dependency in known.items():
            owners.setdefault(f"{dependency.name}@{dependency.version}", []).append(one)
        added = False
        for which, table in left.items() if isinstance(left, Mapping) else ():
            for name, spec in table.items() if isinstance(table, Mapping) else ():
                kind = specs.elsewhere(name, str(spec)) or "git"
                stub = stub_of(name, str(spec), kind, direct=which == root)
                for owner in owners.get(which, ()):
                    added = True
                    known.setdefault(stub.id, stub)
                    among.setdefault(stub.id, ())
                    among[owner] = tuple(sorted({*among[owner], stub.id}))
        return added

    def _notes(self) -> tuple[Note, ...]:
        notes: list[Note] = []
        gaps = self._document.get("gaps")
        for gap in gaps[:MAX_NOTES] if isinstance(gaps, tuple) else ():
            said = [show(str(part), limit=MAX_TEXT) for part in gap] if isinstance(gap, tuple) else []
            name, why = (*said, "", "")[:2]
            notes.append(Note(code="TREE_GAP", text=f"npm went on without {name}: {why}", where=name))
        shipped = [place for place, entry in self._raw.items() if _flag(entry, "hasShrinkwrap")]
        for place in sorted(shipped)[:MAX_NOTES]:
            name = place.rpartition("node_modules/")[2]
            text = (
                f"{show(name, limit=MAX_TEXT)} ships an npm-shrinkwrap.json, which decides what is installed below it"
            )
            notes.append(Note(code="TREE_SHRINKWRAP", text=text, where=name))
        if self._root.manifest.get("overrides"):
            text = "the package has overrides, which npm goes by in a project of its own only: users do not get them"
            notes.append(Note(code="TREE_OVERRIDES", text=text))
        return tuple(notes)


def purl(name: str, version: str, kind: str = "", url: str = "") -> str:
    """Return a package-url (https://github.com/package-url/purl-spec); of what is no registry's with its address.

    :param kind: as :func:`provenly.verify.graph.specs.elsewhere` returns it.
    """
    if names.fault(name) or kind in {"file", "name"}:
        return ""
    start = f"pkg:npm/{name.replace('@', '%40', 1)}"
    if kind:
        return f"{start}?{'vcs_url' if kind == 'git' else 'download_url'}={quote(url, safe=':/')}" if url else ""
    return f"{start}@{quote(version, safe='.-~_')}" if version else ""


def platforms(document: Mapping[str, Json]) -> tuple[str, ...]:
    """Return what a manifest restricts a package to: ``os=linux``, ``cpu=!arm``, ``libc=glibc``."""
    found: list[str] = []
    for member in ("os", "cpu", "libc"):
        value = document.get(member)
        words = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
        found += [f"{member}={word[:40]}" for word in words[:40] if isinstance(word, str)]
    return tuple(found)


def stub_of(name: str, spec: str, kind: str, *, direct: bool) -> Dependency:
    """Return the place holder of what leads elsewhere and was not followed.

    :param kind: as :func:`provenly.verify.graph.specs.elsewhere` returns it.
    """
    name, spec = name[:MAX_TEXT], spec[:MAX_TEXT]
    return Dependency(
        id=f"{name}@{spec}",
        name=name,
        version=spec,
        purl=purl(name, "", kind, spec),
        direct=direct,
        wanted=spec if direct else "",
        url=spec if kind == "url" else "",
        notes=(_elsewhere(kind, spec),),
    )


def _elsewhere(kind: str, url: str) -> Note:
    """Return the finding about what is no registry's."""
    where = f"which is not followed: {show(url, limit=MAX_TEXT)}"
    match kind:
        case "url":
            return Note(code="TREE_URL", text=f"it comes from a URL, {where}")
        case "file":
            return Note(code="TREE_FILE", text=f"it comes from a file or folder, {where}")
        case "name":
            return Note(code="TREE_NAME", text=f"it has a name that no package can have, {where}")
        case _:
            return Note(code="TREE_GIT", text=f"it comes from a git repository, {where}")


def _numbered(keys: Mapping[str, object]) -> dict[str, int]:
    """Return a number for each place, the same for equal keys."""
    numbers: dict[object, int] = {}
    return {place: numbers.setdefault(key, len(numbers)) for place, key in keys.items()}


def _alias(package: LockedPackage) -> str:
    last = package.place.rpartition("node_modules/")[2]
    return "" if last == package.name else last


def _scope(package: LockedPackage, entry: Mapping[str, Json]) -> Scope:
    if package.origin is Origin.HOLDER:
        return Scope.BUNDLED
    if package.optional:
        return Scope.OPTIONAL
    return Scope.PEER if entry.get("peer") is True else Scope.REQUIRED


def _flag(entry: Json, member: str) -> bool:
    return isinstance(entry, Mapping) and entry.get(member) is True


def _text(entry: Mapping[str, Json], member: str) -> str:
    value = entry.get(member)
    return value[:MAX_TEXT] if isinstance(value, str) else ""
