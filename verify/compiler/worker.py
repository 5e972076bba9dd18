"""The child process in which V8 runs. Its parent is :mod:`provenly.verify.compiler.isolate`.

Messages in both directions are a length of eight bytes, big endian, and that many bytes. The first message is the
compiler's program, the second the program that receives requests; both come from the parent, so that nothing is read
from the disk here. Every further message is a request: a JSON text, handed to V8 as a string and never evaluated. An
answer is one byte that says what it is (:data:`DONE`, :data:`FAILED`), and a text.

The process ends only by ``os._exit``: V8's threads would keep the interpreter from exiting. It ends when its input
does, whatever V8 is busy with, so it never outlives its parent.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from py_mini_racer import MiniRacer

HEADER: Final = 8
"""Bytes of a length."""

DONE: Final = b"+"
FAILED: Final = b"-"

OUTPUT: Final = "output"
"""What follows :data:`FAILED` where the answer is larger than the parent wants it."""

RESERVE: Final = 576 * 1024**2
"""Bytes of addresses that V8 reserves for code (512 MiB) and tables; the kernel counts them against RLIMIT_DATA
although nearly all of them never become memory."""

_TIDY: Final = 96 * 1024**2
"""Bytes of heap after a request above which garbage is collected at once: while the parent reads the answer."""

_FAULT: Final = 70
"""The exit status after an error that should not be: EX_SOFTWARE of sysexits.h."""


def main() -> NoReturn:
    """Serve requests until the input ends.

    The arguments are limits in bytes (memory, heap, message and answer), the seconds of processor time that an answer
    may take: then the kernel ends the process with SIGPROF; and further options of V8.
    """
    try:
        memory, heap, message, answer = (int(argument) for argument in sys.argv[1:5])
        _serve(memory, heap, message, answer, float(sys.argv[5]), sys.argv[6:])
    except BaseException as error:  # noqa: BLE001 - whatever it is, this process ends here, and says why
        os.write(2, f"{type(error).__name__}: {error}"[:2_000].encode("utf-8", "replace"))
    os._exit(_FAULT)


def _serve(memory: int, heap: int, message: int, limit: int, seconds: float, options: Sequence[str]) -> None:  # noqa: PLR0913, PLR0917 - the limits
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_FSIZE, 0)
    _set_limit(resource.RLIMIT_DATA, RESERVE + memory)
    # Whatever the libraries print must not end up between two answers.
    channel = os.dup(1)
    os.dup2(2, 1)
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(messages, message), daemon=True).start()
    isolate = _isolate(messages.get().decode(), heap, options)
    ask = cast("Callable[[str], str]", isolate.eval(messages.get().decode()))
    # Everything is loaded: no file and no socket can be opened from here on.
    _set_limit(resource.RLIMIT_NOFILE, 0)
    _send(channel, DONE)
    while True:
        request = messages.get().decode()
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answered(ask, request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del request
        _send(channel, answer if len(answer) <= limit else FAILED + OUTPUT.encode())
        del answer
        if isolate.heap_stats()["total_heap_size"] > _TIDY:
            isolate.low_memory_notification()


def _set_limit(kind: int, value: int) -> None:
    """Set a limit for good; where the one that we were started with is lower, it stays."""
    _, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY or value < hard:
        resource.setrlimit(kind, (value, value))


def _isolate(program: str, heap: int, options: Sequence[str]) -> MiniRacer:
    """Return an isolate in which ``program`` was evaluated."""
    import py_mini_racer

    # One thread for all of V8. At the heap's limit V8 says so and ends the process; mini-racer's own limit counts
    # garbage, too.
    py_mini_racer.init_mini_racer(flags=("--single-threaded", f"--max-old-space-size={heap // 1024**2}", *options))
    isolate = py_mini_racer.MiniRacer()
    isolate.eval(program)
    return isolate


def _answered(ask: Callable[[str], str], request: str) -> bytes:
    import py_mini_racer

    try:
        return DONE + ask(request).encode("utf-8", "replace")
    except py_mini_racer.JSEvalException as error:
        return FAILED + str(error)[:500].encode("utf-8", "replace")


def _listen(messages: queue.SimpleQueue[bytes], limit: int) -> None:
    """Pass on what the parent sends. When it closes the pipe, or ends, this process ends at once."""
    try:
        while len(header := _read(HEADER)) == HEADER and (size := int.from_bytes(header)) <= limit:
            data = _read(size)
            if len(data) < size:
                break
            messages.put(data)
    finally:
        os._exit(0)


def _read(size: int) -> bytes:
    """Read ``size`` bytes from the parent, or fewer where it has no more."""
    pieces = bytearray()
    while len(pieces) < size and (piece := os.read(0, min(size - len(pieces), 1 << 20))):
        pieces += piece
    return bytes(pieces)


def _send(channel: int, data: bytes) -> None:
    view = memoryview(len(data).to_bytes(HEADER) + data)
    while view:
        view = view[os.write(channel, view) :]


if __name__ == "__main__":
    main()
