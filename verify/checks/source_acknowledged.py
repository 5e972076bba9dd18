"""Does the source own up to the package?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.verify.checks.base import About
from provenly.verify.checks.source_files import without_source
from provenly.verify.sources.folders import is_doubtful
from provenly.verify.subject import Subject

ID: Final = "source-acknowledged"

ABOUT: Final = About(
    question="Does the claimed source acknowledge the package? Anybody can claim any repository.",
    proves="The repository itself names this package: by a provenance that holds (its own workflow built these bytes "
    "from a commit that the default branch or a tag leads to, where a manifest carries the name), by a manifest with "
    "its name and this version, by a tag of this version beside a manifest with its name, or by a workflow that "
    "publishes it. The strength says which.",
    does_not_prove="It does not prove that the repository is the one you have in mind (look at its owner), nor that "
    "the package was built from it (see source-match).",
    remedy="Claimed, not acknowledged: the package points at a source that does not know it. Look for the package "
    "that the repository's own README names. Authors: keep name and version in the committed package.json, or push "
    "tags.",
)

SUFFICIENT: Final = {
    "provenance": "a workflow that built these bytes, as its provenance proves, beside a manifest with this name",
    "version": "a manifest with this name and version",
    "tag": "a tag of this version beside a manifest with this name",
    "workflow": "a workflow that publishes, beside a manifest with this name",
}
"""The proofs that count, each with its words."""


def check(subject: Subject) -> Evidence:
    """Report the reciprocal proof."""
    absent = without_source(ID, subject, "no source is claimed, so none can acknowledge it")
    if absent:
        return absent
    acknowledgement = subject.acknowledgement()
    source = subject.found().source
    name, version = subject.package().name, subject.package().version
    facts: dict[str, Json] = {
        "kind": acknowledgement.kind,
        "path": acknowledgement.path,
        "commit": acknowledgement.commit,
        "ref": acknowledgement.ref,
    }
    if acknowledgement.kind in SUFFICIENT:
        return Evidence(
            check=ID,
            status=Status.PASSED,
            strength=acknowledgement.kind,
            summary=f"{source.repository} has {SUFFICIENT[acknowledgement.kind]} ({acknowledgement.path})",
            facts=facts,
            consulted=(source.repository, acknowledgement.commit),
        )
    known = acknowledgement.kind == "name-only"
    private = any(note.code == "SOURCE_MANIFEST_PRIVATE" for note in source.notes)
    if known and is_doubtful(acknowledgement.path, name):
        summary = f"{source.repository} names {name} only where tests, examples and copies lie: {acknowledgement.path}"
    elif known:
        summary = f"{source.repository} has a package {name}, but nothing in it acknowledges version {version}"
    elif private:
        summary = f"claimed, not acknowledged: {source.repository} says that {name} is private, not to be published"
    else:
        summary = f"claimed, not acknowledged: nothing in {source.repository} names the package {name}"
    return Evidence(
        check=ID,
        status=Status.ABSENT if known else Status.FAILED,
        summary=summary,
        expected=f"a manifest, tag or publishing workflow for {name}@{version}",
        actual=f"a manifest with the name ({acknowledgement.path})" if known else "none",
        hint="Look up which package the repository itself tells its users to install.",
        facts=facts,
        consulted=(source.repository, source.commit),
    )
