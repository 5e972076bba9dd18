"""Certificate and predicate, field by field (B22, B23), known builders (B24) and circumstances (B25, B29)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from provenly.trust.attestations import agreement, builder, circumstances
from provenly.trust.attestations import provenance as reader
from provenly.trust.attestations.agreement import Outcome
from provenly.trust.attestations.model import Provenance
from provenly.trust.errors import RejectedError
from tests.trust.attestations.statements import (
    COMMIT,
    GENERATOR,
    GITHUB,
    GITLAB,
    OTHER_COMMIT,
    REPOSITORY,
    TAG,
    WORKFLOW,
    at,
    gitlab,
    provenance,
    v02,
    v1,
)

DELEGATOR = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"
LOWPERMS = f"{GENERATOR}delegator_lowperms-generic_slsa3.yml@refs/tags/v1.6.0"


def said(predicate) -> Provenance:
    return reader.parse(provenance(predicate))


def test_what_agrees_is_named():
    agreed = ("repository", "commit", "ref", "workflow", "trigger", "repository_id", "owner_id", "builder", "run")
    assert agreement.require(GITHUB, said(v1())) == agreed
    left = {one.field for one in agreement.compare(GITHUB, said(v1())) if one.outcome is Outcome.NOT_COMPARED}
    assert left == {"workflow_commit", "runner"}


def test_gitlab_agrees():
    agreed = ("repository", "commit", "ref", "workflow", "trigger", "repository_id", "owner_id", "run")
    assert agreement.require(GITLAB, said(gitlab())) == agreed


def test_a_gitlab_tag_agrees_by_its_name():
    predicate = at(gitlab(), "invocation.parameters.CI_COMMIT_BRANCH", None)
    predicate = at(predicate, "invocation.parameters.CI_COMMIT_REF_NAME", "v1")
    predicate = at(predicate, "invocation.parameters.CI_BUILD_REF", COMMIT)
    tagged = replace(GITLAB, ref="refs/tags/v1")
    assert "ref" in agreement.require(tagged, said(predicate))
    with pytest.raises(RejectedError, match="ref"):
        agreement.require(replace(tagged, ref="refs/tags/v1.1"), said(predicate))


EVIL = "https://github.com/evil/mail-mcp"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("repository", EVIL, "repository"),
        ("repository", f"{REPOSITORY}-evil", "repository"),
        ("repository", f"{REPOSITORY}/", "repository"),
        ("repository", f"{REPOSITORY}.git", "repository"),
        ("repository", REPOSITORY.replace("acme", "Acme"), "repository"),
        ("repository", REPOSITORY.replace("acme", "%61cme"), "repository"),
        ("commit", OTHER_COMMIT, "commit"),
        ("commit", COMMIT[:12], "commit"),
        ("commit", COMMIT.upper(), "commit"),
        ("ref", "refs/heads/main", "ref"),
        ("ref", "refs/heads/refs/tags/v1.2.3", "ref"),
        ("ref", "v1.2.3", "ref"),
        ("workflow", WORKFLOW.replace("release", "test"), "workflow"),
        ("workflow", WORKFLOW.replace(TAG, "refs/heads/main"), "workflow"),
        ("workflow", WORKFLOW.replace("acme", "evil"), "workflow"),
        ("workflow", WORKFLOW + "x", "workflow"),
        ("trigger", "pull_request_target", "trigger"),
        ("repository_id", "1", "repository id"),
        ("owner_id", "1", "owner id"),
        ("runner", "self-hosted", "builder"),
        ("run", f"{REPOSITORY}/actions/runs/29066950627/attempts/2", "run"),
        ("run", f"{EVIL}/actions/runs/29066950627/attempts/1", "run"),
    ],
)
def test_a_certificate_that_says_something_else_wins(field, value, named):
    """B23, each field alone; both sides are shown."""
    identity = replace(GITHUB, **{field: value})
    with pytest.raises(RejectedError) as caught:
        agreement.require(identity, said(v1()))
    error = caught.value
    assert error.code == "ATT_CLAIM_MISMATCH"
    assert f"about the {named} of the build" in error.message
    assert error.expected != error.actual
    if field != "runner":
        assert value in error.expected


@pytest.mark.parametrize(
    ("field", "value"), [("workflow_digest", OTHER_COMMIT), ("run", f"{REPOSITORY}/actions/runs/1/attempts/1")]
)
def test_old_predicates_are_held_to_what_only_they_say(field, value):
    assert field.replace("_digest", "_commit") in agreement.require(GITHUB, said(v02()))
    with pytest.raises(RejectedError, match="disagree"):
        agreement.require(replace(GITHUB, **{field: value}), said(v02()))


def test_the_runner_that_githubs_own_action_names_is_compared():
    predicate = at(v1(), "buildDefinition.internalParameters.github.runner_environment", "self-hosted")
    with pytest.raises(RejectedError, match="runner"):
        agreement.require(GITHUB, said(predicate))


@pytest.mark.parametrize("field", ["ref", "workflow", "trigger", "repository_id", "owner_id", "builder", "run"])
def test_what_one_side_does_not_say_is_not_compared(field):
    """Builders of old said less; what they did say is compared all the same."""
    silent = replace(said(v1()), **{field: ""})
    assert field not in agreement.require(GITHUB, silent)
    certified = "runner" if field == "builder" else field
    assert field not in agreement.require(replace(GITHUB, **{certified: ""}), said(v1()))
    assert field in agreement.require(GITHUB, said(v1()))


@pytest.mark.parametrize("written", ["https://github.com/npm/cli@9.5.0", "https://github.com/actions/runner", "x"])
def test_a_builder_that_certificates_say_nothing_of_is_not_compared(written):
    assert "builder" not in agreement.require(GITHUB, replace(said(v1()), builder=written))


@pytest.mark.parametrize("field", ["repository", "commit"])
def test_without_repository_or_commit_nothing_is_said(field):
    with pytest.raises(RejectedError) as caught:
        agreement.require(replace(GITHUB, **{field: ""}), said(v1()))
    assert caught.value.code == "ATT_CLAIM_MISSING"
    assert "certificate" in caught.value.message


def test_a_provenance_without_a_commit_is_refused():
    predicate = at(v1(), "buildDefinition.resolvedDependencies.0.digest", {"sha1": COMMIT})
    with pytest.raises(RejectedError) as caught:
        agreement.require(GITHUB, said(predicate))
    assert (caught.value.code, caught.value.message) == ("ATT_CLAIM_MISSING", "the provenance does not name the commit")


def test_a_provenance_without_a_repository_is_refused():
    predicate = at(v1(), "buildDefinition.externalParameters", None)
    with pytest.raises(RejectedError) as caught:
        agreement.require(GITHUB, replace(said(predicate), repository=""))
    assert caught.value.code == "ATT_CLAIM_MISSING"


def test_a_workflow_of_another_repository_agrees_with_none():
    """An organisation's required workflow keeps its repository in the path (libnpmpublish, provenance.js)."""
    path = "acme/rules/.github/workflows/release.yml"
    predicate = at(v1(), "buildDefinition.externalParameters.workflow.path", path)
    with pytest.raises(RejectedError, match="workflow"):
        agreement.require(replace(GITHUB, workflow=f"https://github.com/{path}@{TAG}"), said(predicate))


