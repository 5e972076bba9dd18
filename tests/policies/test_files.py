"""Policy files on disk (P12): what cannot be read is refused, and what others could change is said."""

from __future__ import annotations

import os

import pytest

from provenly.policies.document import MAX_BYTES
from provenly.policies.files import read
from provenly.policies.load import load_named
from provenly.trust.errors import UsageError

GOOD = b'schema = 1\nname = "mine"\nextends = "default"\n'


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(GOOD)
    path.chmod(0o644)
    return path


def test_a_file_of_ones_own_has_no_notes(policy):
    assert read(policy) == (GOOD, ())
    found = load_named(str(policy))
    assert (found.name, found.origin, found.notes) == ("mine", str(policy), ())


def test_a_file_of_any_name_is_read_where_it_has_a_slash(tmp_path):
    (tmp_path / "default").write_bytes(GOOD)
    assert load_named(f"{tmp_path}/default").name == "mine"


@pytest.mark.parametrize(("mode", "warned"), [(0o644, False), (0o600, False), (0o664, True), (0o646, True)])
def test_a_file_that_others_may_write_is_noted(policy, mode, warned):
    policy.chmod(mode)
    notes = load_named(str(policy)).notes
    assert [note.code for note in notes] == ["POLICY_PERMS"] * warned
    assert all(f"others may write it (mode {mode:04o})" in note.text for note in notes)


def test_a_symbolic_link_is_read_and_noted(policy):
    link = policy.with_name("link.toml")
    link.symlink_to(policy)
    (note,) = load_named(str(link)).notes
    assert note.code == "POLICY_PERMS"
    assert f"a symbolic link to {policy.resolve()}" in note.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_noted(policy):
    os.chown(policy, 12_345, -1)
    (note,) = load_named(str(policy)).notes
    assert "belongs to another user (number 12345)" in note.text


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    names = ["fifo.toml", "folder.toml", "loop.toml", "none.toml", "a\x00b.toml", "x" * 5_000 + ".toml"]
    for path in [*(str(tmp_path / name) for name in names), "/dev/zero"]:
        with pytest.raises(UsageError) as caught:
            load_named(path)
        assert caught.value.code == "POLICY_FILE"


def test_a_huge_file_is_not_read_whole(tmp_path):
    path = tmp_path / "huge.toml"
    with path.open("wb") as stream:
        stream.truncate(10 * 1024**3)
    assert len(read(path)[0]) == MAX_BYTES + 1
    with pytest.raises(UsageError, match="has more than"):
        load_named(str(path))
