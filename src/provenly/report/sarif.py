"""SARIF 2.1.0 for code scanning: one run, a rule for each check, a result for each reason that is not allowed.

The format is OASIS SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/); what GitHub takes of it is in its
"SARIF support for code scanning". A hold stops as a deny does, so that both are errors: an upload agrees with the exit
code. All statuses, those of the allowed checks too, stand in the run's properties.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from provenly.report import findings as findings_module
from provenly.report.findings import Finding, Findings
from provenly.report.json_report import dump
from provenly.report.places import Place
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Action

if TYPE_CHECKING:
    from provenly.verify.checks.base import About

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS: Final = {Action.DENY: "error", Action.HOLD: "error", Action.WARN: "warning"}
"""How GitHub is to show an action. What is allowed is no result."""

MAX_RESULTS: Final = 5_000
"""Results that GitHub shows of one run; 25,000 would be taken."""

TAGS: Final = ("mcp", "security", "supply-chain")
"""GitHub shows ten tags a rule; ``security`` puts the alerts among the security alerts."""

NOWHERE: Final = Place(path="package.json", line=1, named=False)
"""Where results point when nothing that we know of names the package: code scanning refuses those without a place."""


def render(document: Mapping[str, Json]) -> str:
    """Return the SARIF log of one report whose place is not known."""
    return render_all([(document, None)])


def render_all(documents: Sequence[tuple[Mapping[str, Json], Place | None]]) -> str:
    """Return one SARIF log of all reports, each with the line that asks for its package."""
    abouts = _abouts()
    found = [(findings_module.of(document), place) for document, place in documents]
    checks = [*abouts, *sorted({one.check for each, _ in found for one in each.findings} - set(abouts))]
    results = [
        _result(each, finding, place, checks.index(finding.check))
        for each, place in found
        for finding in each.findings
        if finding.action in LEVELS
    ]
    run: dict[str, object] = {
        "tool": {"driver": _driver(found, checks, abouts)},
        "columnKind": "utf16CodeUnits",
        "results": results[:MAX_RESULTS],
        "properties": {
            "provenly/reports": [_summary(each) for each, _ in found],
            "provenly/left-out": max(0, len(results) - MAX_RESULTS),
        },
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _abouts() -> dict[str, About]:
    """Return what each check means, in the order in which reports have them."""
    from provenly.verify.checks import CHECKS

    return {module.ID: module.ABOUT for module in CHECKS}


def _driver(
    found: Sequence[tuple[Findings, Place | None]], checks: Sequence[str], abouts: Mapping[str, About]
) -> dict[str, object]:
    version = found[0][0].tool_version if found else ""
    return {"name": "provenly", "version": version, "rules": [_rule(check, abouts.get(check)) for check in checks]}


def _rule(check: str, about: About | None) -> dict[str, object]:
    name = "".join(part.capitalize() for part in check.split("-"))
    rule: dict[str, object] = {
        "id": check,
        "name": name,
        "shortDescription": {"text": about.question if about else check},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": list(TAGS), "precision": "very-high"},
    }
    if about:
        parts = (("Proves", about.proves), ("Does not prove", about.does_not_prove), ("What to do", about.remedy))
        rule["fullDescription"] = {"text": about.proves}
        rule["help"] = {
            "text": "\n\n".join(f"{title}: {text}" for title, text in parts),
            "markdown": "\n\n".join(f"**{title}:** {text}" for title, text in parts),
        }
    return rule


def _result(found: Findings, finding: Finding, place: Place | None, rule: int) -> dict[str, object]:
    at = place or NOWHERE
    where = "" if at.named else f" No file that provenly knows of names {found.subject}, so that this stands here."
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": LEVELS[finding.action],
        "message": {"text": f"{found.subject}: {finding.action} ({finding.status}): {finding.sentence}{where}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(at.path), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": at.line},
                },
                "logicalLocations": [{"fullyQualifiedName": found.purl or found.subject, "kind": "package"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(found, finding)},
        "properties": {
            "action": finding.action.value,
            "status": finding.status.value,
            "expected": finding.expected,
            "actual": finding.actual,
            "waived": finding.waived,
        },
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/")


def _fingerprint(found: Findings, finding: Finding) -> str:
    """Return what stays the same while the same package has the same fault, whatever its version, line or wording.

    GitHub tells alerts of one rule and file apart by the hash of the line that it or its upload action makes where a
    result has none: two packages that are named on one line, or nowhere, would be one alert.
    """
    key = json.dumps([found.name or found.subject, finding.check])
    return f"{hashlib.sha256(key.encode()).hexdigest()[:16]}:1"


def _summary(found: Findings) -> dict[str, object]:
    return {
        "subject": found.subject,
        "purl": found.purl or None,
        "action": found.action.value,
        "checked_at": found.checked_at,
        "policy": {"name": found.policy, "digest": found.policy_digest},
        "checks": {finding.check: finding.status.value for finding in found.findings},
        "waivers": list(found.waivers),
    }
