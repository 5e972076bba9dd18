from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from provenly.policies.decide import decide
from provenly.policies.lint import lint
from provenly.policies.mistakes import PolicyError
from provenly.policies.scopes import covers, fits
from provenly.trust.evidence import Status
from provenly.trust.verdict import Action
from tests.policies.conditions import NOW, REGISTRY, one, package, policy, whole

MILDER = '[scope.checks.provenance]\nunchecked = "warn"\n'
STRICTER = '[scope.checks.provenance]\nabsent = "deny"\n'
ABSENT = one("provenance", Status.ABSENT)


def scope(*lines: str, rules: str = STRICTER) -> str:
    return "[[scope]]\n" + "\n".join(lines) + "\n" + rules


def action(text: str, **which: str) -> Action:
    return decide(policy(text), whole(ABSENT), package(**which), NOW).action


ACME = scope('packages = ["pkg:npm/%40acme/*"]', f'registry = "{REGISTRY}"')


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, Action.DENY),
        ({"registry": REGISTRY + "/"}, Action.DENY),
        ({"name": "@acme/other"}, Action.DENY),
        ({"name": "@acme2/files"}, Action.WARN),
        ({"name": "acme"}, Action.WARN),
        ({"name": "@Acme/files"}, Action.WARN),
        ({"registry": "https://registry.npmjs.org"}, Action.WARN),
        ({"registry": REGISTRY + ".evil.example"}, Action.WARN),
        ({"registry": ""}, Action.WARN),
    ],
)
def test_a_scope_is_told_by_the_name_and_registry_that_were_asked_for(which, expected):
    assert action(ACME, **which) is expected


def test_a_file_on_disk_is_in_no_scope_whatever_it_calls_itself():
    rules = "[scope.checks.source-match]\n" + "".join(
        f'{key} = "allow"\n' for key in ("failed", "passed-traced", "failed-with-others", "unchecked")
    )
    milder = policy(scope('packages = ["pkg:npm/*"]', rules=rules))
    failed = whole(one("source-match", Status.FAILED))
    assert decide(milder, failed, package(name="files"), NOW).action is Action.ALLOW
    assert decide(milder, failed, package(name="files", registry=""), NOW).action is Action.HOLD
    assert decide(milder, failed, None, NOW).action is Action.HOLD


def test_the_first_scope_that_has_a_package_applies_and_no_other():
    text = scope('packages = ["pkg:npm/%40acme/files"]', rules='[scope.checks.provenance]\nabsent = "hold"\n') + ACME
    assert action(text) is Action.HOLD
    assert action(text, name="@acme/other") is Action.DENY


def test_a_scope_changes_what_it_says_and_no_more():
    (found,) = policy(ACME).scopes
    (rule,) = found.rules
    base = policy("").rule("provenance")
    assert base is not None
    assert (rule.absent, rule.failed, rule.unchecked) == (Action.DENY, base.failed, base.unchecked)
    assert (rule.origins["absent"].policy, rule.origins["absent"].line, rule.origins["absent"].replaces) == (
        "mine",
        8,
        "warn",
    )


def test_the_reason_names_the_scope():
    reasons = {reason.check: reason for reason in decide(policy(ACME), whole(ABSENT), package(), NOW).reasons}
    assert reasons["provenance"].rule == "scope line 4"
    assert reasons["source-match"].rule == ""


def test_a_missing_check_counts_by_the_rule_of_the_scope():
    text = scope(f'registry = "{REGISTRY}"', rules='[scope.checks.provenance]\nunchecked = "deny"\n')
    evidence = [piece for piece in whole() if piece.check != "provenance"]
    assert decide(policy(text), evidence, package(), NOW).action is Action.DENY
    assert decide(policy(text), evidence, package(registry="https://a.example"), NOW).action is Action.HOLD


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("left-pad", "left-pad", True),
        ("left-pad", "left-pads", False),
        ("left-*", "left-pad", True),
        ("left-*", "left-", False),
        ("*", "left-pad", True),
        ("*", "@acme/files", False),
        ("@acme/*", "@acme/files", True),
        ("@acme/*", "@acme/", False),
        ("@acme/*", "@acme/files/more", False),
        ("@acme/f*", "@acme/files", True),
    ],
)
def test_a_star_stands_for_the_rest_of_a_name(pattern, name, expected):
    assert fits(pattern, name) is expected
    assert covers(pattern, name) is expected


