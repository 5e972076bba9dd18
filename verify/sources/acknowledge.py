"""Does the repository own up to the package? Anybody can claim any repository; only its owners can write into it.

A manifest with the package's name, at a commit that the default branch or a tag leads to, is what only somebody who may
push could put there. How much it says depends on what is beside it; :class:`Kind` has the grades.

Workflows are not parsed as YAML: the commands that publish are looked for in their text. A workflow is one leg of the
proof and never the only one (the name must be in a manifest of the repository as well), it is written by the owners
of the repository and not by the publisher of the package, and whoever could fake the line could as well publish by it.
So a line that only looks like a command costs an attacker push rights and gains nothing over them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from provenly.trust.errors import UnavailableError
from provenly.trust.model import Package
from provenly.trust.source import TreeEntry
from provenly.verify.sources.folders import is_doubtful
from provenly.verify.sources.inspection import Inspection
from provenly.verify.sources.source import Found
from provenly.verify.sources.workspace import REGULAR, Place, Workspace

MAX_WORKFLOWS: Final = 50
"""Workflow files that are read. Large repositories have some thirty."""

MAX_LINE: Final = 2_000
"""Characters of one line that are searched. A command that publishes stands in its first hundred."""

MAX_WORKFLOW: Final = 512 * 1024
"""Bytes of a workflow that are searched; GitHub's own limit is 512 KiB."""

_WORKFLOW: Final = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml"
)

_PUBLISHES: Final = re.compile(
    r"(?:\b(?:npm|pnpm|bun|yarn(?:[ \t]+npm)?)(?:[ \t]+(?:-[^\s#]+|run)){0,4}"
    r"|\b(?:pnpm|npm|yarn)[ \t]+(?:-r|--recursive|--filter[ =]\S+|--workspace[ =]\S+|-w[ =]?\S+))"
    r"[ \t]+publish(?![\w:.-])"
    r"|\bchangesets?[ \t]+publish\b|\bchangesets/action@"
    r"|\bsemantic-release\b|\brelease-it\b|\blerna[ \t]+publish\b|\bnx[ \t]+release\b"
    r"|\bJS-DevTools/npm-publish@"
)
"""The commands and actions by which npm packages are published from a workflow."""

_COMMENT: Final = re.compile(r"(?:^|\s)#")
"""Where a comment begins, in YAML and in the shell alike."""

_REHEARSES: Final = re.compile(r"--dry-run\b(?![ =]false)")
"""What makes a rehearsal of every one of these commands; pull requests are tried with it."""


class Kind(StrEnum):
    """How the repository acknowledges the package, the strongest first."""

    PROVENANCE = "provenance"
    """A provenance that holds: a workflow of the repository made these bytes, where a manifest carries the name."""
    VERSION = "version"
    """A manifest with the name and this version, at a commit that the default branch or a tag leads to."""
    TAG = "tag"
    """A tag of this version, and a manifest with the name where it leads."""
    WORKFLOW = "workflow"
    """A workflow that publishes, and a manifest with the name beside it."""
    NAME_ONLY = "name-only"
    """A manifest with the name; nothing about this version."""
    NONE = "none"
    """Nothing: claimed, not acknowledged."""


_SURE: Final[tuple[tuple[Kind, Callable[[Inspection, str], bool]], ...]] = (
    (Kind.PROVENANCE, lambda item, vouched: item.lead.commit == vouched),
    (Kind.VERSION, lambda item, _: item.same_version),
)
"""The kinds that say all there is to say, and when an inspected commit has them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """What was found, and where.

    :param kind: how the repository acknowledges the package.
    :param path: the manifest or workflow; empty for none.
    :param commit: the commit at which it was seen; empty for none.
    :param ref: the full name of a branch or tag that leads there; empty for none.
    """

    kind: Kind
    path: str = ""
    commit: str = ""
    ref: str = ""


def acknowledgement(found: Found, package: Package, *, vouched: str = "") -> Acknowledgement:
    """Return the strongest acknowledgement that the repository gives to ``package``.

    A private manifest acknowledges nothing: its owner says that this is not to be published. A commit that only other
    branches than the default one lead to does not count either: many may push those. A manifest among examples, tests
    and copies is a name and no more, wherever the package points, unless a tag names the package.

    :param vouched: the commit for which a provenance vouches (:mod:`~provenly.verify.sources.attested_source`), or
        empty. It counts under the same conditions as a manifest with the version.
    :raises UnavailableError: the repository could not be read, or not all of the manifests in it (``SOURCE_UNSURE``).
    :raises MalformedError: git refused what it holds.
    """
    default = f"refs/heads/{found.refs.default}"
    seen = [(item, item.place, item.owner(found.refs)) for item in found.inspections]
    named = [(item, place, ref) for item, place, ref in seen if ref and place is not None and not place.private]
    owned = [row for row in named if row[0].named_by_tag or not is_doubtful(row[1].path, package.name)]
    for kind, holds in _SURE:
        for item, place, ref in owned:
            if holds(item, vouched):
                return Acknowledgement(kind=kind, path=place.path, commit=item.lead.commit, ref=ref)
    for item, place, _ in owned:
        if item.tag is not None:
            tag = f"refs/tags/{item.tag.tag}"
            return Acknowledgement(kind=Kind.TAG, path=place.path, commit=item.lead.commit, ref=tag)
    tip = found.refs.heads.get(found.refs.default, "")
    trees = {item.lead.commit: (item.tree, place, ref) for item, place, ref in named}
    unsure = next((item.unsure for item in found.inspections if item.unsure), "")
    if tip and tip not in trees:
        tree, workspace = found.repository.tree(tip), Workspace(found.repository, package.name)
        home = workspace.locate(tree, found.source.directory)
        if home is None:
            unsure = unsure or workspace.unsure(tree, found.source.directory)
        elif not home.private:
            trees[tip] = tree, home, default
    if not trees and unsure:
        raise UnavailableError(
            f"whether the source names {package.name} cannot be said: {unsure}", code="SOURCE_UNSURE"
        )
    return _by_workflow(found, trees, package.name)


def _by_workflow(
    found: Found, trees: Mapping[str, tuple[Mapping[str, TreeEntry], Place, str]], name: str
) -> Acknowledgement:
    """Return the workflow that publishes at one of the commits that have a manifest with the name, or the manifest."""
    for commit, (tree, place, ref) in trees.items():
        if is_doubtful(place.path, name):
            continue
        matching = (path for path, entry in tree.items() if entry.mode in REGULAR and _WORKFLOW.fullmatch(path))
        workflows = sorted(matching)[:MAX_WORKFLOWS]
        texts = found.repository.blobs({tree[path].blob for path in workflows}) if workflows else {}
        for path in workflows:
            if publishes(texts.get(tree[path].blob, b"")):
                return Acknowledgement(kind=Kind.WORKFLOW, path=path, commit=commit, ref=ref)
    for commit, (_, place, ref) in trees.items():
        return Acknowledgement(kind=Kind.NAME_ONLY, path=place.path, commit=commit, ref=ref)
    return Acknowledgement(kind=Kind.NONE)


def publishes(workflow: bytes) -> bool:
    """Whether a line of a workflow, comments aside, publishes npm packages."""
    text = workflow[:MAX_WORKFLOW].decode("utf-8", "replace")
    lines = (line[:MAX_LINE] for line in text.splitlines())
    commands = (_COMMENT.split(line, maxsplit=1)[0] for line in lines)
    return any(_PUBLISHES.search(command) and not _REHEARSES.search(command) for command in commands)
