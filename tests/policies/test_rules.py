from __future__ import annotations

from pathlib import Path

import pytest

from provenly.policies.conditions import applies
from provenly.policies.load import packaged
from provenly.policies.rules import CHECK_IDS, CONDITIONS, Rule, conditions_of
from provenly.policies.wording import PASSES_WHEN
from provenly.trust.evidence import Status
from provenly.trust.verdict import Action

MANUAL = Path(__file__).parents[2] / "docs" / "policies.md"


def rule(**changes) -> Rule:
    answers = {"passed": Action.ALLOW, "failed": Action.DENY, "absent": Action.WARN, "unchecked": Action.HOLD}
    return Rule(check="source-match", **{**answers, **changes})


def test_no_check_is_named_twice():
    assert len(set(CHECK_IDS)) == len(CHECK_IDS) == 31


def test_every_check_has_its_sentence():
    assert set(PASSES_WHEN) == set(CHECK_IDS)


def test_a_rule_has_an_action_for_each_status():
    assert [rule().at(status) for status in Status] == [Action.ALLOW, Action.DENY, Action.WARN, Action.HOLD]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Action.DENY),
        ({"failed": Action.WARN}, Action.HOLD),
        ({"failed": Action.WARN, "with_others": Action.DENY}, Action.DENY),
        ({"failed": Action.WARN, "conditions": {"passed-younger": Action.DENY}}, Action.DENY),
    ],
)
def test_the_strictest_action_counts_statuses_company_and_conditions(changes, expected):
    assert rule(**changes).strictest is expected


def test_every_condition_is_of_a_check_and_begins_with_its_status():
    for condition in CONDITIONS:
        assert condition.check in CHECK_IDS
        assert condition.key.startswith(f"{condition.status}-")
        assert condition in conditions_of(condition.check)


def test_every_condition_can_be_looked_up_in_facts():
    for condition in CONDITIONS:
        found = packaged("default").rule(condition.check)
        assert found is not None
        assert isinstance(applies(condition, found, {}), bool)


def test_doubt_is_on_the_strict_side():
    for condition in CONDITIONS:
        found = packaged("default").rule(condition.check)
        assert found is not None
        assert applies(condition, found, {}) is condition.stricter


@pytest.mark.parametrize("word", [*CHECK_IDS, *(condition.key for condition in CONDITIONS), "failed-with-others"])
def test_the_manual_describes_every_check_and_condition(word):
    assert f"`{word}`" in MANUAL.read_text()
