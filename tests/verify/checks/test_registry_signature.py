from provenly.trust.model import RegistrySignature
from provenly.verify.checks import registry_signature as check
from tests.verify.checks.subjects import ABSENT, UNCHECKED, outcome, package

NPM = "https://registry.npmjs.org"


def test_a_signature_that_is_not_verified_never_passes():
    signed = package(signatures=(RegistrySignature(keyid="SHA256:x", signature="AA=="),), signatures_served=True)
    assert outcome(check, package=signed).status is UNCHECKED


def test_a_mirror_that_serves_none_is_told_from_a_registry_that_has_none():
    assert outcome(check, package=package(registry=NPM)).status is UNCHECKED
    assert outcome(check, package=package()).status is ABSENT
    evidence = outcome(check, package=package(registry=NPM, signatures_served=True))
    assert evidence.status is ABSENT
    assert evidence.facts["signatures_served"] is True


def test_a_file_on_disk_is_unchecked():
    assert outcome(check, package=package(registry="")).status is UNCHECKED


def test_what_the_registry_serves_is_a_fact():
    signed = package(signatures=(RegistrySignature(keyid="SHA256:x", signature="AA=="),), registry="")
    evidence = outcome(check, package=signed)
    assert evidence.facts == {"registry": "", "signatures_served": False, "keyids": ("SHA256:x",)}
    assert "1 signature," in evidence.summary
    for registry, served, actual in ((NPM, False, "not served"), (NPM, True, "none"), ("https://x", False, "none")):
        evidence = outcome(check, package=package(registry=registry, signatures_served=served))
        assert evidence.facts == {"registry": registry, "signatures_served": served, "keyids": ()}
        assert (evidence.expected, evidence.actual) == ("a signature", actual)
