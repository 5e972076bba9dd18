"""A forge on loopback: real git repositories behind real smart HTTP (``git http-backend``), honest or hostile.

Repositories are bare and are written with git's own plumbing; dates and identities are fixed, so commit ids are the
same on every run. The user's git configuration is never read. What a hostile server does is chosen for each repository
with :meth:`Forge.misbehave`. Everything that was asked is in :attr:`Forge.requests`; the bytes sent are counted.
"""

from __future__ import annotations

import gzip
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from tests.simulator.repositories import GIT, WorkRepo, environment, packet

SERVER_CONFIG: Final = """\
[safe]
	directory = *
[uploadpack]
	allowFilter = {filters}
	allowAnySHA1InWant = {any_object}
[init]
	defaultBranch = main
[gc]
	auto = 0
{extra}"""


class Misbehaviour(StrEnum):
    """What a hostile server does instead of answering."""

    REDIRECT = "redirect to another place on the same server"
    UNAUTHORIZED = "ask for a password"
    FORBIDDEN = "refuse"
    BROKEN = "answer with status 500"
    SILENT = "accept the connection and say nothing"
    DRIP = "send one byte every tenth of a second, without an end"
    ENDLESS = "send refs as fast as possible, without an end"
    ERR = "send an ERR packet"
    SIDEBAND = "send hostile progress and a fatal message on the sideband"
    EARLY_EOF = "stop in the middle of a pack"
    HUGE_REFS = "advertise 200,000 refs"
    HTML = "answer with a web page"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that the forge answered."""

    method: str
    path: str
    headers: Mapping[str, str]
    sent: int


class Forge:
    """A server of the repositories under a folder. Use it as a context manager.

    :param root: a folder of the test's own.
    :param filters: whether the server offers partial clone.
    :param any_object: whether any object may be fetched by its id, as on GitHub.
    :param extra: further lines of the server's git configuration.
    :param adopt: ``owner/name`` → a bare repository elsewhere to serve as it is.
    """

    def __init__(
        self,
        root: Path,
        *,
        filters: bool = True,
        any_object: bool = True,
        extra: str = "",
        adopt: Mapping[str, Path] | None = None,
    ) -> None:
        self.root = root
        self.config = root / "server.gitconfig"
        root.mkdir(parents=True, exist_ok=True)
        allowed = {"filters": str(filters).lower(), "any_object": str(any_object).lower()}
        text = SERVER_CONFIG.format(**allowed, extra=extra)
        self.config.write_text(text, encoding="utf-8")
        for name, path in (adopt or {}).items():
            link = root / f"{name}.git"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
        self.requests: list[Request] = []
        self.behaviour: dict[str, tuple[Misbehaviour, bytes]] = {}
        self.stopped = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.forge = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> int:
        """How many bytes of response bodies were sent."""
        return sum(request.sent for request in self.requests)

    def create(self, owner: str, repo: str) -> WorkRepo:
        """Make an empty repository whose default branch is ``main``."""
        path = self.root / owner / f"{repo}.git"
        made = WorkRepo(path=path, owner=owner, name=repo, config=self.config)
        path.parent.mkdir(parents=True, exist_ok=True)
        made.git("init", "--quiet", "--bare", "--template=", str(path))
        made.git("config", "core.logAllRefUpdates", "false")
        return made

    def mirror_option(self) -> str:
        """Return the ``--git-mirror`` mapping that leads github.com to this server."""
        return f"https://github.com/{{owner}}/{{repo}}={self.url}/{{owner}}/{{repo}}.git"

    def local_mirror_option(self) -> str:
        """Return the ``--git-mirror`` mapping that leads github.com to the folder of this server."""
        return f"https://github.com/{{owner}}/{{repo}}={self.root}/{{owner}}/{{repo}}.git"

    def misbehave(self, name: str, how: Misbehaviour, text: bytes = b"") -> None:
        """From now on answer for ``owner/name`` in a hostile way; ``text`` goes where the behaviour has a text."""
        self.behaviour[name] = (how, text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    forge: Forge

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what hostile tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    sent = 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(chunks)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)

    def _answer(self, body: bytes) -> None:
        self.sent = 0
        path = urlsplit(self.path).path
        name = "/".join(path.split("/")[1:3]).removesuffix(".git")
        try:
            with self._recorded():
                how, text = self.server.forge.behaviour.get(name, (None, b""))
                if how is None or not self._hostile(how, text, body):
                    self._backend(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        try:
            yield
        finally:
            seen = Request(method=self.command, path=self.path, headers=dict(self.headers.items()), sent=self.sent)
            self.server.forge.requests.append(seen)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """Send a response; a body of ``None`` is sent by the caller, until it closes the connection."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(body or b"")

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()
        self.sent += len(data)

    def _backend(self, body: bytes) -> None:
        """Answer by ``git http-backend``, as gitweb and cgit installations do (CGI, RFC 3875)."""
        parts = urlsplit(self.path)
        variables = environment(self.server.forge.config) | {
            "GIT_PROJECT_ROOT": str(self.server.forge.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GATEWAY_INTERFACE": "CGI/1.1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run([GIT, "http-backend"], input=body, capture_output=True, env=variables, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0]) if head else 500
        self._send(status, headers, content)

    def _hostile(self, how: Misbehaviour, text: bytes, body: bytes) -> bool:  # noqa: C901, PLR0912 - a flat table
        """Misbehave and return true, or return false where this behaviour answers this request honestly."""
        fetching = b"command=fetch" in body
        advertising = self.command == "GET"
        service = {"Content-Type": "application/x-git-upload-pack-advertisement"}
        result = {"Content-Type": "application/x-git-upload-pack-result"}
        match how:
            case Misbehaviour.REDIRECT:
                self._send(302, {"Location": text.decode() or f"{self.server.forge.url}/elsewhere{self.path}"}, b"")
            case Misbehaviour.UNAUTHORIZED:
                self._send(401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
            case Misbehaviour.FORBIDDEN:
                self._send(403, {}, b"")
            case Misbehaviour.BROKEN:
                self._send(500, {}, b"")
            case Misbehaviour.HTML:
                self._send(200, {"Content-Type": "text/html"}, b"<html>" + text)
            case Misbehaviour.SILENT:
                self.server.forge.stopped.wait(30)
                self.close_connection = True
            case Misbehaviour.DRIP:
                self._send(200, service if advertising else result, None)
                while not self.server.forge.stopped.wait(0.1):
                    self._write(b"0")
            case Misbehaviour.ENDLESS if advertising:
                self._send(200, service, None)
                self._write(packet(b"# service=git-upload-pack\n") + b"0000")
                row = packet(b"1" * 40 + b" refs/heads/" + b"x" * 900 + b"\n")
                while not self.server.forge.stopped.is_set():
                    self._write(row * 100)
            case Misbehaviour.HUGE_REFS if advertising:
                rows = (packet(b"%040x refs/heads/%06d\n" % (n + 1, n)) for n in range(200_000))
                self._send(200, service, packet(b"# service=git-upload-pack\n") + b"0000" + b"".join(rows) + b"0000")
            case Misbehaviour.ERR if advertising:
                lines = packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"ERR " + text)
                self._send(200, service, lines)
            case Misbehaviour.SIDEBAND if fetching:
                self._send(200, result, packet(b"packfile\n") + packet(b"\2" + text + b"\n") + packet(b"\3" + text))
            case Misbehaviour.EARLY_EOF if fetching:
                self._send(200, result, packet(b"packfile\n") + packet(b"\1PACK\0\0\0\2\0\0\0\5" + b"x" * 20))
            case _:
                return False
        return True
