"""Refreshing through TUF: python-tuf decides, and whatever it refuses changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tuf.api.metadata import Metadata

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.roots import embedded
from provenly.trust.roots.refresh import MAX_METADATA, NPM_KEYS, TRUSTED_ROOT, Refreshed, refresh
from provenly.verify.anchor_store import METADATA_PATH
from tests.cases import CASES, needs_cases
from tests.simulator.tuf import NPM, URL, TufRepository, edited, in_days, new_key, stranger


@pytest.fixture
def repository():
    made = TufRepository(targets={TRUSTED_ROOT: b"a trusted root", NPM_KEYS: b"keys"})
    made.publish()
    return made


def asked(repository: TufRepository, metadata: dict[str, bytes] | None = None) -> Refreshed:
    return refresh(repository.fetch, url=URL, bootstrap=repository.bootstrap, metadata=metadata or {})


def refused(repository: TufRepository, metadata: dict[str, bytes] | None = None) -> UnavailableError:
    with pytest.raises(UnavailableError) as caught:
        asked(repository, metadata)
    assert caught.value.hint
    return caught.value


def refused_alone(repository: TufRepository, name: str) -> UnavailableError:
    """Return why one document was refused; the other one came."""
    done = asked(repository)
    documents = {TRUSTED_ROOT: done.trusted_root, NPM_KEYS: done.npm_keys}
    assert [path for path, data in documents.items() if data is None] == [name] == list(done.refused)
    assert done.refused[name].hint
    return done.refused[name]


def test_both_documents_come_with_what_vouches_for_them(repository):
    done = asked(repository)
    assert (done.trusted_root, done.npm_keys, done.root_version) == (b"a trusted root", b"keys", 1)
    assert done.expires == repository.expires[NPM]  # the first to end but for the timestamp
    assert {"timestamp.json", "snapshot.json", "targets.json", f"{NPM}.json"} < set(done.metadata)
    assert "root.json" not in done.metadata


def test_a_repository_without_keys_of_npm_is_a_private_one(repository):
    del repository.targets[NPM_KEYS]
    repository.publish(root=False)
    assert asked(repository).npm_keys is None


def test_the_next_refresh_asks_for_what_is_new_only(repository):
    first = asked(repository)
    repository.asked.clear()
    assert asked(repository, dict(first.metadata)) == first
    assert not [path for path in repository.asked if "snapshot" in path or path.endswith(f".{NPM}.json")]


def test_roots_are_rotated_one_after_the_other(repository):
    repository.rotate(new_key())
    repository.rotate()
    repository.publish(root=False)
    assert asked(repository).root_version == 3


def test_a_root_signed_by_a_stranger_is_refused(repository):
    repository.signers["root"] = [stranger()]
    repository.rotate()
    assert refused(repository).code == "TRUST_TUF"


def test_a_missing_threshold_is_refused(repository):
    repository.threshold = 2
    repository.rotate()
    assert refused(repository).code == "TRUST_TUF"


def test_a_skipped_root_version_is_refused(repository):
    repository.versions["root"] = 2
    repository.rotate()
    repository.files["2.root.json"] = repository.files.pop("3.root.json")
    assert refused(repository).code == "TRUST_TUF"


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_metadata_signed_by_a_stranger_is_refused(repository, role):
    repository.signers[role] = [stranger()]
    repository.publish(root=False)
    assert refused(repository).code == "TRUST_TUF"


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets"])
def test_expired_metadata_is_refused_as_expired(repository, role):
    repository.expires[role] = in_days(-1)
    repository.publish()
    error = refused(repository)
    assert error.code == "TRUST_EXPIRED"
    assert "clock" in error.hint


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_metadata_that_was_changed_is_refused(repository, role):
    name = "timestamp.json" if role == "timestamp" else f"{repository.versions[role]}.{role}.json"
    repository.files[name] = edited(repository.files[name], expires="2099-01-01T00:00:00Z")
    assert refused(repository).code == "TRUST_TUF"


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_rollback_is_refused(repository, role):
    repository.publish(root=False)
    known = dict(asked(repository).metadata)
    repository.versions[role] -= 2
    repository.publish(root=False)
    if role == "timestamp":
        assert refused(repository, known).code == "TRUST_TUF"
        return
    error = refused(repository, known)
    assert error.code == "TRUST_TUF"
    assert asked(repository)  # without a memory it is fine: it is the memory that refuses


# What concerns one of the two only


def test_the_trusted_root_does_not_wait_for_npm(repository):
    known = dict(asked(repository).metadata)
    repository.expires[NPM] = in_days(-1)
    repository.publish(root=False)
    error = refused_alone(repository, NPM_KEYS)
    assert error.code == "TRUST_EXPIRED"
    done = asked(repository, known)
    assert done.trusted_root == b"a trusted root"
    assert done.expires == repository.expires["snapshot"]  # npm's role vouches for nothing that was had


def test_a_stranger_in_npm_s_role_gives_no_keys(repository):
    repository.signers[NPM] = [stranger()]
    repository.publish(root=False)
    assert refused_alone(repository, NPM_KEYS).code == "TRUST_TUF"


def test_metadata_of_npm_that_was_changed_gives_no_keys(repository):
    name = f"{repository.versions[NPM]}.{NPM}.json"
    repository.files[name] = edited(repository.files[name], expires="2099-01-01T00:00:00Z")
    assert refused_alone(repository, NPM_KEYS).code == "TRUST_TUF"


@pytest.mark.parametrize("name", [TRUSTED_ROOT, NPM_KEYS])
@pytest.mark.parametrize("data", [b"A", b"an altered document", b""])
def test_a_target_with_another_digest_or_length_is_refused(repository, name, data):
    stem, _, last = name.rpartition("/")
    (path,) = (path for path in repository.files if path.startswith(f"targets/{stem}") and path.endswith(f".{last}"))
    repository.files[path] = data
    assert refused_alone(repository, name).code == "TRUST_TUF"


def test_where_neither_can_be_had_nothing_comes(repository):
    for path in [path for path in repository.files if path.startswith("targets/")]:
        repository.files[path] = b"altered"
    assert refused(repository).code == "TRUST_TUF"


def test_a_repository_without_a_trusted_root_is_refused(repository):
    del repository.targets[TRUSTED_ROOT]
    repository.publish(root=False)
    assert "no target" in refused(repository).message


@pytest.mark.parametrize("name", ["../../evil.json", "/etc/evil.json", "registry.npmjs.org/../../evil", "x" * 300])
def test_names_of_targets_lead_nowhere(repository, name):
    """They are never asked for, and ours are written to paths that the repository does not choose."""
    repository.targets[name] = b"evil"
    repository.publish(root=False)
    assert asked(repository).trusted_root == b"a trusted root"
    assert not [path for path in repository.asked if "evil" in path or "xxx" in path]


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "root_history/15.root", "root_history/../evil"])
def test_a_name_of_a_role_that_climbs_stays_in_the_folder(repository, name):
    """python-tuf quotes the names of roles: the metadata that we keep has names that the store accepts."""
    repository.npm_role = name
    repository.publish(root=False)
    done = asked(repository)
    assert done.npm_keys == b"keys"
    assert {path for path in done.metadata if not METADATA_PATH.fullmatch(path)} == set()
    assert all("/" not in path.removeprefix("root_history/") for path in done.metadata)


def test_a_role_may_not_stand_in_for_another(repository):
    repository.forge("1.targets.json", "targets", lambda signed: signed["delegations"]["roles"][0].update(name="root"))
    assert refused(repository).code == "TRUST_TUF"


def none_needed(signed):
    signed["roles"]["timestamp"]["threshold"] = 0


def another_specification(signed):
    signed["spec_version"] = "2.0.0"


def one_key_twice(signed):
    signed["roles"]["timestamp"]["keyids"] *= 2
    signed["roles"]["timestamp"]["threshold"] = 2


def no_keys(signed):
    signed["roles"]["timestamp"]["keyids"] = []


@pytest.mark.parametrize("edit", [none_needed, another_specification, one_key_twice, no_keys])
def test_a_root_that_weakens_itself_is_refused(repository, edit):
    repository.rotate()
    repository.forge("2.root.json", "root", edit)
    assert refused(repository).code == "TRUST_TUF"


def test_two_signatures_by_one_key_are_one(repository):
    repository.threshold = 2
    repository.signers["root"] *= 2
    repository.rotate()
    assert refused(repository).code == "TRUST_TUF"


def test_what_is_signed_again_unchanged_is_accepted(repository):
    """The tests above refuse for what they change, not for how they sign."""
    repository.rotate()
    repository.forge("2.root.json", "root", lambda signed: None)
    assert asked(repository).root_version == 2


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"signed": {}, "signatures": []}', b"[" * 100_000])
@pytest.mark.parametrize("name", ["timestamp.json", "2.root.json"])
def test_what_is_no_metadata_is_refused(repository, name, data):
    repository.files[name] = data
    assert refused(repository).code == "TRUST_TUF"


def test_metadata_without_end_is_refused(repository):
    repository.files["timestamp.json"] = b" " * (MAX_METADATA + 2)
    assert refused(repository).code == "TRUST_TUF"


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("no network", code="NET_DNS"),
        UnavailableError("forbidden", code="REG_FORBIDDEN"),
        MalformedError("leads elsewhere", code="NET_REDIRECT"),
    ],
)
def test_what_the_transport_said_is_in_the_error(repository, error):
    def fetch(url, max_bytes):
        if "timestamp" in url:
            raise error
        return repository.fetch(url, max_bytes)

    with pytest.raises(UnavailableError) as caught:
        refresh(fetch, url=URL, bootstrap=repository.bootstrap, metadata={})
    assert caught.value.code == "TRUST_TUF"
    assert error.message in caught.value.message


def test_a_store_that_lists_nothing_answers_403_for_the_next_root(repository):
    def fetch(url, max_bytes):
        if url.endswith("2.root.json"):
            raise UnavailableError("forbidden", code="REG_FORBIDDEN")
        return repository.fetch(url, max_bytes)

    assert refresh(fetch, url=URL, bootstrap=repository.bootstrap, metadata={}).root_version == 1


def test_memory_that_was_changed_is_verified_like_anything_else(repository):
    """Of python-tuf before 0.12 unverified metadata stayed on disk and was believed (CVE-2020-15163)."""
    known = dict(asked(repository).metadata)
    known["root_history/2.root.json"] = edited(repository.bootstrap, version=2)
    known["snapshot.json"] = edited(known["snapshot.json"], version=99)
    assert asked(repository, known).root_version == 1


def real(name: str) -> bytes:
    return (CASES / "trust" / "tuf" / name).read_bytes()


@needs_cases
def test_the_real_metadata_has_expired():
    """Root 15 ended on 2026-11-20: nothing newer is in the cases, and nobody can go around that."""
    names = {
        "timestamp.json": "timestamp.json",
        "165.snapshot.json": "snapshot.json",
        "14.targets.json": "targets.json",
        "8.registry.npmjs.org.json": "registry.npmjs.org.json",
        "15.root.json": "15.root.json",
    }
    repository = TufRepository(files={there: real(here) for there, here in names.items()})
    with pytest.raises(UnavailableError) as caught:
        refresh(repository.fetch, url=URL, bootstrap=embedded.tuf_root(), metadata={})
    assert caught.value.code == "TRUST_EXPIRED"
    assert repository.asked[:2] == ["15.root.json", "16.root.json"]


@needs_cases
def test_what_is_embedded_is_what_the_real_metadata_vouches_for():
    """The chain by hand, at a time when it held: root 14, root 15, targets, the role of npm, both documents."""
    at = datetime(2026, 8, 25, tzinfo=UTC)
    old, new = Metadata.from_bytes(embedded.tuf_root()), Metadata.from_bytes(real("15.root.json"))
    targets, npm = Metadata.from_bytes(real("targets.json")), Metadata.from_bytes(real("registry.npmjs.org.json"))
    assert old.signed.version == embedded.TUF_ROOT_VERSION
    old.verify_delegate("root", new)
    new.verify_delegate("root", new)
    new.verify_delegate("targets", targets)
    targets.verify_delegate(NPM, npm)
    assert not any(document.signed.is_expired(at) for document in (new, targets, npm))
    for name, document, data in (
        (TRUSTED_ROOT, targets, embedded.trusted_root().data),
        (NPM_KEYS, npm, embedded.npm_keys().data),
    ):
        document.signed.targets[name].verify_length_and_hashes(data)
        assert document.signed.targets[name].hashes["sha256"] == Digest.of(data).hex
