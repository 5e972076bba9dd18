"""Do the direct dependencies come from the registry?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.graph import specs
from provenly.verify.subject import Subject

ID: Final = "dependencies"

ABOUT: Final = About(
    question="Do all direct dependencies come from the registry, under their own names?",
    proves="Every direct dependency is a version range of a package on the registry, so its bytes have a digest there.",
    does_not_prove="The dependencies themselves are not verified, and theirs are not even listed.",
    remedy="A dependency by git, URL, file or alias passes the registry by. Verify it apart.",
)


def check(subject: Subject) -> Evidence:
    """Report direct dependencies that come from elsewhere."""
    manifest = subject.manifest()
    wanted = sorted({(name, spec) for _, name, spec in specs.asked(manifest)})
    if not wanted:
        return Evidence(check=ID, status=Status.ABSENT, summary="the package depends on no other package")
    odd = [f"{name}: {spec}" for name, spec in wanted if _elsewhere(name, spec)]
    if odd:
        raise RejectedError(
            f"{plural(len(odd), 'direct dependency', 'direct dependencies')} not from the registry: "
            + ", ".join(odd[:5]),
            code="DEP_NOT_REGISTRY",
            expected="version ranges of registry packages",
            actual=", ".join(odd[:5]),
            hint="Verify these apart.",
        )
    count = len({name for name, _ in wanted})
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"{plural(count, 'direct dependency', 'direct dependencies')}, from the registry by name",
        facts={"direct": count},
    )


def _elsewhere(name: str, spec: str) -> bool:
    """Whether a specification is anything but a range or a dist-tag of that name; doubt says yes."""
    return spec.strip().lower().startswith("npm:") or bool(specs.elsewhere(name, spec))
