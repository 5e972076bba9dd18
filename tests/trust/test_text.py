import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.text import plural, show


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nPASS b", "a\\x0aPASS b"),
        ("a\rb\x08c", "a\\x0db\\x08c"),
        ("\u202egnp.exe", "\\u{202e}gnp.exe"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("tag\U000e0041", "tag\\u{e0041}"),
        ("line\u2028break", "line\\u{2028}break"),
        ("\ud800", "\\u{d800}"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u{0301}" * 2),
        (b"\xff\x1b", "\\xff\\x1b"),
    ],
)
def test_nothing_that_acts_on_a_terminal_is_left(text, shown):
    assert show(text) == shown


def test_what_is_left_out_is_counted():
    assert show("x" * 30, limit=10) == "x" * 10 + "… (20 more characters)"


def test_the_caller_may_keep_line_feeds():
    assert show("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text())
def test_shown_text_has_only_printable_characters(text):
    assert not any(unicodedata.category(character).startswith("C") for character in show(text))
    assert "\u2028" not in show(text)


@given(st.text())
def test_showing_twice_changes_nothing(text):
    assert show(show(text), limit=10**6) == show(text)


def test_plural():
    assert [plural(0, "file"), plural(1, "file"), plural(1200, "file")] == ["0 files", "1 file", "1,200 files"]
    assert plural(2, "dependency", "dependencies") == "2 dependencies"
