"""Packages beside their sources, in memory, for the tests of the comparison."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from provenly.trust.artifact import Artifact, FileEntry, Listing, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.evidence import Comparison, Explanation
from provenly.trust.model import Claimant, Package, Release, SourceClaim
from provenly.trust.source import FoundBy, Source, TreeEntry
from provenly.verify.comparison.compare import compare
from provenly.verify.comparison.surface import survey
from provenly.verify.explain.scene import Scene

Files = Mapping[str, bytes | str | Mapping[str, object]]

COMMIT = "c0ffee" + "0" * 34

MANIFEST: Mapping[str, object] = {"name": "left-pad", "version": "1.3.0", "main": "index.js"}


@dataclass(kw_only=True)
class Objects:
    """The part of a repository that a comparison reads: blobs by their ids.

    :param asked: how many blobs each request was for.
    """

    url: str = "https://github.com/left/pad"
    data: dict[str, bytes] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        wanted = tuple(ids)
        self.asked.append(len(wanted))
        return {blob: self.data[blob] for blob in wanted if blob in self.data}


def blob_id(data: bytes) -> str:
    """Return git's id of a blob; these bytes are ours, so that plain SHA-1 will do."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def as_bytes(content: bytes | str | Mapping[str, object]) -> bytes:
    """Return the bytes of a file; a mapping is written as JSON."""
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content, indent=2).encode()


def packed(files: Files, published: datetime | None = None) -> Artifact:
    """Return a package of these files; a package.json is added where they bring none."""
    contents = {path: as_bytes(content) for path, content in {"package.json": MANIFEST, **files}.items()}
    entries = tuple(
        FileEntry(path=path, size=len(data), digest=Digest.of(data), blob=blob_id(data))
        for path, data in sorted(contents.items())
    )
    package = Package(name="left-pad", version="1.3.0", release=Release(version="1.3.0"), published=published)
    return admit_unclaimed(package, b"the archive", "a test", lambda _: Listing(files=entries, contents=contents))


def source_of(objects: Objects, files: Files, directory: str = "", links: Mapping[str, str] | None = None) -> Source:
    """Return a source of these files, and of symbolic links where some are named; its bytes go into ``objects``."""
    tree = {}
    for path, content in {"package.json": MANIFEST, **files}.items():
        data = as_bytes(content)
        objects.data[blob_id(data)] = data
        tree[path] = TreeEntry(mode="100644", blob=blob_id(data))
    for path, target in (links or {}).items():
        tree[path] = TreeEntry(mode="120000", blob=tree[target].blob)
    return Source(
        claim=SourceClaim(claimant=Claimant.USER, text=objects.url, repository=objects.url),
        repository=objects.url,
        commit=COMMIT,
        found_by=FoundBy.TAG,
        directory=directory,
        candidates=(),
        tree=tree,
    )


def scene(package: Files, tree: Files, directory: str = "") -> Scene:
    """Return the scene of a package and its source."""
    item, objects = packed(package), Objects()
    surface = survey(item.contents, {entry.path: entry.mode for entry in item.files})
    return Scene.of(item, source_of(objects, tree, directory), surface, objects)


def compared(package: Files, tree: Files, directory: str = "") -> Comparison:
    """Compare a package with a source."""
    objects = Objects()
    return compare(packed(package), source_of(objects, tree, directory), objects)


def file(package: Files, tree: Files, path: str, directory: str = "") -> Explanation:
    """Return what the comparison says of one file."""
    return next(entry for entry in compared(package, tree, directory).files if entry.path == path)
