"""Does the source explain every file that can run?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence
from provenly.verify.checks.base import About
from provenly.verify.checks.source_files import decisive, judge, without_source
from provenly.verify.subject import Subject

ID: Final = "source-match"

ABOUT: Final = About(
    question="Does the source explain every executable file that an entry point or install script leads to?",
    proves="Each such file is in the claimed source at the commit that was compared, byte for byte, or differs from it "
    "only in ways that the report names. The strength is that of the weakest explanation that was needed. "
    "Where the commit of the version leaves files, it may be one beside it that explains more: a commit found by "
    "search, as the evidence then says.",
    does_not_prove="It does not prove that the source is harmless, only that the package is that source: a malicious "
    "line that is committed is explained. Dependencies are other packages, and are not looked at here. TypeScript is "
    "compiled anew and compared, and so are bundles of esbuild. Other bundles are traced: each statement comes from "
    "the source or a locked dependency, but one that was left out, or another order of modules, is not seen. The "
    "strength is then `traced`, and the summary names the files.",
    remedy="Read the lines that the report shows; they are what the package has and its source has not. Authors: "
    "publish what is committed, or build from the tagged commit without changes.",
)


def check(subject: Subject) -> Evidence:
    """Report the executable, reachable files that nothing explains."""
    absent = without_source(ID, subject)
    if absent:
        return absent
    comparison = subject.comparison()
    covered = sum(decisive(file) for file in comparison.files)
    left = tuple(file for file in comparison.unexplained if decisive(file))
    return judge(ID, subject, left, covered, "executable")
