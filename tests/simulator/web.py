"""A small HTTP server on loopback that can be told to misbehave; the registry simulator is built on it.

>>> with Server(respond) as server:                       # respond(request) -> Answer
...     server.fault("/left-pad*", status=503, times=2)   # the first two requests for it fail
"""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

PORTAL = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in to the Wi-Fi.</body></html>"
"""What a captive portal answers to every request."""


class Request(NamedTuple):
    """A request as it arrived: the path is undecoded and has its query; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class Answer:
    """What to answer when nothing goes wrong."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with requests whose path (decoded or not) matches ``pattern``; see :meth:`Server.fault`."""

    pattern: str
    times: int | None = None
    after: int = 0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str | None = None
    redirect: str | None = None
    delay: float = 0.0
    drip: float | None = None
    drip_size: int = 1
    truncate: int | None = None
    extra: bytes = b""
    no_length: bool = False
    gzip: bool = False
    portal: bool = False
    reset: bool = False
    raw: bytes | None = None
    seen: int = 0

    def applies(self, path: str) -> bool:
        """Count a matching request and say whether it is one of those that go wrong."""
        if not (fnmatchcase(path, self.pattern) or fnmatchcase(unquote(path), self.pattern)):
            return False
        self.seen += 1
        return self.seen > self.after and (self.times is None or self.seen <= self.after + self.times)


class Server:
    """An HTTP/1.1 server on a free port of 127.0.0.1 that records requests and injects faults.

    :param respond: the honest answer to a request.
    :param tls: a server-side context for https, or ``None`` for plain http.
    :param host: the name that :attr:`url` shows; the server listens on 127.0.0.1 whatever it is.
    """

    def __init__(
        self, respond: Callable[[Request], Answer], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.respond = respond
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _ThreadingServer(("127.0.0.1", 0), _Handler, self, tls)
        self.port: int = self._http.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def fault(self, pattern: str, **what: Any) -> Fault:
        """Make requests whose path matches the shell pattern ``pattern`` go wrong; the first fault that applies wins.

        ``times`` limits how many requests go wrong (default: all) and ``after`` lets some pass first.

        - ``status`` (with ``headers={"Retry-After": "1"}``, ``body``, ``content_type``): another answer
        - ``redirect``: a Location, with 302 unless ``status`` says otherwise
        - ``portal``: 200 with an HTML page
        - ``delay``: seconds before the answer; ``drip``: seconds between every ``drip_size`` bytes of the body
        - ``truncate``: only so many bytes of the body that Content-Length announces; ``extra``: bytes after it
        - ``no_length``: no Content-Length, the end of the connection ends the body
        - ``gzip``: the body compressed, with Content-Encoding; ``reset``: a TCP reset instead of an answer
        - ``raw``: these bytes instead of an HTTP response
        """
        fault = Fault(pattern=pattern, **what)
        with self._lock:
            self.faults.append(fault)
        return fault

    def record(self, request: Request) -> Fault | None:
        """Note a request and return the fault that befalls it."""
        with self._lock:
            self.requests.append(request)
            return next((fault for fault in self.faults if fault.applies(request.path)), None)

    def paths(self) -> list[str]:
        """Return the paths that were requested, in order."""
        return [request.path for request in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        self._thread.join()


class _ThreadingServer(ThreadingHTTPServer):
    """Threads that are joined and connections that are closed, so that a test leaves nothing behind."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handler: type[_Handler], owner: Server, tls: ssl.SSLContext | None
    ) -> None:
        self.owner = owner
        self.tls = tls
        self.open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls:
            # The handshake runs in the connection's own thread. A client that refuses our certificate ends it.
            with contextlib.suppress(OSError):
                request.settimeout(10)
                with self.tls.wrap_socket(request, server_side=True, suppress_ragged_eofs=True) as wrapped:
                    self.open.add(wrapped)
                    super().finish_request(wrapped, client_address)
                    self.open.discard(wrapped)
            return
        super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle are what some tests are about: say nothing."""

    def close_connections(self) -> None:
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """Answers with what the server's ``respond`` says, after the fault of the day."""

    protocol_version = "HTTP/1.1"
    server: _ThreadingServer

    def do_GET(self) -> None:
        owner = self.server.owner
        request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        fault = owner.record(request) or Fault(pattern="")
        if fault.delay and owner.closing.wait(fault.delay):
            return
        if fault.reset:
            # Linger for zero seconds: closing sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if fault.raw is not None:
            self.wfile.write(fault.raw)
            self.close_connection = True
            return
        self._send(_spoilt(owner.respond(request), fault), fault)

    do_HEAD = do_PUT = do_POST = do_GET  # noqa: N815 - the names that http.server looks for

    def _send(self, answer: Answer, fault: Fault) -> None:
        body = gzip.compress(answer.body, mtime=0) if fault.gzip else answer.body
        self.send_response_only(answer.status)
        self.send_header("Date", email.utils.formatdate(usegmt=True))
        for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        if fault.gzip:
            self.send_header("Content-Encoding", "gzip")
        if not fault.no_length and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(body)))
        if fault.no_length or fault.truncate is not None or fault.extra:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command == "HEAD":
            return
        body = body[: fault.truncate] + fault.extra
        if fault.drip is None:
            self.wfile.write(body)
            return
        for start in range(0, len(body), fault.drip_size):
            if self.server.owner.closing.wait(fault.drip):
                self.close_connection = True
                return
            self.wfile.write(body[start : start + fault.drip_size])
            self.wfile.flush()


def _spoilt(answer: Answer, fault: Fault) -> Answer:
    """Return the answer that ``fault`` makes of ``answer``."""
    if fault.portal:
        return Answer(body=PORTAL, content_type="text/html; charset=utf-8")
    if fault.redirect is not None:
        return Answer(status=fault.status or 302, headers={"Location": fault.redirect, **fault.headers})
    if fault.status is not None:
        body = fault.body if fault.body is not None else b'{"error":"the simulator says no"}'
        return Answer(
            status=fault.status,
            body=body,
            content_type=fault.content_type or answer.content_type,
            headers=fault.headers,
        )
    return Answer(
        status=answer.status,
        body=answer.body if fault.body is None else fault.body,
        content_type=fault.content_type or answer.content_type,
        headers={**answer.headers, **fault.headers},
    )
