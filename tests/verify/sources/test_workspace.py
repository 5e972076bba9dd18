"""Where a package is inside its repository."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from provenly.trust.source import TreeEntry
from provenly.verify.sources.workspace import BATCH, MAX_MANIFEST, MAX_MANIFESTS, Place, Workspace
from tests.simulator.repository import MemoryRepository


def place_of(files: Mapping[str, object], hint: str = "") -> tuple[Place | None, Workspace]:
    repo = MemoryRepository(url="https://github.com/owner/name")
    commit = repo.commit(files)  # type: ignore[arg-type]
    workspace = Workspace(repo, "@scope/pkg")
    return workspace.locate(repo.trees[commit], hint), workspace


def named(**members: object) -> Mapping[str, object]:
    return {"name": "@scope/pkg", "version": "1.0.0", **members}


OTHER = {"name": "other"}


@pytest.mark.parametrize(
    ("files", "hint", "directory"),
    [
        ({"package.json": named()}, "", ""),
        ({"package.json": named(), "a/package.json": named()}, "", ""),
        ({"package.json": named(), "a/package.json": named()}, "a", "a"),
        ({"package.json": OTHER, "a/package.json": named()}, "", "a"),
        ({"package.json": OTHER, "a/package.json": OTHER, "b/c/package.json": named()}, "a", "b/c"),
        ({"z/package.json": named(), "a/b/package.json": named()}, "", "z"),
        ({"x/a/package.json": named(), "packages/z/package.json": named()}, "", "packages/z"),
        ({"x/pkg/package.json": named(), "a/package.json": named()}, "", "x/pkg"),
        ({"test/pkg/package.json": named(), "x/y/z/package.json": named()}, "", "x/y/z"),
        ({"test/pkg/package.json": named()}, "test/pkg", "test/pkg"),
        ({"package.json": named(private=True), "a/package.json": named()}, "", "a"),
        ({"package.json": named(private=True)}, "", ""),
    ],
)
def test_place(files: Mapping[str, object], hint: str, directory: str) -> None:
    place, workspace = place_of(files, hint)
    assert place is not None
    assert (place.directory, place.version, workspace.notes) == (directory, "1.0.0", [])
    assert place.path == (f"{directory}/package.json" if directory else "package.json")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"package.json": OTHER},
        {"package.json": {"name": "@scope/pkg-cli"}},
        {"package.json": {"name": ["@scope/pkg"]}},
        {"xpackage.json": named(), "package.json.bak": named(), "package.json/x": "y"},
        {"node_modules/@scope/pkg/package.json": named(), "fixtures/package.json": named()},
    ],
)
def test_no_place(files: Mapping[str, object]) -> None:
    assert place_of(files)[0] is None


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_links_and_submodules_are_no_manifests(mode: str) -> None:
    repo = MemoryRepository(url="https://github.com/owner/name")
    commit = repo.commit({"package.json": named()})  # type: ignore[dict-item]
    blob = repo.trees[commit]["package.json"].blob
    assert Workspace(repo, "@scope/pkg").locate({"package.json": TreeEntry(mode=mode, blob=blob)}, "") is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"name":"@scope/pkg","name":"@scope/pkg"}',
        b"\xff",
        json.dumps({"name": "@scope/pkg", "x": "y" * MAX_MANIFEST}),
    ],
)
def test_manifest_that_cannot_be_read_is_noted(content: str) -> None:
    place, workspace = place_of({"package.json": content, "a/package.json": named()})
    assert place is not None
    assert place.directory == "a"
    assert [note.code for note in workspace.notes] == ["SOURCE_MANIFEST_UNREAD"]


@pytest.mark.parametrize(
    ("value", "private"), [(True, True), ("false", True), (1, True), (False, False), (None, False), ("", False)]
)
def test_private_is_what_npm_takes_for_it(value: object, private: bool) -> None:
    place, _ = place_of({"package.json": named(private=value)})
    assert place is not None
    assert place.private is private


def test_number_of_manifests_is_limited_and_said() -> None:
    files = {f"d{number:04}/package.json": {"name": f"n{number}"} for number in range(MAX_MANIFESTS + 1)}
    place, workspace = place_of(files)
    assert place is None
    assert [note.code for note in workspace.notes] == ["SOURCE_MANIFESTS"]


def test_manifests_are_asked_for_in_batches_and_once() -> None:
    repo = MemoryRepository(url="https://github.com/owner/name")
    files = {f"d{number:04}/package.json": {"name": f"n{number}"} for number in range(2 * BATCH)}
    commit = repo.commit(files)  # type: ignore[arg-type]
    workspace = Workspace(repo, "@scope/pkg")
    for _ in range(2):
        assert workspace.locate(repo.trees[commit], "") is None
    assert repo.asked == ["2 blobs", f"{BATCH} blobs", f"{BATCH - 2} blobs"]
