"""A package's tree: resolved by npm, or else its direct dependencies, and looked at package by package."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from provenly.trust.artifact import Artifact
from provenly.trust.errors import Error, RejectedError, UnavailableError
from provenly.trust.model import Note, Package
from provenly.verify.context import Context
from provenly.verify.graph.assemble import Assembled, assemble
from provenly.verify.graph.direct import direct
from provenly.verify.graph.examine import examine
from provenly.verify.graph.model import AGE, EACH, Depth, Tree, only_direct
from provenly.verify.graph.resolver import Root


def look(package: Package, artifact: Artifact, context: Context) -> Tree:
    """Return what an installation of a package brings along, and what was seen of it.

    A tree that cannot be resolved is one of direct dependencies, with the reason; so nothing is raised.
    """
    root = Root(
        name=package.name,
        version=package.version,
        manifest=package.manifest,
        local=None if package.registry else artifact.contents,
        shrinkwrap="npm-shrinkwrap.json" in artifact.contents,
    )
    assembled, fault = _assembled(root, context)
    seen = examine(assembled, context)
    graph = replace(assembled.graph, dependencies=tuple(one.dependency for one in seen))
    if fault is not None:
        graph = replace(graph, notes=(*graph.notes, Note(code=fault.code, text=fault.message)))
    hours = [one.hours for one in seen if one.outcomes[AGE].code != "TREE_BUNDLED"]
    known = [hour for hour in hours if hour is not None]
    return Tree(
        depth=context.depth,
        graph=graph,
        outcomes=MappingProxyType({check: tuple(one.outcomes[check] for one in seen) for check in EACH}),
        fault=(fault.code, fault.message, fault.hint) if fault else ("", "", ""),
        rejected=isinstance(fault, RejectedError),
        hours=min(known) if known and len(known) == len(hours) else None,
    )


def _assembled(root: Root, context: Context) -> tuple[Assembled, Error | None]:
    """Return the graph of a package, and why it is not the whole one."""
    if context.depth is Depth.DIRECT:
        found = direct(root, context)
        return found, None if found.graph.complete else only_direct()
    try:
        if context.resolver is None:
            raise UnavailableError("nothing is there to resolve dependencies with", code="TREE_NO_NPM")
        return assemble(context.resolver.resolve(root), root, context.now), None
    except Error as error:
        return direct(root, context), error
