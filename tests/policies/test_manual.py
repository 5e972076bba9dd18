"""docs/policies.md says what is so: its example is loaded, its table is the default's, its limits are the code's."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from provenly.policies import (
    document,
    expressions,
    form,
    lint,
    odd,
    read_clauses,
    read_rules,
    read_scopes,
    scan,
    subject,
    variables,
)
from provenly.policies.load import KEYS, PACKAGED, load, packaged
from provenly.policies.mistakes import PolicyError
from provenly.policies.read_cases import CASE_KEYS, read_cases
from provenly.policies.read_clauses import KEYS as CONDITION_KEYS
from provenly.policies.read_identities import KEYS as IDENTITY_KEYS
from provenly.policies.read_scopes import KEYS as SCOPE_KEYS
from provenly.policies.read_waivers import KEYS as WAIVER_KEYS
from provenly.policies.rules import CHECK_IDS, PARAMETERS
from provenly.policies.subject import Subject
from provenly.policies.variables import VARIABLES, prefix
from provenly.trust.evidence import FileClass, Status
from provenly.trust.graph import Dependency, Graph
from tests.policies.conditions import NOW

MANUAL = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()


def block(language: str, *, mark: str = "") -> str:
    """Return the one block of a language; with several, the one below the remark that names it."""
    start = rf"^<!-- {re.escape(mark)} -->\n" if mark else "^"
    (text,) = re.findall(rf"{start}```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
    return text


def test_the_example_is_a_policy_without_weak_places_of_its_own():
    policy = load(block("toml", mark="file: acme.toml").encode(), "example.toml")
    mine, theirs = (
        [(note.code, note.where) for note in lint.lint(one, date(2026, 11, 22))]
        for one in (policy, packaged("default"))
    )
    assert mine == theirs
    assert policy.scopes
    assert policy.clauses
    assert policy.waivers


def test_the_example_of_a_test_is_one():
    cases = read_cases(block("toml", mark="example: acme.test.toml").encode(), "acme.test.toml")
    assert [case.expect for case in cases] == ["warn", "hold"]


def test_every_variable_of_conditions_is_described_with_its_type():
    rows = dict(re.findall(r"^\| `([a-zA-Z_.]+)` \| ([a-z(), ]+) \| .+ \|$", MANUAL, re.MULTILINE))
    rows |= {f"{start}.{kind}": rows[f"{start}.CLASS"] for start in ("files", "bytes") for kind in FileClass}
    kinds = ("status", "strength", "facts")
    rows |= {f"{prefix(check)}.{kind}": rows[f"evidence.CHECK.{kind}"] for check in CHECK_IDS for kind in kinds}
    assert {name: kind for name, (kind, _) in VARIABLES.items()} == {name: rows[name] for name in VARIABLES}


def test_every_part_of_a_dependency_is_described():
    (paragraph,) = re.findall(r"^Each member of `dependencies`.*?\n\n", MANUAL, re.DOTALL | re.MULTILINE)
    graph = Dependency(id="a@1.0.0", name="a", version="1.0.0")
    known = Subject.of(None, None, None, None, Graph(root="b", dependencies=(graph,), complete=True, how="", at=NOW))
    assert known.dependencies is not None
    assert set(known.dependencies[0]) <= set(re.findall(r"`([a-z_]+)`", paragraph))


def test_every_packaged_policy_is_described():
    for name in PACKAGED:
        assert f"| `{name}` |" in MANUAL


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
    for key in (
        *KEYS,
        *WAIVER_KEYS,
        *IDENTITY_KEYS,
        *SCOPE_KEYS,
        *CONDITION_KEYS,
        *CASE_KEYS,
        *PARAMETERS,
        "never-waive",
    ):
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
        f"1 to {read_scopes.MAX_PATTERNS} purls",
        f"at most {expressions.MAX_LENGTH:,} characters and 32 levels",
        f"a policy {read_clauses.MAX_CONDITIONS} conditions",
        f"more than {variables.MAX_NODES:,} values, {variables.MAX_DEPTH} levels",
        f"a text of more than {variables.MAX_TEXT:,} characters",
        f"more than {subject.MAX_DEPENDENCIES:,}",
    ):
        assert text in re.sub(r"\s+", " ", MANUAL)


def test_every_code_of_a_note_is_described():
    for code in re.findall(
        r'code="(POLICY_[A-Z_]+)"', Path(lint.__file__).read_text() + Path(odd.__file__).read_text()
    ):
        assert f"`{code}`" in MANUAL
