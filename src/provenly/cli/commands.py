"""The commands, joined into one program."""

from __future__ import annotations

from typing import Annotated

import typer

from provenly.cli import (
    decide,
    demo,
    diff,
    explain,
    policy,
    report,
    sbom,
    trust,
    verify,
    verify_attestations,
    verify_bundle,
    vsa,
)

app = typer.Typer(
    name="provenly",
    help="Does this MCP server package really come from the source it claims?",
    epilog="Exit codes: 0 allow or warn, 1 deny, 2 usage, 3 hold, 70 a bug.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("verify", short_help="Verify packages: evidence, verdict, report.")(verify.verify)
app.command("diff", short_help="Show the lines that no source explains, or that two versions changed.")(diff.diff)
app.command("verify-attestations", short_help="Verify an attestation document from a file.")(
    verify_attestations.verify_attestations
)
app.command("verify-bundle", short_help="Verify a Sigstore bundle and who signed it.")(verify_bundle.verify_bundle)
app.command("sbom", short_help="Write a CycloneDX document with the verdict in it.")(sbom.sbom)
app.command("report", short_help="Write a saved report in another format.")(report.report)
app.command("decide", short_help="Decide on a saved report by another policy.")(decide.decide)
app.command("vsa", short_help="Sign a verification summary of a saved report.")(vsa.vsa)
app.command("explain", short_help="Say what a check proves, and what it does not.")(explain.explain)
app.command("demo", short_help="See an attack caught, offline, on this machine.")(demo.demo)
app.add_typer(policy.app, name="policy")
app.add_typer(trust.app, name="trust")


def _version(value: bool) -> None:  # noqa: FBT001 - typer's callback form
    if value:
        from importlib.metadata import version

        typer.echo(f"provenly {version('provenly')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Verify that MCP server packages come from the source that they claim."""
