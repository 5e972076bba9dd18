"""``provenly verify``: evidence, verdict, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.trust.errors import Error, UsageError

if TYPE_CHECKING:
    from provenly.api import Request
    from provenly.trust.model import Reference
    from provenly.trust.verdict import Report


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    CYCLONEDX = "cyclonedx"


EXIT_CODES = {"allow": 0, "warn": 0, "deny": 1, "hold": 3}
EXIT_USAGE = 2
POLL = 0.2
"""Seconds after which the main thread looks up from waiting for others. A signal that arrives just before it begins to
wait wakes nobody: without looking up, it would be noticed when the next package is done."""

SEVERITY = (1, 2, 3, 0)
"""Exit codes, the one that wins among several packages first: a deny is not hidden by a typo in another name."""


def verify(  # noqa: PLR0913 - one parameter an option
    references: given.References = [],  # noqa: B006 - typer copies it
    *,
    policy: given.Policy = "default",
    source: given.Source = "",
    attestations: given.Attestations = "",
    evidence: given.Evidence = "",
    registry: given.Registry = "",
    npmrc: given.Npmrc = [],  # noqa: B006 - typer copies it
    ca_file: given.CaFile = "",
    git_mirror: given.GitMirror = [],  # noqa: B006 - likewise
    allow_host: given.AllowHost = [],  # noqa: B006 - likewise
    offline: given.Offline = False,
    cache: given.CacheFolder = "",
    trusted_root: given.TrustedRoot = "",
    npm_keys: given.NpmKeys = "",
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
    from provenly.api import Options, Request
    from provenly.cli.output import check_target, wants_colour, write
    from provenly.cli.progress import progress
    from provenly.cli.streams import say

    check_target(output)
    asked = Options(
        policy=policy,
        source=source,
        attestations=attestations,
        evidence=evidence,
        registry=registry,
        npmrc=tuple(npmrc),
        ca_file=ca_file,
        git_mirrors=tuple(git_mirror),
        allow_hosts=tuple(allow_host),
        offline=offline,
        cache=cache,
        trusted_root=trusted_root,
        npm_keys=npm_keys,
        at=at,
        save_evidence=save_evidence,
    )
    colour = wants_colour(no_color)
    teller, spinner = progress(quiet=quiet, colour=colour)
    look = Look(form=report_format, quiet=quiet, verbose=verbose, colour=colour and not output)
    codes: list[int] = []
    texts: list[str] = []
    try:
        with Request(references, asked, teller) as request:
            several = len(request.references) > 1
            if several and report_format is Format.CYCLONEDX:
                raise UsageError(
                    "a CycloneDX document is about one package",
                    code="OPTION_CONFLICT",
                    hint="Ask for the packages one after the other.",
                )
            for answer in _each(request, jobs):
                if isinstance(answer, Error):
                    _refuse(answer, alone=not several)
                    codes.append(EXIT_USAGE)
                    continue
                codes.append(EXIT_CODES[answer.verdict.action])
                apart = "\n" if texts and report_format is Format.TEXT and not quiet else ""
                texts.append(apart + _render(answer, look, several=several))
                if not output:
                    # Each answer is shown when it is there: whoever interrupts a long list keeps what was found.
                    with spinner.hidden() if spinner else nullcontext():
                        write(texts[-1], "", exact=report_format is not Format.TEXT)
            for note in request.remarks:
                say(f"note: {note.text} [{note.code}]")
    finally:
        if spinner:
            spinner.stop()
    if output:
        write("".join(texts), output, exact=report_format is not Format.TEXT)
    return min(codes, key=SEVERITY.index)


def _refuse(error: Error, *, alone: bool) -> None:
    """Complain about one of several references and go on; a single one ends the command."""
    from provenly.cli.streams import complain

    if alone:
        raise error
    complain(error)


def _each(request: Request, jobs: int) -> Iterator[Report | Error]:
    """Verify the references, several at a time, and yield the answers in the order in which they were asked."""

    def one(reference: Reference) -> Report | Error:
        try:
            return request.report(reference)
        except Error as error:
            return error

    if len(request.references) == 1:
        yield one(request.references[0])
        return
    from concurrent.futures import ThreadPoolExecutor, wait

    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        for future in [pool.submit(one, reference) for reference in request.references]:
            while not wait([future], timeout=POLL).done:
                pass
            yield future.result()
    finally:
        # After the last answer nothing is left to wait for; after an interrupt nobody wants to wait.
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How reports are to look."""

    form: Format
    quiet: bool
    verbose: bool
    colour: bool


def _render(report: Report, look: Look, *, several: bool) -> str:
    from provenly.cli.output import width

    match look.form:
        case Format.JSON:
            from provenly.report import json_report

            return json_report.render_line(report) if several else json_report.render(report)
        case Format.CYCLONEDX:
            from provenly.sbom import cyclonedx

            return cyclonedx.render(report)
        case Format.TEXT:
            if look.quiet:
                from provenly.report import summary

                return summary.line(report) + "\n"
            from provenly.report import terminal

            return terminal.render(report, width=width(), colour=look.colour, verbose=look.verbose)
