"""What is odd about a well-formed policy: answers that protect less than they seem to, and what never applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from provenly.policies import odd
from provenly.policies.identities import PUBLISHER, IdentityRule
from provenly.policies.rules import Policy, Rule
from provenly.trust.model import Note
from provenly.trust.verdict import Action, Waiver

LONGEST_WAIVER: Final = timedelta(days=366)
"""How far ahead a waiver may end before it is called long: an exception that nobody looks at for a year is a rule."""


def lint(policy: Policy, today: date) -> tuple[Note, ...]:
    """Return what a person who answers for ``policy`` should know, of its checks first and of its identities last.

    The codes are ``POLICY_WEAK``, ``POLICY_NEVER``, ``POLICY_UNREACHABLE``, ``POLICY_SCOPE_OPEN``,
    ``POLICY_WAIVER_EXPIRED``, ``POLICY_WAIVER_LONG``, ``POLICY_WAIVER_BROAD``, ``POLICY_IDENTITY_BROAD``,
    ``POLICY_IDENTITY_NAME`` and ``POLICY_IDENTITY_UNSIGNED``; ``where`` of a note is a check, a check and a package, a
    package, or a scope or condition with its line.

    :param today: the day by which waivers are judged, in UTC.
    """
    notes = [odd.at(_line(policy, rule), note) for rule in policy.rules for note in _rule(rule)]
    rules = (*policy.rules, *(rule for scope in policy.scopes for rule in scope.rules))
    stops = any(clause.action.rank >= Action.HOLD.rank for clause in policy.clauses)
    if not stops and not any(rule.strictest.rank >= Action.HOLD.rank for rule in rules):
        text = "no rule ever holds or denies: every package gets through"
        notes.append(Note(code="POLICY_WEAK", text=text))
    notes += odd.scopes(policy)
    notes += odd.clauses(policy)
    notes += [odd.at(line, note) for waiver, line in odd.lined(policy) for note in _waiver(waiver, today)]
    notes += odd.waivers(policy, today)
    notes += [odd.at(identity.line, note) for identity in policy.identities for note in _identity(identity)]
    return tuple(notes)


def _line(policy: Policy, rule: Rule) -> int:
    """Return the first line of the policy's own file that says something about a check; 0 where it is inherited."""
    return min((origin.line for origin in rule.origins.values() if origin.policy == policy.name), default=0)


def _rule(rule: Rule) -> Iterator[Note]:
    if rule.failed is Action.ALLOW:
        yield Note(code="POLICY_WEAK", text=f"a failure of {rule.check} is allowed without a word", where=rule.check)
    if rule.unchecked is Action.ALLOW:
        text = f"{rule.check} is allowed without a word when it could not be looked at"
        yield Note(code="POLICY_WEAK", text=text, where=rule.check)
    if rule.failed.rank >= Action.HOLD.rank > rule.unchecked.rank:
        text = (
            f"a failure of {rule.check} is a {rule.failed}, but whoever keeps it from being looked at gets "
            f"{rule.unchecked}"
        )
        yield Note(code="POLICY_WEAK", text=text, where=rule.check)
    if rule.passed.rank >= Action.HOLD.rank:
        text = f"{rule.check} asks for {rule.passed} even when it passed: no package gets through"
        yield Note(code="POLICY_NEVER", text=text, where=rule.check)


def _waiver(waiver: Waiver, today: date) -> Iterator[Note]:
    where = odd.place(waiver)
    if waiver.expires < today:
        text = f"the waiver by {waiver.owner} ended on {waiver.expires.isoformat()} and is not applied"
        yield Note(code="POLICY_WAIVER_EXPIRED", text=text, where=where)
        return
    if waiver.expires - today > LONGEST_WAIVER:
        text = f"the waiver by {waiver.owner} holds until {waiver.expires.isoformat()}, more than a year ahead"
        yield Note(code="POLICY_WAIVER_LONG", text=text, where=where)
    if not waiver.version:
        text = f"the waiver by {waiver.owner} accepts every version, those to come too"
        yield Note(code="POLICY_WAIVER_BROAD", text=text, where=where)
    if not waiver.statuses:
        text = f"the waiver by {waiver.owner} names no statuses, so that it accepts a failure as well as an absence"
        yield Note(code="POLICY_WAIVER_BROAD", text=text, where=where)


def _identity(identity: IdentityRule) -> Iterator[Note]:
    fields, where = identity.fields, identity.package
    if not {"repository", "repository-id"} & set(fields):
        text = f"every repository of owner {fields.get('owner-id', '')} may build {where}"
        yield Note(code="POLICY_IDENTITY_BROAD", text=text, where=where)
    open_to = [text for key, text in (("workflow", "workflow"), ("ref", "branch or tag")) if not _narrow(fields, key)]
    if open_to:
        text = f"any {' and any '.join(open_to)} of the repository may build {where}: whoever may push has one"
        yield Note(code="POLICY_IDENTITY_BROAD", text=text, where=where)
    if "repository" in fields and not {"repository-id", "owner-id"} & set(fields):
        text = f"{fields['repository']} is a name, which somebody else may get one day; add 'repository-id'"
        yield Note(code="POLICY_IDENTITY_NAME", text=text, where=where)
    if PUBLISHER in fields:
        text = f"that {fields[PUBLISHER]} published {where} is the registry's word, which nobody signs"
        yield Note(code="POLICY_IDENTITY_UNSIGNED", text=text, where=where)


def _narrow(fields: Mapping[str, str], key: str) -> bool:
    """Return whether a field is there and says more than that there is something."""
    return key in fields and any(part.strip("*") for part in fields[key].split("/")[2 if key == "ref" else 0 :])
