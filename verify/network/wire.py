"""One HTTP request on the wire: the only module that uses requests.

A library's defaults trust the machine and the server: they read ``~/.netrc`` and proxy variables, follow redirects
anywhere, keep cookies, inflate what is compressed, and wait as long as something drips. requests does all of that in
its session, so there is none here: its adapter sends a prepared request over a pool of connections, and that is all.
Nothing comes from the environment but the system's certificate authorities; bodies are taken as they are sent; the
whole exchange has a deadline and a size.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Any, Final, Self

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from provenly.trust.errors import MalformedError, UsageError
from provenly.verify.context import Progress
from provenly.verify.network import answers
from provenly.verify.network.addresses import Origin, without_query
from provenly.verify.network.answers import Answer, Request
from provenly.verify.network.failures import network_error
from provenly.verify.registry.settings import Proxy, Settings
from provenly.version import VERSION

CHUNK: Final = 64 * 1024
"""Bytes that are read at once, at most."""

CONNECTIONS: Final = 4
"""Simultaneous connections to one host; threads beyond that wait for one."""

USER_AGENT: Final = f"provenly/{VERSION}"


class Wire:
    """Connections to servers.

    :param settings: certificate authorities and proxy.
    :raises UsageError: ``SETTINGS_CA``: the configured authorities cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._adapter = _Adapter(_tls_context(settings.ca), settings.proxy)

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def exchange(self, request: Request, *, connect: float, read: float, seconds: float, progress: Progress) -> Answer:
        """Send ``request`` and return the answer; the body is read only for status 200.

        :param connect: seconds for a connection to one address, TLS included.
        :param read: seconds without a byte.
        :param seconds: seconds for all of it.
        :raises UnavailableError: no connection, no answer in time, or none that is HTTP; the code says which.
        :raises MalformedError: ``NET_TOO_LARGE``, ``NET_ENCODING``.
        """
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers}
        if request.authorization:
            headers["Authorization"] = request.authorization.reveal()
        if request.address:
            headers["Host"] = Origin.of(request.url, what=request.what).authority
        prepared = requests.Request("GET", request.url, headers).prepare()
        # requests may spell %2f as %2F, and nothing else.
        if (prepared.url or "").lower() != request.url.lower():
            message = f"the URL of {request.what} has more than one spelling: {without_query(request.url)}"
            raise MalformedError(message, code="NET_URL")
        proxies = {"http": request.proxy.url, "https": request.proxy.url} if request.proxy else {}
        with _Watch(seconds) as watch:
            _current.watch, _current.address = watch, request.address
            try:
                response = self._adapter.send(
                    prepared,
                    stream=True,
                    timeout=(min(connect, seconds), read),  # The watch cannot end a connection that is not there yet.
                    verify=True,
                    proxies=proxies,
                )
                with contextlib.closing(response):
                    answer = _answer(response, request, progress)
                if watch.expired:
                    # What we ended ourselves looks complete where headers or a body end with the connection.
                    raise TimeoutError
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                over = seconds if watch.expired else None
                raise network_error(error, what=request.what, url=request.url, deadline=over) from error
            finally:
                _current.watch, _current.address = None, ""
        return answer


def _answer(response: requests.Response, request: Request, progress: Progress) -> Answer:
    """Read an answer whose status line and headers have arrived."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = _body(response.raw, headers, request, progress) if response.status_code == answers.OK else b""
    return Answer(url=request.url, status=response.status_code, headers=headers, body=body)


def _body(raw: Any, headers: Mapping[str, str], request: Request, progress: Progress) -> bytes:  # noqa: ANN401 - requests does not say what it is: a urllib3.HTTPResponse
    """Read a body as it was sent, up to the limit.

    Only whole bodies are returned: urllib3 raises where fewer bytes come than were announced. More than were
    announced are not read, and make urllib3 give up the connection instead of taking them for the next answer.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        message = f"{request.what} is sent with the encoding {encoding[:40]!r}, although we asked for none"
        raise MalformedError(message, code="NET_ENCODING", hint="Check what is between us and the registry.")
    total: int | None = raw.length_remaining
    if total is not None and total > request.limit:
        raise answers.too_large(request.what, request.limit)
    chunks: list[bytes] = []
    size = 0
    # read1 returns what has arrived; read would wait until a chunk is full and keep us from looking at the time.
    while chunk := raw.read1(CHUNK, decode_content=False):
        size += len(chunk)
        if size > request.limit:
            raise answers.too_large(request.what, request.limit)
        chunks.append(chunk)
        progress.advance(size, total)
    return b"".join(chunks)


