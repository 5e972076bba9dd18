"""Statements, identities and predicates for tests: honest ones, with one member changed where a test says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from provenly.trust.attestations import statement
from provenly.trust.attestations.model import PUBLISH, SLSA_V02, SLSA_V1, Statement
from provenly.trust.bundles.model import SEAL, SignedBy, Verified
from provenly.trust.digest import Digest
from provenly.trust.identity import Identity
from provenly.trust.roots import embedded, npm_keys
from provenly.trust.roots.model import RegistryKeys

NAME = "@acme/mail-mcp"
VERSION = "1.2.3"
PURL = "pkg:npm/%40acme/mail-mcp@1.2.3"
SHA512 = Digest.of(b"the archive", "sha512")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIGNED = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPOSITORY = "https://github.com/acme/mail-mcp"
COMMIT = "d31124c982401739917fd817c2a59db344529c16"
OTHER_COMMIT = "0" * 40
TAG = "refs/tags/v1.2.3"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml@{TAG}"
REGISTRY = "https://registry.npmjs.org"
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"

GITHUB = Identity(
    issuer="https://token.actions.githubusercontent.com",
    subject=WORKFLOW,
    signer=WORKFLOW,
    signer_digest=COMMIT,
    runner="github-hosted",
    repository=REPOSITORY,
    commit=COMMIT,
    ref=TAG,
    repository_id="890668799",
    owner="https://github.com/acme",
    owner_id="182288589",
    workflow=WORKFLOW,
    workflow_digest=COMMIT,
    trigger="push",
    run=f"{REPOSITORY}/actions/runs/29066950627/attempts/1",
    visibility="public",
)

GITLAB_PROJECT = "https://gitlab.com/acme/tools/mail-mcp"
GITLAB = Identity(
    issuer="https://gitlab.com",
    subject=f"{GITLAB_PROJECT}//.gitlab-ci.yml@refs/heads/main",
    signer=f"{GITLAB_PROJECT}//.gitlab-ci.yml@refs/heads/main",
    runner="gitlab-hosted",
    repository=GITLAB_PROJECT,
    commit=COMMIT,
    ref="refs/heads/main",
    repository_id="55235664",
    owner="https://gitlab.com/acme/tools",
    owner_id="12885801",
    workflow=f"{GITLAB_PROJECT}//.gitlab-ci.yml@refs/heads/main",
    workflow_digest=COMMIT,
    trigger="push",
    run=f"{GITLAB_PROJECT}/-/jobs/7012",
    visibility="public",
)


def v1() -> dict[str, Any]:
    """Return the predicate that npm writes on GitHub since 9.6.5."""
    return {
        "buildDefinition": {
            "buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            "externalParameters": {
                "workflow": {"ref": TAG, "repository": REPOSITORY, "path": ".github/workflows/release.yml"}
            },
            "internalParameters": {
                "github": {
                    "event_name": "push",
                    "repository_id": "890668799",
                    "repository_owner_id": "182288589",
                }
            },
            "resolvedDependencies": [{"uri": f"git+{REPOSITORY}@{TAG}", "digest": {"gitCommit": COMMIT}}],
        },
        "runDetails": {
            "builder": {"id": "https://github.com/actions/runner/github-hosted"},
            "metadata": {"invocationId": f"{REPOSITORY}/actions/runs/29066950627/attempts/1"},
        },
    }


def v02(build_type: str = "https://github.com/npm/cli/gha/v2") -> dict[str, Any]:
    """Return the predicate that npm 9.2 to 9.6, or slsa-github-generator, writes on GitHub."""
    entry = ".github/workflows/release.yml"
    builder = "https://github.com/actions/runner"
    if "@v" in build_type and "/npm/" in build_type:
        entry, builder = f"acme/mail-mcp/{entry}@{TAG}", "https://github.com/npm/cli@9.5.0"
    elif "delegator" in build_type:
        builder = f"{GENERATOR}builder_nodejs_slsa3.yml@refs/tags/v1.6.0"
    return {
        "buildType": build_type,
        "builder": {"id": builder},
        "invocation": {
            "configSource": {"uri": f"git+{REPOSITORY}@{TAG}", "digest": {"sha1": COMMIT}, "entryPoint": entry},
            "parameters": {},
            "environment": {
                "GITHUB_EVENT_NAME": "push",
                "GITHUB_REF": TAG,
                "GITHUB_REPOSITORY": "acme/mail-mcp",
                "GITHUB_REPOSITORY_ID": "890668799",
                "GITHUB_REPOSITORY_OWNER_ID": "182288589",
                "GITHUB_RUN_ATTEMPT": "1",
                "GITHUB_RUN_ID": "29066950627",
                "GITHUB_SHA": COMMIT,
                "GITHUB_WORKFLOW_REF": f"acme/mail-mcp/.github/workflows/release.yml@{TAG}",
                "GITHUB_WORKFLOW_SHA": COMMIT,
            },
        },
        "metadata": {"buildInvocationId": "29066950627-1"},
        "materials": [{"uri": f"git+{REPOSITORY}@{TAG}", "digest": {"sha1": COMMIT}}],
    }


def gitlab() -> dict[str, Any]:
    """Return the predicate that npm writes on GitLab, as far as it is read."""
    return {
        "buildType": "https://github.com/npm/cli/gitlab/v0alpha1",
        "builder": {"id": f"{GITLAB_PROJECT}/-/runners/12270831"},
        "invocation": {
            "configSource": {"uri": f"git+{GITLAB_PROJECT}", "digest": {"sha1": COMMIT}, "entryPoint": "publish"},
            "parameters": {
                "CI_BUILD_REF": COMMIT,
                "CI_COMMIT_BRANCH": "main",
                "CI_COMMIT_REF_NAME": "main",
                "CI_COMMIT_SHA": COMMIT,
                "CI_CONFIG_PATH": ".gitlab-ci.yml",
                "CI_JOB_URL": f"{GITLAB_PROJECT}/-/jobs/7012",
                "CI_PIPELINE_SOURCE": "push",
                "CI_PROJECT_ID": "55235664",
                "CI_PROJECT_NAMESPACE_ID": "12885801",
                "CI_PROJECT_URL": GITLAB_PROJECT,
            },
            "environment": {"pipeline": {"id": "99", "ref": ".gitlab-ci.yml"}},
        },
        "metadata": {"buildInvocationId": f"{GITLAB_PROJECT}/-/jobs/7012"},
        "materials": [{"uri": f"git+{GITLAB_PROJECT}", "digest": {"sha1": COMMIT}}],
    }


def publish() -> dict[str, Any]:
    """Return the predicate of npm's publish attestation."""
    return {"name": NAME, "version": VERSION, "registry": REGISTRY}


