"""Builds of services that nobody knows, or of a known one in the clothes of another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cryptography import x509

from tests.forgeries.facts import BUILDER, CONFLICT, MISMATCH, said
from tests.forgeries.forgery import provenance
from tests.simulator.sigstore.predicates import (
    HONEST,
    ON_GITLAB,
    generator,
    github_v2,
    gitlab,
)

EVIL: Final = "https://github.com/evil/evil/.github/workflows/evil.yml@refs/heads/main"


def san(text: str) -> dict[str, Any]:
    """Return the arguments for a certificate whose name is this and whose claims are the honest ones."""
    return {"leaf": {"names": (x509.UniformResourceIdentifier(text),)}}


CONTRADICTIONS: Final = (
    provenance("name of another workflow than the signer's", "B22", "ATT_ISSUER", "signer", **san(EVIL)),
    provenance("name that is only a host", "B22", "ATT_ISSUER", "signer", **san("https://github.com/")),
    provenance(
        "name with another host behind an at sign", "B22", "ATT_ISSUER", **san("https://github.com@evil.example/a")
    ),
    provenance("signer that is not the name", "B22", "ATT_ISSUER", "signer", claims={9: EVIL}),
    provenance("owner of another repository", "B23", "ATT_ISSUER", "owner", claims={16: "https://github.com/evil"}),
    provenance(
        "certificate: repository on another host",
        "B24",
        "ATT_ISSUER",
        "repository",
        claims={12: "https://github.com.evil.example/example/mail-mcp", 5: None, 16: None},
    ),
    provenance("owner that is a prefix", "B23", "ATT_ISSUER", "owner", claims={16: "https://github.com/exam"}),
    provenance(
        "repository of another host under GitHub's issuer",
        "B24",
        "ATT_ISSUER",
        "repository",
        facts=replace(HONEST, server="https://git.evil.example"),
        claims={5: None, 9: HONEST.workflow_ref},
        leaf=san(HONEST.workflow_ref)["leaf"],
    ),
)


SIGNER: Final = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"
BUILDERS: Final = (
    provenance(
        "a build of GitLab's in a certificate of GitHub's",
        "B24",
        MISMATCH,
        form=gitlab,
        certified=HONEST,
        facts=replace(ON_GITLAB, server="https://github.com", ref=HONEST.ref, workflow=HONEST.workflow),
    ),
    provenance(
        "a build of GitHub's in a certificate of GitLab's",
        "B24",
        CONFLICT,
        form=github_v2,
        certified=ON_GITLAB,
        facts=ON_GITLAB,
    ),
    *(
        provenance(
            f"slsa-github-generator signed by {name}",
            "B29",
            "ATT_BUILDER",
            form=generator,
            facts=replace(HONEST, signer=signer),
        )
        for name, signer in (
            ("the build itself", ""),
            ("a fork of it", SIGNER.replace("slsa-framework", "evil") + "delegator_generic_slsa3.yml@refs/tags/v1.6.0"),
            ("a branch of it", SIGNER + "delegator_generic_slsa3.yml@refs/heads/main"),
            ("another release of it", SIGNER + "delegator_generic_slsa3.yml@refs/tags/v1.5.0"),
            ("another of its workflows", SIGNER + "evil.yml@refs/tags/v1.6.0"),
        )
    ),
    provenance(
        "builder that is the workflow of another repository",
        "B29",
        "ATT_BUILDER",
        change=said(BUILDER, HONEST.workflow_ref.replace("mail", "evil")),
    ),
)


ISSUERS: Final = (
    # Issuers are compared whole.
    *(
        provenance(f"issuer: {name}", "B24", "ATT_ISSUER", claims={1: issuer, 8: issuer})
        for name, issuer in (
            ("with a slash", "https://token.actions.githubusercontent.com/"),
            ("with an enterprise", "https://token.actions.githubusercontent.com/hammer-time"),
            ("in upper case", "https://token.actions.githubusercontent.COM"),
            ("over http", "http://token.actions.githubusercontent.com"),
            ("a longer host", "https://token.actions.githubusercontent.com.evil.example"),
            ("a login by mail", "https://accounts.google.com"),
            ("GitHub's login", "https://github.com/login/oauth"),
            ("GitLab's for a build on GitHub", "https://gitlab.com"),
            ("a self-hosted GitLab", "https://gitlab.evil.example"),
            ("with a space", "https://token.actions.githubusercontent.com "),
        )
    ),
)

ALL: Final = (*CONTRADICTIONS, *BUILDERS, *ISSUERS)
