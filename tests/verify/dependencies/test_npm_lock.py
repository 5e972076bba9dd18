"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3."""

from __future__ import annotations

import json

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.model import LockedPackage, Needs, Origin
from provenly.verify.dependencies.read import read
from tests.verify.dependencies.locks import A, B, places

TREE = {
    "": {"name": "root", "workspaces": ["packages/*"], "devDependencies": {"typescript": "^5"}},
    "packages/a": {
        "name": "@my/a",
        "version": "1.0.0",
        "dependencies": {"zod": "^3", "old": "^1"},
        "optionalDependencies": {"fsevents": "^2"},
        "peerDependencies": {"react": "*"},
        "devDependencies": {"tape": "^5"},
    },
    "node_modules/@my/a": {"resolved": "packages/a", "link": True},
    "node_modules/@my/out": {"resolved": "../out", "link": True},
    "../out": {"version": "1.0.0"},
    "node_modules/typescript": {"version": "5.9.3", "integrity": A, "dev": True},
    "packages/a/node_modules/zod": {
        "version": "3.25.76",
        "resolved": "https://registry.npmjs.org/zod/-/zod-3.25.76.tgz",
        "integrity": B,
    },
    "node_modules/zod": {
        "version": "4.0.0",
        "integrity": A,
        "resolved": "https://npm.corp.example/zod/-/zod-4.0.0.tgz",
    },
    "node_modules/old": {"name": "left-pad", "version": "1.3.0", "integrity": A, "dependencies": {"zod": "*"}},
    "node_modules/fsevents": {"version": "2.3.3", "optional": True, "integrity": A},
    "node_modules/tape": {"version": "5.0.0", "dev": True, "integrity": A, "dependencies": {"left-out": "*"}},
    "node_modules/left-out": {"optional": True, "peer": True},
    "node_modules/tape/node_modules/inner": {"version": "1.0.0", "inBundle": True},
}


def v3(tree: dict[str, object]) -> bytes:
    return json.dumps({"lockfileVersion": 3, "packages": tree}).encode()


def test_places_links_and_needs_are_those_of_the_tree():
    lock = read("package-lock.json", v3(TREE))
    assert lock.kind == "npm"
    assert places(lock) == {
        "node_modules/typescript": "typescript@5.9.3",
        "packages/a/node_modules/zod": "zod@3.25.76",
        "node_modules/zod": "zod@4.0.0",
        "node_modules/old": "left-pad@1.3.0",
        "node_modules/fsevents": "fsevents@2.3.3",
        "node_modules/tape": "tape@5.0.0",
        "node_modules/tape/node_modules/inner": "inner@1.0.0",
    }
    assert dict(lock.links) == {"node_modules/@my/a": "packages/a"}
    assert lock.needs["packages/a"] == Needs(usual=("zod", "old", "fsevents", "react"), dev=("tape",))


def test_flags_and_origins():
    lock = read("package-lock.json", v3(TREE))
    assert [package.name for package in lock.packages if package.dev] == ["typescript", "tape"]
    assert [package.name for package in lock.packages if package.optional] == ["fsevents"]
    assert {package.name: package.origin for package in lock.packages if package.origin is not Origin.REGISTRY} == {
        "inner": Origin.HOLDER
    }


def test_who_asks_finds_what_is_nearest():
    lock = read("package-lock.json", v3(TREE))
    assert lock.find("zod", "packages/a").version == "3.25.76"
    assert lock.find("zod", "packages/b").version == "4.0.0"
    assert lock.find("@my/a", "packages/b") is None
    assert lock.find("old", "").name == "left-pad"


def test_the_closure_begins_with_what_is_asked_for():
    lock = read("package-lock.json", v3(TREE))
    found = [package.place for package in lock.reachable("packages/a")]
    assert found == [
        "packages/a/node_modules/zod",
        "node_modules/old",
        "node_modules/fsevents",
        "node_modules/tape",
        "node_modules/zod",
    ]
    assert [package.name for package in lock.reachable("packages/a/src")] == [lock.at(place).name for place in found]
    assert [package.name for package in lock.reachable("packages/a", above=True)][-1] == "typescript"
    assert [package.name for package in lock.reachable("")] == ["typescript"]


