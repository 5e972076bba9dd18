import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.text import MAX_SHOWN, plural, redact, show


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
        ("\u20dd" * 6, "\u20dd" * 4 + "\\u{20dd}" * 2),
        ("e\u0301" * 6, "e\u0301" * 6),
        ("a\x7f\x85\xad", "a\\x7f\\x85\\xad"),
        ("\xff\u0100", "\xff\u0100"),
        ("\ue000", "\\u{e000}"),
        ("\u0378", "\\u{0378}"),
        ("\u2029", "\\u{2029}"),
        ("x\ufe01\U000e0101", "x\\u{fe01}\\u{e0101}"),
        ("const \u3164 = \uffa0\u2800", "const \\u{3164} = \\u{ffa0}\\u{2800}"),
        ("\u115f\u1160\u034f\u17b4\u180b", "\\u{115f}\\u{1160}\\u{034f}\\u{17b4}\\u{180b}"),
        ("\u26a0\ufe0f 1\ufe0f\u20e3", "\u26a0\ufe0f 1\ufe0f\u20e3"),
        ("\u26a0\ufe0f\ufe0f\ufe0e", "\u26a0\ufe0f\\u{fe0f}\\u{fe0e}"),
        ("\u2194\ufe0f \u3030\ufe0f \u203c\ufe0f", "\u2194\ufe0f \u3030\ufe0f \u203c\ufe0f"),
        ("a\ufe0f", "a\\u{fe0f}"),
        ("\ufe0fa", "\\u{fe0f}a"),
        (b"\xff\x1b", "\\xff\\x1b"),
        (b"plain", "plain"),
    ],
)
def test_nothing_that_acts_on_a_terminal_is_left(text, shown):
    assert show(text) == shown


def test_what_is_left_out_is_counted():
    assert show("x" * 30, limit=10) == "x" * 10 + "… (20 more characters)"
    assert show("x" * 10, limit=10) == "x" * 10
    assert show("\xe9" * 10, limit=10) == "\xe9" * 10
    assert show("x" * (MAX_SHOWN + 1)) == "x" * MAX_SHOWN + "… (1 more characters)"


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


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://ann:secret@host/x?a@b", "see https://<redacted>@host/x?a@b"),
        ("HTTPS://secret@host", "HTTPS://<redacted>@host"),
        ("git+https://ann:se@cret@host/x", "git+https://<redacted>@host/x"),
        ("http://a:b@x and http://c:d@y", "http://<redacted>@x and http://<redacted>@y"),
        ("https://host/@scope/name", "https://host/@scope/name"),
        ("https://host?mail=a@b", "https://host?mail=a@b"),
        ("https://host#a@b", "https://host#a@b"),
        ("https://host for ann@example", "https://host for ann@example"),
        ("https://host/x", "https://host/x"),
        ("ann@example", "ann@example"),
    ],
)
def test_passwords_in_addresses_are_taken_out(text, left):
    assert redact(text) == left
    assert redact(left) == left


@pytest.mark.parametrize("piece", ["a.", "a-", "a:/", "a+", "https:", "://"])
def test_the_time_to_redact_grows_with_the_text_and_no_faster(piece):
    before = time.process_time()
    redact(piece * 50_000 + "@")
    assert time.process_time() - before < 10
