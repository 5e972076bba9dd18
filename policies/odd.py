"""What of a policy never applies, or applies to more than it seems: scopes, conditions and waivers, for :mod:`lint`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from provenly.policies import expressions
from provenly.policies.clauses import REASON
from provenly.policies.read_rules import STATUSES, value_of
from provenly.policies.rules import WAIVABLE, WITH_OTHERS, Policy, Rule
from provenly.policies.scopes import purl, rules_in, shadowed
from provenly.trust.evidence import Status
from provenly.trust.model import Note
from provenly.trust.verdict import Action, Waiver

_NOTHING: Final[Mapping[str, object]] = {}


def place(waiver: Waiver) -> str:
    """Return which waiver it is, as ``where`` of a note."""
    return f"{waiver.check} of {waiver.package}{f'@{waiver.version}' if waiver.version else ''}"


def at(line: int, note: Note) -> Note:
    """Return a note that begins with its line, where it has one in the policy's own file."""
    return replace(note, text=f"line {line}: {note.text}") if line else note


def lined(policy: Policy) -> Iterator[tuple[Waiver, int]]:
    """Yield every waiver with its line; 0 where the policy was not read from a file."""
    return zip(policy.waivers, policy.waiver_lines or (0,) * len(policy.waivers), strict=True)


def scopes(policy: Policy) -> Iterator[Note]:
    """Yield scopes behind an earlier one, rules that change nothing, and milder rules for a name alone."""
    for scope, pattern, hider in shadowed(policy.scopes):
        what = f"the pattern {purl(pattern)} of the scope" if pattern else "the scope"
        text = f"{what} never applies: the scope on line {hider.line} comes first and has all of its packages"
        yield at(scope.line, Note(code="POLICY_UNREACHABLE", text=text, where=str(scope)))
    for scope in policy.scopes:
        milder = [check for rule in scope.rules for check in _milder(rule, policy.rule(rule.check))]
        if milder and not scope.registry:
            text = (
                f"it makes {', '.join(milder)} milder for a name on whatever registry is asked, where somebody else "
                "may have that name; add 'registry'"
            )
            yield at(scope.line, Note(code="POLICY_SCOPE_OPEN", text=text, where=str(scope)))
        for rule in scope.rules:
            if rule_answers(rule) == rule_answers(policy.rule(rule.check)):
                text = f"the scope's rule for {rule.check} says what the policy says anyway"
                yield at(scope.line, Note(code="POLICY_UNREACHABLE", text=text, where=str(scope)))


def clauses(policy: Policy) -> Iterator[Note]:
    """Yield conditions that are always true or false, and those that ask for no more than their check does."""
    for clause in policy.clauses:
        where = clause.check or REASON
        line = clause.line if clause.policy == policy.name else 0
        answer = expressions.evaluate(clause.when, _NOTHING)
        if answer is False:
            text = "the condition never applies: nothing that it asks about can make it true"
            yield at(line, Note(code="POLICY_UNREACHABLE", text=text, where=where))
        elif answer is True:
            text = f"the condition applies to every package, and asks for {clause.action}"
            yield at(line, Note(code="POLICY_NEVER", text=text, where=where))
        rule = policy.rule(clause.check) if clause.check else None
        if rule is not None and min(rule.at(status).rank for status in Status) >= clause.action.rank:
            text = f"the condition asks for {clause.action}, and {clause.check} is never milder than that"
            yield at(line, Note(code="POLICY_UNREACHABLE", text=text, where=where))


def waivers(policy: Policy, today: date) -> Iterator[Note]:
    """Yield waivers that another one is always used before, and those that have nothing to lower."""
    for number, (waiver, line) in enumerate(lined(policy)):
        if waiver.expires < today:
            continue
        statuses = set(waiver.statuses or WAIVABLE)
        for earlier in policy.waivers[:number]:
            same = (earlier.check, earlier.package) == (waiver.check, waiver.package)
            wider = earlier.version in ("", waiver.version) and statuses <= set(earlier.statuses or WAIVABLE)
            if same and wider and earlier.expires >= waiver.expires:
                text = f"the waiver by {waiver.owner} is never used: that by {earlier.owner} comes first"
                yield at(line, Note(code="POLICY_UNREACHABLE", text=text, where=place(waiver)))
                break
        if not _to_lower(policy, waiver, statuses):
            text = f"the waiver by {waiver.owner} has nothing to lower: no rule holds or denies what it accepts"
            yield at(line, Note(code="POLICY_UNREACHABLE", text=text, where=place(waiver)))


def _to_lower(policy: Policy, waiver: Waiver, statuses: set[Status]) -> bool:
    if any(clause.check == waiver.check for clause in policy.clauses) or policy.identities:
        return True
    sets = [policy.rules, *(rules_in(policy.rules, scope) for scope in policy.scopes)]
    rules = [rule for rules in sets for rule in rules if rule.check == waiver.check]
    return any(action.rank > Action.WARN.rank for rule in rules for action in _answers(rule, statuses))


def _answers(rule: Rule, statuses: set[Status]) -> Iterator[Action]:
    yield from (rule.at(status) for status in statuses)
    yield from (action for key, action in rule.conditions.items() if Status(key.split("-", 1)[0]) in statuses)
    if rule.with_others is not None and Status.FAILED in statuses:
        yield rule.with_others


def rule_answers(rule: Rule | None) -> object:
    """Return all that a rule decides by, for comparing two."""
    return (
        None
        if rule is None
        else [value_of(rule, key) for key in (*STATUSES, WITH_OTHERS, *rule.conditions, *rule.options)]
    )


def _milder(rule: Rule, plain: Rule | None) -> Iterator[str]:
    """Yield the check of a rule where one of its answers is milder than the policy's own."""
    if plain is None:
        return
    fewer = [key for key in plain.conditions if rule.conditions[key].rank < plain.conditions[key].rank]
    least = rule.options.get("min-hours"), plain.options.get("min-hours")
    younger = isinstance(least[0], (int, float)) and isinstance(least[1], (int, float)) and least[0] < least[1]
    longer = any(
        isinstance(value, tuple) and isinstance(base := plain.options.get(key), tuple) and _loosens(key, value, base)
        for key, value in rule.options.items()
    )
    company = (rule.with_others or rule.failed).rank < (plain.with_others or plain.failed).rank
    if fewer or younger or longer or company or any(rule.at(status).rank < plain.at(status).rank for status in Status):
        yield rule.check


def _loosens(key: str, value: tuple[str, ...], base: tuple[str, ...]) -> bool:
    """Return whether a list lets more through: more builders, or fewer registries that are known to sign."""
    return bool(set(value) - set(base)) if key == "builders" else bool(set(base) - set(value))