def test_a_workflow_without_a_ref_is_compared_by_its_path():
    predicate = at(v02(), "invocation.environment.GITHUB_WORKFLOW_REF", None)
    assert "workflow" in agreement.require(GITHUB, said(predicate))
    with pytest.raises(RejectedError, match="workflow"):
        agreement.require(replace(GITHUB, workflow=WORKFLOW.replace("release", "test")), said(predicate))
    with pytest.raises(RejectedError, match="workflow"):  # a file whose name begins with that of another
        agreement.require(replace(GITHUB, workflow=WORKFLOW.replace("@", "@x.yml@")), said(predicate))


# builders


@pytest.mark.parametrize(
    ("predicate", "identity", "name"),
    [
        (v1(), GITHUB, "https://github.com/actions/runner/github-hosted"),
        (v02(), GITHUB, "https://github.com/actions/runner/github-hosted"),
        (v02(), replace(GITHUB, runner=""), "https://github.com/actions/runner"),
        (v02("https://github.com/npm/cli/gha@v0"), replace(GITHUB, runner=""), "https://github.com/npm/cli@9.5.0"),
        (v02("https://github.com/npm/cli/gha@v1"), GITHUB, "https://github.com/actions/runner/github-hosted"),
        (
            at(v1(), "runDetails.builder.id", "https://github.com/actions/runner/self-hosted"),
            replace(GITHUB, runner="self-hosted"),
            "https://github.com/actions/runner/self-hosted",
        ),
        (at(v1(), "runDetails.builder.id", WORKFLOW), GITHUB, "https://github.com/actions/runner/github-hosted"),
        (
            v02(DELEGATOR),
            replace(GITHUB, subject=LOWPERMS, signer=LOWPERMS),
            f"{GENERATOR}builder_nodejs_slsa3.yml@refs/tags/v1.6.0",
        ),
        (gitlab(), GITLAB, "https://gitlab.com/-/runners/gitlab-hosted"),
    ],
)
def test_known_builders_have_one_spelling(predicate, identity, name):
    assert builder.require(identity, said(predicate)) == name