@pytest.mark.parametrize(
    ("entry", "origin", "url"),
    [
        ({"version": "1.0.0"}, Origin.REGISTRY, ""),
        ({"version": "1.0.0", "resolved": "https://registry.npmjs.org/x/-/x-1.0.0.tgz"}, Origin.REGISTRY, ""),
        ({"version": "1.0.0", "resolved": "http://10.0.0.1/npm/x/-/x-1.0.0.tgz"}, Origin.REGISTRY, ""),
        (
            {"version": "1.0.0", "resolved": "https://registry.npmjs.org/x/-/x-1.0.1.tgz"},
            Origin.ARCHIVE,
            "https://registry.npmjs.org/x/-/x-1.0.1.tgz",
        ),
        # Another package, which npm would install here; the integrity is not its.
        (
            {"version": "1.0.0", "resolved": "https://registry.npmjs.org/@evil/x/-/x-1.0.0.tgz"},
            Origin.ARCHIVE,
            "https://registry.npmjs.org/@evil/x/-/x-1.0.0.tgz",
        ),
        (
            {"version": "1.0.0", "resolved": "https://registry.npmjs.org/evilx/-/x-1.0.0.tgz"},
            Origin.ARCHIVE,
            "https://registry.npmjs.org/evilx/-/x-1.0.0.tgz",
        ),
        (
            {"version": "1.0.0", "resolved": "https://codeload.example/x/tar.gz/abc"},
            Origin.ARCHIVE,
            "https://codeload.example/x/tar.gz/abc",
        ),
        (
            {"version": "1.0.0", "resolved": "git+ssh://git@github.com/o/x.git#abc"},
            Origin.GIT,
            "git+ssh://git@github.com/o/x.git#abc",
        ),
        ({"version": "1.0.0", "resolved": "file:../x.tgz"}, Origin.FOLDER, "file:../x.tgz"),
        ({"version": "1.0.0", "resolved": "http://[::1"}, Origin.ARCHIVE, "http://[::1"),
    ],
)
def test_an_address_tells_where_a_package_is_from(entry, origin, url):
    lock = read("package-lock.json", v3({"node_modules/x": entry | {"integrity": A}}))
    assert lock.packages == (
        LockedPackage(name="x", version="1.0.0", integrity=A, url=url, place="node_modules/x", origin=origin),
    )


@pytest.mark.parametrize(
    ("stated", "kept"),
    [(A, A), (f"sha1-abc {A}", A), (f"{A} {B}", ""), ("sha1-abc", ""), ("sha512-short", ""), (None, ""), (7, "")],
)
def test_an_integrity_is_one_sha512_or_none(stated, kept):
    lock = read("package-lock.json", v3({"node_modules/x": {"version": "1.0.0", "integrity": stated}}))
    assert [package.integrity for package in lock.packages] == [kept]


V1 = {
    "lockfileVersion": 1,
    "requires": True,
    "dependencies": {
        "a": {"version": "1.0.0", "integrity": A, "requires": {"b": "^2"}, "dependencies": {"b": {"version": "2.0.0"}}},
        "b": {"version": "1.0.0", "integrity": "sha1-c2hvcnQ=", "dev": True},
        "c": {"version": "npm:left-pad@1.3.0", "integrity": B},
        "d": {"version": "git+https://github.com/o/d.git#abc", "from": "git+https://github.com/o/d.git"},
        "e": {"version": "1.0.0", "bundled": True},
        "f": {"version": "file:../f"},
    },
}


def test_version_1_nests_as_the_tree_nests():
    manifest = {"dependencies": {"a": "^1"}, "devDependencies": {"b": "*"}}
    lock = read("package-lock.json", json.dumps(V1).encode(), {"package.json": json.dumps(manifest).encode()})
    assert places(lock) == {
        "node_modules/a": "a@1.0.0",
        "node_modules/a/node_modules/b": "b@2.0.0",
        "node_modules/b": "b@1.0.0",
        "node_modules/c": "left-pad@1.3.0",
        "node_modules/d": "d@",
        "node_modules/e": "e@1.0.0",
        "node_modules/f": "f@",
    }
    origins = [package.origin for package in lock.packages]
    assert origins == [*[Origin.REGISTRY] * 4, Origin.GIT, Origin.HOLDER, Origin.FOLDER]
    assert [package.place for package in lock.reachable("")] == [
        "node_modules/a",
        "node_modules/b",
        "node_modules/a/node_modules/b",
    ]
    assert not lock.find("b", "").integrity


def test_version_1_without_a_manifest_asks_for_all_that_is_at_the_top():
    lock = read("package-lock.json", json.dumps(V1).encode())
    assert len(lock.reachable("")) == 7


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "JSON_SYNTAX"),
        (b"[]", "LOCKFILE_VERSION"),
        (b'{"lockfileVersion": 4}', "LOCKFILE_VERSION"),
        (b'{"lockfileVersion": 3, "lockfileVersion": 3}', "JSON_DUPLICATE_KEY"),
        (v3({"node_modules/../../x": {"version": "1.0.0"}, "../y/node_modules/z": {"version": "1.0.0"}}), ""),
        (v3({"node_modules/x\n": {"version": "1.0.0"}, "/node_modules/y": {"version": "1.0.0"}}), ""),
        (v3({"a/../node_modules/x": {"version": "1.0.0"}}), "LOCKFILE_PLACE"),
        (v3({"node_modules/y/": {"version": "1.0.0"}}), "LOCKFILE_PLACE"),
        (v3({"node_modules/.bin": {"version": "1.0.0"}}), "LOCKFILE_NAME"),
        (v3({"node_modules/x": {"version": "1.0.0", "name": "../../etc"}}), "LOCKFILE_NAME"),
        (v3({"node_modules/x": {"version": "1.0.0 --registry=evil"}}), "FOLDER"),
        (v3({"node_modules/x" * 40: {"version": "1.0.0"}}), "LOCKFILE_PLACE"),
    ],
)
def test_what_cannot_be_is_refused_or_left_out(data, code):
    if code == "FOLDER":  # never a package of a registry
        assert [package.origin for package in read("package-lock.json", data).packages] == [Origin.FOLDER]
    elif code:
        with pytest.raises(MalformedError) as caught:
            read("package-lock.json", data)
        assert caught.value.code == code
    else:
        assert not read("package-lock.json", data).packages
