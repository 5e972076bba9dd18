"""Which build services and builders are known, and so whose word about a build counts.

Anybody can have a certificate of Sigstore's: for a mail address, a GitHub Enterprise server, another instance of
GitLab. Two services are known to give a job a token that only that job can have, and to say truly what it builds.
Issuers are compared whole: real bundles have ``https://token.actions.githubusercontent.com/hammer-time``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from provenly.trust.attestations.agreement import RUNNER
from provenly.trust.attestations.model import Provenance
from provenly.trust.attestations.slsa_v02 import DELEGATOR, GHA_V0, GHA_V1, GHA_V2, GITLAB
from provenly.trust.attestations.slsa_v1 import GITHUB_WORKFLOW
from provenly.trust.errors import RejectedError
from provenly.trust.identity import Identity

GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
"""The issuer of GitHub Actions at github.com (docs.github.com, OpenID Connect reference)."""

GITLAB_ISSUER: Final = "https://gitlab.com"
"""The issuer of GitLab.com's pipelines (docs.gitlab.com, ci/secrets/id_token_authentication)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A build service.

    :param host: what its repositories and workflows begin with.
    :param runners: the environments that certificates name (.11).
    :param build_types: of the predicates that its builds write.
    """

    host: str
    runners: frozenset[str]
    build_types: frozenset[str]


SERVICES: Final[Mapping[str, Service]] = MappingProxyType(
    {
        GITHUB_ISSUER: Service(
            host="https://github.com/",
            runners=frozenset({"github-hosted", "self-hosted"}),
            build_types=frozenset({GHA_V0, GHA_V1, GHA_V2, DELEGATOR, GITHUB_WORKFLOW}),
        ),
        GITLAB_ISSUER: Service(
            host="https://gitlab.com/",
            runners=frozenset({"gitlab-hosted", "self-hosted"}),
            build_types=frozenset({GITLAB}),
        ),
    }
)
"""Issuer → build service."""

_GENERATOR: Final = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
_RELEASE: Final = r"@(refs/tags/v[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(?:-rc\.[0-9]{1,4})?)"
"""A release of slsa-github-generator: only its tags may be relied on (its README, "Referencing SLSA builders")."""

_DELEGATED: Final = re.compile(re.escape(_GENERATOR) + r"builder_nodejs_slsa3\.yml" + _RELEASE, re.ASCII)
"""The builder that delegator-generic names for npm packages."""

REUSABLE: Final = re.compile(re.escape(_GENERATOR) + r"delegator_(?:lowperms-)?generic_slsa3\.yml" + _RELEASE, re.ASCII)
"""Reusable workflows that are known to sign for others only what they built themselves."""

_NPM: Final = re.compile(r"https://github\.com/npm/cli@[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(?:-[0-9A-Za-z.\-]{1,64})?")
"""The builder of gha@v0 and gha@v1: npm itself, with its version."""


def require(identity: Identity, provenance: Provenance) -> str:
    """Refuse a provenance of a service, runner or builder that is not known.

    Steps: 1. the issuer is one of :data:`SERVICES`; 2. the certificate's subject is a workflow of that service's host;
    3. builds of that service write predicates of this type; 4. the runner is of a known kind; 5. the builder is the
    one that belongs to build type and runner.

    :returns: the builder in one spelling, for policies: ``https://github.com/actions/runner/github-hosted``,
        ``https://gitlab.com/-/runners/gitlab-hosted``, the reusable workflow with its tag, or, in certificates from
        before 2023-03, which name no runner, the builder as the predicate has it.
    :raises RejectedError: steps 1 and 2 ``ATT_ISSUER``, steps 3 to 5 ``ATT_BUILDER``.
    """
    service = require_issuer(identity)
    if provenance.build_type not in service.build_types:
        raise _refusal("build type", f"a build type of {identity.issuer}", provenance.build_type)
    if identity.runner and identity.runner not in service.runners:
        raise _refusal("runner", " or ".join(sorted(service.runners)), identity.runner)
    return _builder(identity, provenance)


def require_issuer(identity: Identity) -> Service:
    """Refuse a certificate of a service that is not known: steps 1 and 2 of :func:`require`.

    A certificate that contradicts itself is nobody's: no known service has such a one issued.

    :returns: the service.
    :raises RejectedError: ``ATT_ISSUER``.
    """
    service = SERVICES.get(identity.issuer)
    if service is None:
        raise _issuer("was signed by an account of a service that is not known", " or ".join(SERVICES), identity.issuer)
    if identity.subject_kind != "uri" or not identity.subject.startswith(service.host):
        wanted = f"a workflow at {service.host}"
        raise _issuer("was signed by something else than a workflow", wanted, identity.subject)
    _require_consistent(identity, service)
    return service


def _require_consistent(identity: Identity, service: Service) -> None:
    """Refuse a certificate that contradicts itself: policies may name any of its fields, and readers see any of them.

    The authority makes the subject and the signer of one field of the token, and the owner is the first part of the
    repository's path (sigstore/fulcio, config/identity/config.yaml, ``github-workflow`` and ``gitlab-pipeline``).

    :raises RejectedError: ``ATT_ISSUER``.
    """
    pairs = (
        ("signer", identity.subject, identity.signer, identity.signer == identity.subject),
        ("owner", identity.repository, identity.owner, identity.repository.startswith(f"{identity.owner}/")),
        ("repository", service.host, identity.repository, identity.repository.startswith(service.host)),
    )
    for field, expected, actual, agrees in pairs:
        if expected and actual and not agrees:
            raise _issuer(f"was signed with a certificate that contradicts itself about the {field}", expected, actual)


def _builder(identity: Identity, provenance: Provenance) -> str:
    """Return the builder in one spelling; refuse one that does not belong to the build type."""
    written = provenance.builder
    hosted = f"{RUNNER}/{identity.runner}" if identity.runner else RUNNER
    match provenance.build_type:
        case kind if kind in (GHA_V0, GHA_V1):
            if _NPM.fullmatch(written):
                return hosted if identity.runner else written
            raise _refusal("builder", "https://github.com/npm/cli@VERSION", written)
        case kind if kind == GHA_V2:
            if written in (RUNNER, hosted):
                return hosted
            raise _refusal("builder", hosted, written)
        case kind if kind == DELEGATOR:
            return _delegated(identity, written)
        case kind if kind == GITLAB:
            if re.fullmatch(re.escape(f"{identity.repository}/-/runners/") + r"[0-9]{1,20}", written, re.ASCII):
                return f"https://gitlab.com/-/runners/{identity.runner or 'unknown'}"
            raise _refusal("builder", f"{identity.repository}/-/runners/NUMBER", written)
        case _:
            # GitHub's own action names the workflow that signs in place of the runner (actions/attest).
            if identity.runner and written in (hosted, identity.signer):
                return hosted
            raise _refusal("builder", hosted, written)


def _delegated(identity: Identity, written: str) -> str:
    """Hold a build by slsa-github-generator to its reusable workflow: both are of one release of that project."""
    builder, signer = _DELEGATED.fullmatch(written), REUSABLE.fullmatch(identity.subject)
    if builder is None:
        raise _refusal("builder", f"{_GENERATOR}builder_nodejs_slsa3.yml at a release", written)
    if signer is None:
        raise _refusal("signer", f"{_GENERATOR}delegator_generic_slsa3.yml at a release", identity.subject)
    if builder[1] != signer[1]:
        raise _refusal("builder", f"a builder at {signer[1]}, as its signer", written)
    return written


def _issuer(what: str, expected: str, actual: str) -> RejectedError:
    return RejectedError(
        f"the provenance {what}",
        code="ATT_ISSUER",
        expected=expected,
        actual=actual,
        hint="Only GitHub Actions and GitLab.com are known to say truly what a job builds.",
    )


def _refusal(what: str, expected: str, actual: str) -> RejectedError:
    return RejectedError(
        f"the provenance names a {what} that is not known",
        code="ATT_BUILDER",
        expected=expected,
        actual=actual or "(none)",
        hint="Ask the publisher where and how this package was built.",
    )
