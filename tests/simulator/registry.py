"""An npm registry on loopback: the other side of the registry code, honest by default and programmable to lie.

>>> with Registry() as registry:
...     registry.publish("left-pad", "1.0.0", make_tarball({"package.json": '{"name":"left-pad","version":"1.0.0"}'}))
...     registry.fault("/left-pad", status=503, times=1)     # see tests.simulator.web.Server.fault
...     registry.packuments["left-pad"]["versions"]["1.0.0"]["gitHead"] = "…"     # any other lie: edit the document
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import ssl
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tests.simulator.sigstore.npm import NpmKey, api_form
from tests.simulator.web import Answer, Request, Server

FULL: Final = "application/json"
ABBREVIATED: Final = "application/vnd.npm.install-v1+json"
NPM_TIME: Final = 499_162_500
"""The modification time of every file that npm packs: 1985-10-26T08:15:00Z."""

_FIRST_PUBLISH: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ABBREVIATED_MEMBERS: Final = frozenset(
    """
    name version deprecated dependencies optionalDependencies devDependencies bundleDependencies peerDependencies
    peerDependenciesMeta bin directories dist engines _hasShrinkwrap hasInstallScript cpu os libc funding
    """.split()  # noqa: SIM905 - easier to read than nineteen quoted names
)


def make_tarball(
    files: Mapping[str, bytes | str],
    prefix: str = "package",
    *,
    modes: Mapping[str, int] | None = None,
) -> bytes:
    """Return a .tgz as ``npm pack`` makes it: files only, fixed times, no owners; the same bytes every time.

    :param files: content by path inside ``prefix``, in the order of the archive; text is written as UTF-8.
    :param modes: permission bits of the paths that do not have 0644.
    """
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(f"{prefix}/{path}")
            entry.size, entry.mtime, entry.mode = len(data), NPM_TIME, (modes or {}).get(path, 0o644)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


class Registry(Server):
    """An npm registry.

    :ivar packuments: the full packument of every package by name; edit them to lie.
    :ivar tarballs: archives by URL path; edit them to serve other bytes than were published.
    :ivar attestations: documents by ``name@version``; without one the answer is 404.
    :ivar keys: the document of ``/-/npm/v1/keys``; ``None`` answers 404.
    :ivar files: answers by path for anything else.
    :ivar authorization: where set, the only ``Authorization`` header that is not answered with 401.
    :ivar shared_etag: whether both representations of a packument carry one ETag, as some mirrors do.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(self._respond, tls=tls, host=host)
        self.packuments: dict[str, dict[str, Any]] = {}
        self.tarballs: dict[str, bytes] = {}
        self.attestations: dict[str, Any] = {}
        self.keys: Any = None
        self.files: dict[str, Answer] = {}
        self.authorization: str | None = None
        self.shared_etag = False

    def publish(  # noqa: PLR0913 - what a publish consists of
        self,
        name: str,
        version: str,
        tarball: bytes,
        *,
        manifest: Mapping[str, Any] | None = None,
        time: str | None = None,
        tag: str | None = "latest",
        **dist: Any,
    ) -> dict[str, Any]:
        """Publish a version and return its version document, which may still be edited.

        :param manifest: the registry's manifest; the tarball's package.json where none is given.
        :param time: when it was published; without it, each version is a day younger than the one before.
        :param tag: the dist-tag that moves to it, or ``None``.
        :param dist: members of ``dist`` that replace the computed ones; ``None`` removes one.
        """
        path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        self.tarballs[path] = tarball
        honest = {
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode(),
            "shasum": hashlib.sha1(tarball, usedforsecurity=False).hexdigest(),
            "tarball": self.url + path,
        }
        document: dict[str, Any] = {
            **(packed_manifest(tarball) if manifest is None else json.loads(json.dumps(manifest))),
            "_id": f"{name}@{version}",
            "dist": {key: value for key, value in (honest | dist).items() if value is not None},
        }
        packument = self.packuments.setdefault(
            name, {"_id": name, "name": name, "dist-tags": {}, "versions": {}, "time": {}}
        )
        when = time or _iso(_FIRST_PUBLISH + timedelta(days=len(packument["versions"])))
        packument["versions"][version] = document
        packument["time"] = {"created": when, **packument["time"], "modified": when, version: when}
        if tag is not None:
            packument["dist-tags"][tag] = version
        return document

    @cached_property
    def npm_key(self) -> NpmKey:
        """What :meth:`sign` signs with; made when it is first asked for."""
        return NpmKey()

    def sign(self, name: str, version: str, *, by: NpmKey | None = None) -> dict[str, Any]:
        """Sign a published version as npm does (``dist.signatures``) and return its version document.

        :param by: a key that is not this registry's.
        """
        document: dict[str, Any] = self.packuments[name]["versions"][version]
        key = by or self.npm_key
        document["dist"]["signatures"] = [key.sign_version(name, version, document["dist"]["integrity"])]
        return document

    def keys_file(self) -> bytes:
        """Return the registry's keys in the form of ``/-/npm/v1/keys``, as ``--npm-keys`` takes them."""
        return json.dumps(api_form(self.npm_key)).encode()

    def tag(self, name: str, tag: str, version: str) -> None:
        """Move a dist-tag."""
        self.packuments[name]["dist-tags"][tag] = version

    def unpublish(self, name: str, version: str) -> None:
        """Remove a version as npm does: its time stays."""
        document = self.packuments[name]["versions"].pop(version)
        self.tarballs.pop(urlsplit(document["dist"].get("tarball", "")).path, None)

    def _respond(self, request: Request) -> Answer:
        if self.authorization is not None and request.headers.get("authorization") != self.authorization:
            return Answer(status=401, body=b'{"error":"unauthorized"}')
        path = unquote(urlsplit(request.path).path)
        if path in self.files:
            return self.files[path]
        if path in self.tarballs:
            return Answer(body=self.tarballs[path], content_type="application/octet-stream")
        if path == "/-/npm/v1/keys" and self.keys is not None:
            return _json(self.keys)
        if path.startswith("/-/npm/v1/attestations/"):
            document = self.attestations.get(path.removeprefix("/-/npm/v1/attestations/"))
            return _json(document) if document is not None else _not_found(path)
        return self._document(path.removeprefix("/"), request)

    def _document(self, path: str, request: Request) -> Answer:
        """Answer for a packument, or for the document of a version or tag."""
        if path in self.packuments:
            return self._packument(self.packuments[path], request)
        name, _, selector = path.rpartition("/")
        packument = self.packuments.get(name)
        if packument is None:
            return _not_found(path)
        version = packument["dist-tags"].get(selector, selector)
        document = packument["versions"].get(version)
        return _not_found(path) if document is None else _json(document)

    def _packument(self, packument: Mapping[str, Any], request: Request) -> Answer:
        full = json.dumps(packument).encode()
        short = ABBREVIATED in request.headers.get("accept", "")
        body = json.dumps(abbreviated(packument)).encode() if short else full
        etag = f'"{hashlib.sha256(full if self.shared_etag else body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "public, max-age=300"}
        if request.headers.get("if-none-match") == etag:
            return Answer(status=304, headers=headers)
        return Answer(body=body, content_type=ABBREVIATED if short else FULL, headers=headers)


def packed_manifest(tarball: bytes) -> dict[str, Any]:
    """Return the package.json of an honest tarball; ``{}`` where none can be read."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
            for entry in archive:
                if entry.name.count("/") == 1 and entry.name.endswith("/package.json"):
                    member = archive.extractfile(entry)
                    return dict(json.load(member)) if member else {}
    except (tarfile.TarError, OSError, EOFError, ValueError):
        pass  # Hostile tarballs are published too; then the caller names the manifest or there is none.
    return {}


def abbreviated(packument: Mapping[str, Any]) -> dict[str, Any]:
    """Return the abbreviated form of a packument (npm/registry, docs/responses/package-metadata.md)."""
    versions = {
        version: {key: value for key, value in document.items() if key in _ABBREVIATED_MEMBERS}
        for version, document in packument["versions"].items()
    }
    return {
        "name": packument["name"],
        "modified": packument["time"]["modified"],
        "dist-tags": packument["dist-tags"],
        "versions": versions,
    }


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _json(document: Any) -> Answer:
    return Answer(body=document if isinstance(document, bytes) else json.dumps(document).encode())


def _not_found(path: str) -> Answer:
    return Answer(status=404, body=json.dumps({"error": f"{path} not found"}).encode())
