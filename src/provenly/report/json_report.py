"""The JSON report, version 1: everything that a verification found, for machines.

One report is one document; ``schema/report-1.schema.json`` in the repository describes it, and refuses members that it
does not name. What is not known is ``null``. Text keeps the characters that it has: JSON escapes keep terminals safe.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from provenly.report import claimed, graph_json, signers
from provenly.report.bounds import Bounds
from provenly.trust.artifact import Artifact
from provenly.trust.evidence import Comparison, Evidence, Explanation, FileClass, Trace
from provenly.trust.model import Note, Package, SourceClaim
from provenly.trust.source import Candidate, Source
from provenly.trust.verdict import Report, Verdict, Waiver

SCHEMA: Final = "provenly/report/1"
"""The identifier of the format. Members may be added under it; none is renamed, removed or given another meaning."""

_ACTING: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are escaped: they act on terminals or mislead readers of the raw document."""


def render(report: Report) -> str:
    """Return the report as one indented JSON document that ends in a line break."""
    return dump(document(report), indent=2)


def render_line(report: Report) -> str:
    """Return the report as one line of JSON Lines (https://jsonlines.org) with its line break."""
    return dump(document(report), indent=None)


def document(report: Report) -> dict[str, object]:
    """Return the members of the report as plain dicts and lists, in the order in which they are written."""
    bounds = Bounds()
    members: dict[str, object] = {
        "schema": SCHEMA,
        "tool": {"name": "provenly", "version": report.tool_version},
        "reference": bounds.text(report.reference.text),
        "checked_at": _time(report.checked_at),
        "package": None if report.package is None else _package(report.package, report, bounds),
        "artifact": None if report.artifact is None else _artifact(report.artifact, bounds),
        "source": None if report.source is None else _source(report.source, signers.repository_id(report), bounds),
        "files": None if report.comparison is None else _files(report.comparison, report.artifact, bounds),
        "graph": None if report.graph is None else graph_json.members(report.graph, bounds),
        "evidence": [_evidence(evidence, bounds) for evidence in report.evidence],
        "verdict": verdict_members(report.verdict, bounds),
        "notes": _notes(report.notes, bounds),
    }
    members["truncated"] = bounds.counts()
    return members


def _package(package: Package, report: Report, bounds: Bounds) -> dict[str, object]:
    return {
        "ecosystem": package.ecosystem.value,
        "name": bounds.text(package.name),
        "version": bounds.text(package.version),
        "purl": bounds.text(package.purl),
        "published": None if package.published is None else _time(package.published),
        "publisher": bounds.optional(package.release.publisher),
        "registry": bounds.optional(package.registry),
        "deprecated": bounds.optional(package.deprecated),
        "claims": [_claim(claim, bounds) for claim in bounds.items(package.claims)],
        **claimed.members(report, bounds),
    }


def _claim(claim: SourceClaim, bounds: Bounds) -> dict[str, object]:
    return {
        "claimant": claim.claimant.value,
        "text": bounds.text(claim.text),
        "repository": bounds.optional(claim.repository),
        "directory": bounds.text(claim.directory),
        "revision": bounds.optional(claim.revision),
        "refused": bounds.optional(claim.refused),
    }


def _artifact(artifact: Artifact, bounds: Bounds) -> dict[str, object]:
    return {
        "url": bounds.optional(artifact.package.url or artifact.origin),
        "size": artifact.size,
        "sha256": artifact.sha256.hex,
        "sha512": artifact.sha512.hex,
        "integrity_claimed": artifact.claimed,
    }


def _source(source: Source, repository_id: str, bounds: Bounds) -> dict[str, object]:
    return {
        "repository": bounds.text(source.repository),
        "repository_id": bounds.optional(repository_id),
        "commit": bounds.text(source.commit),
        "found_by": source.found_by.value,
        "directory": bounds.text(source.directory),
        "claimant": source.claim.claimant.value,
        "candidates": [_candidate(candidate, bounds) for candidate in bounds.items(source.candidates)],
        "notes": _notes(source.notes, bounds),
    }


def _candidate(candidate: Candidate, bounds: Bounds) -> dict[str, object]:
    return {
        "commit": bounds.text(candidate.commit),
        "found_by": candidate.found_by.value,
        "name": bounds.optional(candidate.name),
        "reachable": candidate.reachable,
        "directory": None if candidate.directory is None else bounds.text(candidate.directory),
        "version": bounds.optional(candidate.version),
        "chosen": candidate.chosen,
        "note": bounds.optional(candidate.note),
    }


def _files(comparison: Comparison, artifact: Artifact | None, bounds: Bounds) -> dict[str, object]:
    digests = {} if artifact is None else {file.path: file.digest.hex for file in artifact.files}
    counts = Counter(file.file_class for file in comparison.files)
    return {
        "total": len(comparison.files),
        "executable": sum(file.executable for file in comparison.files),
        "by_class": {kind.value: counts[kind] for kind in FileClass},
        "bytes_by_class": {kind.value: comparison.size(kind) for kind in FileClass},
        "unexplained": [_unexplained(file, bounds) for file in bounds.items(comparison.unexplained)],
        "traced": [
            _traced(file, file.trace, bounds) for file in bounds.items(comparison.traced) if file.trace is not None
        ],
        "entries": [_entry(file, digests.get(file.path), bounds) for file in bounds.items(comparison.files)],
    }


