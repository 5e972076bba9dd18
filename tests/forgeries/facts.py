"""Everything is properly signed, and the certificate and the predicate do not say the same.

This is what no change to real data can make, and what neither npm nor sigstore-js nor sigstore-python looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tests.forgeries.forgery import Forgery, provenance
from tests.simulator.sigstore.predicates import (
    HONEST,
    ON_GITLAB,
    claims,
    generator,
    github_v0,
    github_v2,
    gitlab,
    workflow_v1,
)

MISMATCH: Final = "ATT_CLAIM_MISMATCH"
CONFLICT: Final = "ATT_PREDICATE_CONFLICT"
COMMITS: Final = "ATT_COMMITS_CONFLICT"
OTHER: Final = "0" * 39 + "1"
ONLY_OLD: Final = dict.fromkeys(claims(HONEST, raw=False))
REPOSITORY: Final = HONEST.repository
FORMS: Final[Mapping[str, Any]] = {"gha v2": github_v2, "gha v0": github_v0, "slsa-github-generator": generator}


def said(path: str, value: Any) -> Any:
    """Return a change of the predicate: ``path`` with dots gets ``value``."""

    def change(predicate: Any) -> None:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        target = predicate
        for step in parents:
            target = target[step]
        if value is None:
            del target[last]
        else:
            target[last] = value

    return change


def certificate(field: str, changed: Mapping[int, Any], says: str = "") -> Forgery:
    """Return a forgery whose certificate has other claims than the predicate; old and new ones agree."""
    return provenance(f"certificate: {field}", "B23", MISMATCH, says, claims=dict(changed))


V1_PREDICATE: Final = "buildDefinition.externalParameters.workflow"
GITHUB: Final = "buildDefinition.internalParameters.github"
SOURCE: Final = "buildDefinition.resolvedDependencies.0"
BUILDER: Final = "runDetails.builder.id"

CERTIFICATE: Final = (
    certificate("another repository", {12: "https://github.com/example/other", 5: "example/other"}, "repository"),
    certificate("repository with a suffix", {12: REPOSITORY + "-evil", 5: "example/mail-mcp-evil"}, "repository"),
    certificate("repository that is a prefix", {12: REPOSITORY[:-1], 5: "example/mail-mc"}, "repository"),
    certificate(
        "owner and name the other way",
        {12: "https://github.com/mail-mcp/example", 5: "mail-mcp/example", 16: "https://github.com/mail-mcp"},
    ),
    certificate("another commit", {13: OTHER, 3: OTHER}, "commit"),
    certificate("another branch", {14: "refs/heads/evil", 6: "refs/heads/evil"}, "ref"),
    certificate("a branch of the tag's name", {14: "refs/heads/v1.0.0", 6: "refs/heads/v1.0.0"}, "ref"),
    certificate("a ref within a ref", {14: "refs/heads/refs/tags/v1.0.0", 6: "refs/heads/refs/tags/v1.0.0"}, "ref"),
    certificate("another repository id", {15: "1"}, "repository"),
    certificate("another owner id", {17: "1"}, "owner"),
    certificate("another workflow", {18: f"{REPOSITORY}/.github/workflows/evil.yml@{HONEST.ref}"}, "workflow"),
    certificate("a workflow at another ref", {18: f"{REPOSITORY}/{HONEST.workflow}@refs/heads/evil"}, "workflow"),
    certificate("the workflow of another repository", {18: HONEST.workflow_ref.replace("mail", "evil")}, "workflow"),
    certificate("another trigger", {20: "pull_request_target", 2: "pull_request_target"}, "trigger"),
    certificate("another run", {21: replace(HONEST, run="1").run_url}, "run"),
    certificate("another attempt", {21: replace(HONEST, attempt="2").run_url}, "run"),
    certificate("a run of another repository", {21: replace(HONEST, slug="example/other").run_url}, "run"),
    certificate("another kind of runner", {11: "self-hosted"}, ""),
)

PREDICATE: Final = tuple(
    provenance(f"predicate: {name}", "B23", code, says, change=said(path, value))
    for name, path, value, code, says in (
        (
            "another repository",
            f"{V1_PREDICATE}.repository",
            "https://github.com/example/other",
            CONFLICT,
            "repository",
        ),
        ("another ref of the workflow", f"{V1_PREDICATE}.ref", "refs/heads/main", MISMATCH, "workflow"),
        ("another workflow", f"{V1_PREDICATE}.path", ".github/workflows/evil.yml", MISMATCH, "workflow"),
        ("another trigger", f"{GITHUB}.event_name", "workflow_dispatch", MISMATCH, "trigger"),
        ("another repository id", f"{GITHUB}.repository_id", "1", MISMATCH, "repository id"),
        ("another owner id", f"{GITHUB}.repository_owner_id", "1", MISMATCH, "owner id"),
        ("another commit", f"{SOURCE}.digest.gitCommit", OTHER, MISMATCH, "commit"),
        ("another source", f"{SOURCE}.uri", f"git+https://github.com/a/b@{HONEST.ref}", CONFLICT, "repository"),
        ("another ref of the source", f"{SOURCE}.uri", f"git+{REPOSITORY}@refs/heads/main", MISMATCH, "ref"),
        ("another run", "runDetails.metadata.invocationId", replace(HONEST, run="1").run_url, MISMATCH, "run"),
        ("another runner", BUILDER, "https://github.com/actions/runner/self-hosted", MISMATCH, "builder"),
        ("runner without its kind", BUILDER, "https://github.com/actions/runner", "ATT_BUILDER", ""),
        ("unknown builder", BUILDER, "https://evil.example/runner/github-hosted", "ATT_BUILDER", ""),
        ("no builder", BUILDER, None, "ATT_BUILDER", ""),
        ("number for a repository id", f"{GITHUB}.repository_id", 890668799, "ATT_PREDICATE_FORMAT", ""),
        ("list for a repository", f"{V1_PREDICATE}.repository", [REPOSITORY], "ATT_PREDICATE_FORMAT", ""),
    )
)

REVERSED: Final = tuple(
    provenance(
        f"statement of a build of {name}", "B22", MISMATCH, says, facts=replace(HONEST, **facts), certified=HONEST
    )
    for name, facts, says in (
        ("another repository", {"slug": "example/other"}, "repository"),
        ("a repository in other case", {"slug": "Example/Mail-MCP"}, "repository"),
        ("a repository with a suffix", {"slug": "example/mail-mcp-evil"}, "repository"),
        ("a repository with .git", {"slug": "example/mail-mcp.git"}, "repository"),
        ("a repository with a slash", {"slug": "example/mail-mcp/"}, "repository"),
        ("a repository with %2d", {"slug": "example/mail%2dmcp"}, "repository"),
        ("a repository over http", {"server": "http://github.com"}, "repository"),
        ("another host", {"server": "https://github.com.evil.example"}, "repository"),
        ("another commit", {"commit": OTHER}, "commit"),
        ("a commit in upper case", {"commit": HONEST.commit.upper()}, "commit"),
        ("a commit cut short", {"commit": HONEST.commit[:12]}, "commit"),
        ("another ref", {"ref": "refs/heads/main"}, "ref"),
        ("the bare name of another tag", {"ref": "v1.0.1"}, "ref"),
        ("another workflow", {"workflow": ".github/workflows/evil.yml"}, "workflow"),
        ("another trigger", {"trigger": "workflow_dispatch"}, "trigger"),
        ("another run", {"run": "1"}, "run"),
        ("another attempt", {"attempt": "2"}, "run"),
        ("another runner", {"runner": "self-hosted"}, "builder"),
    )
)

OLD_FORMS: Final = tuple(
    provenance(f"{name}: another {field}", "B23", MISMATCH, says, form=form, certified=replace(HONEST, **changes))
    for name, form in FORMS.items()
    for field, changes, says in (
        ("repository", {"slug": "example/other"}, "repository"),
        ("commit", {"commit": OTHER}, "commit"),
        ("ref", {"ref": "refs/heads/main"}, "ref"),
        ("trigger", {"trigger": "schedule"}, "trigger"),
        ("repository id", {"repository_id": "1"}, "repository"),
        ("owner id", {"owner_id": "1"}, "owner"),
        ("run", {"run": "1"}, "run"),
        ("workflow", {"workflow": ".github/workflows/evil.yml"}, "workflow"),
    )
)

GITLAB: Final = tuple(
    provenance(
        f"gitlab: another {field}",
        "B23",
        MISMATCH,
        says,
        facts=ON_GITLAB,
        form=gitlab,
        certified=replace(ON_GITLAB, **changes),
    )
    for field, changes, says in (
        ("repository", {"slug": "example/other"}, "repository"),
        ("commit", {"commit": OTHER}, "commit"),
        ("ref", {"ref": "refs/heads/evil"}, "ref"),
        ("trigger", {"trigger": "schedule"}, "trigger"),
        ("workflow", {"workflow": "evil.yml"}, "workflow"),
        ("repository id", {"repository_id": "1"}, "repository"),
        ("run", {"run": "1"}, "run"),
    )
)

ENVIRONMENT: Final = "invocation.environment"
WITHIN: Final = tuple(
    provenance(f"gha v2: {name}", "B30", code, says, form=github_v2, change=said(path, value))
    for name, path, value, code, says in (
        ("materials of another commit", "materials.0.digest.sha1", OTHER, COMMITS, "commit"),
        ("materials of another repository", "materials.0.uri", "git+https://github.com/a/b", CONFLICT, "materials"),
        ("configuration of another commit", "invocation.configSource.digest.sha1", OTHER, COMMITS, "commit"),
        ("environment of another commit", f"{ENVIRONMENT}.GITHUB_SHA", OTHER, COMMITS, "commit"),
        ("environment of another repository", f"{ENVIRONMENT}.GITHUB_REPOSITORY", "a/b", CONFLICT, "repository"),
        ("environment of another ref", f"{ENVIRONMENT}.GITHUB_REF", "refs/heads/main", CONFLICT, "ref"),
        ("environment of another workflow", f"{ENVIRONMENT}.GITHUB_WORKFLOW_REF", "a/b/c@d", CONFLICT, "workflow"),
        ("environment of another trigger", f"{ENVIRONMENT}.GITHUB_EVENT_NAME", "schedule", MISMATCH, "trigger"),
        (
            "another entry point",
            "invocation.configSource.entryPoint",
            ".github/workflows/evil.yml",
            CONFLICT,
            "workflow",
        ),
        ("another attempt", "metadata.buildInvocationId", f"{HONEST.run}-2", CONFLICT, "run"),
        ("unknown builder", "builder.id", "https://evil.example", "ATT_BUILDER", ""),
    )
)


def no_commit(predicate: Any) -> None:
    """Let the predicate name no commit at all."""
    predicate["materials"][0]["digest"] = {}
    del predicate["invocation"]["configSource"]["digest"]
    del predicate["invocation"]["environment"]["GITHUB_SHA"]


def second_commit(predicate: Any) -> None:
    """Let the predicate name two commits for the same source."""
    other = {"uri": f"git+{REPOSITORY}@{HONEST.ref}", "digest": {"gitCommit": OTHER}}
    predicate["buildDefinition"]["resolvedDependencies"].append(other)


def digest_beside(predicate: Any) -> None:
    """Let the source have a second digest, of another commit."""
    predicate["buildDefinition"]["resolvedDependencies"][0]["digest"]["sha1"] = OTHER


ALL: Final = (
    *(
        provenance(
            f"old claims only: another {field}",
            "B23",
            MISMATCH,
            field,
            claims=ONLY_OLD,
            form=github_v0,
            certified=certified,
        )
        for field, certified in (
            ("repository", replace(HONEST, slug="example/other")),
            ("commit", replace(HONEST, commit=OTHER)),
            ("ref", replace(HONEST, ref="refs/heads/main")),
            ("trigger", replace(HONEST, trigger="schedule")),
            ("workflow", replace(HONEST, workflow=".github/workflows/evil.yml")),
        )
    ),
    provenance("two digests of one source", "B30", COMMITS, "commit", change=digest_beside),
    provenance(
        "predicate of version 0.2 in a statement of version 1",
        "B30",
        "ATT_BUILD_TYPE",
        change=lambda _: github_v2(HONEST),
    ),
    provenance(
        "predicate of version 1 in a statement of version 0.2",
        "B30",
        "ATT_BUILD_TYPE",
        form=github_v2,
        change=lambda _: workflow_v1(HONEST),
    ),
    *CERTIFICATE,
    *PREDICATE,
    *REVERSED,
    *OLD_FORMS,
    *GITLAB,
    *WITHIN,
    provenance("everything another repository's", "B23", MISMATCH, certified=replace(HONEST, slug="evil/mail-mcp")),
    provenance("two commits of one source", "B30", COMMITS, "commit", change=second_commit),
    provenance("gha v2: no commit", "B30", "ATT_CLAIM_MISSING", "commit", form=github_v2, change=no_commit),
    provenance("no source", "B30", "ATT_CLAIM_MISSING", change=said("buildDefinition.resolvedDependencies", [])),
    provenance("no commit in the certificate", "B23", "ATT_CLAIM_MISSING", "commit", claims={13: None, 3: None}),
    provenance(
        "no repository in the certificate", "B23", "ATT_CLAIM_MISSING", "repository", claims={12: None, 5: None}
    ),
    provenance(
        "unknown build type",
        "B30",
        "ATT_BUILD_TYPE",
        change=said("buildDefinition.buildType", "https://evil.example/buildtypes/workflow/v1"),
    ),
    provenance(
        "build type with another version",
        "B30",
        "ATT_BUILD_TYPE",
        form=github_v2,
        change=said("buildType", "https://github.com/npm/cli/gha/v3"),
    ),
    # Old and new claims of one certificate disagree: somebody else than Fulcio wrote it.
    provenance("old claim: another issuer", "B24", "CERT_EXTENSIONS_DISAGREE", claims={1: "https://evil.example"}),
    provenance("old claim: another trigger", "B23", "CERT_EXTENSIONS_DISAGREE", claims={2: "schedule"}),
    provenance("old claim: another commit", "B23", "CERT_EXTENSIONS_DISAGREE", claims={3: OTHER}),
    provenance("old claim: another repository", "B23", "CERT_EXTENSIONS_DISAGREE", claims={5: "evil/mail-mcp"}),
    provenance("old claim: another ref", "B23", "CERT_EXTENSIONS_DISAGREE", claims={6: "refs/heads/main"}),
)
