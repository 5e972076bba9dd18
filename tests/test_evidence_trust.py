"""Documents of trust in evidence folders: a replay goes by those that were gone by, whatever this machine has now."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.trust.model import Reference, Selector
from provenly.trust.roots import embedded
from provenly.verify import surroundings
from provenly.verify.anchor_store import NPM_KEYS, TRUSTED_ROOT, AnchorStore, Entry, Repository
from provenly.verify.context import Silence
from provenly.verify.evidence import audit

NPM, ACME = embedded.NPM_REGISTRY, "https://npm.acme.example"
AT = datetime(2026, 12, 1, tzinfo=UTC)
REFERENCE = Reference(text="mail-mcp@1.0.0", name="mail-mcp", selector=Selector.EXACT, spec="1.0.0")
ROOT = embedded.trusted_root().data + b"\n"


def refresh_store(data: bytes, name: str = TRUSTED_ROOT) -> None:
    """Put a document in this machine's store."""
    store = AnchorStore(AnchorStore.default_root())
    digest = Digest.of(data).hex
    entry = Entry(
        name=name, sha256=digest, url="https://tuf.example", root_version=15, obtained=AT, expires=AT.replace(year=2027)
    )
    repository = Repository(url="https://tuf.example", bootstrap=digest, metadata={})
    store.save({entry: data}, repository, (), store.index())


def look(context) -> list[object]:
    """Ask for everything, as checks would, and return the answers."""
    answers: list[object] = []
    for ask in (
        context.anchors.trusted_root,
        lambda: context.anchors.registry_keys(NPM),
        lambda: context.anchors.registry_keys(ACME),
    ):
        try:
            answers.append(ask())
        except UnavailableError as error:
            answers.append((error.code, error.message, error.hint))
    return answers


@contextmanager
def recording(tmp_path: Path, **options):
    asked = surroundings.Surroundings(cache=str(tmp_path / "cache"), offline=True, **options)
    with surroundings.opened(asked, AT, AT, Silence()) as opened, audit.recording(opened.context) as recorded:
        yield recorded


def replayed(folder: Path):
    asked = Reference(text=str(folder), selector=Selector.EVIDENCE, path=str(folder))
    return audit.replay(folder, asked, Silence())


def saved(tmp_path: Path, **options) -> tuple[Path, list[object]]:
    folder = tmp_path / "evidence"
    with recording(tmp_path, **options) as recorded:
        answers = look(recorded.context)
        recorded.save(folder, REFERENCE, (), None)
    return folder, answers


def test_embedded_documents_stay_what_they_were(tmp_path):
    folder, answers = saved(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["evidence.json", "keys.json", "trusted_root.json"]
    assert answers[2][0] == "TRUST_NO_KEYS"
    refresh_store(ROOT)
    refresh_store(b"other keys", NPM_KEYS)
    with replayed(folder) as replay:
        assert look(replay.context) == answers
    (answer, *_) = answers
    assert (answer.kind, answer.place, answer.obtained) == (
        "embedded",
        embedded.trusted_root().place,
        embedded.EMBEDDED_AT,
    )


def test_refreshed_documents_stay_what_they_were(tmp_path):
    refresh_store(ROOT)
    folder, answers = saved(tmp_path)
    assert answers[0].kind == "tuf"
    assert (folder / "trusted_root.json").read_bytes() == ROOT
    (Path(os.environ["PROVENLY_TRUST"]) / "index.json").write_bytes(b"{")
    with replayed(folder) as replay:
        assert look(replay.context) == answers


def test_files_of_the_user_stay_what_they_were(tmp_path):
    (tmp_path / "root.json").write_bytes(ROOT)
    (tmp_path / "keys.json").write_bytes(embedded.npm_keys().data)
    folder, answers = saved(tmp_path, trusted_root=str(tmp_path / "root.json"), npm_keys=str(tmp_path / "keys.json"))
    assert [answer.kind for answer in answers] == ["file"] * 3
    (tmp_path / "root.json").unlink()
    with replayed(folder) as replay:
        assert look(replay.context) == answers


def test_a_damaged_store_stays_damaged_in_the_record(tmp_path):
    refresh_store(ROOT)
    (Path(os.environ["PROVENLY_TRUST"]) / "index.json").write_bytes(b"{")
    folder, answers = saved(tmp_path)
    assert answers[0][0] == "TRUST_STORE"
    refresh_store_anew(tmp_path)
    with replayed(folder) as replay:
        assert look(replay.context) == answers


def refresh_store_anew(tmp_path: Path) -> None:
    os.environ["PROVENLY_TRUST"] = str(tmp_path / "another")  # the environment is put back after each test
    refresh_store(ROOT)


def test_what_was_not_asked_for_is_not_saved_and_not_answered(tmp_path):
    folder = tmp_path / "evidence"
    with recording(tmp_path) as recorded:
        recorded.save(folder, REFERENCE, (), None)
    assert [path.name for path in folder.iterdir()] == ["evidence.json"]
    with replayed(folder) as replay:
        assert {answer[0] for answer in look(replay.context)} == {"EVIDENCE_MISSING"}


def test_a_document_that_was_changed_is_refused(tmp_path):
    folder, _ = saved(tmp_path)
    (folder / "trusted_root.json").write_bytes(ROOT)
    with pytest.raises(MalformedError) as caught, replayed(folder):
        pass
    assert caught.value.code == "EVIDENCE_DIGEST"


def test_a_folder_of_an_earlier_version_is_read(tmp_path):
    folder, _ = saved(tmp_path)
    index = json.loads((folder / "evidence.json").read_text())
    del index["anchors"], index["attestations"]
    (folder / "evidence.json").write_text(json.dumps(index))
    with replayed(folder) as replay:
        assert {answer[0] for answer in look(replay.context)} == {"EVIDENCE_MISSING"}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("file", "../trusted_root.json"),
        ("file", "/etc/passwd"),
        ("kind", None),
        ("place", 5),
        ("obtained", "soon"),
        ("registry", None),
    ],
)
def test_an_index_with_a_bad_document_is_refused(tmp_path, member, value):
    folder, _ = saved(tmp_path)
    index = json.loads((folder / "evidence.json").read_text())
    index["anchors"][0][member] = value
    (folder / "evidence.json").write_text(json.dumps(index))
    with pytest.raises(MalformedError) as caught, replayed(folder):
        pass
    assert caught.value.code == "EVIDENCE_FORMAT"


def test_the_folder_is_replaced_like_any_of_ours(tmp_path):
    saved(tmp_path)
    folder, answers = saved(tmp_path)
    with replayed(folder) as replay:
        assert look(replay.context) == answers
    (folder / "trusted_root.txt.mine").write_text("a note of the auditor")
    with pytest.raises(UsageError):
        audit.check_target(folder, REFERENCE)


def test_attestations_that_the_user_brought_are_saved_with_the_question(tmp_path):
    folder = tmp_path / "evidence"
    with recording(tmp_path) as recorded:
        context = replace(recorded.context, attestations=b'{"attestations": []}')
        replace(recorded, context=context).save(folder, REFERENCE, (), None)
    assert (folder / "attestations.json").read_bytes() == b'{"attestations": []}'
    with replayed(folder) as replay:
        assert replay.context.attestations == b'{"attestations": []}'
