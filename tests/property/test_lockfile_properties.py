"""What holds of every lockfile that is read, or refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError
from provenly.verify.dependencies.read import read
from tests.verify.dependencies.samples import BESIDE, SAMPLES, check

KINDS = pytest.mark.parametrize(
    ("path", "data"), SAMPLES, ids=[f"{path}-{number}" for number, (path, _) in enumerate(SAMPLES)]
)

PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            *(b"node_modules/", b"../", b"/", b"\\", b"..", b".pnpm/", b"link:", b"file:", b"npm:", b"workspace:"),
            *(b"(", b")", b"@", b":", b'"', b"'", b"{", b"}", b"[", b"]", b",", b"\n", b"  ", b"\r\n", b"&a", b"*a"),
            *(b"!!python/name:os.system", b"<<: ", b"\x00", b"\xff", "\u202e".encode(), b"9" * 400, b"1.0.0"),
        ]
    ),
)
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), PIECES), min_size=1, max_size=6)

ODD: Any = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 9),
        st.sampled_from(["", "..", "../x", "/x", "a/b", "x@1.0.0", "link:..", "file:x", "npm:y@1", "1.0.0", "*"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)


def held(path: str, data: bytes) -> None:
    with suppress(MalformedError):
        check(read(path, data, BESIDE))


@KINDS
def test_the_samples_are_read(path: str, data: bytes):
    check(read(path, data, BESIDE))


@KINDS
@settings(max_examples=150)
@given(edits=EDITS)
def test_bytes_that_were_edited_are_read_or_refused(path: str, data: bytes, edits: list[tuple[int, int, bytes]]):
    for at, cut, piece in edits:
        start = at % (len(data) + 1)
        data = data[:start] + piece + data[start + cut :]
    held(path, data)


def _members(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every member of a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(*path, key) for key in keys] + [deep for key in keys for deep in _members(value[key], (*path, key))]


@pytest.mark.parametrize(("path", "data"), SAMPLES[:2], ids=["npm-3", "npm-1"])
@settings(max_examples=150)
@given(pick=st.integers(0, 10_000), value=ODD)
def test_members_of_any_kind_are_read_or_refused(path: str, data: bytes, pick: int, value: Any):
    document = json.loads(data)
    members = _members(document)
    *above, key = members[pick % len(members)]
    holder = document
    for step in above:
        holder = holder[step]
    holder[key] = value
    held(path, json.dumps(document).encode())


@pytest.mark.parametrize("path", ["pnpm-lock.yaml", "yarn.lock"])
@settings(max_examples=150)
@given(value=ODD, pick=st.integers(0, 20))
def test_values_of_any_kind_are_read_or_refused(path: str, value: Any, pick: int):
    """JSON is YAML, so that members of any kind can be put anywhere."""
    if path == "yarn.lock":
        document: dict[str, Any] = {
            "__metadata": {"version": "8"},
            "x@npm:1": {"version": "1.0.0", "resolution": "x@npm:1.0.0", "dependencies": {"y": "npm:1"}},
        }
    else:
        document = {
            "lockfileVersion": "9.0",
            "importers": {".": {"dependencies": {"x": {"specifier": "1", "version": "1.0.0"}}}},
            "packages": {"x@1.0.0": {"resolution": {"integrity": "sha512-x"}}},
            "snapshots": {"x@1.0.0": {"dependencies": {"y": "1.0.0"}}},
        }
    members = _members(document)
    *above, key = members[pick % len(members)]
    holder: Any = document
    for step in above:
        holder = holder[step]
    holder[key] = value
    text = json.dumps(document, indent=1)
    held(path, text.replace('"__metadata"', "\n__metadata", 1).encode())
