"""Which packages are taken apart for a bundle: the same ones in the same order, whatever is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.network.cache import Cache
from provenly.verify.tracing import match as matching
from provenly.verify.tracing import packages as limits
from provenly.verify.tracing.glue import helpers
from provenly.verify.tracing.result import Reason, Traced
from provenly.verify.tracing.trace import Tracing

pytestmark = pytest.mark.registry

ONE = {
    "package.json": '{"name": "pen", "version": "1.0.0", "type": "module", "main": "index.js"}',
    "index.js": "export function draw(line) { return [line, line.length * 2, 'drawn']; }\n"
    "export function rub(line) { return line.slice(0, -1) + ' rubbed out'; }\n",
}
TWO = {**ONE, "index.js": ONE["index.js"].replace("'drawn'", "'drawn twice'")}
BUNDLE = """\
{label}
function draw(line) {{
  return [line, line.length * 2, "drawn"];
}}
function rub(line) {{
  return line.slice(0, -1) + " rubbed out";
}}
"""


def locked(version: str, place: str, files: Mapping[str, str]) -> tuple[LockedPackage, Mapping[str, bytes]]:
    data = {path: text.encode() for path, text in files.items()}
    integrity = Digest.of(repr(sorted(data.items())).encode(), "sha512").sri
    return LockedPackage(name="pen", version=version, place=place, integrity=integrity), data


FIRST, FIRST_FILES = locked("1.0.0", "node_modules/pen", ONE)
SECOND, SECOND_FILES = locked("2.0.0", "node_modules/desk/node_modules/pen", TWO)


class Registry:
    """Gives packages, and counts how often each is asked for."""

    def __init__(self, files: Mapping[LockedPackage, Mapping[str, bytes]]) -> None:
        self.files = files
        self.asked: list[str] = []

    def each(self, packages: Iterable[LockedPackage]):
        for package in packages:
            self.asked.append(package.version)
            gone: Error = NotFoundError("it is gone", code="NET_NOT_FOUND")
            yield package, self.files.get(package, gone)


def trace(tracers, registry: Registry, packages, *, label: str = "", cache: Cache | None = None) -> Traced:
    text = BUNDLE.format(label=f"// {label}" if label else "")
    found = Tracing(tracers, cache).run({"dist/index.js": text.encode()}, {}, packages, registry.each)["dist/index.js"]
    assert isinstance(found, Traced)
    return found


@pytest.mark.parametrize("label", ["", "node_modules/pen/index.js"])
def test_a_package_that_is_there_explains_its_code(tracers, label):
    found = trace(tracers, Registry({FIRST: FIRST_FILES, SECOND: SECOND_FILES}), [FIRST, SECOND], label=label)
    assert not found.pieces
    assert not found.missing
    assert list(found.dependencies) == ["pen@1.0.0"]


@pytest.mark.parametrize("label", ["", "node_modules/pen/index.js"])
@pytest.mark.parametrize("kept", [False, True])
def test_no_other_version_explains_the_code_of_a_package_that_could_not_be_had(tracers, tmp_path, label, kept):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    if kept:  # of the other version, from another bundle
        trace(tracers, Registry({SECOND: SECOND_FILES}), [SECOND], cache=cache)
    found = trace(tracers, Registry({SECOND: SECOND_FILES}), [FIRST, SECOND], label=label, cache=cache)
    assert found.missing == ("pen@1.0.0",)
    assert "pen@2.0.0" not in found.dependencies
    assert any("rubbed out" in piece.text for piece in found.pieces)


@pytest.mark.parametrize("kept", [False, True])
def test_what_the_repository_changes_is_missing_whatever_the_registry_has(tracers, tmp_path, kept):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    registry = Registry({FIRST: FIRST_FILES})
    if kept:
        assert not trace(tracers, registry, [FIRST], cache=cache).pieces
    changed = replace(FIRST, patched=True)
    again = Registry({changed: FIRST_FILES})
    found = trace(tracers, again, [changed], label="node_modules/pen/index.js", cache=cache)
    assert found.missing == ("pen@1.0.0",)
    assert {piece.reason for piece in found.pieces} == {Reason.UNKNOWN}


def test_one_copy_that_is_changed_makes_all_of_its_version_missing(tracers):
    other = replace(FIRST, place="node_modules/desk/node_modules/pen", patched=True)
    registry = Registry({FIRST: FIRST_FILES, other: FIRST_FILES})
    assert trace(tracers, registry, [FIRST, other]).missing == ("pen@1.0.0",)


def test_what_is_kept_is_not_asked_for_again_and_says_the_same(tracers, tmp_path):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    registry = Registry({FIRST: FIRST_FILES, SECOND: SECOND_FILES})
    first = trace(tracers, registry, [SECOND, FIRST], cache=cache)
    assert registry.asked == ["2.0.0", "1.0.0"]
    assert trace(tracers, registry, [SECOND, FIRST], cache=cache) == first
    assert trace(tracers, registry, [SECOND, FIRST]) == first
    assert registry.asked == ["2.0.0", "1.0.0"] * 2


class Counted:
    """Takes files apart, and counts them."""

    def __init__(self, tracers) -> None:
        self.tracers = tracers
        self.files = 0

    def prints(self, files):
        self.files += len(files)
        return self.tracers.prints(files)


def test_helpers_of_bundlers_are_taken_apart_once(tracers, tmp_path):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    helper = helpers()["esbuild.js"]
    rows = []
    for _ in range(2):
        counted = Counted(tracers)
        found = Tracing(counted, cache).run({"dist/index.js": helper}, {}, [], lambda asked: [])["dist/index.js"]
        rows.append((counted.files, found))
    (first, before), (again, after) = rows
    assert before == after
    assert (before.untraced, before.glue > 0) == (0, True)
    assert first - again == len(helpers())


def test_a_damaged_entry_is_made_anew(tracers, tmp_path):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    registry = Registry({FIRST: FIRST_FILES})
    first = trace(tracers, registry, [FIRST], cache=cache)
    entries = [path for path in (tmp_path / "cache").rglob("result") if path.is_file()]
    assert entries
    for path in entries:
        path.write_bytes(path.read_bytes()[:-1])
    assert trace(tracers, registry, [FIRST], cache=cache) == first
    assert registry.asked == ["1.0.0", "1.0.0"]


@pytest.mark.parametrize("kept", [False, True])
def test_beyond_the_limit_of_bytes_packages_are_missing_in_their_order(tracers, tmp_path, monkeypatch, kept):
    cache = Cache(tmp_path / "cache", datetime.now(UTC))
    registry = Registry({FIRST: FIRST_FILES, SECOND: SECOND_FILES})
    if kept:
        trace(tracers, registry, [SECOND, FIRST], cache=cache)
    size = sum(map(len, SECOND_FILES.values()))
    monkeypatch.setattr(limits, "MAX_CORPUS", size)
    tracing = Tracing(tracers, cache)
    text = BUNDLE.format(label="").encode()
    tracing.run({"dist/index.js": text}, {}, [SECOND, FIRST], registry.each)
    assert tracing.size == size
    assert tracing.problems == {"pen@1.0.0": f"it and 0 packages after it are more than {size:,} bytes of code"}


def test_a_bundle_that_could_come_from_too_many_places_is_refused(tracers, monkeypatch):
    monkeypatch.setattr(matching, "MAX_PLACES", 1)
    text = BUNDLE.format(label="").encode()
    found = Tracing(tracers).run({"dist/index.js": text}, {"src/index.js": text}, [], Registry({}).each)
    assert isinstance(found["dist/index.js"], MalformedError)
    assert found["dist/index.js"].code == "TRACE_PLACES"
    monkeypatch.setattr(matching, "MAX_PLACES", 2)
    found = Tracing(tracers).run({"dist/index.js": text}, {"src/index.js": text}, [], Registry({}).each)
    assert isinstance(found["dist/index.js"], Traced)
