"""The answer of ``verify-attestations`` for people: what came out first, then a block for each attestation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenly.report import answers
from provenly.report.answers import comparison, row
from provenly.report.page import Page
from provenly.report.words import foreign
from provenly.trust.evidence import Status
from provenly.trust.text import plural

if TYPE_CHECKING:
    from provenly.trust.attestations.examination import Examined
    from provenly.trust.attestations.model import Statement
    from provenly.verify.attestation_file import Answer

MARKS: Final = {Status.PASSED: "✓", Status.FAILED: "✗", Status.UNCHECKED: "?", Status.ABSENT: "-"}
"""What stands before an attestation; the word after it says the same where the terminal lacks the character."""

WORDS: Final = {Status.PASSED: "holds", Status.FAILED: "is refused", Status.UNCHECKED: "is unchecked"}


def line(answer: Answer) -> str:
    """Return the answer in one line, without a line break."""
    error = answer.error
    kinds = ", ".join(one.kind for one in answer.attestations)
    return answers.line(answer.status, _package(answer), answers.reason(error) if error else kinds)


def render(answer: Answer, *, width: int, colour: bool) -> str:
    """Return the answer as lines for a terminal, each of which ends in a line break.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences.
    """
    page = Page(width, colour=colour)
    answers.headline(page, answer.status, _package(answer), _why(answer))
    for one in answer.attestations:
        page.blank()
        _attestation(page, one)
    if answer.error is not None and all(one.error is not answer.error for one in answer.attestations):
        page.blank()
        comparison(page, answer.error, indent=2)
    page.blank()
    _places(page, answer)
    return page.text()


def _package(answer: Answer) -> str:
    return foreign(f"{answer.asked.name}@{answer.asked.version}", limit=512)


def _why(answer: Answer) -> str:
    if answer.error is not None:
        return answers.reason(answer.error)
    count = len(answer.attestations)
    return f"{plural(count, 'attestation')}: every one holds and is about these bytes."


def _attestation(page: Page, one: Examined) -> None:
    """Show one attestation: how it came out, who signed it and when, what was compared, what to know."""
    style = answers.HEADLINES[one.status][1].removeprefix("bold ")
    page.row(f"{one.kind} {WORDS[one.status]}", style="bold", label=(MARKS[one.status], style), indent=2, column=4)
    if one.error is not None:
        row(page, "reason", answers.reason(one.error))
        comparison(page, one.error)
    if one.statement is not None:
        _signer(page, one.statement)
    for outcome in ("agrees", "differs", "not compared"):
        fields = [field.field for field in one.compared if field.outcome == outcome]
        if fields:
            row(page, outcome, ", ".join(fields).replace("_", " "))
    if one.builder:
        row(page, "builder", foreign(one.builder))
    for note in one.notes:
        row(page, "note", answers.coded(note.text, note.code))


def _signer(page: Page, statement: Statement) -> None:
    verified = statement.verified
    identity = verified.signed_by.identity
    if identity is None:
        row(page, "signed by", f"the registry's key {foreign(verified.signed_by.keyid)}")
    else:
        row(page, "signed by", foreign(identity.subject))
        row(page, "issuer", foreign(identity.issuer))
    row(page, "signed at", answers.signed_at(verified))


def _places(page: Page, answer: Answer) -> None:
    """Say what was compared with what, on whose word and when."""
    asked = answer.asked
    archive = f" of {foreign(asked.archive.path, limit=256)}" if asked.archive else ""
    row(page, "bytes", f"sha512:{asked.sha512.hex[:12]}…{archive}", indent=2)
    if answer.repository:
        row(page, "source", f"{foreign(answer.repository)}, as its package.json says", indent=2)
    row(page, "trusted root", answers.origin(answer.trusted_root), indent=2)
    keys = answers.origin(answer.keys) if answer.keys else f"none of {foreign(asked.registry, limit=256)} are known"
    row(page, "keys", keys, indent=2)
    row(page, "judged", answers.judged(answer.checked_at), indent=2)
