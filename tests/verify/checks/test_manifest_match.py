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


@pytest.mark.parametrize("code", ["JSON_DEPTH", "MANIFEST_NAME"])
def test_an_ill_formed_manifest_keeps_its_code(code):
    evidence = outcome(check, manifest=MalformedError("ill-formed", code=code))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, code)


def test_a_manifest_that_another_check_answers_for_is_unchecked():
    assert outcome(check, manifest=RejectedError("other bytes", code="INTEGRITY_MISMATCH")).status is UNCHECKED
    assert outcome(check, manifest=MalformedError("ambiguous", code="TAR_DUPLICATE")).status is UNCHECKED


def test_an_ill_formed_description_fails():
    lie = MalformedError("twice", code="JSON_DUPLICATE_KEY")
    evidence = outcome(check, package=lie)
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "JSON_DUPLICATE_KEY")


def test_each_disagreement_is_told():
    evidence = outcome(check, manifest=MANIFEST | {"version": "2.0.0"})
    assert evidence.facts["code"] == "MANIFEST_CONFUSION"
    assert evidence.expected == "no difference"
    assert evidence.actual
    evidence = outcome(check, manifest=MANIFEST | {"scripts": {"a": "x"}, "version": "2.0.0", "name": "other"})
    assert "2.0.0" in evidence.actual
    assert "; " in evidence.actual
    assert ", " in evidence.summary


def test_the_registry_that_described_it_is_named():
    assert outcome(check).consulted == ("https://registry.example",)


def test_of_many_disagreements_five_are_named():
    dependencies = dict.fromkeys(("ant", "bee", "cat", "dog", "eel", "fox"), "1.0.0") | MANIFEST["dependencies"]
    evidence = outcome(check, manifest=MANIFEST | {"dependencies": dependencies})
    assert "about 6 members" in evidence.summary
    assert ("eel" in evidence.summary, "fox" in evidence.summary) == (True, False)
    assert ("eel" in evidence.actual, "fox" in evidence.actual) == (True, False)
