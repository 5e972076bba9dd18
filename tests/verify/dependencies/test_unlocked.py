"""What no lockfile fixes: versions by ranges and time, from a registry on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.dependencies.unlocked import Unlocked
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport
from tests.simulator.registry import Registry, make_tarball

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WHEN = datetime(2026, 1, 15, tzinfo=UTC)
MANIFEST = {"dependencies": {"a": "^1.0.0", "b": "^2.0.0"}, "devDependencies": {"@types/c": "*", "next": "latest"}}


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as made:
        for name, version, month in (
            ("a", "1.0.0", 1),
            ("a", "1.1.0", 1),
            ("a", "1.2.0", 2),
            ("a", "2.0.0", 1),
            ("b", "2.0.0", 1),
            ("@types/c", "3.0.0", 1),
        ):
            data = make_tarball({"package.json": json.dumps({"name": name, "version": version})})
            made.publish(name, version, data, time=f"2026-0{month}-01T00:00:00.000Z")
        yield made


@pytest.fixture
def dependencies(registry: Registry, tmp_path) -> Iterator[Dependencies]:
    settings = npmrc.load(environment={}, registry=registry.url)
    with Cache(tmp_path / "cache", NOW) as cache, HttpTransport(cache, settings) as transport:
        yield Dependencies(
            Context(now=NOW, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None)
        )


def test_a_range_gets_what_was_the_newest_at_the_time(dependencies):
    found = dependencies.newest("a", "^1.0.0", WHEN)
    assert (found.version, found.place) == ("1.1.0", "node_modules/a")
    assert found.integrity.startswith("sha512-")
    assert dependencies.files(found)["package.json"]
    assert dependencies.newest("a", "^1.0.0", NOW).version == "1.2.0"


def test_a_deprecated_version_is_taken_only_where_there_is_no_other(registry, dependencies):
    registry.packuments["a"]["versions"]["1.1.0"]["deprecated"] = "broken"
    assert dependencies.newest("a", "^1.0.0", WHEN).version == "1.0.0"
    assert dependencies.newest("a", "^1.1.0", WHEN).version == "1.1.0"


@pytest.mark.parametrize(
    ("name", "wanted"), [("a", "^1.2.0"), ("a", "latest"), ("a", "file:../../etc"), ("../a", "*"), ("a", "npm:b@1")]
)
def test_what_is_no_range_or_was_not_there_is_refused(dependencies, name, wanted):
    with pytest.raises(MalformedError) as caught:
        dependencies.newest(name, wanted, WHEN)
    assert caught.value.code == "DEPENDENCY_RANGE"


def test_packages_lie_at_the_top_and_others_of_the_name_below_who_asks(dependencies):
    tree = Unlocked(dependencies, [MANIFEST], WHEN)
    assert tree.resolve("a", tree.below("packages/x")) == "node_modules/a"
    assert tree.resolve("b", "") == "node_modules/b"
    assert tree.resolve("next", "") is None
    assert tree.resolve("other", "") is None
    assert tree.resolve("a", "node_modules/b") == "node_modules/a"
    tree.learn("node_modules/b", {"package.json": b'{"dependencies": {"a": "^2.0.0", "@types/c": "3"}}'})
    assert tree.resolve("a", "node_modules/b") == "node_modules/b/node_modules/a"
    below = tree.at("node_modules/b/node_modules/a")
    assert below is not None
    assert below.version == "2.0.0"
    assert [package.place for package in tree.packages] == ["node_modules/@types/c"]
    assert [error.code for error in tree.problems] == ["DEPENDENCY_RANGE"]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"dependencies": ["a"]}', b'{"dependencies": {"a": 1}}'])
def test_a_manifest_that_cannot_be_read_asks_for_nothing(dependencies, data):
    tree = Unlocked(dependencies, [{}], WHEN)
    tree.learn("node_modules/b", {"package.json": data})
    assert tree.resolve("a", "node_modules/b") is None


def test_the_nearest_manifest_decides(dependencies):
    tree = Unlocked(dependencies, [{"dependencies": {"a": "^2.0.0"}}, MANIFEST], WHEN)
    place = tree.resolve("a", "")
    found = tree.at(place) if place else None
    assert found is not None
    assert found.version == "2.0.0"
