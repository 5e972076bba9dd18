"""Starting git: object ids as git computes them, caps, deadlines, and nothing of the user's surroundings."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.forge import git_profile
from provenly.verify.forge.git_profile import Protocol
from provenly.verify.git import Git, bare_skeleton, executable, judge_version, object_ids


def hash_object(content: bytes) -> str:
    done = subprocess.run(
        [executable(), "hash-object", "--stdin"], input=content, capture_output=True, check=True, cwd="/"
    )
    return done.stdout.decode().strip()


@pytest.fixture
def git(tmp_path: Path) -> Git:
    home = tmp_path / "home"
    home.mkdir()
    return Git(git_dir=bare_skeleton(tmp_path / "r.git"), home=home)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a\r\nb\r\n", b"\0\xff" * 9, b"x" * 3_000_000, b"blob\nmark :1\ndata 3\nabc\n"]
)
def test_object_ids_are_those_of_git_hash_object(content: bytes) -> None:
    assert object_ids([content]) == (hash_object(content),)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=12))
def test_every_content_gets_its_own_id_in_order(contents: list[bytes]) -> None:
    ids = object_ids(contents)
    assert len(ids) == len(contents)
    assert [object_ids([content])[0] for content in contents[:2]] == list(ids[:2])
    assert (len(set(ids)) == len(set(contents))) or not contents


def test_thousands_of_files_take_one_process() -> None:
    contents = [b"%d\n" % number * 200 for number in range(3_000)]
    start = time.perf_counter()
    ids = object_ids(contents)
    assert time.perf_counter() - start < 3
    assert len(set(ids)) == 3_000
    assert ids[1234] == hash_object(contents[1234])


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    object_ids([b"one", b"two"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("git version 2.29.9\n", "GIT_OLD"),
        ("git version 1.99\n", "GIT_OLD"),
        ("gitte 3.0\n", "GIT_OLD"),
        ("", "GIT_OLD"),
        ("git version 2.51.0\nSHA-1: SHA1_OPENSSL\n", "GIT_SHA1"),
        ("git version 2.51.0\nSHA-1: SHA1_BLK\nnon-collision-detecting-SHA-1: SHA1_DC\n", "GIT_SHA1"),
    ],
)
def test_a_git_that_is_no_use_is_refused(said: str, code: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        judge_version(said, "/usr/bin/git")
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    "said",
    [
        "git version 2.30.2\n",
        "git version 3.0.0.rc1\n",
        "git version 2.51.0\nSHA-1: SHA1_DC\nnon-collision-detecting-SHA-1: SHA1_OPENSSL\n",
    ],
)
def test_a_good_git_is_accepted(said: str) -> None:
    judge_version(said, "/usr/bin/git")


def test_output_over_the_cap_stops_the_command(git: Git) -> None:
    with pytest.raises(MalformedError) as caught:
        git.run("config", "--list", max_output=10)
    assert caught.value.code == "SOURCE_LIMIT"


def test_a_command_over_its_time_is_killed_with_its_children(git: Git, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    start = time.perf_counter()
    with pytest.raises(UnavailableError) as caught:
        git.run("-c", f"alias.x=!(sleep 2; touch {alive}) & sleep 30", "x", seconds=0.3)
    assert caught.value.code == "SOURCE_TIMEOUT"
    assert time.perf_counter() - start < 2
    time.sleep(2.2)
    assert not alive.exists()


def test_a_file_over_the_limit_cannot_be_written(git: Git) -> None:
    small = Git(git_dir=git.git_dir, home=git.home, max_file=64 << 10)
    noise = os.urandom(1 << 20)
    assert small.run("hash-object", "-w", "--stdin", stdin=[noise]).status != 0
    assert git.run("hash-object", "-w", "--stdin", stdin=[noise]).status == 0


def test_input_that_nobody_reads_does_not_block(git: Git) -> None:
    result = git.run("version", stdin=(b"x" * 100_000 for _ in range(50)))
    assert result.output.startswith(b"git version")


def test_the_environment_is_ours_alone(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / ".gitconfig").write_text(f"[alias]\n\tplanted = !touch {tmp_path}/ran\n[user]\n\tname = planted\n")
    ambient = {
        "HOME": str(planted),
        "XDG_CONFIG_HOME": str(planted),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.email",
        "GIT_CONFIG_VALUE_0": "planted@example.org",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_DIR": str(planted),
        "GIT_EXEC_PATH": str(planted),
        "PATH": str(planted),
        "http_proxy": "http://127.0.0.1:9",
    }
    for name, value in ambient.items():
        monkeypatch.setenv(name, value)
    listed = git.check("config", "--list").decode()
    assert "planted" not in listed
    assert git.run("planted").status != 0
    shown = git.check("-c", "alias.e=!env", "e").decode()
    names = {line.split("=")[0] for line in shown.splitlines()}
    assert not names & {"GIT_TRACE", "GIT_CONFIG_COUNT", "http_proxy", "GIT_CONFIG_KEY_0"}
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "target", ["ext::sh -c touch% PWNED", "foo::bar", "fd::17/x", "file:///", "http://127.0.0.1:9/"]
)
def test_no_protocol_is_spoken_while_reading(git: Git, target: str) -> None:
    result = git.run("ls-remote", "--end-of-options", target)
    assert result.status
    assert b"not allowed" in result.messages


def test_only_the_one_protocol_is_spoken(git: Git) -> None:
    https = Git(git_dir=git.git_dir, home=git.home, protocol=Protocol.HTTPS)
    assert b"not allowed" in https.run("ls-remote", "http://127.0.0.1:9/", network=True).messages
    assert b"not allowed" not in https.run("ls-remote", "https://127.0.0.1:9/", network=True).messages


def test_a_url_cannot_be_an_option(git: Git, tmp_path: Path) -> None:
    allowed = Git(git_dir=git.git_dir, home=git.home, protocol=Protocol.FILE)
    ran = tmp_path / "ran"
    result = allowed.run("ls-remote", "--end-of-options", f"--upload-pack=touch {ran}", str(git.git_dir), network=True)
    assert result.status
    assert not ran.exists()


def test_messages_are_safe_to_show(git: Git) -> None:
    result = git.run("rev-parse", "--verify", "\x1b]0;owned\x07\u202ex")
    assert result.status
    assert "\x1b" not in result.shown
    assert "\u202e" not in result.shown


def test_a_failed_read_is_an_error(git: Git) -> None:
    with pytest.raises(UnavailableError) as caught:
        git.check("cat-file", "-p", "1" * 40)
    assert caught.value.code == "GIT_FAILED"


def test_every_limit_is_set(git: Git) -> None:
    shown = git.check("-c", "alias.l=!ulimit -t; ulimit -n; ulimit -c; ulimit -f; ulimit -v", "l").decode().split()
    blocks = str(git.max_file // 512)
    expected = [str(git_profile.CPU_SECONDS), str(git_profile.MAX_FILES_OPEN), "0", blocks]
    assert shown[:4] == expected
    assert shown[4] in {str(git_profile.MAX_ADDRESS_SPACE >> 10), "unlimited"}
