"""The report for people: the verdict first, then why, then what was compared with what.

Nothing depends on colour: every colour doubles a word. Foreign text is made safe by
:func:`provenly.report.words.foreign` before it reaches the page, and the page reads no markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Final

from provenly.report import causes, file_table, signers, words
from provenly.report.page import Page
from provenly.report.words import foreign
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Note
from provenly.trust.source import FoundBy
from provenly.trust.text import plural
from provenly.trust.verdict import Action, Reason, Report

STYLES: Final = {Action.ALLOW: "bold green", Action.WARN: "yellow", Action.HOLD: "bold yellow", Action.DENY: "bold red"}

INDENT: Final = 2
"""Columns before the labels of a section."""

BODY: Final = 12
"""Column at which the text beside the labels begins: the longest label, ``artifact``, and two spaces."""

DETAIL: Final = BODY + 10
"""Column at which the values beside ``expected``, ``found``, ``hint`` and ``waived`` begin."""

MAX_NOTES: Final = 5
"""Notes that are shown unless all are asked for: they explain, and decide nothing."""

MAX_CANDIDATES: Final = 10
"""Candidates that are listed even when all is asked for; the JSON report has the rest."""

FOUND_BY: Final = {
    FoundBy.PROVENANCE: ("named by the verified provenance", ", at ", ""),
    FoundBy.USER: ("named by you", " as ", ""),
    FoundBy.GIT_HEAD: ("named by the publisher (gitHead)", ", on ", ""),
    FoundBy.TAG: ("found by its tag", " ", ""),
    FoundBy.MANIFEST_EQUAL: ("found by its manifest, which equals the packed one", ", on ", ""),
    FoundBy.VERSION_SET: ("the commit that set this version", ", on ", ""),
    FoundBy.BEST_MATCH: ("of those with this version, the one that matches best", ", on ", ""),
    FoundBy.SEARCH: ("searched for, the one that explains the most", ", on ", ""),
    FoundBy.NEAREST: ("the nearest that could be found", ", at ", ": no commit has this version"),
}
"""How the commit was found, in words; what leads over to the tag or branch, where there is one; and the end."""


def render(report: Report, *, width: int, colour: bool, verbose: bool) -> str:
    """Return the report as lines for a terminal, each of which ends in a line break.

    :param width: columns of the terminal.
    :param colour: whether to add SGR escape sequences; no others are ever written.
    :param verbose: whether to list what passed, every candidate, every note, and more of each diff.
    """
    page = Page(width, colour=colour)
    _headline(page, report)
    _reasons(page, report, verbose=verbose)
    _places(page, report, verbose=verbose)
    file_table.add(page, report, indent=INDENT, column=BODY, verbose=verbose)
    _notes(page, report, verbose=verbose)
    return page.text()


def _headline(page: Page, report: Report) -> None:
    action = report.verdict.action
    label = action.upper()
    column = len(label) + 2
    page.row(words.subject(report), style="bold", label=(label, STYLES[action]), column=column)
    page.row(words.why(report), indent=column)


def _reasons(page: Page, report: Report, *, verbose: bool) -> None:
    """Show every reason that asks for something or was waived; fold the rest into one line a status."""
    evidence = {one.check: one for one in report.evidence}
    first = words.deciding(report)
    shown = [reason for reason in report.verdict.reasons if _speaks(reason, verbose=verbose)]
    for group in causes.joined(shown, evidence, verbose=verbose):
        page.blank()
        _group(page, group, evidence, said=first is not None and first is group[0])
    folded = [reason for reason in report.verdict.reasons if not _speaks(reason, verbose=verbose)]
    if folded:
        page.blank()
    unasked = [reason for reason in folded if _unasked(evidence.get(reason.check))]
    for status in Status:
        _fold(page, status, [reason for reason in folded if reason.status is status and reason not in unasked])
    if unasked:
        sentence = f"{plural(len(unasked), 'check')} of dependencies not asked for: --deps all looks at all of them"
        page.row(sentence, label=("allow", STYLES[Action.ALLOW]), indent=INDENT, column=BODY)


def _unasked(evidence: Evidence | None) -> bool:
    """Whether a check was not made because nobody asked for it: that is no gap in what was looked at."""
    return evidence is not None and evidence.facts.get("code") == "DEPS_NOT_ASKED"


def _speaks(reason: Reason, *, verbose: bool) -> bool:
    return verbose or reason.action is not Action.ALLOW or bool(reason.waived)


def _group(page: Page, group: Sequence[Reason], evidence: Mapping[str, Evidence], *, said: bool) -> None:
    """Show reasons that are alike as one; their sentence only where the headline has not ``said`` it."""
    reason = group[0]
    status = words.STATUS[reason.status]
    one = len(group) == 1
    head = f"{foreign(reason.check, limit=64)}: {status}" if one else f"{len(group)} checks: {status}"
    page.row(head, style="bold", label=(reason.action, STYLES[reason.action]), indent=INDENT, column=BODY)
    if not one:
        page.row(_members(group), indent=BODY)
    if not said:
        page.row(words.said(reason, evidence.get(reason.check)), indent=BODY)
    for label, text in _shared(group, evidence):
        page.row(foreign(text), label=(label, "dim"), indent=BODY, column=DETAIL)


def _members(group: Sequence[Reason]) -> str:
    """Return the checks of a group; behind one that asks for less than the first, what it asks for."""
    milder = [f"{words.checks([one])} ({one.action})" for one in group if one.action is not group[0].action]
    return ", ".join((words.checks(one for one in group if one.action is group[0].action), *milder))


def _shared(group: Sequence[Reason], evidence: Mapping[str, Evidence]) -> list[tuple[str, str]]:
    """Return the labelled values that all reasons of a group have."""
    first, *others = (_details(reason, evidence.get(reason.check)) for reason in group)
    return [detail for detail in first if all(detail in other for other in others)]


def _details(reason: Reason, evidence: Evidence | None) -> list[tuple[str, str]]:
    """Return the labelled values of a reason: what was expected and found where they differ, and what would turn it."""
    details: list[tuple[str, str]] = []
    turn = reason.turn
    if evidence is not None and reason.status is not Status.PASSED:
        turn = turn or evidence.hint
        if evidence.expected != evidence.actual:
            details += [("expected", evidence.expected), ("found", evidence.actual)]
    details += [("hint", turn), ("waived", reason.waived)]
    return [(label, text) for label, text in details if text]


def _fold(page: Page, status: Status, reasons: Sequence[Reason]) -> None:
    """Say which checks of one status the policy lets through, without their sentences."""
    if not reasons:
        return
    let = "passed" if status is Status.PASSED else f"{words.STATUS[status]}, which the policy allows"
    sentence = f"{plural(len(reasons), 'check')} {let}: {words.checks(reasons)}"
    page.row(sentence, label=("allow", STYLES[Action.ALLOW]), indent=INDENT, column=BODY)


def _places(page: Page, report: Report, *, verbose: bool) -> None:
    """Say what was compared with what, who built and signed it, by which policy and when."""
    page.blank()
    _source(page, report, verbose=verbose)
    for label, text in signers.rows(report, verbose=verbose):
        _place(page, label, text)
    _artifact(page, report, verbose=verbose)
    verdict = report.verdict
    digest = f"{verdict.policy_digest.algorithm}:{verdict.policy_digest.hex[:12]}"
    moment = f"{report.checked_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    policy = f"{foreign(verdict.policy, limit=128)} ({digest}), {moment}, provenly {report.tool_version}"
    _place(page, "policy", policy)
    for waiver, how in (*((one, "until") for one in verdict.waivers), *((one, "ended on") for one in verdict.expired)):
        scope = f"{waiver.package}@{waiver.version}" if waiver.version else waiver.package
        text = f"{waiver.check} of {scope} {how} {waiver.expires}, by {waiver.owner}: {waiver.reason}"
        _place(page, "waiver", foreign(text))


def _place(page: Page, label: str, text: str) -> None:
    page.row(text, label=(label, "dim"), indent=INDENT, column=BODY)


def _source(page: Page, report: Report, *, verbose: bool) -> None:
    source = report.source
    if source is None:
        claims = report.package.claims if report.package else ()
        claimed = f"none could be read; the package claims {foreign(claims[0].text, limit=256)}" if claims else ""
        _place(page, "source", claimed or "none is claimed" if report.package else "not known")
        return
    _place(page, "source", foreign(source.repository, limit=512))
    chosen = next((candidate.name for candidate in source.candidates if candidate.chosen), "")
    where = f", in {foreign(source.directory, limit=256)}" if source.directory else ""
    page.row(f"commit {foreign(source.commit[:12])}, {_found(source.found_by, chosen)}{where}", indent=BODY)
    others = [candidate for candidate in source.candidates if not candidate.chosen]
    if others and not verbose:
        page.row(f"{plural(len(others), 'other candidate')} passed over (--verbose lists them)", indent=BODY)
    for candidate in others[:MAX_CANDIDATES] if verbose else ():
        note = f": {foreign(candidate.note, limit=256)}" if candidate.note else ""
        reach = ", in no branch or tag" if candidate.reachable is False else ""
        text = f"not {foreign(candidate.commit[:12])}, {_found(candidate.found_by, candidate.name)}{reach}{note}"
        page.row(text, style="dim", indent=BODY)
    if verbose and len(others) > MAX_CANDIDATES:
        page.row(f"and {plural(len(others) - MAX_CANDIDATES, 'more candidate')}", style="dim", indent=BODY)


def _found(found_by: FoundBy, name: str) -> str:
    """Return how a commit was found, with the tag or branch ``name`` in it."""
    said, leading, ending = FOUND_BY[found_by]
    return f"{said}{leading + foreign(name, limit=128) if name else ''}{ending}"


def _artifact(page: Page, report: Report, *, verbose: bool) -> None:
    artifact = report.artifact
    url = (report.package.url if report.package else "") or (artifact.origin if artifact else "")
    where = foreign(url, limit=4_096)
    where = where if verbose else page.middle(where, page.width - BODY)
    if artifact is None:
        _place(page, "artifact", where or "not known")
        page.row("its files were not looked into", indent=BODY)
        return
    _place(page, "artifact", where)
    claimed = "as the registry describes it" if artifact.claimed else "nobody claimed an integrity for it"
    text = f"{words.size(artifact.size)}, {plural(len(artifact.files), 'file')}, {claimed}"
    page.row(text, indent=BODY)
    _place(page, "sha256", artifact.sha256.hex)


def _notes(page: Page, report: Report, *, verbose: bool) -> None:
    notes: tuple[Note, ...] = (*report.notes, *(report.source.notes if report.source else ()))
    notes = tuple(dict.fromkeys(notes))
    if not notes:
        return
    page.blank()
    shown = notes if verbose else notes[:MAX_NOTES]
    for note in shown:
        where = f" ({page.middle(foreign(note.where, limit=512), page.width - BODY - 2)})" if note.where else ""
        text = f"{words.sentence(note.text.removesuffix('.') + where)} [{foreign(note.code, limit=64)}]"
        page.row(text, label=("note", "dim"), indent=INDENT, column=BODY)
    if len(notes) > len(shown):
        page.row(f"{plural(len(notes) - len(shown), 'more note')} (--verbose lists them)", indent=BODY)
