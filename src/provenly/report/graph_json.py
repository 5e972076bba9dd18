"""The dependency graph as members of the JSON report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from provenly.report.bounds import Bounds
from provenly.trust.graph import Dependency, Graph
from provenly.trust.model import Note


def members(graph: Graph, bounds: Bounds) -> dict[str, object]:
    """Return a graph as plain dicts and lists; packages that go over the limits are counted, and their edges with them.

    A graph that was cut is not complete, whatever it was before.
    """
    kept = bounds.items(graph.dependencies)
    ids = {graph.root, *(one.id for one in kept)}
    return {
        "root": bounds.text(graph.root),
        "how": bounds.text(graph.how),
        "at": _time(graph.at),
        "complete": graph.complete and len(kept) == len(graph.dependencies),
        "dependencies": [_dependency(one, bounds) for one in kept],
        "edges": {
            bounds.text(one): [bounds.text(other) for other in bounds.items(graph.edges[one]) if other in ids]
            for one in sorted(graph.edges)
            if one in ids
        },
        "notes": _notes(graph.notes, bounds),
    }


def _dependency(one: Dependency, bounds: Bounds) -> dict[str, object]:
    return {
        "id": bounds.text(one.id),
        "name": bounds.text(one.name),
        "version": bounds.text(one.version),
        "purl": bounds.optional(one.purl),
        "alias": bounds.optional(one.alias),
        "direct": one.direct,
        "wanted": bounds.optional(one.wanted),
        "integrity": [str(digest) for digest in one.integrity],
        "url": bounds.optional(one.url),
        "licence": bounds.optional(one.licence),
        "repository": bounds.optional(one.repository),
        "description": bounds.optional(one.description),
        "author": bounds.optional(one.author),
        "homepage": bounds.optional(one.homepage),
        "scope": one.scope.value,
        "platforms": [bounds.text(text) for text in bounds.items(one.platforms)],
        "deprecated": bounds.optional(one.deprecated),
        "install_scripts": one.install_scripts,
        "published": None if one.published is None else _time(one.published),
        "publisher": bounds.optional(one.publisher),
        "checks": {check: one.checks[check].value for check in sorted(one.checks)},
        "notes": _notes(one.notes, bounds),
    }


def _notes(notes: Iterable[Note], bounds: Bounds) -> list[dict[str, object]]:
    return [
        {"code": bounds.text(note.code), "text": bounds.text(note.text), "where": bounds.optional(note.where)}
        for note in bounds.items(tuple(notes))
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
