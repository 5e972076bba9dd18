"""Source maps with sentry-cli's id and lines, and with anything else."""

from __future__ import annotations

import json

import pytest

from provenly.verify.explain.debug_maps import with_debug_id
from provenly.verify.explain.postprocess import Surrounding, processed

ID = "666083d9-0a1a-5aad-b4db-26aaa93fe565"
MAP = {
    "version": 3,
    "file": "a.js",
    "sourceRoot": "",
    "sources": ["../src/a.ts"],
    "names": [],
    "mappings": "AAAA;;AACA",
}


def data(**changes: object) -> bytes:
    return json.dumps({key: value for key, value in {**MAP, **changes}.items() if value is not None}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"debugId": ID, "mappings": "AAAA;;;AACA"},
        {"debugId": ID, "mappings": ";;AAAA;;AACA"},
        {"debugId": ID, "debug_id": ID, "mappings": "AAAA;;;;AACA"},
        {"debug_id": ID},
    ],
)
def test_the_lines_of_the_snippet_and_its_id_are_all_that_is_new(changes: dict):
    assert with_debug_id(data(**changes), data()) == ID
    around = Surrounding(version="1.0.0", packed=(), aliases={})
    done = processed("dist/a.js.map", data(**changes), data(), around)
    assert done
    assert (done.steps, ID in done.detail) == (("debug-ids",), True)


@pytest.mark.parametrize(
    "changes",
    [
        {"mappings": "AAAA;;;AACA"},
        {"debugId": "evil", "mappings": "AAAA;;;AACA"},
        {"debugId": ID, "debug_id": ID.replace("6", "7"), "mappings": "AAAA;;;AACA"},
        {"debugId": ID, "mappings": "AAAA;;;;;AACA"},
        {"debugId": ID, "mappings": ";AAAA;;;AACA"},
        {"debugId": ID, "mappings": "AAAA;;;AACC"},
        {"debugId": ID, "mappings": "AAAA;A;AACA"},
        {"debugId": ID, "mappings": ["AAAA;;AACA"]},
        {"debugId": ID, "sources": ["../src/b.ts"]},
        {"debugId": ID, "sourcesContent": ["evil()"]},
        {"debugId": ID, "names": None},
    ],
)
def test_any_other_change_of_a_map_is_none_of_that(changes: dict):
    assert with_debug_id(data(**changes), data()) == ""


def test_what_is_no_map_and_what_has_an_id_already_is_left_alone():
    assert with_debug_id(b"{", data()) == with_debug_id(data(debugId=ID), b"[]") == ""
    assert with_debug_id(data(debugId=ID), data(debugId=ID)) == ""
