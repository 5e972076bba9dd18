import pytest

from provenly.verify.checks import tree_scripts as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome
from tests.verify.checks.trees import DIFF, ZOD, direct, empty, gap, judged, part, tree


def test_all_pass():
    evidence = judged(check, tree())
    assert evidence.status is PASSED
    assert "2 packages" in evidence.summary


def test_one_that_fails_fails_and_is_named():
    evidence = judged(check, tree(outcomes={check.ID: {ZOD: (FAILED, "TREE_SCRIPT", "it is odd")}}))
    assert evidence.status is FAILED
    assert evidence.summary == f"1 of 2 packages of the tree: {ZOD}: it is odd"
    assert evidence.facts["code"] == "TREE_SCRIPT"
    assert evidence.facts["failed"] == ({"package": ZOD, "code": "TREE_SCRIPT", "text": "it is odd"},)


def test_one_that_could_not_be_looked_at_leaves_it_open():
    found = {ZOD: (UNCHECKED, "OFFLINE", "no network"), DIFF: (ABSENT, "TREE_BUNDLED", "")}
    evidence = judged(check, tree(outcomes={check.ID: found}))
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "OFFLINE")


def test_a_failure_is_not_hidden_by_what_could_not_be_looked_at():
    found = {ZOD: (UNCHECKED, "OFFLINE", "no network"), DIFF: (FAILED, "TREE_SCRIPT", "it is odd")}
    assert judged(check, tree(outcomes={check.ID: found})).status is FAILED


@pytest.mark.parametrize(("made", "code"), [(part(), "TREE_NO_NPM"), (gap(), "TREE_GAP")], ids=["no npm", "gap"])
def test_a_part_of_the_tree_is_not_the_tree(made, code):
    evidence = judged(check, made)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, code)


def test_of_direct_dependencies_it_speaks_where_only_those_were_asked_for():
    assert judged(check, direct()).status is PASSED
    found = {ZOD: (FAILED, "TREE_SCRIPT", "it is odd")}
    made = tree(complete=False, depth="direct", outcomes={check.ID: found})
    assert judged(check, made).status is FAILED


def test_no_dependencies_are_absent_and_never_a_pass():
    assert judged(check, empty()).status is ABSENT
    assert judged(check, empty(complete=False, fault=("TREE_NPM", "npm failed", ""))).status is UNCHECKED


def test_what_nobody_asked_for_says_so():
    evidence = outcome(check)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "DEPS_NOT_ASKED")
