"""Reading evidence folders (:mod:`~provenly.verify.evidence.evidence_folder` has the layout).

A folder may come from anybody. Names in ``evidence.json`` are matched against a closed pattern before they are joined
to a path, every file is capped and held to its digest, and links are not followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust import strict_json
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UsageError
from provenly.trust.model import Claimant, Note, Reference, Selector, SourceClaim
from provenly.trust.roots.material import Material
from provenly.trust.strict_json import Json
from provenly.verify.context import Response
from provenly.verify.evidence.evidence_folder import MAX_INDEX, SCHEMA
from provenly.verify.evidence.recording import KINDS, Exchange, Refusal
from provenly.verify.graph.model import Depth
from provenly.verify.tarball.local_files import open_beneath, read_open

MAX_FILE: Final = 1024 * 1024 * 1024
"""Bytes of one file: above the largest archive (512 MiB) and repository pack that a verification accepts."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}\.(?:json|tgz|bundle)")


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedRepository:
    """A repository in an evidence folder.

    :param bundle: the path of its bundle, or ``None`` where it never answered.
    :param refusals: what it refused, by question.
    """

    url: str
    bundle: Path | None
    refusals: Mapping[str, Refusal]


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """An evidence folder that was read and whose digests hold.

    :param reference: what was asked.
    :param checked_at: the reference time.
    :param registry: the base URL of the registry that was asked.
    :param source: the source that the user named, or ``None``.
    :param evidence: the evidence as it came out, as canonical JSON.
    :param anchors: documents of trust, as in :class:`~provenly.verify.evidence.recording.Recorder`.
    :param attestations: the attestation document that the user had obtained elsewhere, or ``None``.
    :param deps: how much of the tree of dependencies was looked at.
    :param before: the moment as of which ranges were resolved, or ``None``.
    """

    reference: Reference
    checked_at: datetime
    registry: str
    source: SourceClaim | None
    exchanges: tuple[Exchange, ...]
    repositories: tuple[SavedRepository, ...]
    evidence: bytes
    anchors: Mapping[str, Material | Refusal]
    attestations: bytes | None
    deps: Depth = Depth.NONE
    before: datetime | None = None


def load(folder: Path) -> Saved:
    """Read an evidence folder.

    :raises UsageError: it is not one.
    :raises MalformedError: it is one, and something in it is not as it was saved.
    """
    if not (folder / "evidence.json").is_file():
        raise UsageError(
            f"{folder} is not an evidence folder: it has no evidence.json",
            code="EVIDENCE_FORMAT",
            hint="Make one with provenly verify REF --save-evidence DIR.",
        )
    raw = strict_json.loads(_read(folder, "evidence.json", MAX_INDEX), what="evidence.json", max_bytes=MAX_INDEX)
    index = _Object(raw, "evidence.json")
    if index.text("schema") != SCHEMA:
        raise MalformedError(
            f"evidence.json has the schema {index.text('schema')!r}; this version of provenly reads {SCHEMA}",
            code="EVIDENCE_SCHEMA",
        )
    try:
        return _saved(folder, index)
    except (ValueError, KeyError) as error:
        raise MalformedError(f"evidence.json is not well-formed: {error}", code="EVIDENCE_FORMAT") from error


def _saved(folder: Path, index: _Object) -> Saved:
    asked = index.object("reference")
    source = index.optional("source")
    attestations = index.optional("attestations")
    selector = Selector(asked.text("selector"))
    return Saved(
        reference=Reference(
            text=asked.text("text"),
            name=asked.text("name"),
            selector=selector,
            spec=asked.text("spec"),
            launch=asked.text("launch"),
            alias=asked.text("alias"),
            notes=tuple(
                Note(code=note.text("code"), text=note.text("text"), where=note.text("where"))
                for note in asked.objects("notes")
            ),
            path=str(folder / "tarball.tgz") if selector is Selector.FILE else "",
        ),
        checked_at=datetime.fromisoformat(index.text("checked_at")),
        registry=index.text("registry"),
        source=SourceClaim(
            claimant=Claimant.USER,
            text=source.text("text"),
            repository=source.text("repository"),
            directory=source.text("directory"),
            revision=source.text("revision"),
        )
        if source
        else None,
        exchanges=tuple(_load_exchange(folder, item) for item in index.objects("exchanges")),
        repositories=tuple(_load_repository(folder, item) for item in index.objects("repositories")),
        evidence=strict_json.canonical(index.members["evidence"]),
        # Folders of earlier versions have neither: nothing was gone by then.
        anchors={item.text("registry"): _load_anchor(folder, item) for item in index.objects("anchors")}
        if "anchors" in index.members
        else {},
        attestations=_checked(folder, attestations) if attestations else None,
        # Nor had they dependencies.
        deps=Depth(index.text("deps")) if "deps" in index.members else Depth.NONE,
        before=_load_time(index, "before"),
    )


