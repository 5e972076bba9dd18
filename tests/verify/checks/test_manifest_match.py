import pytest

from provenly.trust.errors import MalformedError, RejectedError, UnavailableError
from provenly.verify.checks import manifest_match as check
from tests.verify.checks.subjects import FAILED, MANIFEST, PASSED, UNCHECKED, outcome, package


def test_agreement_passes():
    assert outcome(check).status is PASSED


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "other"),
        ("version", "1.0.1"),
        ("scripts", {"postinstall": "node steal.js"}),
        ("dependencies", {"zod": "^4.0.0", "evil": "1.0.0"}),
        ("bin", {"mail-mcp": "other.js"}),
    ],
)
def test_a_hidden_member_of_the_archive_fails(member, value):
    evidence = outcome(check, manifest=MANIFEST | {member: value})
    assert evidence.status is FAILED
    assert member in evidence.summary


def test_an_ill_formed_manifest_fails():
    evidence = outcome(check, manifest=MalformedError("twice", code="JSON_DUPLICATE_KEY"))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "JSON_DUPLICATE_KEY")


def test_without_an_archive_or_a_registry_it_is_unchecked():
    assert outcome(check, manifest=UnavailableError("no archive")).status is UNCHECKED
    assert outcome(check, package=package(registry="")).status is UNCHECKED


def test_a_registry_that_describes_something_else_fails():
    lie = RejectedError("the registry answered about another package", code="REG_NAME_MISMATCH")
    assert outcome(check, package=lie).status is FAILED
    gone = RejectedError("unpublished", code="REG_UNPUBLISHED")
    assert outcome(check, package=gone).status is UNCHECKED
