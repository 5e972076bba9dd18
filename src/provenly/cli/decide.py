"""``provenly decide``: yesterday's evidence under today's policy, without looking again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenly.cli import options as given
from provenly.cli.report import FormatName, Saved
from provenly.trust.errors import UsageError

if TYPE_CHECKING:
    from provenly.report.saved import Document

SKEW: Final = timedelta(minutes=10)
"""How far the clock of the machine that made a report may be ahead of ours."""


def decide(
    saved_report: Saved,
    *,
    policy: given.Policy = "default",
    at: Annotated[
        str,
        typer.Option(metavar="TIME", help="Let waivers end by this time (ISO 8601, UTC).", rich_help_panel=given.WITH),
    ] = "",
    form: FormatName = "text",
    output: given.Output = "",
) -> int:
    """Decide on saved reports by another policy, without network. The exit code is that of the new verdict.

    A saved report is not signed: this trusts the file. An evidence folder can be verified again (verify --evidence).
    """
    from provenly import reference_time
    from provenly.cli import saved_input
    from provenly.cli.output import check_target, write
    from provenly.cli.streams import say
    from provenly.policies.load import load_named
    from provenly.report import formats, verdicts

    formats.check(form)
    check_target(output)
    in_force = load_named(policy)
    now = reference_time.read(at)
    documents = saved_input.read(saved_report)
    decided = [verdicts.decided(document, in_force, _moment(document, now, named=bool(at))) for document in documents]
    text = formats.render(form, decided)
    for note in in_force.notes:
        say(f"note: {note.text} [{note.code}]")
    write(text, output, exact=form != "text")
    return saved_input.exit_code(decided)


def _moment(document: Document, now: datetime, *, named: bool) -> datetime:
    """Return the time by which waivers end: never before the evidence was gathered.

    :param named: whether the user named ``now``.
    :raises UsageError: it is before (``OPTION_TIME``).
    """
    from provenly.report import saved

    gathered = saved.checked_at(document)
    if now >= gathered:
        return now
    if not named and gathered - now <= SKEW:
        return gathered
    raise UsageError(
        f"the evidence is of {gathered:%Y-%m-%d %H:%M:%S} UTC, which is after the time of the decision",
        code="OPTION_TIME",
        hint="Name a time after that with --at, or check the clocks.",
    )
