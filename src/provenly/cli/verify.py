"""``provenly verify``: evidence, verdict, report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.trust.errors import UsageError

if TYPE_CHECKING:
    from provenly.api import Options
    from provenly.trust.verdict import Report
    from provenly.verify.context import Progress


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    CYCLONEDX = "cyclonedx"


EXIT_CODES = {"allow": 0, "warn": 0, "deny": 1, "hold": 3}
EXIT_USAGE = 2
SEVERITY = (1, 2, 3, 0)
"""Exit codes, the one that wins among several packages first: a deny is not hidden by a typo in another name."""


def verify(  # noqa: PLR0913 - one parameter an option
    references: given.References,
    *,
    policy: given.Policy = "default",
    source: given.Source = "",
    evidence: given.Evidence = "",
    registry: given.Registry = "",
    npmrc: given.Npmrc = [],  # noqa: B006 - typer copies it
    ca_file: given.CaFile = "",
    git_mirror: given.GitMirror = [],  # noqa: B006 - likewise
    allow_host: given.AllowHost = [],  # noqa: B006 - likewise
    offline: given.Offline = False,
    cache: given.CacheFolder = "",
    at: given.At = "",
    jobs: given.Jobs = 4,
    report_format: Annotated[
        Format, typer.Option("--format", help="How to write the report.", rich_help_panel=given.OUT)
    ] = Format.TEXT,
    output: given.Output = "",
    save_evidence: given.SaveEvidence = "",
    quiet: given.Quiet = False,
    verbose: given.Verbose = False,
    no_color: given.NoColor = False,
) -> int:
    """Verify packages: where they claim to come from, and whether that is so.

    Exit codes: 0 allow or warn, 1 deny, 2 the request makes no sense, 3 hold.
    """
    from provenly.api import Options
    from provenly.cli.output import check_target, wants_colour, write
    from provenly.cli.progress import progress

    if save_evidence and len(references) > 1:
        raise UsageError("--save-evidence takes one package at a time", code="OPTION_CONFLICT")
    check_target(output)
    asked = Options(
        policy=policy,
        source=source,
        evidence=evidence,
        registry=registry,
        npmrc=tuple(npmrc),
        ca_file=ca_file,
        git_mirrors=tuple(git_mirror),
        allow_hosts=tuple(allow_host),
        offline=offline,
        cache=cache,
        at=at,
        save_evidence=save_evidence,
    )
    colour = wants_colour(no_color)
    teller, spinner = progress(quiet=quiet, colour=colour)
    codes: list[int] = []
    texts: list[str] = []
    try:
        for answer in _each(references, asked, teller, jobs):
            if isinstance(answer, UsageError):
                _refuse(answer, alone=len(references) == 1)
                codes.append(EXIT_USAGE)
                continue
            codes.append(EXIT_CODES[answer.verdict.action])
            texts.append(
                _render(
                    answer,
                    report_format,
                    several=len(references) > 1,
                    quiet=quiet,
                    verbose=verbose,
                    colour=colour and not output,
                )
            )
    finally:
        if spinner:
            spinner.stop()
    write("\n".join(texts) if report_format is Format.TEXT and not quiet else "".join(texts), output)
    return min(codes, key=SEVERITY.index)


def _refuse(error: UsageError, *, alone: bool) -> None:
    """Complain about one of several references and go on; a single one ends the command."""
    from provenly.cli.output import complain

    if alone:
        raise error
    complain(error)


def _each(references: Sequence[str], options: Options, progress: Progress, jobs: int) -> Iterator[Report | UsageError]:
    """Verify the references, several at a time, and yield the answers in the order in which they were asked."""
    from concurrent.futures import ThreadPoolExecutor

    from provenly.api import prepare

    # Whatever is wrong with the request itself is said before anything is fetched.
    ask = prepare(references, options, progress)

    def one(reference: str) -> Report | UsageError:
        try:
            return ask(reference)
        except UsageError as error:
            return error

    if len(references) == 1:
        yield one(references[0])
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(one, references)


def _render(report: Report, form: Format, *, several: bool, quiet: bool, verbose: bool, colour: bool) -> str:
    from provenly.cli.output import width

    match form:
        case Format.JSON:
            from provenly.report import json_report

            return json_report.render_line(report) if several else json_report.render(report)
        case Format.CYCLONEDX:
            from provenly.sbom import cyclonedx

            return cyclonedx.render(report)
        case Format.TEXT:
            if quiet:
                from provenly.report import summary

                return summary.line(report) + "\n"
            from provenly.report import terminal

            return terminal.render(report, width=width(), colour=colour, verbose=verbose)