class _Watch:
    """Ends an exchange when its time is over, wherever it waits, by shutting its connection down.

    Time-outs of sockets are for one system call each: a server that sends a byte now and then never runs into them.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def guard(self, connection: object) -> None:
        """Shut ``connection`` down when the time is over, or at once where it is."""
        # A TLS connection inside that of a TLS proxy is no socket, but has one.
        found = connection if isinstance(connection, socket.socket) else getattr(connection, "socket", None)
        with self._lock:
            self._socket = found if isinstance(found, socket.socket) else None
            if self.expired:
                self._shut_down()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket:
            # Not the method of SSLSocket, which takes the TLS layer away from under the thread that reads.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._socket = None


class _Current(threading.local):
    """What this thread is doing: the pool and the connection that it uses look here."""

    watch: _Watch | None = None
    address: str = ""


_current = _Current()


class _Watched:
    """Mixed into connections: from when an answer is awaited, the watch of this thread can end it."""

    sock: object

    def getresponse(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - handed through
        if _current.watch:
            _current.watch.guard(self.sock)
        return super().getresponse(*arguments, **options)  # type: ignore[misc]  # of the connection it is mixed into


class _HTTPConnection(_Watched, HTTPConnection):
    pass


class _HTTPSConnection(_Watched, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    """requests' adapter with our authorities, watched connections, and connections to addresses that were checked."""

    def __init__(self, context: ssl.SSLContext, proxy: Proxy | None) -> None:
        self._context = context
        self._proxy = proxy
        super().__init__(pool_connections=16, pool_maxsize=CONNECTIONS, max_retries=0, pool_block=True)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - handed through
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401 - handed through
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **options)

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return what opens the proxy; it is sent to the proxy only, never into the tunnel."""
        if self._proxy and self._proxy.header and proxy == self._proxy.url:
            return {"Proxy-Authorization": self._proxy.header.reveal()}
        return {}

    def cert_verify(self, *_: Any) -> None:  # noqa: ANN401 - as in the base class
        """Leave the authorities as they are: the base class would add those of certifi to ours."""

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,  # noqa: FBT001 - as in the base class
        cert: str | tuple[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - types-requests has names of its own for it
        """Connect to the address that was checked, while TLS and the Host header keep the name."""
        parts: Any = super().build_connection_pool_key_attributes(request, verify, cert)
        host, pool = parts
        if _current.address:
            pool["server_hostname"] = host["host"]
            host["host"] = f"[{_current.address}]" if ":" in _current.address else _current.address
        return host, pool

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - handed through
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _HTTPSConnection if pool.scheme == "https" else _HTTPConnection
        return pool


def _tls_context(ca: str) -> ssl.SSLContext:
    """Return what checks certificates: against ``ca`` where that is given, else against the system's authorities.

    Not :func:`ssl.create_default_context`, which writes session keys where the environment says so.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if ca else truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca:
        try:
            context.load_verify_locations(cadata=ca)
        except (ssl.SSLError, ValueError) as error:
            message = "the certificates of cafile, ca or --ca-file cannot be read"
            raise UsageError(message, code="SETTINGS_CA", hint="Give certificates in PEM.") from error
    return context
