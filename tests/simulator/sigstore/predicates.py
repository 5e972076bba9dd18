"""What builds say: the facts of one build, as a certificate's claims and in each form of predicate.

Facts go into both from one :class:`Facts`; a forgery gives the certificate other facts than the predicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509

GITHUB: Final = "https://token.actions.githubusercontent.com"
GITLAB: Final = "https://gitlab.com"
STATEMENT_V01: Final = "https://in-toto.io/Statement/v0.1"
STATEMENT_V1: Final = "https://in-toto.io/Statement/v1"
PUBLISH: Final = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
SLSA_V02: Final = "https://slsa.dev/provenance/v0.2"
SLSA_V1: Final = "https://slsa.dev/provenance/v1"
WORKFLOW_V1: Final = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A build on GitHub Actions (or, with :data:`GITLAB` as its issuer, on GitLab).

    :param workflow: the path of the workflow in the repository.
    :param signer: the workflow that signed, with its ref; empty for the build's own.
    """

    issuer: str = GITHUB
    server: str = "https://github.com"
    slug: str = "example/mail-mcp"
    repository_id: str = "890668799"
    owner_id: str = "182288589"
    commit: str = "d31124c982401739917fd817c2a59db344529c16"
    ref: str = "refs/tags/v1.0.0"
    workflow: str = ".github/workflows/release.yml"
    trigger: str = "push"
    run: str = "29066950627"
    attempt: str = "1"
    runner: str = "github-hosted"
    visibility: str = "public"
    signer: str = ""

    @property
    def repository(self) -> str:
        """The repository's URL."""
        return f"{self.server}/{self.slug}"

    @property
    def workflow_ref(self) -> str:
        """The workflow's URL with its ref."""
        slash = "//" if self.issuer == GITLAB else "/"
        return f"{self.repository}{slash}{self.workflow}@{self.ref}"

    @property
    def run_url(self) -> str:
        """The run's URL."""
        if self.issuer == GITLAB:
            return f"{self.repository}/-/jobs/{self.run}"
        return f"{self.repository}/actions/runs/{self.run}/attempts/{self.attempt}"


HONEST: Final = Facts()
ON_GITLAB: Final = Facts(
    issuer=GITLAB, server=GITLAB, workflow=".gitlab-ci.yml", runner="gitlab-hosted", ref="refs/heads/main"
)


def names(facts: Facts) -> tuple[x509.GeneralName, ...]:
    """Return the certificate's one name."""
    return (x509.UniformResourceIdentifier(facts.signer or facts.workflow_ref),)


def claims(facts: Facts, *, raw: bool = True, der: bool = True) -> dict[int, str | bytes | None]:
    """Return the certificate's claims: the old raw ones, those since 2023, or as today both (oid-info.md)."""
    old: dict[int, str | bytes | None] = {1: facts.issuer}
    if facts.issuer != GITLAB:
        old |= {2: facts.trigger, 3: facts.commit, 4: "Release", 5: facts.slug, 6: facts.ref}
    new: dict[int, str | bytes | None] = {
        8: facts.issuer,
        9: facts.signer or facts.workflow_ref,
        10: facts.commit,
        11: facts.runner,
        12: facts.repository,
        13: facts.commit,
        14: facts.ref,
        15: facts.repository_id,
        16: facts.repository.rpartition("/")[0],
        17: facts.owner_id,
        18: facts.workflow_ref,
        19: facts.commit,
        20: facts.trigger,
        21: facts.run_url,
        22: facts.visibility,
    }
    return (old if raw else {}) | (new if der else {})


def workflow_v1(facts: Facts) -> dict[str, Any]:
    """Return SLSA v1 as npm 10 and newer writes it."""
    return {
        "buildDefinition": {
            "buildType": WORKFLOW_V1,
            "externalParameters": {
                "workflow": {"ref": facts.ref, "repository": facts.repository, "path": facts.workflow}
            },
            "internalParameters": {
                "github": {
                    "event_name": facts.trigger,
                    "repository_id": facts.repository_id,
                    "repository_owner_id": facts.owner_id,
                }
            },
            "resolvedDependencies": [
                {"uri": f"git+{facts.repository}@{facts.ref}", "digest": {"gitCommit": facts.commit}}
            ],
        },
        "runDetails": {
            "builder": {"id": f"https://github.com/actions/runner/{facts.runner}"},
            "metadata": {"invocationId": facts.run_url},
        },
    }


