from dataclasses import replace

import pytest

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.trust.source import Candidate, FoundBy
from provenly.verify.checks import source_reachable as check
from provenly.verify.checks.source_files import NO_CLAIM_HINT
from tests.verify.checks.subjects import ABSENT, COMMIT, FAILED, PASSED, REPOSITORY, UNCHECKED, found, outcome


def test_a_commit_that_a_tag_leads_to_passes():
    evidence = outcome(check)
    assert (evidence.status, evidence.strength) == (PASSED, "tag")
    assert COMMIT in evidence.consulted


def test_a_commit_of_a_fork_fails():
    evidence = outcome(check, found=found(found_by=FoundBy.GIT_HEAD, reachable=False))
    assert evidence.status is FAILED
    assert "fork" in evidence.summary


def test_a_commit_whose_place_was_not_seen_is_unchecked():
    assert outcome(check, found=found(reachable=None)).status is UNCHECKED


def test_a_git_head_that_was_passed_over_is_told():
    imposter = Candidate(commit="bad" + "0" * 37, found_by=FoundBy.GIT_HEAD, reachable=False)
    evidence = outcome(check, found=found(others=(imposter,)))
    assert evidence.status is PASSED
    assert "bad000000000" in evidence.summary
    assert evidence.facts["unreachable"] == (imposter.commit,)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("no claim", code="SOURCE_NO_CLAIM"), ABSENT),
        (NotFoundError("cannot be followed", code="SOURCE_URL_REFUSED"), UNCHECKED),
        (UnavailableError("no network", code="OFFLINE"), UNCHECKED),
        (MalformedError("git refused", code="SOURCE_MALFORMED"), FAILED),
    ],
)
def test_a_source_that_could_not_be_had(error, status):
    assert outcome(check, found=error).status is status


def test_the_commit_is_a_fact_whatever_the_answer():
    for reachable in (True, False, None):
        evidence = outcome(check, found=found(reachable=reachable))
        unreachable = (COMMIT,) if reachable is False else ()
        facts = {"repository": REPOSITORY, "commit": COMMIT, "found_by": "tag", "unreachable": unreachable}
        assert evidence.facts == facts
        assert evidence.consulted == (REPOSITORY, COMMIT)
    assert outcome(check, found=found(reachable=False)).actual == COMMIT
    assert outcome(check, found=found(reachable=False)).expected


def test_the_chosen_commit_decides_and_not_the_first_one():
    passed_over = Candidate(commit="bad" + "0" * 37, found_by=FoundBy.GIT_HEAD, reachable=False)
    before = found()
    source = replace(before.source, candidates=(passed_over, *before.source.candidates))
    assert outcome(check, found=replace(before, source=source)).status is PASSED


def test_the_words_name_the_tag_or_nothing():
    assert "(by tag v1.0.0) is part of its history" in outcome(check).summary
    assert outcome(check).summary.endswith("history")
    assert "(by git-head) is" in outcome(check, found=found(found_by=FoundBy.GIT_HEAD, name="")).summary


def test_no_claim_says_what_was_expected():
    evidence = outcome(check, found=NotFoundError("no claim", code="SOURCE_NO_CLAIM", hint="else"))
    assert (evidence.actual, evidence.hint) == ("no claim", NO_CLAIM_HINT)
    assert evidence.expected
    assert "--source" in outcome(check, found=NotFoundError("no claim", code="SOURCE_NO_CLAIM")).hint
