"""What cyclonedx-python-lib has no model for, added to the JSON document that it wrote.

That is compositions, annotations, formulation, declarations, and in 1.7 citations. Everything here is plain dicts and
lists, with the members in the order of the XML schema, so that :mod:`provenly.sbom.xml_form` can write the same.
"""

from __future__ import annotations

from typing import Any

from provenly.sbom.declarations import declarations
from provenly.sbom.dependencies import Tree
from provenly.sbom.formulation import formulas
from provenly.sbom.members import Document, part, parts, shown, status_of, text, tool_version
from provenly.sbom.subject import reference

VERDICTS = {
    "allow": "ALLOW: nothing that the policy asks for is missing",
    "warn": "WARN: the policy lets it pass, with warnings",
    "hold": "HOLD: a person must look before it is used",
    "deny": "DENY: it must not be used",
}
"""Each action in words for people who open the document in an editor."""


def add(members: dict[str, Any], document: Document, tree: Tree, version: str) -> None:
    """Add everything that this version of CycloneDX has a place for.

    :param members: the document as the library wrote it; it is changed.
    :param version: of CycloneDX.
    """
    tool = tool_version(document)
    members["compositions"] = _compositions(document, tree)
    members["annotations"] = _annotations(document, tree, tool)
    found = formulas(document)
    if found:
        members["formulation"] = found
    if version != "1.5":
        members["declarations"] = declarations(document, members, tool)
    if version == "1.7":
        members["citations"] = _citations(document, members)


def _compositions(document: Document, tree: Tree) -> list[dict[str, Any]]:
    """Return how complete the document is, for assemblies and dependencies apart.

    The package itself is wholly known where the source explains every file and nothing was bundled in. Whoever asks
    for nothing in a tree that is not whole may still ask for something that we do not know of.
    """
    subject = reference(document)
    statuses = status_of(document)
    explained = statuses.get("source-match") == statuses.get("source-data") == "passed" and not tree.bundled
    whole = explained and statuses.get("bundled-dependencies") == "absent"
    known = bool(part(document, "artifact")) or bool(part(document, "graph"))
    rest = "incomplete" if known else "unknown"
    made: list[dict[str, Any]] = [{"aggregate": "complete" if whole else rest, "assemblies": [subject]}]
    complete = sorted(tree.known)
    others = sorted(set(tree.edges) - tree.known - {subject})
    if complete:
        made.append({"aggregate": "complete", "dependencies": complete})
    if subject not in tree.known:
        made.append({"aggregate": rest, "dependencies": [subject]})
    if others:
        made.append({"aggregate": "unknown", "dependencies": others})
    if whole and tree.complete:
        made.append({"aggregate": "complete"})
    return made


def _annotations(document: Document, tree: Tree, tool: str) -> list[dict[str, Any]]:
    """Return what people should read first: the verdict, each waiver, and what is not known."""
    verdict = part(document, "verdict")
    policy = shown(text(part(verdict, "policy"), "name"), limit=128)
    words = VERDICTS.get(text(verdict, "action"), text(verdict, "action"))
    said = [f"{words} (policy {policy}). The properties provenly:check:* have each check."]
    for one in parts(verdict, "waivers"):
        owner, until = shown(text(one, "owner"), limit=128), text(one, "expires")
        why = shown(text(one, "reason"), limit=512)
        said.append(f"Waived by {owner} until {until}: {text(one, 'check')}, because: {why}")
    for one in parts(verdict, "expired_waivers"):
        owner, until = shown(text(one, "owner"), limit=128), text(one, "expires")
        why = shown(text(one, "reason"), limit=512)
        said.append(f"No longer waived, since {until}, by {owner}: {text(one, 'check')}; the reason was: {why}")
    graph = part(document, "graph")
    if not graph:
        said.append("Dependencies were not resolved: only direct ones are listed, and those without versions.")
    elif not tree.complete:
        notes = "; ".join(shown(text(one, "text"), limit=256) for one in list(parts(graph, "notes"))[:8])
        said.append(f"The dependency tree is not complete: {notes or 'the resolver does not say why'}")
    return [
        {
            "bom-ref": f"annotation:{number}",
            "subjects": [reference(document)],
            "annotator": {"organization": {"name": f"provenly {tool}"}},
            "timestamp": text(document, "checked_at"),
            "text": words,
        }
        for number, words in enumerate(said, 1)
    ]


def _citations(document: Document, members: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who says what of the component: the package about itself, and the tool about the bytes (1.7)."""
    component = members["metadata"]["component"]
    claimed = ("description", "publisher", "authors", "licenses", "copyright", "supplier", "manufacturer")
    found = ("hashes", "pedigree", "evidence", "properties")
    made = []
    for keys, by, note in (
        (claimed, reference(document), "said by the package or its registry; provenly:supplier says what is verified"),
        (found, "tool", "found out by the tool from the bytes and the source"),
    ):
        pointers = [f"/metadata/component/{key}" for key in keys if key in component]
        if pointers:
            made.append(
                {
                    "bom-ref": f"citation:{by.partition(':')[0]}",
                    "pointers": pointers,
                    "timestamp": text(document, "checked_at"),
                    "attributedTo": by,
                    "note": note,
                }
            )
    return made
