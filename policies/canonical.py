"""The digest of a policy in force: of all that it decides by, after ``extends``, in one spelling.

Two files that decide alike have one digest: white space, order of tables, quotes, what is written out or inherited,
names, descriptions and reasons of rules make no difference. A change of the policy that is extended changes it. Waivers
are in it whole: who answers for an exception, why and until when is part of what was decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from provenly.policies.rules import CHECK_IDS, WAIVABLE, Option, Policy, Rule, conditions_of
from provenly.policies.scopes import rules_in
from provenly.trust.digest import Digest
from provenly.trust.evidence import Status

if TYPE_CHECKING:
    from provenly.policies.clauses import Clause
    from provenly.policies.scopes import Scope

FORM: Final = "provenly/policy/1"
"""The name of this canonical form, which is a part of it."""


def digest(policy: Policy) -> Digest:
    """Return the sha256 of the canonical form."""
    return Digest.of(canonical(policy))


def canonical(policy: Policy) -> bytes:
    """Return all that a policy decides by, as JSON with sorted keys, without white space, in ASCII."""
    members = {
        "form": FORM,
        "rules": _rules(policy.rules),
        "scopes": [_scope(scope, policy.rules) for scope in policy.scopes],  # their order decides
        "conditions": _sorted(_clause(clause) for clause in policy.clauses),
        "never_waive": sorted(policy.settings.never_waive),
        "waivers": _sorted(
            {
                "check": waiver.check,
                "package": waiver.package,
                "version": waiver.version,
                "statuses": sorted(waiver.statuses or WAIVABLE),
                "reason": waiver.reason,
                "owner": waiver.owner,
                "expires": waiver.expires.isoformat(),
            }
            for waiver in policy.waivers
        ),
        "identities": _sorted(
            {"package": rule.package, "fields": dict(rule.fields), "otherwise": rule.otherwise.value}
            for rule in policy.identities
        ),
    }
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _rules(rules: Iterable[Rule]) -> dict[str, object]:
    there = {rule.check: rule for rule in rules}
    return {check: _rule(there[check]) for check in CHECK_IDS if check in there}


def _rule(rule: Rule) -> dict[str, object]:
    """Return what a rule decides by: a more precise answer that is no other one makes no difference."""
    company = rule.with_others if rule.with_others not in (None, rule.failed) else None
    precise = [
        one
        for one in conditions_of(rule.check)
        if rule.conditions.get(one.key, rule.at(one.status)) != rule.at(one.status)
    ]
    return {
        **{status.value: rule.at(status).value for status in Status},
        "with_others": None if company is None else company.value,
        "conditions": {one.key: rule.conditions[one.key].value for one in precise},
        "options": {one.parameter: _option(rule.options[one.parameter]) for one in precise if one.parameter},
    }


def _option(option: Option) -> object:
    return sorted(option) if isinstance(option, tuple) else float(option)


def _scope(scope: Scope, rules: Iterable[Rule]) -> dict[str, object]:
    in_force = rules_in(tuple(rules), scope)
    return {"packages": sorted(scope.packages), "registry": scope.registry, "rules": _rules(in_force)}


def _clause(clause: Clause) -> dict[str, object]:
    return {"when": clause.when, "action": clause.action.value, "check": clause.check}


def _sorted(members: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(members, key=lambda member: json.dumps(member, sort_keys=True))
