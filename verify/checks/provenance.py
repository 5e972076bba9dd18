"""Does the package say, verifiably, who built it and from what?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence
from provenly.verify.checks.attestations import advertised
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "provenance"

ABOUT: Final = About(
    question="Is there a provenance attestation: a signed statement of who built these bytes, and from which commit?",
    proves="Nothing yet: this release of provenly sees whether attestations are advertised and does not verify them, "
    "so the check never passes.",
    does_not_prove="An attestation that is advertised is not one that holds. Even a valid one says where a build ran, "
    "not that the bytes follow from the source: for that, see source-match.",
    remedy="Authors get one by publishing from a CI workflow with npm publish --provenance or a trusted publisher.",
)


def check(subject: Subject) -> Evidence:
    """Look whether the version document advertises attestations."""
    return advertised(ID, subject.package(), "provenance attestation")
