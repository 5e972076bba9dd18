"""Is it known what an installation would bring along, and does all of it come from registries?"""

from __future__ import annotations

from typing import Final

from provenly.trust.errors import RejectedError
from provenly.trust.evidence import Evidence, Status
from provenly.trust.graph import Scope
from provenly.trust.text import show
from provenly.verify.checks.base import About
from provenly.verify.checks.tree_outcomes import MAX_NAMED, refuse_with, require_whole, several, whole
from provenly.verify.graph.model import Depth, only_direct
from provenly.verify.subject import Subject

ID: Final = "tree-complete"

ABOUT: Final = About(
    question="Is it known what an installation would bring along, and does all of it come from registries?",
    proves="npm's own resolver chose a version for everything that the package and its dependencies ask for, and each "
    "of those is a version of a registry, or lies in the archive of one. Nothing is left out but what npm would leave "
    "out, too.",
    does_not_prove="Ranges are resolved as of this moment: an installation of tomorrow may bring other versions. A "
    "lockfile or overrides of the user's own project are not known here, and Node.js of another version may be given "
    "others. The code of dependencies is not looked at.",
    remedy="Dependencies by git, URL or file are not followed: verify them apart. Without npm on this machine, install "
    "provenly[node].",
)

ELSEWHERE: Final = frozenset({"TREE_GIT", "TREE_URL", "TREE_FILE", "TREE_NAME"})
"""The codes of notes on packages that no registry has."""


def check(subject: Subject) -> Evidence:
    """Report what leads elsewhere; else whether the tree is whole."""
    tree = subject.tree()
    graph = tree.graph
    odd = [(one, note) for one in graph.dependencies for note in one.notes if note.code in ELSEWHERE]
    if odd:
        first = "; ".join(f"{show(one.name, limit=120)}: {note.text}" for one, note in odd[:MAX_NAMED])
        raise RejectedError(
            f"{len(odd):,} of {whole(tree)} not from a registry: {first}",
            code=odd[0][1].code,
            expected="packages of registries",
            actual=", ".join(sorted({note.code for _, note in odd})),
            hint="Verify these apart; what they bring along is not known here.",
        )
    refuse_with(tree)
    if tree.depth is Depth.DIRECT and graph.dependencies:
        raise only_direct()
    require_whole(tree)
    if not graph.dependencies:
        return Evidence(check=ID, status=Status.ABSENT, summary="the package depends on no other package")
    scopes = {str(scope): sum(one.scope is scope for one in graph.dependencies) for scope in Scope}
    return Evidence(
        check=ID,
        status=Status.PASSED,
        summary=f"{several(len(graph.dependencies))} would be installed besides, all from registries, resolved by "
        f"{graph.how}",
        facts={"count": len(graph.dependencies), "scopes": scopes, "how": graph.how, "at": graph.at.isoformat()},
    )
