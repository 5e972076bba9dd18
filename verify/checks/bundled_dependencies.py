"""Does the package bring other packages along?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.evidence import UNEXPLAINED_CLASSES, Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "bundled-dependencies"

ABOUT: Final = About(
    question="Does the package bring other packages inside its archive, or fix where they come from?",
    proves="Passed: what it brings (a node_modules folder or npm-shrinkwrap.json) is in its source. Absent: it brings "
    "nothing of the kind.",
    does_not_prove="Code inside node_modules of an archive is not held to the digest of the package that it claims "
    "to be a copy of.",
    remedy="Compare the copies with the packages of the same name and version. Authors: depend on packages instead of "
    "bundling them.",
)


def check(subject: Subject) -> Evidence:
    """Report packed node_modules folders and shrinkwraps that the source does not explain."""
    manifest = subject.manifest()
    paths = [entry.path for entry in subject.artifact().files]
    inside = [path for path in paths if "node_modules" in path.split("/")[:-1]]
    shrinkwrap = [path for path in paths if path == "npm-shrinkwrap.json"]
    declared = manifest.get("bundleDependencies") or manifest.get("bundledDependencies")
    if not inside and not shrinkwrap and not declared:
        return Evidence(check=ID, status=Status.ABSENT, summary="the package brings no other package along")
    facts: dict[str, Json] = {
        "node_modules_files": len(inside),
        "shrinkwrap": bool(shrinkwrap),
        "declared": bool(declared),
    }
    brought = " and ".join(
        words
        for words, there in (
            (plural(len(inside), "file") + " under node_modules", bool(inside)),
            ("an npm-shrinkwrap.json", bool(shrinkwrap)),
            ("a bundleDependencies list", bool(declared)),
        )
        if there
    )
    wanted = set(inside + shrinkwrap)
    unexplained = [
        file for file in subject.comparison().files if file.path in wanted and file.file_class in UNEXPLAINED_CLASSES
    ]
    left = [file.path for file in unexplained if not file.unchecked]
    if left:
        raise RejectedError(
            f"the package brings {brought}, and its source does not explain {left[0]}"
            + (f" and {len(left) - 1} more" if len(left) > 1 else ""),
            code="BUNDLED_DEPENDENCY",
            expected="dependencies from the registry",
            actual=brought,
            hint="Compare the copies with the packages that they claim to be.",
        )
    if unexplained:
        raise UnavailableError(
            f"the package brings {brought}, and {unexplained[0].path}"
            + (f" and {len(unexplained) - 1} more" if len(unexplained) > 1 else "")
            + f" could not be looked at: {unexplained[0].unchecked}",
            code="SOURCE_UNCHECKED",
            hint="Verify again where the npm registry can be reached, or its archives are in the cache.",
        )
    return Evidence(
        check=ID, status=Status.PASSED, summary=f"the package brings {brought}, all of it in its source", facts=facts
    )
