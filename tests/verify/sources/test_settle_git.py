"""The search for a better commit in real repositories, hostile ones among them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provenly import api
from provenly.report import json_report, terminal
from provenly.trust.model import Claimant
from provenly.trust.source import FoundBy
from provenly.verify.explain.scene import NO_TOOLS
from provenly.verify.forge.git_line import NEWER
from provenly.verify.forge.repository import GitForge
from provenly.verify.network.cache import Cache
from provenly.verify.sources.settle import MAX_COMPARED, Settled, settle
from provenly.verify.sources.source import find
from provenly.verify.sources.source_url import claim
from tests.simulator.forge import Forge
from tests.simulator.repositories import EPOCH, WorkRepo
from tests.simulator.repository import MemoryForge, artifact, context
from tests.world import INDEX, SEND, World, check_report, files

COMMITS = 100_000
TAGS = 40_000


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with Forge(tmp_path / "forge") as running:
        yield running


@pytest.fixture
def repo(forge: Forge) -> WorkRepo:
    return forge.create("owner", "name")


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache", EPOCH) as opened:
        yield opened


def tree(version: str, code: str) -> dict[str, str | bytes | None]:
    return {"package.json": json.dumps({"name": "pkg", "version": version, "main": "index.js"}), "index.js": code}


def look(forge: Forge, cache: Cache, packed: dict[str, str | bytes | None], *, local: bool = False) -> Settled:
    claims = tuple(filter(None, [claim("owner/name", Claimant.MANIFEST)]))
    given = {path: content for path, content in packed.items() if content is not None}
    item = artifact(given, claims=claims, published=None, git_head="")
    mirror = forge.local_mirror_option() if local else forge.mirror_option()
    surroundings = replace(context(MemoryForge()), forge=GitForge(cache, [mirror]))
    return settle(find(item.package, item, surroundings), item, surroundings, surface=None, tools=NO_TOOLS)


def outcome(settled: Settled) -> tuple[str, FoundBy, int]:
    source = settled.found.source
    return source.commit, source.found_by, len(settled.comparison.unexplained)


def test_a_commit_after_the_tag(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit(tree("1.0.0", "1"))
    repo.tag("v1.0.0")
    released = repo.commit({"index.js": "2"})
    repo.commit(tree("1.1.0", "3"))
    assert outcome(look(forge, cache, tree("1.0.0", "2"))) == (released, FoundBy.SEARCH, 0)


def test_the_commits_of_a_round_come_in_one_request(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit(tree("1.0.0", "1"))
    repo.tag("v1.0.0")
    for number in range(12):
        repo.commit({"index.js": f"{number} of 12"})
    assert outcome(look(forge, cache, tree("1.0.0", "7 of 12")))[1:] == (FoundBy.SEARCH, 0)
    packs = [request for request in forge.requests if request.path.endswith("git-upload-pack")]
    assert len(packs) < 40
    forge.requests.clear()
    look(forge, cache, tree("1.0.0", "7 of 12"))
    # Of everything but the branches and tags nothing is asked twice.
    assert {request.method for request in forge.requests if "info/refs" not in request.path} <= {"POST"}
    assert len(forge.requests) <= 3


def test_what_was_merged_is_reached_by_the_merge_only(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    tagged = repo.commit(tree("1.0.0", "1"))
    repo.tag("v1.0.0")
    repo.branch("side", tagged)
    step = repo.commit({"index.js": "a step of somebody's branch"}, ref="refs/heads/side")
    last = repo.commit({"index.js": "as it was merged"}, ref="refs/heads/side")
    merge = repo.commit({"index.js": "as it was merged"}, parents=[tagged, last])
    repo.commit({"index.js": "later"})
    assert outcome(look(forge, cache, tree("1.0.0", "as it was merged"))) == (merge, FoundBy.SEARCH, 0)
    settled = look(forge, cache, tree("1.0.0", "a step of somebody's branch"))
    assert outcome(settled) == (tagged, FoundBy.TAG, 1)
    assert step not in {item.commit for item in settled.found.source.candidates}


@pytest.mark.parametrize("ref", ["refs/pull/7/head", "refs/heads/stranger", "refs/notes/x", "refs/changes/01/1/1"])
def test_code_that_the_default_branch_does_not_lead_to(forge: Forge, repo: WorkRepo, cache: Cache, ref: str) -> None:
    tagged = repo.commit(tree("1.0.0", "1"))
    repo.tag("v1.0.0")
    repo.commit({"index.js": "2"})
    repo.commit({"index.js": "trojan"}, ref=ref, parents=[tagged])
    assert outcome(look(forge, cache, tree("1.0.0", "trojan")))[1:] == (FoundBy.TAG, 1)


def test_a_tag_that_lies(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    """It is on a stranger's code with another version: what is on the default branch explains the package."""
    repo.commit(tree("0.9.0", "old"))
    real = repo.commit(tree("1.0.0", "real"))
    repo.commit(tree("1.0.1", "next"))
    repo.commit(tree("0.0.1", "lie"), ref="refs/heads/side", parents=[real])
    repo.tag("v1.0.0", commit=repo.tip("refs/heads/side"))
    assert outcome(look(forge, cache, tree("1.0.0", "real")))[0] == real
    # Code that is there only because of the lie is found, since a tag leads to it, and called no better than it is.
    commit, found_by, _ = outcome(look(forge, cache, tree("1.0.0", "lie")))
    assert (commit, found_by) == (repo.tip("refs/heads/side"), FoundBy.SEARCH)


