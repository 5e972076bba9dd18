"""Does the source know this version?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import FoundBy
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "version-known"

ABOUT: Final = About(
    question="Does the source know this version?",
    proves="A tag of the repository names this version, or a commit's manifest carries it, or the registry's gitHead "
    "names a commit that the repository's own history contains.",
    does_not_prove="It does not prove that the tagged commit is what was packed (see source-match): tags can be moved "
    "and set by anyone who may push.",
    remedy="The version was published without leaving a trace in the source, as the malicious releases of "
    "postmark-mcp were. Authors: push the tag. Users: compare with the version before (the report shows the nearest "
    "commit's differences).",
)


def check(subject: Subject) -> Evidence:
    """Report how the compared commit was found; a nearest guess means that nothing names the version."""
    if getattr(subject.found_or, "code", "") == "SOURCE_NO_CLAIM":
        return Evidence(check=ID, status=Status.ABSENT, summary="no source is claimed, so none can know this version")
    found = subject.found()
    source = found.source
    version = subject.package().version
    chosen = next(candidate for candidate in source.candidates if candidate.chosen)
    facts: dict[str, Json] = {"found_by": str(source.found_by), "name": chosen.name, "manifest_version": chosen.version}
    if source.found_by is FoundBy.NEAREST:
        return Evidence(
            check=ID,
            status=Status.FAILED,
            summary=f"no tag and no commit of {source.repository} knows version {version}; "
            f"the nearest commit, {source.commit[:12]}, was compared instead",
            expected=f"a tag or a manifest with version {version}",
            actual=f"version {chosen.version}" if chosen.version else "no such version",
            hint="Ask the author where this release came from; until then use a version that the source knows.",
            facts=facts,
            consulted=(source.repository,),
        )
    if source.found_by is FoundBy.USER and chosen.version not in {"", version}:
        raise UnavailableError(
            f"the commit that was named carries version {chosen.version}, not {version}",
            hint="Leave the commit out of --source to have it looked up.",
        )
    return Evidence(
        check=ID,
        status=Status.PASSED,
        strength=str(source.found_by),
        summary=f"{source.repository} knows version {version} (by {source.found_by} {chosen.name})".replace(" )", ")"),
        facts=facts,
        consulted=(source.repository, source.commit),
    )
