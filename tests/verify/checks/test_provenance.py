"""Whether there is a provenance that holds."""

import pytest

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.verify.checks import provenance as check
from tests.simulator.sigstore.instance import Instance, Target
from tests.verify.checks.attested import parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome, package


def test_a_signed_statement_about_these_bytes_passes():
    evidence = outcome(check, **parts())
    assert evidence.status is PASSED
    facts = evidence.facts
    assert facts["issuer"] == "https://token.actions.githubusercontent.com"
    assert facts["signed_at"] == "2026-07-10T03:31:08Z"
    assert facts["trusted_root"]["place"] == "root.json"
    assert (facts["attestations"], facts["others"]) == (2, ())
    assert facts["build_type"].endswith("/workflow/v1")
    assert "keys" not in facts
    assert evidence.expected == evidence.actual


@pytest.mark.parametrize(
    ("attestation", "code"),
    [
        (lambda: provenance(target=Target(data=b"other bytes")), "ATT_SUBJECT_DIGEST"),
        (lambda: provenance(target=Target(version="1.0.1", data=b"the archive")), "ATT_SUBJECT_NAME"),
        (lambda: Instance().provenance(Target(data=b"the archive")), ""),
        (lambda: provenance(payload=b"{}"), ""),
    ],
)
def test_one_that_does_not_hold_fails(attestation, code):
    evidence = outcome(check, **parts(publish(), attestation()))
    assert evidence.status is FAILED
    assert evidence.facts["code"] == code or not code


def test_two_are_none():
    evidence = outcome(check, **parts(publish(), provenance(), provenance()))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "ATT_DUPLICATE")


def test_an_unknown_build_type_is_unchecked_by_name():
    def unknown(predicate):
        predicate["buildDefinition"]["buildType"] = "https://example.com/build/v1"

    evidence = outcome(check, **parts(publish(), provenance(change=unknown)))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "ATT_BUILD_TYPE"})
    assert "https://example.com/build/v1" in evidence.summary


def test_a_publish_attestation_alone_is_no_provenance():
    assert outcome(check, **parts(publish())).status is ABSENT


def test_one_that_the_registry_advertises_and_keeps_back_is_no_absence():
    evidence = outcome(check, **parts(publish(), advertised=True))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "ATT_MISSING"})


def test_a_forgery_under_another_name_is_no_absence():
    forged = Instance().provenance(Target(data=b"the archive"), outer="https://example.com/other")
    assert outcome(check, **parts(publish(), forged)).status is FAILED


def test_others_are_listed_and_never_counted():
    other = provenance(changes={"predicateType": "https://example.com/other"}, outer="https://example.com/other")
    evidence = outcome(check, **parts(publish(), other, advertised=False))
    assert evidence.status is ABSENT
    evidence = outcome(check, **parts(publish(), provenance(), other))
    assert (evidence.status, evidence.facts["others"]) == (PASSED, ("https://example.com/other",))


def test_an_empty_document_is_unchecked():
    from tests.simulator.sigstore.instance import dump

    assert outcome(check, **parts_of(dump({"attestations": []}))).facts == {"code": "ATT_MISSING"}
    assert outcome(check, **parts_of(dump({}))).status is UNCHECKED
    assert outcome(check, **parts_of(b"[]")).status is FAILED


def parts_of(document):
    from provenly.verify import attested
    from tests.verify.checks.attested import attempt, context
    from tests.verify.checks.subjects import artifact

    judged = attempt(lambda: attested.judge(document, package(), artifact(), context(document)))
    return {"attested": judged, "provenance": judged}


def test_none_and_not_looked_differ():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("stripped", code="ATT_STRIPPED")).status is UNCHECKED
    assert outcome(check, provenance=MalformedError("no JSON")).status is FAILED


def test_an_absence_says_of_which_registry():
    evidence = outcome(check, provenance=NotFoundError("none", code="ATT_NONE"))
    assert evidence.facts == {"registry": "https://registry.example"}
    assert (evidence.actual, bool(evidence.expected)) == ("none", True)
