"""``provenly report``: any document from a saved report."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from provenly.cli import options as given

Saved: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="REPORT.json",
        help="What provenly verify --format json wrote, one report or JSON lines; - for standard input.",
        show_default=False,
    ),
]
FormatName: TypeAlias = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="NAME",
        help="text, json, cyclonedx, spdx, html, sarif, junit, github, markdown or vsa.",
        rich_help_panel=given.OUT,
    ),
]


def report(saved_report: Saved, *, form: FormatName = "text", output: given.Output = "") -> int:
    """Write a saved report in another format. The exit code is that of the verdict in it.

    A saved report is not signed: what is written says no more than the file does.
    """
    from provenly.cli import saved_input
    from provenly.cli.output import check_target, write
    from provenly.report import formats

    formats.check(form)
    check_target(output)
    documents = saved_input.read(saved_report)
    write(formats.render(form, documents), output, exact=form != "text")
    return saved_input.exit_code(documents)
