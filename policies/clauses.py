"""Conditions of a policy in CEL: what is asked for where an expression holds.

The tables of a policy say what to do at each status of each check; an expression says what they cannot: of two checks
one, a count, a size, a dependency. It makes a verdict stricter, never milder: only a waiver does that, and it has an
owner and an end. An expression that cannot be evaluated, because a value is not known or is of another type, counts as
one that holds. Evidence that was left out is not known either; so leaving it out never gets a package through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from provenly.policies import expressions
from provenly.policies.subject import Subject
from provenly.policies.variables import values
from provenly.trust.evidence import Evidence
from provenly.trust.model import Package
from provenly.trust.verdict import Action

ACTIONS: Final = (str(Action.WARN), str(Action.HOLD), str(Action.DENY))
"""What a condition may ask for; allowing is what happens without it."""

REASON: Final = "policy-conditions"
"""The check id of the reason in which conditions stand that are about no check."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One condition.

    :param when: the expression.
    :param action: what is asked for where it holds: warn, hold or deny.
    :param why: one sentence for people, which the reason has.
    :param check: the check in whose reason it stands, and whose waivers lower it; empty for none.
    :param policy: the name of the policy whose file has it.
    :param line: where it begins in that file.
    """

    when: str
    action: Action
    why: str
    check: str = ""
    policy: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"condition {self.policy}:{self.line}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A condition that applies.

    :param error: why it could not be evaluated, where that is why it applies; empty where it holds.
    """

    clause: Clause
    error: str = ""

    def __str__(self) -> str:
        """Return what it says, as a part of a sentence."""
        if not self.error:
            return self.clause.why
        return f"{self.clause.why} (whether that is so could not be told: {self.error}; the stricter answer counts)"


def holding(
    clauses: Sequence[Clause],
    evidence: Mapping[str, Evidence],
    package: Package | None,
    subject: Subject | None,
    now: datetime,
) -> tuple[Holding, ...]:
    """Return the conditions that apply, in the order of the policy.

    :param evidence: by check, of which there is one each.
    :param subject: ``None`` where nothing is known but the evidence.
    """
    if not clauses:
        return ()
    known = values(evidence, package, subject or Subject(), now)
    found: list[Holding] = []
    for clause in clauses:
        answer = expressions.evaluate(clause.when, known)
        if answer is not False:
            found.append(Holding(clause=clause, error=answer if isinstance(answer, str) else ""))
    return tuple(found)
