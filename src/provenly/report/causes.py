"""Reasons that have one cause, joined: what one mirror leaves out is one thing to mend, however many checks want it.

Only reports are shorter for it. The verdict rests on every reason, and JSON and evidence name each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from provenly.trust.evidence import Evidence, Status
from provenly.trust.verdict import Reason

_WEIGHT: Final = {Status.FAILED: 0, Status.ABSENT: 1, Status.UNCHECKED: 2, Status.PASSED: 3}
"""What says most about the package comes first."""

_QUIET: Final = frozenset({Status.UNCHECKED, Status.ABSENT})
"""Statuses of checks that saw nothing of the package; what failed has a cause of its own."""


def ordered(reasons: Iterable[Reason]) -> list[Reason]:
    """Return reasons with the strictest action first; of one action, what failed before what is absent or unchecked."""
    return sorted(reasons, key=lambda reason: (-reason.action.rank, _WEIGHT[reason.status]))


def joined(reasons: Iterable[Reason], evidence: Mapping[str, Evidence], *, verbose: bool = False) -> list[list[Reason]]:
    """Return the reasons in groups that have one cause, each group where its strictest reason stands.

    Reasons that differ by nothing but their check have one. So have checks that could not look, or found nothing, for
    want of the same thing: they hint at the same remedy, and what they ask for may differ. Where all is asked for
    (``verbose``) each of these stands by itself, because each has a sentence of its own.

    :param evidence: of each check, by its id.
    """
    groups: dict[object, list[Reason]] = {}
    for reason in ordered(reasons):
        found = evidence.get(reason.check)
        remedy = reason.turn or (found.hint if found else "")
        key: object = reason.action, reason.status, reason.text, reason.turn, reason.waived, _compared(found)
        if found and found.hint and not verbose and not reason.waived and reason.status in _QUIET:
            key = reason.status, remedy
        groups.setdefault(key, []).append(reason)
    return list(groups.values())


def _compared(evidence: Evidence | None) -> tuple[str, str, str]:
    return (evidence.expected, evidence.actual, evidence.hint) if evidence else ("", "", "")
