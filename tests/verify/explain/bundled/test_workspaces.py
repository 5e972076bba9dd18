"""A folder is a dependency where a package manager would link it, and nowhere else."""

from __future__ import annotations

import json

import pytest

from provenly.verify.dependencies.nearest import lock_of
from provenly.verify.explain.bundled.workspaces import linked
from tests.verify.dependencies.locks import A
from tests.verify.explain.scenes import scene


def found(wanted, folder, version="2.1.0", lock=None, **members):
    tree = {
        "package.json": {"name": "left-pad", "version": "1.3.0", "dependencies": {"ms": wanted}, **members},
        f"{folder}/package.json": {"name": "ms", "version": version},
        **({"package-lock.json": json.dumps({"lockfileVersion": 3, "packages": lock})} if lock else {}),
    }
    there = scene({}, tree)
    return dict(linked(there, lock_of(there)))


TOGETHER = {"workspaces": ["packages/*"]}


@pytest.mark.parametrize(
    ("wanted", "folder", "more", "is_linked"),
    [
        ("workspace:*", "packages/ms", {}, True),
        ("workspace:*", "test/fixtures/ms", {}, False),
        ("file:packages/ms", "packages/ms", {}, True),
        ("link:./packages/ms", "packages/ms", {}, True),
        ("file:other/ms", "packages/ms", {}, False),
        ("file:examples/ms", "examples/ms", {}, False),
        ("npm:other@^2", "packages/ms", TOGETHER, False),
        ("github:a/ms", "packages/ms", TOGETHER, False),
        ("^2", "packages/ms", TOGETHER, True),
        ("^2", "packages/ms", {}, False),
        ("^3", "packages/ms", TOGETHER, False),
        ("^2", "test/fixtures/ms", TOGETHER, False),
        ("latest", "packages/ms", TOGETHER, False),
    ],
)
def test_without_a_lockfile_the_manifest_must_mean_the_folder(wanted, folder, more, is_linked):
    assert found(wanted, folder, **more) == ({"ms": folder} if is_linked else {})


def test_the_lockfile_decides_where_it_knows_the_name():
    registered = {"": {}, "node_modules/ms": {"version": "2.1.3", "integrity": A}}
    assert found("^2", "packages/ms", lock=registered, **TOGETHER) == {}
    assert found("workspace:*", "packages/ms", lock=registered) == {}
    installed = {"": {}, "node_modules/ms": {"link": True, "resolved": "packages/ms"}, "packages/ms": {}}
    assert found("^2", "packages/ms", lock=installed) == {"ms": "packages/ms"}
    assert found("^2", "other/ms", lock=installed) == {}
    bait = {"": {}, "node_modules/ms": {"link": True, "resolved": "examples/ms"}, "examples/ms": {}}
    assert found("^2", "examples/ms", lock=bait) == {"ms": "examples/ms"}


def test_what_a_folder_uses_is_used():
    tree = {
        "package.json": {"name": "left-pad", "version": "1.3.0", "dependencies": {"a": "workspace:*"}},
        "packages/a/package.json": {"name": "a", "devDependencies": {"b": "workspace:^", "left-pad": "workspace:*"}},
        "packages/b/package.json": {"name": "b", "dependencies": {"a": "workspace:*"}},
        "packages/c/package.json": {"name": "c"},
    }
    assert linked(scene({}, tree), None) == {"a": "packages/a", "b": "packages/b"}
