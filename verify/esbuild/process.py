"""esbuild's process: started, asked, limited, and ended whatever happens.

It is started as its own JavaScript starts it, as a service that speaks over its standard input and output, and it is
asked not to write: what it makes comes back through the pipe. So the kernel can forbid it to write any file at all
(``RLIMIT_FSIZE`` of nothing), whatever is in the sources. It gets no environment of ours, no terminal, and a session of
its own, and it ends when its input does.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.text import plural, show
from provenly.verify.esbuild import protocol
from provenly.verify.esbuild.protocol import Value

MIB: Final = 1024 * 1024

_CHUNK: Final = 1 << 20
_MAX_MESSAGES: Final = 8 * 1024
"""Bytes of a child's last words that are kept: Go says first what happened, and then where in many lines."""

_MAX_GREETING: Final = 64
"""Bytes of the version with which it begins."""

_LIMITS: Final = (
    'ulimit -c 0; ulimit -f 0; ulimit -t "$1"; ulimit -n 1024; ulimit -d "$2" 2>/dev/null; shift 2; exec "$@"'
)
"""Sets the limits, then becomes esbuild. A shell does it because Python would have to fork, which threads forbid.

No core file; no byte in any file; seconds of processor time; open files, of which esbuild has some dozens; KiB of
memory that can be written to (not every system has ``-d``: there GOMEMLIMIT and the clock hold)."""

_PING: Final = {"command": "ping"}
"""What esbuild asks once in a second (``--ping``). Where nobody is left to hear it, that ends it at once, and not only
when its work is done."""

_EXHAUSTED: Final = (b"out of memory", b"cannot allocate memory", b"stack overflow", b"failed to create new OS thread")
"""What Go's runtime says where memory was the reason. A stack of 1 GB is what nesting that no person wrote takes."""


_NOT_STARTED: Final = frozenset({126, 127})
"""The shell's exit status where the program cannot be started (POSIX, 2.8.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one process may use. Whoever wrote the sources chose the work, so all of it is bounded.

    :param seconds: of a build, or of a call that transforms. Builds of surveyed packages take less than one.
    :param memory: bytes of memory that the process can write to. Go's runtime takes some 100 MiB at once, and esbuild
        about ten times the size of what it bundles. Its garbage collector works towards three quarters of it.
    :param output: bytes of an answer.
    :param waiting: bytes of requests that are sent before their answers are there.
    """

    seconds: float = 60
    memory: int = 1024 * MIB
    output: int = 96 * MIB
    waiting: int = 8 * MIB


LIMITS: Final = Limits()

THREADS: Final = min(4, os.cpu_count() or 1)
"""Processors that one process may keep busy."""


