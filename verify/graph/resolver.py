"""From a package to the lockfile of what its users would install.

The answer is one document, so that it can be kept, saved as evidence and replayed::

    {"schema": …, "how": "npm 11.4.2 on Node.js 22.1.0", "documents": {NAME: SHA256}, "gaps": [[NAME, WHY]],
     "left": {NAME@VERSION: {DEPENDENCY: SPECIFICATION}}, "times": {NAME@VERSION: {…}}, "lock": {…}}

``left`` is what was taken out before npm saw it, ``gaps`` what could not be had and npm went on without, and ``times``
have what the registry says of when: ``published`` or, where it leaves that out of what a resolver needs, ``modified``,
which is when anything about the package changed last.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from provenly.trust import strict_json
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError, RejectedError, UnavailableError
from provenly.trust.strict_json import Json, loads
from provenly.verify.dependencies.unpack import MAX_ARCHIVE
from provenly.verify.graph import npm as npms
from provenly.verify.graph.ahead import Ahead, Read
from provenly.verify.graph.memory import Memory
from provenly.verify.graph.offers import Left, offer
from provenly.verify.registry import names, npm, packument
from provenly.verify.registry.packument import dist

if TYPE_CHECKING:
    from provenly.verify.context import Progress, Registries, Response, Transport
    from provenly.verify.graph.door import Door

SCHEMA: Final = "provenly/resolution/1"

ABBREVIATED: Final = "application/vnd.npm.install-v1+json"
"""npm's own media type for what a resolver needs: a tenth of the whole document. Registries without it send that."""

