"""Words that reports share."""

from __future__ import annotations

import pytest

from provenly.report.words import foreign, lines, sentence, size
from provenly.trust.text import redact


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (5_000_000_000, "5.0 GB"),
    ],
)
def test_sizes(count: int, text: str):
    assert size(count) == text


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        (((3, 3),), "line 3"),
        (((3, 5),), "3 lines: 3-5"),
        (((3, 5), (9, 9)), "4 lines: 3-5, 9"),
        (((1, 1), (3, 3), (5, 5)), "3 lines: 1, 3 and 1 more range"),
    ],
)
def test_lines(ranges: tuple[tuple[int, int], ...], text: str):
    assert lines(ranges, limit=2) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://user:token@host/x", "https://<redacted>@host/x"),
        ("git+HTTPS://token@host", "git+HTTPS://<redacted>@host"),
        ("see http://a:b@c@host/ and https://d@e", "see http://<redacted>@host/ and https://<redacted>@e"),
        ("https://registry.npmjs.org/@scope/name", "https://registry.npmjs.org/@scope/name"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("ssh://git@github.com/a/b", "ssh://git@github.com/a/b"),
    ],
)
def test_users_and_passwords_of_web_addresses_are_removed(text: str, safe: str):
    assert redact(text) == safe


def test_foreign_text_is_made_safe():
    assert foreign("\x1b[31m##[error]\u202e") == "\\x1b[31m##\\[error]\\u{202e}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the registry signs", "The registry signs."),
        ("The end.", "The end."),
        ("is it?", "Is it?"),
        ("npm would rename it", "npm would rename it."),
        ("@acme/x claims nothing", "@acme/x claims nothing."),
        ("dist/index.js differs", "dist/index.js differs."),
        ("", "."),
    ],
)
def test_sentences(text: str, expected: str):
    assert sentence(text) == expected
