"""Files that are compiled one by one: sent in batches, and tried again alone where a batch ended badly."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.strict_json import Json, thaw
from provenly.trust.text import show
from provenly.verify.compiler import sources

BATCH_ITEMS: Final = 64
BATCH_BYTES: Final = 4_000_000
"""What is sent to an isolate at once: enough that the way there does not count, little enough to be tried again."""

MAX_SECONDS: Final = 180.0
"""Seconds of one call in all, however many of its files have to be tried again one by one."""

MAX_FAILURES: Final = 16
"""Files that may end an isolate before the rest of a call is given up: each costs the start of a new one."""

_HOPELESS: Final = frozenset({"COMPILER_UNAVAILABLE", "COMPILER_START"})
"""There is no compiler: no file will fare better than the one before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transpile:
    """A source file to be compiled by itself.

    :param path: its path in the repository. The extension decides how it is read and what module it becomes; the name
        is in its source map and in the comment that leads there.
    :param source: its bytes.
    :param options: ``compilerOptions`` as in a tsconfig.json.
    :param module_format: the ``type`` of the nearest package.json, ``module`` or ``commonjs``; empty where there is
        none.
    """

    path: str
    source: bytes = field(repr=False)
    options: Mapping[str, Json]
    module_format: str = ""

    def request(self) -> Mapping[str, object]:
        """Return what is sent of it."""
        return {
            "path": self.path,
            "source": sources.decoded(self.source),
            "options": thaw(self.options),
            "format": self.module_format,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Single:
    """A source file of a project, to be compiled by itself with the project's options.

    :param path: its path in the repository.
    :param source: its bytes.
    :param module_format: the ``type`` of the nearest package.json, ``module`` or ``commonjs``; empty where there is
        none.
    """

    path: str
    source: bytes = field(repr=False)
    module_format: str = ""

    def request(self) -> Mapping[str, object]:
        """Return what is sent of it."""
        return {"path": self.path, "source": sources.decoded(self.source), "format": self.module_format}


class Item(Protocol):
    """A source file on its way to the compiler."""

    @property
    def path(self) -> str:
        """Its path in the repository."""

    @property
    def source(self) -> bytes:
        """Its bytes."""

    def request(self) -> Mapping[str, object]:
        """Return what is sent of it."""


class Ask(Protocol):
    """Sends a request to an isolate, and returns its answer, a JSON text."""

    def __call__(self, request: Mapping[str, object], *, seconds: float) -> bytes:
        """Return the answer; any :class:`~provenly.trust.errors.Error` means that the isolate is gone."""


class Transpilation:
    """One call's worth of files.

    :param ask: the way to an isolate.
    :param limit: characters of output of a batch.
    :param request: what every request says besides its items: the operation, and what all items have in common.
    """

    def __init__(
        self,
        ask: Ask,
        *,
        limit: int,
        seconds: float = MAX_SECONDS,
        request: Mapping[str, object] = MappingProxyType({"operation": "transpile"}),
    ) -> None:
        self._ask = ask
        self._request = request
        self._limit = limit
        self._end = time.monotonic() + seconds
        self._failures = 0

    def run(self, wanted: Mapping[str, Item]) -> Iterator[tuple[str, bytes | Error]]:
        """Yield the output of each of ``wanted``, or why there is none, under its key.

        :raises UnavailableError: ``COMPILER_UNAVAILABLE``, ``COMPILER_START``.
        """
        for batch in _batches(wanted):
            try:
                answers = self._answers(batch)
            except Error as error:
                if error.code in _HOPELESS:
                    raise
                yield from self._alone(batch, error)
            else:
                yield from zip(batch, answers, strict=True)

    def _alone(self, batch: Mapping[str, Item], error: Error) -> Iterator[tuple[str, bytes | Error]]:
        """Yield the answers of a batch that ended with ``error``, each file by itself: one of them is the reason."""
        for key, item in batch.items():
            if len(batch) > 1 and self._failures < MAX_FAILURES:
                try:
                    yield key, self._answers({key: item})[0]
                except Error as own:
                    if own.code in _HOPELESS:
                        raise
                    self._failures += 1
                    yield key, own
            elif len(batch) > 1:
                message = f"{show(item.path, limit=200)} was not compiled: too many files before it failed"
                yield key, MalformedError(message, code="COMPILER_FAILURES")
            else:
                yield key, error

    def _answers(self, batch: Mapping[str, Item]) -> list[bytes | Error]:
        """Return the answers to a batch, in its order."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise MalformedError("there was no time left to compile the rest", code="COMPILER_TIMEOUT")
        items = [item.request() for item in batch.values()]
        answer = self._ask({**self._request, "items": items, "limit": self._limit}, seconds=left)
        outputs = _outputs(answer)
        if len(outputs) != len(items):
            raise UnavailableError("the compiler gave another number of files than it got", code="COMPILER_CRASH")
        return outputs


def _batches(wanted: Mapping[str, Item]) -> Iterator[dict[str, Item]]:
    """Yield ``wanted`` in pieces of at most :data:`BATCH_ITEMS` files and about :data:`BATCH_BYTES` bytes."""
    batch: dict[str, Item] = {}
    size = 0
    for key, item in wanted.items():
        if batch and (len(batch) == BATCH_ITEMS or size + len(item.source) > BATCH_BYTES):
            yield batch
            batch, size = {}, 0
        batch[key] = item
        size += len(item.source)
    if batch:
        yield batch


def _outputs(answer: bytes) -> list[bytes | Error]:
    """Read the answer to a batch: ``{"outputs": [{"text": …} | {"refused": …}]}``."""
    outputs: list[bytes | Error] = []
    for output in json.loads(answer)["outputs"]:
        if "text" in output:
            outputs.append(output["text"].encode())
        else:
            message = f"the compiler made nothing of it: {show(output['refused'], limit=300)}"
            outputs.append(MalformedError(message, code="COMPILER_SOURCE"))
    return outputs
