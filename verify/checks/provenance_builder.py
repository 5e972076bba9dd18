"""Was it built by a build service that we know?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.attestations import without_provenance
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "provenance-builder"

ABOUT: Final = About(
    question="Was the package built by a build service that we know?",
    proves="The token that the certificate was issued for came from GitHub Actions or GitLab.com (the issuer is one of "
    "these, letter for letter), and the builder that the provenance names is one of that service.",
    does_not_prove="It does not prove that the machine was the service's own (see provenance-workflow for self-hosted "
    "runners), and a known service runs whatever a workflow tells it to. Provenance says where a build ran, not that "
    "the bytes follow from the source.",
    remedy="Ask the project why it builds elsewhere. An issuer that resembles a known one is made to be mistaken.",
)


def check(subject: Subject) -> Evidence:
    """Hold issuer and builder to the known services."""
    none = without_provenance(ID, subject)
    if none:
        return none
    built = subject.provenance()
    from provenly.trust.attestations import builder

    name = builder.require(built.identity, built.provenance)
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"built by {name}",
        facts={"issuer": built.identity.issuer, "builder": name, "runner": built.identity.runner},
        consulted=(subject.attested().place,),
    )
