"""Whether provenance and certificate say the same."""

from dataclasses import replace

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import provenance_identity as check
from tests.simulator.sigstore.predicates import ON_GITLAB, gitlab
from tests.verify.checks.attested import FACTS, TARGET, instance, parts, provenance
from tests.verify.checks.subjects import ABSENT, COMMIT, FAILED, PASSED, UNCHECKED, outcome

GITHUB = "https://github.com/example/mail-mcp"


def test_who_built_it_is_a_fact():
    evidence = outcome(check, **parts())
    assert evidence.status is PASSED
    assert evidence.facts == {
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": f"{GITHUB}/.github/workflows/release.yml@refs/tags/v1.0.0",
        "repository": GITHUB,
        "repository_id": "890668799",
        "owner": "https://github.com/example",
        "owner_id": "182288589",
        "workflow": ".github/workflows/release.yml",
        "workflow_ref": "refs/tags/v1.0.0",
        "signer": f"{GITHUB}/.github/workflows/release.yml@refs/tags/v1.0.0",
        "ref": "refs/tags/v1.0.0",
        "commit": COMMIT,
        "trigger": "push",
        "builder": "https://github.com/actions/runner/github-hosted",
        "runner": "github-hosted",
        "run": f"{GITHUB}/actions/runs/29066950627/attempts/1",
        "visibility": "public",
        "build_type": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        "signed_at": "2026-07-10T03:31:08Z",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "example/mail-mcp-evil"),
        ("commit", "f" * 40),
        ("ref", "refs/heads/main"),
        ("trigger", "pull_request_target"),
        ("repository_id", "11111"),
        ("owner_id", "11111"),
        ("runner", "self-hosted"),
        ("run", "77777"),
        ("workflow", ".github/workflows/other.yml"),
    ],
)
def test_a_field_that_differs_fails_by_name(field, value):
    evidence = outcome(check, **parts(provenance(certified=replace(FACTS, **{field: value}))))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "ATT_CLAIM_MISMATCH"})
    assert value in evidence.expected
    assert value not in evidence.actual


def test_the_workflow_of_a_gitlab_project_is_its_path():
    facts = replace(ON_GITLAB, commit=COMMIT)
    evidence = outcome(check, **parts(instance().provenance(TARGET, facts, form=gitlab)))
    assert evidence.status is PASSED
    assert evidence.facts["workflow"] == ".gitlab-ci.yml"
    assert evidence.facts["repository"] == "https://gitlab.com/example/mail-mcp"


def test_the_tag_of_a_monorepo_is_no_part_of_the_workflow():
    evidence = outcome(check, **parts(provenance(facts={"ref": "refs/tags/@example/mail-mcp@1.0.0"})))
    assert evidence.status is PASSED
    assert evidence.facts["workflow"] == ".github/workflows/release.yml"
    assert evidence.facts["workflow_ref"] == evidence.facts["ref"] == "refs/tags/@example/mail-mcp@1.0.0"


def test_a_workflow_of_another_repository_has_no_path_in_this_one():
    for elsewhere in (f"{GITHUB}-ci/.github/workflows/release.yml@refs/heads/main", "release.yml"):
        built = parts(provenance(claims={18: elsewhere}))["provenance"]
        assert (built.identity.workflow, check.facts(built)["workflow"]) == (elsewhere, "")


def test_a_builder_that_is_not_known_is_none():
    def elsewhere(predicate):
        predicate["runDetails"]["builder"]["id"] = "https://example.com/builder"

    evidence = outcome(check, **parts(provenance(change=elsewhere)))
    assert (evidence.status, evidence.facts["builder"]) == (PASSED, "")


def test_without_a_provenance_it_is_absent_and_without_a_look_unchecked():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NO_PROVENANCE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("no network")).status is UNCHECKED
