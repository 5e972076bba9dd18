"""Trees of dependencies for the tests of the checks that look at them."""

from provenly.trust.evidence import Status
from provenly.trust.graph import Dependency, Graph
from provenly.trust.model import Note
from provenly.verify.graph.model import EACH, Depth, Outcome, Tree
from tests.verify.checks.subjects import NOW, outcome

ZOD, DIFF = "zod@4.0.0", "diff@8.0.0"


def dependency(identity, **changes):
    name, _, version = identity.rpartition("@")
    return Dependency(**({"id": identity, "name": name, "version": version} | changes))


def tree(*dependencies, outcomes=None, complete=True, notes=(), **changes):
    """Return a tree in which everything passed, but for ``outcomes``: by check, by id: status, code and text."""
    there = dependencies or (dependency(DIFF), dependency(ZOD))
    graph = Graph(
        root="mail-mcp@1.0.0",
        dependencies=there,
        edges={"mail-mcp@1.0.0": tuple(one.id for one in there), **{one.id: () for one in there}},
        complete=complete,
        how="npm 11.4.2 on Node.js 22.1.0",
        at=NOW,
        notes=tuple(notes),
    )
    given = outcomes or {}
    each = {
        check: tuple(
            Outcome(who=one.id, status=status, code=code, text=text)
            for one in there
            for status, code, text in [given.get(check, {}).get(one.id, (Status.PASSED, "", ""))]
        )
        for check in EACH
    }
    return Tree(**({"depth": Depth.ALL, "graph": graph, "outcomes": each, "hours": 1_000.0} | changes))


def empty(**changes):
    """Return the tree of a package that depends on nothing."""
    made = tree(**changes)
    graph = Graph(root="mail-mcp@1.0.0", dependencies=(), complete=made.graph.complete, how="npm 11.4.2", at=NOW)
    return Tree(depth=made.depth, graph=graph, outcomes=dict.fromkeys(EACH, ()), fault=made.fault)


def judged(check, made):
    """Return the evidence of a check about a tree."""
    return outcome(check, tree_or=made)


def part(code="TREE_NO_NPM"):
    """Return a tree of direct dependencies where the whole was asked for."""
    return tree(complete=False, fault=(code, "there is no npm on this machine", "Install npm."))


def direct():
    """Return a tree of direct dependencies, as asked for."""
    return tree(complete=False, depth=Depth.DIRECT, fault=("DEPS_NOT_ASKED", "only direct ones", ""))


def gap():
    """Return a tree of which npm did not get a part."""
    return tree(complete=False, notes=(Note(code="TREE_GAP", text="npm went on without fsevents: status 503"),))
