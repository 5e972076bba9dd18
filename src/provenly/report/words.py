"""The words that more than one report uses: what was verified, how it came out, and how to say a size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from provenly.trust.evidence import Status
from provenly.trust.text import plural, redact, show
from provenly.trust.verdict import Action, Reason, Report

STATUS: Final = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ABSENT: "absent (looked, and there is none)",
    Status.UNCHECKED: "unchecked (could not look)",
}
"""The four statuses, with what sets the two quiet ones apart."""

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
    """Return the reason whose sentence stands for the verdict, or ``None`` where no reason asks for anything."""
    action = report.verdict.action
    if action is Action.ALLOW:
        return None
    return next((reason for reason in report.verdict.reasons if reason.action is action), None)


def why(report: Report) -> str:
    """Return one sentence that says why the verdict is what it is, and how many more reasons there are."""
    action = report.verdict.action
    if action is Action.ALLOW:
        return _why_allowed(report)
    reason = deciding(report)
    if reason is None:
        return "No rule of the policy was applied, and nothing passes unlooked at."
    more = sum(other.action is action for other in report.verdict.reasons) - 1
    sentence = foreign(reason.text)
    return f"{sentence} {plural(more, 'more reason')} to {action}." if more else sentence


def _why_allowed(report: Report) -> str:
    reasons = report.verdict.reasons
    passed = sum(reason.status is Status.PASSED for reason in reasons)
    sentence = f"{plural(passed, 'check')} passed"
    if passed < len(reasons):
        sentence = f"{sentence}, {len(reasons) - passed} did not and the policy allows that"
    if report.comparison is not None and report.source is not None:
        total = len(report.comparison.files)
        explained = total - len(report.comparison.unexplained)
        repository = foreign(report.source.repository, limit=256)
        sentence = f"{sentence}; {repository} explains {explained} of {plural(total, 'file')}"
    return f"{sentence}."


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