NPM_MISSING: Final = "TREE_NO_NPM"
"""The code of the error where no npm is there to be run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Root:
    """The package whose tree is asked for.

    :param local: its files where it is an archive or a folder of the user's; ``None`` for a package of a registry.
    :param manifest: its package.json, of a local one.
    :param shrinkwrap: whether its archive has an ``npm-shrinkwrap.json``. A registry says so in its documents, and
        mirrors leave that out; who has the archive sees.
    """

    name: str
    version: str
    manifest: Mapping[str, Json] = field(default_factory=dict, repr=False)
    local: Mapping[str, bytes] | None = field(default=None, repr=False)
    shrinkwrap: bool = False


class Resolver(Protocol):
    """Finds out what an installation brings along; a replay brings its own."""

    def resolve(self, root: Root) -> bytes:
        """Return the answer for a package, as the module says.

        :raises UnavailableError: no npm is there (``TREE_NO_NPM``), or it could not be asked or answered.
        :raises RejectedError, MalformedError: nobody can install the package, or a limit was reached.
        """


class NpmResolver:
    """A :class:`Resolver` that asks npm. Threads may share one.

    :param before: the moment as of which is resolved; ``None`` for now.
    """

    def __init__(
        self,
        transport: Transport,
        registries: Registries,
        memory: Memory,
        progress: Progress,
        *,
        before: datetime | None = None,
    ) -> None:
        self._transport = transport
        self._registries = registries
        self._memory = memory
        self._progress = progress
        self._before = before

    def resolve(self, root: Root) -> bytes:
        """Return the answer for a package."""
        found = npms.find()
        if found is None:
            raise UnavailableError(
                "there is no npm on this machine, and only npm's own resolver says what it would install",
                code=NPM_MISSING,
                hint="Install npm, or pip install 'provenly[node]', which brings one along.",
            )
        self._progress.step("Resolving the dependencies")
        run = _Run(self._transport, self._registries, root, self._before)
        question = f"{found.how}\n{run.question()}"
        known = self._memory.recall(question, run.digest)
        if known is not None:
            return known
        answer = run.run(found)
        if not run.gaps:
            self._memory.keep(question, answer)
        return answer


class _Run:
    """One run of npm for one package."""

    def __init__(self, transport: Transport, registries: Registries, root: Root, before: datetime | None) -> None:
        self._transport = transport
        self._registries = registries
        self._root = root
        self._before = before
        self._door: Door | None = None
        self._ahead: Ahead | None = None
        self._archives: list[tuple[str, str, Mapping[str, Json]]] = []
        self._left: dict[str, Mapping[str, Left]] = {}
        self._times: dict[str, Mapping[str, Json]] = {}
        self._digests: dict[str, str] = {}
        self._lock = threading.Lock()
        self.gaps: tuple[tuple[str, str], ...] = ()

    def question(self) -> str:
        """Return everything that decides the answer but the documents."""
        root = self._root
        packed = hashlib.sha256()
        for path, data in sorted((root.local or {}).items()):
            packed.update(f"{len(path)} {path} {len(data)} ".encode() + hashlib.sha256(data).digest())
        local = packed.hexdigest() if root.local is not None else ""
        base = self._registries.base(root.name)
        when = self._before.isoformat() if self._before else ""
        return f"{SCHEMA}\n{root.name}\n{root.version}\n{base}\n{when}\n{local}\n{root.shrinkwrap}"

    def digest(self, name: str) -> str:
        """Return the sha256 of the document about a package; empty where there is none."""
        try:
            return hashlib.sha256(self._fetch(name).body).hexdigest()
        except NotFoundError:
            return ""

    def run(self, found: npms.Npm) -> bytes:
        """Let npm resolve, and return its answer.

        :raises Error: as :func:`provenly.verify.graph.npm.lock`.
        """
        from provenly.verify.graph.door import Door

        root = self._root
        with (
            Ahead(self._read) as self._ahead,
            Door(self._packument, self._archive) as door,
            tempfile.TemporaryDirectory(prefix="provenly-npm-") as folder,
        ):
            self._door = door
            settings = {
                "registry": door.registry,
                "proxy": door.origin,
                "https-proxy": door.origin,
                "noproxy": "127.0.0.1",
                "maxsockets": "8",
            }
            if self._before:
                settings["before"] = self._before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.999Z")
            manifest = {"private": True, "dependencies": {root.name: root.version}}
            try:
                lock = npms.lock(found, Path(folder), manifest, settings)
            except Error as error:
                raise self._because(error, door) from error
            finally:
                self.gaps = tuple(
                    (name, error.message)
                    for name, error in sorted(door.errors.items())
                    if not isinstance(error, NotFoundError)
                )
            return self._answer(found, lock)

    def _because(self, error: Error, door: Door) -> Error:
        """Return why npm failed: mostly because of what it was not given."""
        for name, why in sorted(door.errors.items()):
            if isinstance(why, UnavailableError) and not isinstance(why, NotFoundError):
                return UnavailableError(
                    f"the dependencies cannot be resolved without {name or 'an archive'}: {why.message}",
                    code="TREE_UNAVAILABLE",
                    hint=why.hint or "Try again where the registry can be reached.",
                )
            if isinstance(why, (MalformedError, RejectedError)):
                return why
        return error

    def _fetch(self, name: str) -> Response:
        """Return the registry's document about a package: the whole one where its times are needed, or it is here."""
        whole = self._before is not None or (name == self._root.name and self._root.local is None)
        return self._transport.get(
            f"{self._registries.base(name)}/{names.escaped(name)}",
            accept=packument.ACCEPT if whole else ABBREVIATED,
            max_bytes=packument.MAX_PACKUMENT,
            what=f"the packument of {name}",
        )

    def _read(self, name: str) -> Read:
        body = self._fetch(name).body
        return Read.of(body, loads(body, what=f"the packument of {name}", max_bytes=packument.MAX_PACKUMENT))

    def _packument(self, name: str) -> object:
        """Return what npm gets for a name."""
        local = name == self._root.name and self._root.local is not None
        assert self._ahead is not None  # noqa: S101 - npm is running
        try:
            found = self._ahead.get(name, self._root.version if name == self._root.name else "")
        except NotFoundError:
            self._digests[name] = ""
            if not local:
                raise
            document: Json = {"name": name}
        else:
            self._digests[name] = found.digest
            document = found.document
        if not isinstance(document, Mapping) or document.get("name") != name:
            raise RejectedError(f"the registry answers for {name} with something else", code="REG_NAME_MISMATCH")
        if local:
            document = self._with_local(document)
        elif name == self._root.name and self._root.shrinkwrap:
            document = self._with_shrinkwrap(document)
        seen = offer(document, lambda version, entry: self._place(name, version, entry), times=self._before is not None)
        self._left[name] = seen.left
        self._times[name] = {member: document.get(member) for member in ("time", "modified")}
        return seen.document

    def _with_shrinkwrap(self, document: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return a packument that says that the version ships a shrinkwrap."""
        listed = document.get("versions")
        versions = dict(listed) if isinstance(listed, Mapping) else {}
        entry = versions.get(self._root.version)
        if isinstance(entry, Mapping):
            versions[self._root.version] = {**entry, "_hasShrinkwrap": True}
        return {**document, "versions": versions}

    def _with_local(self, document: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return a packument in which the user's own archive is the version that it says it is."""
        root = self._root
        listed, times = document.get("versions"), document.get("time")
        entry = {**root.manifest, "dist": {"integrity": Digest.of(self._packed(), "sha512").sri}}
        if root.shrinkwrap:
            entry["_hasShrinkwrap"] = True
        return {
            "name": root.name,
            "dist-tags": document.get("dist-tags") or {"latest": root.version},
            "versions": {**(listed if isinstance(listed, Mapping) else {}), root.version: entry},
            "time": {**(times if isinstance(times, Mapping) else {}), root.version: "1970-01-01T00:00:00.000Z"},
        }

    def _place(self, name: str, version: str, entry: Mapping[str, Json]) -> str:
        assert self._door is not None  # noqa: S101 - documents are asked for through it
        with self._lock:
            self._archives.append((name, version, {"dist": dist(entry)}))
            number = len(self._archives) - 1
        return self._door.archive_url(number)

    def _archive(self, number: int) -> bytes:
        """Return an archive that npm reads: to see what it bundles, or the shrinkwrap in it."""
        if number >= len(self._archives):
            raise NotFoundError(f"there is no archive {number}", code="TREE_ARCHIVE")
        name, version, document = self._archives[number]
        if (name, version) == (self._root.name, self._root.version) and self._root.local is not None:
            return self._packed()
        stated = dist(document).get("integrity")
        what = f"the archive of {name}@{version}"
        expected = Digest.from_sri(stated, what=what) if isinstance(stated, str) else None
        url = npm.archive_url(document, name, version, self._registries.base(name))
        return self._transport.download(url, expected=expected, max_bytes=MAX_ARCHIVE, what=what)

    def _packed(self) -> bytes:
        """Return the user's own files as npm would pack them; the same files give the same bytes."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path, data in sorted((self._root.local or {}).items()):
                member = tarfile.TarInfo(f"package/{path}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return buffer.getvalue()

    def _answer(self, found: npms.Npm, lock: bytes) -> bytes:
        """Return the whole answer, in which archives are at their own addresses again."""
        document = strict_json.thaw(loads(lock, what="the lockfile of npm", max_bytes=npms.MAX_LOCK))
        packages: dict[str, Any] = document.get("packages", {}) if isinstance(document, dict) else {}
        left: dict[str, Left] = {}
        times: dict[str, Mapping[str, Json]] = {}
        for place, entry in packages.items():
            name = str(entry.get("name") or place.rpartition("node_modules/")[2])
            version = str(entry.get("version", ""))
            self._restore(entry)
            if without := self._left.get(name, {}).get(version):
                left[f"{name}@{version}"] = without
            times[f"{name}@{version}"] = self._when(name, version)
        answer = {
            "schema": SCHEMA,
            "how": found.how,
            "documents": self._digests,
            "gaps": self.gaps,
            "left": left,
            "times": {which: when for which, when in times.items() if when},
            "lock": document,
        }
        return json.dumps(answer, sort_keys=True, separators=(",", ":")).encode()

    def _when(self, name: str, version: str) -> Mapping[str, Json]:
        """Return what the registry says of when a version was published."""
        known = self._times.get(name, {})
        times, modified = known.get("time"), known.get("modified")
        published = times.get(version) if isinstance(times, Mapping) else None
        if isinstance(published, str):
            return {"published": published}
        return {"modified": modified} if isinstance(modified, str) else {}

    def _restore(self, entry: dict[str, Any]) -> None:
        """Put the archive's own address into an entry of the lockfile."""
        url = entry.get("resolved")
        assert self._door is not None  # noqa: S101 - npm has just been run with it
        number = self._door.archive_number(url) if isinstance(url, str) else None
        if number is None or number >= len(self._archives):
            return
        name, version, document = self._archives[number]
        if (name, version) == (self._root.name, self._root.version) and self._root.local is not None:
            del entry["resolved"]
            return
        try:
            entry["resolved"] = npm.archive_url(document, name, version, self._registries.base(name))
        except MalformedError:
            entry["resolved"] = str(dist(document).get("tarball"))[: npms.MAX_URL]
