"""``provenly diff``: the lines that the source does not explain, or what changed between two versions."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, TypedDict

import typer

from provenly.cli import options as given
from provenly.trust.errors import Error, UsageError

if TYPE_CHECKING:
    from provenly.api import Request
    from provenly.report.diff_view import View
    from provenly.trust.verdict import Report
    from provenly.verify.comparison.sources import Sources
    from provenly.verify.comparison.versions import Versions
    from provenly.verify.context import Between, Progress


class _Sources(TypedDict, total=False):
    """What was found out about the sources of two versions: members of ``Compared``."""

    sources: Sources
    between: Between
    history: str


class Format(StrEnum):
    """How a diff is written."""

    TEXT = "text"
    PATCH = "patch"
    JSON = "json"
    HTML = "html"


EXIT_FINE: Final = 0
EXIT_LOOK: Final = 3
"""The exit code where a person must look; 2 is for requests without a meaning, as everywhere."""

MAX_TERMINAL: Final = 1_000_000
"""Characters that a terminal is given; text never has as many, and whoever wants a patch of more wants it in a file."""

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
            view = _view(request, [request.report(reference) for reference in request.references], teller)
            for note in request.remarks:
                say(f"note: {note.text} [{note.code}]")
    finally:
        if spinner:
            spinner.stop()
    text = _render(view, diff_format, width=width(), colour=colour and not output, quiet=quiet)
    if not output and len(text) > MAX_TERMINAL and sys.stdout.isatty():
        raise UsageError(
            f"the {diff_format} has {len(text) / 1_000_000:.1f} million characters, which are not for a terminal",
            code="OUTPUT_TERMINAL",
            hint=f"Write it to a file: --format {diff_format} --output FILE.",
        )
    write(text, output, exact=diff_format is not Format.TEXT)
    return EXIT_LOOK if view.look else EXIT_FINE


def _view(request: Request, reports: list[Report], teller: Progress) -> View:
    from provenly.report import diff_source, diff_versions

    if len(reports) == 1:
        return diff_source.of_source(reports[0])
    before, after = reports
    teller.step("Comparing the two versions")
    compared = diff_versions.Compared(versions=_versions(before, after), **_sources(request, before, after))
    return diff_versions.of_versions(before, after, compared)


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


def _sources(request: Request, before: Report, after: Report) -> _Sources:
    """Compare the sources of both, where both have one, and list the commits between."""
    from provenly.verify.comparison import sources
    from provenly.verify.context import Historian

    if not (before.source and before.comparison and after.source and after.comparison):
        return {}
    old, young = (before.source, before.comparison), (after.source, after.comparison)
    try:
        repository = request.repository(after.source.repository)
    except Error as error:
        return {"history": error.message}
    found = sources.compare(old, young, repository)
    if old[0].repository != young[0].repository or old[0].commit == young[0].commit:
        return {"sources": found}
    if not isinstance(repository, Historian):
        return {"sources": found, "history": "saved evidence has no history"}
    try:
        return {"sources": found, "between": repository.between(old[0].commit, young[0].commit)}
    except Error as error:
        return {"sources": found, "history": error.message}


def _render(view: View, form: Format, *, width: int, colour: bool, quiet: bool) -> str:
    match form:
        case Format.JSON:
            from provenly.report import diff_json

            return diff_json.render(view)
        case Format.HTML:
            from provenly.report.html import diff_page

            return diff_page.render(view)
        case Format.PATCH:
            from provenly.report import diff_patch

            return diff_patch.render(view)
        case Format.TEXT:
            from provenly.report import diff_text, diff_words

            if quiet:
                return f"{diff_words.title(view)}: {view.summary}\n"
            return diff_text.render(view, width=width, colour=colour)