@pytest.mark.parametrize(
    ("one_", "other", "expected"),
    [
        ("@acme/*", "@acme/f*", True),
        ("@acme/f*", "@acme/*", False),
        ("@acme/*", "@acme/*", True),
        ("*", "@acme/*", False),
        ("*", "a*", True),
        ("left-pad", "left-*", False),
    ],
)
def test_a_pattern_covers_another(one_, other, expected):
    assert covers(one_, other) is expected


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (["packages = []"], "POLICY_VALUE", "1 to 32"),
        (['packages = ["@acme/*"]'], "POLICY_VALUE", "no purl"),
        (['packages = ["pkg:npm/@acme/*"]'], "POLICY_VALUE", "is written %40"),
        (['packages = ["pkg:npm/left-pad@1.0.0"]'], "POLICY_VALUE", "every version"),
        (['packages = ["pkg:npm/*/x"]'], "POLICY_VALUE", "at the end"),
        (['packages = ["pkg:npm/%40*/x"]'], "POLICY_VALUE", "at the end"),
        (['packages = ["pkg:pypi/x"]'], "POLICY_VALUE", "no purl"),
        (['packages = ["pkg:npm/x\\u202e"]'], "POLICY_VALUE", "no purl"),
        (['packages = ["pkg:npm/x", "pkg:npm/x"]'], "POLICY_DUPLICATE", "twice"),
        (['packages = "pkg:npm/x"'], "POLICY_TYPE", "an array of purls"),
        (['packages = [["pkg:npm/x"]]'], "POLICY_TYPE", "an array of purls"),
        (['registry = "npm.acme.example"'], "POLICY_VALUE", "base URL"),
        (['registry = "https://*.example"'], "POLICY_VALUE", "base URL"),
        (['why = "x"'], "POLICY_MISSING", "needs 'packages'"),
        (['registry = "https://a.example"', 'package = "x"'], "POLICY_UNKNOWN_KEY", "as 'packages'"),
    ],
)
def test_what_is_wrong_with_a_scope_is_said_with_its_line(lines, code, said):
    with pytest.raises(PolicyError) as caught:
        policy(scope(*lines))
    (mistake,) = caught.value.mistakes
    assert mistake.code == code
    assert said in mistake.text
    assert 4 <= mistake.line <= 6


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("", "POLICY_MISSING"),
        ('[scope.checks.provenanc]\nabsent = "hold"\n', "POLICY_UNKNOWN_CHECK"),
        ('[scope.checks.provenance]\nabsnt = "hold"\n', "POLICY_UNKNOWN_KEY"),
        ("[scope.checks.provenance]\n", "POLICY_EMPTY"),
        ('[scope.checks.provenance]\npassed = "deny"\n', "POLICY_CONTRADICTION"),
        ("[scope.checks.version-age]\nmin-hours = 0\n", "POLICY_VALUE"),
    ],
)
def test_the_rules_of_a_scope_are_held_to_what_rules_are_held_to(rules, code):
    with pytest.raises(PolicyError) as caught:
        policy(scope(f'registry = "{REGISTRY}"', rules=rules))
    assert code in {mistake.code for mistake in caught.value.mistakes}


def test_two_scopes_may_have_rules_for_one_check_where_another_line_is_broken():
    with pytest.raises(PolicyError) as caught:
        policy(ACME + scope('registry = "https://a.example"') + "[checks.source-data]\nabsent = hold\n")
    assert [mistake.code for mistake in caught.value.mistakes] == ["POLICY_SYNTAX"]


def test_one_scope_may_not_have_a_table_twice():
    with pytest.raises(PolicyError) as caught:
        policy(ACME + STRICTER)
    assert [mistake.code for mistake in caught.value.mistakes] == ["POLICY_DUPLICATE"]


def notes(text: str) -> list[tuple[str, str]]:
    inherited = lint(policy(""), date(2026, 11, 22))
    return [(note.code, note.text) for note in lint(policy(text), date(2026, 11, 22)) if note not in inherited]


def test_a_scope_behind_one_that_has_all_of_its_packages_is_called_unreachable():
    hidden = scope('packages = ["pkg:npm/%40acme/files"]', f'registry = "{REGISTRY}"')
    ((code, text),) = notes(ACME + hidden)
    assert code == "POLICY_UNREACHABLE"
    assert text.startswith("line 9: the scope never applies: the scope on line 4 comes first")


def test_a_pattern_behind_an_earlier_scope_is_called_unreachable():
    half = scope('packages = ["pkg:npm/%40acme/files", "pkg:npm/left-pad"]', f'registry = "{REGISTRY}"')
    ((code, text),) = notes(ACME + half)
    assert code == "POLICY_UNREACHABLE"
    assert "the pattern pkg:npm/%40acme/files of the scope never applies" in text


def test_a_scope_of_every_registry_is_not_hidden_by_one_of_a_single_registry():
    assert notes(ACME + scope('packages = ["pkg:npm/%40acme/files"]')) == []
    assert [code for code, _ in notes(scope('packages = ["pkg:npm/%40acme/*"]') + ACME)] == ["POLICY_UNREACHABLE"]


def test_a_rule_that_changes_nothing_is_named():
    ((code, text),) = notes(scope(f'registry = "{REGISTRY}"', rules='[scope.checks.provenance]\nabsent = "warn"\n'))
    assert code == "POLICY_UNREACHABLE"
    assert text == "line 4: the scope's rule for provenance says what the policy says anyway"


@pytest.mark.parametrize(
    "rules",
    [
        MILDER,
        "[scope.checks.version-age]\nmin-hours = 1\n",
        '[scope.checks.version-age]\npassed-younger = "allow"\n',
        '[scope.checks.registry-signature]\nknown-to-sign = ["https://a.example"]\n',
        '[scope.checks.provenance-builder]\nbuilders = ["https://a.example/x"]\n',
        '[scope.checks.source-match]\nfailed-with-others = "hold"\n',
    ],
)
def test_milder_rules_for_a_name_alone_are_warned_of(rules):
    open_ = scope('packages = ["pkg:npm/%40acme/*"]', rules=rules)
    assert [code for code, _ in notes(open_)] == ["POLICY_SCOPE_OPEN"]
    closed = scope('packages = ["pkg:npm/%40acme/*"]', f'registry = "{REGISTRY}"', rules=rules)
    assert notes(closed) == []
    assert notes(scope('packages = ["pkg:npm/%40acme/*"]')) == []


def test_many_scopes_are_refused():
    with pytest.raises(PolicyError) as caught:
        policy(ACME * 33)
    assert "32 are the most" in caught.value.message


def test_a_scope_has_no_influence_on_the_order_of_reasons():
    plain = decide(policy(""), whole(), package(), NOW)
    scoped = decide(policy(ACME), whole(), package(), NOW)
    assert [reason.check for reason in plain.reasons] == [reason.check for reason in scoped.reasons]
    assert replace(plain.reasons[-1], rule="") == replace(scoped.reasons[-1], rule="")
