from dataclasses import replace

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.model import Note
from provenly.trust.source import Candidate, FoundBy
from provenly.verify.checks import version_known as check
from provenly.verify.sources.acknowledge import Kind
from tests.verify.checks.subjects import (
    ABSENT,
    COMMIT,
    FAILED,
    PASSED,
    REPOSITORY,
    UNCHECKED,
    acknowledgement,
    found,
    outcome,
)


@pytest.mark.parametrize("by", [FoundBy.TAG, FoundBy.GIT_HEAD, FoundBy.MANIFEST_EQUAL, FoundBy.VERSION_SET])
def test_a_version_that_the_source_names_passes(by):
    assert outcome(check, found=found(found_by=by)).status is PASSED


def test_the_nearest_commit_is_a_guess_and_fails():
    evidence = outcome(check, found=found(found_by=FoundBy.NEAREST, version="0.9.0"))
    assert evidence.status is FAILED
    assert "1.0.0" in evidence.expected
    assert "0.9.0" in evidence.actual


def test_a_commit_that_the_user_named_must_carry_the_version():
    assert outcome(check, found=found(found_by=FoundBy.USER)).status is PASSED
    assert outcome(check, found=found(found_by=FoundBy.USER, version="2.0.0")).status is UNCHECKED


def test_a_provenance_that_acknowledges_the_package_knows_its_version():
    built = found(found_by=FoundBy.PROVENANCE, version="0.6.3", name="")
    evidence = outcome(check, found=built, acknowledgement=acknowledgement(Kind.PROVENANCE))
    assert (evidence.status, evidence.strength) == (PASSED, "provenance")
    assert evidence.facts["manifest_version"] == "0.6.3"
    assert evidence.consulted == (REPOSITORY, COMMIT)


def test_a_provenance_that_acknowledges_nothing_knows_no_version():
    built = found(found_by=FoundBy.PROVENANCE, version="0.6.3", name="")
    evidence = outcome(check, found=built, acknowledgement=acknowledgement(Kind.NAME_ONLY))
    assert evidence.status is UNCHECKED
    assert "--source" not in evidence.hint
    assert "--source" in outcome(check, found=found(found_by=FoundBy.USER, version="2.0.0")).hint
    assert outcome(check, found=built, acknowledgement=UnavailableError("unread")).status is UNCHECKED


def test_no_claim_and_no_network_differ():
    assert outcome(check, found=NotFoundError("none", code="SOURCE_NO_CLAIM")).status is ABSENT
    assert outcome(check, found=UnavailableError("no network")).status is UNCHECKED


def test_what_names_the_version_is_a_fact():
    evidence = outcome(check)
    assert evidence.facts == {"found_by": "tag", "name": "v1.0.0", "manifest_version": "1.0.0"}
    assert evidence.strength == "tag"
    assert evidence.consulted == (REPOSITORY, COMMIT)


def test_an_unknown_version_says_what_was_compared_instead():
    evidence = outcome(check, found=found(found_by=FoundBy.NEAREST, version="", name=""))
    assert evidence.facts == {"found_by": "nearest", "name": "", "manifest_version": ""}
    assert evidence.actual == "no such version"
    assert evidence.consulted == (REPOSITORY,)
    assert COMMIT[:12] in evidence.summary


def test_the_chosen_commit_is_described_and_not_the_first_one():
    passed_over = Candidate(commit="bad" + "0" * 37, found_by=FoundBy.GIT_HEAD, version="7.0.0")
    before = found()
    source = replace(before.source, candidates=(passed_over, *before.source.candidates))
    assert outcome(check, found=replace(before, source=source)).facts["manifest_version"] == "1.0.0"


def test_another_error_of_the_search_is_no_lack_of_a_claim():
    assert outcome(check, found=NotFoundError("gone", code="SOURCE_URL_REFUSED")).status is UNCHECKED


OTHER = "feed" + "0" * 36


def knowing(commit=OTHER):
    return Candidate(commit=commit, found_by=FoundBy.TAG, name="v1.0.0", knows=True)


def test_a_tag_on_another_commit_than_the_compared_one_knows_the_version_too():
    evidence = outcome(check, found=found(found_by=FoundBy.GIT_HEAD, version="0.9.0", name="", others=(knowing(),)))
    assert (evidence.status, evidence.strength) == (PASSED, "tag")
    assert evidence.consulted == (REPOSITORY, OTHER)
    assert "(by tag v1.0.0)" in evidence.summary


def test_of_several_that_know_it_the_compared_commit_is_named():
    before = found()
    source = replace(before.source, candidates=(knowing(), *before.source.candidates))
    assert outcome(check, found=replace(before, source=source)).consulted == (REPOSITORY, COMMIT)


@pytest.mark.parametrize("code", ["SOURCE_HISTORY_LIMIT", "SOURCE_HISTORY_UNREAD"])
def test_what_was_not_read_may_know_the_version(code):
    notes = (Note(code=code, text="too much"),)
    evidence = outcome(check, found=found(found_by=FoundBy.NEAREST, version="", notes=notes))
    assert evidence.status is UNCHECKED
    assert evidence.hint
    assert outcome(check, found=found(notes=notes)).status is PASSED


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (FoundBy.NEAREST, "the nearest commit, "),
        (FoundBy.GIT_HEAD, "the commit that the registry names, "),
        (FoundBy.TAG, "the commit of a tag like it, "),
    ],
)
def test_an_unknown_version_is_said_with_what_was_compared(by, words):
    notes = (Note(code="TAG_AMBIGUOUS", text="two tags"),)
    evidence = outcome(check, found=found(found_by=by, version="0.9.0", notes=notes))
    assert evidence.status is FAILED
    assert words + COMMIT[:12] in evidence.summary
