"""Where the report goes and how wide and colourful it is: standard output, or a file that is checked beforehand."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

from provenly.cli import streams
from provenly.trust.errors import UsageError

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
        raise streams.unwritable(output, error) from error
    if mode is not None and not stat.S_ISREG(mode):
        raise UsageError(
            f"{output} is not a regular file",
            code="OUTPUT_TARGET",
            hint="Name a new file, or leave --output out to write to standard output.",
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"{output} cannot be written: its folder does not exist",
            code="OUTPUT_TARGET",
            hint=f"Make it first: mkdir -p {path.parent}",
        )


def write(text: str, output: str, *, exact: bool) -> None:
    """Write ``text`` to the file ``output``, whole or not at all, or to standard output where it is empty.

    :param exact: whether the text is for machines, and so UTF-8 wherever it goes.
    :raises UsageError: the file cannot be written (``OUTPUT_TARGET``).
    :raises OutputError: standard output cannot be written.
    """
    if not output:
        streams.put(text, exact=exact)
        return
    check_target(output)
    path = Path(output)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".provenly-")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text.encode())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            # On a full disk, or interrupted, the half of a report is no use to anybody.
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise streams.unwritable(output, error) from error
