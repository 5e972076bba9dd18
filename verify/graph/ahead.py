"""Documents that npm is going to ask for, asked for before it does.

npm walks down a tree and, on a machine of few processors, asks for one document after the other: a hundred times the
way to the registry and back. What a document that it was given depends on is known as soon as it is read, so that is
fetched while npm is still busy. This is a guess about the order of questions and never about an answer: npm gets, for
each name that it asks for, what it would have got without this, errors included, and a guess that it never asks for is
forgotten.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Self

from provenly.trust.strict_json import Json
from provenly.verify.graph import specs
from provenly.verify.registry import versions

WORKERS: Final = 8
"""Documents that are fetched at the same time; the transport has fewer connections to one host."""

MAX_NAMES: Final = 2_000
"""Names that are guessed in all. Trees have a few hundred; documents could name others without end."""

MAX_WAITING: Final = 256
"""Documents that are there, or on their way, and that npm has not asked for yet."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of the documents that wait; nothing more is guessed while there are so many. Those of a tree have some ten."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A registry's document about a package.

    :param digest: the sha256 of its bytes.
    :param size: how many those are.
    """

    document: Json
    digest: str
    size: int

    @classmethod
    def of(cls, body: bytes, document: Json) -> Self:
        """Return a document with what is to be known of the bytes that it was read from."""
        return cls(document=document, digest=hashlib.sha256(body).hexdigest(), size=len(body))


class Ahead:
    """Fetches what is asked for, and what is likely to be asked for next. Use it as a context manager.

    :param read: fetches and reads the document about a package; threads call it.
    """

    def __init__(self, read: Callable[[str], Read]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Read]] = {}
        self._known: set[str] = set()
        self._guessed = 0
        self._bytes = 0
        self._closed = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def get(self, name: str, wanted: str = "") -> Read:
        """Return the document about a package, as ``read`` does, and begin with what it depends on.

        :param wanted: the version that is going to be installed, where that is known.
        :raises Error: whatever ``read`` raises.
        """
        with self._lock:
            self._known.add(name)
            begun = self._waiting.pop(name, None)
        # One that still stands in the queue is not waited for.
        if begun is None or begun.cancel():
            found = self._read(name)
            self._follow(found.document, wanted)
            return found
        found = begun.result()
        with self._lock:
            self._bytes -= found.size
        return found

    def _fetch(self, name: str, wanted: str) -> Read:
        """Fetch a document that was guessed, and guess on."""
        found = self._read(name)
        with self._lock:
            self._bytes += found.size
        self._follow(found.document, wanted)
        return found

    def _follow(self, document: Json, wanted: str) -> None:
        """Begin with what the version depends on that npm would choose."""
        for name, spec in _needs(document, wanted):
            with self._lock:
                full = len(self._waiting) >= MAX_WAITING or self._bytes >= MAX_BYTES or self._guessed >= MAX_NAMES
                if self._closed or full:
                    return
                if name in self._known:
                    continue
                self._known.add(name)
                self._guessed += 1
                self._waiting[name] = self._pool.submit(self._fetch, name, spec)


def _needs(document: Json, wanted: str) -> Iterable[tuple[str, str]]:
    """Return the names and ranges that a version asks for; nothing where the document is of another form."""
    listed = document.get("versions") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(listed, Mapping):
        return
    tags = document.get("dist-tags")
    latest = tags.get(wanted if wanted in tags else "latest") if isinstance(tags, Mapping) else None
    version = wanted if wanted in listed else None
    if version is None:
        spec = wanted if versions.is_range(wanted) else "*"
        version = versions.max_satisfying(listed, spec, latest=latest if isinstance(latest, str) else "")
    entry = listed.get(version or "")
    if not isinstance(entry, Mapping):
        return
    unneeded = specs.optional_peers(entry)
    for member, name, spec in specs.asked(entry):
        if specs.elsewhere(name, spec) or (member == "peerDependencies" and name in unneeded):
            continue
        yield specs.alias(spec) if spec.strip().lower().startswith("npm:") else (name, spec)
