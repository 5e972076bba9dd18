"""Was it built in circumstances in which only the project can have taken part?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.attestations import without_provenance
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "provenance-workflow"

ABOUT: Final = About(
    question="Was the package built in circumstances in which no stranger can have taken part?",
    proves="According to the certificate the workflow was started by an event that strangers cannot cause with their "
    "own code, from a branch or tag of the repository itself, on a machine of the build service, in public, and by a "
    "workflow of the same repository.",
    does_not_prove="It does not prove that the workflow is safe: actions and dependencies that it uses are other "
    "people's code, and whoever may push to the branch could change it. A branch instead of a tag is only noted. "
    "Provenance says where a build ran, not that the bytes follow from the source.",
    remedy="Read the workflow at the attested commit. Authors: publish from a workflow that is started by a tag or "
    "release, on the service's own machines, and never from pull_request_target.",
)


def check(subject: Subject) -> Evidence:
    """Report how the build was started, from where, and on what."""
    none = without_provenance(ID, subject)
    if none:
        return none
    built = subject.provenance()
    from provenly.trust.attestations import circumstances

    found = circumstances.concerns(built.identity, built.provenance)
    worse = [note for note in found if circumstances.is_concern(note)]
    identity = built.identity
    how = f"started by {identity.trigger or 'an event that is not named'} on {identity.ref or 'no ref'}"
    if worse:
        raise RejectedError(
            "strangers may have taken part in the build: " + "; ".join(note.text for note in worse),
            code=worse[0].code,
            expected="a build that only the project can start and change",
            actual=", ".join(note.code for note in worse),
            hint="Read the workflow at the attested commit: does it run code of a pull request, or on other machines?",
        )
    facts: dict[str, Json] = {
        "trigger": identity.trigger,
        "ref": identity.ref,
        "runner": identity.runner,
        "visibility": identity.visibility,
        "signer": identity.signer,
        "notes": tuple(note.code for note in found),
    }
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"{how}, on a machine of the build service" if identity.runner else how,
        facts=facts,
        consulted=(subject.attested().place,),
    )