@pytest.mark.parametrize(
    "issuer",
    [
        "https://token.actions.githubusercontent.com/",
        "https://token.actions.githubusercontent.com/hammer-time",
        "https://token.actions.githubusercontent.com.evil.example",
        "https://TOKEN.actions.githubusercontent.com",
        "http://token.actions.githubusercontent.com",
        "https://token.actions.ghes.acme.example",
        "https://gitlab.com/",
        "https://gitlab.acme.example",
        "https://github.com/login/oauth",
        "https://accounts.google.com",
        "https://oauth2.sigstage.dev/auth",
        "",
    ],
)
def test_other_issuers_are_refused(issuer):
    with pytest.raises(RejectedError) as caught:
        builder.require(replace(GITHUB, issuer=issuer), said(v1()))
    assert caught.value.code == "ATT_ISSUER"
    assert caught.value.actual == issuer


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "https://gitlab.com/acme/mail-mcp//.gitlab-ci.yml@refs/heads/main"},
        {"subject": "https://github.com.evil.example/acme/mail-mcp"},
        {"subject": "https://github.com.evil.example/x", "signer": "https://github.com.evil.example/x"},
        {"subject": "https://gitlab.com/acme/x//ci.yml@main", "signer": "https://gitlab.com/acme/x//ci.yml@main"},
        {"subject": "https://gitlab.com/acme/x//ci.yml@main", "signer": ""},
        {"subject": "someone@github.com", "subject_kind": "email"},
        {"subject_kind": "other"},
    ],
)
def test_the_subject_is_a_workflow_of_the_issuer(changed):
    with pytest.raises(RejectedError) as caught:
        builder.require(replace(GITHUB, **changed), said(v1()))
    assert caught.value.code == "ATT_ISSUER"


def test_a_certificate_that_does_not_say_does_not_contradict_itself():
    for field in ("signer", "owner", "repository"):
        builder.require_issuer(replace(GITHUB, **{field: ""}))


def signed_by(workflow):
    return replace(GITHUB, subject=workflow, signer=workflow)


