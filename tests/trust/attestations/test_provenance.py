"""What predicates say, for every build type that is known, and what becomes of those that contradict themselves."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from provenly.trust.attestations import agreement, builder
from provenly.trust.attestations import provenance as reader
from provenly.trust.attestations.model import Provenance, Statement
from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError
from tests.trust.attestations.statements import (
    COMMIT,
    GENERATOR,
    GITHUB,
    GITLAB,
    GITLAB_PROJECT,
    OTHER_COMMIT,
    REPOSITORY,
    TAG,
    at,
    gitlab,
    provenance,
    publish,
    published,
    v02,
    v1,
)

GHA = "https://github.com/npm/cli/gha"
DELEGATOR = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"


def parse(predicate) -> Provenance:
    return reader.parse(provenance(predicate))


def test_slsa_v1():
    assert parse(v1()) == Provenance(
        build_type="https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        builder="https://github.com/actions/runner/github-hosted",
        repository=REPOSITORY,
        commit=COMMIT,
        ref=TAG,
        workflow=".github/workflows/release.yml",
        workflow_ref=TAG,
        trigger="push",
        repository_id="890668799",
        owner_id="182288589",
        run=f"{REPOSITORY}/actions/runs/29066950627/attempts/1",
        commits=(COMMIT,),
    )


@pytest.mark.parametrize("build_type", [f"{GHA}@v0", f"{GHA}@v1", f"{GHA}/v2", DELEGATOR])
def test_slsa_v02_on_github(build_type):
    said = parse(v02(build_type))
    assert (said.repository, said.commit, said.ref) == (REPOSITORY, COMMIT, TAG)
    assert (said.workflow, said.workflow_ref, said.workflow_commit) == (".github/workflows/release.yml", TAG, COMMIT)
    assert (said.trigger, said.repository_id, said.owner_id) == ("push", "890668799", "182288589")
    assert said.run == "29066950627-1"
    assert said.build_type == build_type


def test_slsa_v02_on_gitlab():
    said = parse(gitlab())
    assert (said.repository, said.commit, said.ref) == (GITLAB_PROJECT, COMMIT, "refs/heads/main")
    assert (said.workflow, said.trigger, said.repository_id) == (".gitlab-ci.yml", "push", "55235664")
    assert said.run == f"{GITLAB_PROJECT}/-/jobs/7012"


def test_a_gitlab_tag_has_a_bare_name():
    predicate = at(gitlab(), "invocation.parameters.CI_COMMIT_BRANCH", None)
    said = parse(at(predicate, "invocation.parameters.CI_COMMIT_REF_NAME", "v1.2.3"))
    assert said.ref == "v1.2.3"


@pytest.mark.parametrize(
    ("predicate", "name"),
    [
        (at(v1(), "buildDefinition.buildType", "https://example.com/made-up/v1"), "https://example.com/made-up/v1"),
        (at(v1(), "buildDefinition.buildType", None), "(none)"),
        (at(v1(), "buildDefinition.buildType", f"{GHA}/v2"), f"{GHA}/v2"),
        (v02(f"{GHA}/v3"), f"{GHA}/v3"),
        (v02("https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"), "workflow/v1"),
    ],
)
def test_an_unknown_build_type_is_unchecked_under_its_name(predicate, name):
    with pytest.raises(UnavailableError, match=r"build type") as caught:
        parse(predicate)
    assert caught.value.code == "ATT_BUILD_TYPE"
    assert name in caught.value.message


def test_another_predicate_is_no_provenance():
    with pytest.raises(UnavailableError) as caught:
        reader.parse(published(publish()))
    assert caught.value.code == "ATT_PREDICATE_TYPE"


DEPENDENCIES = "buildDefinition.resolvedDependencies"
EVIL = "https://github.com/evil/mail-mcp"


@pytest.mark.parametrize(
    ("predicate", "code"),
    [
        (
            at(
                v1(),
                DEPENDENCIES,
                [{"uri": f"git+{REPOSITORY}@{TAG}", "digest": {"gitCommit": one}} for one in (COMMIT, OTHER_COMMIT)],
            ),
            "ATT_COMMITS_CONFLICT",
        ),
        (
            at(
                v1(),
                DEPENDENCIES,
                [{"uri": f"git+{REPOSITORY}@{ref}", "digest": {"gitCommit": COMMIT}} for ref in (TAG, "refs/heads/x")],
            ),
            "ATT_PREDICATE_CONFLICT",
        ),
        (at(v1(), f"{DEPENDENCIES}.0.uri", f"git+{EVIL}@{TAG}"), "ATT_PREDICATE_CONFLICT"),
        (at(v1(), "buildDefinition.externalParameters.workflow.repository", EVIL), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "materials.0.digest.sha1", OTHER_COMMIT), "ATT_COMMITS_CONFLICT"),
        (at(v02(), "invocation.configSource.digest.sha1", OTHER_COMMIT), "ATT_COMMITS_CONFLICT"),
        (at(v02(), "invocation.environment.GITHUB_SHA", OTHER_COMMIT), "ATT_COMMITS_CONFLICT"),
        (at(v02(), "invocation.environment.GITHUB_REF", "refs/heads/main"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "invocation.environment.GITHUB_REPOSITORY", "evil/mail-mcp"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "invocation.environment.GITHUB_RUN_ID", "1"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "invocation.environment.GITHUB_RUN_ATTEMPT", "2"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "invocation.configSource.entryPoint", ".github/workflows/x.yml"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(f"{GHA}@v1"), "invocation.configSource.entryPoint", "x/y/z.yml@a"), "ATT_PREDICATE_CONFLICT"),
        (at(v02(), "materials.0.uri", f"git+{EVIL}@{TAG}"), "ATT_PREDICATE_CONFLICT"),
        (at(gitlab(), "invocation.parameters.CI_COMMIT_SHA", OTHER_COMMIT), "ATT_COMMITS_CONFLICT"),
        (at(gitlab(), "invocation.parameters.CI_PROJECT_URL", "https://gitlab.com/e/x"), "ATT_PREDICATE_CONFLICT"),
        (at(gitlab(), "invocation.parameters.CI_COMMIT_REF_NAME", "other"), "ATT_PREDICATE_CONFLICT"),
        (at(gitlab(), "invocation.parameters.CI_JOB_URL", "https://gitlab.com/e/x/-/jobs/1"), "ATT_PREDICATE_CONFLICT"),
        (at(gitlab(), "invocation.environment.pipeline.ref", "x.yml"), "ATT_PREDICATE_CONFLICT"),
    ],
)
def test_a_provenance_that_contradicts_itself_is_refused(predicate, code):
    with pytest.raises(RejectedError) as caught:
        parse(predicate)
    assert caught.value.code == code
    assert caught.value.actual


@pytest.mark.parametrize(
    "predicate",
    [
        at(v1(), "buildDefinition.externalParameters", []),
        at(v1(), DEPENDENCIES, {}),
        at(v1(), DEPENDENCIES, ["git+https://x"]),
        at(v1(), DEPENDENCIES, [{"uri": "x"}] * 65),
        at(v1(), "runDetails.builder.id", 7),
        at(v1(), "buildDefinition.internalParameters.github.repository_id", 890668799),
        at(v1(), "runDetails.metadata.invocationId", "x" * 2_049),
        at(v02(), "invocation.environment", "GITHUB_SHA"),
        at(v02(), "materials", "x"),
    ],
)
def test_members_of_a_wrong_type_are_refused(predicate):
    with pytest.raises(MalformedError) as caught:
        parse(predicate)
    assert caught.value.code == "ATT_PREDICATE_FORMAT"


def test_what_is_missing_is_empty():
    predicate = at(v1(), DEPENDENCIES, None)
    del predicate["runDetails"], predicate["buildDefinition"]["internalParameters"]
    said = parse(predicate)
    assert (said.commit, said.ref, said.builder, said.run, said.trigger, said.commits) == ("", "", "", "", "", ())
    assert said.repository == REPOSITORY


def test_dependencies_beside_the_source_are_not_the_source():
    predicate = v1()
    predicate["buildDefinition"]["resolvedDependencies"] += [
        {"uri": f"git+{EVIL}@refs/heads/main", "digest": {"gitCommit": OTHER_COMMIT}},
        {"uri": "https://github.com/actions/virtual-environments/releases/tag/ubuntu20/20220515.1"},
    ]
    assert parse(predicate).commit == COMMIT


def test_a_commit_has_one_value_under_both_of_its_names():
    digest = {"gitCommit": COMMIT, "sha1": COMMIT}
    assert parse(at(v1(), f"{DEPENDENCIES}.0.digest", digest)).commits == (COMMIT,)
    with pytest.raises(RejectedError) as caught:
        parse(at(v1(), f"{DEPENDENCIES}.0.digest", digest | {"sha1": OTHER_COMMIT}))
    assert caught.value.code == "ATT_COMMITS_CONFLICT"


def test_without_a_repository_of_the_workflow_the_source_names_it():
    predicate = at(v1(), "buildDefinition.externalParameters.workflow.repository", None)
    predicate["buildDefinition"]["resolvedDependencies"].append(
        {"uri": "https://example.com/image", "digest": {"gitCommit": OTHER_COMMIT}}
    )
    assert (parse(predicate).repository, parse(predicate).commits) == (REPOSITORY, (COMMIT,))
    predicate["buildDefinition"]["resolvedDependencies"].append({"uri": f"git+{EVIL}@{TAG}"})
    with pytest.raises(RejectedError) as caught:
        parse(predicate)
    assert caught.value.code == "ATT_PREDICATE_CONFLICT"


def test_what_old_predicates_leave_out_is_said_elsewhere_in_them():
    for path in ("materials", "invocation.configSource.uri", "invocation.environment.GITHUB_REPOSITORY"):
        assert parse(at(v02(), path, None)).repository == REPOSITORY
    for path in ("invocation.environment.GITHUB_RUN_ATTEMPT", "invocation.environment.GITHUB_RUN_ID", "metadata"):
        assert parse(at(v02(), path, None)).run == "29066950627-1"
    nobody = at(at(v02(), "invocation.configSource", None), "invocation.environment.GITHUB_REPOSITORY", None)
    assert parse(nobody).repository == ""


def test_a_source_that_is_no_git_repository_is_refused():
    for uri in (REPOSITORY, f"git+ssh://git@github.com/acme/mail-mcp@{TAG}", f"git+http{REPOSITORY[5:]}"):
        with pytest.raises(MalformedError) as caught:
            parse(at(v02(), "invocation.configSource.uri", uri))
        assert caught.value.code == "ATT_PREDICATE_FORMAT"


def test_texts_and_arrays_may_be_as_long_as_the_limits():
    assert len(parse(at(v1(), "runDetails.metadata.invocationId", "x" * 2_048)).run) == 2_048
    sources = [{"uri": "x"}] * 63 + v1()["buildDefinition"]["resolvedDependencies"]
    assert parse(at(v1(), DEPENDENCIES, sources)).commit == COMMIT


HONEST = [
    (v1(), GITHUB),
    (v02(f"{GHA}/v2"), GITHUB),
    (v02(f"{GHA}@v0"), GITHUB),
    (v02(f"{GHA}@v1"), GITHUB),
    (gitlab(), GITLAB),
]


def hold(statement: Statement) -> str:
    """Do all that is done with a provenance; return the code of the error that ends it."""
    identity = statement.verified.signed_by.identity
    assert identity is not None
    try:
        said = reader.parse(statement)
        agreement.require(identity, said)
        builder.require(identity, said)
    except Error as error:
        return error.code
    return ""


def leaves(value, path=""):
    """Yield the path of every text in a predicate."""
    if isinstance(value, str):
        yield path[1:]
        return
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(member, f"{path}.{key}")


UNREAD = {
    "invocation.configSource.entryPoint": "GitLab: the name of the job, which certificates do not have",
    "invocation.environment.pipeline.id": "GitLab: the number of the pipeline, which certificates do not have",
}
"""Members that may be anything, and why."""


@pytest.mark.parametrize(("predicate", "identity"), HONEST, ids=lambda value: getattr(value, "issuer", "on"))
def test_every_member_of_a_provenance_is_held_to_something(predicate, identity):
    """Whatever a signer changes in his predicate is noticed, but for what is listed with a reason."""
    assert hold(provenance(predicate, identity)) == ""
    unnoticed = set()
    for path in leaves(predicate):
        changed = at(copy.deepcopy(predicate), path, "x")
        if hold(provenance(changed, identity)) == "":
            unnoticed.add(path)
    assert unnoticed <= (UNREAD.keys() if identity is GITLAB else set())


def test_the_reusable_builder_of_slsa():
    signer = f"{GENERATOR}delegator_lowperms-generic_slsa3.yml@refs/tags/v1.6.0"
    identity = dataclasses.replace(GITHUB, subject=signer, signer=signer)
    assert hold(provenance(v02(DELEGATOR), identity)) == ""
    assert builder.require(identity, parse(v02(DELEGATOR))).endswith("builder_nodejs_slsa3.yml@refs/tags/v1.6.0")
