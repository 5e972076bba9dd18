"""Was this version published as the one before it was?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Release
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "continuity"

ABOUT: Final = About(
    question="Was this version published by the same people in the same way as the version before it?",
    proves="The registry names the same publisher as for the version before, still among the maintainers, and the same "
    "repository; and this version does not lack attestations, a trusted publisher or a gitHead that the one before "
    "had, nor adds install scripts.",
    does_not_prove="All of this is the registry's unsigned word. A change is a cue for a person, not a proof of "
    "anything: honest projects change hands and pipelines.",
    remedy="Ask the project whether the change was meant.",
)


def check(subject: Subject) -> Evidence:
    """Compare this version with the one that was published before it."""
    package = subject.package()
    now, before = package.release, package.previous
    if not package.registry:
        return Evidence(check=ID, status=Status.UNCHECKED, summary="a file on this machine has no earlier version")
    if before is None:
        return Evidence(check=ID, status=Status.ABSENT, summary="there is no earlier version to compare with")
    changes = _changes(before, now)
    if changes:
        raise RejectedError(
            f"against version {before.version}: {'; '.join(changes)}",
            code="CONTINUITY",
            expected=_describe(before),
            actual=_describe(now),
            hint="Ask the project whether the change was meant.",
        )
    if not (now.publisher or now.maintainers or now.trusted_publisher):
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary=f"the registry names no publisher, so version {before.version} cannot be compared with this one",
            facts={"previous": before.version},
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"published as version {before.version} was: {_describe(now)}",
        facts={"previous": before.version, "publisher": now.publisher},
    )


def _changes(before: Release, now: Release) -> list[str]:
    """Return what this version lacks or changed, in words. Gaining evidence is no change."""
    changes: list[str] = []
    if before.trusted_publisher and not now.trusted_publisher:
        changes.append(f"the trusted publisher {before.trusted_publisher} is gone")
    elif before.publisher and now.publisher and before.publisher != now.publisher and not now.trusted_publisher:
        changes.append(f"the publisher changed from {before.publisher} to {now.publisher}")
    if before.attested and not now.attested:
        changes.append("the attestations are gone")
    if before.git_head and not now.git_head:
        changes.append("gitHead is gone")
    if before.maintainers and now.maintainers and not set(before.maintainers) & set(now.maintainers):
        changes.append("all maintainers were replaced")
    if before.repository and before.repository.lower() != now.repository.lower():
        # Whoever steals an account forks the repository, commits to the fork and names it: all else then fits together.
        changes.append(f"the repository changed from {before.repository} to {now.repository or 'none'}")
    added = sorted(set(now.install_scripts) - set(before.install_scripts))
    if added:
        changes.append(f"it adds the install script {', '.join(added)}")
    return changes


def _describe(release: Release) -> str:
    parts = [
        f"publisher {release.trusted_publisher or release.publisher or 'not named'}",
        "attested" if release.attested else "not attested",
        "with gitHead" if release.git_head else "without gitHead",
    ]
    return ", ".join(parts)
