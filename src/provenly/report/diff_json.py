"""A diff for machines, version 1; ``schema/diff-1.schema.json`` in the repository describes it."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from provenly.report.bounds import Bounds
from provenly.report.diff_view import File, Side, View
from provenly.report.json_report import dump

SCHEMA: Final = "provenly/diff/1"
"""The identifier of the format. Members may be added under it; none is renamed, removed or given another meaning."""


def render(view: View) -> str:
    """Return the diff as one indented JSON document that ends in a line break."""
    bounds = Bounds()
    members: dict[str, object] = {
        "schema": SCHEMA,
        "tool": {"name": "provenly", "version": view.tool_version},
        "made_at": view.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "between": view.between,
        "before": _side(view.left, bounds) if view.between == "versions" else None,
        "after": _side(view.right, bounds),
        "summary": bounds.text(view.summary),
        "look": view.look,
        "problems": [bounds.text(text) for text in bounds.items(view.problems)],
        "cues": [
            {
                "kind": cue.kind.value,
                "text": bounds.text(cue.text),
                "path": bounds.text(cue.path),
                "line": cue.line or None,
            }
            for cue in bounds.items(view.cues)
        ],
        "cues_left_out": view.cues_left_out,
        "sources": [bounds.text(path) for path in bounds.items(view.sources)],
        "files": [_file(file, bounds) for file in bounds.items(view.files)],
    }
    members["truncated"] = bounds.counts()
    return dump(members, indent=2)


def _side(side: Side, bounds: Bounds) -> dict[str, object]:
    return {
        "package": bounds.text(side.package),
        "sha512": bounds.optional(side.sha512),
        "repository": bounds.optional(side.repository),
        "commit": bounds.optional(side.commit),
        "found_by": bounds.optional(side.found_by),
        "files": side.files,
        "explained": side.explained,
    }


def _file(file: File, bounds: Bounds) -> dict[str, object]:
    return {
        "path": bounds.text(file.path),
        "compared_with": bounds.optional(file.before),
        "change": file.change,
        "class": bounds.optional(file.file_class),
        "executable": file.executable,
        "reachable": file.reachable,
        "size": file.size,
        "lines": [[first, last] for first, last in bounds.items(file.lines)],
        "detail": bounds.text(file.detail),
        "diff": [bounds.text(line) for line in bounds.items(file.diff.split("\n")[:-1])] if file.diff else None,
    }
