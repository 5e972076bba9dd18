"""The commits between two, through real git: which they are, in which order, and what strangers wrote into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import Error
from provenly.verify.context import Historian
from provenly.verify.forge import git_between
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.network.cache import Cache
from tests.simulator.forge import Forge
from tests.simulator.repositories import WorkRepo

URL = "https://github.com/acme/server"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
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


def subjects(repository: GitRepository, earlier: str, later: str) -> list[str]:
    return [one.subject for one in repository.between(earlier, later).commits]


def test_the_newest_comes_first_and_the_earlier_one_is_left_out(work: WorkRepo, opened: Open) -> None:
    made = [work.commit({"a": str(number)}, f"commit {number}") for number in range(4)]
    found = opened().between(made[0], made[3])
    assert [one.subject for one in found.commits] == ["commit 3", "commit 2", "commit 1"]
    assert [one.commit for one in found.commits] == made[:0:-1]
    assert (found.count, found.undone) == (3, 0)
    back = opened().between(made[3], made[1])
    assert (back.commits, back.count, back.undone) == ((), 0, 2)
    assert isinstance(opened(), Historian)


def test_branches_that_parted(work: WorkRepo, opened: Open) -> None:
    root = work.commit({"a": "1"}, "root")
    left = work.commit({"a": "2"}, "left")
    work.branch("side", root)
    right = work.commit({"a": "3"}, "right", ref="refs/heads/side", parents=[root])
    found = opened().between(left, right)
    assert ([one.subject for one in found.commits], found.count, found.undone) == (["right"], 1, 1)


def test_a_commit_that_nothing_leads_to_has_no_history(work: WorkRepo, opened: Open) -> None:
    made = work.commit({"a": "1"}, "root")
    with pytest.raises(Error) as raised:
        opened().between(made, "0" * 39 + "1")
    assert raised.value.code == "SOURCE_UNREACHABLE"


def test_many_commits_are_counted_and_long_words_cut(
    work: WorkRepo, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = work.commit({"a": "0"}, "root")
    last = [work.commit({"a": str(number)}, "\x1b[31m\u202e" + "long " * 100) for number in range(1, 5)][-1]
    monkeypatch.setattr(git_between, "MAX_LISTED", 3)
    found = opened().between(first, last)
    assert (len(found.commits), found.count) == (3, 4)
    assert all(len(one.subject) <= git_between.MAX_SUBJECT + 10 for one in found.commits)


def test_words_that_are_no_utf_8_are_escaped(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"a": "0"}, "root")
    tree = work.git("rev-parse", "HEAD^{tree}")
    data = f"tree {tree}\nparent {first}\nauthor \xe9 <x> 1 +0000\ncommitter x <x> 1 +0000\n\n\xff\xfe\n"
    last = work.object("commit", data.encode("latin-1"))
    work.ref("refs/heads/main", last)
    (one,) = opened().between(first, last).commits
    assert one.subject.isprintable()
    assert one.time == datetime.fromtimestamp(1, UTC)


@pytest.mark.parametrize("bad", ["--all", "HEAD", "-n1", "a..b", "0" * 41])
def test_only_ids_are_asked_about(work: WorkRepo, opened: Open, bad: str) -> None:
    made = work.commit({"a": "1"})
    for pair in ((bad, made), (made, bad)):
        with pytest.raises(Error) as raised:
            opened().between(*pair)
        assert raised.value.code == "SOURCE_COMMIT_FORMAT"
