"""Attestation documents: B01 and the limits."""

from __future__ import annotations

import json

import pytest

from provenly.trust.attestations import document
from provenly.trust.attestations.document import MAX_ATTESTATIONS, MAX_DOCUMENT
from provenly.trust.attestations.model import PUBLISH
from provenly.trust.errors import Error, MalformedError

MEMBER = {"predicateType": PUBLISH, "bundle": {}}


def read(value: object) -> tuple[document.Attestation, ...]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return document.read(data, what="the attestations of x@1")


@pytest.mark.parametrize("value", [{}, {"attestations": None}, {"attestations": []}, {"other": 1}])
def test_none_is_none(value):
    assert read(value) == ()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "ATT_DOCUMENT"),
        (None, "ATT_DOCUMENT"),
        ("x", "ATT_DOCUMENT"),
        ({"attestations": {}}, "ATT_DOCUMENT"),
        ({"attestations": False}, "ATT_DOCUMENT"),
        ({"attestations": [None]}, "ATT_DOCUMENT"),
        ({"attestations": [{}]}, "ATT_DOCUMENT"),
        ({"attestations": [{"bundle": {}}]}, "ATT_DOCUMENT"),
        ({"attestations": [{"predicateType": "", "bundle": {}}]}, "ATT_DOCUMENT"),
        ({"attestations": [{"predicateType": [PUBLISH], "bundle": {}}]}, "ATT_DOCUMENT"),
        ({"Attestations": []}, "ATT_DOCUMENT"),
        ({"attestations": [MEMBER | {"predicatetype": PUBLISH}]}, "ATT_DOCUMENT"),
        ({"attestations": [MEMBER] * (MAX_ATTESTATIONS + 1)}, "ATT_COUNT"),
        ({"attestations": [None] * 100_000}, "ATT_COUNT"),
        (b'{"attestations": [], "attestations": []}', "JSON_DUPLICATE_KEY"),
        (b'{"attestations": []} {}', "JSON_SYNTAX"),
        (b" " * (MAX_DOCUMENT + 1), "JSON_SIZE"),
        (b"", "JSON_SYNTAX"),
    ],
)
def test_what_is_no_document_is_refused(value, code):
    with pytest.raises(MalformedError) as caught:
        read(value)
    assert caught.value.code == code


def test_every_attestation_up_to_the_limit_is_read():
    assert len(read({"attestations": [MEMBER] * MAX_ATTESTATIONS})) == MAX_ATTESTATIONS


def test_a_broken_bundle_does_not_hide_the_others():
    found = read({"attestations": [MEMBER, MEMBER | {"bundle": None}, {"predicateType": "x", "bundle": []}]})
    assert [one.predicate_type for one in found] == [PUBLISH, PUBLISH, "x"]
    assert all(isinstance(one.bundle, Error) and one.bundle.code for one in found)
