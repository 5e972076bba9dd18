"""Servers and repositories that mean harm: every outcome has its code, nothing hangs, leaks or is left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.network.cache import Cache
from tests.simulator.forge import Forge, Misbehaviour
from tests.simulator.repositories import WorkRepo

URL = "https://github.com/acme/server"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
EVIL = b"\x1b]0;owned\x07\x1b[2Jfatal: everything is fine\r\x9b31m"


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as running:
        yield running


@pytest.fixture
def work(forge: Forge) -> WorkRepo:
    made = forge.create("acme", "server")
    made.commit({"package.json": "{}", "src/a.js": "a"})
    return made


def opened(forge: Forge, tmp_path: Path, seconds: float = 60) -> GitRepository:
    return GitForge(Cache(tmp_path / "cache", NOW), [forge.mirror_option()], seconds=seconds).open(URL)


def refusal(ask: Callable[[], object]) -> Error:
    with pytest.raises(Error) as caught:
        ask()
    message = caught.value.message
    assert message.isprintable(), message
    return caught.value


def leftovers(tmp_path: Path) -> list[str]:
    names = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    return [name for name in names if "tmp" in name or name.endswith(".lock")]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Misbehaviour.REDIRECT, (UnavailableError, "SOURCE_REDIRECT")),
        (Misbehaviour.UNAUTHORIZED, (UnavailableError, "SOURCE_PRIVATE")),
        (Misbehaviour.FORBIDDEN, (UnavailableError, "SOURCE_PRIVATE")),
        (Misbehaviour.BROKEN, (UnavailableError, "SOURCE_UNREACHABLE")),
        (Misbehaviour.HTML, (NotFoundError, "SOURCE_EMPTY")),
        (Misbehaviour.ERR, (UnavailableError, "SOURCE_UNREACHABLE")),
        (Misbehaviour.HUGE_REFS, (MalformedError, "SOURCE_LIMIT")),
    ],
)
def test_a_server_that_does_not_answer_the_question(
    forge: Forge, work: WorkRepo, tmp_path: Path, how: Misbehaviour, expected: tuple[type[Error], str]
) -> None:
    forge.misbehave("acme/server", how, EVIL if how is not Misbehaviour.REDIRECT else b"")
    error = refusal(opened(forge, tmp_path).refs)
    assert (type(error), error.code) == expected
    assert refusal(lambda: opened(forge, tmp_path).tree(work.tip())).code
    assert not leftovers(tmp_path)


def test_a_redirect_is_not_followed(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    other = forge.create("other", "place")
    other.commit({"a": "1"})
    for target in (f"{forge.url}/other/place.git/info/refs?service=git-upload-pack", "file:///etc/passwd"):
        forge.misbehave("acme/server", Misbehaviour.REDIRECT, target.encode())
        assert refusal(opened(forge, tmp_path).refs).code == "SOURCE_REDIRECT"
    assert {request.path.split("/")[1] for request in forge.requests} == {work.owner}


@pytest.mark.parametrize("how", [Misbehaviour.SIDEBAND, Misbehaviour.EARLY_EOF])
def test_a_fetch_that_breaks_off(forge: Forge, work: WorkRepo, tmp_path: Path, how: Misbehaviour) -> None:
    forge.misbehave("acme/server", how, EVIL)
    repository = opened(forge, tmp_path)
    commit = work.tip()
    assert repository.refs().heads == {"main": commit}
    error = refusal(lambda: repository.tree(commit))
    assert isinstance(error, (UnavailableError, MalformedError))
    assert not leftovers(tmp_path)
    forge.behaviour.clear()
    assert list(opened(forge, tmp_path).tree(commit)) == ["package.json", "src/a.js"]


@pytest.mark.parametrize("how", [Misbehaviour.SILENT, Misbehaviour.DRIP, Misbehaviour.ENDLESS])
def test_a_server_without_an_end_is_stopped(forge: Forge, work: WorkRepo, tmp_path: Path, how: Misbehaviour) -> None:
    forge.misbehave("acme/server", how)
    repository = opened(forge, tmp_path, seconds=1)
    start = time.perf_counter()
    error = refusal(lambda: repository.tree(work.tip()))
    assert time.perf_counter() - start < 4
    assert error.code == "SOURCE_TIMEOUT"
    assert error.hint


def test_nothing_of_the_user_is_used_or_told(
    forge: Forge, work: WorkRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ran = tmp_path / "home", tmp_path / "ran"
    home.mkdir()
    script = home / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >>{ran}\necho secret\n')
    script.chmod(0o755)
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (home / name).write_bytes(script.read_bytes())
        (home / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[core]\n\thooksPath = {home}\n\tfsmonitor = {script}\n[credential]\n\thelper = "!{script}"\n'
        f'[url "{forge.url}/stolen/"]\n\tinsteadOf = {forge.url}/\n[http]\n\textraHeader = X-Secret: 1\n'
    )
    (home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_ASKPASS": str(script),
        "SSH_ASKPASS": str(script),
        "GIT_CONFIG_PARAMETERS": f"'core.hooksPath={home}'",
        "GIT_TRACE_CURL": str(tmp_path / "trace"),
        "GIT_PROXY_COMMAND": str(script),
        "http_proxy": "http://127.0.0.1:9/",
        "ALL_PROXY": "http://127.0.0.1:9/",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(home),
    }.items():
        monkeypatch.setenv(name, value)
    repository = opened(forge, tmp_path)
    tree = repository.tree(work.tip())
    repository.blobs([tree["src/a.js"].blob])
    repository.history("package.json")
    forge.misbehave("acme/server", Misbehaviour.UNAUTHORIZED)
    assert refusal(opened(forge, tmp_path).refs).code == "SOURCE_PRIVATE"
    told = {name.lower() for request in forge.requests for name in request.headers}
    assert not told & {"authorization", "x-secret", "cookie"}
    assert {request.path.split("/")[1] for request in forge.requests} == {"acme"}
    assert not ran.exists()
    assert not (tmp_path / "trace").exists()


BAD_NAMES = [b".git", b".GIT", b"git~1", b"..", b".", b".g\xe2\x80\x8cit", b"a/b"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_trees_that_no_honest_git_writes(forge: Forge, work: WorkRepo, tmp_path: Path, name: bytes) -> None:
    blob = work.object("blob", b"x")
    commit = work.commit_tree(work.tree_object([("100644", name, blob)]))
    error = refusal(lambda: opened(forge, tmp_path).tree(commit))
    assert (type(error), error.code) == (MalformedError, "SOURCE_MALFORMED")
    assert not leftovers(tmp_path)


def test_duplicate_and_unsorted_entries(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    blob = work.object("blob", b"x")
    for entries in ([("100644", b"a", blob)] * 2, [("100644", b"b", blob), ("100644", b"a", blob)]):
        commit = work.commit_tree(work.tree_object(entries))
        assert refusal(lambda commit=commit: opened(forge, tmp_path).tree(commit)).code == "SOURCE_MALFORMED"


def test_zero_padded_modes_of_old_tools_are_accepted_with_a_note(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    inner = work.tree_object([("100644", b"a.js", work.object("blob", b"x"))])
    commit = work.commit_tree(work.tree_object([("040000", b"src", inner)]))
    repository = opened(forge, tmp_path)
    assert list(repository.tree(commit)) == ["src/a.js"]
    assert [note.code for note in repository.notes] == ["SOURCE_ZERO_PADDED"]


@pytest.mark.parametrize("name", [b".git", b"git~1", b".g\xe2\x80\x8cit"])
def test_zero_padding_excuses_nothing_else(forge: Forge, work: WorkRepo, tmp_path: Path, name: bytes) -> None:
    inner = work.tree_object([("100644", b"a.js", work.object("blob", b"x"))])
    commit = work.commit_tree(work.tree_object([("040000", name, inner)]))
    for _ in range(2):
        assert refusal(lambda: opened(forge, tmp_path).tree(commit)).code == "SOURCE_MALFORMED"


def test_a_pack_over_the_limit_is_refused_and_removed(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    commit = work.commit({"noise.bin": os.urandom(300_000)})
    repository = opened(forge, tmp_path)
    repository.store.max_pack = 64 << 10
    tree = repository.tree(commit)
    error = refusal(lambda: repository.blobs([tree["noise.bin"].blob]))
    assert (type(error), error.code) == (MalformedError, "SOURCE_LIMIT")
    assert not leftovers(tmp_path)


def test_replacement_refs_are_not_honoured(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    honest = work.tip()
    evil = work.commit({"src/a.js": "evil"}, ref="refs/heads/evil", parents=[honest])
    work.ref(f"refs/replace/{honest}", evil)
    repository = opened(forge, tmp_path)
    tree = repository.tree(honest)
    assert repository.blobs([tree["src/a.js"].blob]) == {tree["src/a.js"].blob: b"a"}


def test_hosts_are_a_closed_list(tmp_path: Path) -> None:
    forge = GitForge(Cache(tmp_path / "cache", NOW))
    assert refusal(lambda: forge.open("https://intranet.example/a/b")).code == "SOURCE_HOST"
    assert refusal(lambda: forge.open("https://github.com/a/../b")).code == "SOURCE_URL_REFUSED"
    allowed = GitForge(Cache(tmp_path / "cache", NOW), allow_hosts=["intranet.example"])
    assert allowed.open("https://intranet.example/a/b").store.address.target == "https://intranet.example/a/b"


def test_too_many_bytes_of_files_are_refused(forge: Forge, work: WorkRepo, tmp_path: Path) -> None:
    leaf = work.tree_object([("100644", b"%03d" % n + b"x" * 200, work.object("blob", b"x")) for n in range(100)])
    for level in range(4):
        leaf = work.tree_object([("40000", b"%d-%03d" % (level, n), leaf) for n in range(30)])
    bomb = work.commit_tree(leaf)
    error = refusal(lambda: opened(forge, tmp_path).tree(bomb))
    assert isinstance(error, MalformedError)
    assert error.code == "SOURCE_LIMIT"
