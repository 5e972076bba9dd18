"""The files of locked packages, from a registry on loopback."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies import fetch, unpack
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.dependencies.model import LockedPackage, Origin
from provenly.verify.evidence.recording import Recorder, RecordingTransport
from provenly.verify.evidence.replay import ReplayTransport
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.tarball.archive_limits import Limits
from provenly.verify.transport import HttpTransport
from tests.simulator.registry import Registry, make_tarball

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def tarball(name: str, version: str = "1.0.0", **files: str) -> bytes:
    manifest = f'{{"name": "{name}", "version": "{version}"}}'
    return make_tarball({"package.json": manifest, **{f"{stem}.js": text for stem, text in files.items()}})


def sri(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def locked(name: str, data: bytes = b"", **members: object) -> LockedPackage:
    values = {"name": name, "version": "1.0.0", "place": f"node_modules/{name}"} | members
    return LockedPackage(**({"integrity": sri(data)} if data else {}), **values)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as made:
        yield made


@pytest.fixture
def context(registry: Registry, tmp_path) -> Iterator[Context]:
    settings = npmrc.load(environment={}, registry=registry.url)
    with Cache(tmp_path / "cache", NOW) as cache, HttpTransport(cache, settings) as transport:
        yield Context(now=NOW, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None)


def test_the_archive_of_the_lockfile_is_read(registry, context):
    data = tarball("@a/b", index="x")
    registry.publish("@a/b", "1.0.0", data)
    found = Dependencies(context).files(locked("@a/b", data))
    assert found["index.js"] == b"x"
    only = Dependencies(context).files(locked("@a/b", data), lambda path: path.endswith(".json"))
    assert list(only) == ["package.json"]


def test_another_archive_is_refused(registry, context):
    registry.publish("left-pad", "1.0.0", tarball("left-pad", index="evil"))
    with pytest.raises(MalformedError) as caught:
        Dependencies(context).files(locked("left-pad", tarball("left-pad", index="good")))
    assert caught.value.code == "DEPENDENCY_INTEGRITY"


def test_without_an_integrity_the_registry_names_it(registry, context):
    data = tarball("left-pad")
    registry.publish("left-pad", "1.0.0", data)
    assert Dependencies(context).files(locked("left-pad"))["package.json"]
    registry.publish("other", "1.0.0", tarball("other"))["name"] = "left-pad"
    with pytest.raises(MalformedError) as caught:
        Dependencies(context).files(locked("other"))
    assert caught.value.code == "DEPENDENCY_DOCUMENT"


@pytest.mark.parametrize(
    ("package", "kind", "code"),
    [
        (locked("x", origin=Origin.GIT, url="git+ssh://git@github.com/o/x.git"), UnavailableError, "DEPENDENCY_ORIGIN"),
        (locked("x", origin=Origin.FOLDER, url="file:../../etc"), UnavailableError, "DEPENDENCY_ORIGIN"),
        (locked("x", origin=Origin.ARCHIVE, url="https://evil.example/x.tgz"), UnavailableError, "DEPENDENCY_ORIGIN"),
        (
            locked("x", b"x", origin=Origin.ARCHIVE, version="next", url="https://evil.example/x.tgz"),
            MalformedError,
            "REG_TARBALL_HOST",
        ),
        (
            locked("x", b"x", origin=Origin.ARCHIVE, version="next", url="https://127.0.0.1:1/x.tgz"),
            MalformedError,
            "NET_ADDRESS",
        ),
        (locked("x", b"x", origin=Origin.ARCHIVE, version="next", url="file:///etc/passwd"), MalformedError, None),
        (locked("../x", b"x"), MalformedError, "DEPENDENCY_NAME"),
        (locked("x", b"x", version="../../y"), MalformedError, "DEPENDENCY_VERSION"),
        (locked("x", integrity="sha1-abc"), MalformedError, "INTEGRITY_WEAK"),
        (locked("x", b"x"), UnavailableError, None),
        (locked("x"), UnavailableError, None),
    ],
)
def test_what_cannot_be_fetched_says_why(registry, context, package, kind, code):
    with pytest.raises(kind) as caught:
        Dependencies(context).files(package)
    assert code in {None, caught.value.code}
    asked = [request.path for request in registry.requests]
    assert all("evil" not in path and "passwd" not in path and ".." not in path for path in asked)


def test_an_address_elsewhere_is_asked_of_the_configured_registry(registry, context):
    data = tarball("x")
    registry.publish("x", "1.0.0", data)
    package = locked("x", data, origin=Origin.ARCHIVE, url="https://npm.corp.example/download/x/1.0.0/abc")
    assert Dependencies(context).files(package)["package.json"]


def test_a_bundled_package_has_no_files_of_its_own(registry, context):
    assert not Dependencies(context).files(locked("x", origin=Origin.HOLDER))
    assert not registry.requests


def test_many_are_yielded_in_their_order_with_what_went_wrong(registry, context):
    packages = []
    for number in range(30):
        data = tarball(f"p{number}", index="x" * number)
        packages.append(locked(f"p{number}", data))
        if number % 7:
            registry.publish(f"p{number}", "1.0.0", data)
    found = list(Dependencies(context).each(packages))
    assert [package for package, _ in found] == packages
    assert [isinstance(files, Error) for _, files in found] == [number % 7 == 0 for number in range(30)]


def test_one_archive_at_two_places_is_fetched_once(registry, context):
    data = tarball("x")
    registry.publish("x", "1.0.0", data)
    packages = [locked("x", data), locked("x", data, place="a/node_modules/x", dev=True)]
    found = Dependencies(context).fetch(packages)
    assert list(found) == packages
    assert found[packages[0]] is found[packages[1]]
    assert len(registry.requests) == 1


def test_the_bytes_that_are_held_are_limited(registry, context, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_HELD", 120)
    packages = []
    for number in range(4):
        data = tarball(f"p{number}", index="x" * 10)
        registry.publish(f"p{number}", "1.0.0", data)
        packages.append(locked(f"p{number}", data))
    found = list(Dependencies(context).fetch(packages).values())
    assert [isinstance(files, Error) for files in found] == [False, False, True, True]
    assert found[-1].code == "DEPENDENCY_LIMIT"


def test_the_work_of_a_call_is_limited(registry, context, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_FETCHED", 2)
    data = tarball("x")
    registry.publish("x", "1.0.0", data)
    packages = [locked("x", data, place=f"{n}/node_modules/x") for n in range(20)]
    found = [isinstance(files, Error) for _, files in Dependencies(context).each(packages)]
    assert found == [False, False] + [True] * 18


def test_an_iteration_that_is_given_up_leaves_nothing_behind(registry, context):
    data = tarball("x")
    registry.publish("x", "1.0.0", data)
    iterator = Dependencies(context).each([locked("x", data)] * 50)
    next(iterator)
    iterator.close()


def test_what_was_recorded_is_replayed(registry, context):
    from dataclasses import replace

    data = tarball("x", index="1")
    registry.publish("x", "1.0.0", data)
    registry.publish("y", "1.0.0", tarball("y"))
    packages = [locked("x", data), locked("y"), locked("z", b"z")]
    recorder = Recorder()
    recording = replace(context, transport=RecordingTransport(context.transport, recorder))
    before = Dependencies(recording).fetch(packages)
    replayed = replace(context, transport=ReplayTransport(recorder.exchanges.values()))
    after = Dependencies(replayed).fetch(packages)
    for package in packages[:2]:
        assert dict(before[package]) == dict(after[package])
    assert before[packages[2]].code == after[packages[2]].code
    assert len(recorder.exchanges) == 4


def test_a_range_is_what_the_registry_has(registry, context):
    for version in ("1.0.0", "1.2.0", "2.0.0"):
        registry.publish("x", version, tarball("x", version))
    found = Dependencies(context).satisfying("x", "^1")
    assert (found.version, found.place, found.origin) == ("1.2.0", "node_modules/x", Origin.REGISTRY)
    assert Dependencies(context).files(found)["package.json"]
    for name, wanted in (("../x", "1"), ("x", "latest"), ("x", "file:../x")):
        with pytest.raises(MalformedError) as caught:
            Dependencies(context).satisfying(name, wanted)
        assert caught.value.code == "DEPENDENCY_RANGE"


def test_a_hostile_archive_is_refused(registry, context):
    for content in (b"no archive", make_tarball({"package.json": "{}", "../../x": "y"})):
        registry.tarballs["/x/-/x-1.0.0.tgz"] = content
        with pytest.raises(MalformedError):
            Dependencies(context).files(locked("x", content))


def test_a_dot_in_a_path_is_dropped_unless_that_makes_two_files_one(registry, context):
    honest = make_tarball({"package.json": "{}", "./dist/././a.js": "a"})
    registry.tarballs["/x/-/x-1.0.0.tgz"] = honest
    assert set(Dependencies(context).files(locked("x", honest))) == {"package.json", "dist/a.js"}
    for files in ({"./a.js": "a", "a.js": "b"}, {"./../a.js": "a"}, {".": "a"}):
        hostile = make_tarball({"package.json": "{}", **files})
        registry.tarballs["/y/-/y-1.0.0.tgz"] = hostile
        if "." in files:
            assert set(Dependencies(context).files(locked("y", hostile))) == {"package.json"}
        else:
            with pytest.raises(MalformedError):
                Dependencies(context).files(locked("y", hostile))
    first = make_tarball({"package.json": "{}"}, prefix="./package")
    registry.tarballs["/z/-/z-1.0.0.tgz"] = first
    with pytest.raises(MalformedError) as caught:
        Dependencies(context).files(locked("z", first))
    assert caught.value.code == "TAR_PATH_UNSAFE"


def test_large_archives_are_read_and_lies_about_their_size_are_not(registry, context, monkeypatch):
    data = make_tarball({"package.json": "{}", "big.js": "x" * 40_000})
    registry.tarballs["/x/-/x-1.0.0.tgz"] = data
    monkeypatch.setattr(unpack, "LARGE", 20_000)
    monkeypatch.setattr(unpack, "LIMITS", {True: Limits(), False: Limits(unpacked=20_000)})
    assert len(Dependencies(context).files(locked("x", data))["big.js"]) == 40_000
    lie = data[:-4] + (100).to_bytes(4, "little")
    registry.tarballs["/y/-/y-1.0.0.tgz"] = lie
    with pytest.raises(MalformedError) as caught:
        Dependencies(context).files(locked("y", lie))
    assert caught.value.code in {"LIMIT_UNPACKED_BYTES", "GZIP_CORRUPT"}


def test_what_is_ready_is_limited(registry, context, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_AHEAD", 50)
    packages = []
    for number in range(20):
        data = tarball(f"p{number}", index="x" * 100)
        registry.publish(f"p{number}", "1.0.0", data)
        packages.append(locked(f"p{number}", data))
    iterator = Dependencies(context).each(packages)
    for _ in range(4):
        next(iterator)
        time.sleep(0.3)
    assert len(registry.requests) == fetch.AHEAD
    assert len(list(iterator)) == 16


@pytest.mark.registry
def test_a_real_package_comes_with_the_integrity_of_its_lockfile(tmp_path):
    integrity = "sha512-sz+Hqx9zwZDpZIV871WSbUzSqNIsXzghZydypnfgzPKLltVJfkINfUeTct31n/tTSa9ZE1ZOfKdRre1uHHquYQ=="
    now, settings = datetime.now(tz=UTC), npmrc.load(environment={})
    with Cache(tmp_path, now) as cache, HttpTransport(cache, settings) as transport:
        context = Context(
            now=now, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None
        )
        found = Dependencies(context).files(locked("@tsconfig/node20", version="20.1.6", integrity=integrity))
    assert b'"target": "es2022"' in found["tsconfig.json"]
