"""Standard output and standard error, whatever state they are in: closed, full, unread, without Unicode."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING

from provenly.trust.errors import Error, UsageError
from provenly.trust.text import redact, show

if TYPE_CHECKING:
    from typing_extensions import Buffer


def prepare() -> None:
    """Make the standard streams usable, once, before anything else.

    A stream that was closed is opened again, since otherwise the next file that is opened would take its number, and
    be written to in its place; what is written to a closed standard output is still an error. A character that the
    terminal's encoding lacks is written as an escape.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is the one that is missing. Reading only, so that writing to it fails.
            os.open(os.devnull, os.O_WRONLY if descriptor == 2 else os.O_RDONLY)  # noqa: PLR2004 - standard error
    encoding = sys.stdout.encoding if sys.stdout else "utf-8"
    raw = _StandardOutput(1, "wb", closefd=False)
    sys.stdout = TextIOWrapper(
        BufferedWriter(raw), encoding=encoding, errors="backslashreplace", line_buffering=raw.isatty()
    )
    if sys.stderr is None:
        sys.stderr = TextIOWrapper(FileIO(2, "wb", closefd=False), encoding="utf-8", write_through=True)
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


class OutputError(OSError):
    """Standard output refuses what is written to it."""


class _StandardOutput(FileIO):
    """The descriptor of standard output, whose errors cannot be taken for those of another file."""

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            discard()
            raise OutputError(error.errno, error.strerror) from error


def put(text: str, *, exact: bool) -> None:
    """Write to standard output.

    :param exact: whether the text is for machines, and so UTF-8 whatever the terminal's encoding is (RFC 8259, 8.1).
    :raises OutputError: it cannot be written.
    """
    if exact:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
    else:
        sys.stdout.write(text)
    sys.stdout.flush()


def discard(descriptor: int = 1) -> None:
    """Send to nowhere what is left for a stream, so that the interpreter does not stumble over it at exit."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def flush() -> None:
    """Write out both streams as far as they can be."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()


def unwritable(what: str, error: OSError) -> UsageError:
    """Return the error for an output that cannot be written: what was found out is not lost in silence."""
    return UsageError(
        f"{what} cannot be written: {error.strerror or error}",
        code="OUTPUT_TARGET",
        hint="Nothing was written. Name a file on a disk with space and access with --output.",
    )


def complain(error: Error) -> None:
    """Say on standard error what is wrong and what to do next."""
    say(f"error: {error.message}")
    if error.hint:
        say(f"hint: {error.hint}")


def say(text: str) -> None:
    """Write one message to standard error; foreign text in it is made safe, and secrets are left out."""
    line = show(redact(text), limit=16_384)
    # GitHub Actions and Azure Pipelines obey a line that begins with two colons, and a ##[ anywhere in it.
    line = re.sub(r"^(\s*)::", r"\1\\::", line).replace("##[", "##\\[")
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        # Only the exit code is left to tell.
        discard(2)
