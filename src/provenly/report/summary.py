"""One line a report, for ``--quiet``."""

from __future__ import annotations

from provenly.report.words import subject, why
from provenly.trust.verdict import Report


def line(report: Report) -> str:
    """Return the verdict, what it is about and why, on one line without its line break.

    One record is one line: line breaks in foreign text are escaped like every other control character.
    """
    return f"{report.verdict.action.upper():<5} {subject(report)}: {why(report)}"
