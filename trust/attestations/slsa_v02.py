"""SLSA provenance 0.2 (slsa.dev/spec/v0.2/provenance) as npm and slsa-github-generator write it.

=====================================  ================================================================================
``npm/cli/gha@v0``, ``gha@v1``         npm 9.2 to 9.5: ``entryPoint`` is ``OWNER/REPO/PATH@REF``, the builder is npm
``npm/cli/gha/v2``                     npm 9.6: ``entryPoint`` is the path, the builder is GitHub's runner
``npm/cli/gitlab/v0alpha1``            npm from 9.7 on GitLab: ``entryPoint`` is the job, parameters are ``CI_*``
``…/delegator-generic@v0``             slsa-github-generator's reusable workflows: as gha/v2 with another builder
=====================================  ================================================================================

Sources: npm/cli, workspaces/libnpmpublish/lib/provenance.js and its history; slsa-framework/slsa-github-generator,
internal/builders. All of them name the source twice or more; what they say must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from provenly.trust.attestations.model import Provenance
from provenly.trust.attestations.predicate import CODE, inside, one, sources, split, text
from provenly.trust.errors import MalformedError, RejectedError
from provenly.trust.strict_json import Json

GITHUB: Final = "https://github.com"
"""The only GitHub whose certificates are accepted; the predicate names repositories relative to it."""

GHA_V0: Final = "https://github.com/npm/cli/gha@v0"
GHA_V1: Final = "https://github.com/npm/cli/gha@v1"
GHA_V2: Final = "https://github.com/npm/cli/gha/v2"
DELEGATOR: Final = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"
GITLAB: Final = "https://github.com/npm/cli/gitlab/v0alpha1"


def _github(predicate: Mapping[str, Json], build_type: str) -> Provenance:
    """Read a build by a GitHub workflow, with the variables of its runner that npm copied."""
    said = inside(predicate, "invocation", "environment")
    short = text(said, "GITHUB_REPOSITORY")
    repository, refs, commits = _source(predicate, f"{GITHUB}/{short}" if short else "", text(said, "GITHUB_SHA"))
    entry = text(predicate, "invocation", "configSource", "entryPoint")
    named = text(said, "GITHUB_WORKFLOW_REF")
    if build_type in (GHA_V0, GHA_V1):
        named, entry = one("workflow", (named, entry)), ""
    path, _, workflow_ref = named.partition("@")
    run, attempt = text(said, "GITHUB_RUN_ID"), text(said, "GITHUB_RUN_ATTEMPT")
    return Provenance(
        build_type=build_type,
        builder=text(predicate, "builder", "id"),
        repository=repository,
        commit=one("commit", commits, code="ATT_COMMITS_CONFLICT"),
        ref=one("ref", (*refs, text(said, "GITHUB_REF"))),
        # A workflow of another repository keeps that repository's name in its path, and so agrees with none.
        workflow=one("workflow", (entry, path.removeprefix(f"{repository.removeprefix(GITHUB)[1:]}/"))),
        workflow_ref=workflow_ref,
        workflow_commit=text(said, "GITHUB_WORKFLOW_SHA"),
        trigger=text(said, "GITHUB_EVENT_NAME"),
        repository_id=text(said, "GITHUB_REPOSITORY_ID"),
        owner_id=text(said, "GITHUB_REPOSITORY_OWNER_ID"),
        run=one(
            "run",
            (text(predicate, "metadata", "buildInvocationId"), f"{run}-{attempt}" if run and attempt else ""),
        ),
        commits=commits,
    )


def _gitlab(predicate: Mapping[str, Json], build_type: str) -> Provenance:
    """Read a build by a GitLab pipeline, with the variables of its job that npm copied.

    The variables name a branch or tag without saying which of the two; only pipelines of branches have
    ``CI_COMMIT_BRANCH`` (docs.gitlab.com, ci/variables/predefined_variables). Where it is missing, ``ref`` is the
    bare name.
    """
    said = inside(predicate, "invocation", "parameters")
    repository, _, commits = _source(
        predicate, text(said, "CI_PROJECT_URL"), text(said, "CI_COMMIT_SHA"), text(said, "CI_BUILD_REF")
    )
    branch = text(said, "CI_COMMIT_BRANCH")
    name = one("ref", (branch, text(said, "CI_COMMIT_REF_NAME"), text(said, "CI_BUILD_REF_NAME")))
    environment = inside(predicate, "invocation", "environment")
    return Provenance(
        build_type=build_type,
        builder=text(predicate, "builder", "id"),
        repository=repository,
        commit=one("commit", commits, code="ATT_COMMITS_CONFLICT"),
        ref=f"refs/heads/{branch}" if branch else name,
        workflow=one("workflow", (text(environment, "pipeline", "ref"), text(said, "CI_CONFIG_PATH"))),
        trigger=text(said, "CI_PIPELINE_SOURCE"),
        repository_id=text(said, "CI_PROJECT_ID"),
        owner_id=text(said, "CI_PROJECT_NAMESPACE_ID"),
        run=one("run", (text(predicate, "metadata", "buildInvocationId"), text(said, "CI_JOB_URL"))),
        commits=commits,
    )


def _source(
    predicate: Mapping[str, Json], repository: str, *commits: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the repository, every ref and every commit that the predicate names for the source.

    :param repository: what the variables of the runner say.
    :param commits: likewise.
    :raises RejectedError: they name several repositories (``ATT_PREDICATE_CONFLICT``).
    :raises MalformedError: the source is no git repository (``ATT_PREDICATE_FORMAT``).
    """
    config = inside(predicate, "invocation", "configSource")
    uri = text(config, "uri")
    url, ref = split(uri)
    if uri and not url:
        raise MalformedError("the member configSource.uri of the predicate names no git repository", code=CODE)
    repository = one("repository", (url, repository))
    found = [(split(text(material, "uri")), material) for material in sources(predicate, "materials")]
    git = [(place, at, text(material, "digest", "sha1")) for (place, at), material in found if place]
    own = [entry for entry in git if entry[0] == repository]
    if found and repository and not own:
        raise RejectedError(
            "the provenance names one repository as its source and others as its materials",
            code="ATT_PREDICATE_CONFLICT",
            expected=repository,
            actual=", ".join(sorted({place for place, _, _ in git})[:4]) or "no git repository",
            hint="No build service writes this: the provenance was made up or altered before it was signed.",
        )
    every = {text(config, "digest", "sha1"), *commits, *(commit for _, _, commit in own)} - {""}
    return repository, (ref, *(at for _, at, _ in own)), tuple(sorted(every))


READERS: Final[Mapping[str, Callable[[Mapping[str, Json], str], Provenance]]] = MappingProxyType(
    {GHA_V0: _github, GHA_V1: _github, GHA_V2: _github, DELEGATOR: _github, GITLAB: _gitlab}
)
"""Build type → how its predicate is read."""
