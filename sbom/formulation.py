"""How the package came about: the build that verified provenance tells of, and the compilers that explained its files.

CycloneDX calls both formulas. cyclonedx-python-lib has no model for them: these are members of the JSON document.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from provenly.sbom.members import Document, facts_of, https, part, parts, shown, status_of, text
from provenly.sbom.subject import reference

MAX_COMPILERS: Final = 64
"""Compilers with their configurations that are named; packages have one or two."""

TRIGGERS: Final = {"workflow_dispatch": "manual", "schedule": "scheduled", "repository_dispatch": "api"}
"""Events of GitHub Actions as CycloneDX has them; all others come from something that happened at the forge."""

TIME: Final = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
"""Times that both forms of CycloneDX take."""

EXPLAINED: Final = frozenset({"recompiled", "rebuilt"})
"""Classes of files that a compiler made again from the source."""


def formulas(document: Document) -> list[dict[str, Any]]:
    """Return the formulas of the document; none where nothing is proven and nothing was compiled."""
    return [made for made in (_built(document), _explained(document)) if made is not None]


def _built(document: Document) -> dict[str, Any] | None:
    """Return the build as its verified provenance tells of it."""
    statuses = status_of(document)
    facts = facts_of(document, "provenance-identity")
    if statuses.get("provenance") != "passed" or not text(facts, "repository"):
        return None
    signed = text(facts, "signed_at")
    workflow: dict[str, Any] = {
        "bom-ref": "build",
        "uid": _said(facts, "run") or _said(facts, "signer") or "build",
        "name": _said(facts, "workflow") or "build",
        "taskTypes": ["build"],
        "trigger": _trigger(facts),
        "inputs": [{"resource": _external("vcs", _said(facts, "repository"), f"commit {_said(facts, 'commit')}")}],
        "outputs": [{"resource": {"ref": reference(document)}, "type": "artifact"}],
        "timeEnd": signed,
        "properties": _properties(facts),
    }
    if not workflow["inputs"][0]["resource"]:
        del workflow["inputs"]
    if not TIME.fullmatch(signed):
        del workflow["timeEnd"]
    return {"bom-ref": "formula:build", "workflows": [workflow]}


def _trigger(facts: Document) -> dict[str, Any]:
    event = _said(facts, "trigger")
    return {
        "bom-ref": "build:trigger",
        "uid": event or "unknown",
        "name": event or "unknown",
        "type": TRIGGERS.get(event, "webhook"),
    }


def _properties(facts: Document) -> list[dict[str, str]]:
    """Return what the certificate and the provenance say of the build, all of it verified."""
    keys = ("issuer", "repository", "repository_id", "owner_id", "commit", "ref", "runner", "builder", "build_type")
    more = ("signer", "visibility", "signed_at")
    return [{"name": f"provenly:build:{key}", "value": _said(facts, key)} for key in keys + more if _said(facts, key)]


def _explained(document: Document) -> dict[str, Any] | None:
    """Return how the packed files were made again: each compiler with its configuration, and for how many files."""
    entries = parts(part(document, "files"), "entries")
    counted = Counter(text(one, "detail") for one in entries if text(one, "class") in EXPLAINED)
    named = [(shown(detail, limit=256), number) for detail, number in sorted(counted.items()) if detail]
    if not named:
        return None
    return {
        "bom-ref": "formula:explained",
        "workflows": [
            {
                "bom-ref": "explained",
                "uid": f"provenly:explained:{text(part(document, 'source'), 'commit')}",
                "name": "made again from the source by provenly, byte for byte",
                "taskTypes": ["build"],
                "properties": [
                    {"name": "provenly:compiler", "value": f"{detail}: {number} of the packed files"}
                    for detail, number in named[:MAX_COMPILERS]
                ],
            }
        ],
    }


def _said(facts: Document, key: str) -> str:
    return shown(text(facts, key), limit=512)


def _external(kind: str, url: str, comment: str) -> dict[str, Any]:
    if not https(url):
        return {}
    return {"externalReference": {"type": kind, "url": url, "comment": comment}}
