"""The same questions asked of real git: repositories on loopback, over smart HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.model import Claimant
from provenly.trust.source import FoundBy
from provenly.verify.forge.repository import GitForge
from provenly.verify.network.cache import Cache
from provenly.verify.sources.acknowledge import Kind, acknowledgement
from provenly.verify.sources.source import Found, find
from provenly.verify.sources.source_url import claim
from tests.simulator.forge import Forge, Misbehaviour
from tests.simulator.repositories import EPOCH, WorkRepo
from tests.simulator.repository import Files, MemoryForge, artifact, context


def manifest(version: str, name: str = "pkg") -> str:
    return json.dumps({"name": name, "version": version})


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


def look(forge: Forge, cache: Cache, files: Files, git_head: str = "", spelling: str = "owner/name") -> Found:
    claims = tuple(filter(None, [claim(spelling, Claimant.MANIFEST)]))
    item = artifact(files, claims=claims, published=EPOCH + timedelta(days=30), git_head=git_head)
    opened = GitForge(cache, [forge.mirror_option()])
    return find(item.package, item, replace(context(MemoryForge()), forge=opened))


def kind(found: Found, files: Files) -> Kind:
    package = artifact(files, claims=(), published=None, git_head="").package
    return acknowledgement(found, package).kind


def test_annotated_tag_in_a_monorepo(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    files = {"package.json": manifest("1.0.0"), "README.md": "hello"}
    tagged = repo.commit(
        {
            "package.json": json.dumps({"name": "root", "private": True}),
            "packages/mcp/package.json": manifest("1.0.0"),
            "packages/mcp/README.md": "hello",
            "packages/cli/package.json": manifest("1.0.0", name="cli"),
        }
    )
    repo.tag("pkg@1.0.0", annotated=True)
    repo.commit({"packages/mcp/package.json": manifest("1.1.0")})
    repo.tag("cli@1.0.0")
    found = look(forge, cache, files, spelling="git+ssh://git@github.com/owner/name.git")
    assert (found.source.commit, found.source.found_by, found.source.directory) == (
        tagged,
        FoundBy.TAG,
        "packages/mcp",
    )
    assert found.inspections[0].identical == 2
    assert kind(found, files) is Kind.VERSION


def test_history_without_tags(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit({"package.json": manifest("0.9.0")})
    setter = repo.commit({"package.json": manifest("1.0.0")})
    repo.commit({"index.js": "1"})
    repo.commit({"package.json": manifest("1.1.0")})
    files = {"package.json": manifest("1.0.0")}
    found = look(forge, cache, files)
    assert (found.source.commit, found.source.found_by) == (setter, FoundBy.MANIFEST_EQUAL)
    assert kind(found, files) is Kind.VERSION


@pytest.mark.parametrize("hidden", ["refs/pull/66/head", "refs/merge-requests/1/head"])
def test_commit_of_a_pull_request_does_not_count(forge: Forge, repo: WorkRepo, cache: Cache, hidden: str) -> None:
    base = repo.commit({"package.json": manifest("1.0.0"), "index.js": "honest"})
    evil = repo.commit({"package.json": manifest("1.0.1"), "index.js": "evil"}, ref=hidden, parents=[base])
    files = {"package.json": manifest("1.0.1"), "index.js": "evil"}
    found = look(forge, cache, files, git_head=evil)
    assert (found.source.commit, found.source.found_by) == (base, FoundBy.NEAREST)
    assert [note.code for note in found.source.notes] == ["IMPOSTER_COMMIT"]
    assert kind(found, files) is Kind.NAME_ONLY


def test_git_head_behind_the_tip(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    head = repo.commit({"package.json": manifest("1.0.0")})
    repo.commit({"package.json": manifest("1.1.0")})
    found = look(forge, cache, {"package.json": manifest("1.0.0")}, git_head=head)
    assert (found.source.commit, found.source.found_by) == (head, FoundBy.GIT_HEAD)
    assert found.source.candidates[0].reachable is True


def test_version_that_git_does_not_know(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit({"package.json": manifest("1.0.0"), "index.js": "send(to)"})
    repo.tag("v1.0.0")
    files = {"package.json": manifest("1.0.16"), "index.js": "send(to, bcc)"}
    found = look(forge, cache, files)
    assert (found.source.found_by, found.source.candidates[0].name) == (FoundBy.NEAREST, "v1.0.0")
    assert kind(found, files) is Kind.NAME_ONLY


def test_victims_repository_is_claimed(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit({"package.json": manifest("1.0.0", name="victim"), ".github/workflows/r.yml": "run: npm publish\n"})
    repo.tag("v1.0.0")
    files = {"package.json": manifest("1.0.0")}
    assert kind(look(forge, cache, files), files) is Kind.NONE


def test_repository_that_is_not_there(forge: Forge, cache: Cache) -> None:
    with pytest.raises(NotFoundError):
        look(forge, cache, {"package.json": manifest("1.0.0")})


def test_repository_that_asks_for_a_password(forge: Forge, repo: WorkRepo, cache: Cache) -> None:
    repo.commit({"package.json": manifest("1.0.0")})
    forge.misbehave("owner/name", Misbehaviour.UNAUTHORIZED)
    with pytest.raises(UnavailableError):
        look(forge, cache, {"package.json": manifest("1.0.0")})
