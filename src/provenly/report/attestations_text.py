"""The answer of ``verify-attestations`` for people: what came out first, then a block for each attestation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from provenly.report.page import Page
from provenly.report.words import foreign
from provenly.trust.errors import Error, RejectedError
from provenly.trust.evidence import Status
from provenly.trust.text import plural
from provenly.version import VERSION

if TYPE_CHECKING:
    from provenly.trust.attestations.examination import Examined
    from provenly.trust.attestations.model import Statement
    from provenly.trust.roots.material import Origin
    from provenly.verify.attestation_file import Answer

HEADLINES: Final = {
    Status.PASSED: ("VERIFIED", "bold green"),
    Status.FAILED: ("REFUSED", "bold red"),
    Status.UNCHECKED: ("UNCHECKED", "bold yellow"),
    Status.ABSENT: ("ABSENT", "bold yellow"),
}

MARKS: Final = {Status.PASSED: "✓", Status.FAILED: "✗", Status.UNCHECKED: "?", Status.ABSENT: "-"}
"""What stands before an attestation; the word after it says the same where the terminal lacks the character."""

WORDS: Final = {Status.PASSED: "holds", Status.FAILED: "is refused", Status.UNCHECKED: "is unchecked"}

COLUMN: Final = 16
"""Column at which text beside a label begins: the longest label, ``not compared``, and its indentation."""


def line(answer: Answer) -> str:
    """Return the answer in one line, without a line break."""
    head = f"{HEADLINES[answer.status][0].lower()} {_package(answer)}"
    if answer.error is not None:
        return f"{head}: {foreign(answer.error.message, limit=512)} [{answer.error.code}]"
    return f"{head}: {', '.join(one.kind for one in answer.attestations)}"


def render(answer: Answer, *, width: int, colour: bool) -> str:
    """Return the answer as lines for a terminal, each of which ends in a line break.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences.
    """
    page = Page(width, colour=colour)
    label = HEADLINES[answer.status]
    page.row(_package(answer), style="bold", label=label, column=len(label[0]) + 2)
    page.row(_why(answer), indent=len(label[0]) + 2)
    for one in answer.attestations:
        page.blank()
        _attestation(page, one)
    if answer.error is not None and all(one.error is not answer.error for one in answer.attestations):
        page.blank()
        _error(page, answer.error)
    page.blank()
    _places(page, answer)
    return page.text()


def _package(answer: Answer) -> str:
    return foreign(f"{answer.asked.name}@{answer.asked.version}", limit=512)


def _why(answer: Answer) -> str:
    if answer.error is not None:
        return _sentence(f"{foreign(answer.error.message)} [{answer.error.code}]")
    count = len(answer.attestations)
    return f"{plural(count, 'attestation')}: every one holds and is about these bytes."


def _attestation(page: Page, one: Examined) -> None:
    """Show one attestation: how it came out, who signed it and when, what was compared, what to know."""
    style = HEADLINES[one.status][1].removeprefix("bold ")
    page.row(f"{one.kind} {WORDS[one.status]}", style="bold", label=(MARKS[one.status], style), indent=2, column=4)
    if one.error is not None:
        _error(page, one.error)
    if one.statement is not None:
        _signer(page, one.statement)
    for outcome in ("agrees", "differs", "not compared"):
        fields = [field.field for field in one.compared if field.outcome == outcome]
        if fields:
            _row(page, outcome, ", ".join(fields).replace("_", " "))
    if one.builder:
        _row(page, "builder", foreign(one.builder))
    for note in one.notes:
        _row(page, "note", f"{_sentence(foreign(note.text))} [{note.code}]")


def _signer(page: Page, statement: Statement) -> None:
    verified = statement.verified
    identity = verified.signed_by.identity
    if identity is None:
        _row(page, "signed by", f"the registry's key {foreign(verified.signed_by.keyid)}")
    else:
        _row(page, "signed by", foreign(identity.subject))
        _row(page, "issuer", foreign(identity.issuer))
    entry = "" if verified.log_index is None else f", entry {verified.log_index} of {foreign(verified.log_url)}"
    _row(page, "signed at", f"{_time(verified.signed_at[0])}{entry}")


def _error(page: Page, error: Error) -> None:
    _row(page, "reason", f"{_sentence(foreign(error.message))} [{error.code}]")
    if isinstance(error, RejectedError) and error.expected != error.actual:
        _row(page, "expected", foreign(error.expected))
        _row(page, "found", foreign(error.actual))
    if error.hint:
        _row(page, "hint", foreign(error.hint))


def _places(page: Page, answer: Answer) -> None:
    """Say what was compared with what, on whose word and when."""
    asked = answer.asked
    archive = f" of {foreign(asked.archive.path, limit=256)}" if asked.archive else ""
    _row(page, "bytes", f"sha512:{asked.sha512.hex[:12]}…{archive}", indent=2)
    if answer.repository:
        _row(page, "source", f"{foreign(answer.repository)}, as its package.json says", indent=2)
    _row(page, "trusted root", _origin(answer.trusted_root), indent=2)
    keys = _origin(answer.keys) if answer.keys else f"none of {foreign(asked.registry, limit=256)} are known"
    _row(page, "keys", keys, indent=2)
    _row(page, "judged", f"as of {_time(answer.checked_at)}, provenly {VERSION}", indent=2)


def _origin(origin: Origin) -> str:
    of = f", obtained {origin.obtained.astimezone(UTC):%Y-%m-%d}" if origin.obtained else ""
    return f"{origin.kind} ({foreign(origin.place, limit=256)}), sha256:{origin.digest.hex[:12]}…{of}"


def _row(page: Page, label: str, text: str, *, indent: int = 4) -> None:
    page.row(text, label=(label, "dim"), indent=indent, column=COLUMN + 2)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
