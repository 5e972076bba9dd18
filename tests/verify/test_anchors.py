"""Which documents of trust are gone by: the user's files, then refreshed ones, then those of the release."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError, UsageError
from provenly.trust.roots import embedded
from provenly.trust.roots.embedded import PUBLIC_URL
from provenly.trust.roots.material import Material
from provenly.verify import anchors
from provenly.verify.anchor_store import NPM_KEYS, TRUSTED_ROOT, AnchorStore, Entry, Repository

NPM = embedded.NPM_REGISTRY
LATER = embedded.EMBEDDED_AT + timedelta(days=10)
DAY = timedelta(days=1)


def stored(root, data: bytes = b"refreshed", *, name: str = TRUSTED_ROOT, url: str = PUBLIC_URL, obtained=LATER):
    entry = Entry(
        name=name,
        sha256=Digest.of(data).hex,
        url=url,
        root_version=15,
        obtained=obtained,
        expires=obtained + timedelta(days=30),
    )
    store = AnchorStore(root)
    repository = Repository(url=url, bootstrap=Digest.of(b"").hex, metadata={})
    store.save({entry: data}, repository, (), store.index())
    return store


@pytest.fixture
def files(tmp_path):
    (tmp_path / "root.json").write_bytes(embedded.trusted_root().data + b"\n")
    (tmp_path / "keys.json").write_bytes(embedded.npm_keys().data + b"\n")
    return {"trusted_root": str(tmp_path / "root.json"), "npm_keys": str(tmp_path / "keys.json")}


def test_the_release_has_documents_of_its_own():
    using = anchors.Anchors()
    assert using.trusted_root() == embedded.trusted_root()
    assert using.registry_keys(NPM) == embedded.npm_keys()
    assert using.trusted_root().kind == "embedded"


def test_a_refreshed_document_goes_before_it(tmp_path):
    using = anchors.Anchors(store=stored(tmp_path / "trust"))
    found = using.trusted_root()
    assert (found.data, found.kind, found.place, found.obtained) == (b"refreshed", "tuf", PUBLIC_URL, LATER)
    assert found.expires == LATER + timedelta(days=30)
    assert using.registry_keys(NPM).kind == "embedded"


@pytest.mark.parametrize("age", [0, 1, 100])
def test_unless_the_release_is_newer(tmp_path, age):
    store = stored(tmp_path / "trust", obtained=embedded.EMBEDDED_AT - age * DAY)
    assert anchors.Anchors(store=store).trusted_root().kind == "embedded"


def test_a_private_instance_is_never_replaced_by_the_public_one(tmp_path):
    store = stored(tmp_path / "trust", url="https://tuf.private.example", obtained=embedded.EMBEDDED_AT - 100 * DAY)
    assert anchors.Anchors(store=store).trusted_root().data == b"refreshed"


def test_files_of_the_user_go_before_all(tmp_path, files):
    using = anchors.opened(tmp_path / "trust", **files)
    stored(tmp_path / "trust")
    for material, path in ((using.trusted_root(), "trusted_root"), (using.registry_keys(NPM), "npm_keys")):
        assert (material.kind, material.place, material.obtained) == ("file", files[path], None)
        assert material.data.endswith(b"\n\n") or material.data.endswith(b"\n")


def test_a_broken_store_is_said_and_the_embedded_copy_is_not_used_in_its_place(tmp_path):
    store = stored(tmp_path / "trust")
    (tmp_path / "trust" / "files" / Digest.of(b"refreshed").hex).write_bytes(b"refreshes")
    with pytest.raises(UnavailableError) as caught:
        anchors.Anchors(store=store).trusted_root()
    assert caught.value.code == "TRUST_STORE"
    assert "trust update" in caught.value.hint


def test_a_broken_store_is_no_matter_where_files_are_named(tmp_path, files):
    stored(tmp_path / "trust")
    (tmp_path / "trust" / "index.json").write_bytes(b"")
    assert anchors.opened(tmp_path / "trust", **files).trusted_root().kind == "file"


def test_a_refresh_at_the_same_moment_does_no_harm(tmp_path):
    """Between the look at the index and that at the file, another process may have replaced both."""

    class Overtaken(AnchorStore):
        def material(self, entry):
            if entry.sha256 == Digest.of(b"refreshed").hex:
                stored(tmp_path / "trust", b"refreshed again")
            return super().material(entry)

    stored(tmp_path / "trust")
    assert anchors.Anchors(store=Overtaken(tmp_path / "trust")).trusted_root().data == b"refreshed again"


def test_keys_of_another_registry_are_not_guessed(tmp_path):
    with pytest.raises(UnavailableError) as caught:
        anchors.Anchors(store=stored(tmp_path / "trust", name=NPM_KEYS)).registry_keys("https://npm.acme.example")
    assert caught.value.code == "TRUST_NO_KEYS"
    assert "--npm-keys" in caught.value.hint


@pytest.mark.parametrize("registry", ["https://npm.acme.example", NPM, NPM + "/", "http://registry.npmjs.org"])
def test_a_file_of_keys_is_for_the_registry_in_use(tmp_path, files, registry):
    assert anchors.opened(tmp_path / "none", **files).registry_keys(registry).kind == "file"


@pytest.mark.parametrize(
    "registry", [NPM + "/", "http://registry.npmjs.org", "https://registry.npmjs.org.evil.example"]
)
def test_what_only_looks_like_npm_is_another_registry(registry):
    with pytest.raises(UnavailableError):
        anchors.Anchors().registry_keys(registry)


@pytest.mark.parametrize("option", ["trusted_root", "npm_keys"])
@pytest.mark.parametrize(
    "data", [None, b"", b"{}", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b" " * (1 << 21)]
)
def test_a_file_that_is_no_such_document_is_a_mistake_of_the_request(tmp_path, option, data):
    path = tmp_path / "file.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        anchors.opened(tmp_path / "none", **{option: str(path)})
    assert caught.value.code == "TRUST_FILE"
    assert f"--{option.replace('_', '-')} {path}" in caught.value.message


def test_the_documents_do_not_stand_in_for_each_other(tmp_path, files):
    with pytest.raises(UsageError):
        anchors.opened(tmp_path / "none", trusted_root=files["npm_keys"])
    with pytest.raises(UsageError):
        anchors.opened(tmp_path / "none", npm_keys=files["trusted_root"])


def test_only_what_was_asked_for_is_said_to_be_old(tmp_path):
    using = anchors.Anchors(store=stored(tmp_path / "trust"))
    late = embedded.EMBEDDED_AT + 200 * DAY
    assert using.notes(late) == ()
    using.registry_keys(NPM)
    (note,) = using.notes(late)
    assert note.code == "TRUST_STALE"
    assert "keys of npm" in note.text
    assert "200 days old" in note.text
    using.trusted_root()
    assert len(using.notes(late)) == 2


def test_old_begins_after_ninety_days_or_when_the_metadata_ended():
    def note(age, expires=None):
        material = Material(data=b"", kind="tuf", place="x", obtained=LATER, expires=expires)
        return anchors.stale(material, "trusted root", LATER + age)

    assert note(anchors.MAX_AGE) is None
    assert note(anchors.MAX_AGE + timedelta(seconds=1)).code == "TRUST_STALE"
    assert note(DAY, LATER + DAY) is None
    assert "has ended" in note(2 * DAY, LATER + DAY).text


def test_a_file_of_the_user_has_no_age_that_we_know(tmp_path, files):
    using = anchors.opened(tmp_path / "none", **files)
    using.trusted_root()
    assert using.notes(LATER + 1000 * DAY) == ()


def test_looking_for_documents_costs_no_cryptography():
    code = (
        "import sys, json; from provenly.verify import anchors; a = anchors.opened(None); a.trusted_root(); "
        "print(json.dumps([n for n in ('cryptography', 'tuf', 'sigstore', 'requests') if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
