"""The values that are folded out of a script."""

import pytest

from provenly.verify.explain.bundled.values import UNKNOWN, Function, Pattern, covers, decoded, table, text, texts


def test_values_are_as_the_script_has_them():
    folded = (
        "table",
        (("entry", ("list", ("a.ts", "b.ts"), False)), ("minify", True), ("gone", ("undefined",))),
        False,
    )
    assert decoded(folded) == {"entry": ("a.ts", "b.ts"), "minify": True}


def test_what_is_not_known_stays_unknown():
    assert decoded(("list", (1, ("unknown",)), False)) == (1, UNKNOWN)
    assert decoded(("pattern", "^a", "i")) == Pattern(source="^a", flags="i")
    assert decoded(("function", ("x", "y", "z"))) == Function(answers={"esm": "x", "cjs": "y", "iife": "z"})


@pytest.mark.parametrize("value", [(), ("list",), ("table", 3, False), ("table", ((1, 2, 3), (4, 5)), False), {"a": 1}])
def test_what_is_of_no_known_form_says_nothing(value):
    assert decoded(value) in (UNKNOWN, {})


def test_members_of_other_kinds_are_passed_over():
    assert (table("a"), texts((1, "a", UNKNOWN)), texts("b"), text(3)) == ({}, ("a",), ("b",), "")


@pytest.mark.parametrize(
    ("source", "name", "found"),
    [
        (".*", "zod", True),
        ("(.*)", "zod", True),
        ("^@scope\\/", "@scope/one", True),
        ("^@scope\\/", "other", False),
        ("^zod$", "zod", True),
        ("^zod$", "zod-to-json", False),
        ("^lodash.*", "lodash-es", True),
        ("openapi", "my-openapi", True),
        ("js$", "core-js", True),
        ("^a\\.b$", "a.b", True),
        ("^a.b$", "a.b", None),
        ("(a+)+$", "aaaa", None),
        ("^(a|b)$", "a", None),
        ("[ab]", "a", None),
    ],
)
def test_only_simple_patterns_are_read(source, name, found):
    assert covers(Pattern(source=source), name) is found


def test_flags_count():
    assert covers(Pattern(source="^ZOD$", flags="i"), "zod") is True
    assert covers(Pattern(source="^zod$", flags="y"), "zod") is None
