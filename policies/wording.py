"""The sentences of a verdict: what was found, what the policy made of it, and what would turn it.

Sentences may hold text of strangers (from the evidence); whoever prints them passes them through
:func:`provenly.trust.text.show`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, assert_never

from provenly.policies.conditions import age_in_hours
from provenly.policies.rules import Condition, Rule
from provenly.trust.evidence import Evidence, Status
from provenly.trust.verdict import Action, Waiver

MAX_COMPARED: Final = 160
"""Characters of an expected or actual value in a sentence: a sha512 has 95. The evidence holds them whole."""

PASSES_WHEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "artifact-integrity": "the archive has the sha512 digest that the registry names",
        "artifact-layout": "the archive is packed so that it can be read in one way only, as npm pack does",
        "manifest-match": "the registry's description and the packed package.json say the same",
        "registry-signature": "the registry serves a signature for this version that holds",
        "publish-attestation": "the registry serves a publish attestation for this version that holds",
        "publish-identity": "the publish attestation names this registry, package and version",
        "provenance": "the version is published with a provenance attestation that holds",
        "provenance-identity": "the provenance says what the certificate of its signer says",
        "provenance-builder": "the version is built on a builder that is known, on its own runners",
        "provenance-source": "the repository that the version was built from is the one that the package names",
        "provenance-commit": "the commit that was built is the one compared, and a branch or tag leads to it",
        "provenance-workflow": "the version is built where no stranger could have taken part",
        "source-reachable": "the package names a public repository with a commit of this version that can be fetched",
        "source-acknowledged": "the repository names the package: in a manifest with this version, a tag beside one, "
        "or a workflow that publishes it",
        "source-match": "every executable file that can be reached is explained by the source",
        "source-data": "every other file is explained by the source too",
        "version-known": "the source has a tag or a manifest with this version",
        "install-scripts": "the version runs nothing when it is installed, or only what its source explains",
        "bundled-dependencies": "the version brings no other package along, or only what its source explains",
        "dependencies": "every dependency comes from a registry",
        "tree-complete": "everything that an installation brings along can be resolved and comes from registries",
        "tree-integrity": "every dependency has the sha512 digest that its registry names",
        "tree-signatures": "the registry serves a signature that holds for every dependency",
        "tree-provenance": "every attestation of a dependency holds",
        "tree-scripts": "no dependency runs code when it is installed",
        "tree-status": "no dependency is deprecated or was taken down",
        "tree-age": "every dependency was published long enough ago",
        "version-status": "the version is published and not deprecated",
        "version-age": "the registry says when the version was published, and that is long enough ago",
        "continuity": "publisher and evidence are those of the version before",
        "launch-pinned": "the launch line names one exact version",
    }
)
"""What each check asks for, as the end of a sentence that begins with "This turns once"."""

TURN_CONDITION: Final = "This turns once the condition of the policy no longer holds; provenly policy show prints it."
"""What would turn an outcome that a condition in CEL asks for."""

MADE_BY_US: Final = "This is a fault of provenly or of what called it, not of the package; please report it."


def found(evidence: Evidence) -> str:
    """Return the summary of ``evidence``, with what was expected and found where the check failed."""
    text = evidence.summary or f"{evidence.check} {evidence.status}"
    if evidence.status is not Status.FAILED:
        return text
    parts = [
        f"{label} {_short(value)}"
        for label, value in (("expected", evidence.expected), ("found", evidence.actual))
        if value and value not in text
    ]
    return f"{text} ({'; '.join(parts)})" if parts else text


def _short(value: str) -> str:
    return value if len(value) <= MAX_COMPARED else f"{value[:MAX_COMPARED]}…"


def not_looked(check: str) -> str:
    """Say that there is no evidence of ``check``."""
    return f"there is no evidence of {check}: it was not looked at"


def refined(condition: Condition, rule: Rule, evidence: Evidence) -> str:
    """Say why a condition applies, as the end of a sentence."""
    if condition.key == "passed-unlisted":
        builder = evidence.facts.get("builder")
        named = f" ({_short(builder)})" if isinstance(builder, str) and builder else ""
        return f"; {condition.meaning}{named}"
    if condition.key == "passed-traced":
        return ", so that a statement which was left out would not be seen"
    if condition.key != "passed-younger":
        return f"; {condition.meaning}" if condition.stricter else ""
    hours = age_in_hours(evidence.facts)
    age = "how old it is is not known" if hours is None else f"it is {max(hours, 0):,.1f} hours old"
    return f"; {age}, and the policy asks for {rule.options['min-hours']} hours"


def in_company(others: Sequence[str], action: Action) -> str:
    """Say which other checks failed and what that makes of this one, as the end of a sentence."""
    verb = "has" if len(others) == 1 else "have"
    return f"; {' and '.join(others)} {verb} failed too, which makes it a {action}"


def ended(waiver: Waiver) -> str:
    """Say that a waiver would have applied before it expired, as the end of a sentence."""
    return f"; the waiver by {waiver.owner} ended on {waiver.expires.isoformat()} (its reason was: {waiver.reason})"


def turn(rule: Rule, evidence: Evidence, action: Action, condition: Condition | None) -> str:
    """Return one sentence that says what would turn the outcome; nothing is to be turned where it is allowed."""
    if action is Action.ALLOW:
        return ""
    refined = _turn_refined(condition, rule) if condition is not None else ""
    if refined or evidence.hint:
        return refined or evidence.hint
    clause = PASSES_WHEN[rule.check]
    match evidence.status:
        case Status.FAILED | Status.ABSENT:
            return f"This turns once {clause}."
        case Status.UNCHECKED:
            return f"This turns once it can be looked at, and {clause}."
        case Status.PASSED:
            return f"The policy asks for {action} even where this check passes."
        case _:
            assert_never(evidence.status)


def _turn_refined(condition: Condition, rule: Rule) -> str:
    """Return what would turn a condition that has a remedy of its own, or an empty text."""
    if condition.key == "passed-younger":
        return f"This turns by itself once the version is {rule.options['min-hours']} hours old."
    if condition.key == "passed-traced":
        return "This turns once the build of these files can be reproduced from the source."
    if condition.key == "passed-unlisted":
        return "This turns once the version is built on a builder that the policy lists under 'builders'."
    return ""


def turn_missing(check: str) -> str:
    """Return one sentence that says what would turn a check of which there is no evidence."""
    return f"Verify again, with a version of provenly that has the check {check}."
