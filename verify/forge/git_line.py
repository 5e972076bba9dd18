"""The commits around one of the default branch, and which of them differ in what a package is built from.

Only commits and the trees down to the package's folder are needed, which a history of that depth has. So hundreds of
commits are told apart without any of their other trees or files being fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.context import LineCommit, Refs
from provenly.verify.forge import git_between, git_errors, git_objects, git_parse
from provenly.verify.forge.git_store import Store
from provenly.verify.git import Git

DEFAULT: Final = "refs/provenly/default"
"""The ref under which the default branch is kept, in the repositories that have its history."""

NEWER: Final = 200
"""Commits above the one that is asked about that are listed; few packages have as many between two versions."""

OLDER: Final = 60
"""Commits below it."""

MAX_FOLDERS: Final = 16
"""Depth of the folder whose state is asked for."""

_FOLDER: Final = "40000"
_DOCUMENT: Final = re.compile(rb"\..*|.*\.mdx?|(?i:licen[cs]e|changelog|readme)[^/]*", re.DOTALL)
"""What changes nothing that is built, in the package's own folder. A doubtful name counts as one that does."""

_SETTINGS: Final = re.compile(
    rb"tsconfig[^/]*\.json|package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml"
    rb"|yarn\.lock|bun\.lockb?"
)
"""What changes a build from above the package's own folder."""

Entries = Sequence[tuple[str, bytes, str]]


def have_default(store: Store, git: Git, refs: Refs, depth: int) -> None:
    """Fetch the commits of the default branch with ``depth`` levels of their trees, where they are not here.

    :param refs: the branches and tags as they are now.
    :raises UnavailableError: as :meth:`.Store.fetch`, or the history has an end (``SOURCE_SHALLOW``).
    """
    if git.git_dir is None:
        raise ValueError(git)
    # What the ref's file says is known without starting git (gitrepository-layout).
    tip, kept = refs.heads.get(refs.default, ""), git.git_dir / DEFAULT
    if tip and kept.exists() and kept.read_text(encoding="ascii").strip() == tip:
        return
    # By its id: the branch may have moved since the refs were read, and the answers must fit together.
    refspec, what = f"+{tip or 'HEAD'}:{DEFAULT}", "the history of the default branch"
    try:
        store.fetch(git, refspec, options=("--filter=blob:none", f"--filter=tree:{depth}"), what=what)
    except UnavailableError as error:
        if not git_errors.FILTER_REFUSED.search(error.message):
            raise
        store.fetch(git, refspec, options=("--filter=blob:none",), what=what)
    if not kept.exists():
        raise git_between.shallow(store.address.url, "the default branch")


def around(git: Git, directory: str, commit: str) -> tuple[LineCommit, ...]:
    """Return the commits around ``commit`` on the first-parent line of the default branch, the newest first.

    :param git: has the commits of the default branch, and their trees down to ``directory``.
    :param directory: the package's folder, ``""`` for the root.
    :returns: nothing where ``commit`` is not on the line.
    :raises MalformedError: the line is too long to be read (``SOURCE_LIMIT``), or is not what git prints.
    :raises UnavailableError: an object is not here (``GIT_FAILED``).
    """
    shape = ("--first-parent", "--format=%H %T %ct", "--no-decorate", "--no-notes", "--no-mailmap")
    rows = git.check("log", *shape, DEFAULT, max_output=git_objects.MAX_HISTORY * 2).splitlines()
    known = commit.encode("ascii")
    place = next((number for number, row in enumerate(rows) if row.startswith(known)), None)
    if place is None:
        return ()
    near = tuple(git_parse.line(b"\n".join(islice(rows, max(0, place - NEWER), place + OLDER + 1))))
    states = _states(git, [tree for _, tree, _ in near], directory)
    return tuple(LineCommit(commit=oid, time=time, state=states[tree]) for oid, tree, time in near)


def _states(git: Git, roots: Sequence[str], directory: str) -> Mapping[str, str]:
    """Return the state of a folder in each root tree, one git process for each folder on the way."""
    steps = [part.encode() for part in directory.split("/") if part]
    if len(steps) > MAX_FOLDERS:
        raise MalformedError(f"the package lies {len(steps)} folders deep", code="SOURCE_LIMIT")
    settings: dict[str, list[bytes]] = {root: [] for root in roots}
    current = {root: root for root in settings}
    for step in steps:
        trees = _trees(git, current.values())
        for root, oid in list(current.items()):
            settings[root] += [_row(entry) for entry in trees[oid] if _SETTINGS.fullmatch(entry[1])]
            below = next((item for mode, name, item in trees[oid] if name == step and mode == _FOLDER), None)
            if below is None:
                del current[root]
            else:
                current[root] = below
    trees = _trees(git, current.values())
    found = dict.fromkeys(settings, "")
    for root, oid in current.items():
        rows = [_row(entry) for entry in trees[oid] if not _DOCUMENT.fullmatch(entry[1])]
        found[root] = hashlib.sha256(b"\n".join([*settings[root], b"", *rows])).hexdigest()[:40]
    return found


def _row(entry: tuple[str, bytes, str]) -> bytes:
    mode, name, oid = entry
    return b"%s %s %s" % (mode.encode("ascii"), oid.encode("ascii"), name)


def _trees(git: Git, ids: Iterable[str]) -> Mapping[str, Entries]:
    """Return the entries of tree objects by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    lines = [f"{oid}\n".encode() for oid in wanted]
    output = git.check("cat-file", "--batch", "--buffer", stdin=lines, max_output=git_objects.MAX_TREE_OUTPUT)
    found: dict[str, Entries] = {}
    for oid, kind, content in git_parse.batch(output):
        if kind != "tree":
            raise MalformedError(f"{oid} is no folder of the source", code="SOURCE_MALFORMED")
        found[oid] = git_parse.tree_object(content)
    return found
