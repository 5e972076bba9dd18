"""The words of a report for those who are no engineers."""

from __future__ import annotations

from typing import Final

from provenly.report.html.markup import Html, join, tag

WORDS: Final = (
    (
        "MCP server",
        "A program that gives an AI assistant access to files, mail or other systems, with its user's rights.",
    ),
    ("Package", "Software as it is published for installation: an archive of files with a name and a version."),
    ("Registry", "The service that packages are published to and installed from; for this kind of package, npm's."),
    (
        "Source, repository",
        "The text that people write and review, with its history, kept at a service such as GitHub.",
    ),
    ("Commit", "One recorded state of a repository. Its name is computed from the content and cannot be reused."),
    (
        "Digest (SHA-256, SHA-512)",
        "A fingerprint of bytes: equal digests mean equal bytes.",
    ),
    ("Provenance", "A signed statement of which build, of which commit, made exactly these bytes."),
    ("Certificate", "A short-lived document in which an authority says whom a signing key belonged to."),
    ("Public log", "A public list of signatures to which entries can only be added, so that none can be dated back."),
    ("Compiled, recompiled", "Translated by a program from the source. Repeating that must give the same bytes."),
    ("Bundle, traced", "Many files written into one. Traced says where each statement in it comes from."),
    ("Unexplained", "Nothing in the published source accounts for it. That may be an oversight, or an attack."),
    ("Dependency", "Another package that this one needs, and that is installed with it."),
    ("Policy", "The written rules by which the outcomes of the checks become a verdict."),
    ("Waiver", "A written exception from a rule, with a reason, an owner and an end."),
)


def section() -> Html:
    """Return the glossary."""
    return tag("dl", (join(tag("dt", word), tag("dd", meaning)) for word, meaning in WORDS))
