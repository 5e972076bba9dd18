"""Is the registry's attestation about this package, at this registry?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import Error, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.attestations import PUBLISH, absent, consulted
from provenly.verify.checks.base import About
from provenly.verify.subject import MISSING, Subject

ID: Final = "publish-identity"

ABOUT: Final = About(
    question="Does the registry's attestation name this package, this version and the registry whose key signed it?",
    proves="What the registry says inside its attestation (name, version, registry) is what was asked for, letter for "
    "letter, so that it is about this package and not about another one with the same bytes.",
    does_not_prove="It says nothing about who published or built the package. Where a mirror passes on npm's packages, "
    "the registry that is named is npm's, not the mirror.",
    remedy="The registry attested something else than it serves: ask its operator, and do not install the version.",
)


def check(subject: Subject) -> Evidence:
    """Hold the predicate of the publish attestation to what was asked for."""
    none = absent(ID, subject, subject.attested_or, PUBLISH)
    if none:
        return none
    judged = subject.attested()
    statement = judged.attested.publish
    if statement is None:
        return Evidence(
            check=ID,
            status=Status.ABSENT,
            summary=f"there is no {PUBLISH} that could name another package",
            expected=f"a {PUBLISH}",
            actual="none",
            consulted=(judged.place,),
        )
    if isinstance(statement, Error) or isinstance(judged.keys, Error):
        raise UnavailableError(f"the {PUBLISH} does not hold, so what it says is not looked at", code=MISSING)
    from provenly.trust.attestations import publish

    package, registry = subject.package(), judged.keys.registry
    publish.publish_identity(statement, name=package.name, version=package.version, registry=registry)
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"the registry's attestation names {package.name}, {package.version} and {registry}",
        facts={"name": package.name, "version": package.version, "registry": registry},
        consulted=consulted(judged, statement),
    )
