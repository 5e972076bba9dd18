import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import source_acknowledged as check
from provenly.verify.sources.acknowledge import Kind
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, acknowledgement, outcome


@pytest.mark.parametrize(
    ("kind", "status"),
    [
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
