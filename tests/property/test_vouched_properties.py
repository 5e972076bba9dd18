"""A policy that is taken for at least as strict never lets pass what the other one stops."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenly.policies.decide import decide
from provenly.policies.load import PACKAGED, packaged
from provenly.policies.rules import Policy, Rule
from provenly.policies.vouched import _looser
from provenly.trust.verdict import Action
from tests.property.test_decide_properties import NOW, actions, packages, unhurried, well_formed

CELLS = ("passed", "failed", "absent", "unchecked", "with_others")


@st.composite
def changed(draw: st.DrawFn) -> Policy:
    """Return a packaged policy of which a few cells are others."""
    policy = replace(packaged(draw(st.sampled_from(PACKAGED))), clauses=(), identities=())
    rules = list(policy.rules)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(rules) - 1))
        rules[place] = replace(rules[place], **_other(draw, rules[place]))
    return replace(policy, rules=tuple(rules))


def _other(draw: st.DrawFn, rule: Rule) -> dict[str, object]:
    if rule.conditions and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(rule.conditions)))
        return {"conditions": dict(rule.conditions) | {key: draw(actions)}}
    return {draw(st.sampled_from(CELLS)): draw(actions)}


@unhurried
@given(changed(), changed(), well_formed, packages)
def test_what_is_not_looser_stops_at_least_as_much(theirs, ours, evidence, package):
    assume(not list(_looser(theirs, ours)))
    strict, mild = (decide(policy, evidence, package, NOW).action for policy in (theirs, ours))
    assert strict.rank >= mild.rank


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("source-match", {"with_others": None}),
        ("version-age", {"conditions": {}}),
        ("version-status", {"conditions": {"failed-deprecated": Action.ALLOW}}),
        ("registry-signature", {"options": {"known-to-sign": ()}}),
        ("provenance", {"absent": Action.ALLOW}),
    ],
    ids=["company", "condition-left-out", "condition-milder", "parameter", "cell"],
)
def test_each_way_to_be_looser_is_seen(check, change):
    ours = packaged("default")
    theirs = replace(ours, rules=tuple(replace(rule, **change) if rule.check == check else rule for rule in ours.rules))
    assert [check in looser for looser in _looser(theirs, ours)] == [True]
