"""Does the registry attest that it took this version in?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence
from provenly.verify.checks.attestations import advertised
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "publish-attestation"

ABOUT: Final = About(
    question="Does the registry attest, in a public log, that it took in these bytes under this name and version?",
    proves="Nothing yet: this release of provenly sees whether attestations are advertised and does not verify them, "
    "so the check never passes.",
    does_not_prove="An attestation that is advertised is not one that holds, and a publish attestation never says who "
    "built the package or from what.",
    remedy="Verify against the public registry rather than a mirror; authors get one by publishing with provenance.",
)


def check(subject: Subject) -> Evidence:
    """Look whether the version document advertises attestations."""
    return advertised(ID, subject.package(), "publish attestation")
