"""Isolates that are kept warm: loading the compiler takes longer than compiling most packages."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from provenly.verify.compiler.isolate import Isolate

SIZE: Final = min(4, os.cpu_count() or 1)
"""Isolates at once: each keeps a core busy, and takes some 150 to 400 MiB."""


class Pool:
    """Isolates by what is loaded into them. Threads may share one.

    :param size: how many may live at once; who wants one more waits.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._idle: list[tuple[str, Isolate]] = []
        self._used = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def borrowed(self, key: str, start: Callable[[], Isolate]) -> Iterator[Isolate]:
        """Give an isolate that nobody else uses, a warm one where there is one.

        It is kept for the next user only where no exception came out of its use: what the compiler's state is after
        one nobody knows.

        :param key: what is loaded into it.
        :param start: starts a new one; what it raises comes out here.
        """
        isolate = self._taken(key)
        try:
            if isolate is None:
                isolate = start()
            yield isolate
        except BaseException:
            if isolate is not None:
                isolate.close()
            raise
        finally:
            self._returned(key, isolate)

    def rest(self) -> None:
        """End the isolates that nobody uses now."""
        with self._changed:
            idle, self._idle = self._idle, []
        for _, isolate in idle:
            isolate.close()

    def close(self) -> None:
        """End all isolates, now or as soon as they are given back."""
        with self._changed:
            self._closed = True
        self.rest()

    def _taken(self, key: str) -> Isolate | None:
        """Wait for room; return a warm isolate, or ``None`` where a new one may be started."""
        with self._changed:
            self._changed.wait_for(lambda: self._used < self._size)
            self._used += 1
            self._bury()
            for entry in reversed(self._idle):
                if entry[0] == key:
                    self._idle.remove(entry)
                    return entry[1]
            while self._idle and self._used + len(self._idle) > self._size:
                self._idle.pop(0)[1].close()  # the one that was used longest ago
        return None

    def _bury(self) -> None:
        """Forget idle isolates whose process has ended."""
        for entry in [entry for entry in self._idle if not entry[1].alive]:
            self._idle.remove(entry)
            entry[1].close()

    def _returned(self, key: str, isolate: Isolate | None) -> None:
        with self._changed:
            self._used -= 1
            if isolate is not None and isolate.alive:
                if self._closed:
                    isolate.close()
                else:
                    self._idle.append((key, isolate))
            self._changed.notify()
