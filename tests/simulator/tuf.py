"""A TUF repository like Sigstore's, made with python-tuf's metadata API: honest by default, and edited to lie.

>>> repository = TufRepository()
>>> repository.targets["trusted_root.json"] = b"…"
>>> repository.publish()
>>> refresh(repository.fetch, url=URL, bootstrap=repository.bootstrap, metadata={})
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from provenly.trust.errors import NotFoundError
from tests.simulator.web import Answer, Request

URL: Final = "https://tuf.example"
ROLES: Final = ("root", "timestamp", "snapshot", "targets")
NPM: Final = "registry.npmjs.org"
_KEYS: Final = {role: CryptoSigner.generate_ed25519() for role in (*ROLES, NPM, "new", "stranger")}


def in_days(days: int) -> datetime:
    """Return a time from now, which is what python-tuf reckons with."""
    return datetime.now(tz=UTC).replace(microsecond=0) + timedelta(days=days)


@dataclass(kw_only=True)
class TufRepository:
    """A repository.

    :ivar targets: bytes by path; those below ``registry.npmjs.org/`` are signed by the delegated role.
    :ivar signers: who signs for each role; edit to let a stranger sign.
    :ivar expires: when the metadata of each role ends.
    :ivar npm_role: the name of the delegated role; edit to climb.
    :ivar versions: of each role; counted up by :meth:`publish`.
    :ivar files: what is served, by path; edit to lie about a file.
    """

    targets: dict[str, bytes] = field(default_factory=dict)
    signers: dict[str, list[Any]] = field(default_factory=lambda: {role: [_KEYS[role]] for role in (*ROLES, NPM)})
    expires: dict[str, datetime] = field(
        default_factory=lambda: dict(zip((*ROLES, NPM), map(in_days, (180, 7, 60, 90, 45)), strict=True))
    )
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*ROLES, NPM), 0))
    threshold: int = 1
    npm_role: str = NPM
    files: dict[str, bytes] = field(default_factory=dict)
    bootstrap: bytes = b""
    asked: list[str] = field(default_factory=list)

    def publish(self, *, root: bool = True) -> None:
        """Sign everything anew. The first root that is ever published is the one that clients start from."""
        if root:
            self.rotate()
        npm = {path: data for path, data in self.targets.items() if path.startswith(f"{NPM}/")}
        top = {path: data for path, data in self.targets.items() if path not in npm}
        self._signed(NPM, Targets(expires=self.expires[NPM], targets=self._add(npm)), self.npm_role)
        role = DelegatedRole(self.npm_role, [self.key(NPM).keyid], 1, terminating=True, paths=[f"{NPM}/*"])
        targets = Targets(
            expires=self.expires["targets"],
            targets=self._add(top),
            delegations=Delegations(keys={self.key(NPM).keyid: self.key(NPM)}, roles={self.npm_role: role}),
        )
        self._signed("targets", targets)
        meta = {"targets.json": MetaFile(self.versions["targets"])}
        meta[f"{self.npm_role}.json"] = MetaFile(self.versions[NPM])
        self._signed("snapshot", Snapshot(expires=self.expires["snapshot"], meta=meta))
        timestamp = Timestamp(expires=self.expires["timestamp"], snapshot_meta=MetaFile(self.versions["snapshot"]))
        self.files["timestamp.json"] = self._signed("timestamp", timestamp)

    def rotate(self, more: Any = None) -> None:
        """Publish the next root.

        :param more: a key that signs for the root from now on; the old key signs for it, too.
        """
        root = Root(expires=self.expires["root"], consistent_snapshot=True)
        if more is not None:
            self.signers["root"] = [*self.signers["root"], more]
        for role in ROLES:
            for signer in [_KEYS[role]] if role != "root" else self.signers["root"]:
                root.add_key(signer.public_key, role)
        root.roles["root"].threshold = self.threshold
        data = self._signed("root", root)
        self.bootstrap = self.bootstrap or data
        if more is not None:
            self.signers["root"] = self.signers["root"][1:]

    def key(self, role: str) -> Any:
        """Return the public key of a role."""
        return _KEYS[role].public_key

    def fetch(self, url: str, max_bytes: int) -> bytes:
        """Answer as a transport would."""
        path = url.removeprefix(f"{URL}/")
        self.asked.append(path)
        if path not in self.files:
            raise NotFoundError(f"{url} is not there", code="NOT_FOUND")
        return self.files[path][: max_bytes + 1]

    def respond(self, request: Request) -> Answer:
        """Answer as a server (see :class:`tests.simulator.web.Server`)."""
        data = self.files.get(request.path.lstrip("/"))
        return Answer(status=404, body=b"{}") if data is None else Answer(body=data)

    def _add(self, targets: dict[str, bytes]) -> dict[str, TargetFile]:
        found = {}
        for path, data in targets.items():
            digest = hashlib.sha256(data).hexdigest()
            folder, slash, name = path.rpartition("/")
            self.files[f"targets/{folder}{slash}{digest}.{name}"] = data
            found[path] = TargetFile(len(data), {"sha256": digest}, path)
        return found

    def forge(self, path: str, role: str, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change a served file and sign it again: what a careless or hostile owner of the keys might publish."""
        document = json.loads(self.files[path])
        edit(document["signed"])
        signed = encode_canonical(document["signed"]).encode()
        document["signatures"] = [
            {"keyid": signer.public_key.keyid, "sig": signer.sign(signed).signature} for signer in self.signers[role]
        ]
        self.files[path] = json.dumps(document).encode()

    def _signed(self, role: str, signed: Any, name: str = "") -> bytes:
        self.versions[role] += 1
        signed.version = self.versions[role]
        metadata = Metadata(signed)
        for signer in self.signers[role]:
            metadata.sign(signer, append=True)
        data = metadata.to_bytes()
        self.files[f"{signed.version}.{quote(name or role, safe='')}.json"] = data
        return data


def stranger() -> Any:
    """Return a key that no root names."""
    return _KEYS["stranger"]


def new_key() -> Any:
    """Return a key that a rotation may bring in."""
    return _KEYS["new"]


def edited(data: bytes, **signed: Any) -> bytes:
    """Return metadata whose signed part was changed after it was signed."""
    document = json.loads(data)
    document["signed"].update(signed)
    return json.dumps(document).encode()
