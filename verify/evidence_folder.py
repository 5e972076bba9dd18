"""Evidence folders: all that a verification consulted, in files that an auditor can keep, read and replay.

The layout::

    evidence.json        what was asked, when, and of each other file its name and sha256
    packument.json …     the registry's documents as they were served
    tarball.tgz          the archive
    source.bundle        the objects of the source repository that were read, as a git bundle

A folder may come from anybody. Names in ``evidence.json`` are matched against a closed pattern before they are joined
to a path, every file is read once, capped and held to its digest, and links are not followed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust import strict_json
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, UsageError
from provenly.trust.model import Claimant, Reference, Selector, SourceClaim
from provenly.trust.strict_json import Json
from provenly.verify.context import Response
from provenly.verify.recording import KINDS, Exchange, Recorder, Refusal

SCHEMA: Final = "provenly/evidence/1"

MAX_INDEX: Final = 8 * 1024 * 1024
"""Bytes of evidence.json: it holds digests and short texts only."""

MAX_FILE: Final = 1024 * 1024 * 1024
"""Bytes of one file: above the largest archive (512 MiB) and repository pack that a verification accepts."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}\.(?:json|tgz|bundle)")


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
    """

    reference: Reference
    checked_at: datetime
    registry: str
    source: SourceClaim | None
    exchanges: tuple[Exchange, ...]
    repositories: tuple[SavedRepository, ...]
    evidence: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What an evidence folder is the answer to."""

    reference: Reference
    checked_at: datetime
    registry: str
    source: SourceClaim | None
    tool: str


def save(folder: Path, question: Question, recorder: Recorder, evidence: bytes) -> None:
    """Write an evidence folder, whole or not at all.

    :param folder: must not exist, or be empty, or be an evidence folder, which is replaced.
    :param evidence: the evidence as canonical JSON, so that a replay can be held to it.
    :raises UsageError: ``folder`` is something else, or cannot be written.
    """
    if folder.is_symlink() or (folder.exists() and not _replaceable(folder)):
        raise UsageError(
            f"{folder} exists and is not an evidence folder",
            code="EVIDENCE_EXISTS",
            hint="Name a new folder: nothing of yours is overwritten.",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".provenly-evidence-") as temporary:
            fresh = Path(temporary) / "evidence"
            fresh.mkdir()
            _write(fresh, question, recorder, evidence)
            if folder.exists():
                shutil.rmtree(folder)
            fresh.rename(folder)
    except OSError as error:
        message = f"the evidence folder {folder} cannot be written: {error.strerror or error}"
        raise UsageError(message, code="EVIDENCE_WRITE") from error


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / "evidence.json").is_file() or not any(folder.iterdir()))


def _write(folder: Path, question: Question, recorder: Recorder, evidence: bytes) -> None:
    names = _Names()
    exchanges = [_save_exchange(folder, exchange, names) for exchange in recorder.exchanges.values()]
    repositories = [_save_repository(folder, url, recorder, names) for url in recorder.repositories]
    source = question.source
    index = {
        "schema": SCHEMA,
        "tool": question.tool,
        "reference": {
            "text": question.reference.text,
            "name": question.reference.name,
            "selector": str(question.reference.selector),
            "spec": question.reference.spec,
            "launch": question.reference.launch,
            "alias": question.reference.alias,
        },
        "checked_at": question.checked_at.isoformat(),
        "registry": question.registry,
        "source": {
            "text": source.text,
            "repository": source.repository,
            "directory": source.directory,
            "revision": source.revision,
        }
        if source
        else None,
        "exchanges": exchanges,
        "repositories": repositories,
        "evidence": json.loads(evidence),
    }
    (folder / "evidence.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class _Names:
    """Hands out file names: the plain one first, numbered ones after it."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def take(self, stem: str, suffix: str) -> str:
        count = self._used[stem] = self._used.get(stem, 0) + 1
        return f"{stem}{suffix}" if count == 1 else f"{stem}-{count}{suffix}"


def _save_exchange(folder: Path, exchange: Exchange, names: _Names) -> dict[str, object]:
    saved: dict[str, object] = {"url": exchange.url, "accept": exchange.accept}
    answer = exchange.answer
    if isinstance(answer, Refusal):
        return saved | {"refusal": _refusal(answer)}
    if isinstance(answer, bytes):
        return saved | _save_bytes(folder, names.take("tarball", ".tgz"), answer)
    stem = "attestations" if "/attestations/" in exchange.url else "keys" if exchange.url.endswith("/keys") else ""
    stem = stem or ("version" if re.search(r"/\d[^/]*$", exchange.url) else "packument")
    saved |= _save_bytes(folder, names.take(stem, ".json"), answer.body)
    return saved | {"content_type": answer.content_type, "fetched": answer.fetched.isoformat(), "answered": answer.url}


def _save_repository(folder: Path, url: str, recorder: Recorder, names: _Names) -> dict[str, object]:
    from provenly.verify.repository_bundle import export_bundle

    repository = recorder.repositories[url]
    name = names.take("source", ".bundle")
    saved: dict[str, object] = {
        "url": url,
        "refusals": {question: _refusal(refusal) for question, refusal in sorted(repository.refusals.items())},
    }
    if "refs" in repository.refusals:
        return saved | {"file": None}
    export_bundle(repository.inner, folder / name)
    return saved | {"file": name, "sha256": Digest.of((folder / name).read_bytes()).hex}


def _save_bytes(folder: Path, name: str, data: bytes) -> dict[str, object]:
    (folder / name).write_bytes(data)
    return {"file": name, "sha256": Digest.of(data).hex}


def _refusal(refusal: Refusal) -> dict[str, str]:
    return {"kind": refusal.kind, "code": refusal.code, "message": refusal.message, "hint": refusal.hint}


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
    selector = Selector(asked.text("selector"))
    return Saved(
        reference=Reference(
            text=asked.text("text"),
            name=asked.text("name"),
            selector=selector,
            spec=asked.text("spec"),
            launch=asked.text("launch"),
            alias=asked.text("alias"),
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
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        message = f"{name} of the evidence folder cannot be read: {error.strerror}"
        raise MalformedError(message, code="EVIDENCE_FORMAT") from error
    with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise MalformedError(f"{name} of the evidence folder is no file of a sane size", code="EVIDENCE_FORMAT")
        return stream.read(limit)


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


__all__ = ["Error", "Question", "Saved", "SavedRepository", "load", "save"]
