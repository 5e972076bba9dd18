"""Can the archive be read in one way only?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import LayoutError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "artifact-layout"

ABOUT: Final = About(
    question="Does every reader of the archive see the files that npm would install?",
    proves="The archive is one gzip member holding one well-formed tar, every header is right, no name is rewritten, "
    "doubled or shadowed on the way to disk, and there are no links, devices or traversals: the files in the report "
    "are the files that npm installs.",
    does_not_prove="It says nothing about what the files contain.",
    remedy="No release of npm, pnpm or yarn writes such an archive. Ask the publisher how it was packed; do not "
    "install it before you know.",
)

SUSPECT: Final = frozenset(
    {
        "TAR_DUPLICATE_IDENTICAL",
        "TAR_MULTIPLE_ROOTS",
        "TAR_PATH_BIDI",
        "TAR_PATH_UNPORTABLE",
        "TAR_ROOT_FILE",
        "TAR_TYPE_UNUSUAL",
    }
)
"""Oddities that leave one reading and that no packing tool produces: somebody made them by hand."""


def check(subject: Subject) -> Evidence:
    """Report what the strict reader said about the archive."""
    if isinstance(subject.artifact_or, LayoutError):
        raise subject.artifact_or
    artifact = subject.artifact()
    notes = artifact.listing.notes
    suspect = [note for note in notes if note.code in SUSPECT]
    facts: dict[str, Json] = {"files": len(artifact.files), "notes": tuple(sorted({note.code for note in notes}))}
    if suspect:
        return Evidence(
            check=ID,
            status=Status.FAILED,
            summary=f"the archive was packed by hand: {suspect[0].text}",
            expected="an archive as npm pack writes it",
            actual=", ".join(sorted({note.code for note in suspect})),
            hint="Ask the publisher how it was packed.",
            facts=facts,
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"the archive has one reading: {plural(len(artifact.files), 'file')}",
        facts=facts,
    )
