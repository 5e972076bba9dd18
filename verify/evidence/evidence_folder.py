"""Evidence folders: all that a verification consulted, in files that an auditor can keep, read and replay.

The layout::

    evidence.json        what was asked, when, and of each other file its name and sha256
    packument.json …     the registry's documents as they were served
    tarball.tgz          the archive
    source.bundle        the objects of the source repository that were read, as a git bundle
    trusted_root.json    the trusted root, and keys.json the keys of the registry: whatever was gone by
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError
from provenly.trust.model import Reference, SourceClaim
from provenly.trust.roots.material import Material
from provenly.verify.evidence.recording import TREE, TRUSTED_ROOT, Exchange, Recorder, Refusal

SCHEMA: Final = "provenly/evidence/1"

MAX_INDEX: Final = 8 * 1024 * 1024
"""Bytes of evidence.json: it holds digests and short texts only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What an evidence folder is the answer to.

    :param deps: how much of the tree of dependencies was looked at.
    :param before: the moment as of which ranges were resolved, or ``None``.
    """

    reference: Reference
    checked_at: datetime
    registry: str
    source: SourceClaim | None
    tool: str
    attestations: bytes | None = None
    deps: str = "none"
    before: datetime | None = None


_OURS: Final = re.compile(
    r"evidence\.json|(?:(?:attestations|keys|trusted_root|tree|version|packument|tarball|source)(?:-\d+)?\.\w+)"
)
"""The names of the files that we write. A folder with any other file is somebody's own."""


def check_target(folder: Path) -> None:
    """Refuse a folder that must not be written, before any work is done.

    :raises UsageError: it is there, and neither empty nor an evidence folder and nothing else (``EVIDENCE_EXISTS``).
    """
    try:
        above = next(parent for parent in folder.absolute().parents if os.path.lexists(parent))
        if not above.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        fine = not folder.is_symlink() and (not folder.exists() or _replaceable(folder))
    except OSError as error:
        raise _unwritable(folder, error) from error
    if not fine:
        raise UsageError(
            f"{folder} exists, and there is more in it than saved evidence",
            code="EVIDENCE_EXISTS",
            hint="Name a new folder: nothing of yours is overwritten.",
        )


def save(folder: Path, question: Question, recorder: Recorder, evidence: bytes) -> None:
    """Write an evidence folder, whole or not at all.

    :param folder: must not exist, or be empty, or be an evidence folder, which is replaced.
    :param evidence: the evidence as canonical JSON, so that a replay can be held to it.
    :raises UsageError: ``folder`` is something else, or cannot be written.
    """
    check_target(folder)
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
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the evidence folder {folder} cannot be written: {error.strerror or error}",
        code="EVIDENCE_WRITE",
        hint="Name a folder on a disk with space, in a place where you may write.",
    )


def _replaceable(folder: Path) -> bool:
    """Say whether a folder is empty, or holds what we write, evidence.json among it, and nothing else."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or ("evidence.json" in names and all(_OURS.fullmatch(name) for name in names))


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
            "notes": [{"code": n.code, "text": n.text, "where": n.where} for n in question.reference.notes],
        },
        "checked_at": question.checked_at.isoformat(),
        "registry": question.registry,
        "deps": question.deps,
        "before": question.before.isoformat() if question.before else None,
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
        "anchors": [_save_anchor(folder, name, answer, names) for name, answer in recorder.anchors.items()],
        "attestations": _save_bytes(folder, names.take("attestations", ".json"), question.attestations)
        if question.attestations is not None
        else None,
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
        name = names.take("tree", ".json") if exchange.url == TREE else names.take("tarball", ".tgz")
        return saved | _save_bytes(folder, name, answer)
    stem = "attestations" if "/attestations/" in exchange.url else "keys" if exchange.url.endswith("/keys") else ""
    stem = stem or ("version" if re.search(r"/\d[^/]*$", exchange.url) else "packument")
    saved |= _save_bytes(folder, names.take(stem, ".json"), answer.body)
    return saved | {"content_type": answer.content_type, "fetched": answer.fetched.isoformat(), "answered": answer.url}


def _save_anchor(folder: Path, name: str, answer: Material | Refusal, names: _Names) -> dict[str, object]:
    """Save a document of trust; what it is, is told by ``registry``, which is empty for the trusted root."""
    saved: dict[str, object] = {"registry": name}
    if isinstance(answer, Refusal):
        return saved | {"refusal": _refusal(answer)}
    saved |= _save_bytes(folder, names.take("trusted_root" if name == TRUSTED_ROOT else "keys", ".json"), answer.data)
    return saved | {
        "kind": answer.kind,
        "place": answer.place,
        "obtained": answer.obtained.isoformat() if answer.obtained else None,
        "expires": answer.expires.isoformat() if answer.expires else None,
    }


def _save_repository(folder: Path, url: str, recorder: Recorder, names: _Names) -> dict[str, object]:
    from provenly.verify.forge.repository_bundle import export_bundle

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
