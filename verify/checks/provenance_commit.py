"""Is the commit that was compared the one that the package was built from?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Claimant
from provenly.trust.strict_json import Json
from provenly.verify.checks.attestations import without_provenance
from provenly.verify.checks.base import About
from provenly.verify.sources import attested_source
from provenly.verify.subject import Subject

ID: Final = "provenance-commit"

ABOUT: Final = About(
    question="Is the commit that the files were compared with the one that the package was built from?",
    proves="The provenance names this commit, it is the one whose files the package was compared with, and a branch or "
    "tag of the repository leads to it.",
    does_not_prove="It does not prove that the files are those of the commit (see source-match): provenance says where "
    "a build ran, not that the bytes follow from the source. Nor does it prove that anybody reviewed the commit.",
    remedy="Failed: forges serve commits of forks and of deleted branches under the repository's address; one that no "
    "branch or tag leads to may be anybody's. Ask the project to tag what it releases. Where --source named another "
    "commit, leave that out.",
)


def check(subject: Subject) -> Evidence:
    """Hold the attested commit to the one that was compared."""
    none = without_provenance(ID, subject)
    if none:
        return none
    built = subject.provenance()
    source = subject.found().source
    named, commit = attested_source.repository(built), built.identity.commit
    here = attested_source.same(named.repository, source.repository)
    chosen = next(candidate for candidate in source.candidates if candidate.chosen)
    facts: dict[str, Json] = {
        "repository": built.identity.repository,
        "commit": commit,
        "compared": source.commit,
        "found_by": str(source.found_by),
        "reachable": chosen.reachable,
    }
    if not here or source.commit != commit:
        raise RejectedError(
            f"built from {commit[:12]} of {built.identity.repository}, and compared with {source.commit[:12]} of "
            + source.repository,
            code="COMMIT_MISMATCH",
            expected=f"{built.identity.repository} {commit}",
            actual=f"{source.repository} {source.commit}",
            hint=_hint(here=here, by_user=source.claim.claimant is Claimant.USER),
        )
    if not chosen.reachable:
        raise RejectedError(
            f"no branch and no tag of {source.repository} leads to {commit[:12]}, which the package was built from",
            code="COMMIT_UNREACHABLE",
            expected="a commit that a branch or tag leads to",
            actual=commit,
            hint="It may be that of a fork or of a branch that was deleted: ask the project to tag its releases.",
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"compared with {commit[:12]}, the commit that the package was built from",
        expected=commit,
        actual=source.commit,
        facts=facts,
        consulted=(source.repository, commit),
    )


def _hint(*, here: bool, by_user: bool) -> str:
    if by_user:
        return "Leave --source out to compare with the commit that was attested."
    if here:
        return "Name the attested commit with --source URL#COMMIT to compare with it."
    return "The package claims another repository than it was built in (provenance-source): its claim was compared."