@pytest.mark.parametrize(
    ("predicate", "identity"),
    [
        (gitlab(), GITHUB),
        (at(gitlab(), "builder.id", f"{REPOSITORY}/-/runners/1"), GITHUB),
        (v1(), replace(GITLAB, runner="github-hosted")),
        (at(v1(), "runDetails.builder.id", GITLAB.signer), GITLAB),
        (v02(), GITLAB),
        (v02("https://github.com/npm/cli/gha@v1"), GITLAB),
        (v1(), replace(GITHUB, runner="someone-elses")),
        (
            at(v1(), "runDetails.builder.id", "https://github.com/actions/runner/someone-elses"),
            replace(GITHUB, runner="someone-elses"),
        ),
        (v1(), replace(GITHUB, runner="gitlab-hosted")),
        (v1(), replace(GITHUB, runner="")),
        (at(v1(), "runDetails.builder.id", "https://github.com/actions/runner"), replace(GITHUB, runner="")),
        (at(v1(), "runDetails.builder.id", WORKFLOW), replace(GITHUB, runner="")),
        (at(v1(), "runDetails.builder.id", "https://github.com/actions/runner"), GITHUB),
        (at(v1(), "runDetails.builder.id", "https://github.com/actions/runner/self-hosted"), GITHUB),
        (at(v1(), "runDetails.builder.id", "https://github.com/actions/runner/github-hosted/x"), GITHUB),
        (at(v1(), "runDetails.builder.id", "https://evil.example/runner"), GITHUB),
        (at(v1(), "runDetails.builder.id", None), GITHUB),
        (at(v02(), "builder.id", "https://github.com/actions/runner/self-hosted"), GITHUB),
        (at(v02(), "builder.id", "https://github.com/npm/cli@9.5.0"), GITHUB),
        (at(v02("https://github.com/npm/cli/gha@v1"), "builder.id", "https://github.com/npm/cli"), GITHUB),
        (at(v02("https://github.com/npm/cli/gha@v1"), "builder.id", "https://github.com/npm/cli@9\n"), GITHUB),
        (v02(DELEGATOR), GITHUB),
        (v02(DELEGATOR), signed_by(LOWPERMS.replace("slsa-framework", "evil"))),
        (v02(DELEGATOR), signed_by(LOWPERMS.replace("refs/tags/v1.6.0", "refs/heads/main"))),
        (v02(DELEGATOR), signed_by(LOWPERMS.replace("v1.6.0", "v1.5.0"))),
        (v02(DELEGATOR), signed_by(LOWPERMS + "x")),
        (
            at(v02(DELEGATOR), "builder.id", f"{GENERATOR}builder_nodejs_slsa3.yml@refs/heads/main"),
            signed_by(LOWPERMS),
        ),
        (at(gitlab(), "builder.id", "https://gitlab.com/evil/x/-/runners/1"), GITLAB),
        (at(gitlab(), "builder.id", f"{GITLAB.repository}/-/runners/x"), GITLAB),
    ],
)
def test_other_builders_are_refused(predicate, identity):
    with pytest.raises(RejectedError) as caught:
        builder.require(identity, said(predicate))
    assert caught.value.code == "ATT_BUILDER"


# circumstances


def codes(identity, predicate=None) -> set[str]:
    notes = circumstances.concerns(identity, said(predicate or v1()))
    assert all(note.text and "  " not in note.text for note in notes)
    kinds = [circumstances.is_concern(note) for note in notes]
    assert kinds == sorted(kinds, reverse=True)
    return {note.code for note in notes}


def test_a_build_of_a_tag_is_nothing_to_speak_of():
    assert codes(GITHUB) == set()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"trigger": "pull_request_target"}, "BUILD_PULL_REQUEST_TARGET"),
        ({"trigger": "pull_request"}, "BUILD_UNTRUSTED_TRIGGER"),
        ({"trigger": "issue_comment"}, "BUILD_UNTRUSTED_TRIGGER"),
        ({"trigger": "workflow_run"}, "BUILD_UNTRUSTED_TRIGGER"),
        ({"runner": "self-hosted"}, "BUILD_SELF_HOSTED"),
        ({"visibility": "private"}, "BUILD_PRIVATE"),
        ({"visibility": "internal"}, "BUILD_PRIVATE"),
        ({"ref": "refs/pull/7/merge"}, "BUILD_FORK_REF"),
        ({"ref": "refs/merge-requests/7/head"}, "BUILD_FORK_REF"),
        ({"signer": WORKFLOW.replace("acme/mail-mcp", "acme/workflows")}, "BUILD_SIGNER_ELSEWHERE"),
        ({"signer": WORKFLOW.replace("acme/mail-mcp", "acme/mail-mcp-evil")}, "BUILD_SIGNER_ELSEWHERE"),
        ({"signer": LOWPERMS.replace("slsa-framework", "evil")}, "BUILD_SIGNER_ELSEWHERE"),
        ({"workflow": WORKFLOW.replace("acme/mail-mcp", "acme/workflows")}, "BUILD_WORKFLOW_ELSEWHERE"),
    ],
)
def test_each_concern_is_raised_alone(changed, code):
    assert codes(replace(GITHUB, **changed)) == {code}
    assert code in circumstances.CONCERNS


