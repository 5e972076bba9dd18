"""Commits that are only named do not know a version."""

import pytest

from provenly.trust.model import Note
from provenly.trust.source import Candidate, FoundBy
from provenly.verify.checks import version_known as check
from tests.verify.checks.subjects import FAILED, PASSED, UNCHECKED, found, outcome


@pytest.mark.parametrize("by", [FoundBy.TAG, FoundBy.GIT_HEAD])
def test_a_commit_that_is_only_named_does_not_know_the_version(by):
    evidence = outcome(check, found=found(found_by=by, version="0.9.0"))
    assert (evidence.status, evidence.actual) == (FAILED, "version 0.9.0")


def test_another_candidate_may_know_it():
    other = Candidate(commit="d" * 40, found_by=FoundBy.TAG, name="v1.0.0", knows=True)
    evidence = outcome(check, found=found(found_by=FoundBy.GIT_HEAD, version="0.0.0", others=(other,)))
    assert (evidence.status, evidence.strength) == (PASSED, "tag")


@pytest.mark.parametrize("code", ["SOURCE_HISTORY_LIMIT", "SOURCE_HISTORY_UNREAD"])
def test_history_that_was_not_read_may_know_it(code):
    unread = found(found_by=FoundBy.NEAREST, version="0.9.0", notes=[Note(code=code, text="not read")])
    assert outcome(check, found=unread).status is UNCHECKED
