import pytest

from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.trust.graph import Scope
from provenly.trust.model import Note
from provenly.verify.checks import tree_complete as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome
from tests.verify.checks.trees import DIFF, ZOD, dependency, direct, empty, gap, judged, part, tree


def test_a_whole_tree_passes():
    evidence = judged(check, tree(dependency(DIFF, scope=Scope.OPTIONAL), dependency(ZOD)))
    assert evidence.status is PASSED
    assert evidence.facts["count"] == 2
    assert evidence.facts["scopes"] == {"required": 1, "optional": 1, "peer": 0, "bundled": 0}
    assert evidence.facts["how"] == "npm 11.4.2 on Node.js 22.1.0"


@pytest.mark.parametrize("code", ["TREE_GIT", "TREE_URL", "TREE_FILE", "TREE_NAME"])
def test_what_no_registry_has_fails(code):
    odd = dependency("odd@github:a/b", notes=(Note(code=code, text="it comes from elsewhere"),))
    evidence = judged(check, tree(odd, dependency(ZOD), complete=False))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, code)
    assert evidence.summary == "1 of 2 packages of the tree not from a registry: odd: it comes from elsewhere"


def test_that_it_comes_from_elsewhere_is_said_before_that_npm_failed():
    odd = dependency("odd@github:a/b", notes=(Note(code="TREE_GIT", text="it comes from elsewhere"),))
    made = tree(odd, complete=False, fault=("TREE_NO_NPM", "no npm", ""))
    assert judged(check, made).status is FAILED


def test_a_tree_that_nobody_can_install_fails():
    made = tree(complete=False, fault=("TREE_UNRESOLVABLE", "no way", ""), rejected=True)
    assert judged(check, made).status is FAILED


@pytest.mark.parametrize(("made", "code"), [(part(), "TREE_NO_NPM"), (gap(), "TREE_GAP"), (direct(), "DEPS_NOT_ASKED")])
def test_a_part_of_it_leaves_it_open(made, code):
    evidence = judged(check, made)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, code)


def test_no_dependencies_are_absent():
    assert judged(check, empty()).status is ABSENT


def test_a_part_without_dependencies_is_not_absent():
    assert judged(check, empty(complete=False, fault=("TREE_NPM", "npm failed", ""))).status is UNCHECKED


@pytest.mark.parametrize("error", [UnavailableError("x"), RejectedError("x"), MalformedError("x")])
def test_without_the_package_there_is_no_tree(error):
    evidence = outcome(check, tree_or=error)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "PART_MISSING")


def test_what_nobody_asked_for_says_so():
    evidence = outcome(check)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "DEPS_NOT_ASKED")
