"""Looking at what a verification summary cannot vouch for: the archive at hand, and the version as it is today.

A summary says that somebody looked at bytes with a certain digest. That these are the bytes which an installation would
get, that they can be read in one way only, that the version has not been withdrawn since, and how it was asked for, is
seen here in a second, without the source and the attestations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from provenly.trust.artifact import Artifact
from provenly.trust.errors import Error, UnavailableError
from provenly.trust.evidence import Evidence
from provenly.trust.model import Note, Package, Reference
from provenly.verify import gather
from provenly.verify.checks import (
    artifact_integrity,
    artifact_layout,
    dependencies,
    launch_pinned,
    manifest_match,
    version_age,
    version_status,
)
from provenly.verify.checks.base import Check
from provenly.verify.context import Context
from provenly.verify.subject import Subject

SEEN: Final[tuple[Check, ...]] = (
    artifact_integrity,
    artifact_layout,
    manifest_match,
    dependencies,
    version_status,
    version_age,
    launch_pinned,
)
"""The checks that need nothing but the registry's description and the archive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was seen.

    :param evidence: one piece for each check of :data:`SEEN`.
    """

    package: Package | None
    artifact: Artifact | None
    evidence: tuple[Evidence, ...]
    notes: tuple[Note, ...]


def look(reference: Reference, context: Context) -> Seen:
    """Look at the package as far as the registry and the archive go.

    :raises UsageError: the reference names nothing that exists.
    """
    package_or, artifact_or = gather.archived(reference, context)
    absent = UnavailableError("a verification summary stands for it", code="VOUCHED")
    manifest_or, surface_or = gather.inside(artifact_or)
    subject = Subject(
        reference=reference,
        context=context,
        package_or=package_or,
        artifact_or=artifact_or,
        manifest_or=manifest_or,
        surface_or=surface_or,
        attested_or=absent,
        provenance_or=absent,
        previous_or=absent,
        found_or=absent,
        acknowledgement_or=absent,
        comparison_or=absent,
        tree_or=None,
    )
    return Seen(
        package=None if isinstance(package_or, Error) else package_or,
        artifact=None if isinstance(artifact_or, Error) else artifact_or,
        evidence=tuple(gather.observe(check, subject) for check in SEEN),
        notes=gather.notes(subject),
    )
