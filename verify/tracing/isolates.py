"""Takes files apart in V8: many at once, in processes that stay warm, each file's failure its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Self

from provenly.trust.errors import Error, MalformedError
from provenly.trust.text import show
from provenly.verify.compiler import typescript
from provenly.verify.compiler.isolate import Isolate, Limits
from provenly.verify.compiler.pool import SIZE, Pool
from provenly.verify.compiler.releases import NEWEST_FIFTH
from provenly.verify.compiler.sources import decoded
from provenly.verify.context import Transport
from provenly.verify.tracing.program import program

NPM_REGISTRY: Final = "https://registry.npmjs.org"

RELEASE: Final = NEWEST_FIFTH
"""The compiler whose parser and binder are used: one for all, so that digests made at any time are comparable."""

MAX_FILE: Final = 12_000_000
"""Bytes of one file. The largest bundle of the survey has 3 MB; parsing takes a second for each MB."""

BATCH_BYTES: Final = 1_500_000
"""Bytes that are sent to an isolate at once: about a second of work."""

LIMITS: Final = Limits(heap=1024 * 1024**2, memory=1536 * 1024**2)
"""A tree takes about forty times the bytes of its file, and a bundle has millions of these."""


OPTIONS: Final = ("--no-turbofan",)
"""Of V8: the last of its compilers costs more than it gains, since a process lives for a few seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file to be taken apart.

    :param path: its name, whose extension says what it is.
    :param data: its bytes.
    :param bundle: whether it is a bundle, in which modules may be functions.
    :param fields: whether fields of classes without a value are there when it runs. In TypeScript that depends on
        how it is compiled.
    :param plain: whether it is JavaScript whatever its name says.
    :param inline: whether it is only asked how it reads with variables that are used once replaced by their values.
    :param given: what helpers and modules other bundles give it: specifier → name → what that is.
    """

    path: str
    data: bytes = field(repr=False)
    bundle: bool = False
    fields: bool = True
    plain: bool = False
    inline: bool = False
    given: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Tracers:
    """Isolates with the parser and our program in them. Threads may share one.

    :param transport: fetches the compiler.
    :param registry: the base URL of the registry that serves the package ``typescript``.
    """

    def __init__(self, transport: Transport, *, registry: str = NPM_REGISTRY, limits: Limits = LIMITS) -> None:
        self._transport = transport
        self._registry = registry
        self._limits = limits
        self._pool = Pool()
        self._loaded: bytes | None = None
        self._lock = threading.Lock()

    def prints(self, files: Sequence[File]) -> Sequence[Mapping[str, Any] | Error]:
        """Take files apart, and return for each what the isolate says of it, or why it says nothing.

        :returns: in the order of ``files``. A :class:`MalformedError` is about the file: ``TRACE_SYNTAX``,
            ``TRACE_SIZE``, or a limit of the isolate (``COMPILER_TIMEOUT`` and others).
        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``: there is no parser.
        """
        if not files:
            return ()
        self._program()
        found: dict[int, Mapping[str, Any] | Error] = {}
        with ThreadPoolExecutor(max_workers=SIZE, thread_name_prefix="trace") as workers:
            for answers in workers.map(self._answers, _batches(files)):
                found.update(answers)
        return [found[number] for number in range(len(files))]

    def close(self) -> None:
        """End all processes."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _program(self) -> bytes:
        with self._lock:
            if self._loaded is None:
                self._loaded = typescript.load(RELEASE, self._transport, self._registry).program
            return self._loaded

    def _answers(self, batch: Mapping[int, File]) -> Mapping[int, Mapping[str, Any] | Error]:
        """Return the answers to a batch; where it ends badly, each file is tried alone."""
        too_large = {number: file for number, file in batch.items() if len(file.data) > MAX_FILE}
        if too_large:
            message = f"more than {MAX_FILE:,} bytes are not traced"
            return dict.fromkeys(batch, MalformedError(message, code="TRACE_SIZE"))
        try:
            return self._asked(batch)
        except Error as error:
            if error.code in {"COMPILER_START", "COMPILER_UNAVAILABLE"}:
                raise
            if len(batch) == 1:
                return dict.fromkeys(batch, error)
        return {number: self._answers({number: file})[number] for number, file in batch.items()}

    def _asked(self, batch: Mapping[int, File]) -> Mapping[int, Mapping[str, Any] | Error]:
        files = [
            {
                "path": file.path,
                "text": decoded(file.data),
                "bundle": file.bundle,
                "fields": file.fields,
                "plain": file.plain,
                "given": file.given,
                "inline": file.inline,
            }
            for file in batch.values()
        ]
        request = json.dumps({"files": files, "limit": self._limits.output // 3}, ensure_ascii=False)
        with self._pool.borrowed("trace", self._started) as isolate:
            answer = json.loads(isolate.ask(request.encode("utf-8", "replace")))
            if "error" in answer:
                # The parser keeps state between files; what an exception left of it, no other file may see.
                isolate.close()
                raise MalformedError(f"tracing gave up: {show(answer['error'], limit=300)}", code="TRACE_SYNTAX")
        return {number: _read(one, batch[number].path) for number, one in zip(batch, answer["files"], strict=True)}

    def _started(self) -> Isolate:
        return Isolate((self._program(), program()), what="the tracer", limits=self._limits, options=OPTIONS)


def _read(answer: Mapping[str, Any], path: str) -> Mapping[str, Any] | Error:
    if "refused" in answer:
        message = f"{show(path, limit=200)} cannot be taken apart: {show(answer['refused'], limit=200)}"
        return MalformedError(message, code="TRACE_SYNTAX")
    return answer


def _batches(files: Sequence[File]) -> Iterator[dict[int, File]]:
    """Yield the files with their numbers in pieces of about :data:`BATCH_BYTES`."""
    batch: dict[int, File] = {}
    size = 0
    for number, file in enumerate(files):
        if batch and size + len(file.data) > BATCH_BYTES:
            yield batch
            batch, size = {}, 0
        batch[number] = file
        size += len(file.data)
    if batch:
        yield batch
