"""The registry that npm is given: a server on this machine, behind which the request's own transport asks.

So npm has no credentials, no proxy, no certificates and no way to any other place, and whatever it resolves with went
through the same cache, limits and rules as everything else. It serves packuments, with what leads elsewhere taken out
of them (see :mod:`provenly.verify.graph.offers`), and the archives that they name, which npm wants where a package
ships an ``npm-shrinkwrap.json`` or bundles others. All else is refused, also where npm takes it for its proxy.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import unquote

from provenly.trust.errors import Error, NotFoundError, RejectedError, UsageError
from provenly.verify.registry import names

MAX_PATH: Final = 1_024
"""Characters of a request's path: a token, and a name of 214 characters."""

MAX_REQUESTS: Final = 50_000
"""Requests that are answered in all. A tree has a few hundred; hostile documents could ask for packages without end."""

_SECONDS: Final = 60.0
"""How long a connection of npm's may be silent."""


class Door:
    """A registry for one run of npm. Use it as a context manager.

    :param packument: returns the document that npm gets for a name.
    :param archive: returns the bytes of the archive with a number that was given out in such a document.
    :ivar errors: why what was asked for could not be had, by name; ``None`` stands for "there is no such package".
    """

    def __init__(self, packument: Callable[[str], object], archive: Callable[[int], bytes]) -> None:
        self.errors: dict[str, Error] = {}
        self.requests = 0
        self._packument = packument
        self._archive = archive
        # Other users of this machine could ask too, with our credentials: they do not know the token.
        self._token = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="npm-door")

    @property
    def origin(self) -> str:
        """The address of the server, without the token."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def registry(self) -> str:
        """The URL to give to npm as its registry."""
        return f"{self.origin}/{self._token}/"

    def archive_url(self, number: int) -> str:
        """Return the URL of the archive with a number."""
        return f"{self.registry}-/archive/{number}.tgz"

    def archive_number(self, url: str) -> int | None:
        """Return the number of an archive by its URL; ``None`` for a URL that is none of ours."""
        start = f"{self.registry}-/archive/"
        number = url.removeprefix(start).removesuffix(".tgz")
        return int(number) if url.startswith(start) and number.isascii() and number.isdigit() else None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return the status, media type and body for a path; nothing is raised."""
        with self._lock:
            self.requests += 1
            refused = self.requests > MAX_REQUESTS
        start = f"/{self._token}/"
        if refused or len(path) > MAX_PATH or not secrets.compare_digest(path[: len(start)].encode(), start.encode()):
            return 403, "text/plain", b"not here"
        number = self.archive_number(self.origin + path)
        name = unquote(path[len(start) :])
        if number is None and names.fault(name):
            return 404, "application/json", b"{}"
        try:
            if number is not None:
                return 200, "application/octet-stream", self._archive(number)
            return 200, "application/json", json.dumps(self._packument(name)).encode()
        except (NotFoundError, UsageError, RejectedError) as error:
            self.errors.setdefault(name, error)
            return 404, "application/json", b"{}"
        except Error as error:
            self.errors.setdefault(name, error)
            # A status that npm does not ask again after.
            return 400, "application/json", b"{}"


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    """Return a class of handlers that ask ``door``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _SECONDS
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, kind, body = door.answer(self.path)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            # npm would write all of it to its own cache, which is thrown away.
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # npm was ended, or hung up

    return Handler
