"""The entrance of the command line: the commands, and what becomes of the errors that they raise.

Exit codes are part of the interface::

    0   allow or warn
    1   deny
    2   the request makes no sense
    3   hold: a person must look, or something could not be checked
    70  a bug of provenly
    130 interrupted
    141 whoever read the output stopped reading
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from provenly.cli import demo, explain, policy, sbom, verify
from provenly.cli.output import complain, say
from provenly.trust.errors import Error

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
app.command("sbom", short_help="Write a CycloneDX document with the verdict in it.")(sbom.sbom)
app.command("explain", short_help="Say what a check proves, and what it does not.")(explain.explain)
app.command("demo", short_help="See an attack caught, offline, on this machine.")(demo.demo)
app.add_typer(policy.app, name="policy")

EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


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


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code. Nothing below this function exits."""
    try:
        result = app(arguments, standalone_mode=False, prog_name="provenly")
    except typer.Abort:
        say("interrupted")
        return EXIT_INTERRUPTED
    except typer.Exit as error:
        return error.exit_code
    except TyperException as error:
        say(f"error: {error.format_message()}")
        say("hint: provenly --help lists the commands, provenly COMMAND --help their options.")
        return EXIT_USAGE
    except Error as error:
        # What reaches this place is about the request: everything about a package has become evidence by now.
        complain(error)
        return EXIT_USAGE
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    return result if isinstance(result, int) else 0


def run() -> None:
    """Run as the console script ``provenly``."""
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        say("interrupted")
        code = EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: never a traceback, never a verdict
        code = _bug(error)
    sys.exit(code)


def _bug(error: Exception) -> int:
    """Report a bug without a traceback, unless PROVENLY_DEBUG asks for one."""
    if os.environ.get("PROVENLY_DEBUG"):
        import traceback

        traceback.print_exception(error)
    say(f"error: this is a bug in provenly: {type(error).__name__}: {error}")
    say("hint: Run it again with PROVENLY_DEBUG=1 and report what it prints. No verdict was reached.")
    return EXIT_BUG
