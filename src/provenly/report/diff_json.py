"""A diff for machines, version 1; ``schema/diff-1.schema.json`` in the repository describes it."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from provenly.report.bounds import Bounds
from provenly.report.diff_view import File, Side, View
from provenly.report.json_report import dump
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.sources import SourceChange

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
        "remarks": [bounds.text(text) for text in bounds.items(view.remarks)],
        "findings": [
            {"code": note.code, "text": bounds.text(note.text), "path": bounds.text(note.where)}
            for note in bounds.items(view.findings)
        ],
        "cues": [_cue(cue, bounds) for cue in bounds.items(view.cues)],
        "cues_left_out": view.cues_left_out,
        "commits": _commits(view, bounds),
        "source_changes": [_source(one, bounds) for one in bounds.items(view.source_changes)],
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


def _cue(cue: Cue, bounds: Bounds) -> dict[str, object]:
    was = {"text": bounds.text(cue.was), "path": bounds.text(cue.was_path), "line": cue.was_line or None}
    return {
        "kind": cue.kind.value,
        "text": bounds.text(cue.text),
        "path": bounds.text(cue.path),
        "line": cue.line or None,
        "reachable": cue.reached,
        "before": was if cue.was_path else None,
    }


def _commits(view: View, bounds: Bounds) -> dict[str, object] | None:
    found = view.between_commits
    if found is None:
        return None
    return {
        "count": found.count,
        "undone": found.undone,
        "listed": [
            {
                "commit": one.commit,
                "time": one.time.isoformat().replace("+00:00", "Z"),
                "author": bounds.text(one.author),
                "subject": bounds.text(one.subject),
            }
            for one in bounds.items(found.commits)
        ],
    }


def _source(one: SourceChange, bounds: Bounds) -> dict[str, object]:
    return {
        "path": bounds.text(one.path),
        "change": one.change,
        "lines": [[first, last] for first, last in bounds.items(one.lines)],
        "detail": bounds.text(one.detail),
        "diff": _diff(one.diff, bounds),
    }


def _diff(diff: str, bounds: Bounds) -> list[str] | None:
    return [bounds.text(line) for line in bounds.items(diff.split("\n")[:-1])] if diff else None


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
        "follows": bounds.optional(file.source),
        "diff": _diff(file.diff, bounds),
    }
