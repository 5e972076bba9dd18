"""``provenly policy``: what is in force and why, whether a policy file is right, and what it makes of saved reports."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from provenly.cli import options as given
from provenly.cli import policy_test
from provenly.trust.text import plural
from provenly.trust.text import show as shown

if TYPE_CHECKING:
    from provenly.policies.rules import Policy
    from provenly.policies.show import Row

app = typer.Typer(help="Show, check and test policies.", no_args_is_help=True, rich_markup_mode=None)

Which = Annotated[
    str, typer.Argument(metavar="[NAME|FILE]", help="default, strict, audit, procurement, or a policy file.")
]

COLUMN = 24
"""Columns of the key in the text form: the longest key and a space."""


@app.command("show", short_help="Show what a policy asks for, and why.")
def show(
    which: Which = "default",
    *,
    form: given.AnswerForm = given.Form.TEXT,
) -> int:
    """Show what a policy asks for at each status of each check, where that is written, and why."""
    from provenly.policies.load import load_named
    from provenly.policies.show import describe

    policy = load_named(which)
    rows = describe(policy, datetime.now(tz=UTC).date())
    typer.echo(_as_json(policy, rows) if form is given.Form.JSON else _as_text(policy, rows))
    return 0


@app.command("check", short_help="Check a policy file for mistakes.")
def check(which: Which) -> int:
    """Check a policy file: all its mistakes at once, each with its line; then what is odd about it."""
    from provenly.policies.lint import lint
    from provenly.policies.load import load_named

    policy = load_named(which)
    for note in (*policy.notes, *lint(policy, datetime.now(tz=UTC).date())):
        typer.echo(shown(f"{note.code}  {note.text}"))
    counts = [plural(len(policy.rules), "rule"), plural(len(policy.waivers), "waiver")]
    counts += [plural(len(policy.scopes), "scope")] if policy.scopes else []
    counts += [plural(len(policy.clauses), "condition")] if policy.clauses else []
    if policy.identities:
        counts.append(plural(len(policy.identities), "identity", "identities"))
    typer.echo(shown(f"{policy.name}: {', '.join(counts)}, no mistakes"))
    return 0


@app.command("test", short_help="Run a policy against saved reports.")
def run_tests(
    path: Annotated[
        str,
        typer.Argument(
            metavar="FILE|DIR", help="A file of tests, or a folder with NAME.test.toml.", show_default=False
        ),
    ],
    *,
    policy: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Test this policy, whatever the files name.", show_default=False)
    ] = "",
    form: Annotated[
        policy_test.Form, typer.Option("--format", help="How to write the outcome.")
    ] = policy_test.Form.TEXT,
    output: given.Output = "",
) -> int:
    """Run policies against saved reports with expected verdicts.

    Exit codes: 0 all as expected, 1 not all, 2 a test, a policy or a report cannot be used.
    """
    from provenly.cli.output import check_target, write

    check_target(output)
    text, code = policy_test.run(path, policy, form)
    write(text, output, exact=form is not policy_test.Form.TEXT)
    return code


def _as_text(policy: Policy, rows: Sequence[Row]) -> str:
    lines = [
        shown(f"{policy.name}: {policy.description}"),
        f"digest {policy.digest}",
        f"file   {policy.file_digest or 'none'}",
    ]
    check = None
    for row in rows:
        if row.check != check:
            check = row.check
            lines += ["", shown(check or "settings")]
        if row.why:
            lines += textwrap.wrap(shown(row.why), 88, initial_indent="  ", subsequent_indent="  ")
        where = f"{row.policy}:{row.line}" if row.line else row.policy
        instead = f", instead of {row.replaces}" if row.replaces else ""
        note = f"  ({where}{instead})" if where else ""
        lines.append(shown(f"  {row.key:<{COLUMN}}{row.value}{note}"))
    return "\n".join(lines)


def _as_json(policy: Policy, rows: Sequence[Row]) -> str:
    document = {
        "schema": "provenly/policy-show/1",
        "name": policy.name,
        "description": policy.description,
        "digest": str(policy.digest),
        "file_digest": None if policy.file_digest is None else str(policy.file_digest),
        "extends": policy.extends or None,
        "rules": [
            {
                "check": row.check,
                "key": row.key,
                "value": row.value,
                "policy": row.policy,
                "line": row.line,
                "replaces": row.replaces,
                "why": row.why,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