def _load_exchange(folder: Path, saved: _Object) -> Exchange:
    url, accept = saved.text("url"), saved.text("accept")
    refusal = saved.optional("refusal")
    if refusal:
        return Exchange(url=url, accept=accept, answer=_load_refusal(refusal))
    data = _checked(folder, saved)
    if not accept:
        return Exchange(url=url, accept=accept, answer=data)
    response = Response(
        url=saved.text("answered"),
        body=data,
        content_type=saved.text("content_type"),
        fetched=datetime.fromisoformat(saved.text("fetched")),
    )
    return Exchange(url=url, accept=accept, answer=response)


def _load_anchor(folder: Path, saved: _Object) -> Material | Refusal:
    refusal = saved.optional("refusal")
    if refusal:
        return _load_refusal(refusal)
    return Material(
        data=_checked(folder, saved),
        kind=saved.text("kind"),
        place=saved.text("place"),
        obtained=_load_time(saved, "obtained"),
        expires=_load_time(saved, "expires"),
    )


def _load_time(saved: _Object, key: str) -> datetime | None:
    return None if saved.members.get(key) is None else datetime.fromisoformat(saved.text(key))


def _load_repository(folder: Path, saved: _Object) -> SavedRepository:
    refusals = saved.object("refusals")
    bundle = None
    if saved.members.get("file") is not None:
        _checked(folder, saved)
        bundle = folder / saved.text("file")
    return SavedRepository(
        url=saved.text("url"),
        bundle=bundle,
        refusals={question: _load_refusal(refusals.object(question)) for question in refusals.members},
    )


def _load_refusal(saved: _Object) -> Refusal:
    kind = saved.text("kind")
    if kind not in KINDS:
        raise MalformedError(f"evidence.json has a refusal of the unknown kind {kind!r}", code="EVIDENCE_FORMAT")
    return Refusal(kind=kind, code=saved.text("code"), message=saved.text("message"), hint=saved.text("hint"))


def _checked(folder: Path, saved: _Object) -> bytes:
    """Return a saved file whose bytes have the digest that evidence.json names."""
    name = saved.text("file")
    if not _NAME.fullmatch(name):
        raise MalformedError(f"evidence.json names the file {name!r}", code="EVIDENCE_FORMAT")
    data = _read(folder, name, MAX_FILE)
    if Digest.of(data).hex != saved.text("sha256"):
        raise MalformedError(
            f"{name} is not the file that was saved: its sha256 differs from the one in evidence.json",
            code="EVIDENCE_DIGEST",
            hint="Get the folder again from whoever saved it.",
        )
    return data


def _read(folder: Path, name: str, limit: int) -> bytes:
    """Read a regular file of the folder without following links."""
    what = f"{name} of the evidence folder"
    try:
        beneath = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            descriptor = open_beneath(name, beneath)
        finally:
            os.close(beneath)
    except OSError as error:
        raise MalformedError(f"{what} cannot be read: {error.strerror}", code="EVIDENCE_FORMAT") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MalformedError(f"{what} is not a regular file", code="EVIDENCE_FORMAT")
        return read_open(descriptor, max_bytes=limit, code="EVIDENCE_SIZE", what=what)
    finally:
        os.close(descriptor)


class _Object:
    """A JSON object of evidence.json, with typed access and messages that name the member."""

    def __init__(self, value: Json, what: str) -> None:
        if not isinstance(value, Mapping):
            raise MalformedError(f"{what} is not an object", code="EVIDENCE_FORMAT")
        self.members = value
        self.what = what

    def text(self, key: str) -> str:
        value = self.members.get(key)
        if not isinstance(value, str):
            raise MalformedError(f"{self.what} lacks the text {key!r}", code="EVIDENCE_FORMAT")
        return value

    def object(self, key: str) -> _Object:
        return _Object(self.members.get(key), f"{self.what} member {key!r}")

    def optional(self, key: str) -> _Object | None:
        return None if self.members.get(key) is None else self.object(key)

    def objects(self, key: str) -> Iterable[_Object]:
        value = self.members.get(key)
        if not isinstance(value, tuple):
            raise MalformedError(f"{self.what} lacks the list {key!r}", code="EVIDENCE_FORMAT")
        return [_Object(member, f"{self.what} member {key!r}") for member in value]