STRANGERS = """pull_request pull_request_review pull_request_review_comment issue_comment issues discussion
    discussion_comment fork watch workflow_run merge_request_event external_pull_request_event"""


@pytest.mark.parametrize("trigger", STRANGERS.split())
def test_what_a_stranger_can_cause_is_a_concern(trigger):
    assert codes(replace(GITHUB, trigger=trigger)) == {"BUILD_UNTRUSTED_TRIGGER"}


@pytest.mark.parametrize("trigger", ["push", "release", "schedule", "workflow_dispatch", "repository_dispatch", "web"])
def test_what_only_people_with_rights_cause_is_none(trigger):
    assert codes(replace(GITHUB, trigger=trigger)) == set()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ref": "refs/heads/main"}, "BUILD_REF_NOT_TAG"),
        ({"runner": ""}, "BUILD_RUNNER_UNKNOWN"),
        ({"run": f"{REPOSITORY}/actions/runs/1/attempts/2"}, "BUILD_REPEATED"),
        ({"signer": LOWPERMS}, "BUILD_SIGNER_REUSABLE"),
    ],
)
def test_the_rest_is_for_information(changed, code):
    assert codes(replace(GITHUB, **changed)) == {code}
    assert code not in circumstances.CONCERNS


def test_a_subgroup_of_gitlab_is_another_project():
    assert codes(GITLAB, gitlab()) == {"BUILD_REF_NOT_TAG"}
    signer = f"{GITLAB.repository}/sub//.gitlab-ci.yml@refs/heads/main"
    assert "BUILD_SIGNER_ELSEWHERE" in codes(replace(GITLAB, signer=signer), gitlab())


def test_what_the_certificate_leaves_open_the_predicate_says():
    predicate = at(v1(), "buildDefinition.internalParameters.github.event_name", "pull_request_target")
    assert codes(replace(GITHUB, trigger=""), predicate) == {"BUILD_PULL_REQUEST_TARGET"}


def test_what_the_certificate_says_decides_and_what_nobody_says_is_no_concern():
    pulled = replace(said(v1()), ref="refs/pull/7/merge", trigger="pull_request_target")
    assert circumstances.concerns(GITHUB, pulled) == ()
    notes = circumstances.concerns(replace(GITHUB, ref="", trigger=""), pulled)
    assert [note.code for note in notes] == ["BUILD_PULL_REQUEST_TARGET", "BUILD_FORK_REF"]
    silent = replace(GITHUB, ref="", workflow="", visibility="", run="")
    assert circumstances.concerns(silent, replace(said(v1()), ref="")) == ()


def test_who_signed_is_the_subject_where_the_certificate_names_no_signer():
    other = WORKFLOW.replace("acme/mail-mcp", "acme/workflows")
    assert codes(replace(GITHUB, signer="")) == set()
    assert codes(replace(GITHUB, signer="", subject=other)) == {"BUILD_SIGNER_ELSEWHERE"}
    assert codes(replace(GITHUB, signer="", subject=LOWPERMS)) == {"BUILD_SIGNER_REUSABLE"}


@pytest.mark.parametrize("form", [v1, v02])
def test_a_tag_may_have_an_at_sign(form):
    """Monorepos tag their releases ``@scope/name@1.0.0``; the first at sign ends the repository and the path."""
    tag = "refs/tags/@acme/mail-mcp@1.2.3"
    predicate = json.loads(json.dumps(form()).replace(TAG, tag))
    identity = replace(GITHUB, ref=tag, **dict.fromkeys(("workflow", "signer", "subject"), WORKFLOW.replace(TAG, tag)))
    assert {"repository", "ref", "workflow"} <= set(agreement.require(identity, said(predicate)))
    assert builder.require(identity, said(predicate)).endswith("/github-hosted")
    assert codes(identity, predicate) == set()
    with pytest.raises(RejectedError, match="ref and workflow"):
        agreement.require(GITHUB, said(predicate))
