"""JUnit XML: a suite for each package, a case for each check.

There is no standard; the members written here are those that Jenkins, GitLab and GitHub's report actions read (the
schema of Jenkins' xUnit plugin). A deny is a failure and a hold an error, since both stop. A check that could not look,
or found nothing to look at, and does not stop is *skipped*: that is the nearest that JUnit has, and the message says
which of the two it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from provenly.report import findings as findings_module
from provenly.report.findings import Finding, Findings
from provenly.trust.evidence import Status
from provenly.trust.strict_json import Json
from provenly.trust.verdict import Action

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not (section 2.2, Char)."""

_QUIET: Final = frozenset({Status.ABSENT, Status.UNCHECKED})


def render(document: Mapping[str, Json]) -> str:
    """Return the JUnit XML of one report."""
    return render_all([document])


def render_all(documents: Sequence[Mapping[str, Json]]) -> str:
    """Return one JUnit XML document with a suite for each report."""
    root = ET.Element("testsuites", {"name": "provenly"})
    for document in documents:
        _suite(root, findings_module.of(document))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, found: Findings) -> None:
    stopping = [finding for finding in found.findings if finding.stops]
    # A verdict that stops without a reason that does would pass here otherwise: nothing vacuously passes.
    hollow = found.action.rank >= Action.HOLD.rank and not stopping
    denied = sum(finding.action is Action.DENY for finding in stopping) + hollow
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "name": _xml(found.subject),
            "tests": str(len(found.findings) + hollow),
            "failures": str(denied),
            "errors": str(len(stopping) + hollow - denied),
            "skipped": str(sum(_skipped(finding) for finding in found.findings)),
            "timestamp": _xml(found.checked_at),
        },
    )
    properties = ET.SubElement(suite, "properties")
    named = (
        ("verdict", found.action.value),
        ("purl", found.purl),
        ("policy", f"{found.policy} {found.policy_digest}"),
        ("provenly", found.tool_version),
        *(("waiver", waiver) for waiver in found.waivers),
    )
    for name, value in named:
        ET.SubElement(properties, "property", {"name": name, "value": _xml(value)})
    for finding in found.findings:
        _case(suite, found, finding)
    if hollow:
        case = ET.SubElement(suite, "testcase", {"classname": _xml(found.subject), "name": "verdict"})
        text = "No rule of the policy was applied, and nothing passes unlooked at."
        ET.SubElement(case, "failure", {"type": found.action.value, "message": text})


def _case(suite: ET.Element, found: Findings, finding: Finding) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": _xml(found.subject), "name": _xml(finding.check)})
    message = _xml(f"{finding.status}: {finding.sentence}")
    if finding.stops:
        kind = "failure" if finding.action is Action.DENY else "error"
        stopped = ET.SubElement(case, kind, {"type": finding.action.value, "message": message})
        stopped.text = _xml(f"expected: {finding.expected or '-'}\nfound: {finding.actual or '-'}")
    elif _skipped(finding):
        ET.SubElement(case, "skipped", {"message": message})
    if finding.action is Action.WARN:
        ET.SubElement(case, "system-out").text = _xml(f"warn: {finding.status}: {finding.sentence}")


def _skipped(finding: Finding) -> bool:
    return not finding.stops and finding.status in _QUIET


def _xml(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
