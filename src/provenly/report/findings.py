"""What a report document found, as the lists that CI systems want: one finding a check, and how much it stops.

SARIF, JUnit, GitHub's annotations and its job summary say the same thing in four ways. They read it here, so that none
of them can disagree with the exit code: what stops is what the verdict holds or denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenly.report import read
from provenly.report.words import foreign
from provenly.trust.evidence import Status
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.trust.verdict import Action


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one check came to.

    :param check: the id of the check.
    :param text: one sentence: why; safe to show.
    :param turn: what would turn it; empty where there is nothing to do.
    :param waived: the reason of the waiver that lowered the action, or empty.
    :param expected: what would have passed, or empty.
    :param actual: what was found, or empty.
    """

    check: str
    status: Status
    action: Action
    text: str
    turn: str
    waived: str
    expected: str
    actual: str

    @property
    def stops(self) -> bool:
        """Whether the package is held or denied for it."""
        return self.action.rank >= Action.HOLD.rank

    @property
    def sentence(self) -> str:
        """All that a reader needs, on one line: the reason, the waiver, and what to do next."""
        waived = f" Waived: {self.waived}" if self.waived else ""
        return f"{self.text}{waived}{f' {self.turn}' if self.turn else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a document is about and what was decided.

    :param subject: ``name@version``, or the reference as it was asked for; safe to show.
    :param name: the package's name, empty where nothing was resolved; as it was written.
    :param purl: the package URL, or empty.
    :param findings: the strictest first, as in the verdict.
    :param policy: the policy's name, and its digest as ``sha256:…``.
    :param waivers: one sentence for each waiver that was applied.
    """

    subject: str
    name: str
    purl: str
    action: Action
    findings: tuple[Finding, ...]
    policy: str
    policy_digest: str
    checked_at: str
    tool_version: str
    waivers: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The verdict and what it is about, as the start of a sentence."""
        stopping = sum(finding.stops for finding in self.findings)
        why = f": {plural(stopping, 'reason')} to stop" if stopping else ""
        return f"{self.action.upper()} {self.subject}{why}"


def of(document: Mapping[str, Json]) -> Findings:
    """Return what ``document``, a JSON report, found.

    A verdict that names no action or one that nobody knows is a deny, and so is a reason of that kind: nothing
    vacuously passes.
    """
    verdict = read.mapping(document, "verdict")
    package = read.mapping(document, "package")
    name = read.text(package, "name")
    evidence = {read.text(one, "check"): one for one in read.mappings(document, "evidence")}
    subject = f"{name}@{read.text(package, 'version')}" if name else read.text(document, "reference")
    return Findings(
        subject=foreign(subject, limit=512),
        name=name,
        purl=read.text(package, "purl"),
        action=_action(read.text(verdict, "action")),
        findings=tuple(_finding(reason, evidence) for reason in read.mappings(verdict, "reasons")),
        policy=foreign(read.text(read.mapping(verdict, "policy"), "name"), limit=128),
        policy_digest=foreign(read.text(read.mapping(verdict, "policy"), "digest"), limit=160),
        checked_at=foreign(read.text(document, "checked_at"), limit=64),
        tool_version=foreign(read.text(read.mapping(document, "tool"), "version"), limit=64),
        waivers=tuple(_waiver(one) for one in read.mappings(verdict, "waivers")),
    )


def _finding(reason: read.Members, evidence: Mapping[str, read.Members]) -> Finding:
    check = read.text(reason, "check")
    found = evidence.get(check, {})
    status = read.text(reason, "status")
    return Finding(
        check=foreign(check, limit=64),
        status=Status(status) if status in tuple(Status) else Status.UNCHECKED,
        action=_action(read.text(reason, "action")),
        text=_sentence(read.text(reason, "text")),
        turn=_sentence(read.text(reason, "turn") or read.text(found, "hint")),
        waived=_sentence(read.text(reason, "waived")),
        expected=foreign(read.text(found, "expected")),
        actual=foreign(read.text(found, "actual")),
    )


def _waiver(waiver: read.Members) -> str:
    text = {key: foreign(read.text(waiver, key), limit=1_000) for key in ("check", "owner", "expires")}
    reason = _sentence(read.text(waiver, "reason"))
    return f"{text['check']} is waived until {text['expires']} by {text['owner']}: {reason}"


def _sentence(text: str) -> str:
    shown = foreign(text)
    return shown if not shown or shown.endswith((".", "!", "?", ":")) else f"{shown}."


def _action(text: str) -> Action:
    return Action(text) if text in tuple(Action) else Action.DENY