def payload(predicate: dict[str, Any], predicate_type: str, /, **changed: Any) -> dict[str, Any]:
    """Return a statement as JSON values; ``changed`` replaces members, ``None`` removes one."""
    made: dict[str, Any] = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": PURL, "digest": {"sha512": SHA512.hex}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    } | changed
    return {key: value for key, value in made.items() if value is not None}


def signed(
    document: object, identity: Identity | None = GITHUB, payload_type: str = statement.PAYLOAD_TYPE
) -> Verified:
    """Return a verified bundle with this payload: as if somebody had signed it."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    key = keys().keys[0]
    return Verified(
        signed_by=SignedBy(key=key.key, identity=identity, keyid="" if identity else key.keyid),
        signed_at=(SIGNED,),
        payload=data,
        payload_type=payload_type,
        digest=Digest.of(data),
        log_index=1,
        log_url="https://rekor.sigstore.dev",
        seal=SEAL,
    )


def provenance(predicate: dict[str, Any], identity: Identity | None = GITHUB) -> Statement:
    """Return a provenance statement."""
    kind = SLSA_V1 if "buildDefinition" in predicate else SLSA_V02
    return statement.read(signed(payload(predicate, kind), identity), predicate_type=kind)


def published(predicate: dict[str, Any]) -> Statement:
    """Return a publish statement."""
    return statement.read(signed(payload(predicate, PUBLISH), None), predicate_type=PUBLISH)


def keys() -> RegistryKeys:
    """Return npm's own keys, as they are embedded."""
    return npm_keys.load(embedded.npm_keys(), REGISTRY)


def at(tree: Any, path: str, value: Any) -> Any:
    """Set the member at ``a.b.0.c``, or remove it where ``value`` is ``None``; return the tree."""
    *way, last = path.split(".")
    node = tree
    for name in way:
        node = node[int(name)] if isinstance(node, list) else node[name]
    if value is None:
        del node[last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return tree
