from provenly.trust.errors import RejectedError, UnavailableError
from provenly.verify.checks import version_status as check
from tests.verify.checks.subjects import FAILED, PASSED, UNCHECKED, outcome, package


def test_a_listed_version_passes():
    assert outcome(check).status is PASSED


def test_a_deprecated_version_fails_with_the_message():
    evidence = outcome(check, package=package(deprecated="use mail-mcp 2"))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "DEPRECATED")
    assert "use mail-mcp 2" in evidence.summary


def test_the_placeholder_of_a_removed_package_fails_without_the_mitigating_state():
    evidence = outcome(check, package=package(version="0.0.1-security"))
    assert evidence.status is FAILED
    assert evidence.facts["code"] == "SECURITY_HOLDING"


def test_an_unpublished_version_fails():
    evidence = outcome(check, package=RejectedError("was unpublished", code="REG_UNPUBLISHED"))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "REG_UNPUBLISHED")


def test_without_a_registry_it_is_unchecked():
    assert outcome(check, package=UnavailableError("no network")).status is UNCHECKED
    assert outcome(check, package=package(registry="")).status is UNCHECKED
