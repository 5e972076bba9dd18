"""Which lockfile counts."""

from __future__ import annotations

import json

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.nearest import lock_of
from tests.verify.dependencies.locks import A
from tests.verify.explain.scenes import scene

NPM = json.dumps({"lockfileVersion": 3, "packages": {"node_modules/x": {"version": "1.0.0", "integrity": A}}})
PNPM = "lockfileVersion: '9.0'\n"
YARN = f'x@^1:\n  version "1.0.0"\n  integrity {A}\n\ny@^1:\n  version "1.0.0"\n  integrity {A}\n'
BUN = '{"lockfileVersion": 1}'


@pytest.mark.parametrize(
    ("tree", "directory", "path"),
    [
        ({}, "", None),
        ({"package-lock.json": NPM}, "", "package-lock.json"),
        ({"package-lock.json": NPM}, "a/b", "package-lock.json"),
        ({"package-lock.json": NPM, "a/bun.lock": BUN}, "a/b", "a/bun.lock"),
        ({"a/bun.lock": BUN}, "", None),
        ({"package-lock.json": NPM, "npm-shrinkwrap.json": NPM}, "", "npm-shrinkwrap.json"),
        ({"package-lock.json": NPM, "pnpm-lock.yaml": PNPM, "bun.lock": BUN}, "", "package-lock.json"),
        (
            {
                "package-lock.json": NPM,
                "pnpm-lock.yaml": PNPM,
                "package.json": {"packageManager": "pnpm@10.0.0+sha512.x"},
            },
            "",
            "pnpm-lock.yaml",
        ),
        (
            {"package-lock.json": NPM, "bun.lock": BUN, "package.json": {"packageManager": "bun@1.2.0"}},
            "a",
            "bun.lock",
        ),
        ({"package-lock.json": NPM, "package.json": {"packageManager": "pnpm@10"}}, "", "package-lock.json"),
        ({"package-lock.json": NPM, "package.json": "{"}, "", "package-lock.json"),
        ({"bun.lockb": "x", "package-lock.json": NPM}, "", "package-lock.json"),
    ],
)
def test_it_is_the_nearest_and_the_manager_decides(tree, directory, path):
    found = lock_of(scene({}, tree, directory))
    assert (found and found.path) == path


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"bun.lockb": "x"}, "LOCKFILE_BINARY"),
        ({"package-lock.json": "{"}, "JSON_SYNTAX"),
        (
            {"package-lock.json": NPM, "bun.lockb": "x", "package.json": {"packageManager": "bun@1.1.0"}},
            "LOCKFILE_BINARY",
        ),
    ],
)
def test_one_that_cannot_be_read_is_said(tree, code):
    with pytest.raises(MalformedError) as caught:
        lock_of(scene({}, tree))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["packages/*"], {"packages/a"}),
        (["packages/**"], {"packages/a", "packages/deep/er"}),
        ({"packages": ["./packages/deep/er/"]}, {"packages/deep/er"}),
        (["tools"], set()),
        ("packages/*", set()),
        ([1], set()),
    ],
)
def test_a_yarn_lock_is_read_with_the_manifests_of_its_workspaces(patterns, found):
    tree = {
        "yarn.lock": YARN,
        "package.json": {"workspaces": patterns, "dependencies": {"x": "^1"}},
        "packages/a/package.json": {"name": "a", "dependencies": {"y": "^1"}},
        "packages/deep/er/package.json": {"name": "b", "dependencies": {"y": "^1"}},
        "packages/a/node_modules/z/package.json": {"name": "z"},
    }
    lock = lock_of(scene({}, tree))
    assert set(lock.links.values()) == found
    assert {package.name for package in lock.packages} == ({"x", "y"} if found else {"x"})


@pytest.mark.parametrize(
    ("patch", "patched"),
    [
        ("patches/x+1.0.0.patch", ["x"]),
        ("patches/x+2.0.0.dev.patch", ["x"]),
        ("patches/x+1.0.0+001+first.patch", ["x"]),
        ("patches/other++x+1.0.0.patch", ["x"]),
        ("patches/@y+x+1.0.0.patch", ["@y/x"]),
        ("patches/z+1.0.0.patch", []),
        ("patches/x@1.0.0.patch", []),
        ("docs/patches/x+1.0.0.patch", []),
        ("patches/old/x+1.0.0.patch", []),
    ],
)
def test_what_is_patched_after_the_installation_is_marked(patch, patched):
    packages = {f"node_modules/{name}": {"version": "1.0.0", "integrity": A} for name in ("x", "@y/x", "y")}
    lock = json.dumps({"lockfileVersion": 3, "packages": packages})
    found = lock_of(scene({}, {"package-lock.json": lock, patch: "--- a"}))
    assert found is not None
    assert [package.name for package in found.packages if package.patched] == patched
