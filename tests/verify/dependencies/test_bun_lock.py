"""bun.lock."""

from __future__ import annotations

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.model import Origin
from tests.verify.dependencies.locks import A, B, lock, places

BUN = f"""{{
  "lockfileVersion": 1, // a comment
  "workspaces": {{
    "": {{ "name": "root", "dependencies": {{ "express": "^4" }}, "devDependencies": {{ "typescript": "^5" }} }},
    "packages/a": {{ "name": "@my/a", "dependencies": {{ "ms": "1" }} }},
  }},
  "patchedDependencies": {{ "typescript@5.8.3": "patches/typescript.patch" }},
  "packages": {{
    "@my/a": ["@my/a@workspace:packages/a"],
    "@my/a/ms": ["ms@1.0.0", "", {{}}, "{B}"],
    "debug": ["debug@4.4.0", "", {{ "dependencies": {{ "ms": "^2" }} }}, "{A}"],
    "express": ["express@4.21.2", "", {{ "dependencies": {{ "debug": "2", "alias": "npm:left-pad@1" }} }}, "{A}"],
    "express/debug": ["debug@2.6.9", "", {{ "dependencies": {{ "ms": "2.0.0" }} }}, "{A}"],
    "express/debug/ms": ["ms@2.0.0", "", {{}}, "{A}"],
    "alias": ["left-pad@1.3.0", "https://npm.corp.example/left-pad/-/left-pad-1.3.0.tgz", {{}}, "{A}"],
    "ms": ["ms@2.1.3", "", {{ "os": "darwin" }}, "{A}"],
    "forked": ["forked@github:o/forked#abc", {{}}, "o-forked-abc"],
    "inner": ["inner@1.0.0", "", {{ "bundled": true }}, "{A}"],
    "typescript": ["typescript@5.8.3", "", {{ "bin": {{ "tsc": "bin/tsc" }} }}, "{A}"],
    "linked": ["linked@link:../linked", {{}}],
    "root": ["root@root:", {{}}],
  }},
}}
"""


def test_keys_are_places():
    found = lock("bun.lock", BUN)
    assert places(found) == {
        "packages/a/node_modules/ms": "ms@1.0.0",
        "node_modules/debug": "debug@4.4.0",
        "node_modules/express": "express@4.21.2",
        "node_modules/express/node_modules/debug": "debug@2.6.9",
        "node_modules/express/node_modules/debug/node_modules/ms": "ms@2.0.0",
        "node_modules/alias": "left-pad@1.3.0",
        "node_modules/ms": "ms@2.1.3",
        "node_modules/forked": "forked@github:o/forked#abc",
        "node_modules/inner": "inner@1.0.0",
        "node_modules/typescript": "typescript@5.8.3",
    }
    assert dict(found.links) == {"node_modules/@my/a": "packages/a"}


def test_flags_and_origins():
    packages = {package.name: package for package in lock("bun.lock", BUN).packages}
    assert packages["typescript"].dev
    assert packages["typescript"].patched
    assert packages["forked"].origin is Origin.GIT
    assert packages["inner"].origin is Origin.HOLDER
    assert packages["left-pad"].origin is Origin.REGISTRY
    found = lock("bun.lock", BUN)
    assert found.find("ms", "packages/a").integrity == B
    assert found.find("ms", "").optional
    assert [package.place for package in found.reachable("")] == [
        "node_modules/express",
        "node_modules/typescript",
        "node_modules/express/node_modules/debug",
        "node_modules/alias",
        "node_modules/express/node_modules/debug/node_modules/ms",
    ]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("bun.lock", "{}", "LOCKFILE_VERSION"),
        ("bun.lock", '{"lockfileVersion": 3}', "LOCKFILE_VERSION"),
        ("bun.lock", '{"lockfileVersion": 1, "packages": {"..": ["x@1.0.0"]}}', "LOCKFILE_PLACE"),
        ("bun.lock", '{"lockfileVersion": 1, "packages": {"x": ["../x@1.0.0"]}}', "LOCKFILE_NAME"),
        ("bun.lock", '{"lockfileVersion": 1, "packages": {"x": []}}', ""),
        ("bun.lock", '{"lockfileVersion": 1, "packages": {"x": [1], "y": {}, "z": ["z"]}}', ""),
        ("bun.lockb", "#!/usr/bin/env bun\n", "LOCKFILE_BINARY"),
        ("other.lock", "", "LOCKFILE_KIND"),
    ],
)
def test_what_cannot_be_is_refused_or_left_out(path, text, code):
    if code:
        with pytest.raises(MalformedError) as caught:
            lock(path, text)
        assert caught.value.code == code
    else:
        assert not lock(path, text).packages
