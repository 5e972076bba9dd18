"""Answers to HTTP requests as they are kept on disk: one line of JSON that says what they are, then the bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MAX_HEADER: Final = 16 * 1024
"""Bytes of the line before a document: a URL of at most 2,048 bytes and a few short members."""

_OK: Final = 200
_MISSING: Final = frozenset({404, 410})


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """What was asked. Two requests share a document only if all of this is equal.

    :param scope: which credential was sent, as :meth:`provenly.verify.registry.settings.Credential.digest`; empty for
        none.
    """

    url: str
    accept: str
    scope: str = ""

    def digest(self) -> str:
        """Return the name under which the answer is kept."""
        parts = json.dumps(["GET", self.url, self.accept, self.scope]).encode()
        return hashlib.sha256(parts).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """An answer as it is kept. Of its headers only what is named here: the rest may hold secrets.

    :param status: 200, or 404 or 410 for an answer that there is no such thing.
    :param etag: to ask whether it has changed, or empty.
    :param fetched: when the server last said so.
    """

    status: int
    content_type: str
    etag: str
    fetched: datetime
    body: bytes

    @property
    def is_missing(self) -> bool:
        """Whether the answer was that there is no such thing."""
        return self.status in _MISSING


def encode(key: Key, document: Document) -> tuple[bytes, bytes]:
    """Return the line and the bytes to write for the answer to ``key``.

    Only answers with 200, 404 and 410 say anything about the thing that was asked for.
    """
    if document.status != _OK and not document.is_missing:
        raise ValueError(document.status)
    header = {
        "key": [key.url, key.accept, key.scope],
        "status": document.status,
        "content_type": document.content_type,
        "etag": document.etag,
        "fetched": document.fetched.astimezone(UTC).isoformat(),
        "sha256": hashlib.sha256(document.body).hexdigest(),
    }
    return json.dumps(header).encode() + b"\n", document.body


def decode(key: Key, data: bytes) -> Document:
    """Return the answer to ``key`` that was written as ``data``.

    :raises ValueError: it is not what was written, or is the answer to something else; the message says which.
    """
    line, _, _ = data[:MAX_HEADER].partition(b"\n")
    body = data[len(line) + 1 :]
    try:
        header = json.loads(line)
        digest, asked = header["sha256"], header["key"]
        document = Document(
            status=int(header["status"]),
            content_type=str(header["content_type"]),
            etag=str(header["etag"]),
            fetched=datetime.fromisoformat(header["fetched"]).astimezone(UTC),
            body=body,
        )
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        message = "it cannot be read"
        raise ValueError(message) from error
    if asked != [key.url, key.accept, key.scope] or digest != hashlib.sha256(body).hexdigest():
        message = "its bytes are not those that were written"
        raise ValueError(message)
    return document
