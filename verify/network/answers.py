"""Requests, and what the answers of a server mean. Pure: nothing here touches the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.verify.network.addresses import without_query
from provenly.verify.registry.settings import Proxy, Secret

OK: Final = 200
NOT_MODIFIED: Final = 304
MISSING: Final = frozenset({404, 410})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

TRANSIENT: Final = frozenset(
    {"NET_CONNECT", "NET_DNS", "NET_PROTOCOL", "NET_TIMEOUT", "NET_TLS", "NET_TRUNCATED", "REG_BUSY", "REG_SERVER"}
)
"""Codes of failures after which the same request may succeed."""

MAX_RETRY_AFTER: Final = 60.0
"""Seconds of a Retry-After that we are willing to wait; a server that wants more is reported instead."""

DOCUMENT_TTL: Final = timedelta(minutes=5)
"""How long a document is fresh: what registry.npmjs.org itself says of packuments (``max-age=300``)."""

VERSION_TTL: Final = timedelta(days=1)
"""How long the document of an exact version is fresh. It is written once; only a deprecation changes it."""

_VERSION: Final = re.compile(r"/[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]*)?")
_ETAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,254}"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request for a document or archive.

    :param what: what is at the URL, for messages.
    :param limit: the most bytes that a body may have.
    :param authorization: the value of the header of that name, or ``None``.
    :param proxy: what to go through, or ``None``.
    :param address: the address to connect to instead of resolving the host, or empty.
    """

    url: str
    what: str
    limit: int
    headers: Mapping[str, str]
    authorization: Secret | None = None
    proxy: Proxy | None = None
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer.

    :param url: what answered, after redirects.
    :param headers: names in lower case.
    :param body: as it was sent; empty unless the status is 200.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def etag(self) -> str:
        """The ETag if it is well-formed (RFC 9110, section 8.8.3) and not huge, else empty."""
        etag = self.headers.get("etag", "")
        return etag if _ETAG.fullmatch(etag) else ""


def ttl(url: str) -> timedelta:
    """Return how long the document at ``url`` is fresh."""
    path = url.partition("?")[0]
    return VERSION_TTL if _VERSION.fullmatch(path[path.rfind("/") :]) else DOCUMENT_TTL


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Return how many seconds the server asks us to wait (RFC 9110, section 10.2.3), or ``None``."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def check_body(answer: Answer, *, accept: str, what: str) -> None:
    """Refuse an HTML page where a document or archive should be: the work of captive portals and login pages.

    :raises UnavailableError: ``REG_NOT_JSON`` or ``REG_NOT_ARCHIVE``: we talked to something else than a registry.
    """
    start = answer.body[:64].lstrip()
    hint = "Is a login page in the way? Open any web page in a browser, or check the registry's URL."
    if "json" in accept:
        if start[:1] not in {b"{", b"["}:
            shown = answer.content_type or "an unnamed type"
            message = f"the answer for {what} is no JSON but {shown} ({_place(answer)})"
            raise UnavailableError(message, code="REG_NOT_JSON", hint=hint)
    elif answer.content_type in {"text/html", "application/xhtml+xml"} and not start.startswith(b"\x1f\x8b"):
        message = f"the answer for {what} is an HTML page ({_place(answer)})"
        raise UnavailableError(message, code="REG_NOT_ARCHIVE", hint=hint)


_LOGIN: Final = "No credential was sent: name your .npmrc to use those in it."

_STATUSES: Final = {
    401: ("REG_UNAUTHORIZED", "wants a login for", "The credential for this registry is not accepted: has it expired?"),
    403: ("REG_FORBIDDEN", "does not let us read", "The credential for this registry may not read this package."),
    404: ("NOT_FOUND", "does not have", ""),
    410: ("NOT_FOUND", "no longer has", ""),
    429: ("REG_BUSY", "has had too many requests from here to serve", "Wait a while, or log in for a higher limit."),
    451: ("REG_LEGAL", "may for legal reasons not serve", "Try another registry or mirror."),
}
"""What a status says: the code, what the server does to what was asked for, and a hint."""


def status_error(answer: Answer, *, what: str, authorized: bool) -> UnavailableError:
    """Return the error that a status other than 200 means; a :class:`NotFoundError` for 404 and 410.

    :param authorized: whether a credential was sent.
    """
    status = answer.status
    if status in _STATUSES:
        code, verb, hint = _STATUSES[status]
        if status in {401, 403, 404} and not authorized:
            hint = _LOGIN
    elif status >= 500:  # noqa: PLR2004 - RFC 9110, section 15.6: server errors
        code, verb, hint = "REG_SERVER", "failed to serve", "Try again later."
    else:
        code, verb, hint = "REG_STATUS", "gave no usable answer for", "Check the registry's URL."
    kind = NotFoundError if status in MISSING else UnavailableError
    return kind(f"{_place(answer)} {verb} {what} (status {status})", code=code, hint=hint)


def too_large(what: str, limit: int) -> MalformedError:
    """Return the error for a body that is over its limit."""
    return MalformedError(f"{what} has more than {limit:,} bytes", code="NET_TOO_LARGE")


def _place(answer: Answer) -> str:
    return without_query(answer.url)