class Process:
    """One esbuild. Not for two threads at once.

    :param binary: the program, whose bytes were hashed just now.
    :param version: what it must say that it is.
    :raises UnavailableError: ``ESBUILD_START``: it cannot be started.
    """

    def __init__(self, binary: Path, version: str, *, limits: Limits = LIMITS, seconds: float | None = None) -> None:
        self.what = f"esbuild@{version}"
        self._version = version.encode()
        self._limits = limits
        self._seconds = limits.seconds if seconds is None else min(seconds, limits.seconds)
        self._deadline = time.monotonic() + self._seconds
        self._pending = memoryview(b"")
        self._heard = bytearray()
        self._last_words = b""
        command = ["/bin/sh", "-c", _LIMITS, "sh", str(int(self._seconds * THREADS) + 1), str(limits.memory // 1024)]
        variables = {"GOMEMLIMIT": str(limits.memory // 4 * 3), "GOMAXPROCS": str(THREADS), "GOTRACEBACK": "none"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed shell text, a program whose digest we know
                [*command, str(binary), f"--service={version}", "--ping"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=variables,
                cwd="/",
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise UnavailableError(
                f"no process can be started for {self.what}: {error}", code="ESBUILD_START"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it with whatever it has started, reap it, and close the pipes to it."""
        if self._process.returncode is None:  # once it is reaped, its number may be another's
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def ask(
        self, requests: Iterable[Value], reply: Callable[[Value], Value] | None = None
    ) -> Iterator[tuple[int, Value]]:
        """Yield the answer to each request with the number of the request, in the order in which they come.

        :param reply: answers what esbuild asks meanwhile; what it raises comes out here.
        :raises MalformedError: ``ESBUILD_TIMEOUT``, ``ESBUILD_MEMORY``, ``ESBUILD_OUTPUT``: the sources ask for more
            than the limits allow.
        :raises UnavailableError: ``ESBUILD_START``: it is no esbuild of that version; ``ESBUILD_CRASH``: it ended, or
            said what it cannot say.
        """
        try:
            yield from self._exchange(enumerate(requests), reply)
        except TimeoutError:
            message = f"{self.what} took more than {self._seconds:g} seconds and was stopped"
            raise MalformedError(message, code="ESBUILD_TIMEOUT") from None
        except EOFError:
            raise self._fault() from None

    def _exchange(
        self, requests: Iterator[tuple[int, Value]], reply: Callable[[Value], Value] | None
    ) -> Iterator[tuple[int, Value]]:
        waiting: dict[int, int] = {}
        with selectors.DefaultSelector() as selector:
            for stream in (self._process.stdout, self._process.stderr):
                assert stream  # noqa: S101 - both are pipes
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            while (greeting := self._taken(_MAX_GREETING)) is None:
                self._turn(selector)
            if greeting != self._version:
                raise UnavailableError(f"the program is not {self.what}", code="ESBUILD_START")
            while self._refill(requests, waiting):
                self._turn(selector)
                while (data := self._taken(self._limits.output)) is not None:
                    number, is_answer, value = self._read(data)
                    if is_answer and waiting.pop(number, None) is not None:
                        yield number, value
                    elif not is_answer and (value == _PING or reply is not None):
                        answer = {} if value == _PING or reply is None else reply(value)
                        self._pending = memoryview(
                            self._pending.tobytes() + protocol.packet(number, answer, answer=True)
                        )
                    else:
                        raise self._nonsense("it asks something, or answers what it was not asked")

    def _refill(self, requests: Iterator[tuple[int, Value]], waiting: dict[int, int]) -> bool:
        """Put requests into the pipe while there is room; say whether an answer is still to come."""
        pieces: list[bytes] = []
        room = self._limits.waiting - sum(waiting.values())
        while room > 0 and not self._pending and (request := next(requests, None)) is not None:
            piece = protocol.packet(*request)
            waiting[request[0]] = len(piece)
            room -= len(piece)
            pieces.append(piece)
        if pieces:
            self._pending = memoryview(b"".join(pieces))
        return bool(waiting)

    def _taken(self, limit: int) -> bytes | None:
        """Take a message off what was heard, without its length, where one is complete."""
        if len(self._heard) < protocol.LENGTH:
            return None
        end = protocol.LENGTH + int.from_bytes(self._heard[: protocol.LENGTH], "little")
        if end > protocol.LENGTH + limit:
            message = f"{self.what} made more than {plural(limit, 'byte')} of output"
            raise MalformedError(message, code="ESBUILD_OUTPUT")
        if len(self._heard) < end:
            return None
        with memoryview(self._heard) as view:
            data = bytes(view[protocol.LENGTH : end])
        del self._heard[:end]
        return data

    def _read(self, data: bytes) -> tuple[int, bool, Value]:
        try:
            return protocol.read(data)
        except ValueError as error:
            raise self._nonsense(str(error)) from error

    def _turn(self, selector: selectors.BaseSelector) -> None:
        """Wait until something can be read or written, and do it once.

        :raises TimeoutError: the deadline has passed.
        :raises EOFError: esbuild has ended.
        """
        said, heard, errors = self._process.stdin, self._process.stdout, self._process.stderr
        assert said and heard and errors  # noqa: S101, PT018 - all three are pipes
        if self._pending and said.fileno() not in selector.get_map():
            os.set_blocking(said.fileno(), False)
            selector.register(said, selectors.EVENT_WRITE)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        ready = {key.fileobj for key, _ in selector.select(left)}
        with suppress(BlockingIOError):
            if errors in ready:
                piece = os.read(errors.fileno(), _CHUNK)
                self._last_words += piece[: _MAX_MESSAGES - len(self._last_words)]
                if not piece:
                    selector.unregister(errors)
            if said in ready:
                with suppress(BrokenPipeError):  # it has ended: its output ends, too
                    self._pending = self._pending[os.write(said.fileno(), self._pending[:_CHUNK]) :]
                if not self._pending:
                    selector.unregister(said)
            if heard in ready:
                piece = os.read(heard.fileno(), _CHUNK)
                self._heard += piece
                if not piece:
                    raise EOFError

    def _nonsense(self, why: str) -> UnavailableError:
        return UnavailableError(f"{self.what} said what it cannot say: {why}", code="ESBUILD_CRASH")

    def _fault(self) -> Error:
        """Return the error for a process that is gone."""
        assert self._process.stderr  # noqa: S101 - a pipe
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        with suppress(BlockingIOError):
            self._last_words += os.read(self._process.stderr.fileno(), _MAX_MESSAGES)
        if status == -signal.SIGXCPU:
            message = f"{self.what} took too much processor time and was stopped"
            return MalformedError(message, code="ESBUILD_TIMEOUT")
        if any(words in self._last_words for words in _EXHAUSTED):
            message = f"{self.what} needed more than {self._limits.memory // MIB:,} MiB of memory and was stopped"
            return MalformedError(message, code="ESBUILD_MEMORY")
        said = f": {show(self._last_words.strip(), limit=300)}" if self._last_words else ""
        message = f"the process of {self.what} ended with status {status}{said}"
        if status in _NOT_STARTED:
            hint = "Name a cache folder from which programs can be started (PROVENLY_CACHE)."
            return UnavailableError(message, code="ESBUILD_START", hint=hint)
        return UnavailableError(message, code="ESBUILD_CRASH")
