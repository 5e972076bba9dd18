"""Is there a source, and does the commit belong to it?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error
from provenly.trust.evidence import Evidence, Status
from provenly.trust.source import Candidate, Source
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.checks.source_files import NO_CLAIM_HINT
from provenly.verify.subject import Subject

ID: Final = "source-reachable"

ABOUT: Final = About(
    question="Is the source that the package names there, and does a branch or tag of it lead to the commit?",
    proves="The claimed repository can be read, and the commit that was compared is part of its own history: a branch "
    "or tag of that repository leads to it.",
    does_not_prove="It does not prove that the repository has anything to do with the package (see "
    "source-acknowledged), that the branch is protected, or that anybody reviewed the commit.",
    remedy="Authors: set repository in package.json to the public repository, and tag the commit of each release. "
    "Forges also serve commits of forks under the parent's address: a commit that no branch or tag leads to does not "
    "count.",
)


def check(subject: Subject) -> Evidence:
    """Report how the claimed source could be read and whether the compared commit is its own."""
    if isinstance(subject.found_or, Error):
        if subject.found_or.code == "SOURCE_NO_CLAIM":
            return Evidence(
                check=ID,
                status=Status.ABSENT,
                summary=subject.found_or.message,
                expected="a public source repository",
                actual="no claim",
                hint=NO_CLAIM_HINT,
            )
        raise subject.found_or
    source = subject.found_or.source
    chosen = next(candidate for candidate in source.candidates if candidate.chosen)
    return _evidence(source, chosen)


def _evidence(source: Source, chosen: Candidate) -> Evidence:
    facts: dict[str, Json] = {
        "repository": source.repository,
        "commit": source.commit,
        "found_by": str(source.found_by),
        "unreachable": tuple(item.commit for item in source.candidates if item.reachable is False),
    }
    where = f"commit {source.commit[:12]} of {source.repository}"
    consulted = (source.repository, source.commit)
    if chosen.reachable is None:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary=f"{where} is there, but whether a branch or tag leads to it could not be seen",
            facts=facts,
            consulted=consulted,
        )
    if not chosen.reachable:
        return Evidence(
            check=ID,
            status=Status.FAILED,
            summary=f"no branch and no tag leads to {where}: it may be somebody's fork",
            expected="a commit that a branch or tag leads to",
            actual=source.commit,
            hint="Ask the author to tag the commit that the release was built from.",
            facts=facts,
            consulted=consulted,
        )
    passed_over = [item for item in source.candidates if item.reachable is False]
    remark = f"; {passed_over[0].commit[:12]}, which the package also names, is not" if passed_over else ""
    by = f"{source.found_by} {chosen.name}".strip()
    return Evidence(
        check=ID,
        status=Status.PASSED,
        strength=str(source.found_by),
        summary=f"{where} (by {by}) is part of its history{remark}",
        facts=facts,
        consulted=consulted,
    )