def test_another_default_branch(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit(tree("1.0.0", "1"), ref="refs/heads/trunk")
    repo.tag("v1.0.0", commit=repo.tip("refs/heads/trunk"))
    released = repo.commit({"index.js": "2"}, ref="refs/heads/trunk")
    repo.commit(tree("1.0.0", "3"))
    repo.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    assert outcome(look(forge, cache, tree("1.0.0", "2"))) == (released, FoundBy.SEARCH, 0)
    assert outcome(look(forge, cache, tree("1.0.0", "3")))[1:] == (FoundBy.TAG, 1)


def test_a_hundred_thousand_commits(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    """All under one version, each with other code: the window, the trees and the comparisons are counted."""
    head = b"blob\nmark :1\ndata %d\n%s\n" % (len(text := _text("1.0.0")), text)
    row = b"commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 1\nx\n%s"
    row += b"M 100644 inline index.js\ndata %d\n%d\n"
    rows = [
        row % (1_700_000_000 + number, b"" if number else b"M 100644 :1 package.json\n", len(str(number)), number)
        for number in range(COMMITS)
    ]
    repo.git("fast-import", "--quiet", stdin=head + b"".join(rows))
    middle = repo.git("rev-parse", f"main~{COMMITS // 2}")
    repo.tag("v1.0.0", commit=middle)
    start = time.monotonic()
    settled = look(forge, cache, tree("1.0.0", "evil"), local=True)
    assert outcome(settled) == (middle, FoundBy.TAG, 1)
    assert time.monotonic() - start < 60
    text = next(note.text for note in settled.found.source.notes if note.code == "SOURCE_SEARCH")
    assert f"{MAX_COMPARED} further commits compared" in text
    near = look(forge, cache, tree("1.0.0", str(COMMITS // 2 + 3)), local=True)
    assert outcome(near)[1:] == (FoundBy.SEARCH, 0)
    far = look(forge, cache, tree("1.0.0", str(COMMITS // 2 + NEWER + 3)), local=True)
    assert outcome(far) == (middle, FoundBy.TAG, 1)


def _text(version: str) -> bytes:
    text = tree(version, "")["package.json"]
    assert isinstance(text, str)
    return text.encode()


def test_tens_of_thousands_of_tags(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit(tree("0.0.0", "0"))
    tagged = repo.commit(tree("0.0.0", "1"))
    with (repo.path / "packed-refs").open("ab") as file:
        file.writelines(b"%s refs/tags/v0.%d.0\n" % (tagged.encode(), number) for number in range(TAGS))
    released = repo.commit({"index.js": "2"})
    start = time.monotonic()
    settled = look(forge, cache, tree("0.7.0", "2"), local=True)
    assert time.monotonic() - start < 30
    assert outcome(settled)[:2] in {(tagged, FoundBy.TAG), (released, FoundBy.SEARCH)}
    assert len(settled.found.source.candidates) < 20


def stale(world: World) -> str:
    """Tag a version before its last change, and publish what came after it."""
    world.commit()
    changed = SEND + "// a comment\n"
    commit = world.repository.commit({"lib/send.js": changed})
    world.repository.commit(files("1.1.0"), "Release 1.1.0")
    world.publish("1.0.0", files() | {"lib/send.js": changed})
    return commit


def test_a_report_says_how_it_was_found_and_a_replay_says_the_same(world: World, tmp_path: Path) -> None:
    commit = stale(world)
    report = world.verify(save_evidence=str(tmp_path / "evidence"))
    assert (report.source.commit, report.source.found_by) == (commit, FoundBy.SEARCH)
    found = {item.check: item for item in report.evidence}
    assert found["source-match"].status == "passed"
    assert "a commit found by search" in found["source-match"].summary
    assert found["source-reachable"].strength == "search"
    assert (found["version-known"].status, found["version-known"].strength) == ("passed", "tag")
    assert found["version-known"].facts["found_by"] == "search"
    assert found["source-acknowledged"].strength == "version"
    document = check_report(report)
    assert document["source"]["found_by"] == "search"
    assert "SOURCE_SEARCH" in {note["code"] for note in document["source"]["notes"]}
    text = terminal.render(report, verbose=True, width=100, colour=False)
    assert "searched for, the one that explains the most, on main" in text
    assert "1 further commit compared" in " ".join(text.split())
    again = api.verify_package(str(tmp_path / "evidence"))
    assert json_report.render(again) == json_report.render(report)


def test_a_trojan_is_searched_for_in_vain_and_a_replay_says_the_same(world: World, tmp_path: Path) -> None:
    stale(world)
    world.publish("1.0.0", files() | {"index.js": INDEX + "evil();\n", "lib/send.js": SEND + "// a comment\n"})
    report = world.verify(save_evidence=str(tmp_path / "evidence"))
    assert [file.path for file in report.comparison.unexplained] == ["index.js"]
    assert {item.check: item.status for item in report.evidence}["source-match"] == "failed"
    again = api.verify_package(str(tmp_path / "evidence"))
    assert json_report.render(again) == json_report.render(report)
