"""A small world in a temporary folder: a git repository, and a registry on loopback."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from provenly.trust.errors import UnavailableError
from provenly.verify.git import Git, bare_skeleton


def make_repository(folder: Path, releases: Mapping[str, Mapping[str, str]], first: datetime) -> None:
    """Make a bare repository with one commit and one tag ``v<version>`` for each release, a week apart.

    :param folder: where; its parents are made.
    :param releases: version → path → text, the oldest first.
    :raises UnavailableError: git is missing or refuses.
    """
    folder.parent.mkdir(parents=True)
    bare_skeleton(folder)
    (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
    commands: list[bytes] = []
    for number, (version, files) in enumerate(releases.items()):
        when = int((first + timedelta(weeks=number)).timestamp())
        message = f"Release {version}".encode()
        commands.append(b"commit refs/heads/main\nmark :%d\n" % (number + 1))
        commands.append(b"committer Mail MCP <mail-mcp@example.org> %d +0000\n" % when)
        commands.append(b"data %d\n%s\n" % (len(message), message))
        for path, text in files.items():
            data = text.encode()
            commands.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        commands.append(b"\nreset refs/tags/v%s\nfrom :%d\n\n" % (version.encode(), number + 1))
    result = Git(git_dir=folder, home=folder.parent).run("fast-import", "--quiet", stdin=commands)
    if result.status:
        raise UnavailableError(f"git could not make the demonstration's repository: {result.shown}", code="GIT_FAILED")


def pack(files: Mapping[str, str]) -> bytes:
    """Return the .tgz that npm pack would make of ``files``."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, text in sorted(files.items()):
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(text.encode())
            entry.mtime = 499_162_500  # the time that npm writes into every entry
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


class Shelf:
    """The documents and archives of the demonstration's registry, by URL path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._packuments: dict[str, dict[str, dict[str, object]]] = {}

    def publish(self, base: str, name: str, version: str, files: Mapping[str, str], when: datetime) -> None:
        """Put a release on the shelf."""
        archive = pack(files)
        path = f"/{name}/-/{name}-{version}.tgz"
        self.files[path] = archive
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        document = json.loads(files["package.json"]) | {
            "_id": f"{name}@{version}",
            "dist": {"integrity": integrity, "tarball": base + path},
        }
        packument = self._packuments.setdefault(name, {"versions": {}, "time": {}, "dist-tags": {}})
        packument["versions"][version] = document
        packument["time"][version] = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        packument["dist-tags"]["latest"] = version
        self.files[f"/{name}/{version}"] = json.dumps(document).encode()
        self.files[f"/{name}"] = json.dumps({"name": name, **packument}).encode()


@contextmanager
def serve(shelf: Shelf) -> Iterator[str]:
    """Serve a shelf on loopback while the block runs, and give its base URL.

    :raises UnavailableError: programs on this machine cannot reach each other (``DEMO_LOOPBACK``).
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shelf.files.get(self.path)
            self.send_response(200 if body is not None else 404)
            kind = "application/octet-stream" if self.path.endswith(".tgz") else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"{}")))
            self.end_headers()
            self.wfile.write(body or b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing: the demonstration tells its own story."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        _reachable(server.server_address[1])
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reachable(port: int) -> None:
    """Find out whether this machine has a loopback network: a sandbox without any network may lack even that."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError as error:
        raise UnavailableError(
            f"the demonstration's registry cannot be reached on 127.0.0.1: {error.strerror or error}",
            code="DEMO_LOOPBACK",
            hint="The loopback network is switched off here: ip link set lo up switches it on.",
        ) from error
