"""What a document has of each component: the minimum elements that buyers ask for, counted in the finished document.

It is counted in the document as it will be written and not in what it was made from, so that no answer is better than
the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

Members: TypeAlias = Mapping[str, Any]
"""A part of a CycloneDX document: plain dicts and lists, written by cyclonedx-python-lib a moment ago."""

NATURE: Final = frozenset({"bsi:component:executable", "bsi:component:archive", "bsi:component:structured"})
"""Properties by which the BSI tells kinds of files apart."""


def components(document: Members) -> list[Members]:
    """Return the component that the document is about, and all others of the first level."""
    return [document["metadata"]["component"], *document.get("components", [])]


def share(document: Members, element: str) -> tuple[int, int]:
    """Return of how many components, or of how many documents (one), how many have the element."""
    if element in _DOCUMENT:
        return int(_DOCUMENT[element](document)), 1
    if element == "dependencies":
        refs = [one["bom-ref"] for one in components(document)]
        known = _complete(document)
        return sum(ref in known for ref in refs), len(refs)
    found = components(document)
    return sum(_COMPONENT[element](one) for one in found), len(found)


def _complete(document: Members) -> set[str]:
    return {
        ref
        for one in document.get("compositions", [])
        if one["aggregate"] == "complete"
        for ref in one.get("dependencies", [])
    }


def _named(component: Members) -> set[str]:
    return {one["name"] for one in component.get("properties", [])}


def _algorithms(members: Sequence[Members]) -> set[str]:
    return {one["alg"] for one in members}


def _sha512(component: Members) -> bool:
    """Whether the BSI would find the hash: on the reference to the file that is deployed."""
    references = component.get("externalReferences", [])
    deployed = (one.get("hashes", []) for one in references if one["type"] == "distribution")
    return any("SHA-512" in _algorithms(hashes) for hashes in deployed)


def _spdx(component: Members) -> bool:
    return any("expression" in one or "id" in one.get("license", {}) for one in component.get("licenses", []))


_COMPONENT: Final[Mapping[str, Callable[[Members], bool]]] = {
    "supplier": lambda one: bool(one.get("supplier", {}).get("name")),
    "name": lambda one: bool(one.get("name")),
    "version": lambda one: bool(one.get("version")),
    "identifier": lambda one: bool(one.get("purl")),
    "hash": lambda one: bool(one.get("hashes")),
    "sha512": _sha512,
    "licence": _spdx,
    "filename": lambda one: "bsi:component:filename" in _named(one),
    "nature": lambda one: _named(one) >= NATURE,
}
_DOCUMENT: Final[Mapping[str, Callable[[Members], bool]]] = {
    "document-author": lambda one: bool(one["metadata"].get("authors")),
    "document-time": lambda one: bool(one["metadata"].get("timestamp")),
    "document-tool": lambda one: bool(one["metadata"].get("tools")),
    "document-context": lambda one: bool(one["metadata"].get("lifecycles")),
    "document-uri": lambda one: bool(one.get("serialNumber")),
}
ELEMENTS: Final = frozenset({*_COMPONENT, *_DOCUMENT, "dependencies"})
"""The keys that :func:`share` knows."""
