import base64
import hashlib
import io
import os
import stat
import tarfile
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.verify.esbuild import releases
from provenly.verify.esbuild.binary import Binaries
from provenly.verify.esbuild.releases import Release
from provenly.verify.network.cache import Cache

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
PROGRAM = b"\x7fELF such a program" * 1_000


def archive(name="package/bin/esbuild", data=PROGRAM):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for path, content in (("package/package.json", b"{}"), (name, data)):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def release(data):
    sri = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    return Release(version="0.99.1", integrities={releases.platform(): sri})


class Registry:
    """A registry that serves one thing, or fails."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def get(self, url, **_):
        raise AssertionError(url)

    def download(self, url, *, expected, max_bytes, what):
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def cache(tmp_path):
    with Cache(tmp_path / "cache", NOW) as cache:
        yield cache


def test_the_binary_comes_out_of_the_archive_once(cache):
    data = archive()
    registry = Registry(data)
    binaries = Binaries(registry, cache, "https://registry.example/npm/")
    path = binaries.path(release(data))
    assert path.read_bytes() == PROGRAM
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    before = path.stat()
    assert binaries.path(release(data)) == path
    name = releases.platform()
    assert registry.asked == [f"https://registry.example/npm/@esbuild/{name}/-/{name}-0.99.1.tgz"]
    # Another process finds it there, and still wants the archive: the cache is no witness.
    again = Registry(data)
    assert Binaries(again, cache, "https://registry.example").path(release(data)) == path
    assert len(again.asked) == 1
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def _link(path):
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


def _second_name(path):
    path.with_name("other").hardlink_to(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"#!/bin/sh\n" + PROGRAM),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: path.chmod(0o600),
        _link,
        _second_name,
    ],
    ids=["changed", "empty", "gone", "mode", "link", "second name"],
)
def test_a_binary_that_somebody_changed_is_replaced_before_it_is_started(cache, change):
    data = archive()
    binaries = Binaries(Registry(data), cache, "https://registry.example")
    path = binaries.path(release(data))
    change(path)
    assert binaries.path(release(data)) == path
    assert path.read_bytes() == PROGRAM
    assert not path.is_symlink()
    assert path.stat().st_nlink == 1
    assert os.access(path, os.X_OK)


def test_a_folder_in_its_place_is_an_error(cache):
    data = archive()
    binaries = Binaries(Registry(data), cache, "https://registry.example")
    path = binaries.path(release(data))
    path.unlink()
    (path / "x").mkdir(parents=True)
    with pytest.raises(UnavailableError) as caught:
        binaries.path(release(data))
    assert caught.value.code == "ESBUILD_START"


@pytest.mark.parametrize(
    "answer",
    [
        archive(data=b"another"),
        b"",
        NotFoundError("there is none", code="REG_NOT_FOUND"),
        UnavailableError("the network is off", code="OFFLINE", hint="Run once without."),
        MalformedError("too large", code="REG_SIZE"),
    ],
    ids=["another", "nothing", "missing", "offline", "malformed"],
)
def test_what_is_not_the_pinned_archive_is_never_used(cache, answer):
    registry = Registry(answer)
    binaries = Binaries(registry, cache, "https://registry.example")
    for _ in range(2):
        with pytest.raises(UnavailableError) as caught:
            binaries.path(release(archive()))
        assert caught.value.code == "ESBUILD_UNAVAILABLE"
    assert len(registry.asked) == 1
    assert not [path for path in cache.folder("x", "y").parents[2].rglob("esbuild") if path.is_file()]


def test_an_archive_without_a_binary_is_an_error(cache):
    data = archive(name="package/lib/esbuild")
    with pytest.raises(UnavailableError) as caught:
        Binaries(Registry(data), cache, "https://registry.example").path(release(data))
    assert caught.value.code == "ESBUILD_UNAVAILABLE"


def test_without_a_cache_it_goes_with_its_user():
    data = archive()
    binaries = Binaries(Registry(data), None, "https://registry.example")
    path = binaries.path(release(data))
    assert path.read_bytes() == PROGRAM
    assert stat.S_IMODE(path.parents[1].stat().st_mode) == 0o700
    binaries.close()
    assert not path.parents[1].exists()
