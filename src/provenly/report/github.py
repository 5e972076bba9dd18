"""GitHub Actions: workflow commands that annotate lines, and Markdown for the job summary.

The commands are those of "Workflow commands for GitHub Actions" (``::error file=…,line=…,title=…::message``); how their
text is escaped is in actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from provenly.report import findings as findings_module
from provenly.report.findings import Finding, Findings
from provenly.report.places import Place
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Action

COMMANDS: Final = {Action.DENY: "error", Action.HOLD: "error", Action.WARN: "warning"}
"""The command for each action; what is allowed is not annotated."""

MAX_ANNOTATIONS: Final = 10
"""Annotations of one kind that GitHub shows for a step; the last of ours says how many more there are."""

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+.!|<>~&@:$^-])")
"""Punctuation that means something to Markdown or to GitHub's additions (links, mentions, formulas, cells): behind a
backslash it means nothing (CommonMark 2.4)."""

_SIGNS: Final = {Action.ALLOW: "✅", Action.WARN: "⚠️", Action.HOLD: "✋", Action.DENY: "⛔"}


def render(document: Mapping[str, Json]) -> str:
    """Return the workflow commands of one report whose place is not known."""
    return commands([(document, None)])


def commands(documents: Sequence[tuple[Mapping[str, Json], Place | None]]) -> str:
    """Return the workflow commands of all reports, each with the line that asks for its package."""
    lines: list[str] = []
    for document, place in documents:
        found = findings_module.of(document)
        lines += _annotations(found, place)
    return "".join(f"{line}\n" for line in lines)


def _annotations(found: Findings, place: Place | None) -> list[str]:
    if found.action is Action.ALLOW:
        return [f"::notice title=provenly::{_message(found.headline)}"]
    shown = [finding for finding in found.findings if finding.action in COMMANDS]
    at = f"file={_property(place.path)},line={place.line}," if place else ""
    lines = [
        f"::{COMMANDS[finding.action]} {at}title={_property(_title(found, finding))}::{_message(finding.sentence)}"
        for finding in shown[: MAX_ANNOTATIONS - 1]
    ]
    left = len(shown) - len(lines)
    # The verdict always has a line of its own kind, even where no reason is shown for it.
    text = f"{found.headline}; {left} more in the report" if left else found.headline
    return [*lines, f"::{COMMANDS[found.action]} {at}title=provenly::{_message(text)}"]


def _title(found: Findings, finding: Finding) -> str:
    return f"{finding.action.upper()} {found.subject}: {finding.check} ({finding.status})"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def markdown(document: Mapping[str, Json]) -> str:
    """Return the Markdown of one report, for a job summary or a comment."""
    found = findings_module.of(document)
    asked = [finding for finding in found.findings if finding.action is not Action.ALLOW]
    fine = [finding for finding in found.findings if finding.action is Action.ALLOW]
    lines = [f"### {_SIGNS[found.action]} {found.action.upper()} {_plain(found.subject)}", ""]
    lines += _files(document)
    if asked:
        lines += ["| action | check | status | why | what would turn it |", "|---|---|---|---|---|"]
        lines += [_row(finding) for finding in asked]
        lines.append("")
    if fine:
        lines += [f"<details><summary>{len(fine)} checks are allowed</summary>", "", "| check | status |", "|---|---|"]
        lines += [f"| {_plain(finding.check)} | {finding.status} |" for finding in fine]
        lines += ["", "</details>", ""]
    lines += [f"- {_plain(waiver)}" for waiver in found.waivers]
    lines += [""] if found.waivers else []
    by = f"Checked {found.checked_at} by provenly {found.tool_version}, policy {found.policy} ({found.policy_digest})."
    return "\n".join([*lines, _plain(by)]) + "\n"


def _row(finding: Finding) -> str:
    why = f"{finding.text} Waived: {finding.waived}" if finding.waived else finding.text
    cells = (finding.action.value, finding.check, finding.status.value, why, finding.turn)
    return f"| {' | '.join(map(_plain, cells))} |"


def _files(document: Mapping[str, Json]) -> list[str]:
    """Return one sentence about the files, or that there was nothing to compare them with."""
    files = document.get("files")
    if not isinstance(files, Mapping):
        return ["No file was compared: no source could be read.", ""]
    counts = files.get("by_class")
    classes = counts.items() if isinstance(counts, Mapping) else ()
    said = ", ".join(f"{count} {name}" for name, count in classes if count)
    return [_plain(f"{files.get('total')} files: {said}."), ""]


def _plain(text: str) -> str:
    """Return text as Markdown that shows it and does nothing else: no link, no mention, no HTML, no new cell."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\&", "&amp;")
