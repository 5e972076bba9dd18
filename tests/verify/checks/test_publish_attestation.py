from provenly.verify.checks import publish_attestation as check
from tests.verify.checks.subjects import ABSENT, UNCHECKED, outcome, package

NPM = "https://registry.npmjs.org"


def test_an_attestation_that_is_not_verified_never_passes():
    advertised = package(attestations="/-/npm/v1/attestations/mail-mcp@1.0.0", registry=NPM, signatures_served=True)
    assert outcome(check, package=advertised).status is UNCHECKED


def test_none_at_a_registry_that_serves_evidence_is_absent():
    assert outcome(check, package=package(registry=NPM, signatures_served=True)).status is ABSENT
    assert outcome(check, package=package()).status is ABSENT


def test_none_at_a_mirror_that_leaves_evidence_out_is_unchecked():
    assert outcome(check, package=package(registry=NPM)).status is UNCHECKED


def test_a_file_on_disk_is_unchecked():
    assert outcome(check, package=package(registry="")).status is UNCHECKED


def test_what_the_registry_says_is_told():
    none = outcome(check, package=package())
    assert none.facts == {"registry": "https://registry.example"}
    assert (none.actual, bool(none.expected)) == ("none", True)
    mirror = outcome(check, package=package(registry=NPM))
    assert mirror.facts == {"registry": NPM}
    assert (mirror.actual, bool(mirror.expected)) == ("not served", True)
    advertised = package(attestations="/-/npm/v1/attestations/mail-mcp@1.0.0", registry=NPM)
    assert outcome(check, package=advertised).facts == {"registry": NPM}
