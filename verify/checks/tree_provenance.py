"""Do the attestations of the dependencies hold?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import judge, several
from provenly.verify.graph.model import PROVENANCE, Outcome
from provenly.verify.subject import Subject

ID: Final = PROVENANCE

ABOUT: Final = About(
    question="Do the attestations of those dependencies that have some hold?",
    proves="Every dependency that its registry says to be attested carries a provenance that is signed, logged, about "
    "the archive with the digest that the registry names, and in agreement with its signer's certificate.",
    does_not_prove="Dependencies without attestations are counted, not refused. It does not prove that a build was "
    "made from the repository that the dependency names, nor that its source was read by anybody.",
    remedy="A provenance that does not hold is forged or was copied from elsewhere: do not install that version.",
)


def check(subject: Subject) -> Evidence:
    """Report attestations that do not hold, and how many dependencies have some."""

    def passed(outcomes: tuple[Outcome, ...]) -> Evidence:
        attested = [one for one in outcomes if one.status is Status.PASSED]
        facts = {"looked_at": len(outcomes), "attested": len(attested)}
        if not attested:
            summary = f"none of {several(len(outcomes))} was published with a provenance"
            return Evidence(check=ID, status=Status.ABSENT, summary=summary, facts=facts)
        summary = f"{len(attested)} of {several(len(outcomes))} with a provenance, and each holds"
        return Evidence(check=ID, status=Status.PASSED, summary=summary, facts=facts)

    return judge(
        ID,
        subject.tree(),
        expected="attestations that hold, where there are any",
        hint="Do not install it: the attestation was forged, or copied from another package.",
        passed=passed,
    )
