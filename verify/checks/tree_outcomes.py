"""What the checks of a tree have in common: many packages come out one by one, and a check has one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from provenly.trust.errors import RejectedError, UnavailableError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.strict_json import Json
from provenly.trust.text import plural, show
from provenly.verify.graph.model import Depth, Outcome, Tree

MAX_NAMED: Final = 5
"""Packages that a sentence names."""

MAX_LISTED: Final = 200
"""Packages that the facts of a check list."""


def several(count: int) -> str:
    """Return how many packages, in words."""
    return plural(count, "package")


def whole(tree: Tree) -> str:
    """Return what was looked at, in words."""
    count = len(tree.graph.dependencies)
    if tree.depth is Depth.DIRECT:
        return plural(count, "direct dependency", "direct dependencies")
    return f"{several(count)} of the tree"


def judge(
    check: str, tree: Tree, *, expected: str, hint: str, passed: Callable[[tuple[Outcome, ...]], Evidence]
) -> Evidence:
    """Return the one answer of a check that looks at every package.

    In order: a package that failed is a failure; one that could not be looked at, or a tree that is not whole where the
    whole was asked for, leaves the check unchecked; without any package it is absent; else ``passed`` says how.

    :param expected: what would have passed.
    :param hint: what to do about a failure.
    :param passed: makes the evidence where none failed, from the outcomes of all packages.
    :raises UnavailableError: something could not be looked at.
    """
    outcomes = tree.outcomes[check]
    failed = [outcome for outcome in outcomes if outcome.status is Status.FAILED]
    if failed:
        return Evidence(
            check=check,
            status=Status.FAILED,
            summary=f"{len(failed):,} of {whole(tree)}: {named(failed)}",
            expected=expected,
            hint=hint,
            facts={"code": _code(failed), "looked_at": len(outcomes), "failed": listed(failed)},
        )
    unseen = [outcome for outcome in outcomes if outcome.status is Status.UNCHECKED]
    if unseen:
        raise UnavailableError(
            f"{len(unseen):,} of {whole(tree)} could not be looked at: {named(unseen)}",
            code=unseen[0].code or "TREE_UNSEEN",
            hint="Verify again where the registry can be reached, and against the registry itself.",
        )
    require_whole(tree)
    if not outcomes:
        return Evidence(check=check, status=Status.ABSENT, summary="the package depends on no other package")
    return passed(outcomes)


def _code(failed: Iterable[Outcome]) -> str:
    """Return the code that all failures have; they may have different ones, and a mild one must not stand for all."""
    codes = {outcome.code for outcome in failed}
    return codes.pop() if len(codes) == 1 else "TREE_SEVERAL"


def require_whole(tree: Tree) -> None:
    """Refuse to speak for a tree of which a part is missing, where the whole was asked for.

    :raises UnavailableError: it is not whole; or rejected, the reason for which ``tree-complete`` gives.
    """
    if tree.depth is Depth.DIRECT or tree.graph.complete:
        return
    code, message, hint = tree.fault
    gap = next((note for note in tree.graph.notes if note.code == "TREE_GAP"), None)
    if not code and gap is not None:
        code, message = gap.code, gap.text
    raise UnavailableError(
        f"only a part of the tree is known: {message or 'some of it is not from a registry'}",
        code=code or "TREE_PART",
        hint=hint,
    )


def refuse_with(tree: Tree) -> None:
    """Raise why the tree could not be resolved, where it could not.

    :raises RejectedError: nobody can install it, or it brings along what is no registry's.
    :raises UnavailableError: it could not be looked at.
    """
    code, message, hint = tree.fault
    if not code:
        return
    if tree.rejected:
        raise RejectedError(message, code=code, hint=hint)
    raise UnavailableError(message, code=code, hint=hint)


def named(outcomes: Iterable[Outcome]) -> str:
    """Return the first packages with what was found of each, in words; what was found of all is said once."""
    all_ = tuple(outcomes)
    more = f" and {len(all_) - MAX_NAMED:,} more" if len(all_) > MAX_NAMED else ""
    first = [show(one.who, limit=120) for one in all_[:MAX_NAMED]]
    if len({one.text for one in all_}) == 1:
        return f"{', '.join(first)}{more}: {all_[0].text}"
    return "; ".join(f"{who}: {one.text}" for who, one in zip(first, all_, strict=False)) + (more and f";{more}")


def listed(outcomes: Iterable[Outcome]) -> tuple[Json, ...]:
    """Return packages as facts."""
    return tuple({"package": one.who, "code": one.code, "text": one.text} for one in tuple(outcomes)[:MAX_LISTED])
