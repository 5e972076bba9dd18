"""From evidence to a verdict. Total, pure and deterministic: the same evidence and policy give the same verdict.

In order:

1. Every check that the policy has a rule for gets its own action: the rule's at the status of the evidence, refined by
   the rule's condition where one applies. The rules are those of the first scope that the package is in, if any. A
   check without evidence counts as unchecked. As nobody can say that it would not have failed, it is at least held
   where the rule could hold or deny, so that leaving evidence out never gets a package through: removing evidence from
   one that is held or denied leaves it held or denied.
2. A waiver in force lowers an action that is stricter than warn to warn.
3. A check that failed, and whose rule says so, is judged more strictly when another failed check is held or denied by
   itself and is not waived. So is provenance-identity of a package for which the policy lists identities, unless one of
   them is known to have built it; a waiver lowers that only where the check did not pass, for who passes is known, and
   may be listed.
4. The policy's expressions that hold, or cannot be evaluated, make the check that they name stricter, or stand in a
   reason of their own. A waiver of that check lowers this, too; those that name no check nothing lowers.
5. Evidence that no rule is for, two pieces of evidence of one check and no evidence at all are denied: they mean that
   provenly or its caller is broken, and nothing vacuously passes.
6. The verdict is the strictest action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from provenly.policies import clauses, identities, wording
from provenly.policies.clauses import Holding
from provenly.policies.conditions import applies
from provenly.policies.identities import Shortfall
from provenly.policies.rules import CHECK_IDS, WAIVABLE, Condition, Policy, Rule, conditions_of
from provenly.policies.scopes import Scope, applying, rules_in
from provenly.policies.subject import Subject
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package
from provenly.trust.verdict import Action, Reason, Verdict, Waiver, strictest

_ORDER: Final = {check: place for place, check in enumerate(CHECK_IDS)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Own:
    """What one check comes to by itself.

    :param waiver: the one in force, or ``None``.
    :param expired: one that would have applied, had it not ended, or ``None``.
    """

    rule: Rule
    evidence: Evidence
    action: Action
    condition: Condition | None
    waiver: Waiver | None
    expired: Waiver | None

    @property
    def damning(self) -> bool:
        """Whether it makes the failure of another check worse."""
        held = self.action.rank >= Action.HOLD.rank
        return self.evidence.status is Status.FAILED and held and self.waiver is None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What bears on a check beside its own evidence.

    :param damning: the checks that make the failure of another one worse.
    :param short: what keeps the package from being built by a listed identity.
    :param scope: the scope that the package is in.
    :param holding: the conditions that apply, by the check that they name.
    """

    damning: frozenset[str]
    short: Shortfall | None
    scope: Scope | None
    holding: Mapping[str, Sequence[Holding]]

    def place(self, rule: Rule) -> str:
        """Return the scope whose rule this is, in words; an empty text where it is the policy's own."""
        return f"scope line {self.scope.line}" if self.scope is not None and rule in self.scope.rules else ""


def decide(
    policy: Policy, evidence: Sequence[Evidence], package: Package | None, now: datetime, subject: Subject | None = None
) -> Verdict:
    """Return the verdict of ``policy`` on ``evidence``.

    :param evidence: one of each check, in any order.
    :param package: what it is about, for scopes and waivers; ``None`` where not even that is known, and then no waiver
        applies.
    :param now: the reference time of the verification, with its time zone; waivers end by it.
    :param subject: what the policy's conditions may ask beside the evidence; what is not known makes them apply.
    """
    found: dict[str, list[Evidence]] = {}
    for piece in evidence:
        found.setdefault(piece.check, []).append(piece)
    scope = applying(policy.scopes, package)
    rules = {rule.check: rule for rule in rules_in(policy.rules, scope)}
    single = {check: pieces[0] for check, pieces in found.items() if len(pieces) == 1 and check in rules}
    owns = {check: _own(policy, rules[check], piece, package, now) for check, piece in single.items()}
    damning = {check for check, own in owns.items() if own.damning}
    damning |= {check for check, pieces in found.items() if len(pieces) > 1}
    holding: dict[str, list[Holding]] = {}
    for one in clauses.holding(policy.clauses, single, package, subject, now):
        holding.setdefault(one.clause.check, []).append(one)
    around = _Around(
        damning=frozenset(damning),
        short=identities.shortfall(policy, package, single),
        scope=scope,
        holding=MappingProxyType(holding),
    )
    judged = [_judge(own, around) for own in owns.values()]
    reasons = [outcome.reason for outcome in judged]
    reasons += [_missing(rule, around, nothing=not evidence) for rule in rules.values() if rule.check not in found]
    reasons += [_broken(check, pieces) for check, pieces in found.items() if check not in single]
    if any(not clause.check for clause in policy.clauses):
        reasons.append(_conditions(policy, holding.get("", ())))
    reasons.sort(key=lambda reason: (-reason.action.rank, _place(reason.check)))
    applied = {outcome.waiver for outcome in judged}
    ended = {outcome.expired for outcome in judged}
    return Verdict(
        action=strictest(*(reason.action for reason in reasons)),
        reasons=tuple(reasons),
        policy=policy.name,
        policy_digest=policy.digest,
        waivers=tuple(waiver for waiver in policy.waivers if waiver in applied),
        expired=tuple(waiver for waiver in policy.waivers if waiver in ended),
    )


def _place(check: str) -> tuple[int, str]:
    """Return the place of a check among others; those that we do not know come last."""
    return _ORDER.get(check, len(_ORDER)), check


