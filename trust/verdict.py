"""What was decided, and everything that an output needs to say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from provenly.trust.artifact import Artifact
from provenly.trust.digest import Digest
from provenly.trust.evidence import Comparison, Evidence, Status
from provenly.trust.graph import Graph
from provenly.trust.model import Note, Package, Reference
from provenly.trust.source import Source


class Action(StrEnum):
    """What a policy asks for, the mildest first. :attr:`rank` orders them."""

    ALLOW = "allow"
    WARN = "warn"
    HOLD = "hold"
    DENY = "deny"

    @property
    def rank(self) -> int:
        """The place in the order: 0 for allow, 3 for deny."""
        return tuple(Action).index(self)


def strictest(*actions: Action) -> Action:
    """Return the strictest of ``actions``; without any, :attr:`Action.DENY`: nothing vacuously passes."""
    return max(actions, key=lambda action: action.rank) if actions else Action.DENY


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why the verdict is what it is: one check, what it said, and what the policy made of it.

    :param check: the id of the check.
    :param status: how it came out.
    :param action: what the policy asks for at that status.
    :param text: one sentence, ready to be read.
    :param turn: one sentence: what would turn it.
    :param waived: the reason of the waiver that lowered ``action``, or empty.
    :param rule: the scope or the conditions of the policy that ask for it, by their lines; empty for the check's rule.
    """

    check: str
    status: Status
    action: Action
    text: str
    turn: str = ""
    waived: str = ""
    rule: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A written exception: a person accepts one outcome of one check for one package until a day.

    :param check: the id of the check.
    :param package: the exact package name.
    :param version: the exact version, or empty for all.
    :param reason: why; never empty.
    :param owner: who answers for it; never empty.
    :param expires: the last day, in UTC, on which it holds.
    :param statuses: the outcomes that it accepts; empty for failed, absent and unchecked alike.
    """

    check: str
    package: str
    version: str
    reason: str
    owner: str
    expires: date
    statuses: tuple[Status, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The decision.

    :param action: the strictest action that any reason asks for.
    :param reasons: one for each check, the strictest first.
    :param policy: the policy's name.
    :param policy_digest: of all that the policy decides by, with what it extends (``policies.canonical``).
    :param waivers: those that were applied.
    :param expired: those that would have been applied, had they not ended.
    """

    action: Action
    reasons: tuple[Reason, ...]
    policy: str
    policy_digest: Digest
    waivers: tuple[Waiver, ...] = ()
    expired: tuple[Waiver, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything that an output needs. Parts that could not be had are ``None``, and the evidence says why.

    :param tool_version: the version of provenly.
    :param reference: what was asked.
    :param checked_at: the reference time of the verification.
    :param graph: what an installation brings along; ``None`` where that was not asked for or could not be had.
    :param notes: about the reference, the registry, the archive and the source, in that order.
    """

    tool_version: str
    reference: Reference
    checked_at: datetime
    package: Package | None
    artifact: Artifact | None
    source: Source | None
    comparison: Comparison | None
    evidence: tuple[Evidence, ...]
    verdict: Verdict
    notes: tuple[Note, ...] = ()
    graph: Graph | None = None
