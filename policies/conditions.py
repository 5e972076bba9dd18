"""When the conditions of :data:`provenly.policies.rules.CONDITIONS` apply: what each reads from the evidence's facts.

===========================  ==========================================================================
``absent-known-to-sign``     ``registry`` (a base URL), ``signatures_served`` (true where the registry
                             signed other versions of the package)
``unchecked-not-asked``      ``code`` (``"DEPS_NOT_ASKED"`` where nobody asked for dependencies)
``failed-unpinned``          ``code`` (``"REF_UNPINNED"`` where the launch line has no other fault)
``failed-deprecated``        ``code`` (``"DEPRECATED"`` where the version is deprecated, and only that)
``passed-younger``           ``hours`` (a number: hours from publication to the time of the verification)
``passed-unlisted``          ``builder`` (the URI of the builder)
``passed-traced``            ``traced`` (how many of the files are traced; zero where all are made anew)
===========================  ==========================================================================

A fact that is not there or of another type decides for the stricter side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from provenly.policies.rules import Condition, Rule
from provenly.trust.strict_json import Json

_CODES: Final = {
    "unchecked-not-asked": "DEPS_NOT_ASKED",
    "failed-unpinned": "REF_UNPINNED",
    "failed-deprecated": "DEPRECATED",
}
"""The codes of the evidence that these conditions want."""


def applies(condition: Condition, rule: Rule, facts: Mapping[str, Json]) -> bool:
    """Return whether ``condition`` of ``rule`` holds for evidence with these ``facts``."""
    match condition.key:
        case "absent-known-to-sign":
            return _signs(rule, facts)
        case "unchecked-not-asked" | "failed-unpinned" | "failed-deprecated":
            return facts.get("code") == _CODES[condition.key]
        case "passed-younger":
            return _younger(rule, facts)
        case "passed-unlisted":
            return facts.get("builder") not in _listed(rule, "builders")
        case "passed-traced":
            return isinstance(facts.get("traced"), bool) or facts.get("traced") != 0
        case _:
            raise ValueError(condition.key)


def _signs(rule: Rule, facts: Mapping[str, Json]) -> bool:
    """Unless the registry is named and is none of those that are known to sign, a missing signature is a loss."""
    known = rule.options["known-to-sign"]
    registry = facts.get("registry")
    if facts.get("signatures_served") is True or not isinstance(registry, str) or not isinstance(known, tuple):
        return True
    return registry.rstrip("/") in known


def _listed(rule: Rule, key: str) -> tuple[str, ...]:
    listed = rule.options[key]
    return listed if isinstance(listed, tuple) else ()


def _younger(rule: Rule, facts: Mapping[str, Json]) -> bool:
    """Unless the age is known and enough, the version is too young."""
    hours = age_in_hours(facts)
    least = rule.options["min-hours"]
    return hours is None or isinstance(least, tuple) or hours < least


def age_in_hours(facts: Mapping[str, Json]) -> float | None:
    """Return the age of a version in hours, or ``None`` where the facts do not tell."""
    hours = facts.get("hours")
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not math.isfinite(hours):
        return None
    return hours
