"""What a policy's conditions may ask about, read from a saved report: the same as in the verification that made it."""

from __future__ import annotations

from collections.abc import Mapping

from provenly.policies.subject import Subject
from provenly.report.saved import Document
from provenly.trust.strict_json import Json


def subject(document: Document) -> Subject:
    """Return the subject of a report. What the document does not have is not known; older documents have less."""
    artifact, source, files, package, graph = (
        _members(document, name) for name in ("artifact", "source", "files", "package", "graph")
    )
    size = artifact.get("size") if artifact else None
    licence = _members(package, "licence") if package else None
    return Subject(
        size=size if isinstance(size, int) else None,
        files=_counts(files, "by_class"),
        sizes=_counts(files, "bytes_by_class"),
        total=_count(files, "total"),
        executable=_count(files, "executable"),
        repository=_text(source, "repository") if source else None,
        commit=_text(source, "commit"),
        directory=_text(source, "directory"),
        found_by=_text(source, "found_by"),
        licences=tuple(str(text) for text in _items(licence, "declared")) if licence else None,
        dependencies=tuple(_dependency(one) for one in _items(graph, "dependencies")) if graph else None,
        complete=bool(graph and graph.get("complete")),
    )


def _dependency(found: Json) -> Mapping[str, object]:
    one = found if isinstance(found, Mapping) else {}
    texts = ("name", "version", "purl", "alias", "url", "licence", "scope", "publisher", "published")
    return {
        **{name: _text(one, name) for name in texts},
        "direct": one.get("direct") is True,
        "deprecated": bool(one.get("deprecated")),
        "install_scripts": one.get("install_scripts") is True,
        "integrity": bool(one.get("integrity")),
        "checks": dict(_members(one, "checks") or {}),
        "notes": [_text(note, "code") for note in _items(one, "notes") if isinstance(note, Mapping)],
    }


def _members(document: Mapping[str, Json], name: str) -> Mapping[str, Json] | None:
    found = document.get(name)
    return found if isinstance(found, Mapping) else None


def _items(document: Mapping[str, Json] | None, name: str) -> tuple[Json, ...]:
    found = document.get(name) if document else None
    return found if isinstance(found, tuple) else ()


def _text(document: Mapping[str, Json] | None, name: str) -> str:
    found = document.get(name) if document else None
    return found if isinstance(found, str) else ""


def _count(document: Mapping[str, Json] | None, name: str) -> int:
    found = document.get(name) if document else None
    return found if isinstance(found, int) else 0


def _counts(document: Mapping[str, Json] | None, name: str) -> Mapping[str, int] | None:
    found = _members(document, name) if document else None
    return None if found is None else {key: count for key, count in found.items() if isinstance(count, int)}
