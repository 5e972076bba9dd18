"""What the checks look at: everything that could be had of a package, and the reason for whatever could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from provenly.trust.errors import Error, UnavailableError
from provenly.verify.graph.model import NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenly.trust.artifact import Artifact
    from provenly.trust.evidence import Comparison
    from provenly.trust.identity import Identity
    from provenly.trust.model import Package, Reference
    from provenly.trust.strict_json import Json
    from provenly.verify.attested import Built, Judged
    from provenly.verify.comparison.surface import Surface
    from provenly.verify.context import Context
    from provenly.verify.graph.model import Tree
    from provenly.verify.sources.acknowledge import Acknowledgement
    from provenly.verify.sources.source import Found

Part = TypeVar("Part")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The parts of one verification. A part that could not be had is the error that says why.

    Each part has a method of the same name that returns it, or raises an :class:`UnavailableError`: a check that needs
    a part which is not there could not look. Only the one check that answers for the part itself reads the error.
    """

    reference: Reference
    context: Context
    package_or: Package | Error
    artifact_or: Artifact | Error
    manifest_or: Mapping[str, Json] | Error
    surface_or: Surface | Error
    attested_or: Judged | Error
    provenance_or: Built | Error
    previous_or: Built | Error | None
    settled_or: Built | Error | None = None
    found_or: Found | Error
    acknowledgement_or: Acknowledgement | Error
    comparison_or: Comparison | Error
    tree_or: Tree | Error | None = None

    def package(self) -> Package:
        """Return the registry's description of the package."""
        return _need(self.package_or, "the registry's description of the package")

    def artifact(self) -> Artifact:
        """Return the archive."""
        return _need(self.artifact_or, "the package's archive")

    def manifest(self) -> Mapping[str, Json]:
        """Return the package.json of the archive."""
        return _need(self.manifest_or, "the package.json of the archive")

    def surface(self) -> Surface:
        """Return which files of the archive can run."""
        return _need(self.surface_or, "the package's entry points")

    def attested(self) -> Judged:
        """Return the attestations of the package."""
        return _need(self.attested_or, "the package's attestations")

    def provenance(self) -> Built:
        """Return the provenance: signed, about these bytes, and read. What it says may still disagree."""
        return _need(self.provenance_or, "the package's provenance")

    def previous_build(self) -> Identity | None:
        """Return who built the newest earlier version that was attested; ``None`` where none has a provenance.

        What is returned held: signed, about the bytes that the registry names, and in agreement with what is said.
        """
        if self.previous_or is None:
            return None
        return _need(self.previous_or, "the provenance of the version before").identity

    def settled_build(self) -> Identity | None:
        """Return the same of one that had time to be doubted; ``None`` where that is the version before, too."""
        if self.settled_or is None:
            return None
        return _need(self.settled_or, "the provenance of an older version").identity

    def found(self) -> Found:
        """Return the source."""
        return _need(self.found_or, "the package's source")

    def acknowledgement(self) -> Acknowledgement:
        """Return how the source acknowledges the package."""
        return _need(self.acknowledgement_or, "the source's acknowledgement")

    def comparison(self) -> Comparison:
        """Return how each file is explained."""
        return _need(self.comparison_or, "the comparison with the source")

    def tree(self) -> Tree:
        """Return the tree of dependencies, as far as it was asked for.

        :raises UnavailableError: ``DEPS_NOT_ASKED``: nobody asked; or it could not be had.
        """
        if self.tree_or is None:
            raise UnavailableError(
                "the tree of dependencies was not asked for", code=NOT_ASKED, hint="Ask for it with --deps all."
            )
        return _need(self.tree_or, "the tree of dependencies")


def _need(part: Part | Error, what: str) -> Part:
    if isinstance(part, Error):
        if isinstance(part, UnavailableError) and part.code == MISSING:
            raise part
        raise UnavailableError(f"{what} could not be had: {part.message}", code=MISSING, hint=part.hint) from part
    return part


MISSING = "PART_MISSING"
"""The code of the errors that stand for "an earlier step already failed"."""
