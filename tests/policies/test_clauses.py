from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from provenly.policies.clauses import REASON
from provenly.policies.decide import decide
from provenly.policies.lint import lint
from provenly.policies.mistakes import PolicyError
from provenly.policies.rules import CHECK_IDS
from provenly.policies.subject import MAX_DEPENDENCIES, Subject
from provenly.policies.variables import MAX_NODES, MAX_TEXT, VARIABLES, values
from provenly.trust.evidence import Evidence, Status
from provenly.trust.verdict import Action, Reason, Verdict
from tests.policies.conditions import NOW, SUBJECT, one, package, policy, when, whole


def verdict(expression: str, *changes: Evidence, check: str = "", action: str = "deny", subject=SUBJECT) -> Verdict:
    return decide(when(expression, action, check), whole(*changes), package(), NOW, subject)


def reason(found: Verdict, check: str = REASON) -> Reason:
    (only,) = [item for item in found.reasons if item.check == check]
    return only


HOLDING = [
    "true",
    'pkg.name == "@acme/files"',
    'pkg.name.startsWith("@acme/")',
    'pkg.version == "1.2.3"',
    'pkg.purl == "pkg:npm/%40acme/files@1.2.3"',
    'pkg.registry == "https://npm.acme.example"',
    'pkg.publisher == "jo"',
    "!pkg.deprecated",
    'now - pkg.published > duration("24h")',
    'now > timestamp("2026-11-22T00:00:00Z")',
    "artifact.size > 4000",
    "files.total == 7 && files.executable == 5",
    "files.identical == 7 && files.unexplained == 0",
    "bytes.identical - bytes.unexplained == 9000",
    'source.known && source.found_by == "provenance"',
    'evidence.provenance.status == "passed"',
    "evidence.version_age.facts.hours > 24",
    "has(evidence.source_match.facts.traced)",
    "!has(evidence.source_match.facts.other)",
    'evidence.install_scripts.status in ["absent", "passed"]',
    'dependencies.exists(d, d.name == "zod" && d.checks["tree-status"] == "passed")',
    'dependencies.all(d, d.licence != "")',
    "size(dependencies) == 1 && dependencies_complete",
    'pkg.licences.all(one, one in ["MIT", "ISC"])',
    'evidence.provenance.strength == ""',
]


@pytest.mark.parametrize("expression", HOLDING)
def test_what_holds_applies_and_what_does_not_does_not(expression):
    holds = verdict(expression)
    assert holds.action is Action.DENY
    assert reason(holds).text == "So it is."
    assert (reason(holds).status, reason(holds).rule) == (Status.FAILED, "condition mine:4")
    other = verdict(f"!({expression})")
    assert other.action is Action.ALLOW
    assert (reason(other).status, reason(other).action) == (Status.PASSED, Action.ALLOW)


@pytest.mark.parametrize(
    "expression",
    [
        "evidence.source_match.facts.other > 1",
        'evidence.source_match.facts.traced == "x" || evidence.source_match.facts.traced < "y"',
        "1 / files.unexplained > 1",
        "timestamp(pkg.version) < now",
        "int(pkg.name) > 1",
        "9223372036854775807 * files.identical > 1",
    ],
)
def test_what_cannot_be_evaluated_counts_as_holding_and_says_why(expression):
    found = verdict(expression)
    assert found.action is Action.DENY
    assert reason(found).status is Status.UNCHECKED
    assert "whether that is so could not be told" in reason(found).text
    assert verdict(f"!({expression})").action is Action.DENY


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_whatever_is_not_known_makes_a_condition_apply(name):
    """Nothing is known but the time: the condition applies, and so does its opposite."""
    kind = VARIABLES[name][0]
    question = {
        "bool": f"{name}",
        "int": f"{name} > 0",
        "string": f'{name} == "x"',
        "timestamp": f"{name} > now",
        "map(string, dyn)": f"size({name}) > 1",
    }.get(kind, f"size({name}) > 0")
    for expression in (question, f"!({question})"):
        decided = decide(when(expression), [one("continuity")], None, NOW)
        known = name == "now" or name.endswith("known") or name.startswith("evidence.continuity")
        applied = reason(decided).status is Status.UNCHECKED
        assert applied is not known
        if applied:
            assert f"{name} is not known" in reason(decided).text


