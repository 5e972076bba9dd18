"""``provenly sbom``: a CycloneDX or SPDX document with the verdict in it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.cli import verify as verifying
from provenly.trust.errors import UsageError

if TYPE_CHECKING:
    from provenly.trust.verdict import Report


class Form(StrEnum):
    """How the document is written: CycloneDX in one of its two forms, or SPDX 2.3."""

    JSON = "json"
    XML = "xml"
    SPDX = "spdx"


def sbom(  # noqa: PLR0913 - one parameter an option
    reference: given.OneReference,
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
    deps: given.Deps = given.Depth.ALL,
    form: Annotated[
        Form,
        typer.Option("--format", help="CycloneDX as JSON or XML, or SPDX 2.3 as JSON.", rich_help_panel=given.OUT),
    ] = Form.JSON,
    spec_version: given.SpecVersion = "1.6",
    author: given.Author = "",
    output: given.Output = "",
    save_evidence: given.SaveEvidence = "",
    quiet: given.Quiet = False,
    no_color: given.NoColor = False,
) -> int:
    """Write a CycloneDX document of one package and of what it installs, with the verdict in it.

    The exit code is the verdict's, as for verify; the document is written whatever the verdict is.
    """
    from provenly.api import Options, Request
    from provenly.cli.output import check_target, wants_colour, write
    from provenly.cli.progress import progress
    from provenly.cli.streams import say

    check_target(output)
    check_version(spec_version)
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
        save_evidence=save_evidence,
    )
    teller, spinner = progress(quiet=quiet, colour=wants_colour(no_color))
    try:
        with Request([reference], asked, teller) as request:
            if len(request.references) > 1:
                message = "a CycloneDX document is about one package"
                raise UsageError(message, code="OPTION_CONFLICT", hint="Ask for the packages one after the other.")
            report = request.report(request.references[0])
            for note in request.remarks:
                say(f"note: {note.text} [{note.code}]")
    finally:
        if spinner:
            spinner.stop()
    write(_document(report, form, spec_version, author), output, exact=True)
    return verifying.EXIT_CODES[report.verdict.action]


def check_version(version: str) -> None:
    """Refuse, before any work is done, a version of CycloneDX that we do not write.

    :raises UsageError: it is none (``SBOM_VERSION``).
    """
    known = ("1.5", "1.6", "1.7")
    if version not in known:
        message = f"there is no CycloneDX {version[:16]!r} here"
        raise UsageError(message, code="SBOM_VERSION", hint=f"Ask for {', '.join(known)}.")


def _document(report: Report, form: Form, version: str, author: str) -> str:
    from provenly.report import saved

    if form is Form.SPDX:
        from provenly.sbom import spdx

        return spdx.render(saved.of(report), author=author)
    from provenly.sbom import cyclonedx

    return cyclonedx.render(saved.of(report), version=version, form=form.value, author=author)
