"""What holds of every identity in a policy: only the whole text of a fact fits, and removing facts never helps."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.policies.identities import FACTS, IdentityRule, fits_ref, matches
from provenly.trust.errors import RejectedError

unhurried = settings(deadline=None)

texts = st.text(st.sampled_from("abAB01./-@*\n\0\u017f\u212a"), min_size=1, max_size=12)
segments = st.text(st.sampled_from("ab.*"), max_size=6)
patterns = st.lists(segments, min_size=1, max_size=4).map("/".join)
refs = st.lists(st.text(st.sampled_from("ab.\n"), max_size=8), min_size=1, max_size=4).map("/".join)
exact = st.sampled_from([key for key in FACTS if key != "ref"])


def fits(rule: IdentityRule, facts: dict[str, str]) -> bool:
    try:
        matches(rule, facts)
    except RejectedError:
        return False
    return True


@unhurried
@given(key=exact, wanted=texts, found=texts)
def test_only_the_same_text_fits(key, wanted, found):
    assert fits(IdentityRule(package="a", fields={key: wanted}), {FACTS[key]: found}) is (wanted == found)


@unhurried
@given(key=exact, wanted=texts, before=st.text(max_size=3), after=st.text(max_size=3))
def test_nothing_is_found_inside_another_text(key, wanted, before, after):
    rule = IdentityRule(package="a", fields={key: wanted})
    assert fits(rule, {FACTS[key]: before + wanted + after}) is (before + after == "")


@unhurried
@given(wanted=st.dictionaries(st.sampled_from(sorted(FACTS)), texts.filter(lambda text: "*" not in text), min_size=1))
def test_an_identity_fits_itself_until_any_fact_is_taken_away(wanted):
    rule = IdentityRule(package="a", fields=wanted)
    facts = {FACTS[key]: value for key, value in wanted.items()}
    assert fits(rule, facts)
    for key in wanted:
        lacking = {name: value for name, value in facts.items() if name != FACTS[key]}
        with pytest.raises(RejectedError):
            matches(rule, lacking)


@unhurried
@given(pattern=patterns, ref=refs)
def test_refs_fit_as_an_anchored_expression_would(pattern, ref):
    """The expression is the second opinion; it is not used because its time is not bounded."""
    expression = "".join("[^/]*" if character == "*" else re.escape(character) for character in pattern)
    assert fits_ref(pattern, ref) is bool(re.fullmatch(expression, ref))


def test_a_hostile_ref_takes_no_time():
    assert not fits_ref("refs/tags/" + "*a" * 8 + "b", "refs/tags/" + "a" * 200_000)
