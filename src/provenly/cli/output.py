"""Where output goes: data to standard output or a file, everything else to standard error."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

from provenly.trust.errors import Error, UsageError
from provenly.trust.text import show

PIPE_WIDTH: Final = 100
"""Columns of a text report where there is no terminal to ask: it fits a mail and a CI log."""

MIN_WIDTH: Final = 40
"""Columns below which a report is not made narrower."""


def wants_colour(no_color: bool) -> bool:  # noqa: FBT001 - the option's own name and form
    """Whether to colour standard output: only on a terminal, and never with NO_COLOR (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return the columns of the terminal, or :data:`PIPE_WIDTH` where output is no terminal."""
    return max(MIN_WIDTH, shutil.get_terminal_size((PIPE_WIDTH, 24)).columns) if sys.stdout.isatty() else PIPE_WIDTH


def check_target(output: str) -> None:
    """Refuse, before any work is done, a file that the result could not or should not be written to.

    :raises UsageError: it is a folder, a link or a device, or its folder is not there.
    """
    if not output:
        return
    path = Path(output)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise UsageError(message, code="OUTPUT_TARGET") from error
    if mode is not None and not stat.S_ISREG(mode):
        raise UsageError(
            f"{output} is not a regular file",
            code="OUTPUT_TARGET",
            hint="Name a new file, or leave --output out to write to standard output.",
        )
    if not path.parent.is_dir():
        raise UsageError(f"{output} cannot be written: its folder does not exist", code="OUTPUT_TARGET")


def write(text: str, output: str) -> None:
    """Write ``text`` to the file ``output``, whole or not at all, or to standard output where it is empty.

    :raises UsageError: the file cannot be written.
    """
    if not output:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    check_target(output)
    path = Path(output)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".provenly-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise UsageError(message, code="OUTPUT_TARGET") from error


def complain(error: Error) -> None:
    """Say on standard error what is wrong and what to do next."""
    say(f"error: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")


def say(text: str) -> None:
    """Write one message to standard error; foreign text in it is made safe."""
    line = show(text, limit=16_384, keep="\n")
    # A line that begins like a workflow command would be obeyed by GitHub Actions or Azure Pipelines.
    line = re.sub(r"(?m)^(\s*)(::|##\[)", r"\1\\\2", line)
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
