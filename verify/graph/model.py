"""What is known of a tree of dependencies: the graph, and how each package in it came out of each check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import Status
from provenly.trust.graph import Graph

INTEGRITY: Final = "tree-integrity"
SIGNATURES: Final = "tree-signatures"
PROVENANCE: Final = "tree-provenance"
SCRIPTS: Final = "tree-scripts"
STATUS: Final = "tree-status"
AGE: Final = "tree-age"

EACH: Final = (INTEGRITY, SIGNATURES, PROVENANCE, SCRIPTS, STATUS, AGE)
"""The checks that look at every package of a tree."""

NOT_ASKED: Final = "DEPS_NOT_ASKED"
"""The code of what was not looked at because nobody asked. A policy tells it from what could not be looked at."""


class Depth(StrEnum):
    """How much of the tree is asked for."""

    NONE = "none"
    DIRECT = "direct"
    """What the package itself asks for, each with the version that its range means; npm is not needed."""
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one package came out of one check.

    :param who: the id of the package in the graph.
    :param code: why it did not pass, or empty.
    :param text: what was found, as the end of a sentence that begins with the package.
    """

    who: str
    status: Status
    code: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A graph, and what was seen of it.

    :param depth: what was asked for.
    :param outcomes: by the id of the check: one for each package, in the order of the graph.
    :param fault: why the graph is not whole, as an error's code, message and hint; empty where it is.
    :param rejected: whether the reason is an answer (nobody can install this) and not a failure to look.
    :param hours: the age of the youngest package in hours, or ``None`` where that is not known of one. Where a
        registry says only when a package changed last, it is at least that.
    """

    depth: Depth
    graph: Graph
    outcomes: Mapping[str, tuple[Outcome, ...]] = field(repr=False)
    fault: tuple[str, str, str] = ("", "", "")
    rejected: bool = False
    hours: float | None = None


def only_direct() -> UnavailableError:
    """Return why nothing is known of the rest of a tree where only direct dependencies were asked for."""
    return UnavailableError(
        "only the direct dependencies were asked for", code=NOT_ASKED, hint="Ask for the whole tree with --deps all."
    )