def _entry(file: Explanation, digest: str | None, bounds: Bounds) -> dict[str, object]:
    return {
        "path": bounds.text(file.path),
        "size": file.size,
        "sha256": digest,
        "class": file.file_class.value,
        "executable": file.executable,
        "reachable": file.reachable,
        "explainer": bounds.optional(file.explainer),
        "source": bounds.optional(file.source),
        "elsewhere": file.elsewhere,
        "detail": bounds.optional(file.detail),
    }


def _traced(file: Explanation, trace: Trace, bounds: Bounds) -> dict[str, object]:
    return {
        "path": bounds.text(file.path),
        "class": file.file_class.value,
        "size": trace.size,
        "sources": trace.sources,
        "source_files": trace.files,
        "dependencies": {
            bounds.text(name): trace.dependencies[name] for name in bounds.items(sorted(trace.dependencies))
        },
        "glue": trace.glue,
        "untraced": trace.untraced,
        "pieces": trace.pieces,
        "rewritten_by": bounds.optional(f"esbuild {trace.rewritten}" if trace.rewritten else ""),
        "missing": [bounds.text(name) for name in bounds.items(trace.missing)],
        "foreign": [
            {"kind": word.kind, "text": bounds.text(word.text), "line": word.line or None}
            for word in bounds.items(trace.words)
        ],
    }


def _unexplained(file: Explanation, bounds: Bounds) -> dict[str, object]:
    return {
        "path": bounds.text(file.path),
        "size": file.size,
        "executable": file.executable,
        "reachable": file.reachable,
        "lines": [[first, last] for first, last in bounds.items(file.lines)],
        "reason": bounds.text(file.detail),
        "nearest": bounds.optional(file.source),
        "diff": bounds.optional(file.diff),
        "unchecked": bounds.optional(file.unchecked),
    }


def _evidence(evidence: Evidence, bounds: Bounds) -> dict[str, object]:
    return {
        "check": evidence.check,
        "status": evidence.status.value,
        "strength": bounds.optional(evidence.strength),
        "summary": bounds.text(evidence.summary),
        "expected": bounds.optional(evidence.expected),
        "actual": bounds.optional(evidence.actual),
        "hint": bounds.optional(evidence.hint),
        "facts": _facts(evidence.facts, bounds),
        "consulted": [bounds.text(text) for text in bounds.items(evidence.consulted)],
    }


def _facts(facts: Mapping[str, object], bounds: Bounds) -> dict[str, object]:
    """Return facts as plain values with sorted keys: their order means nothing."""
    return {bounds.text(key): _fact(facts[key], bounds) for key in bounds.items(sorted(facts))}


def _fact(value: object, bounds: Bounds) -> object:
    if isinstance(value, Mapping):
        return _facts(value, bounds)
    if isinstance(value, (tuple, list)):
        return [_fact(member, bounds) for member in bounds.items(value)]
    return bounds.text(value) if isinstance(value, str) else value


def verdict_members(verdict: Verdict, bounds: Bounds | None = None) -> dict[str, object]:
    """Return a verdict as plain dicts and lists; what is cut is counted in ``bounds``."""
    bounds = bounds or Bounds()
    return {
        "action": verdict.action.value,
        "reasons": [
            {
                "check": reason.check,
                "status": reason.status.value,
                "action": reason.action.value,
                "text": bounds.text(reason.text),
                "turn": bounds.optional(reason.turn),
                "waived": bounds.optional(reason.waived),
                "rule": bounds.optional(reason.rule),
            }
            for reason in verdict.reasons
        ],
        "policy": {"name": bounds.text(verdict.policy), "digest": str(verdict.policy_digest)},
        "waivers": [_waiver(waiver, bounds) for waiver in verdict.waivers],
        "expired_waivers": [_waiver(waiver, bounds) for waiver in verdict.expired],
    }


def _waiver(waiver: Waiver, bounds: Bounds) -> dict[str, object]:
    return {
        "check": waiver.check,
        "package": bounds.text(waiver.package),
        "version": bounds.optional(waiver.version),
        "reason": bounds.text(waiver.reason),
        "owner": bounds.text(waiver.owner),
        "expires": waiver.expires.isoformat(),
    }


def _notes(notes: Iterable[Note], bounds: Bounds) -> list[dict[str, object]]:
    return [
        {"code": bounds.text(note.code), "text": bounds.text(note.text), "where": bounds.optional(note.where)}
        for note in bounds.items(tuple(notes))
    ]


def _time(moment: datetime) -> str:
    """Return an RFC 3339 time in UTC, in whole seconds unless there are fractions."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def dump(members: Mapping[str, object], *, indent: int | None) -> str:
    """Return JSON in which what could act on a terminal is written as an escape; parsers read the same text.

    Outside strings a JSON document has ASCII only, and ``json`` escapes ASCII control characters but DEL: every
    character that is replaced here stands in a string, where an escape means the same.
    """
    text = json.dumps(members, ensure_ascii=False, allow_nan=False, indent=indent)
    return re.sub(r"[^\x20-\x7e\n]", _escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) not in _ACTING:
        return character
    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"
