import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.esbuild import tree
from provenly.verify.network.cache import Cache

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def read(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if not path.is_dir()}


def test_a_tree_is_written_private_and_removed():
    files = {"a.js": b"1", "src/deep/b.ts": b"2" * 3_000_000, "src/ü.ts": b""}
    with tree.written(files, {}, None) as folder:
        assert read(folder) == files
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder == folder.resolve()
    assert not folder.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_it_is_removed_whatever_happens(error):
    with pytest.raises(error), tree.written({"a/b.js": b"1"}, {}, None) as folder:
        raise error
    assert not folder.exists()


def test_links_lead_to_where_they_should():
    files = {"store/x@1/index.js": b"x", "pkg/a.js": b"a"}
    links = {"pkg/node_modules/x": "store/x@1", "pkg/node_modules/root": "", "y": "store"}
    tree.check(files, links)
    with tree.written(files, links, None) as folder:
        assert (folder / "pkg/node_modules/x/index.js").read_bytes() == b"x"
        assert (folder / "pkg/node_modules/root/pkg/a.js").read_bytes() == b"a"
        assert (folder / "y/x@1/index.js").read_bytes() == b"x"
        assert not (folder / "pkg/node_modules/x").readlink().is_absolute()
        inside = {path.resolve().is_relative_to(folder) for path in folder.rglob("*")}
        assert inside == {True}


def test_names_that_no_disk_can_hold_are_left_out():
    files = {"a.js": b"1", "x" * 256: b"", "ü" * 128: b"", "a\udcff.js": b"", "/".join(["d" * 200] * 16): b""}
    tree.check(files, {})
    with tree.written(files, {"l" * 300: "a.js"}, None) as folder:
        assert read(folder) == {"a.js": b"1"}


@pytest.mark.parametrize(
    ("files", "links"),
    [
        ({"../a": b""}, {}),
        ({"/a": b""}, {}),
        ({"a//b": b""}, {}),
        ({"": b""}, {}),
        ({"a/./b": b""}, {}),
        ({"a/..": b""}, {}),
        ({"a\0b": b""}, {}),
        ({}, {"../l": "a"}),
        ({}, {"l": "../a"}),
        ({}, {"l": "/etc"}),
        ({}, {"l": "a/../../b"}),
        ({}, {"l": "a\0"}),
        ({"l": b""}, {"l": "a"}),
        ({"l/x": b""}, {"l": "a"}),
        ({}, {"l": "a", "l/m": "b"}),
    ],
)
def test_paths_that_lead_elsewhere_are_refused(files, links):
    with pytest.raises(MalformedError) as caught:
        tree.check(files, links)
    assert caught.value.code == "ESBUILD_INPUT"


@pytest.mark.parametrize(
    "files",
    [
        {"f": b"x" * 1_000_000} | {f"{number}": b"" for number in range(100_000)},
        dict.fromkeys((f"{number}" for number in range(600)), b"x" * 1_000_000),
    ],
)
def test_a_tree_that_is_too_large_is_refused(files):
    with pytest.raises(MalformedError) as caught:
        tree.check(files, {})
    assert caught.value.code == "ESBUILD_INPUT"


@pytest.mark.parametrize("files", [{"a": b"", "a/b": b""}, {"a/b": b"", "a": b"", "a/b/c": b""}])
def test_a_name_that_is_a_file_and_a_folder_is_refused(files):
    with pytest.raises(MalformedError, match="is a file and a folder") as caught, tree.written(files, {}, None):
        pass
    assert caught.value.code == "ESBUILD_INPUT"


@pytest.fixture
def on_disk(monkeypatch, tmp_path):
    """A machine without a file system in memory."""
    monkeypatch.setattr(tree, "MEMORY", tmp_path / "none")
    return tmp_path


def test_without_memory_it_is_in_the_cache_where_leftovers_are_swept(on_disk):
    with Cache(on_disk / "cache", NOW) as cache:
        with tree.written({"a/b.js": b"1"}, {}, cache) as folder:
            assert folder.is_relative_to(on_disk / "cache")
            cache.sweep()
            assert read(folder) == {"a/b.js": b"1"}
            left = folder.parent / f"{folder.name}-killed"
            left.mkdir()
            (left / "c.js").write_bytes(b"1")
        long_ago = (NOW - timedelta(days=2)).timestamp()
        os.utime(left, (long_ago, long_ago))
        cache.sweep()
        assert not left.exists()
        assert not folder.exists()


def test_leftovers_in_memory_are_swept_too(monkeypatch, tmp_path):
    monkeypatch.setattr(tree, "MEMORY", tmp_path)
    old, young = tmp_path / ".tmp-provenly-old", tmp_path / ".tmp-provenly-young"
    for folder, age in ((old, timedelta(days=2)), (young, timedelta(hours=2))):
        (folder / "src").mkdir(parents=True)
        os.utime(folder, ((NOW - age).timestamp(),) * 2)
    with Cache(None, NOW) as cache, tree.written({"a.js": b"1"}, {}, cache) as folder:
        assert folder.parent == tmp_path
        assert sorted(tmp_path.iterdir()) == sorted([young, folder])


@pytest.mark.parametrize("name", sorted(tree.AMBIENT))
def test_there_is_nothing_above_a_tree_that_esbuild_would_find(on_disk, monkeypatch, name):
    cache_folder = on_disk / "home" / "cache"
    (on_disk / "home" / "tmp").mkdir(parents=True)
    (on_disk / "tmp").mkdir()
    (on_disk / "home" / name).mkdir()
    with Cache(cache_folder, NOW) as cache:
        monkeypatch.setattr(tree.tempfile, "gettempdir", lambda: str(on_disk / "tmp"))
        with tree.written({"a.js": b""}, {}, cache) as folder:
            assert folder.parent == on_disk / "tmp"
        monkeypatch.setattr(tree.tempfile, "gettempdir", lambda: str(on_disk / "home" / "tmp"))
        with pytest.raises(UnavailableError) as caught, tree.written({"a.js": b""}, {}, cache):
            pass
    assert caught.value.code == "ESBUILD_FOLDER"


def test_a_place_that_cannot_be_written_is_an_error(on_disk, monkeypatch):
    monkeypatch.setattr(tree.tempfile, "gettempdir", lambda: str(on_disk / "missing"))
    with pytest.raises(UnavailableError) as caught, tree.written({"a.js": b""}, {}, None):
        pass
    assert caught.value.code == "ESBUILD_FOLDER"
