"""Reading objects that are here: the files of a commit, the bytes of blobs, the commits that changed a file.

All of it runs with every protocol and lazy fetching off. ``ls-tree``, ``cat-file`` and ``log --raw`` run no hook,
filter or textconv; ``git archive`` and checkouts would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.trust.source import TreeEntry
from provenly.trust.text import show
from provenly.verify.context import ManifestCommit
from provenly.verify.forge import git_parse
from provenly.verify.git import Git

MAX_TREE_OUTPUT: Final = 64 << 20
"""Bytes of a commit's list of files."""

MAX_BLOB: Final = 16 << 20
"""Bytes of one blob that is read; source files and prompts have kilobytes."""

MAX_BLOBS: Final = 256 << 20
"""Bytes of all blobs of one call: as much as an archive may unpack to."""

MAX_COMMITS: Final = 400
"""Changes of one file that are looked at, the newest first; in a survey of 74 packages 60 were enough."""

MAX_HISTORY: Final = 64 << 20
"""Bytes of a list of commits: 1.6 million of them; Linux has 1.3 million."""


def require_commit(git: Git, commit: str) -> None:
    """Refuse an object that is here and is no commit: tags and trees have files, too.

    :raises MalformedError: ``SOURCE_NOT_COMMIT``.
    :raises UnavailableError: it is damaged or not here (``GIT_FAILED``).
    """
    kind = git.check("cat-file", "-t", commit).strip()
    if kind != b"commit":
        raise MalformedError(f"{commit} is a {show(kind, limit=20)}, not a commit", code="SOURCE_NOT_COMMIT")


def files(git: Git, commit: str) -> tuple[Mapping[str, TreeEntry], tuple[str, ...]]:
    """Return the files of a commit that is here, and the ids of the tree objects below its root.

    :raises MalformedError: as :func:`~.git_parse.tree`.
    :raises UnavailableError: its objects are damaged or not here (``GIT_FAILED``).
    """
    return git_parse.tree(git.check("ls-tree", "-r", "-t", "-z", "--full-tree", commit, max_output=MAX_TREE_OUTPUT))


def blobs_if_here(git: Git, ids: Sequence[str]) -> dict[str, bytes] | None:
    """Return the bytes of blobs, or ``None`` where some are not here or all are too many: one look for the usual case.

    :raises UnavailableError: as :func:`blobs`.
    """
    command, lines = ("cat-file", "--batch", "--buffer"), [f"{oid}\n".encode() for oid in ids]
    try:
        result = git.run(*command, stdin=lines, max_output=MAX_BLOBS)
    except MalformedError:
        return None
    # git stops at the first object that is missing and promised, and says "missing" of others.
    if result.status or any(kind == "missing" for _, kind, _ in git_parse.batch(result.output)):
        return None
    return _read(result.output, ids)


def blobs(git: Git, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the bytes of blobs that are here.

    :raises NotFoundError: one is not a blob (``SOURCE_NOT_FILE``).
    :raises MalformedError: they have more than :data:`MAX_BLOBS` bytes (``SOURCE_LIMIT``).
    :raises UnavailableError: one is not here (``GIT_FAILED``), or its bytes do not have its id (``SOURCE_CACHE``).
    """
    if not ids:
        return {}
    lines = [f"{oid}\n".encode() for oid in ids]
    return _read(git.check("cat-file", "--batch", "--buffer", stdin=lines, max_output=MAX_BLOBS), ids)


def _read(output: bytes, ids: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    seen = 0
    for oid, kind, content in git_parse.batch(output):
        seen += 1
        if kind == "missing":
            raise UnavailableError(f"the object {oid} is not in the cache", code="GIT_FAILED")
        if kind != "blob":
            raise NotFoundError(f"{oid} is a {show(kind, limit=20)}, not a file", code="SOURCE_NOT_FILE")
        # Against a damaged disk only: git refused collisions when the object came in.
        digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
        digest.update(content)
        if digest.hexdigest() != oid:
            raise UnavailableError(f"the cached bytes of {oid} are damaged", code="SOURCE_CACHE")
        if len(content) <= MAX_BLOB:
            found[oid] = bytes(content)
    if seen != len(ids):
        raise UnavailableError(f"git gave {seen} of {len(ids)} objects", code="GIT_FAILED")
    return found


def history(git: Git, ref: str, path: str) -> tuple[ManifestCommit, ...]:
    """Return the commits on the first-parent line of ``ref`` at which ``path`` changed and is a file."""
    limits = (f"--max-count={MAX_COMMITS}", "--first-parent", "-m")
    shape = ("--raw", "-z", "--no-abbrev", "--no-renames", "--format=%x01%H %ct", "--no-decorate", "--no-notes")
    return git_parse.log(git.check("log", *limits, *shape, "--no-mailmap", ref, "--", path))


def present(git: Git) -> dict[str, int]:
    """Return the size of every object that is here, by id. Asking for one that is not would end git."""
    form = "--batch-check=%(objectname) %(objectsize)"
    rows = git.check("cat-file", "--batch-all-objects", "--unordered", form).decode("ascii").splitlines()
    return {oid: int(size) for oid, _, size in (row.partition(" ") for row in rows)}
