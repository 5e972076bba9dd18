"""Whether strangers could take part in the build."""

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import provenance_workflow as check
from tests.verify.checks.attested import parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome


def test_a_pushed_tag_on_the_services_machine_passes():
    evidence = outcome(check, **parts())
    assert evidence.status is PASSED
    assert evidence.facts["notes"] == ()
    assert evidence.facts["trigger"] == "push"
    assert "refs/tags/v1.0.0" in evidence.summary


def test_a_branch_is_only_noted():
    evidence = outcome(check, **parts(publish(), provenance(facts={"ref": "refs/heads/main"})))
    assert (evidence.status, evidence.facts["notes"]) == (PASSED, ("BUILD_REF_NOT_TAG",))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"trigger": "pull_request_target"}, "BUILD_PULL_REQUEST_TARGET"),
        ({"trigger": "issue_comment"}, "BUILD_UNTRUSTED_TRIGGER"),
        ({"trigger": "workflow_run"}, "BUILD_UNTRUSTED_TRIGGER"),
        ({"runner": "self-hosted"}, "BUILD_SELF_HOSTED"),
        ({"visibility": "private"}, "BUILD_PRIVATE"),
        ({"ref": "refs/pull/7/merge"}, "BUILD_FORK_REF"),
        ({"signer": "https://github.com/other/ci/.github/workflows/x.yml@refs/heads/main"}, "BUILD_SIGNER_ELSEWHERE"),
    ],
)
def test_each_way_in_for_strangers_fails(facts, code):
    evidence = outcome(check, **parts(publish(), provenance(facts=facts)))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": code})
    assert code in evidence.actual


def test_all_of_several_are_named():
    evidence = outcome(check, **parts(provenance(facts={"trigger": "pull_request_target", "runner": "self-hosted"})))
    assert evidence.actual == "BUILD_PULL_REQUEST_TARGET, BUILD_SELF_HOSTED"


def test_without_a_provenance_it_is_absent_and_without_a_look_unchecked():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("no network")).status is UNCHECKED
