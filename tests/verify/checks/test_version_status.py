import pytest

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


@pytest.mark.parametrize("version", ["0.0.1-security.0", "0.0.12-security"])
def test_every_form_of_the_placeholder_is_known(version):
    assert outcome(check, package=package(version=version)).facts["code"] == "SECURITY_HOLDING"


def test_a_deprecation_says_what_was_expected():
    evidence = outcome(check, package=package(deprecated="old"))
    assert (evidence.actual, bool(evidence.expected)) == ("deprecated", True)


def test_another_fault_of_the_registry_is_another_checks_business():
    assert outcome(check, package=RejectedError("other name", code="REG_NAME_MISMATCH")).status is UNCHECKED
