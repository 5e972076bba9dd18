"""Licences: an id, an expression, or just a name."""

from __future__ import annotations

import pytest

from provenly.sbom import licences
from tests.sbom.documents import rendered, with_manifest


def said(licence: object) -> list[tuple[str, str]]:
    """Return each licence of the component with how it is known."""
    found = rendered(with_manifest({"name": "x", "license": licence}))["metadata"]["component"].get("licenses", [])
    inner = [one.get("license", one) for one in found]
    return [(one.get("id") or one.get("name") or one["expression"], one["acknowledgement"]) for one in inner]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("mit", [("MIT", "concluded"), ("MIT", "declared")]),
        ("MIT OR Apache-2.0", [("MIT OR Apache-2.0", "concluded")]),
        ("(MIT AND (ISC OR 0BSD))", [("MIT AND (ISC OR 0BSD)", "concluded")]),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            [("GPL-2.0-only WITH Classpath-exception-2.0", "concluded")],
        ),
        ("GPL-2.0", [("GPL-2.0-only", "concluded"), ("GPL-2.0-only", "declared")]),
        ("LGPL-2.1+", [("LGPL-2.1-or-later", "concluded"), ("LGPL-2.1-or-later", "declared")]),
        ("MIT OR Own", [("MIT OR Own", "declared")]),
        ("SEE LICENSE IN LICENSE", [("SEE LICENSE IN LICENSE", "declared")]),
        ("UNLICENSED", [("UNLICENSED", "declared")]),
        ({"type": "ISC", "url": "https://x"}, [("ISC", "concluded"), ("ISC", "declared")]),
        ([{"type": "MIT"}, {"type": "Own"}], [("MIT", "declared"), ("Own", "declared")]),
        (["MIT OR ISC", "MIT"], [("MIT", "declared"), ("MIT OR ISC", "declared")]),
        ("MIT\n\x1b[31m", [("MIT\\x0a\\x1b[31m", "declared")]),
        ("", []),
        (7, []),
    ],
)
def test_licences(licence: object, expected: list[tuple[str, str]]):
    assert said(licence) == expected


@pytest.mark.parametrize(
    ("declared", "identified", "expression", "why"),
    [
        (["MIT"], [], "MIT", "declaration alone"),
        (["MIT"], ["MIT"], "MIT", "and the licence text"),
        (["GPL-2.0-or-later"], ["GPL-2.0"], "GPL-2.0-or-later", "and the licence text"),
        (["MIT OR Apache-2.0"], ["Apache-2.0"], "MIT OR Apache-2.0", "and the licence text"),
        (["MIT"], ["GPL-3.0"], "", "the licence text is that of GPL-3.0-only"),
        (["SEE LICENSE IN LICENSE"], ["Apache-2.0"], "Apache-2.0", "from the licence text"),
        (["SEE LICENSE IN LICENSE"], ["Apache-2.0", "MIT"], "", "no SPDX expression"),
        ([], [], "", "no SPDX expression"),
        (["MIT", "ISC"], [], "", "no SPDX expression"),
    ],
)
def test_what_is_concluded_and_why(declared: list[str], identified: list[str], expression: str, why: str):
    found = licences.conclude(declared, identified)
    assert found.expression == expression
    assert why in found.why


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
