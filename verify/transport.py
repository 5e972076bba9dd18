"""Reading documents and archives over HTTP, with a cache in front.

This module decides: what may be asked, of whom, with which credential, how often, and what is kept. One request on the
wire is :mod:`provenly.verify.network.wire`, which is imported when the first one is needed: a run that finds everything
in the cache imports neither requests nor urllib3.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urljoin

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.context import Progress, Response, Silence
from provenly.verify.network import answers
from provenly.verify.network.addresses import Origin, Resolver, check_foreign, resolve, system_resolver, without_query
from provenly.verify.network.answers import Answer, Request
from provenly.verify.network.cache import Cache
from provenly.verify.network.documents import Document, Key
from provenly.verify.registry.settings import Settings

if TYPE_CHECKING:
    from provenly.verify.network.wire import Wire

ARCHIVE: Final = "application/octet-stream"
"""What is accepted for archives."""

MAX_REDIRECTS: Final = 3
"""Redirects that are followed for one request. Registries use at most one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long and how often. All times are in seconds.

    :param connect: for a connection to one address, with its TLS handshake.
    :param read: without any byte arriving.
    :param document: for a document in all, with redirects, retries and waiting.
    :param archive: for an archive in all; 64 MiB at 2 Mbit/s.
    :param retries: how often a request that failed for the moment is repeated.
    :param first_wait: the longest wait before the first repetition; it doubles with each.
    :param redirects: how many are followed for one request.
    """

    connect: float = 10
    read: float = 30
    document: float = 120
    archive: float = 300
    retries: int = 3
    first_wait: float = 0.5
    redirects: int = MAX_REDIRECTS


class HttpTransport:
    """A :class:`provenly.verify.context.Transport` over HTTP, with a cache in front of it. Threads may share one.

    :param cache: where answers are kept; its ``now`` is the time of all fetching.
    :param settings: registries, credentials, authorities and proxy.
    :param offline: whether only the cache may answer.
    :param sleep: waits between repetitions.
    :param clock: monotonic seconds.
    :param jitter: returns the share, from 0 to 1, of the longest wait that is waited.
    :param resolver: finds addresses of hosts that metadata names.
    """

    def __init__(  # noqa: PLR0913 - the outside world is passed in piece by piece
        self,
        cache: Cache,
        settings: Settings,
        *,
        offline: bool = False,
        progress: Progress | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] | None = None,
        resolver: Resolver = system_resolver,
    ) -> None:
        self.cache = cache
        self.settings = settings
        self.offline = offline
        self._progress = progress or Silence()
        self._limits = limits or Limits()
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter or _random_share
        self._resolver = resolver
        self._origins = settings.origins
        self._wire: Wire | None = None
        self._lock = threading.Lock()

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        """Return the document at ``url``, from the cache where that is recent enough or the network is off."""
        self._check(url, what)
        credential = self.settings.credential(url)
        key = Key(url=url, accept=accept, scope=credential.digest() if credential else "")
        kept = self.cache.document(key)
        recent = kept and not (fresh and not self.offline) and self.cache.is_fresh(kept, answers.ttl(url))
        if kept and (recent or (self.offline and not kept.is_missing)):
            return _response(url, kept, max_bytes, what, authorized=bool(credential))
        self._need_network(what)
        headers = {"If-None-Match": kept.etag} if kept and kept.etag and not kept.is_missing else {}
        seconds = self._limits.archive if accept == ARCHIVE else self._limits.document
        request = Request(url=url, what=what, limit=max_bytes, headers={"Accept": accept, **headers})
        answer = self._fetch(request, seconds)
        if answer.status == answers.NOT_MODIFIED and kept and headers:
            return _response(url, self.cache.renew(key, kept), max_bytes, what, authorized=bool(credential))
        if answer.status not in answers.MISSING:
            self._check_ok(answer, accept, what, authorized=bool(credential))
        document = Document(
            status=answer.status,
            content_type=answer.content_type,
            etag=answer.etag,
            fetched=self.cache.now,
            body=answer.body,
        )
        self.cache.put_document(key, document)
        return _response(url, document, max_bytes, what, authorized=bool(credential))

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        """Return the archive at ``url``. ``expected`` finds it in the cache; whether it matches, the caller decides."""
        if expected is None:
            return self.get(url, accept=ARCHIVE, max_bytes=max_bytes, what=what).body
        self._check(url, what)
        kept = self.cache.blob(expected)
        if kept is not None and len(kept) <= max_bytes:
            return kept
        self._need_network(what)
        request = Request(url=url, what=what, limit=max_bytes, headers={"Accept": ARCHIVE})
        answer = self._fetch(request, self._limits.archive)
        self._check_ok(answer, ARCHIVE, what, authorized=self.settings.credential(url) is not None)
        if Digest.of(answer.body, expected.algorithm) == expected:
            self.cache.put_blob(answer.body, expected.algorithm)
        return answer.body

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._wire:
                self._wire.close()
                self._wire = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, url: str, what: str) -> bool:
        """Refuse a URL that we do not follow; say whether it leads away from the configured registries."""
        if Origin.of(url, what=what) in self._origins:
            return False
        origin = check_foreign(url, what=what)
        if origin.host not in self.settings.tarball_hosts:
            named = ", ".join(sorted(str(origin) for origin in self._origins))
            message = f"{what} is said to be on {origin.host}, which is not the registry ({named})"
            hint = f"If the registry keeps its archives there and you trust it, add --allow-host {origin.host}."
            raise MalformedError(message, code="REG_TARBALL_HOST", hint=hint)
        return True

    def _need_network(self, what: str) -> None:
        if self.offline:
            hint = "Run once without --offline to fetch it; the same options find it again."
            raise UnavailableError(f"{what} is not in the cache, and the network is off", code="OFFLINE", hint=hint)

    def _check_ok(self, answer: Answer, accept: str, what: str, *, authorized: bool) -> None:
        if answer.status != answers.OK:
            raise answers.status_error(answer, what=what, authorized=authorized)
        answers.check_body(answer, accept=accept, what=what)

    def _fetch(self, request: Request, seconds: float) -> Answer:
        """Return the final answer to ``request``: redirects are followed, and failures of the moment repeated."""
        self._progress.step(f"fetching {request.what}")
        end = self._clock() + seconds
        for attempt in range(self._limits.retries + 1):
            # Full jitter: clients that failed together must not come back together.
            wait = self._jitter() * self._limits.first_wait * 2**attempt
            try:
                answer = self._follow(request, end)
            except Error as error:
                failure = error
            else:
                if answer.status < 400:  # noqa: PLR2004 - RFC 9110, section 15: errors start at 400
                    return answer
                failure = answers.status_error(answer, what=request.what, authorized=True)
                if failure.code not in answers.TRANSIENT:
                    return answer
                wait = max(wait, answers.retry_after(answer, self.cache.now) or 0)
            too_long = wait > answers.MAX_RETRY_AFTER or self._clock() + wait >= end
            if failure.code not in answers.TRANSIENT or attempt == self._limits.retries or too_long:
                raise failure
            self._sleep(wait)
        raise AssertionError(request.url)  # the last attempt returns or raises

    def _follow(self, request: Request, end: float) -> Answer:
        """Return the answer of a URL or of where it redirects to, within its origin or to a listed host."""
        for _ in range(self._limits.redirects + 1):
            answer = self._exchange(request, end)
            if answer.status not in answers.REDIRECTS:
                return answer
            target = urljoin(request.url, answer.headers.get("location", ""))
            try:
                away = self._check(target, request.what)
                same = Origin.of(target, what=request.what) == Origin.of(request.url, what=request.what)
            except MalformedError as error:
                raise _redirected(request, target) from error
            if not (same or away):
                raise _redirected(request, target)
            request = dataclasses.replace(request, url=target)
        message = f"{without_query(request.url)} redirects more than {self._limits.redirects} times for {request.what}"
        raise MalformedError(message, code="NET_REDIRECT")

    def _exchange(self, request: Request, end: float) -> Answer:
        """Send one request. Each hop gets the credential of its own place, and none elsewhere."""
        url = request.url
        origin = Origin.of(url, what=request.what)
        proxy = self.settings.proxy_for(origin)
        # Through a proxy it is the proxy that resolves the name, and we may not even be able to.
        address = "" if proxy or not self._check(url, request.what) else resolve(origin, self._resolver)
        credential = self.settings.credential(url)
        request = dataclasses.replace(
            request, authorization=credential.header if credential else None, proxy=proxy, address=address
        )
        return self._connected().exchange(
            request,
            connect=self._limits.connect,
            read=self._limits.read,
            seconds=max(end - self._clock(), 0.001),
            progress=self._progress,
        )

    def _connected(self) -> Wire:
        with self._lock:
            if self._wire is None:
                from provenly.verify.network.wire import Wire

                self._wire = Wire(self.settings)
            return self._wire


def _random_share() -> float:
    """Return a random number from 0 to 1."""
    import secrets

    return secrets.randbelow(1_001) / 1_000


def _response(url: str, document: Document, limit: int, what: str, *, authorized: bool) -> Response:
    """Return a kept document as a response, or raise that there is no such thing."""
    if document.is_missing:
        answer = Answer(url=url, status=document.status, headers={}, body=b"")
        raise answers.status_error(answer, what=what, authorized=authorized)
    if len(document.body) > limit:
        raise answers.too_large(what, limit)
    return Response(url=url, body=document.body, content_type=document.content_type, fetched=document.fetched)


def _redirected(request: Request, target: str) -> MalformedError:
    hint = "If the registry keeps its archives there, add the host with --allow-host; or is a login page in the way?"
    where = f"{without_query(request.url)} redirects {request.what} to {without_query(target)[:200]}"
    return MalformedError(f"{where}, which is not followed", code="NET_REDIRECT", hint=hint)
