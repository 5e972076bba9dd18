"""Repositories through real git against a real server on loopback: what is fetched, and what is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import Error, NotFoundError, UnavailableError
from provenly.trust.source import TreeEntry
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.network.cache import Cache
from tests.simulator.forge import Forge
from tests.simulator.repositories import WorkRepo

URL = "https://github.com/acme/server"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
Open = Callable[..., GitRepository]


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as running:
        yield running


@pytest.fixture
def work(forge: Forge) -> WorkRepo:
    return forge.create("acme", "server")


@pytest.fixture
def opened(forge: Forge, tmp_path: Path) -> Open:
    def make(*, offline: bool = False, local: bool = False, seconds: float = 60, cache: str = "cache") -> GitRepository:
        mirror = forge.local_mirror_option() if local else forge.mirror_option()
        return GitForge(Cache(tmp_path / cache, NOW), [mirror], offline=offline, seconds=seconds).open(URL)

    return make


def held(repository: GitRepository, name: str) -> dict[str, int]:
    """Return how many objects of each kind a bare repository of the cache holds."""
    with repository.store.held() as folder:
        git = repository.store.git(folder, name)
        kinds = git.check("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").decode().split()
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def refusal(ask: Callable[[], object]) -> Error:
    with pytest.raises(Error) as caught:
        ask()
    assert "\x1b" not in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


def history_of_ten(work: WorkRepo) -> list[str]:
    return [
        work.commit(
            {"package.json": f'{{"version":"1.0.{n}"}}', f"src/{n}.js": f"{n}\n" * 50, "docs/x.md": f"{n}" * 999}
        )
        for n in range(10)
    ]


def test_only_what_is_asked_for_is_fetched(work: WorkRepo, opened: Open) -> None:
    commits = history_of_ten(work)
    repository = opened()
    tree = repository.tree(commits[4])
    assert sorted(tree) == ["docs/x.md", "package.json", *(f"src/{n}.js" for n in range(5))]
    assert held(repository, "content") == {"commit": 1, "tree": 3}
    blobs = repository.blobs([tree["package.json"].blob, tree["src/0.js"].blob])
    assert blobs == {tree["package.json"].blob: b'{"version":"1.0.4"}', tree["src/0.js"].blob: b"0\n" * 50}
    assert held(repository, "content") == {"blob": 2, "commit": 1, "tree": 3}


def test_history_without_files_answers_what_leads_to_a_commit(work: WorkRepo, opened: Open) -> None:
    commits = history_of_ten(work)
    work.branch("release", commits[6])
    work.tag("v5", commit=commits[5], annotated=True)
    repository = opened()
    assert list(repository.contained(commits[2])) == ["refs/heads/main", "refs/heads/release", "refs/tags/v5"]
    assert list(repository.contained(commits[8])) == ["refs/heads/main"]
    assert held(repository, "history") == {"commit": 10, "tag": 1}


def test_a_commit_on_which_a_ref_stands_needs_no_history(work: WorkRepo, opened: Open, forge: Forge) -> None:
    commits = history_of_ten(work)
    work.tag("v1.0.3", commit=commits[3], annotated=True)
    repository = opened()
    repository.refs()
    asked = len(forge.requests)
    assert list(repository.contained(commits[3])) == ["refs/tags/v1.0.3"]
    assert len(forge.requests) == asked


def test_a_branch_on_a_commit_does_not_hide_that_the_default_one_leads_there(work: WorkRepo, opened: Open) -> None:
    commits = history_of_ten(work)
    work.branch("v2/main", commits[3])
    assert list(opened().contained(commits[3])) == ["refs/heads/main", "refs/heads/v2/main"]


def test_a_commit_of_a_pull_request_is_fetched_by_id_and_contained_in_nothing(work: WorkRepo, opened: Open) -> None:
    base = history_of_ten(work)[-1]
    imposter = work.commit({"evil.js": "evil()"}, ref="refs/pull/66/head", parents=[base])
    for ref in ("refs/merge-requests/1/head", "refs/changes/01/1/1", "refs/stash"):
        work.ref(ref, imposter)
    repository = opened()
    assert "evil.js" in repository.tree(imposter)
    assert repository.contained(imposter) == ()
    assert list(repository.refs().heads) == ["main"]
    assert repository.refs().tags == {}


def test_refs_are_peeled_and_hostile_ones_counted(work: WorkRepo, opened: Open) -> None:
    commit = work.commit({"a": "1"})
    work.tag("light", commit=commit)
    inner = work.tag("annotated", commit=commit, annotated=True)
    work.tag("chain", commit=inner, annotated=True)
    work.branch("-x", commit)
    work.tag("--upload-pack=touch", commit=commit)
    refs = opened().refs()
    assert refs.default == "main"
    assert refs.tags == {"light": commit, "annotated": commit, "chain": commit}
    assert refs.heads == {"main": commit}
    assert refs.refused == 2


def test_a_moved_tag_is_seen_in_the_next_run(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"a": "1"})
    second = work.commit({"a": "2"})
    work.tag("v1", commit=first)
    assert opened().refs().tags["v1"] == first
    assert opened().contained(first) == ("refs/tags/v1",)
    work.tag("v1", commit=second)
    work.branch("main", second)
    assert opened().refs().tags["v1"] == second
    assert list(opened().contained(first)) == ["refs/heads/main", "refs/tags/v1"]
    work.git("update-ref", "-d", "refs/tags/v1")
    assert list(opened().contained(first)) == ["refs/heads/main"]


def test_a_tag_of_a_tree_or_file_is_no_commit(work: WorkRepo, opened: Open) -> None:
    work.commit({"a": "1"})
    tree, blob = work.git("rev-parse", "main^{tree}", "main:a").split()
    work.tag("tree", commit=tree)
    work.tag("blob", commit=blob)
    repository = opened()
    for name in ("tree", "blob"):
        for _ in range(2):
            assert refusal(lambda name=name: repository.tree(repository.refs().tags[name])).code == "SOURCE_NOT_COMMIT"


@pytest.mark.parametrize("oid", ["", "main", "HEAD", "v1", "1" * 39, "A" * 40, "1" * 40 + "\n", "--all", "a" * 64])
def test_only_full_ids_are_taken(work: WorkRepo, opened: Open, oid: str) -> None:
    work.commit({"a": "1"})
    repository = opened()
    for ask in (repository.tree, repository.contained, lambda one: repository.blobs([one])):
        assert refusal(lambda ask=ask: ask(oid)).code == "SOURCE_COMMIT_FORMAT"


def test_a_commit_or_file_that_is_not_there(work: WorkRepo, opened: Open) -> None:
    work.commit({"a": "1"})
    repository = opened()
    for ask in (lambda: repository.tree("1" * 40), lambda: repository.blobs(["2" * 40])):
        error = refusal(ask)
        assert isinstance(error, NotFoundError)
        assert error.code == "SOURCE_COMMIT_NOT_FOUND"
    assert repository.contained("1" * 40) == ()
    tree = work.git("rev-parse", "main^{tree}")
    repository.tree(work.tip())
    assert refusal(lambda: repository.blobs([tree])).code == "SOURCE_NOT_FILE"


def test_history_is_the_first_parent_line_of_the_default_branch(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"pkg/a/package.json": "1", "pkg/b/package.json": "b"})
    work.commit({"other": "x"})
    side = work.commit({"pkg/a/package.json": "side"}, ref="refs/heads/side", parents=[first])
    merge = work.commit({"pkg/a/package.json": "merged"}, parents=[work.tip(), side])
    work.commit({"pkg/a/package.json": None})
    last = work.commit({"pkg/a/package.json": "3"}, date=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    repository = opened()
    changes = repository.history("pkg/a/package.json")
    assert [change.commit for change in changes] == [last, merge, first]
    assert changes[0].time == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    contents = repository.blobs(change.blob for change in changes)
    assert [contents[change.blob] for change in changes] == [b"3", b"merged", b"1"]
    assert [change.commit for change in repository.history("pkg/b/package.json")] == [first]
    assert repository.history("nowhere") == ()
    assert repository.history("pkg/*/package.json") == ()
    assert "blob" not in held(repository, "paths-3")


@pytest.mark.parametrize(
    "extra", ["", '[uploadpackfilter "tree"]\n\tmaxDepth = 0\n', '[uploadpackfilter "combine"]\n\tallow = false\n']
)
def test_history_from_servers_that_refuse_some_filters(tmp_path: Path, extra: str) -> None:
    with Forge(tmp_path / "strict", extra=extra) as forge:
        work = forge.create("acme", "server")
        commits = [work.commit({"a/b/package.json": f"{n}", f"c/d/e/{n}": "x", "f": f"{n}"}) for n in range(5)]
        repository = GitForge(Cache(tmp_path / "cache", NOW), [forge.mirror_option()]).open(URL)
        assert [change.commit for change in repository.history("a/b/package.json")] == commits[::-1]
        assert held(repository, "paths-3") == {"commit": 5, "tree": 30 if extra else 25}


def test_history_grows_with_the_branch(work: WorkRepo, opened: Open) -> None:
    first = work.commit({"d/package.json": "1"})
    assert [change.commit for change in opened().history("d/package.json")] == [first]
    second = work.commit({"d/package.json": "2"})
    assert [change.commit for change in opened().history("d/package.json")] == [second, first]


def test_offline_answers_what_was_asked_before_and_nothing_else(work: WorkRepo, opened: Open, forge: Forge) -> None:
    commits = history_of_ten(work)

    def ask(repository: GitRepository) -> list[object]:
        tree = repository.tree(commits[3])
        blobs = repository.blobs([tree["package.json"].blob])
        history = repository.history("package.json")
        return [repository.refs(), tree, blobs, repository.contained(commits[1]), history]

    online = ask(opened())
    asked = len(forge.requests)
    work.commit({"a": "later"})
    assert ask(opened(offline=True)) == online
    assert len(forge.requests) == asked
    cold = opened(offline=True)
    for question in (lambda: cold.tree(commits[9]), lambda: cold.blobs(["3" * 40]), lambda: cold.history("src/1.js")):
        error = refusal(question)
        assert isinstance(error, UnavailableError)
        assert error.code == "OFFLINE"
    assert refusal(lambda: opened(offline=True, cache="empty").refs()).code == "OFFLINE"
    assert len(forge.requests) == asked


@pytest.mark.parametrize("offline", [False, True])
def test_a_mirror_that_is_a_path_is_read_even_offline(
    work: WorkRepo, opened: Open, forge: Forge, offline: bool
) -> None:
    commits = history_of_ten(work)
    (work.path / "config").unlink()  # like a copy that somebody made by hand
    repository = opened(local=True, offline=offline)
    for commit in commits[:3]:
        tree = repository.tree(commit)
        assert repository.blobs([tree["package.json"].blob])
    assert len(repository.history("package.json")) == 10
    assert list(repository.contained(commits[1])) == ["refs/heads/main"]
    assert held(repository, "content")["blob"] == 3
    assert not forge.requests


def test_a_mirror_that_is_not_there(opened: Open) -> None:
    for local in (False, True):
        error = refusal(lambda local=local: opened(local=local).refs())
        assert isinstance(error, NotFoundError)
        assert error.code == "SOURCE_NOT_FOUND"


def test_an_empty_repository(work: WorkRepo, opened: Open) -> None:
    del work
    assert refusal(lambda: opened().refs()).code == "SOURCE_EMPTY"


def test_modes_and_odd_names(work: WorkRepo, opened: Open) -> None:
    link, program = "120000", "100755"
    commit = work.commit(
        {
            "link": "../../etc/passwd",
            "run": "#!",
            "sub": b"1" * 40,
            "\x1b[31m": "x",
            "-rf": "x",
            "caf\udce9": "x",
            "ü": "x",
        },
        modes={"link": link, "run": program, "sub": "160000"},
    )
    tree = opened().tree(commit)
    assert tree["link"].mode == link
    assert tree["run"].mode == program
    assert tree["sub"] == TreeEntry(mode="160000", blob="1" * 40)
    assert set(tree) == {"link", "run", "sub", "\x1b[31m", "-rf", "ü"}


def test_attributes_and_submodules_of_the_repository_mean_nothing(work: WorkRepo, opened: Open, forge: Forge) -> None:
    attributes = "* filter=x text eol=crlf ident export-subst export-ignore working-tree-encoding=UTF-16\n"
    modules = '[submodule "x"]\n\tpath = sub\n\turl = -u./payload\n\tupdate = !touch /tmp/x\n'
    commit = work.commit({".gitattributes": attributes, ".gitmodules": modules, "a.js": "$Id$\r\n$Format:%H$\n"})
    repository = opened()
    tree = repository.tree(commit)
    assert repository.blobs([tree["a.js"].blob]) == {tree["a.js"].blob: b"$Id$\r\n$Format:%H$\n"}
    assert {request.path.split("/")[2] for request in forge.requests} == {"server.git"}


def test_a_huge_file_is_left_out_and_the_others_are_read(work: WorkRepo, opened: Open) -> None:
    commit = work.commit({"huge": b"\0" * (17 << 20), "small": "1"})
    for _ in range(2):
        repository = opened()
        tree = repository.tree(commit)
        assert repository.blobs(entry.blob for entry in tree.values()) == {tree["small"].blob: b"1"}


def test_a_server_without_partial_clone_is_read_all_the_same(tmp_path: Path) -> None:
    with Forge(tmp_path / "old", filters=False, any_object=False) as forge:
        work = forge.create("acme", "server")
        commits = history_of_ten(work)
        repository = GitForge(Cache(tmp_path / "cache", NOW), [forge.mirror_option()]).open(URL)
        tree = repository.tree(commits[7])
        assert repository.blobs([tree["src/7.js"].blob]) == {tree["src/7.js"].blob: b"7\n" * 50}
        assert list(repository.contained(commits[1])) == ["refs/heads/main"]
        assert len(repository.history("package.json")) == 10


def test_a_damaged_cache_is_fetched_again(work: WorkRepo, opened: Open) -> None:
    commit = work.commit({"package.json": "1", "src/a.js": "a\n" * 500})
    before = opened().tree(commit)
    with opened().store.held() as folder:
        for pack in folder.glob("content.git/objects/pack/*.pack"):
            pack.chmod(0o600)
            pack.write_bytes(pack.read_bytes()[:40] + bytes(len(pack.read_bytes()) - 40))
        (folder / "refs.json").write_text("{}")
    offline = opened(offline=True)
    assert refusal(lambda: offline.tree(commit)).code == "OFFLINE"
    repository = opened()
    assert repository.tree(commit) == before
    assert refusal(lambda: opened(offline=True, cache="other").refs()).code == "OFFLINE"


def test_several_at_once_share_one_cache(work: WorkRepo, opened: Open) -> None:
    commits = history_of_ten(work)
    answers: list[object] = []

    def ask() -> None:
        repository = opened()
        tree = repository.tree(commits[5])
        answers.append((tree, repository.blobs([tree["src/5.js"].blob]), repository.contained(commits[2])))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)
