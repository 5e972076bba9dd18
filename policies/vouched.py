"""Deciding with a verification summary: what a trusted verifier let pass is not looked at again.

What can be seen without the source and the attestations is still seen here, and judged: that the archive is the one
that the registry describes, in what state the version is today, how it was asked for. For the rest the verifier's word
stands, and every reason says so. It went by a policy that was at least as strict as the one in force, or its word says
too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations, product

from provenly.policies.decide import decide
from provenly.policies.rules import Policy, Rule, conditions_of
from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.model import Package
from provenly.trust.summaries.accept import Summary
from provenly.trust.verdict import Action, Reason, Verdict, strictest

STRENGTH = "vsa"
"""The strength of evidence that a verifier's word stands for."""


def require_as_strict(summary: Summary, known: Sequence[Policy], policy: Policy) -> None:
    """Require the summary's policy to be the one in force, or one that lets nothing pass that this one stops.

    :param known: policies whose content is at hand: a digest alone says nothing of how strict a policy is.
    :raises RejectedError: it is another one, and not known to be at least as strict (``VSA_POLICY``).
    """
    theirs = next((one for one in (policy, *known) if one.digest == summary.policy), None)
    if theirs is None:
        raise _other(f"{policy.name} ({policy.digest}), or a stricter one that is known here", str(summary.policy))
    if theirs.digest == policy.digest:
        return
    for looser in _looser(theirs, policy):
        raise _other(f"a policy at least as strict as {policy.name}", f"{theirs.name}, which {looser}")


def _looser(theirs: Policy, ours: Policy) -> Iterator[str]:
    """Yield where ``theirs`` may let something pass that ``ours`` stops; doubt says that it may."""
    if theirs.waivers:
        yield "has waivers"
    if theirs.scopes or ours.scopes:
        yield "cannot be compared, since there are scopes"
    if ours.clauses or ours.identities:
        yield "cannot be compared, since the policy in force has conditions or identities of its own"
    there = {rule.check: rule for rule in theirs.rules}
    for rule in ours.rules:
        other = there.get(rule.check)
        if other is None:
            yield f"has no rule for {rule.check}"
        else:
            yield from (f"may be looser about {rule.check} that is {status}" for status in _looser_at(other, rule))


def _looser_at(theirs: Rule, ours: Rule) -> Iterator[Status]:
    """Yield the statuses at which ``theirs`` asks for less than ``ours`` in some case.

    A case is which conditions apply, and whether another check failed. A condition that both have with the same
    parameter applies to both or to none; with another parameter it may apply to either. What makes the failure of
    another check worse in ours does so in theirs, since no check of theirs may be looser.
    """
    for status in Status:
        keys = [one for one in conditions_of(ours.check) if one.status is status]
        shared = [one.key for one in keys if theirs.options.get(one.parameter) == ours.options.get(one.parameter)]
        apart = [one.key for one in keys if one.key not in shared]
        cases = product(_subsets(shared), _subsets(apart), _subsets(apart), (False, True))
        if any(
            _asked(theirs, status, both | one, company=company) < _asked(ours, status, both | other, company=company)
            for both, one, other, company in cases
        ):
            yield status


def _subsets(keys: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(keys) + 1) for some in combinations(keys, size)]


def _asked(rule: Rule, status: Status, applying: frozenset[str], *, company: bool) -> int:
    """Return the rank of what a rule asks for in a case, as :func:`decide` finds it."""
    action = rule.at(status)
    for one in conditions_of(rule.check):
        if one.key in applying and one.key in rule.conditions:
            action = rule.conditions[one.key]
    worse = rule.with_others if company and status is Status.FAILED else None
    return max(action.rank, worse.rank if worse is not None else 0)


def _other(expected: str, actual: str) -> RejectedError:
    return RejectedError(
        "the verification summary goes by another policy than the one in force",
        code="VSA_POLICY",
        expected=expected,
        actual=actual,
        hint="Ask for the policy that its verifier uses, or have it verified with yours.",
    )


def evidence(summary: Summary, seen: Sequence[Evidence], policy: Policy) -> tuple[Evidence, ...]:
    """Return one piece of evidence for each check of the policy: those that were seen, and the verifier's word."""
    there = {one.check for one in seen}
    return (*seen, *(_vouched(rule.check, summary) for rule in policy.rules if rule.check not in there))


def decide_vouched(
    policy: Policy, summary: Summary, seen: Sequence[Evidence], package: Package | None, now: datetime
) -> Verdict:
    """Return the verdict on what was seen, and on the rest by the verifier's word.

    :param seen: of the checks that were asked here. Each of them is judged as :func:`decide` judges it.
    """
    there = {one.check for one in seen}
    here = replace(policy, rules=tuple(rule for rule in policy.rules if rule.check in there), clauses=(), identities=())
    verdict = decide(here, seen, package, now)
    vouched = Action.WARN if summary.warned else Action.ALLOW
    others = [_reason(rule.check, summary, vouched) for rule in policy.rules if rule.check not in there]
    reasons = (*verdict.reasons, *others)
    return replace(
        verdict,
        action=strictest(*(reason.action for reason in reasons)),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.action.rank)),
        policy=policy.name,
        policy_digest=policy.digest,
    )


def _vouched(check: str, summary: Summary) -> Evidence:
    return Evidence(
        check=check,
        status=Status.UNCHECKED,
        strength=STRENGTH,
        summary=_word(summary),
        facts={
            "verifier": summary.verifier,
            "verified_at": summary.at.isoformat(),
            "statement_sha256": summary.digest.hex,
            "policy": str(summary.policy),
        },
    )


def _reason(check: str, summary: Summary, action: Action) -> Reason:
    return Reason(check=check, status=Status.UNCHECKED, action=action, text=_word(summary))


def _word(summary: Summary) -> str:
    passed = "let this package pass with warnings" if summary.warned else "let this package pass"
    return f"not looked at again: {summary.verifier} {passed} on {summary.at:%Y-%m-%d %H:%M} UTC, by its signed summary"
