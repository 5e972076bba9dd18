"""V8 in child processes: started, asked, limited, and ended whatever happens.

A thread that V8 runs in cannot be stopped and can keep the interpreter from exiting; a process can be killed. So every
isolate is a process of its own (:mod:`provenly.verify.compiler.worker`), and a request that takes too long, or a child
that says something odd, ends that process. The next request gets a new one.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.text import plural, show
from provenly.verify.compiler import worker

MIB: Final = 1024 * 1024

_CHUNK: Final = 1 << 20
_MAX_MESSAGES: Final = 8 * 1024
"""Bytes of a child's last words that are kept. V8 says first what happened, and then where in many lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one isolate may use. Whoever wrote the sources chose the work, so all of it is bounded.

    :param start: seconds until a new isolate has loaded the compiler. It takes about half a second.
    :param seconds: of processor time of a request, so that a busy machine makes no difference. The largest of 62
        surveyed packages took 15, most below one; with the types of npm packages some take 25.
    :param memory: bytes of memory that the process can write to, Python's and V8's own included. The kernel holds it
        to that, beyond what V8 reserves and never uses.
    :param heap: bytes of V8's heap. The compiler takes 20 MiB, and projects of a few hundred files about 200. Where it
        is full V8 ends the process.
    :param request: bytes of a request.
    :param output: bytes of an answer.
    """

    start: float = 60
    seconds: float = 60
    memory: int = 768 * MIB
    heap: int = 448 * MIB
    request: int = 96 * MIB
    output: int = 96 * MIB


LIMITS: Final = Limits()

PATIENCE: Final = 5
"""How many times as long as its processor time a request may take by the clock: then it waits for something."""


class Isolate:
    """One child process with one compiler in it. Not for two threads at once.

    :param programs: the compiler and the program that receives requests.
    :param what: what is loaded, for messages: ``typescript@5.9.3``.
    :param options: further options of V8.
    :raises UnavailableError: ``COMPILER_START``: it cannot be started.
    """

    def __init__(
        self, programs: tuple[bytes, bytes], *, what: str, limits: Limits = LIMITS, options: tuple[str, ...] = ()
    ) -> None:
        self.what = what
        self._limits = limits
        sizes = (limits.memory, limits.heap, max(limits.request, *map(len, programs)), limits.output)
        try:
            # -P: the current folder may be the package that is looked at; no module is imported from it.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", worker.__name__, *map(str, sizes), str(limits.seconds), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                cwd="/",
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise UnavailableError(f"no process can be started for {what}: {error}", code="COMPILER_START") from error
        self._finalizer = weakref.finalize(self, _end, self._process, os.getpid())
        try:
            self._exchange(programs, limits.start)
        except Error as error:
            self.close()
            message = f"{what} could not be loaded into V8: {error.message}"
            raise UnavailableError(message, code="COMPILER_START") from error

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._finalizer.alive and self._process.poll() is None

    def ask(self, request: bytes, *, seconds: float | None = None) -> bytes:
        """Return the answer to a request. After any error the process is gone.

        :param request: a JSON text.
        :param seconds: how long it may take by the clock, where that is less than the limits allow.
        :raises MalformedError: ``COMPILER_TIMEOUT``, ``COMPILER_MEMORY``, ``COMPILER_OUTPUT``, ``COMPILER_INPUT``: the
            sources ask for more than the limits allow.
        :raises UnavailableError: ``COMPILER_CRASH``: the process ended, or said what it cannot say.
        """
        if len(request) > self._limits.request:
            message = f"the sources have {plural(len(request), 'byte')}, more than {self._limits.request:,}"
            raise MalformedError(message, code="COMPILER_INPUT")
        try:
            patience = PATIENCE * self._limits.seconds
            return self._exchange((request,), min(patience, seconds or patience))
        except Error:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        self._finalizer()

    def _exchange(self, messages: tuple[bytes, ...], seconds: float) -> bytes:
        """Send messages, and return the one answer to them."""
        conversation = _Conversation(self._process, messages, self._limits.output + 1)
        try:
            answer = conversation.finish(time.monotonic() + seconds)
        except TimeoutError:
            raise self._late(seconds) from None
        except EOFError:
            raise self._fault(conversation.last_words) from None
        kind, text = answer[:1], answer[1:]
        if kind == worker.DONE:
            return text
        if kind == worker.FAILED and text == worker.OUTPUT.encode():
            message = f"{self.what} made more than {plural(self._limits.output, 'byte')} of output"
            raise MalformedError(message, code="COMPILER_OUTPUT")
        raise UnavailableError(f"{self.what} failed: {show(text, limit=500)}", code="COMPILER_CRASH")

    def _late(self, seconds: float) -> MalformedError:
        message = f"{self.what} took more than {seconds:g} seconds and was stopped"
        return MalformedError(message, code="COMPILER_TIMEOUT")

    def _out_of_memory(self) -> MalformedError:
        message = f"{self.what} needed more than {self._limits.heap // MIB:,} MiB of memory and was stopped"
        return MalformedError(message, code="COMPILER_MEMORY")

    def _fault(self, last_words: bytes) -> Error:
        """Return the error for a child that is gone: V8 and Python both say so where memory was the reason."""
        if b"out of memory" in last_words.lower() or b"MemoryError" in last_words:
            return self._out_of_memory()
        self.close()
        said = f": {show(last_words.strip(), limit=300)}" if last_words else ""
        status = self._process.returncode
        if status == -signal.SIGPROF:
            return self._late(self._limits.seconds)
        return UnavailableError(f"the process of {self.what} ended with status {status}{said}", code="COMPILER_CRASH")


class _Conversation:
    """One exchange with a child: what is still to be said, and what it has said."""

    def __init__(self, process: subprocess.Popen[bytes], messages: tuple[bytes, ...], limit: int) -> None:
        assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 - all three are pipes
        self._said, self._heard, self._errors = process.stdin, process.stdout, process.stderr
        self._pending = memoryview(b"".join(part for one in messages for part in (_header(one), one)))
        self._answer = bytearray()
        self._limit = limit
        self.last_words = b""

    def finish(self, deadline: float) -> bytes:
        """Return the child's answer.

        :raises TimeoutError: the deadline has passed.
        :raises EOFError: the child has ended, or said something that is no answer.
        """
        with selectors.DefaultSelector() as selector:
            for stream in (self._said, self._heard, self._errors):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_WRITE if stream is self._said else selectors.EVENT_READ)
            while (size := self._size()) is None or len(self._answer) < worker.HEADER + size:
                if time.monotonic() >= deadline:
                    raise TimeoutError
                ready = [key.fileobj for key, _ in selector.select(max(0.0, deadline - time.monotonic()))]
                if self._errors in ready and not self._listen():
                    selector.unregister(self._errors)
                if self._said in ready and not self._speak():
                    selector.unregister(self._said)
                if self._heard in ready and not self._hear():
                    self._drain(selector, deadline)
                    raise EOFError
        return bytes(self._answer[worker.HEADER :])

    def _size(self) -> int | None:
        """Return the length of the answer, once that is known."""
        if len(self._answer) < worker.HEADER:
            return None
        size = int.from_bytes(self._answer[: worker.HEADER])
        if size > self._limit:
            raise EOFError
        return size

    def _speak(self) -> bool:
        """Write as much as fits; return whether anything is left."""
        with suppress(BlockingIOError):
            try:
                self._pending = self._pending[os.write(self._said.fileno(), self._pending[:_CHUNK]) :]
            except BrokenPipeError:
                return False  # it has ended: its output ends, too
        return bool(self._pending)

    def _hear(self) -> bool:
        """Read as much of the answer as is there; return whether more can come."""
        with suppress(BlockingIOError):
            piece = os.read(self._heard.fileno(), _CHUNK)
            self._answer += piece
            return bool(piece)
        return True

    def _listen(self) -> bool:
        """Read what the child says about itself; return whether more can come."""
        with suppress(BlockingIOError):
            piece = os.read(self._errors.fileno(), _CHUNK)
            self.last_words += piece[: _MAX_MESSAGES - len(self.last_words)]
            return bool(piece)
        return True

    def _drain(self, selector: selectors.BaseSelector, deadline: float) -> None:
        """Read the last words of a child that is ending, for at most a second."""
        selector.unregister(self._heard)
        end = min(deadline, time.monotonic() + 1)
        while self._errors in {key.fileobj for key in selector.get_map().values()} and time.monotonic() < end:
            ready = [key.fileobj for key, _ in selector.select(max(0.0, end - time.monotonic()))]
            if self._errors in ready and not self._listen():
                selector.unregister(self._errors)
            if self._said in ready:
                selector.unregister(self._said)


def _header(message: bytes) -> bytes:
    return len(message).to_bytes(worker.HEADER)


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill a child, reap it, and close the pipes to it; a fork of the process that started it leaves it alone."""
    if os.getpid() != owner:
        return
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
