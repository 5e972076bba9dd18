from __future__ import annotations

from datetime import date

import pytest

from provenly.policies.lint import lint
from provenly.policies.load import load

TODAY = date(2026, 11, 22)
HEAD = 'schema = 1\nname = "mine"\nextends = "default"\n'


def codes(text: str) -> set[tuple[str, str]]:
    inherited = {("POLICY_WEAK", "version-age"), ("POLICY_WEAK", "continuity")}
    return {(note.code, note.where) for note in lint(load((HEAD + text).encode(), "x"), TODAY)} - inherited


def waiver(*lines: str) -> str:
    keys = {"check": '"source-match"', "package": '"a"', "version": '"1.0.0"', "statuses": '["failed"]'}
    keys |= {"reason": '"r"', "owner": '"Jo"', "expires": "2026-12-31"}
    keys |= dict(line.split(" = ", 1) for line in lines)
    return "[[waiver]]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items() if value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ('[checks.source-match]\nfailed = "allow"', {("POLICY_WEAK", "source-match")}),
        ('[checks.source-data]\nunchecked = "allow"', {("POLICY_WEAK", "source-data")}),
        ('[checks.provenance]\nunchecked = "warn"', {("POLICY_WEAK", "provenance")}),
        (
            '[checks.launch-pinned]\npassed = "hold"\nfailed = "hold"\nunchecked = "hold"',
            {("POLICY_NEVER", "launch-pinned")},
        ),
        (waiver(), set()),
        (waiver("expires = 2026-11-22"), set()),
        (waiver("expires = 2026-11-21"), {("POLICY_WAIVER_EXPIRED", "source-match of a@1.0.0")}),
        (waiver("expires = 2099-01-01"), {("POLICY_WAIVER_LONG", "source-match of a@1.0.0")}),
        (waiver("version = "), {("POLICY_WAIVER_BROAD", "source-match of a")}),
        (waiver("statuses = "), {("POLICY_WAIVER_BROAD", "source-match of a@1.0.0")}),
    ],
)
def test_what_protects_less_than_it_seems_is_named(text, expected):
    assert codes(text) == expected
