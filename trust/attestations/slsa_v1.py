"""SLSA provenance 1.x (slsa.dev/spec/v1.0/provenance) of GitHub workflows.

The build type is described at https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1. npm writes it
since 9.6.5 (libnpmpublish, lib/provenance.js), GitHub's own action since 2024 (actions/toolkit, packages/attest).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from provenly.trust.attestations.model import Provenance
from provenly.trust.attestations.predicate import inside, one, sources, split, text
from provenly.trust.errors import RejectedError
from provenly.trust.strict_json import Json

GITHUB_WORKFLOW: Final = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"


def _commits(source: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the commits that a source names: its ``gitCommit``, and a ``sha1`` beside it, which must be the same.

    In-toto knows a commit by both names (spec/v1/digest_set.md); GitHub's build type asks for the first.
    """
    commit = text(source, "digest", "gitCommit")
    return (commit, text(source, "digest", "sha1")) if commit else ("",)


def _github(predicate: Mapping[str, Json], build_type: str) -> Provenance:
    """Read a build by a GitHub workflow.

    ``externalParameters.workflow`` says which workflow ran, at its own ref; ``resolvedDependencies`` says which
    commit and ref were checked out. Both name the repository.
    """
    definition = inside(predicate, "buildDefinition")
    workflow = inside(definition, "externalParameters", "workflow")
    github = inside(definition, "internalParameters", "github")
    run = inside(predicate, "runDetails")
    repository = text(workflow, "repository")
    found = [(split(text(source, "uri")), source) for source in sources(definition, "resolvedDependencies")]
    git = [(url, ref, commit) for (url, ref), source in found if url for commit in _commits(source)]
    if repository:
        # Other repositories may stand beside the source, not in its place.
        own = [entry for entry in git if entry[0] == repository]
        if git and not own:
            raise RejectedError(
                "the provenance names one repository as the workflow's and others as the source",
                code="ATT_PREDICATE_CONFLICT",
                expected=repository,
                actual=", ".join(sorted({url for url, _, _ in git})[:4]),
                hint="No build service writes this: the provenance was made up or altered before it was signed.",
            )
        git = own
    commits = tuple(sorted({commit for _, _, commit in git if commit}))
    return Provenance(
        build_type=build_type,
        builder=text(run, "builder", "id"),
        repository=repository or one("repository", (url for url, _, _ in git)),
        commit=one("commit", commits, code="ATT_COMMITS_CONFLICT"),
        ref=one("ref", (ref for _, ref, _ in git)),
        workflow=text(workflow, "path"),
        workflow_ref=text(workflow, "ref"),
        trigger=text(github, "event_name"),
        repository_id=text(github, "repository_id"),
        owner_id=text(github, "repository_owner_id"),
        runner=text(github, "runner_environment"),
        run=text(run, "metadata", "invocationId"),
        commits=commits,
    )


READERS: Final[Mapping[str, Callable[[Mapping[str, Json], str], Provenance]]] = MappingProxyType(
    {GITHUB_WORKFLOW: _github}
)
"""Build type → how its predicate is read."""
