"""A bundle answers what was asked, the same way, without network; hostile bundles are refused."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError, UsageError
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.forge.repository_bundle import BundleRepository, export_bundle, open_bundle
from provenly.verify.network.cache import Cache
from tests.simulator.forge import Forge
from tests.simulator.repositories import WorkRepo

URL = "https://github.com/acme/server"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with Forge(tmp_path_factory.mktemp("forge")) as running:
        yield running


@pytest.fixture(scope="module")
def work(forge: Forge) -> WorkRepo:
    made = forge.create("acme", "server")
    for n in range(6):
        made.commit({"pkg/package.json": f"{n}", "pkg/src/a.js": f"{n}\n" * 40, "other/huge.bin": bytes(9_000)})
    made.tag("v3", commit=made.git("rev-parse", "main~2"), annotated=True)
    return made


@pytest.fixture(scope="module")
def repository(forge: Forge, work: WorkRepo, tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    del work
    made = GitForge(Cache(tmp_path_factory.mktemp("cache"), NOW), [forge.mirror_option()]).open(URL)
    consult(made)
    return made


@pytest.fixture(scope="module")
def exported(repository: GitRepository, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("exported") / "source.bundle"
    export_bundle(repository, path)
    return path.read_bytes()


@pytest.fixture
def bundle(exported: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "source.bundle"
    path.write_bytes(exported)
    return path


def consult(repository: GitRepository | BundleRepository) -> list[object]:
    refs = repository.refs()
    commit = refs.tags["v3"]
    tree = repository.tree(commit)
    wanted = [tree["pkg/src/a.js"].blob, tree["pkg/package.json"].blob]
    history = repository.history("pkg/package.json")
    return [
        repository.url,
        refs,
        tree,
        repository.tree(history[-1].commit),
        repository.blobs(wanted),
        repository.contained(commit),
        repository.contained(history[-1].commit),
        repository.contained("1" * 40),
        history,
        repository.history("nowhere"),
    ]


def test_a_replay_gives_equal_answers(repository: GitRepository, bundle: Path, forge: Forge) -> None:
    asked = len(forge.requests)
    replay = open_bundle(bundle)
    assert consult(replay) == consult(repository)
    assert len(forge.requests) == asked
    replay.close()


def test_the_folder_of_a_replay_goes_with_it(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    replay = open_bundle(bundle)
    assert list(own.iterdir())
    replay.close()
    assert not list(own.iterdir())
    bundle.write_bytes(b"x")
    with pytest.raises(MalformedError):
        open_bundle(bundle)
    assert not list(own.iterdir())


def test_git_itself_can_read_it_and_it_holds_nothing_else(bundle: Path, tmp_path: Path) -> None:
    data = bundle.read_bytes()
    pack = tmp_path / "p.pack"
    pack.write_bytes(data[data.index(b"\n\nPACK") + 2 :])
    subprocess.run(["git", "index-pack", str(pack)], check=True, capture_output=True)
    index = pack.with_suffix(".idx").read_bytes()
    shown = subprocess.run(["git", "show-index"], input=index, capture_output=True, check=True)
    # Two commits, for each a root and two folders, a folder that is the same in both, two files, and the answers.
    assert len(shown.stdout.splitlines()) == 2 + 2 * 3 + 1 + 2 + 1


def test_what_was_not_asked_is_not_answered(bundle: Path, work: WorkRepo) -> None:
    replay = open_bundle(bundle)
    other = work.git("rev-parse", "main~1")
    for ask in (
        lambda: replay.tree(other),
        lambda: replay.blobs([work.git("rev-parse", "main:pkg/package.json")]),
        lambda: replay.contained(other),
        lambda: replay.history("package.json"),
    ):
        with pytest.raises(UnavailableError) as caught:
            ask()
        assert caught.value.code == "EVIDENCE_MISSING"
    with pytest.raises(UsageError):
        export_bundle(replay, bundle)


def test_nothing_was_asked(forge: Forge, tmp_path: Path) -> None:
    repository = GitForge(Cache(tmp_path / "cache", NOW), [forge.mirror_option()]).open(URL)
    export_bundle(repository, tmp_path / "empty.bundle")
    replay = open_bundle(tmp_path / "empty.bundle")
    assert replay.url == URL
    with pytest.raises(UnavailableError):
        replay.refs()


def refusal(path: Path) -> Error:
    with pytest.raises(Error) as caught:
        open_bundle(path)
    assert caught.value.message.isprintable()
    return caught.value


def test_a_single_changed_byte_is_noticed(bundle: Path) -> None:
    data = bundle.read_bytes()
    start = data.index(b"PACK")
    for position in range(start, len(data), 97):
        bundle.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        assert isinstance(refusal(bundle), MalformedError)


@pytest.mark.parametrize("length", [0, 1, 16, 40, 100, 200, -1, -30])
def test_a_bundle_that_is_cut_off(bundle: Path, length: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:length])
    assert refusal(bundle).code in {"SOURCE_BUNDLE", "SOURCE_MALFORMED"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"# v3 git bundle", b"# v2 git bundle"),
        (b"sha1", b"sha256"),
        (b"@filter=blob:none\n", b"@filter=blob:none\n-" + b"1" * 40 + b" prerequisite\n"),
        (b"refs/provenly/answers", b"refs/heads/main"),
        (b"refs/provenly/answers", b"refs/provenly/answers\x1b[31m"),
        (b" refs/provenly/answers\n", b" refs/provenly/answers\n" + b"1" * 40 + b" refs/provenly/answers\n"),
        (b"refs/provenly/commits/0", b"refs/provenly/commits/../x"),
    ],
)
def test_a_header_that_is_not_ours(bundle: Path, old: bytes, new: bytes) -> None:
    data = bundle.read_bytes()
    assert old in data
    bundle.write_bytes(data.replace(old, new, 1))
    assert refusal(bundle).code == "SOURCE_BUNDLE"


def pack_with(work: WorkRepo, path: Path, answers: str, *objects: str) -> None:
    oid = work.object("blob", answers.encode())
    names = "\n".join((oid, *objects)) + "\n"
    command = ["git", f"--git-dir={work.path}", "pack-objects", "-q", "--stdout"]
    pack = subprocess.run(command, input=names.encode(), capture_output=True, check=True).stdout
    header = f"# v3 git bundle\n@object-format=sha1\n@filter=blob:none\n{oid} refs/provenly/answers\n\n"
    path.write_bytes(header.encode() + pack)


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "[]",
        "{}",
        '{"schema":"provenly/source/2"}',
        '{"schema":"provenly/source/1","url":1}',
        '{"schema":"provenly/source/1","url":"x","refs":{},"trees":[]}',
        '{"schema":"provenly/source/1","url":"x","refs":null,"trees":["x"],"blobs":[],"omitted":[],"contained":{},"history":{}}',
        '{"schema":"provenly/source/1","url":"x","refs":null,"trees":[],"blobs":[1],"omitted":[],"contained":{},"history":{}}',
        '{"schema":"provenly/source/1","url":"x","refs":null,"trees":[],"blobs":[],"omitted":[],"contained":[],"history":{}}',
        '{"schema":"provenly/source/1","url":"x","refs":null,"trees":[],"blobs":[],"omitted":[],"contained":{},"history":{"p":3}}',
        '{"schema":"provenly/source/1","url":"x","refs":null,"trees":[],"blobs":[],"omitted":[],"contained":{},"history":{"p":[["a"]]}}',
    ],
)
def test_answers_that_are_not_ours(work: WorkRepo, tmp_path: Path, answers: str) -> None:
    pack_with(work, tmp_path / "b", answers)
    assert isinstance(refusal(tmp_path / "b"), MalformedError)


def test_objects_that_no_honest_git_writes(work: WorkRepo, tmp_path: Path) -> None:
    tree = work.tree_object([("100644", b".git", work.object("blob", b"x"))])
    commit = work.commit_tree(tree, ref="refs/heads/odd")
    pack_with(work, tmp_path / "b", "{}", commit, tree)
    assert refusal(tmp_path / "b").code == "SOURCE_MALFORMED"


def test_zero_padded_modes_are_excused_and_nothing_else(work: WorkRepo, tmp_path: Path) -> None:
    inner = work.tree_object([("100644", b"a.js", work.object("blob", b"x")), ("100644", b"b.js", "4" * 40)])
    commit = work.commit_tree(work.tree_object([("040000", b"src", inner)]), ref="refs/heads/padded")
    export = tmp_path / "b"
    pack_with(work, export, "{}", commit, inner, work.git("rev-parse", f"{commit}^{{tree}}"))
    assert refusal(export).code == "SOURCE_BUNDLE"  # its objects were accepted, its answers are none
    bad = work.tree_object([("040000", b".git", inner)])
    pack_with(work, export, "{}", bad)
    assert refusal(export).code == "SOURCE_MALFORMED"


def test_a_promise_that_the_objects_do_not_keep(bundle: Path, work: WorkRepo, tmp_path: Path) -> None:
    del bundle
    commit, tree = work.tip(), work.git("rev-parse", "main^{tree}")
    answers = (
        f'{{"schema":"provenly/source/1","url":"{URL}","refs":null,"trees":["{commit}","{tree}"],'
        f'"blobs":["{"3" * 40}"],"omitted":[],"contained":{{}},"history":{{}}}}'
    )
    pack_with(work, tmp_path / "b", answers, tree)
    replay = open_bundle(tmp_path / "b")
    for ask in (lambda: replay.tree(commit), lambda: replay.tree(tree), lambda: replay.blobs(["3" * 40])):
        with pytest.raises((MalformedError, UnavailableError)):
            ask()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").code == "EVIDENCE_FILE"
    assert refusal(tmp_path).code == "EVIDENCE_FILE"
