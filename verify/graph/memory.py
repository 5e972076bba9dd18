"""A tree that was resolved before: used again where npm would get the same documents again.

npm's resolver is a function of the documents that it reads. So nothing is believed of an older answer but this: with
npm in the same version, for the same package, and with every document unchanged to the byte, it is the answer of today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads
from provenly.verify.network.documents import Document, Key

if TYPE_CHECKING:
    from provenly.verify.network.cache import Cache

MAX_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of an answer that is kept: a lockfile, and names and digests."""

WORKERS: Final = 8
"""Documents that are asked for at the same time; the transport has fewer connections to one host."""

Digests = Mapping[str, str]
"""The sha256 of each document by the name of the package; empty for "there is none"."""


class Memory:
    """Keeps the answers of npm. Threads may share one.

    :param cache: where, or ``None`` to keep nothing.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache

    def recall(self, question: str, digest: Callable[[str], str]) -> bytes | None:
        """Return the answer to a question, where every document that it was made with is what it was.

        :param digest: returns the sha256 of the document about a package as it is now.
        :raises Error: a document could not be had: then nobody knows.
        """
        kept = self._cache.document(_key(question)) if self._cache else None
        if kept is None:
            return None
        try:
            answer = loads(kept.body, what="a tree that was resolved before", max_bytes=MAX_ANSWER)
        except MalformedError:
            return None
        documents = answer.get("documents") if isinstance(answer, Mapping) else None
        if not isinstance(documents, Mapping) or not documents:
            return None
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="tree") as pool:
            same = all(pool.map(lambda item: _is(digest, *item), documents.items()))
        return kept.body if same else None

    def keep(self, question: str, answer: bytes) -> None:
        """Keep the answer to a question; it lists the documents that it was made with, as ``documents``."""
        if self._cache:
            document = Document(
                status=200, content_type="application/json", etag="", fetched=self._cache.now, body=answer
            )
            self._cache.put_document(_key(question), document)


def _is(digest: Callable[[str], str], name: str, expected: Json) -> bool:
    return digest(name) == expected


def _key(question: str) -> Key:
    return Key(url=f"provenly:tree:{hashlib.sha256(question.encode()).hexdigest()}", accept="")
