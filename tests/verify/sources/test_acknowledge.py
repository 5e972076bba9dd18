"""Whether the repository owns up to the package, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provenly.trust.model import Claimant
from provenly.verify.sources.acknowledge import MAX_LINE, Acknowledgement, Kind, acknowledgement, publishes
from provenly.verify.sources.source import find
from provenly.verify.sources.source_url import claim
from tests.simulator.repository import Files, MemoryForge, MemoryRepository, artifact, context

URL = "https://github.com/owner/name"
PUBLISH = "on: push\njobs:\n  x:\n    steps:\n      - run: npm publish --provenance\n"


def manifest(version: str, name: str = "pkg", **members: object) -> Mapping[str, object]:
    return {"name": name, "version": version, **members}


@pytest.fixture
def forge() -> MemoryForge:
    return MemoryForge()


@pytest.fixture
def repo(forge: MemoryForge) -> MemoryRepository:
    return forge.create("owner", "name")


def ask(forge: MemoryForge, files: Files, git_head: str = "") -> Acknowledgement:
    claims = tuple(filter(None, [claim(URL, Claimant.MANIFEST)]))
    item = artifact(files, claims=claims, published=None, git_head=git_head)
    return acknowledgement(find(item.package, item, context(forge)), item.package)


def test_version_in_a_manifest_at_a_tag(forge: MemoryForge, repo: MemoryRepository) -> None:
    commit = repo.commit({"package.json": manifest("1.0.0")}, tag="v1.0.0")
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(
        kind=Kind.VERSION, path="package.json", commit=commit, ref="refs/tags/v1.0.0"
    )


def test_version_in_a_manifest_of_the_default_branch(forge: MemoryForge, repo: MemoryRepository) -> None:
    commit = repo.commit({"package.json": {"name": "root"}, "packages/a/package.json": manifest("1.0.0")})
    repo.commit({"package.json": {"name": "root"}, "packages/a/package.json": manifest("1.1.0")})
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(
        kind=Kind.VERSION, path="packages/a/package.json", commit=commit, ref="refs/heads/main"
    )


def test_version_on_another_branch_only_is_not_enough(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("0.9.0")})
    head = repo.commit({"package.json": manifest("1.0.0")}, branch="robot")
    assert ask(forge, {"package.json": manifest("1.0.0")}, git_head=head).kind is Kind.NAME_ONLY


def test_version_on_another_branch_and_on_the_default_one(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0")})
    head = repo.commit({"package.json": manifest("1.0.0"), "a.js": "1"}, branch="release")
    assert ask(forge, {"package.json": manifest("1.0.0"), "a.js": "1"}, git_head=head).kind is Kind.VERSION


def test_commit_of_a_fork_acknowledges_nothing(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("0.9.0", name="other")})
    head = repo.commit({"package.json": manifest("1.0.0")}, orphan=True)
    assert ask(forge, {"package.json": manifest("1.0.0")}, git_head=head) == Acknowledgement(kind=Kind.NONE)


def test_tag_beside_a_manifest_that_never_changes(forge: MemoryForge, repo: MemoryRepository) -> None:
    commit = repo.commit({"package.json": manifest("0.0.0-development")}, tag="v1.0.0")
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(
        kind=Kind.TAG, path="package.json", commit=commit, ref="refs/tags/v1.0.0"
    )


def test_tag_of_a_repository_that_names_another_package(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0", name="victim"), ".github/workflows/x.yml": PUBLISH}, tag="v1.0.0")
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(kind=Kind.NONE)


@pytest.mark.parametrize("path", [".github/workflows/publish.yml", ".github/workflows/ci.yaml", ".gitlab-ci.yml"])
def test_workflow_that_publishes(forge: MemoryForge, repo: MemoryRepository, path: str) -> None:
    commit = repo.commit({"package.json": manifest("0.9.0"), path: PUBLISH})
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(
        kind=Kind.WORKFLOW, path=path, commit=commit, ref="refs/heads/main"
    )


@pytest.mark.parametrize("path", ["docs/.github/workflows/x.yml", ".github/workflows/old/x.yml", ".github/x.yml"])
def test_file_that_is_no_workflow(forge: MemoryForge, repo: MemoryRepository, path: str) -> None:
    repo.commit({"package.json": manifest("0.9.0"), path: PUBLISH})
    assert ask(forge, {"package.json": manifest("1.0.0")}).kind is Kind.NAME_ONLY


def test_workflow_without_the_name_is_no_leg_to_stand_on(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("0.9.0", name="other"), ".github/workflows/x.yml": PUBLISH})
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(kind=Kind.NONE)


def test_name_only(forge: MemoryForge, repo: MemoryRepository) -> None:
    commit = repo.commit({"package.json": manifest("0.9.0")})
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(
        kind=Kind.NAME_ONLY, path="package.json", commit=commit, ref="refs/heads/main"
    )


@pytest.mark.parametrize("version", ["1.0.0", "0.9.0"])
def test_private_manifest_acknowledges_nothing(forge: MemoryForge, repo: MemoryRepository, version: str) -> None:
    repo.commit({"package.json": manifest(version, private=True), ".github/workflows/x.yml": PUBLISH}, tag="v1.0.0")
    assert ask(forge, {"package.json": manifest("1.0.0")}) == Acknowledgement(kind=Kind.NONE)


def test_manifest_that_is_not_private_counts_beside_one_that_is(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(
        {"package.json": manifest("1.0.0", private=True), "packages/x/package.json": manifest("1.0.0", private=False)}
    )
    found = ask(forge, {"package.json": manifest("1.0.0")})
    assert (found.kind, found.path) == (Kind.VERSION, "packages/x/package.json")


@pytest.mark.parametrize(
    "line",
    [
        "npm publish",
        "npm publish --dry-run=false",
        "npm publish ./dist#readme",
        "        run: npm publish --provenance --access public",
        "npm --workspace packages/x publish",
        "npm -w=x publish",
        "npm run publish",
        "pnpm publish -r",
        "pnpm -r publish --no-git-checks",
        "pnpm --filter mcp publish",
        "yarn publish",
        "yarn npm publish",
        "bun publish",
        "pnpm changeset publish",
        "uses: changesets/action@v1",
        "npx semantic-release",
        "npx lerna publish from-package",
        "npx nx release --yes",
        "uses: JS-DevTools/npm-publish@v3",
    ],
)
def test_lines_that_publish(line: str) -> None:
    assert publishes(f"jobs:\n{line}\n".encode())


@pytest.mark.parametrize(
    "line",
    [
        "# npm publish",
        "run: npm test  # npm publish is done by hand",
        "run: npm run publish:docs",
        "run: npm run publish-storybook",
        "run: npm publish --dry-run",
        "run: npx semantic-release --dry-run",
        "npm ci",
        "npm test",
        "name: Publish",
        "npm-publish",
        "docker publish",
        "npm view publish",
        "",
        " " * MAX_LINE + "npm publish",
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert not publishes(f"jobs:\n{line}\n".encode())


def test_hostile_workflow_takes_no_time() -> None:
    assert not publishes(b"npm " * 200_000)
    assert not publishes(b"npm -" * 200_000)
    assert not publishes(b"npm -a\t" * 100_000 + b"\xff\xfe")
