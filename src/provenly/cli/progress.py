"""Telling the person at the terminal that something takes time, and nobody else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provenly.trust.text import show

if TYPE_CHECKING:
    from rich.status import Status

    from provenly.verify.context import Progress

MEBIBYTE = 1024 * 1024


class Spinner:
    """A spinner with the current step on standard error. It is one line that disappears at the end."""

    def __init__(self, *, colour: bool) -> None:
        from rich.console import Console
        from rich.status import Status

        self._console = Console(stderr=True, no_color=not colour, highlight=False)
        self._status: Status = Status("", console=self._console, spinner="line")
        self._text = ""
        self._lock = threading.Lock()
        self._status.start()

    def step(self, text: str) -> None:
        """Show what is being done now."""
        with self._lock:
            self._text = text
            self._show(text)

    def advance(self, done: int, total: int | None) -> None:
        """Show how many mebibytes of the current step are done."""
        size = f"{done / MEBIBYTE:.1f}" + (f" of {total / MEBIBYTE:.1f}" if total else "")
        with self._lock:
            self._show(f"{self._text} ({size} MiB)")

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the line away while something else is written to the terminal."""
        self._status.stop()
        yield
        self._status.start()

    def stop(self) -> None:
        """Remove the line."""
        self._status.stop()

    def _show(self, text: str) -> None:
        from rich.text import Text

        self._status.update(Text(show(text)))


def progress(*, quiet: bool, colour: bool) -> tuple[Progress, Spinner | None]:
    """Return how progress is told: a spinner where standard error is a terminal, silence elsewhere."""
    from provenly.verify.context import Silence

    if quiet or not sys.stderr.isatty():
        return Silence(), None
    spinner = Spinner(colour=colour)
    return spinner, spinner
