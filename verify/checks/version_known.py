"""Does the source know this version?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.source import Candidate, FoundBy
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.checks.source_files import without_source
from provenly.verify.sources.acknowledge import Kind
from provenly.verify.subject import Subject

ID: Final = "version-known"

ABOUT: Final = About(
    question="Does the source know this version?",
    proves="A tag of the repository names this version of this package, or a commit's manifest carries it; or a "
    "provenance that holds says that the repository's own workflow built this version from the commit. Where a "
    "repository writes no version anywhere, neither in tags nor in its manifest, the registry's gitHead may say it. A "
    "commit that was found by comparing files says nothing here.",
    does_not_prove="It does not prove that the tagged commit is what was packed (see source-match): tags can be moved "
    "and set by anyone who may push.",
    remedy="The version was published without leaving a trace in the source, as the malicious releases of "
    "postmark-mcp were. Authors: push the tag. Users: compare with the version before (the report shows the nearest "
    "commit's differences).",
)

UNREAD: Final = frozenset({"SOURCE_HISTORY_LIMIT", "SOURCE_HISTORY_UNREAD"})
"""Notes of the search: what was not read may know the version."""


def check(subject: Subject) -> Evidence:
    """Report how the compared commit was found; a nearest guess means that nothing names the version."""
    absent = without_source(ID, subject, "no source is claimed, so none can know this version")
    if absent:
        return absent
    found = subject.found()
    source = found.source
    version = subject.package().version
    chosen = next(candidate for candidate in source.candidates if candidate.chosen)
    facts: dict[str, Json] = {"found_by": str(source.found_by), "name": chosen.name, "manifest_version": chosen.version}
    acknowledged = subject.acknowledgement_or
    if not isinstance(acknowledged, Error) and acknowledged.kind is Kind.PROVENANCE:
        return Evidence(
            check=ID,
            status=Status.PASSED,
            strength=str(Kind.PROVENANCE),
            summary=f"{source.repository} knows version {version}: its workflow built it from "
            + acknowledged.commit[:12],
            facts=facts,
            consulted=(source.repository, acknowledged.commit),
        )
    knowing = next((item for item in (chosen, *source.candidates) if item.knows), None)
    if knowing is not None:
        by = f"{knowing.found_by} {knowing.name}".strip()
        return Evidence(
            check=ID,
            status=Status.PASSED,
            strength=str(knowing.found_by),
            summary=f"{source.repository} knows version {version} (by {by})",
            facts=facts,
            consulted=(source.repository, knowing.commit),
        )
    if source.found_by in {FoundBy.USER, FoundBy.PROVENANCE}:
        raise UnavailableError(
            f"the commit that was named carries {_version(chosen)}, not {version}, and no tag of {version} is on it",
            hint="Leave the commit out of --source to have it looked up."
            if source.found_by is FoundBy.USER
            else "Ask the author to tag the commit that the release was built from.",
        )
    if any(note.code in UNREAD for note in source.notes):
        raise UnavailableError(
            f"no tag of {source.repository} is one of version {version}, and not all of its history could be read",
            hint="Name the commit of the release with --source URL#COMMIT.",
        )
    return Evidence(
        check=ID,
        status=Status.FAILED,
        summary=f"no tag and no commit of {source.repository} knows version {version}; "
        f"{_instead(source.found_by)}, {source.commit[:12]}, was compared instead",
        expected=f"a tag or a manifest with version {version}",
        actual=_version(chosen),
        hint="Ask the author where this release came from; until then use a version that the source knows.",
        facts=facts,
        consulted=(source.repository,),
    )


def _version(candidate: Candidate) -> str:
    return f"version {candidate.version}" if candidate.version else "no such version"


def _instead(found_by: FoundBy) -> str:
    """Return what a commit is that does not know the version."""
    words = {
        FoundBy.GIT_HEAD: "the commit that the registry names",
        FoundBy.TAG: "the commit of a tag like it",
        FoundBy.SEARCH: "the commit that explains the most",
    }
    return words.get(found_by, "the nearest commit")
