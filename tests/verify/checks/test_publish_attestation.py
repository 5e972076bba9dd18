"""Whether the registry attested these bytes."""

import pytest

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.verify.checks import publish_attestation as check
from tests.simulator.sigstore.ct_log import CtLog
from tests.simulator.sigstore.instance import Target, dump, statement
from tests.simulator.sigstore.npm import NpmKey
from tests.verify.checks.attested import TARGET, Anchors, parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome, package

NPM = "https://registry.npmjs.org"


def test_an_attestation_of_the_registrys_key_about_these_bytes_passes():
    evidence = outcome(check, **parts())
    assert evidence.status is PASSED
    assert evidence.facts["keyid"].startswith("SHA256:")
    assert evidence.facts["signer"] == "https://registry.example"
    assert evidence.facts["signed_at"] == "2026-07-10T03:31:08Z"
    assert evidence.facts["trusted_root"]["kind"] == evidence.facts["keys"]["kind"] == "file"
    assert evidence.facts["trusted_root"]["sha256"] != evidence.facts["keys"]["sha256"]
    assert evidence.expected == evidence.actual
    assert "--attestations" in evidence.consulted


@pytest.mark.parametrize(
    ("attestation", "code"),
    [
        (lambda: publish(target=Target(data=b"other bytes")), "ATT_SUBJECT_DIGEST"),
        (lambda: publish(key=NpmKey()), "ATT_KEY_UNKNOWN"),
        (lambda: publish(outer="https://slsa.dev/provenance/v1"), "ATT_TYPE_MISMATCH"),
        (lambda: {"predicateType": publish()["predicateType"], "bundle": {}}, ""),
    ],
)
def test_one_that_does_not_hold_fails(attestation, code):
    evidence = outcome(check, **parts(attestation(), provenance()))
    assert evidence.status is FAILED
    assert evidence.facts["code"] == code or not code


def test_a_provenance_alone_is_no_publish_attestation():
    assert outcome(check, **parts(provenance())).status is ABSENT


def test_what_may_be_one_under_another_name_is_no_absence():
    disguised = publish(outer="https://example.com/other", key=NpmKey())
    assert outcome(check, **parts(disguised, provenance())).status is FAILED


def summary(**made):
    """Return an attestation of a type that is not read, signed by a workflow."""
    kind = "https://slsa.dev/verification_summary/v1"
    return provenance(payload=dump(statement(TARGET, kind, {})), outer=kind, **made)


def test_others_beside_it_change_nothing_where_it_holds():
    refused = summary(leaf={"ct_log": CtLog()})
    assert outcome(check, **parts(publish(), provenance(), summary())).status is PASSED
    assert outcome(check, **parts(publish(), provenance(), refused)).status is PASSED
    assert outcome(check, **parts(provenance(), summary())).status is ABSENT
    for document in ((summary(), refused), (refused, summary())):
        assert outcome(check, **parts(*document, provenance())).status is FAILED


def test_none_and_not_looked_differ():
    assert outcome(check, attested=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, attested=UnavailableError("stripped", code="ATT_STRIPPED")).status is UNCHECKED
    assert outcome(check, attested=MalformedError("no JSON")).status is FAILED


def test_an_absence_says_of_which_registry():
    evidence = outcome(check, attested=NotFoundError("none", code="ATT_NONE"), package=package())
    assert evidence.facts == {"registry": "https://registry.example"}
    assert (evidence.actual, bool(evidence.expected)) == ("none", True)


def test_a_registry_whose_keys_nobody_knows_is_unchecked_unless_npm_signed():
    unknown = Anchors("https://registry.example")
    assert outcome(check, **parts(publish(key=NpmKey()), anchors=unknown)).status is UNCHECKED
    evidence = outcome(check, **parts(publish(predicate={"registry": NPM}), anchors=unknown))
    assert (evidence.status, evidence.facts["signer"]) == (PASSED, NPM)


def test_without_any_keys_nothing_is_said():
    evidence = outcome(check, **parts(anchors=Anchors("https://registry.example", NPM)))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "TRUST_NO_KEYS"})


@pytest.mark.parametrize("unknown", [("https://registry.example",), ("https://registry.example", NPM)])
def test_without_the_registrys_keys_another_fault_is_still_one(unknown):
    """Only that no key is known is no fault of the attestation's."""
    changed = publish()
    changed["bundle"]["dsseEnvelope"]["payloadType"] = "text/plain"
    evidence = outcome(check, **parts(changed, provenance(), anchors=Anchors(*unknown)))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "ATT_PAYLOAD_TYPE"})
