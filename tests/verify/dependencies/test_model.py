"""What a lock answers: who finds what, and what is led to."""

from __future__ import annotations

import json
import time

import pytest

from provenly.verify.dependencies.model import Lock, LockedPackage, Needs
from provenly.verify.dependencies.read import read


def packaged(place: str, version: str = "1.0.0", name: str = "") -> LockedPackage:
    return LockedPackage(name=name or place.rpartition("node_modules/")[2], version=version, place=place)


def made(packages: list[LockedPackage], needs: dict[str, Needs], links: dict[str, str] | None = None) -> Lock:
    return Lock(path="sub/package-lock.json", kind="npm", packages=tuple(packages), links=links or {}, needs=needs)


def test_directories_are_seen_from_the_folder_of_the_lockfile():
    lock = made([packaged("node_modules/x"), packaged("a/node_modules/x", "2.0.0")], {})
    assert lock.root == "sub"
    assert [lock.below(text) for text in ("sub", "sub/a", "subway/a", "")] == ["", "a", "", ""]
    assert lock.find("x", "sub/a/b").version == "2.0.0"
    assert lock.find("x", "sub/b").version == "1.0.0"
    assert lock.find("x", "subway/a").version == "1.0.0"


def test_what_is_installed_nowhere_above_is_looked_for_everywhere():
    lock = made([packaged(f"{n}/node_modules/x", f"{n}.0.0") for n in (1, 3, 2)], {})
    assert lock.find("x", "sub").version == "3.0.0"
    assert lock.find("x", "sub", "^2").version == "2.0.0"
    assert lock.find("x", "sub", "^9").version == "3.0.0"
    assert lock.find("y", "sub") is None


def test_links_are_followed_and_their_loops_end():
    lock = made(
        [packaged("node_modules/.pnpm/x@1.0.0/node_modules/x")],
        {"": Needs(usual=("x", "loop", "me", "gone"))},
        {
            "node_modules/x": "node_modules/.pnpm/x@1.0.0/node_modules/x",
            "node_modules/loop": "node_modules/loop2",
            "node_modules/loop2": "node_modules/loop",
            "node_modules/me": "",
            "node_modules/gone": "nowhere",
        },
    )
    assert [package.name for package in lock.reachable("sub")] == ["x"]
    assert lock.resolve("me", "") == ""
    assert lock.resolve("loop", "") is None
    assert lock.resolve("gone", "") is None


def test_cycles_end():
    packages = [packaged("node_modules/x"), packaged("node_modules/y")]
    needs = {
        "": Needs(usual=("x",)),
        "node_modules/x": Needs(usual=("y",)),
        "node_modules/y": Needs(usual=("x", "y")),
    }
    assert [package.name for package in made(packages, needs).reachable("sub")] == ["x", "y"]


def test_development_of_others_comes_last():
    packages = [packaged(f"node_modules/{name}") for name in ("mine", "core-dev", "core-dep", "mine-dep", "tool")]
    needs = {
        "a": Needs(usual=("core",), dev=("mine",)),
        "core": Needs(usual=("core-dep",), dev=("core-dev",)),
        "": Needs(dev=("tool",)),
        "node_modules/mine": Needs(usual=("mine-dep",)),
    }
    lock = made(packages, needs, {"node_modules/core": "core"})
    assert [package.name for package in lock.reachable("sub/a")] == ["mine", "core-dep", "mine-dep", "core-dev"]
    assert [package.name for package in lock.reachable("sub/a", above=True)][-1] == "tool"
    assert lock.led_to(dev=False) == {"", "a", "core", "node_modules/core-dep"}


def test_a_module_never_lies_in_a_node_modules_of_a_node_modules():
    lock = made([packaged("node_modules/node_modules/x")], {})
    assert lock.resolve("x", "node_modules/y") is None


@pytest.mark.parametrize("depth", [1, 30])
def test_a_large_lock_is_asked_in_reasonable_time(depth):
    where = "/".join(f"d{n}" for n in range(depth))
    names = [f"p{n}" for n in range(200)]
    tree: dict[str, object] = {where: {"dependencies": dict.fromkeys(names, "*")}}
    tree |= {f"node_modules/{name}": {"version": "1.0.0", "dependencies": dict.fromkeys(names, "*")} for name in names}
    lock = read("package-lock.json", json.dumps({"lockfileVersion": 3, "packages": tree}).encode())
    start = time.monotonic()
    assert len(lock.reachable(where)) == 200
    assert time.monotonic() - start < 5
