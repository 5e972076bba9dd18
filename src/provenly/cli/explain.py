"""``provenly explain``: what a check means, why it matters, what to do."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from provenly.trust.errors import UsageError


def explain(
    check: Annotated[str, typer.Argument(metavar="[CHECK]", help="The id of a check; none lists them all.")] = "",
) -> int:
    """Explain a check: what it proves, what it does not, and what to do when it did not pass."""
    from provenly.verify.checks import CHECKS

    by_id = {module.ID: module.ABOUT for module in CHECKS}
    if not check:
        widest = max(map(len, by_id))
        for name, about in by_id.items():
            typer.echo(f"{name:<{widest}}  {about.question}")
        return 0
    if check not in by_id:
        import difflib

        near = difflib.get_close_matches(check, by_id, n=1)
        raise UsageError(
            f"there is no check {check!r}",
            code="NO_SUCH_CHECK",
            hint=f"Did you mean {near[0]}?" if near else "List them with provenly explain.",
        )
    about = by_id[check]
    typer.echo(f"{check}\n")
    for title, text in (
        ("asks", about.question),
        ("proves", about.proves),
        ("does not prove", about.does_not_prove),
        ("what to do", about.remedy),
    ):
        typer.echo(f"{title}:")
        typer.echo(textwrap.fill(text, 88, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False) + "\n")
    return 0
