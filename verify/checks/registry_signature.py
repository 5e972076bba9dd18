"""Did the registry sign this version?"""

from __future__ import annotations

from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.text import plural
from provenly.verify.checks.base import About
from provenly.verify.subject import Subject

ID: Final = "registry-signature"

ABOUT: Final = About(
    question="Did the registry sign name, version and digest of this version?",
    proves="Nothing yet: this release of provenly sees whether signatures are served and does not verify them, so the "
    "check never passes.",
    does_not_prove="A signature that is served is not a signature that holds. A mirror that serves none says nothing "
    "about whether there is one.",
    remedy="Verify against the public registry rather than a mirror, and run npm audit signatures beside provenly "
    "until it verifies signatures itself.",
)

SIGNING_REGISTRIES: Final = frozenset({"https://registry.npmjs.org"})
"""Registries that sign every version (npm since 2022, https://docs.npmjs.com/about-registry-signatures). One of these
that serves no signature is answered for by a mirror that strips them."""


def check(subject: Subject) -> Evidence:
    """Look for signatures; tell "there is none" from "this mirror serves none"."""
    package = subject.package()
    facts: dict[str, Json] = {
        "registry": package.registry,
        "signatures_served": package.signatures_served,
        "keyids": tuple(signature.keyid for signature in package.signatures),
    }
    if package.signatures:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary=f"the registry serves {plural(len(package.signatures), 'signature')}, which this release of "
            "provenly does not verify yet",
            hint="Run npm audit signatures as well.",
            facts=facts,
        )
    if not package.registry:
        return Evidence(check=ID, status=Status.UNCHECKED, summary="a file on this machine carries no signature")
    if package.signatures_served:
        return Evidence(
            check=ID,
            status=Status.ABSENT,
            summary="the registry signed other versions of this package and not this one",
            expected="a signature",
            actual="none",
            facts=facts,
        )
    if package.registry in SIGNING_REGISTRIES:
        return Evidence(
            check=ID,
            status=Status.UNCHECKED,
            summary="no signature is served, though this registry signs every version: a mirror or proxy between "
            "leaves them out",
            expected="a signature",
            actual="not served",
            hint="Verify against the registry itself.",
            facts=facts,
        )
    return Evidence(
        check=ID,
        status=Status.ABSENT,
        summary="this registry signs none of the package's versions",
        expected="a signature",
        actual="none",
        facts=facts,
    )
