"""The entrance of the command line, and what becomes of the errors that the commands raise.

Exit codes are part of the interface::

    0   allow or warn
    1   deny
    2   the request makes no sense, or its answer cannot be written
    3   hold: a person must look, or something could not be checked
    70  a bug of provenly
    130 interrupted
    141 whoever read the output stopped reading
    143 terminated

The commands are imported by :func:`main`: an interrupt that comes while they load is caught like any other.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Final, Never

from provenly.cli import streams
from provenly.cli.streams import complain, say
from provenly.trust.errors import Error, UsageError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141
EXIT_TERMINATED = 143

GENERAL_HINT: Final = "provenly --help lists the commands, provenly COMMAND --help their options."

GARBAGE: Final = 50_000
"""How many new objects make Python look for cycles of garbage. By default 700 do: a twentieth of a short command then
goes into looking at modules and classes again and again. What we read from strangers forms no cycles."""


class _Terminated(BaseException):
    """SIGTERM arrived: everything is closed and removed on the way out, as after an interrupt."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code. Nothing below this function exits."""
    import typer
    from typer.exceptions import TyperException

    from provenly.cli.commands import app

    try:
        result = app(arguments, standalone_mode=False, prog_name="provenly")
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):
            # typer takes this for the end of an input that it asked for. It asks for none: something of ours broke.
            raise error.__cause__ from None
        result = EXIT_INTERRUPTED
    except typer.Exit as error:
        result = error.exit_code
    except TyperException as error:
        return _misused(error, arguments)
    except Error as error:
        # What reaches this place is about the request: everything about a package has become evidence by now.
        complain(error)
        return EXIT_USAGE
    except (BrokenPipeError, SystemExit):
        # typer exits with 1 when whoever read our output has gone; nothing else in here exits, and 1 is a deny.
        streams.discard()
        return EXIT_BROKEN_PIPE
    except streams.OutputError as error:
        complain(streams.unwritable("standard output", error))
        return EXIT_USAGE
    if result == EXIT_INTERRUPTED:
        say("interrupted")
    return result if isinstance(result, int) else 0


def _misused(error: TyperException, arguments: Sequence[str]) -> int:
    """Say what is wrong with the words of the command line, and return the exit code."""
    message = error.format_message()
    if message.startswith("Usage:"):
        # There were no words at all: the help is the answer.
        sys.stderr.write(message + "\n")
        return EXIT_USAGE
    hint = GENERAL_HINT
    command = getattr(getattr(error, "ctx", None), "command_path", "provenly")
    if command != "provenly":
        hint = f"{command} --help says what it takes."
    if arguments[:1] in (["verify"], ["sbom"]):
        from provenly.verify.references import launch

        if any(launch.command(word) in launch.RUNNERS for word in arguments[1:]):
            hint = f"Put a launch line in quotes: provenly {arguments[0]} 'npx -y NAME@VERSION'"
    complain(UsageError(message, code="COMMAND_LINE", hint=hint))
    return EXIT_USAGE


def run() -> None:
    """Run as the console script ``provenly``."""
    gc.set_threshold(GARBAGE)
    try:
        signal.signal(signal.SIGTERM, _terminate)
        streams.prepare()
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        say("interrupted")
        code = EXIT_INTERRUPTED
    except _Terminated:
        say("terminated")
        code = EXIT_TERMINATED
    except Exception as error:  # noqa: BLE001 - the last resort: never a traceback, never a verdict
        code = _bug(error)
    # From here on there is nothing to tidy up: a second signal may end the process at once.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if code in (EXIT_INTERRUPTED, EXIT_TERMINATED) and threading.active_count() > 1:
        # Workers that still wait for a server would be waited for.
        streams.flush()
        os._exit(code)
    sys.exit(code)


def _terminate(_signal: int, _frame: FrameType | None) -> Never:
    raise _Terminated


def _bug(error: Exception) -> int:
    """Report a bug without a traceback, unless PROVENLY_DEBUG asks for one."""
    if os.environ.get("PROVENLY_DEBUG"):
        import traceback

        traceback.print_exception(error)
    say(f"error: this is a bug in provenly: {type(error).__name__}: {error}")
    say("hint: Run it again with PROVENLY_DEBUG=1 and report what it prints. No verdict was reached.")
    return EXIT_BUG
