"""Files that are transformed one by one: many in one process, and tried again alone where it ended badly."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.text import plural, show
from provenly.verify.esbuild import answers, flags
from provenly.verify.esbuild.process import Process
from provenly.verify.esbuild.protocol import Value

MAX_SOURCE: Final = 24_000_000
"""Bytes of one file. Bundles of several MB are common; more is a data file or an attack."""

MAX_FAILURES: Final = 16
"""Files that may end a process before the rest of a call is given up."""

BATCH: Final = 16
"""Files that are sent together after the process of all of them has ended badly. Which of them was the reason nobody
knows, since esbuild works at several at once."""

MAX_PATH: Final = 4_096

_HOPELESS: Final = frozenset({"ESBUILD_UNAVAILABLE", "ESBUILD_PLATFORM", "ESBUILD_START"})
"""There is no esbuild: no file will fare better than the one before it."""

_LOADERS: Final = dict.fromkeys((".ts", ".mts", ".cts"), "ts") | {
    ".jsx": "jsx",
    ".tsx": "tsx",
    ".json": "json",
    ".css": "css",
}
"""What a file is written in by its extension; every other is JavaScript."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """A file to be transformed by itself.

    :param path: its path, for messages and source maps; its extension says what it is written in unless ``--loader=``
        is among the arguments.
    :param source: its bytes.
    :param arguments: flags as on esbuild's command line.
    """

    path: str
    source: bytes = field(repr=False)
    arguments: Sequence[str] = ()


class Transformation:
    """One call's worth of files.

    :param start: starts a process that may work for so many seconds.
    :param seconds: of the whole call, however often a file has to be tried again.
    """

    def __init__(self, start: Callable[[float], Process], *, seconds: float) -> None:
        self._start = start
        self._end = time.monotonic() + seconds
        self._failures = 0

    def run(self, items: Sequence[Transform]) -> Sequence[bytes | Error]:
        """Return the output of each of ``items``, or why there is none.

        :raises UnavailableError: ``ESBUILD_UNAVAILABLE``, ``ESBUILD_PLATFORM``, ``ESBUILD_START``.
        """
        done: dict[int, bytes | Error] = {}
        wanted: dict[int, Value] = {}
        for number, item in enumerate(items):
            try:
                wanted[number] = _request(item)
            except MalformedError as error:
                done[number] = error
        failure = self._together(wanted, done)
        left = [number for number in wanted if number not in done]
        if failure is not None and len(left) == 1:
            done[left[0]] = failure
        elif failure is not None:
            for start in range(0, len(left), BATCH):
                self._batch({number: wanted[number] for number in left[start : start + BATCH]}, done)
        return [done[number] for number in range(len(items))]

    def _batch(self, wanted: Mapping[int, Value], done: dict[int, bytes | Error]) -> None:
        """Ask for a few files, and for each of them alone where that ends badly."""
        if self._failures <= MAX_FAILURES and self._together(wanted, done) is None:
            return
        for number in wanted:
            if self._failures > MAX_FAILURES and number not in done:
                message = "it was not transformed: too many files before it failed"
                done[number] = MalformedError(message, code="ESBUILD_FAILURES")
            elif number not in done and (own := self._together({number: wanted[number]}, done)) is not None:
                self._failures += 1
                done[number] = own

    def _together(self, wanted: Mapping[int, Value], done: dict[int, bytes | Error]) -> Error | None:
        """Ask for all that is not done, and return what ended the process, if anything did."""
        numbers = [number for number in wanted if number not in done]
        if not numbers:
            return None
        left = self._end - time.monotonic()
        try:
            if left <= 0:
                raise MalformedError("there was no time left to transform it", code="ESBUILD_TIMEOUT")
            with self._start(left) as process:
                for place, answer in process.ask(wanted[number] for number in numbers):
                    done[numbers[place]] = _output(answer)
        except Error as error:
            if error.code in _HOPELESS:
                raise
            return error
        return None


def _request(item: Transform) -> Value:
    if len(item.source) > MAX_SOURCE or len(item.path) > MAX_PATH:
        message = f"{show(item.path, limit=200)} has {plural(len(item.source), 'byte')}, more than {MAX_SOURCE:,}"
        raise MalformedError(message, code="ESBUILD_INPUT")
    arguments = flags.for_transform(item.arguments)
    # A name that is no text is shown as one; it is nothing but a name.
    name = item.path.encode("utf-8", "replace").decode()
    loader = _LOADERS.get(item.path[item.path.rfind(".") :], "js")
    return {
        "command": "transform",
        "flags": (f"--loader={loader}", f"--sourcefile={name}", *arguments),
        "input": item.source,
        "inputFS": False,
    }


def _output(answer: Value) -> bytes | Error:
    try:
        answers.refuse_errors(answer)
    except Error as error:
        return error
    code = answer.get("code") if isinstance(answer, Mapping) else None
    if not isinstance(code, str):
        return UnavailableError("esbuild gave no output", code="ESBUILD_CRASH")
    return code.encode()
