"""The commits around one of the default branch, with the state of a package's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import Error, MalformedError
from provenly.verify.forge import git_line, git_parse
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.forge.repository_bundle import export_bundle, open_bundle
from provenly.verify.network.cache import Cache
from tests.simulator.forge import Forge
from tests.simulator.repositories import WorkRepo

URL = "https://github.com/acme/server"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
DOCUMENTS = ["README.md", "p/a/README.md", "p/a/.github/x.yml", "p/a/LICENSE"]
Open = Callable[[], GitRepository]


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as running:
        yield running


@pytest.fixture
def work(forge: Forge) -> WorkRepo:
    return forge.create("acme", "server")


@pytest.fixture
def opened(forge: Forge, tmp_path: Path) -> Open:
    return lambda: GitForge(Cache(tmp_path / "cache", NOW), [forge.mirror_option()]).open(URL)


def states(repository: GitRepository, directory: str, around: str) -> list[tuple[str, str]]:
    return [(item.commit, item.state) for item in repository.line(directory, around)]


def test_the_state_is_that_of_the_sources(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"p/a/src/x.ts": "1", "p/a/package.json": "{}", "tsconfig.json": "{}", "p/b/x.ts": "1"})
    same = [
        work.commit({"p/b/x.ts": "2"}, "another package"),
        work.commit(dict.fromkeys(DOCUMENTS, "x"), "documents"),
        work.commit({"src/x.ts": "x"}, "beside it"),
    ]
    others = [
        work.commit({"p/a/src/x.ts": "2"}, "a source"),
        work.commit({"tsconfig.json": '{"x":1}'}, "settings above it"),
        work.commit({"p/a/new.md.ts": "x"}, "a new file"),
        work.commit({"p/a/package.json": '{"type":"module"}'}, "its manifest"),
    ]
    back = work.commit({"tsconfig.json": "{}", "p/a/new.md.ts": None, "p/a/package.json": "{}", "p/a/src/x.ts": "1"})
    gone = work.commit(dict.fromkeys([*DOCUMENTS, "p/a/src/x.ts", "p/a/package.json"]))
    found = states(opened(), "p/a", first)
    assert [commit for commit, _ in found] == [gone, back, *others[::-1], *same[::-1], first]
    state = dict(found)
    assert {state[commit] for commit in (*same, back)} == {state[first]}
    assert len({state[commit] for commit in others} | {state[first]}) == 5
    assert state[gone] == ""


def test_only_commits_and_the_folders_on_the_way_are_fetched(work: WorkRepo, opened: Open) -> None:
    for number in range(5):
        work.commit({"src/deep/x.ts": f"{number}", "package.json": "{}"})
    repository = opened()
    assert len(repository.line("", work.tip())) == 5
    with repository.store.held() as folder:
        git = repository.store.git(folder, "paths-1")
        kinds = git.check("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").decode().split()
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {"commit": 5, "tree": 5}


def test_only_the_first_parents_of_the_default_branch_are_on_the_line(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"x.ts": "1"})
    side = work.commit({"x.ts": "2"}, ref="refs/heads/side", parents=[first])
    pull = work.commit({"x.ts": "3"}, ref="refs/pull/1/head", parents=[first])
    merge = work.commit({"x.ts": "2"}, parents=[first, side])
    repository = opened()
    assert [commit for commit, _ in states(repository, "", merge)] == [merge, first]
    for commit in (side, pull, "1" * 40):
        assert repository.line("", commit) == ()


def test_the_line_has_ends(work: WorkRepo, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = [work.commit({"x.ts": f"{number}"}) for number in range(9)]
    monkeypatch.setattr(git_line, "NEWER", 2)
    monkeypatch.setattr(git_line, "OLDER", 3)
    assert [commit for commit, _ in states(opened(), "", commits[5])] == commits[2:8][::-1]


@pytest.mark.parametrize("directory", ["nowhere", "a/b/c", "x.ts", "link"])
def test_a_folder_that_is_none_has_no_state(work: WorkRepo, opened: Open, directory: str) -> None:
    work.commit({"x.ts": "1", "a/b.ts": "1", "link": "a"}, modes={"link": "120000"})
    assert [state for _, state in states(opened(), directory, work.tip())] == [""]


@pytest.mark.parametrize("around", ["", "main", "HEAD", "--all", "1" * 39, "1" * 64])
def test_what_is_no_commit_id_is_refused(work: WorkRepo, opened: Open, around: str) -> None:
    work.commit({"x.ts": "1"})
    with pytest.raises(MalformedError) as caught:
        opened().line("", around)
    assert caught.value.code == "SOURCE_COMMIT_FORMAT"


def test_too_many_folders_are_refused(work: WorkRepo, opened: Open) -> None:
    work.commit({"x.ts": "1"})
    with pytest.raises(Error) as caught:
        opened().line("/".join("a" * 40), work.tip())
    assert caught.value.code == "SOURCE_LIMIT"


def test_a_replay_gives_the_same_line(work: WorkRepo, opened: Open, tmp_path: Path) -> None:
    for number in range(3):
        work.commit({"p/x.ts": f"{number}"})
    repository = opened()
    line = repository.line("p", work.tip())
    repository.tree(work.tip())
    export_bundle(repository, tmp_path / "source.bundle")
    replay = open_bundle(tmp_path / "source.bundle")
    assert replay.line("p", work.tip()) == line
    with pytest.raises(Error) as caught:
        replay.line("q", work.tip())
    assert caught.value.code == "EVIDENCE_MISSING"


@pytest.mark.parametrize(
    "data",
    [b"x", b"100644 a", b"100644 a\0short", b"100644 \0" + b"1" * 20, b"9 a\0" + b"1" * 20, b"\0" + b"1" * 20],
)
def test_what_is_no_tree_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        git_parse.tree_object(data)


def test_a_tree_is_read_whole() -> None:
    data = b"100644 a b\0" + bytes(range(20)) + b"40000 \xff\0" + b"\0" * 20
    assert git_parse.tree_object(data) == (("100644", b"a b", bytes(range(20)).hex()), ("40000", b"\xff", "0" * 40))


@pytest.mark.parametrize("output", [b"x\n", b"a b\n", b"a b c\n", b"a b 99999999999999999999\n"])
def test_what_is_no_line_of_git_is_refused(output: bytes) -> None:
    with pytest.raises(MalformedError):
        tuple(git_parse.line(output))
