"""``provenly demo``: an attack like postmark-mcp, made and caught on this machine."""

from __future__ import annotations

import textwrap

import typer

from provenly.cli import options as given


def demo(*, no_color: given.NoColor = False) -> int:
    """Show an attack being caught: three releases of a small MCP server, made and verified offline.

    Nothing is fetched and nothing is left behind. Git is needed.
    """
    from provenly.cli.output import wants_colour, width
    from provenly.demo import story
    from provenly.report import terminal

    colour, columns = wants_colour(no_color), width()
    typer.echo(
        textwrap.fill(
            "In September 2025 the npm package postmark-mcp, a copy of an official project, added one line that sent "
            "every mail to a stranger. Here is such an attack in small: a git repository, a registry on this machine, "
            "and three releases.",
            min(columns, 88),
        )
    )
    for number, (chapter, report) in enumerate(story.tell(), 1):
        typer.echo(f"\n{number}. {chapter.title}\n")
        typer.echo(textwrap.fill(chapter.text, min(columns, 88), initial_indent="   ", subsequent_indent="   "))
        typer.echo(f"\n   $ provenly verify {chapter.name}@{chapter.version}\n")
        typer.echo(terminal.render(report, width=columns, colour=colour, verbose=False), color=colour)
        if report.verdict.action not in chapter.expected:
            message = f"the demonstration's release {number} came out as {report.verdict.action}"
            raise AssertionError(message)
    typer.echo("Try it on a real one: provenly verify @playwright/mcp@0.0.75")
    return 0
