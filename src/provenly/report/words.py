"""The words that more than one report uses: what was verified, how it came out, and how to say a size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from provenly.report import causes
from provenly.trust.evidence import Evidence, Status
from provenly.trust.text import plural, redact, show
from provenly.trust.verdict import Action, Reason, Report

STATUS: Final = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ABSENT: "absent (looked, and there is none)",
    Status.UNCHECKED: "unchecked (could not look)",
}
"""The four statuses, with what sets the two quiet ones apart."""

_LOWER: Final = frozenset({"npm", "npx", "git", "provenly"})
"""Names that keep their small letter at the start of a sentence."""

KILO: Final = 1_000
"""Bytes of a kilobyte, as in the International System of Units and in npm's own output."""


def foreign(text: str, *, limit: int = 2_048, keep: str = "") -> str:
    r"""Return text that strangers wrote, safe to show in a terminal or a log.

    What acts on terminals or misleads readers is escaped, secrets in web addresses are removed, and the marker of the
    older GitHub Actions commands, which is obeyed anywhere in a line, is broken: ``##[`` becomes ``##\[``.
    """
    return show(redact(text), limit=limit, keep=keep).replace("##[", "##\\[")


def subject(report: Report) -> str:
    """Return what the report is about, ``name@version`` where a package was resolved, else the reference as asked."""
    if report.package is None:
        return foreign(report.reference.text, limit=256)
    return foreign(f"{report.package.name}@{report.package.version}", limit=512)


def deciding(report: Report) -> Reason | None:
    """Return the reason whose sentence stands for the verdict, or ``None`` where nothing is held or denied."""
    action = report.verdict.action
    if action.rank <= Action.WARN.rank:
        return None
    return next((reason for reason in causes.ordered(report.verdict.reasons) if reason.action is action), None)


def why(report: Report) -> str:
    """Return one sentence that says why the verdict is what it is, and how many more causes it has."""
    action = report.verdict.action
    if action is Action.ALLOW:
        return f"{_passed(report)}{_explained(report)}."
    if action is Action.WARN:
        warnings = [reason for reason in causes.ordered(report.verdict.reasons) if reason.action is action]
        return f"{plural(len(warnings), 'warning')} ({checks(warnings)}){_explained(report)}."
    reason = deciding(report)
    if reason is None:
        return "No rule of the policy was applied, and nothing passes unlooked at."
    evidence = {one.check: one for one in report.evidence}
    more = sum(cause[0].action is action for cause in causes.joined(report.verdict.reasons, evidence)) - 1
    text = said(reason, evidence.get(reason.check))
    return f"{text} {plural(more, 'more reason')} to {action}." if more else text


def said(reason: Reason, evidence: Evidence | None) -> str:
    """Return the sentence of a reason, without the parenthesis in which it repeats what was expected and found."""
    text = reason.text
    if evidence is not None:
        text = text.replace(f" (expected {evidence.expected}; found {evidence.actual})", "")
    return sentence(text)


def sentence(text: str) -> str:
    """Return foreign text as a sentence: with a capital, unless it starts with a name or path, and a full stop."""
    text = foreign(text)
    first = text.split(" ", 1)[0]
    if first.isalpha() and first not in _LOWER:
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _passed(report: Report) -> str:
    reasons = report.verdict.reasons
    passed = sum(reason.status is Status.PASSED for reason in reasons)
    others = len(reasons) - passed
    text = f"{plural(passed, 'check')} passed"
    return f"{text}, {others} did not and the policy allows that" if others else text


def _explained(report: Report) -> str:
    """Return how many files the source explains, as the end of a sentence; empty where nothing was compared."""
    if report.comparison is None or report.source is None:
        return ""
    total = len(report.comparison.files)
    explained = total - len(report.comparison.unexplained)
    return f"; {foreign(report.source.repository, limit=256)} explains {explained} of {plural(total, 'file')}"


def checks(reasons: Iterable[Reason]) -> str:
    """Return the ids of the checks of ``reasons``, joined by commas."""
    return ", ".join(foreign(reason.check, limit=64) for reason in reasons)


def size(count: int) -> str:
    """Return a number of bytes for people: ``812 B``, ``12.3 kB``, ``4.0 MB``."""
    if count < KILO:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB"):
        amount /= KILO
        if amount < KILO - 0.05:
            return f"{amount:.1f} {unit}"
    return f"{amount / KILO:.1f} GB"


def lines(ranges: Sequence[tuple[int, int]], *, limit: int) -> str:
    """Return ``line 12`` or ``6 lines: 3-7, 12`` for ranges of lines, at most ``limit`` of them, the rest counted."""
    count = sum(last - first + 1 for first, last in ranges)
    spans = [str(first) if first == last else f"{first}-{last}" for first, last in ranges]
    if count == 1:
        return f"line {spans[0]}"
    rest = f" and {plural(len(spans) - limit, 'more range')}" if len(spans) > limit else ""
    return f"{plural(count, 'line')}: {', '.join(spans[:limit])}{rest}"
