"""Was it built from the repository that the package claims?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.attestations import without_provenance
from provenly.verify.checks.base import About
from provenly.verify.sources import attested_source
from provenly.verify.subject import Subject

ID: Final = "provenance-source"

ABOUT: Final = About(
    question="Was the package built from the repository that it claims?",
    proves="The repository of the certificate is the one that the packed package.json names, and the one that the "
    "registry shows, both read to one canonical address; forges do not tell upper and lower case apart in it.",
    does_not_prove="It does not prove that the repository is the one you have in mind: whoever publishes a package "
    "writes the claim, too, and can build in a repository of his own that he claims. Look at its owner. In which "
    "directory of it the package lies is no matter. Provenance says where a build ran, not that the bytes follow from "
    "the source.",
    remedy="Failed: somebody built and published this package in another repository than the one that it shows to its "
    "users: a fork, or a thief's. Do not install it before the project has explained it. Authors: after a move, "
    "correct repository in package.json. Unchecked because the package names none: npm's registry refuses such a "
    "provenance, so ask where the package comes from; authors name the repository.",
)


def check(subject: Subject) -> Evidence:
    """Compare the certificate's repository with both places where the package names its own."""
    none = without_provenance(ID, subject)
    if none:
        return none
    built = subject.provenance()
    claims = attested_source.claimed(subject.package(), subject.manifest())
    named = attested_source.repository(built)
    facts: dict[str, Json] = {
        "repository": built.identity.repository,
        "claims": tuple({"claimant": str(item.claimant), "text": item.text[:200]} for item in claims),
    }
    if not claims:
        # npm's registry takes no provenance in for a package that does not name the repository: somebody left it out.
        raise UnavailableError(
            f"the package names no repository that could be {built.identity.repository}, where it was built",
            code="REPO_UNCLAIMED",
            hint="Look whether that repository is the project's. Authors: set repository in package.json.",
        )
    if not named.repository:
        raise UnavailableError(
            f"the certificate's repository is none that is followed: {named.refused}", code="SOURCE_URL_REFUSED"
        )
    for item in claims:
        if item.repository and not attested_source.same(item.repository, named.repository):
            raise RejectedError(
                f"the package was built in {named.repository}, and the {item.claimant} claims {item.repository}",
                code="REPO_MISMATCH",
                expected=item.repository,
                actual=named.repository,
                hint="Ask the project which of the two is its own; do not install the version before you know.",
            )
    refused = next((item for item in claims if not item.repository), None)
    if refused is not None:
        raise UnavailableError(
            f"what the {refused.claimant} claims as repository is none that is followed: {refused.refused}",
            code="SOURCE_URL_REFUSED",
        )
    spelled = sorted({item.repository for item in claims if item.repository != named.repository})
    remark = f" (written {', '.join(spelled)})" if spelled else ""
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"built in {named.repository}, which the package claims{remark}",
        expected=claims[0].repository,
        actual=named.repository,
        facts=facts,
        consulted=(named.repository,),
    )
