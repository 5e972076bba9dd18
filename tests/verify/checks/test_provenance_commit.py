"""Whether the attested commit is the one that was compared."""

from dataclasses import replace

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.model import Claimant
from provenly.trust.source import FoundBy
from provenly.verify.checks import provenance_commit as check
from tests.verify.checks.attested import parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, COMMIT, FAILED, PASSED, REPOSITORY, UNCHECKED, found, outcome

OTHER = "f" * 40


def test_the_compared_commit_passes():
    evidence = outcome(check, **parts(), found=found(found_by=FoundBy.PROVENANCE))
    assert evidence.status is PASSED
    assert evidence.expected == evidence.actual == COMMIT
    assert evidence.facts == {
        "repository": REPOSITORY,
        "commit": COMMIT,
        "compared": COMMIT,
        "found_by": "provenance",
        "reachable": True,
    }


def test_it_passes_however_the_commit_was_found():
    assert outcome(check, **parts(), found=found(found_by=FoundBy.TAG)).status is PASSED


def test_another_commit_fails():
    evidence = outcome(check, **parts(publish(), provenance(facts={"commit": OTHER})))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "COMMIT_MISMATCH"})
    assert (evidence.expected, evidence.actual) == (f"{REPOSITORY} {OTHER}", f"{REPOSITORY} {COMMIT}")


def test_the_same_commit_of_another_repository_fails():
    evidence = outcome(check, **parts(publish(), provenance(facts={"slug": "thief/mail-mcp"})))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "COMMIT_MISMATCH"})
    assert "provenance-source" in evidence.hint


def test_a_commit_that_the_user_named_instead_is_explained():
    before = found(found_by=FoundBy.USER)
    claim = replace(before.source.claim, claimant=Claimant.USER)
    named = replace(before, source=replace(before.source, claim=claim))
    evidence = outcome(check, **parts(publish(), provenance(facts={"commit": OTHER})), found=named)
    assert evidence.status is FAILED
    assert "Leave --source out" in evidence.hint


@pytest.mark.parametrize("reachable", [False, None])
def test_a_commit_that_nothing_leads_to_fails(reachable):
    evidence = outcome(check, **parts(), found=found(found_by=FoundBy.PROVENANCE, reachable=reachable))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "COMMIT_UNREACHABLE"})


@pytest.mark.parametrize(("chosen", "status"), [(True, PASSED), (False, FAILED)])
def test_what_leads_to_the_other_candidates_does_not_count(chosen, status):
    made = found(found_by=FoundBy.PROVENANCE, reachable=chosen)
    other = replace(made.source.candidates[0], commit=OTHER, reachable=not chosen, chosen=False)
    for candidates in ((other, *made.source.candidates), (*made.source.candidates, other)):
        evidence = outcome(check, **parts(), found=replace(made, source=replace(made.source, candidates=candidates)))
        assert evidence.status is status


def test_the_hint_says_how_to_compare_with_the_attested_commit():
    evidence = outcome(check, **parts(publish(), provenance(facts={"commit": OTHER})))
    assert "Name the attested commit with --source" in evidence.hint


def test_no_source_is_unchecked():
    gone = NotFoundError("no such commit", code="SOURCE_REVISION")
    assert outcome(check, **parts(), found=gone).status is UNCHECKED
    assert outcome(check, **parts(), found=NotFoundError("none", code="SOURCE_NO_CLAIM")).status is UNCHECKED


def test_without_a_provenance_it_is_absent_and_without_a_look_unchecked():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("no network")).status is UNCHECKED
