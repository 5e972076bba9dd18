from datetime import UTC, datetime

import pytest

from provenly.verify.compiler.results import Results
from provenly.verify.network.cache import Cache

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def results(root):
    return Results(Cache(root, NOW))


def kept(root):
    return [path for path in root.rglob("result") if path.is_file()]


def test_what_was_kept_is_found_again_by_its_key_only(results):
    results.put("one", b"\0output\n")
    assert results.get("one") == b"\0output\n"
    assert results.get("two") is None


def test_an_empty_output_is_one(results):
    results.put("one", b"")
    assert results.get("one") == b""


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b"", lambda data: b"0" * 64 + data[64:]]
)
def test_a_file_that_was_changed_is_not_read(results, root, change):
    results.put("one", b"output")
    (path,) = kept(root)
    path.write_bytes(change(path.read_bytes()))
    assert results.get("one") is None


def test_a_file_that_was_moved_to_another_key_is_not_read(results, root):
    results.put("one", b"output of one")
    (one,) = kept(root)
    results.put("two", b"output of two")
    (two,) = (path for path in kept(root) if path != one)
    two.write_bytes(one.read_bytes())
    assert results.get("two") is None


def test_a_link_is_not_followed(results, root, tmp_path):
    results.put("one", b"output")
    (path,) = kept(root)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert results.get("one") is None


def test_without_a_cache_nothing_is_kept():
    results = Results(None)
    results.put("one", b"output")
    assert results.get("one") is None


def test_a_disk_that_cannot_be_written_costs_nothing_but_time(results, root):
    results.put("one", b"output")
    (path,) = kept(root)
    path.unlink()
    path.mkdir()  # nothing can be renamed to it
    results.put("one", b"output")
    assert results.get("one") is None
    assert list(path.parent.iterdir()) == [path]


def test_an_entry_over_the_limit_is_not_kept(results, monkeypatch):
    monkeypatch.setattr("provenly.verify.compiler.results.MAX_ENTRY", 100)
    results.put("one", b"x" * 36)
    results.put("two", b"x" * 37)
    assert results.get("one")
    assert results.get("two") is None
