import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.model import FoundBy
from provenly.verify.checks import version_known as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, found, outcome


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


def test_no_claim_and_no_network_differ():
    assert outcome(check, found=NotFoundError("none", code="SOURCE_NO_CLAIM")).status is ABSENT
    assert outcome(check, found=UnavailableError("no network")).status is UNCHECKED