def github_v2(facts: Facts) -> dict[str, Any]:
    """Return SLSA v0.2 as npm 9.6 wrote it (``gha/v2``)."""
    return _v02(facts, "https://github.com/npm/cli/gha/v2", "https://github.com/actions/runner", facts.workflow)


def github_v0(facts: Facts) -> dict[str, Any]:
    """Return SLSA v0.2 as the first npm with provenance wrote it (``gha@v0``): no ref in the material."""
    entry = f"{facts.slug}/{facts.workflow}@{facts.ref}"
    document = _v02(facts, "https://github.com/npm/cli/gha@v0", "https://github.com/npm/cli@9.2.0", entry)
    document["materials"][0]["uri"] = f"git+{facts.repository}"
    return document


def generator(facts: Facts) -> dict[str, Any]:
    """Return SLSA v0.2 as slsa-github-generator's delegator writes it."""
    base = "https://github.com/slsa-framework/slsa-github-generator"
    builder = f"{base}/.github/workflows/builder_nodejs_slsa3.yml@refs/tags/v1.6.0"
    return _v02(facts, f"{base}/delegator-generic@v0", builder, facts.workflow)


def _v02(facts: Facts, build_type: str, builder: str, entry: str) -> dict[str, Any]:
    source = f"git+{facts.repository}@{facts.ref}"
    workflow = f"{facts.slug}/{facts.workflow}@{facts.ref}"
    return {
        "buildType": build_type,
        "builder": {"id": builder},
        "invocation": {
            "configSource": {"uri": source, "digest": {"sha1": facts.commit}, "entryPoint": entry},
            "parameters": {},
            "environment": {
                "GITHUB_EVENT_NAME": facts.trigger,
                "GITHUB_REF": facts.ref,
                "GITHUB_REPOSITORY": facts.slug,
                "GITHUB_REPOSITORY_ID": facts.repository_id,
                "GITHUB_REPOSITORY_OWNER_ID": facts.owner_id,
                "GITHUB_RUN_ATTEMPT": facts.attempt,
                "GITHUB_RUN_ID": facts.run,
                "GITHUB_SHA": facts.commit,
                "GITHUB_WORKFLOW_REF": workflow,
                "GITHUB_WORKFLOW_SHA": facts.commit,
            },
        },
        "metadata": {
            "buildInvocationId": f"{facts.run}-{facts.attempt}",
            "completeness": {"parameters": False, "environment": False, "materials": False},
            "reproducible": False,
        },
        "materials": [{"uri": source, "digest": {"sha1": facts.commit}}],
    }


def gitlab(facts: Facts) -> dict[str, Any]:
    """Return SLSA v0.2 as npm writes it on GitLab (npm/cli, workspaces/libnpmpublish/lib/provenance.js)."""
    source = f"git+{facts.repository}"
    return {
        "buildType": "https://github.com/npm/cli/gitlab/v0alpha1",
        "builder": {"id": f"{facts.repository}/-/runners/12270807"},
        "invocation": {
            "configSource": {"uri": source, "digest": {"sha1": facts.commit}, "entryPoint": "publish"},
            "parameters": {
                "CI": "true",
                "CI_COMMIT_REF_NAME": facts.ref.rpartition("/")[2],
                "CI_COMMIT_SHA": facts.commit,
                "CI_PIPELINE_SOURCE": facts.trigger,
                "CI_PROJECT_ID": facts.repository_id,
                "CI_PROJECT_URL": facts.repository,
                "CI_SERVER_URL": facts.server,
            },
            "environment": {
                "name": "saas-linux-small-amd64",
                "architecture": "linux/amd64",
                "server": facts.server,
                "project": facts.slug,
                "job": {"id": facts.run},
                "pipeline": {"id": "1532453279", "ref": facts.workflow},
            },
        },
        "metadata": {
            "buildInvocationId": facts.run_url,
            "completeness": {"parameters": True, "environment": True, "materials": False},
            "reproducible": False,
        },
        "materials": [{"uri": source, "digest": {"sha1": facts.commit}}],
    }
