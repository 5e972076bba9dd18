"""What a repository was asked and answered, from which a replay answers the same again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provenly.trust.source import TreeEntry
from provenly.verify.context import LineCommit, ManifestCommit, Refs


@dataclass(kw_only=True, slots=True)
class Consulted:
    """What was answered, for :mod:`~provenly.verify.forge.repository_bundle`.

    :param trees: commit → ids of the tree objects of its folders, without the root's.
    :param files: commit → its files.
    :param blobs: ids that were read.
    :param omitted: ids that were asked for and left out of the answer.
    :param lines: commit and folder, with a space between them → the default branch around that commit.
    """

    refs: Refs | None = None
    trees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, Mapping[str, TreeEntry]] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)
    omitted: set[str] = field(default_factory=set)
    contained: dict[str, tuple[str, ...]] = field(default_factory=dict)
    history: dict[str, tuple[ManifestCommit, ...]] = field(default_factory=dict)
    lines: dict[str, tuple[LineCommit, ...]] = field(default_factory=dict)
