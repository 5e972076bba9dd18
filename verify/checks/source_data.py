"""Does the source explain the rest of the files?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence
from provenly.verify.checks.base import About
from provenly.verify.checks.source_files import decisive, judge, without_source
from provenly.verify.subject import Subject

ID: Final = "source-data"

ABOUT: Final = About(
    question="Does the source explain the files that are data, and those that nothing leads to?",
    proves="Each such file (documentation, prompts, type declarations, source maps, code that no entry point reaches) "
    "is in the claimed source at the commit that was compared, or differs from it only in ways that the report names.",
    does_not_prove="It does not prove that the data is harmless: a Markdown file can instruct an assistant. Whether a "
    "file is reached is decided by reading, with doubt counted as yes.",
    remedy="Read the lines that the report shows, in prompts and Markdown above all.",
)


def check(subject: Subject) -> Evidence:
    """Report the data and the unreachable files that nothing explains."""
    absent = without_source(ID, subject)
    if absent:
        return absent
    comparison = subject.comparison()
    covered = sum(not decisive(file) for file in comparison.files)
    left = tuple(file for file in comparison.unexplained if not decisive(file))
    return judge(ID, subject, left, covered, "data or unreachable")
