"""The user's store of refreshed documents: whole, the user's own, and refused as soon as it is not."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError, UsageError
from provenly.verify.anchor_store import NPM_KEYS, TRUSTED_ROOT, AnchorStore, Entry, Repository

AT = datetime(2026, 12, 1, tzinfo=UTC)
URL = "https://tuf.example"
BOOTSTRAP = Digest.of(b"bootstrap").hex


def entry(data: bytes, name: str = TRUSTED_ROOT, url: str = URL) -> Entry:
    return Entry(
        name=name,
        sha256=Digest.of(data).hex,
        url=url,
        root_version=15,
        obtained=AT,
        expires=AT + timedelta(days=30),
    )


def repository(*metadata: bytes, url: str = URL) -> Repository:
    names = ("timestamp.json", "root_history/15.root.json", "registry.npmjs.org.json")
    digests = {name: Digest.of(data).hex for name, data in zip(names, metadata, strict=False)}
    return Repository(url=url, bootstrap=BOOTSTRAP, metadata=digests)


@pytest.fixture
def store(tmp_path):
    made = AnchorStore(tmp_path / "trust")
    made.save(
        {entry(b"root"): b"root", entry(b"keys", NPM_KEYS): b"keys"}, repository(b"m1", b"m2"), (b"m1", b"m2"), None
    )
    return made


def read_all(store: AnchorStore) -> None:
    index = store.index()
    for one in index.entries:
        store.material(one)
    for one in index.repositories:
        store.metadata(one)


def refused(store: AnchorStore) -> UnavailableError:
    with pytest.raises(UnavailableError) as caught:
        read_all(store)
    assert caught.value.code == "TRUST_STORE"
    assert caught.value.hint
    assert str(store.root) in caught.value.message
    return caught.value


def test_a_store_that_never_was_is_empty(tmp_path):
    assert AnchorStore(tmp_path / "none").index() is None


def test_what_was_written_is_read(store):
    index = store.index()
    assert {one.name for one in index.entries} == {TRUSTED_ROOT, NPM_KEYS}
    material = store.material(index.entry(TRUSTED_ROOT))
    assert (material.data, material.kind, material.place, material.obtained) == (b"root", "tuf", URL, AT)
    assert store.metadata(index.repository(URL, BOOTSTRAP)) == {
        "timestamp.json": b"m1",
        "root_history/15.root.json": b"m2",
    }
    assert index.repository(URL, Digest.of(b"another").hex) is None
    assert index.repository("https://elsewhere.example", BOOTSTRAP) is None


def test_folder_and_files_are_the_users_alone(store):
    assert store.root.stat().st_mode & 0o777 == 0o700
    files = [path for path in store.root.rglob("*") if path.is_file()]
    assert len(files) == 6
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_second_refresh_replaces_the_first_and_keeps_what_it_lacks(store):
    private = "https://tuf.private.example"
    store.save({entry(b"other", url=private): b"other"}, repository(b"m3", url=private), (b"m3",), store.index())
    index = store.index()
    assert store.material(index.entry(TRUSTED_ROOT)).data == b"other"
    assert store.material(index.entry(NPM_KEYS)).place == URL
    assert {one.url for one in index.repositories} == {URL, private}
    assert not (store.root / "files" / Digest.of(b"root").hex).exists()


def test_of_two_refreshes_at_once_neither_leaves_the_other_without_files(store):
    before = store.index()
    store.save({entry(b"newer", NPM_KEYS): b"newer"}, repository(b"m1"), (b"m1",), before)
    store.save({entry(b"other"): b"other"}, repository(b"m3"), (b"m3",), before)  # which looked before the first ended
    read_all(store)
    index = store.index()
    assert {store.material(one).data for one in index.entries} == {b"newer", b"other"}


def file(store: AnchorStore) -> Path:
    return store.root / "files" / Digest.of(b"root").hex


@pytest.mark.parametrize("data", [b"", b"roo", b"rooT", b"root\n"])
def test_a_file_that_is_not_as_it_was_written_is_refused(store, data):
    file(store).write_bytes(data)
    refused(store)


def test_a_missing_file_is_refused(store):
    file(store).unlink()
    refused(store)


def test_a_link_in_place_of_a_file_is_refused(store, tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"root")
    file(store).unlink()
    file(store).symlink_to(tmp_path / "elsewhere")
    refused(store)


def test_a_link_in_place_of_the_folder_is_refused(store, tmp_path):
    (tmp_path / "link").symlink_to(store.root)
    assert "symbolic link" in refused(AnchorStore(tmp_path / "link")).message


def test_a_folder_that_others_may_write_is_refused_and_not_written(store):
    store.root.chmod(0o777)
    assert "written by others" in refused(store).message
    with pytest.raises(UnavailableError) as caught:
        store.save({entry(b"x"): b"x"}, repository(), (), None)
    assert caught.value.code == "TRUST_STORE"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("name", [".", "index.json", "files"])
def test_what_belongs_to_somebody_else_is_refused(store, name):
    os.chown(file(store) if name == "files" else store.root / name, 12345, -1)
    refused(store)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\0" * 100, b" " * (1 << 21), b'{"schema":1,"schema":2}'])
def test_a_damaged_index_is_refused(store, data):
    (store.root / "index.json").write_bytes(data)
    refused(store)


def test_every_truncation_of_the_index_is_refused(store):
    whole = (store.root / "index.json").read_bytes().rstrip()
    for end in range(0, len(whole), 5):
        (store.root / "index.json").write_bytes(whole[:end])
        refused(store)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", "provenly/trust/2"),
        ("entries", None),
        ("entries/0/sha256", "../../../etc/passwd"),
        ("entries/0/sha256", 5),
        ("entries/0/obtained", "soon"),
        ("entries/0/obtained", None),
        ("entries/0/obtained", "0001-01-01T00:00:00+23:59"),
        ("entries/0/root_version", "-1"),
        ("entries/0/url", ""),
        ("repositories/0/bootstrap", ""),
        ("repositories/0/metadata", {"../../x.json": "0" * 64}),
        ("repositories/0/metadata", {"root_history/../../x.json": "0" * 64}),
        ("repositories/0/metadata", {"/etc/x.json": "0" * 64}),
        ("repositories/0/metadata", {"a/b.json": "0" * 64}),
        ("repositories/0/metadata", {".json": "0" * 64}),
        ("repositories/0/metadata", {"x.pem": "0" * 64}),
        ("repositories/0/metadata", {"x" * 251 + ".json": "0" * 64}),
    ],
)
def test_an_index_with_a_bad_member_is_refused(store, path, value):
    document = json.loads((store.root / "index.json").read_bytes())
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    at = document
    for step in way:
        at = at[step]
    at[last] = value
    (store.root / "index.json").write_text(json.dumps(document))
    refused(store)


def test_a_store_that_cannot_be_written_is_a_mistake_of_the_request(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        AnchorStore(tmp_path / "file" / "trust").save({entry(b"x"): b"x"}, repository(), (), None)
    assert caught.value.code == "TRUST_STORE_WRITE"


def test_the_place_is_the_users_data_or_what_the_environment_says(monkeypatch, tmp_path):
    assert AnchorStore.default_root() == Path(os.environ["PROVENLY_TRUST"])
    monkeypatch.delenv("PROVENLY_TRUST")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert AnchorStore.default_root() == tmp_path / "provenly" / "trust"
