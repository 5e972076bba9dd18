"""docs/policies.md says what is so: its example is loaded, its table is the default's, its limits are the code's."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from provenly.policies import document, form, lint, read_rules, scan
from provenly.policies.load import KEYS, load, packaged
from provenly.policies.mistakes import PolicyError
from provenly.policies.read_identities import KEYS as IDENTITY_KEYS
from provenly.policies.read_waivers import KEYS as WAIVER_KEYS
from provenly.policies.rules import PARAMETERS
from provenly.trust.evidence import Status

MANUAL = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
    return text


def test_the_example_is_a_policy_without_weak_places_of_its_own():
    policy = load(block("toml").encode(), "example.toml")
    own = set(lint.lint(policy, date(2026, 11, 22))) - set(lint.lint(packaged("default"), date(2026, 11, 22)))
    assert own == set()


def test_the_table_is_the_default():
    rows = re.findall(r"^\| `([a-z-]+)` \|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$", MANUAL, re.MULTILINE)
    cells = {
        (row[0], status): cell.split(";")[0].strip()
        for row in rows
        for status, cell in zip(Status, row[1:], strict=True)
    }
    said = {(rule.check, status): str(rule.at(status)) for rule in packaged("default").rules for status in Status}
    assert {key: cells[key] for key in said} == said


def test_the_messages_shown_are_the_messages_given():
    asset = Path(__file__).parent / "assets" / "many-mistakes.toml"
    messages: list[str] = []
    try:
        load(asset.read_bytes(), "x")
    except PolicyError as error:
        messages = [str(mistake) for mistake in error.mistakes]
    assert set(block("text").splitlines()) <= set(messages)


def test_every_key_is_described():
    for key in (*KEYS, *WAIVER_KEYS, *IDENTITY_KEYS, *PARAMETERS, "never-waive", "why"):
        assert f"`{key}`" in MANUAL or f"`[{key}]`" in MANUAL or f"`[[{key}]]`" in MANUAL or f"`[{key}." in MANUAL


def test_every_limit_is_the_one_in_force():
    for text in (
        f"at most {document.MAX_BYTES // 1024} KiB, {scan.MAX_STATEMENTS:,} keys and headers",
        f"{scan.MAX_DOTS} dots in a key and {scan.MAX_NESTING} brackets",
        f"at most {form.MAX_TEXT:,} characters",
        f"after {form.MAX_MISTAKES} mistakes",
        f"at most {read_rules.MAX_HOURS:,} hours",
        f"1 to {read_rules.MAX_REGISTRIES} base URLs",
        f"1 to {read_rules.MAX_REGISTRIES} URIs",
    ):
        assert text in MANUAL


def test_every_code_of_a_note_is_described():
    for code in re.findall(r'code="(POLICY_[A-Z_]+)"', Path(lint.__file__).read_text()):
        assert f"`{code}`" in MANUAL
