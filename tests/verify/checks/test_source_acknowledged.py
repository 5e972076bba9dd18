import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import source_acknowledged as check
from provenly.verify.sources.acknowledge import Kind
from tests.verify.checks.subjects import ABSENT, COMMIT, FAILED, PASSED, REPOSITORY, UNCHECKED, acknowledgement, outcome


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.PROVENANCE, PASSED),
        (Kind.VERSION, PASSED),
        (Kind.TAG, PASSED),
        (Kind.WORKFLOW, PASSED),
        (Kind.NAME_ONLY, ABSENT),
        (Kind.NONE, FAILED),
    ],
)
def test_each_kind_of_acknowledgement(kind, status):
    evidence = outcome(check, acknowledgement=acknowledgement(kind))
    assert evidence.status is status
    assert evidence.strength == (str(kind) if status is PASSED else "")


def test_the_lie_has_its_own_words():
    assert "claimed, not acknowledged" in outcome(check, acknowledgement=acknowledgement(Kind.NONE, "")).summary


def test_every_kind_is_known_to_the_check():
    assert {str(kind) for kind in Kind} == {*check.SUFFICIENT, "name-only", "none"}


def test_no_claim_and_no_network_differ():
    none = NotFoundError("none", code="SOURCE_NO_CLAIM")
    assert outcome(check, found=none, acknowledgement=none).status is ABSENT
    lost = UnavailableError("no network")
    assert outcome(check, found=lost, acknowledgement=lost).status is UNCHECKED


def test_the_proof_is_a_fact():
    facts = {"kind": "version", "path": "package.json", "commit": COMMIT, "ref": "refs/tags/v1.0.0"}
    evidence = outcome(check)
    assert evidence.facts == facts
    assert evidence.consulted == (REPOSITORY, COMMIT)
    assert "(package.json)" in evidence.summary


def test_what_is_missing_is_told():
    evidence = outcome(check, acknowledgement=acknowledgement(Kind.NAME_ONLY, "packages/mail/package.json"))
    assert evidence.facts["kind"] == "name-only"
    assert "packages/mail/package.json" in evidence.actual
    assert "mail-mcp@1.0.0" in evidence.expected
    assert evidence.consulted == (REPOSITORY, COMMIT)
    evidence = outcome(check, acknowledgement=acknowledgement(Kind.NONE, ""))
    assert evidence.actual == "none"
    assert evidence.facts["kind"] == "none"


def test_another_error_of_the_search_is_no_lack_of_a_claim():
    refused = NotFoundError("cannot be followed", code="SOURCE_URL_REFUSED")
    assert outcome(check, found=refused, acknowledgement=refused).status is UNCHECKED