def test_every_variable_has_a_value_where_everything_is_known():
    evidence = {piece.check: piece for piece in whole()}
    assert set(values(evidence, package(), SUBJECT, NOW)) == set(VARIABLES)


def test_a_condition_about_a_check_stands_in_its_reason():
    found = verdict("files.total > 3", check="source-match", action="hold")
    assert found.action is Action.HOLD
    assert reason(found, "source-match").text.endswith("; So it is.")
    assert reason(found, "source-match").rule == "condition mine:4"
    assert not [item for item in found.reasons if item.check == REASON]


def test_a_condition_never_makes_milder():
    found = verdict(
        "true",
        one("source-match", Status.FAILED),
        one("version-known", Status.FAILED),
        check="source-match",
        action="warn",
    )
    assert reason(found, "source-match").action is Action.DENY
    assert "So it is" not in reason(found, "source-match").text


def test_a_waiver_of_the_check_lowers_what_a_condition_asks_for():
    text = """
[[condition]]
when = 'files.total > 3'
action = "deny"
why = "So it is."
check = "source-match"
[[waiver]]
check = "source-match"
package = "@acme/files"
reason = "Read by hand."
owner = "Jo"
expires = 2026-12-31
"""
    failed = whole(one("source-match", Status.FAILED))
    found = decide(policy(text), failed, package(), NOW, SUBJECT)
    assert (found.action, reason(found, "source-match").waived) == (Action.WARN, "Read by hand.")
    # What passed needs no waiver, and so has none: the condition stays.
    assert decide(policy(text), whole(), package(), NOW, SUBJECT).action is Action.DENY


def test_a_condition_about_no_check_is_lowered_by_nothing():
    text = '[[condition]]\nwhen = \'true\'\naction = "deny"\nwhy = "x"\n'
    text += "".join(
        f'[[waiver]]\ncheck = "{check}"\npackage = "@acme/files"\nreason = "r"\nowner = "o"\nexpires = 2026-12-31\n'
        for check in CHECK_IDS
        if check not in ("artifact-integrity", "artifact-layout")
    )
    assert decide(policy(text), whole(), package(), NOW, SUBJECT).action is Action.DENY


def test_evidence_that_there_are_two_of_is_not_known():
    evidence = [*whole(), one("provenance")]
    found = decide(when('evidence.provenance.status == "failed"', "warn"), evidence, package(), NOW, SUBJECT)
    assert reason(found).status is Status.UNCHECKED


# --- mistakes


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("pkg.nmae == 1", "did you mean 'pkg.name'?"),
        ("pkg.name == 1", "no matching overload"),
        ("pkg.name", "of type string, not bool"),
        ("files.total", "of type int, not bool"),
        ("evidence.source_match.facts.traced", "of type dyn, not bool"),
        ('evidence.source_mach.status == "x"', "did you mean 'evidence.source_match.status'?"),
        ("1 + 1 == 2", "'+' is left out"),
        ("dyn(pkg.name) + dyn(pkg.name) == 1", "'+' is left out"),
        ('pkg.name.matches("(a+)+$")', "'matches' is left out"),
        ('matches(pkg.name, "(a+)+$")', "'matches' is left out"),
        ("dependencies.map(d, d).size() > 1", "'map' is left out"),
        ("dependencies.filter(d, true).size() > 1", "'filter' is left out"),
        ("dependencies.exists_one(d, true)", "'exists_one' is left out"),
        ("[1].all(a, [1].all(b, true))", "loop within a loop"),
        ("[1].all (a, ([1] . exists(b, true)))", "loop within a loop"),
        ("[1].all(a, size(dependencies) > 1)", "may not stand inside"),
        ("[1].all(a, size(evidence.continuity.facts) > 1)", "may not stand inside"),
        ('pkg.name == r"a"', "raw and byte strings"),
        ('b"a" == b"a"', "raw and byte strings"),
        ('pkg.name == """a"""', "cannot be read"),
        ("`pkg.name` == 1", "cannot be read"),
        ('pkg.name == "a\u202e"', "U+202E"),
        ('pkg.name == "\u200b"', "U+200B"),
        ("(" * 100 + "true" + ")" * 100, "recursion"),
        ("!" * 2000 + "true", "1,000 is the most"),
        ("true" + " && true" * 100, ""),
        ("true &&", "yntax error"),
        ("", "is empty"),
        ('pkg.name == "a" // fine\n', ""),
        ("a" * 900, "there is no"),
        ("cel.bind(x, 1, x == 1)", "there is no"),
        ("optional.of(1).hasValue()", "there is no"),
        ("math.greatest(1, 2) == 2", "there is no"),
    ],
)
def test_what_is_no_condition_is_a_mistake_at_load_time(expression, said):
    text = f'[[condition]]\naction = "hold"\nwhy = "x"\nwhen = {toml(expression)}\n'
    if not said:
        assert len(policy(text).clauses) == 1
        return
    with pytest.raises(PolicyError) as caught:
        policy(text)
    (mistake,) = caught.value.mistakes
    assert mistake.line == 7
    assert said in mistake.text
    assert len(mistake.text) < 450


