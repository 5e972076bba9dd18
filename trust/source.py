"""Sources: a commit of a repository, how it was found, and the files in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provenly.trust.model import Note, SourceClaim


class FoundBy(StrEnum):
    """How the commit to compare with was found, the strongest first."""

    PROVENANCE = "provenance"
    USER = "user"
    GIT_HEAD = "git-head"
    TAG = "tag"
    MANIFEST_EQUAL = "manifest-equal"
    VERSION_SET = "version-set"
    BEST_MATCH = "best-match"
    SEARCH = "search"
    NEAREST = "nearest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A commit that may be the one a package was built from.

    :param commit: the full commit id.
    :param found_by: how it was found.
    :param name: the tag or branch by which it was found, or empty.
    :param reachable: whether a branch or tag of the repository leads to it; ``None`` where that was not looked at.
    :param directory: the package's directory at this commit; ``None`` where no manifest of that name was found.
    :param version: the version that the manifest there carries, or empty.
    :param chosen: whether this is the commit that was compared.
    :param knows: whether the repository itself says there that it is this version: by the manifest, or by a tag.
    :param note: why it was passed over, or what is odd about it.
    """

    commit: str
    found_by: FoundBy
    name: str = ""
    reachable: bool | None = None
    directory: str | None = None
    version: str = ""
    chosen: bool = False
    knows: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEntry:
    """A file in a git tree.

    :param mode: the six octal digits of git: 100644, 100755, 120000 (symbolic link) or 160000 (submodule).
    :param blob: its object id.
    """

    mode: str
    blob: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The source of a package: a commit of a repository and the files in it.

    :param claim: the claim that led here.
    :param repository: the canonical URL of the repository.
    :param commit: the commit that is compared.
    :param found_by: how it was found.
    :param directory: the package's directory in the tree, ``""`` for the root.
    :param candidates: every commit that was considered, the chosen one among them.
    :param tree: every file of the commit by path.
    :param notes: moved or disagreeing tags, paths that we could not use, and the like.
    """

    claim: SourceClaim
    repository: str
    commit: str
    found_by: FoundBy
    directory: str
    candidates: tuple[Candidate, ...]
    tree: Mapping[str, TreeEntry] = field(repr=False)
    notes: tuple[Note, ...] = ()
