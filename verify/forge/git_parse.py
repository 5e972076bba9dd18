"""Readers of what git prints. The other side chose most of these bytes: they are taken apart strictly, with caps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.source import TreeEntry
from provenly.trust.text import plural, show
from provenly.verify.context import ManifestCommit, Refs

MAX_REFS: Final = 50_000
"""Branches and tags of a repository. The largest of 189 repositories that we measured had fewer than 10,000."""

MAX_ENTRIES: Final = 200_000
"""Files of a commit; Linux has 90,000."""

MAX_PATH: Final = 4_096
"""Bytes of a path, as for archives (``PATH_MAX`` of Linux)."""

MAX_DEPTH: Final = 128
"""Folders of a path, as for archives."""

OID: Final = re.compile(r"[0-9a-f]{40}")
"""An object id in full. Repositories with SHA-256 ids (64 digits) are refused as ``SOURCE_FORMAT``."""

_LISTED: Final = re.compile(
    rb"(100644|100755|100664|120000|160000|040000) (blob|commit|tree) ([0-9a-f]{40})\t(.+)", re.DOTALL
)
_BAD_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|\.$|(?:^|/)\.|\.lock(?:/|$)")
_CHANGED: Final = re.compile(rb":[0-7]{6} ([0-7]{6}) [0-9a-f]{40} ([0-9a-f]{40}) ([A-Z])[0-9]*")
_MODE: Final = re.compile(rb"[0-7]{5,6}")
_SYMLINK_OR_FILE: Final = (b"100644", b"100755", b"100664")


def ref_name(name: bytes) -> str | None:
    """Return a full ref name as text, or ``None`` where git-check-ref-format(1) or the terminal would mind.

    Beyond git's rules a component must not start with ``-``, and the name must be printable.
    """
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return None
    short = text.removeprefix("refs/heads/").removeprefix("refs/tags/")
    good = not _BAD_REF.search(text) and not short.startswith("-") and short not in {"", "@"} and text.isprintable()
    return text if good else None


def refs(output: bytes) -> Refs:
    """Read ``git ls-remote --symref``. Refs other than branches and tags are passed over: anybody can make those.

    :raises MalformedError: more than :data:`MAX_REFS` branches and tags (``SOURCE_LIMIT``), or SHA-256 ids
        (``SOURCE_FORMAT``).
    """
    default, refused = "", 0
    heads: dict[str, str] = {}
    tags: dict[str, str] = {}
    for line in output.split(b"\n"):
        value, _, raw = line.partition(b"\t")
        if value.startswith(b"ref: refs/heads/") and raw == b"HEAD":
            default = (ref_name(value[5:]) or "").removeprefix("refs/heads/")
        if not raw.startswith((b"refs/heads/", b"refs/tags/")):
            continue
        if re.fullmatch(rb"[0-9a-f]{64}", value):
            raise MalformedError("the repository names its objects with SHA-256, not SHA-1", code="SOURCE_FORMAT")
        name, target = ref_name(raw.removesuffix(b"^{}")), value.decode("ascii", "replace")
        if name is None or not OID.fullmatch(target):
            refused += not raw.endswith(b"^{}")
        elif name.startswith("refs/heads/"):
            heads[name.removeprefix("refs/heads/")] = target
        else:  # a peeled line follows its tag's own and replaces it
            tags[name.removeprefix("refs/tags/")] = target
        if len(heads) + len(tags) + refused > MAX_REFS:
            raise MalformedError(f"the repository has more than {plural(MAX_REFS, 'ref')}", code="SOURCE_LIMIT")
    return Refs(
        default=default if default in heads else "",
        heads=MappingProxyType(heads),
        tags=MappingProxyType(tags),
        refused=refused,
    )


def tree(output: bytes) -> tuple[Mapping[str, TreeEntry], tuple[str, ...]]:
    """Read ``git ls-tree -r -t -z --full-tree``: its files by path, and the ids of the folders' tree objects.

    Paths that are not UTF-8 are left out: npm cannot pack them under that name, so they can explain nothing.

    :raises MalformedError: an entry or path that an honest repository cannot have (``SOURCE_MALFORMED``), or more than
        :data:`MAX_ENTRIES` (``SOURCE_LIMIT``).
    """
    files: dict[str, TreeEntry] = {}
    folders: list[str] = []
    records = output.split(b"\0")
    if records.pop():
        raise MalformedError("git's list of files ends in the middle of an entry", code="SOURCE_MALFORMED")
    if len(records) > MAX_ENTRIES:
        raise MalformedError(f"the commit has more than {plural(MAX_ENTRIES, 'file')}", code="SOURCE_LIMIT")
    for record in records:
        match = _LISTED.fullmatch(record)
        if match is None:
            raise MalformedError(f"git lists an unknown kind of entry: {show(record[:80])}", code="SOURCE_MALFORMED")
        path = _path(match[4])
        if match[2] == b"tree":
            folders.append(match[3].decode("ascii"))
        elif path is not None:
            if path in files:
                raise MalformedError(f"{show(path, limit=120)} is in the commit twice", code="SOURCE_MALFORMED")
            files[path] = TreeEntry(mode=match[1].decode("ascii"), blob=match[3].decode("ascii"))
    return MappingProxyType(files), tuple(folders)


def _path(raw: bytes) -> str | None:
    parts = raw.split(b"/")
    if len(raw) > MAX_PATH or len(parts) > MAX_DEPTH:
        raise MalformedError(
            f"a path has {plural(len(raw), 'byte')} in {plural(len(parts), 'part')}", code="SOURCE_LIMIT"
        )
    if any(part in {b"", b".", b".."} or part.lower() == b".git" for part in parts):
        raise MalformedError(f"the commit has the path {show(raw[:120])}", code="SOURCE_MALFORMED")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def tree_object(data: bytes | memoryview) -> tuple[tuple[str, bytes, str], ...]:
    """Read a tree object as it is stored: mode, name and object id of each entry, in its order.

    :raises MalformedError: it is none (``SOURCE_MALFORMED``).
    """
    content, position = bytes(data), 0
    entries: list[tuple[str, bytes, str]] = []
    while position < len(content):
        end = content.find(b"\0", position)
        mode, _, name = content[position:end].partition(b" ")
        oid = content[end + 1 : end + 21]
        if end < 0 or not name or len(oid) < 20 or not _MODE.fullmatch(mode):  # noqa: PLR2004 - bytes of SHA-1
            raise MalformedError("a tree object of the source is not one", code="SOURCE_MALFORMED")
        entries.append((mode.decode("ascii"), name, oid.hex()))
        position = end + 21
    return tuple(entries)


def line(output: bytes) -> Iterator[tuple[str, str, datetime]]:
    """Read ``git log --format='%H %T %ct'``: yield commit, tree and committer time of each.

    :raises MalformedError: the output is not what git prints (``SOURCE_MALFORMED``).
    """
    for row in output.splitlines():
        words = row.decode("ascii", "replace").split(" ")
        try:
            commit, tree_id, time = words[0], words[1], datetime.fromtimestamp(int(words[2]), UTC)
        except (ValueError, IndexError, OverflowError, OSError) as error:
            raise MalformedError(f"git log printed {show(row[:120])}", code="SOURCE_MALFORMED") from error
        yield commit, tree_id, time


def batch(output: bytes) -> Iterator[tuple[str, str, memoryview]]:
    """Read ``git cat-file --batch``: yield id, kind and bytes of each object; ``missing`` is a kind without bytes.

    :raises MalformedError: the output is not what git prints (``SOURCE_MALFORMED``).
    """
    view, position = memoryview(output), 0
    while position < len(output):
        end = output.find(b"\n", position)
        words = output[position:end].decode("ascii", "replace").split(" ") if end >= 0 else []
        position = end + 1
        if len(words) == 2 and words[1] == "missing":  # noqa: PLR2004 - id and kind
            yield words[0], "missing", view[:0]
            continue
        if len(words) != 3 or not OID.fullmatch(words[0]) or not words[2].isdigit():  # noqa: PLR2004 - and size
            raise MalformedError("git cat-file printed something else than objects", code="SOURCE_MALFORMED")
        size = int(words[2])
        if position + size + 1 > len(output):
            raise MalformedError("git cat-file stopped in the middle of an object", code="SOURCE_MALFORMED")
        yield words[0], words[1], view[position : position + size]
        position += size + 1


def log(output: bytes) -> tuple[ManifestCommit, ...]:
    """Read ``git log -z --raw --format=%x01%H %ct`` of one path: the commits at which it is a file, the newest first.

    :raises MalformedError: the output is not what git prints (``SOURCE_MALFORMED``).
    """
    commits: list[ManifestCommit] = []
    for record in output.split(b"\x01")[1:]:
        head, _, rest = record.partition(b"\0")
        words = head.strip().split(b" ")
        change = _CHANGED.match(rest.lstrip(b"\n\0"))
        try:
            commit, time = words[0].decode("ascii"), datetime.fromtimestamp(int(words[1]), UTC)
        except (ValueError, IndexError, OverflowError, OSError) as error:
            raise MalformedError(f"git log printed {show(record[:80])}", code="SOURCE_MALFORMED") from error
        if change and change[1] in _SYMLINK_OR_FILE:
            commits.append(ManifestCommit(commit=commit, time=time, blob=change[2].decode("ascii")))
    return tuple(commits)
