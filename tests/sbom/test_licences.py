"""Licences: an id, an expression, or just a name."""

from __future__ import annotations

import pytest

from tests.sbom.documents import rendered, with_manifest


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("mit", [{"license": {"id": "MIT"}}]),
        ("MIT OR Apache-2.0", [{"expression": "MIT OR Apache-2.0"}]),
        ("(MIT AND (ISC OR 0BSD))", [{"expression": "(MIT AND (ISC OR 0BSD))"}]),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            [{"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}],
        ),
        ("MIT OR Own", [{"license": {"name": "MIT OR Own"}}]),
        ("SEE LICENSE IN LICENSE", [{"license": {"name": "SEE LICENSE IN LICENSE"}}]),
        ("UNLICENSED", [{"license": {"name": "UNLICENSED"}}]),
        ({"type": "ISC", "url": "https://x"}, [{"license": {"id": "ISC"}}]),
        ([{"type": "MIT"}, {"type": "Own"}], [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}]),
        (["MIT OR ISC", "MIT"], [{"license": {"id": "MIT"}}, {"license": {"name": "MIT OR ISC"}}]),
        ("MIT\n\x1b[31m", [{"license": {"name": "MIT\\x0a\\x1b[31m"}}]),
        ("", None),
        (7, None),
    ],
)
def test_licences(licence: object, expected: object):
    found = rendered(with_manifest({"name": "x", "license": licence}))["metadata"]["component"].get("licenses")
    for one in found or []:
        inner = one.get("license", one)
        assert inner.pop("acknowledgement") == "declared"
    assert found == expected


@pytest.mark.parametrize(
    "licence",
    [
        "x" * 5_000_000,
        "MIT AND",
        "AND MIT",
        "MIT OR OR ISC",
        "() MIT",
        "(" * 256,
        "(" * 200 + "MIT" + ")" * 50,
        "MIT AND " * 31,
        "\u202eTIM",
    ],
)
def test_hostile_licences_become_short_names(licence: str):
    (found,) = rendered(with_manifest({"name": "x", "license": licence}))["metadata"]["component"]["licenses"]
    assert len(found["license"]["name"]) < 1_100
    assert "\u202e" not in found["license"]["name"]
