"""The commits between two: what somebody would read in the history of the branch that led from one to the other."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.text import show
from provenly.verify.context import Between, Commit, Refs
from provenly.verify.forge import git_store
from provenly.verify.forge.git_store import Store
from provenly.verify.git import Git
from provenly.verify.network import files

MAX_LISTED: Final = 200
"""Commits that are listed, the newest first; the others are counted."""

MAX_SUBJECT: Final = 200
"""Columns of a subject or a name that git gives; git itself advises fifty for a subject."""

MAX_OUTPUT: Final = 4 << 20
"""Bytes of the list: characters without a width do not count as columns."""

MAX_REFS: Final = 16 << 20
"""Bytes of the names of all branches."""

_FIELDS: Final = 4


def between(git: Git, earlier: str, later: str) -> Between:
    """Return the commits that ``later`` has and ``earlier`` has not, in a repository that has the commits of both.

    :param earlier: a commit id.
    :param later: a commit id.
    :raises UnavailableError: one of them is not here: no branch or tag leads to it (``SOURCE_UNREACHABLE``).
    :raises MalformedError: the list is too long (``SOURCE_LIMIT``), or is not what git prints (``SOURCE_MALFORMED``).
    """
    result = git.run("rev-list", "--count", "--left-right", f"{earlier}...{later}")
    counts = result.output.split()
    if result.status or len(counts) != 2 or not all(count.isdigit() for count in counts):  # noqa: PLR2004 - both sides
        raise UnavailableError(
            "no branch or tag of the repository leads to both commits", code="SOURCE_UNREACHABLE", hint=result.shown
        )
    undone, done = map(int, counts)
    shape = f"--format=%H%n%ct%n%<({MAX_SUBJECT},trunc)%an%n%<({MAX_SUBJECT},trunc)%s"
    listed = git.check(
        *("log", "-z", f"--max-count={MAX_LISTED}", shape, "--no-decorate", "--no-notes", "--no-mailmap"),
        *("--encoding=UTF-8", f"{earlier}..{later}"),
        max_output=MAX_OUTPUT,
    )
    return Between(commits=tuple(map(_commit, filter(None, listed.split(b"\0")))), count=done, undone=undone)


def have_history(store: Store, git: Git, refs: Refs) -> None:
    """Fetch the commits of all branches and tags, where they are not here as the repository has them now.

    :param refs: the branches and tags as they are now.
    :raises UnavailableError: as :meth:`.Store.fetch`, or the history has an end (``SOURCE_SHALLOW``).
    :raises MalformedError: as :meth:`.Store.fetch`.
    """
    if git.git_dir is None:
        raise ValueError(git)
    state = hashlib.sha256(git_store.encode(git_store.dump_refs(refs))).hexdigest()
    stamp = git.git_dir / "provenly-state"
    if stamp.exists() and stamp.read_text(encoding="ascii") == state:
        return
    refspecs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    store.fetch(git, *refspecs, options=("--filter=tree:0", "--prune", "--update-head-ok"), what="the history")
    heads = git.check("for-each-ref", "--format=%(refname)", "refs/heads", max_output=MAX_REFS)
    if len(heads.splitlines()) < len(refs.heads):
        raise shallow(store.address.url, "all branches")
    files.write(stamp, state.encode("ascii"))


def shallow(url: str, what: str) -> UnavailableError:
    """Return the error for a fetch that git calls done, and that left refs out: it takes no history with an end."""
    return UnavailableError(
        f"{url} does not hand out the history of {what}: it is a shallow copy, or changed meanwhile",
        code="SOURCE_SHALLOW",
        hint="Name a mirror that has the whole history with --git-mirror, or try again.",
    )


def _commit(record: bytes) -> Commit:
    fields = record.decode("utf-8", "backslashreplace").split("\n")
    try:
        commit, time, author, subject = fields[:_FIELDS]
        moment = datetime.fromtimestamp(int(time), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError(f"git log printed {show(record[:80])}", code="SOURCE_MALFORMED") from error
    return Commit(commit=commit, time=moment, author=author.strip(), subject=subject.strip())