def _own(policy: Policy, rule: Rule, evidence: Evidence, package: Package | None, now: datetime) -> _Own:
    action = rule.at(evidence.status)
    applying = None
    for condition in conditions_of(rule.check):
        if (
            condition.key in rule.conditions
            and condition.status is evidence.status
            and applies(condition, rule, evidence.facts)
        ):
            action = rule.conditions[condition.key]
            applying = condition
    waiver, expired = _waivers(policy, evidence, package, now)
    return _Own(rule=rule, evidence=evidence, action=action, condition=applying, waiver=waiver, expired=expired)


def _waivers(
    policy: Policy, evidence: Evidence, package: Package | None, now: datetime
) -> tuple[Waiver | None, Waiver | None]:
    """Return the first waiver that accepts this outcome, and the first that did until it expired.

    Waivers are about packages of a registry: a file on disk is called whatever its own package.json says.
    """
    if package is None or not package.registry or evidence.check in policy.settings.never_waive:
        return None, None
    today = now.astimezone(UTC).date()
    matching = [waiver for waiver in policy.waivers if _accepts(waiver, evidence, package)]
    in_force = next((waiver for waiver in matching if today <= waiver.expires), None)
    expired = next((waiver for waiver in matching if today > waiver.expires), None)
    return in_force, expired


def _accepts(waiver: Waiver, evidence: Evidence, package: Package) -> bool:
    return (
        waiver.check == evidence.check
        and waiver.package == package.name
        and waiver.version in ("", package.version)
        and evidence.status in WAIVABLE
        and evidence.status in (waiver.statuses or WAIVABLE)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """What one check comes to, the waiver that lowered it, and the one that would have, had it not ended."""

    reason: Reason
    waiver: Waiver | None
    expired: Waiver | None


def _judge(own: _Own, around: _Around) -> _Outcome:
    """Return what one check comes to in the company of others that failed."""
    action, condition = own.action, own.condition
    text = wording.found(own.evidence)
    if condition is not None and action is not own.rule.at(own.evidence.status):
        text += wording.refined(condition, own.rule, own.evidence)
    others = sorted(around.damning - {own.rule.check}, key=_place)
    worse = own.rule.with_others if own.evidence.status is Status.FAILED and others else None
    if worse is not None and worse.rank > action.rank:
        action = worse
        text += wording.in_company(others, action)
    short = around.short
    unlisted = short if own.rule.check == identities.CHECK and short and short.action.rank > action.rank else None
    if unlisted is not None:
        action = unlisted.action
        text = unlisted.text if own.evidence.status is Status.PASSED else f"{text}; {unlisted.text}"
    turn = unlisted.turn if unlisted else wording.turn(own.rule, own.evidence, action, condition)
    stricter = [one for one in around.holding.get(own.rule.check, ()) if one.clause.action.rank > action.rank]
    if stricter:
        action = strictest(*(one.clause.action for one in stricter))
        text += "".join(f"; {one}" for one in stricter)
        turn = wording.TURN_CONDITION
    waiver = own.waiver if action.rank > Action.WARN.rank else None
    expired = own.expired if waiver is None and action.rank > Action.WARN.rank else None
    if waiver is not None:
        action = Action.WARN
    elif expired is not None:
        text += wording.ended(expired)
    reason = Reason(
        check=own.rule.check,
        status=own.evidence.status,
        action=action,
        text=text,
        turn=turn,
        waived=waiver.reason if waiver else "",
        rule=_places(stricter) or around.place(own.rule),
    )
    return _Outcome(reason=reason, waiver=waiver, expired=expired)


def _places(holding: Sequence[Holding]) -> str:
    return ", ".join(dict.fromkeys(one.clause.place for one in holding))


def _missing(rule: Rule, around: _Around, *, nothing: bool) -> Reason:
    """Return what a check without evidence comes to; no waiver accepts an outcome that nobody saw."""
    least = min(rule.strictest, Action.HOLD, key=lambda action: action.rank)
    action = Action.DENY if nothing else strictest(rule.unchecked, least)
    text = wording.not_looked(rule.check)
    short = around.short
    if rule.check == identities.CHECK and short and short.action.rank > action.rank:
        action = short.action
        text += f"; {short.text}"
    stricter = [one for one in around.holding.get(rule.check, ()) if one.clause.action.rank > action.rank]
    if stricter:
        action = strictest(*(one.clause.action for one in stricter))
        text += "".join(f"; {one}" for one in stricter)
    return Reason(
        check=rule.check,
        status=Status.UNCHECKED,
        action=action,
        text=text,
        turn="" if action is Action.ALLOW else wording.turn_missing(rule.check),
        rule=_places(stricter) or around.place(rule),
    )


def _conditions(policy: Policy, holding: Sequence[Holding]) -> Reason:
    """Return what the conditions come to that name no check: passed where none applies, unchecked where none holds."""
    if not holding:
        count = sum(not clause.check for clause in policy.clauses)
        text = f"none of the policy's own conditions applies ({count} looked at)"
        return Reason(check=clauses.REASON, status=Status.PASSED, action=Action.ALLOW, text=text)
    known = any(not one.error for one in holding)
    return Reason(
        check=clauses.REASON,
        status=Status.FAILED if known else Status.UNCHECKED,
        action=strictest(*(one.clause.action for one in holding)),
        text="; ".join(str(one) for one in holding),
        turn=wording.TURN_CONDITION,
        rule=_places(holding),
    )


def _broken(check: str, pieces: Sequence[Evidence]) -> Reason:
    """Return the denial of evidence that there are two of, or that no rule is for."""
    text = (
        f"there are {len(pieces)} results of {check}, and which of them is true cannot be told"
        if len(pieces) > 1
        else f"the policy has no rule for {check}: {wording.found(pieces[0])}"
    )
    status = pieces[0].status if len(pieces) == 1 else Status.FAILED
    return Reason(check=check, status=status, action=Action.DENY, text=text, turn=wording.MADE_BY_US)
