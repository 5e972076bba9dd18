"""Saved reports on the command line: one JSON document, or JSON lines with one report each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import UsageError

if TYPE_CHECKING:
    from provenly.report.saved import Document

MAX_REPORTS: Final = 1_000
"""Reports in one file. An inventory has some hundreds of servers; all of them are in memory at once."""

EXIT_CODES: Final = {"allow": 0, "warn": 0, "deny": 1, "hold": 3}
SEVERITY: Final = (1, 3, 0)
"""Exit codes, the one that wins among several reports first."""


def read(path: str) -> tuple[Document, ...]:
    """Return the reports of a file, or of standard input for ``-``; at least one.

    :raises UsageError: there is no such file, or what is in it is no report (``REPORT_FILE``); the message names the
        line where there are several.
    :raises UnavailableError, MalformedError: the file cannot be read, or is over the limit.
    """
    from provenly.cli import named_input
    from provenly.report import saved

    data = named_input.read(path, max_bytes=saved.MAX_BYTES, what="the report")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{path} is no report: byte {error.start} is not UTF-8"
        raise UsageError(message, code="REPORT_FILE", hint=saved.SAME_AGAIN) from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not all(line.startswith("{") and line.rstrip().endswith("}") for _, line in lines):
        return (_sound(saved.load(text, name=path), path),)
    if not lines or len(lines) > MAX_REPORTS:
        message = f"{path} has {len(lines):,} reports; 1 to {MAX_REPORTS:,} are expected"
        raise UsageError(message, code="REPORT_FILE", hint=saved.SAME_AGAIN)
    if len(lines) == 1:
        return (_sound(saved.load(text, name=path), path),)
    return tuple(_sound(saved.load(line, name=f"{path}:{number}"), f"{path}:{number}") for number, line in lines)


def _sound(document: Document, name: str) -> Document:
    """Refuse a verdict that its own reasons contradict: whatever made that file, it was not provenly.

    :raises UsageError: ``REPORT_FILE``.
    """
    from provenly.report import saved
    from provenly.report.verdicts import action, strictest_reason

    if action(document) is not strictest_reason(document):
        message = (
            f"{name} contradicts itself: its verdict is {action(document)}, and the strictest of its reasons asks for "
            f"{strictest_reason(document)}"
        )
        raise UsageError(message, code="REPORT_FILE", hint=saved.SAME_AGAIN)
    return document


def exit_code(documents: Iterable[Document]) -> int:
    """Return the exit code of the strictest verdict."""
    from provenly.report.verdicts import action

    return min((EXIT_CODES[action(document)] for document in documents), key=SEVERITY.index)
