"""``provenly diff``: the lines that the source does not explain, or what changed between two versions."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenly.cli import options as given
from provenly.trust.errors import Error, UsageError

if TYPE_CHECKING:
    from provenly.report.diff_view import View
    from provenly.trust.verdict import Report
    from provenly.verify.comparison.versions import Versions


class Format(StrEnum):
    """How a diff is written."""

    TEXT = "text"
    PATCH = "patch"
    JSON = "json"
    HTML = "html"


EXIT_FINE: Final = 0
EXIT_LOOK: Final = 3
"""The exit code where a person must look; 2 is for requests without a meaning, as everywhere."""

MOST: Final = 2
"""References: a package, or two versions."""


def diff(  # noqa: PLR0913 - one parameter an option
    references: given.References = [],  # noqa: B006 - typer copies it
    *,
    source: given.Source = "",
    attestations: given.Attestations = "",
    evidence: given.Evidence = "",
    registry: given.Registry = "",
    npmrc: given.Npmrc = [],  # noqa: B006 - likewise
    ca_file: given.CaFile = "",
    git_mirror: given.GitMirror = [],  # noqa: B006 - likewise
    allow_host: given.AllowHost = [],  # noqa: B006 - likewise
    offline: given.Offline = False,
    cache: given.CacheFolder = "",
    trusted_root: given.TrustedRoot = "",
    npm_keys: given.NpmKeys = "",
    at: given.At = "",
    diff_format: Annotated[
        Format, typer.Option("--format", help="How to write the diff.", rich_help_panel=given.OUT)
    ] = Format.TEXT,
    output: given.Output = "",
    quiet: given.Quiet = False,
    no_color: given.NoColor = False,
) -> int:
    """Show the lines of a package that its source does not explain; of two versions, what changed.

    Exit codes: 0 nothing to look at, 2 the request makes no sense, 3 a person must look: lines that can run are not
    explained, the later version says something new, or nothing could be compared.
    """
    from provenly.api import Options, Request
    from provenly.cli.output import check_target, wants_colour, width, write
    from provenly.cli.progress import progress
    from provenly.cli.streams import say

    check_target(output)
    asked = Options(
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
    )
    colour = wants_colour(no_color)
    teller, spinner = progress(quiet=quiet, colour=colour)
    try:
        with Request(references, asked, teller) as request:
            if len(request.references) > MOST:
                raise UsageError(
                    "a diff is of one package, or of two versions",
                    code="DIFF_REFERENCES",
                    hint="provenly diff NAME@VERSION, or provenly diff NAME@EARLIER NAME@LATER.",
                )
            view = _view([request.report(reference) for reference in request.references])
            for note in request.remarks:
                say(f"note: {note.text} [{note.code}]")
    finally:
        if spinner:
            spinner.stop()
    text = _render(view, diff_format, width=width(), colour=colour and not output, quiet=quiet)
    write(text, output, exact=diff_format is not Format.TEXT)
    return EXIT_LOOK if view.look else EXIT_FINE


def _view(reports: list[Report]) -> View:
    from provenly.report import diff_view

    if len(reports) == 1:
        return diff_view.of_source(reports[0])
    before, after = reports
    return diff_view.of_versions(before, after, _versions(before, after))


def _versions(before: Report, after: Report) -> Versions | None:
    """Compare the files of both, where both could be read."""
    from provenly.verify.comparison import versions

    if before.artifact is None or after.artifact is None:
        return None
    try:
        return versions.compare(before.artifact, after.artifact)
    except Error:
        # A manifest that cannot be read is evidence of the report, which says so; there is no diff of such a package.
        return None


def _render(view: View, form: Format, *, width: int, colour: bool, quiet: bool) -> str:
    match form:
        case Format.JSON:
            from provenly.report import diff_json

            return diff_json.render(view)
        case Format.HTML:
            from provenly.report import diff_html

            return diff_html.render(view)
        case Format.PATCH:
            from provenly.report import diff_text

            return diff_text.patch(view)
        case Format.TEXT:
            from provenly.report import diff_text

            if quiet:
                return f"{diff_text.title(view)}: {view.summary}\n"
            return diff_text.render(view, width=width, colour=colour)
