"""What is in force and where it stands: the rows of ``provenly policy show``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from provenly.policies.clauses import REASON
from provenly.policies.identities import CHECK
from provenly.policies.read_rules import STATUSES, value_of
from provenly.policies.rules import WITH_OTHERS, Policy, Rule, conditions_of
from provenly.policies.scopes import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of a policy in force.

    :param check: the check that it is about, with the scope where there is one; empty for a setting or a scope.
    :param key: the key as it is written: a status, a condition, a parameter or ``never-waive``; ``waiver``,
        ``identity``, ``scope`` and ``condition`` for one.
    :param value: the action or other value as it would be written.
    :param policy: the name of the policy whose file says so; empty where it is what holds when nobody says.
    :param line: the line in that file; 0 where there is none.
    :param replaces: what the extended policy says instead, or empty.
    :param why: for the first row of a check, why the rule is as it is; for a waiver or an identity, its own reason.
    """

    check: str
    key: str
    value: str
    policy: str = ""
    line: int = 0
    replaces: str = ""
    why: str = ""


def describe(policy: Policy, today: date | None = None) -> tuple[Row, ...]:
    """Return every answer, parameter, identity, setting and waiver of ``policy``, in the order of the checks.

    :param today: the day, in UTC, by which waivers are called expired; with ``None`` none is.
    """
    rows = [row for rule in policy.rules for row in _rule(rule)]
    for identity in policy.identities:
        value = f"{identity.package}: {identity}, otherwise {identity.otherwise}"
        row = Row(check=CHECK, key="identity", value=value, policy=policy.name, line=identity.line, why=identity.why)
        rows.append(row)
    rows += [row for scope in policy.scopes for row in _scope(policy, scope)]
    for clause in policy.clauses:
        when = " ".join(clause.when.split())
        row = Row(
            check=clause.check or REASON,
            key="condition",
            value=f"{clause.action} where {when}",
            policy=clause.policy,
            line=clause.line,
            why=clause.why,
        )
        rows.append(row)
    if policy.settings.never_waive:
        rows.append(Row(check="", key="never-waive", value=", ".join(policy.settings.never_waive)))
    lines = policy.waiver_lines or (0,) * len(policy.waivers)
    for waiver, line in zip(policy.waivers, lines, strict=True):
        what = f"{waiver.package}{f'@{waiver.version}' if waiver.version else ''}"
        when = "expired" if today is not None and waiver.expires < today else "until"
        statuses = f" when {' or '.join(waiver.statuses)}" if waiver.statuses else ""
        value = f"{what}{statuses}, {when} {waiver.expires.isoformat()}, by {waiver.owner}"
        rows.append(
            Row(check=waiver.check, key="waiver", value=value, policy=policy.name, line=line, why=waiver.reason)
        )
    return tuple(rows)


def _scope(policy: Policy, scope: Scope) -> Iterator[Row]:
    """Yield the scope itself, then what its rules say that the policy's do not."""
    yield Row(check="", key="scope", value=str(scope), policy=policy.name, line=scope.line, why=scope.why)
    for rule in scope.rules:
        plain = policy.rule(rule.check)
        before = {row.key: row.value for row in _rule(plain)} if plain is not None else {}
        for row in _rule(rule):
            if before.get(row.key) != row.value:
                yield replace(row, check=f"{rule.check}, {scope}")


def _rule(rule: Rule) -> Iterator[Row]:
    keys = [*STATUSES, WITH_OTHERS]
    for condition in conditions_of(rule.check):
        keys += [condition.key, *filter(None, (condition.parameter,))]
    why = rule.why
    for key in keys:
        value = value_of(rule, key)
        if not value:
            continue
        origin = rule.origins.get(key)
        yield Row(
            check=rule.check,
            key=key,
            value=value,
            policy=origin.policy if origin else "",
            line=origin.line if origin else 0,
            replaces=origin.replaces if origin else "",
            why=why,
        )
        why = ""
