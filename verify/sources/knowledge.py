"""How a repository says which version a commit is, other than by the manifest there: by tags, or by nothing at all.

A version that only the registry knows is one that a stolen account made up. So nothing that its publisher chooses is
believed here: neither the commit that the registry names, nor the directory that the package claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenly.trust.model import Package
from provenly.trust.source import TreeEntry
from provenly.verify.context import Refs
from provenly.verify.sources import tags
from provenly.verify.sources.inspection import is_placeholder, is_version
from provenly.verify.sources.workspace import Place, Workspace


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a repository knows of one version of a package.

    :param package: the version.
    :param refs: the repository's branches and tags.
    :param workspace: its manifests.
    :param hint: the directory that is claimed for the package, or empty.
    """

    package: Package
    refs: Refs
    workspace: Workspace
    hint: str

    def tag(self, commit: str, place: Place | None) -> tags.Match | None:
        """Return the tag of this version on a commit, by the names that the package has there.

        A directory that is only claimed gives no name: the publisher could claim that of another package.
        """
        standing = {tag: target for tag, target in self.refs.tags.items() if target == commit}
        found = tags.rank(self.package.name, self.package.version, standing, place.directory if place else "")
        return found[0] if found else None

    def is_of_another(self, tree: Mapping[str, TreeEntry], place: Place | None) -> bool:
        """Whether a tag that is nothing but this version is that of another package of the repository.

        It is where the package is not there; and where its manifest says another version, and that of another package
        says this one. A version that is never written into the manifest, or only after the tag was set, is no other
        version.
        """
        if place is None:
            return True
        if is_placeholder(place.version):
            return False
        return any(is_version(other, self.package.version) for other in self.workspace.others(tree, self.hint))

    def is_never_written(self, place: Place | None) -> bool:
        """Whether the repository writes no version anywhere: neither into the manifest, nor into tags."""
        if place is None or not is_placeholder(place.version):
            return False
        return not tags.any_of(self.package.name, self.refs.tags, place.directory)
