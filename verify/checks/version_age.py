"""How long has the version been out?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.evidence import Evidence, Status
from provenly.verify.checks.base import About
from provenly.verify.registry.attestations import ASK_BY_NAME
from provenly.verify.subject import Subject

ID: Final = "version-age"

ABOUT: Final = About(
    question="How long has this version been out?",
    proves="The registry says when the version was published; a policy may ask for an age, because malicious versions "
    "are mostly found within hours.",
    does_not_prove="The time is the registry's unsigned word, and an old version can be malicious too.",
    remedy="Wait until it is older, or have a person look.",
)

SKEW_SECONDS: Final = 300
"""How far the registry's clock may be ahead of ours: five minutes, as for the logs of Sigstore."""


def check(subject: Subject) -> Evidence:
    """Report the age in whole hours as the fact ``hours``; how much is enough, the policy says."""
    package = subject.package()
    if package.published is None:
        return Evidence(
            check=ID,
            status=Status.ABSENT if package.registry else Status.UNCHECKED,
            summary="the registry does not say when this version was published",
            hint="" if package.registry else ASK_BY_NAME,
        )
    seconds = (subject.context.now - package.published).total_seconds()
    if seconds < -SKEW_SECONDS:
        raise MalformedError(
            f"the registry says that this version will be published on {package.published:%Y-%m-%d %H:%M} UTC",
            code="REG_TIME",
            hint="Check this machine's clock and the registry.",
        )
    hours = max(0, int(seconds // 3600))
    age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004 - two days read better as hours
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"published {age} before it was checked, on {package.published:%Y-%m-%d}",
        facts={"hours": hours, "published": package.published.isoformat()},
    )
