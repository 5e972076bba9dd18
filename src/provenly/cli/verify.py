"""``provenly verify``: evidence, verdict, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.cli.writing import Format, Look, Writing
from provenly.trust.errors import Error

if TYPE_CHECKING:
    from provenly.api import Request
    from provenly.trust.model import Reference
    from provenly.trust.verdict import Report


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
    deps: given.Deps = given.Depth.NONE,
    vsa: given.Vsa = "",
    vsa_key: given.VsaKey = "",
    vsa_verifier: given.VsaVerifier = "",
    vsa_policy: given.VsaPolicy = "",
    vsa_max_age: given.VsaMaxAge = 24,
    jobs: given.Jobs = 4,
    report_format: Annotated[
        Format, typer.Option("--format", help="How to write the report.", rich_help_panel=given.OUT)
    ] = Format.TEXT,
    asked_in: given.AskedIn = "",
    output: given.Output = "",
    sbom: given.Sbom = "",
    save_evidence: given.SaveEvidence = "",
    quiet: given.Quiet = False,
    verbose: given.Verbose = False,
    no_color: given.NoColor = False,
) -> int:
    """Verify packages: where they claim to come from, and whether that is so.

    Exit codes: 0 allow or warn, 1 deny, 2 the request makes no sense, 3 hold.
    """
    from provenly.api import Options, Request
    from provenly.cli.output import wants_colour
    from provenly.cli.progress import progress
    from provenly.cli.streams import say

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
        deps=deps,
        vsa=vsa,
        vsa_key=vsa_key,
        vsa_verifier=vsa_verifier,
        vsa_policy=vsa_policy,
        vsa_max_age=vsa_max_age,
        save_evidence=save_evidence,
    )
    colour = wants_colour(no_color)
    look = Look(form=report_format, quiet=quiet, verbose=verbose, colour=colour and not output, asked_in=asked_in)
    writing = Writing(look, output=output, sbom=sbom)
    teller, spinner = progress(quiet=quiet, colour=colour)
    codes: list[int] = []
    try:
        with Request(references, asked, teller) as request:
            several = len(request.references) > 1
            if several:
                writing.expect_several()
            for answer in _each(request, jobs):
                if isinstance(answer, Error):
                    _refuse(answer, alone=not several)
                    codes.append(EXIT_USAGE)
                    continue
                codes.append(EXIT_CODES[answer.verdict.action])
                with spinner.hidden() if spinner else nullcontext():
                    writing.add(answer)
            for note in request.remarks:
                say(f"note: {note.text} [{note.code}]")
    finally:
        if spinner:
            spinner.stop()
    writing.finish()
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
