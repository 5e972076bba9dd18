"""The direct dependencies without a resolver: each with the version that npm would take for its range alone.

npm chooses for the tree as a whole: where two packages ask for one, or where a peer dependency restricts it, it may
take an older version than is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError
from provenly.trust.graph import Dependency, Graph, Scope
from provenly.trust.model import Note, Reference, Selector
from provenly.trust.strict_json import Json
from provenly.trust.text import show
from provenly.verify.context import Context
from provenly.verify.dependencies.build import integrity
from provenly.verify.graph import specs
from provenly.verify.graph.assemble import MAX_TEXT, Assembled, purl, stub_of
from provenly.verify.graph.resolver import Root
from provenly.verify.registry import packument, versions

MAX_DIRECT: Final = 1_000
"""Direct dependencies that are looked up. Packages have some ten; what is beyond is a note."""

WORKERS: Final = 8
"""Packages that are looked up at the same time."""

_SCOPES: Final[Mapping[str, Scope]] = {
    "dependencies": Scope.REQUIRED,
    "optionalDependencies": Scope.OPTIONAL,
    "peerDependencies": Scope.PEER,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What a manifest asks for.

    :param name: the name that it is asked for by.
    """

    name: str
    spec: str
    scope: Scope


def direct(root: Root, context: Context) -> Assembled:
    """Return a graph of the package and what it asks for, which is not complete."""
    wanted = tuple(_wanted(root.manifest).values())
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="direct") as pool:
        found = tuple(pool.map(lambda one: _looked_up(one, context), wanted[:MAX_DIRECT]))
    known = {dependency.id: dependency for dependency, _ in found}
    top = f"{root.name}@{root.version}"
    more = len(wanted) - MAX_DIRECT
    notes = [Note(code="TREE_LIMIT", text=f"{more:,} more direct dependencies were not looked at")] if more > 0 else []
    graph = Graph(
        root=top,
        dependencies=tuple(known[one] for one in sorted(known)),
        edges={top: tuple(sorted(known)), **dict.fromkeys(sorted(known), ())},
        complete=not known,
        how="package.json",
        at=context.now,
        notes=tuple(notes),
    )
    times = {f"{one.name}@{one.version}": {"published": when} for one, when in found if when}
    registered = frozenset(one.id for one in known.values() if not one.notes)
    return Assembled(graph=graph, registered=registered, times=times)


def _wanted(manifest: Mapping[str, Json]) -> dict[str, _Wanted]:
    """Return what npm installs for a user, by name; of several members that ask for one the first that counts."""
    found: dict[str, _Wanted] = {}
    optional = specs.optional_peers(manifest)
    for member, name, spec in specs.asked(manifest):
        # npm's own order: what is optional is no dependency besides, and a peer that is one anyway is that.
        if member == "peerDependencies" and (name in optional or name in found):
            continue
        found[name] = _Wanted(name=name, spec=spec, scope=_SCOPES[member])
    return found


def _looked_up(wanted: _Wanted, context: Context) -> tuple[Dependency, str]:
    """Return a direct dependency, and when its version was published as the registry says."""
    if kind := specs.elsewhere(wanted.name, wanted.spec):
        return stub_of(wanted.name, wanted.spec, kind, direct=True), ""
    aliased = wanted.spec.strip().lower().startswith("npm:")
    name, spec = specs.alias(wanted.spec) if aliased else (wanted.name, wanted.spec)
    notes: tuple[Note, ...] = ()
    about: packument.Packument | None
    try:
        about = packument.fetch(name, context.registries.base(name), context)
        version = _chosen(about, spec, context)
        entry = packument.entry(about, version)
    except Error as error:  # whatever it is, only the range is known
        notes = (Note(code="TREE_UNRESOLVED", text=show(error.message, limit=MAX_TEXT)),)
        version, entry, about = spec[:MAX_TEXT], {}, None
    stated = integrity(packument.dist(entry).get("integrity"))
    published = about.times.get(version) if about else None
    dependency = Dependency(
        id=f"{name}@{version}",
        name=name,
        version=version,
        purl=purl(name, version if about else ""),
        alias=wanted.name if aliased and wanted.name != name else "",
        direct=True,
        wanted=wanted.spec[:MAX_TEXT],
        integrity=(Digest.from_sri(stated, what=name),) if stated else (),
        scope=wanted.scope,
        notes=notes,
    )
    return dependency, published.strftime("%Y-%m-%dT%H:%M:%SZ") if published else ""


def _chosen(about: packument.Packument, spec: str, context: Context) -> str:
    """Return the version that a range or a dist-tag means, of those that there were at the time.

    :raises Error: there is none.
    """
    if context.before is not None:
        known = [version for version, time in about.times.items() if time <= context.before]
        deprecated = [version for version in known if about.versions.get(version, {}).get("deprecated")]
        there = [version for version in known if version in about.versions]
        found = versions.max_satisfying(there, spec if versions.is_range(spec) else "*", deprecated=deprecated)
        if found is None:
            raise MalformedError(f"no version of {about.name}@{spec} was there yet", code="TREE_UNRESOLVED")
        return found
    text = spec.strip()
    exact = versions.parse_exact(text)
    selector = Selector.EXACT if exact else Selector.RANGE if versions.is_range(text) else Selector.TAG
    reference = Reference(text=f"{about.name}@{text}", name=about.name, selector=selector, spec=exact or text or "*")
    return packument.choose(about, reference)[0]