def toml(text: str) -> str:
    """Return a basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        ('when = "true"\nwhy = "x"\naction = "allow"', "POLICY_VALUE", "only makes stricter"),
        ('when = "true"\nwhy = "x"\naction = "refuse"', "POLICY_VALUE", "no action"),
        ('when = "true"\nwhy = "x"\naction = 1', "POLICY_TYPE", "text in quotes"),
        ('when = "true"\nwhy = "x"', "POLICY_MISSING", "'action' is missing"),
        ('when = "true"\naction = "hold"', "POLICY_MISSING", "'why' is missing"),
        ('why = "x"\naction = "hold"', "POLICY_MISSING", "'when' is missing"),
        ('when = true\nwhy = "x"\naction = "hold"', "POLICY_TYPE", "text in quotes"),
        ('when = "true"\nwhy = "x"\naction = "hold"\ncheck = "source-mach"', "POLICY_UNKNOWN_CHECK", "source-match"),
        ('when = "true"\nwhy = "x"\naction = "hold"\nif = "x"', "POLICY_UNKNOWN_KEY", "as 'when'"),
    ],
)
def test_what_is_wrong_with_a_condition_is_said(lines, code, said):
    with pytest.raises(PolicyError) as caught:
        policy(f"[[condition]]\n{lines}\n")
    (mistake,) = caught.value.mistakes
    assert (mistake.code, said in mistake.text) == (code, True)


def test_the_same_condition_twice_and_too_many_are_refused():
    text = '[[condition]]\nwhen = "true"\naction = "hold"\nwhy = "x"\n'
    with pytest.raises(PolicyError, match="twice"):
        policy(text * 2)
    with pytest.raises(PolicyError, match="more than 64"):
        policy("".join(text.replace("true", f"files.total == {number}") for number in range(70)))
    with pytest.raises(PolicyError, match="tables"):
        policy('condition = "x"\n')


def test_conditions_are_inherited():
    mine = policy('[[condition]]\nwhen = "true"\naction = "hold"\nwhy = "x"\n', base="procurement")
    assert [clause.policy for clause in mine.clauses] == ["procurement", "procurement", "procurement", "mine"]


def test_conditions_that_are_always_the_same_are_named():
    inherited = lint(policy(""), date(2026, 11, 22))
    for expression, code in (("true", "POLICY_NEVER"), ("false && pkg.known", "POLICY_UNREACHABLE"), ("pkg.known", "")):
        found = [note for note in lint(when(expression), date(2026, 11, 22)) if note not in inherited]
        assert [note.code for note in found] == ([code] if code else [])
        assert all(note.text.startswith("line 4: ") for note in found)


def test_a_condition_that_asks_for_no_more_than_its_check_is_named():
    found = [note.text for note in lint(when("pkg.known", "warn", "source-match"), date(2026, 11, 22))]
    assert not any("never milder" in text for text in found)
    rule = '[checks.source-match]\npassed = "hold"\nabsent = "deny"\nfailed = "deny"\nunchecked = "hold"\n'
    text = '[[condition]]\nwhen = "pkg.known"\naction = "hold"\nwhy = "x"\ncheck = "source-match"\n'
    found = [note.text for note in lint(policy(rule + text), date(2026, 11, 22))]
    assert any("source-match is never milder than that" in text for text in found)


# --- bounds


def large(count: int) -> Subject:
    one_ = {"name": "n" * 200, "version": "1.0.0", "licence": "MIT", "checks": {}, "notes": ["a"]}
    return replace(SUBJECT, dependencies=tuple(dict(one_) for _ in range(count)))


@pytest.mark.parametrize(
    "expression",
    [
        "dependencies.all(d, " + " && ".join(['d.name.contains("nnnnnnnnnnnnnnx") == false'] * 20) + ")",
        " && ".join(["dependencies.all(d, d == d)"] * 30),
        "dependencies == dependencies && dependencies == dependencies && dependencies == dependencies",
        "[" + ",".join(map(str, range(200))) + "].all(i, i >= 0 && pkg.name == pkg.name)",
    ],
    ids=["texts", "loops", "whole", "literal"],
)
def test_the_most_that_can_be_asked_takes_no_second(expression):
    text = f'[[condition]]\naction = "hold"\nwhy = "x"\nwhen = {toml(expression)}\n'
    mine = policy(text)
    subject = large(MAX_DEPENDENCIES)
    start = time.process_time()
    decide(mine, whole(), package(), NOW, subject)
    assert time.process_time() - start < 2


def test_too_many_dependencies_are_not_known():
    found = verdict("dependencies.all(d, true)", subject=large(MAX_DEPENDENCIES + 1))
    assert reason(found).status is Status.UNCHECKED
    assert verdict("!dependencies.all(d, true)", subject=large(MAX_DEPENDENCIES)).action is Action.ALLOW


@pytest.mark.parametrize(
    "fact",
    [2**63, -(2**63) - 1, 10**400, float("nan"), float("inf"), "x" * (MAX_TEXT + 1), "a\x00b", "\ud800", object()],
    ids=["int", "negative", "digits", "nan", "inf", "long", "nul", "surrogate", "other"],
)
def test_facts_that_cannot_be_told_exactly_are_not_known(fact):
    changed = one("source-match", facts={"traced": 0, "odd": [fact]})
    for expression in ("evidence.source_match.facts.traced == 1", "has(evidence.source_match.facts.nothing)"):
        assert verdict(expression, changed).action is Action.DENY
    assert verdict('evidence.source_match.status == "failed"', changed).action is Action.ALLOW


def test_facts_that_are_too_many_or_too_deep_are_not_known():
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    for facts in ({"l": list(range(MAX_NODES))}, {"d": deep}):
        assert (
            verdict("has(evidence.source_match.facts.nothing)", one("source-match", facts=facts)).action is Action.DENY
        )
    small = one("source-match", facts={"traced": 0, "l": list(range(100))})
    assert verdict("has(evidence.source_match.facts.nothing)", small).action is Action.ALLOW


def test_an_error_is_short_whatever_it_quotes():
    changed = one("source-match", facts={"m": {"k" * 3_000: 1}})
    found = verdict('evidence.source_match.facts.m["' + "x" * 800 + '"] == 1', changed)
    assert len(reason(found).text) < 400


def test_without_the_library_a_policy_with_conditions_is_refused():
    code = """
import sys
sys.modules["cel_expr_python"] = sys.modules["cel_expr_python.cel"] = None
from provenly.policies.load import load_named
load_named("default")
try:
    load_named("procurement")
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("PolicyError")
    assert "cel-expr-python, which is not installed" in done.stdout


def test_time_is_the_time_that_is_given():
    mine = when('now >= timestamp("2027-01-01T00:00:00Z")')
    assert decide(mine, whole(), package(), NOW, SUBJECT).action is Action.ALLOW
    assert decide(mine, whole(), package(), datetime(2027, 1, 1, tzinfo=UTC), SUBJECT).action is Action.DENY
