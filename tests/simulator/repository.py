"""A repository in memory: commits with their files, for tests that are about choosing and not about git."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from provenly.trust.artifact import Artifact, FileEntry, Listing, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.errors import Error, NotFoundError
from provenly.trust.model import Package, Release, SourceClaim
from provenly.trust.source import TreeEntry
from provenly.verify.anchors import Anchors
from provenly.verify.context import Context, LineCommit, ManifestCommit, Refs, Silence

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of the first commit; each further one is a day later."""

Files = Mapping[str, bytes | str | Mapping[str, object]]


def blob_id(data: bytes) -> str:
    """Return git's id of a blob; these bytes are ours, so that plain SHA-1 will do."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def as_bytes(content: bytes | str | Mapping[str, object]) -> bytes:
    """Return the bytes of a file; a mapping is written as JSON."""
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content, indent=2).encode()


@dataclass(kw_only=True)
class MemoryRepository:
    """A :class:`provenly.verify.context.Repository`.

    :param asked: every question, for tests that count them.
    :param refuses: name of a method → the error that it raises.
    """

    url: str
    trees: dict[str, dict[str, TreeEntry]] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    tag_refs: dict[str, str] = field(default_factory=dict)
    default: str = "main"
    asked: list[str] = field(default_factory=list)
    refuses: dict[str, Error] = field(default_factory=dict)

    def commit(self, files: Files, *, tag: str = "", branch: str = "main", orphan: bool = False) -> str:
        """Add a commit whose tree is exactly ``files``; ``orphan`` is one that no branch leads to."""
        tree: dict[str, TreeEntry] = {}
        for path, content in files.items():
            data = as_bytes(content)
            self.data[blob_id(data)] = data
            tree[path] = TreeEntry(mode="100644", blob=blob_id(data))
        number = len(self.trees)
        commit = hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()
        self.trees[commit] = tree
        self.times[commit] = EPOCH + timedelta(days=number)
        if not orphan:
            self.heads[branch] = commit
            if branch == "main":
                self.main.append(commit)
        if tag:
            self.tag_refs[tag] = commit
        return commit

    def refs(self) -> Refs:
        return Refs(default=self.default, heads=dict(self.heads), tags=dict(self.tag_refs))

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        self.asked.append(f"tree {commit}")
        if commit not in self.trees:
            raise NotFoundError(f"no commit {commit}", code="SOURCE_COMMIT")
        return self.trees[commit]

    def expect(self, commits: Iterable[str]) -> None:
        self.asked.append(f"expect {len(list(commits))}")

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        wanted = tuple(ids)
        self.asked.append(f"{len(wanted)} blobs")
        return {blob: self.data[blob] for blob in wanted if blob in self.data}

    def contained(self, commit: str) -> Sequence[str]:
        if "contained" in self.refuses:
            raise self.refuses["contained"]
        if commit not in self.trees:
            raise NotFoundError(f"no commit {commit}", code="SOURCE_COMMIT")
        names = [f"refs/tags/{tag}" for tag, target in self.tag_refs.items() if target == commit]
        names += [f"refs/heads/{branch}" for branch, target in self.heads.items() if target == commit]
        return [*names, "refs/heads/main"] if commit in self.main and "refs/heads/main" not in names else names

    def history(self, path: str) -> Sequence[ManifestCommit]:
        self.asked.append(f"history {path}")
        if "history" in self.refuses:
            raise self.refuses["history"]
        found: list[ManifestCommit] = []
        before: str | None = None
        for commit in self.main:
            entry = self.trees[commit].get(path)
            blob = entry.blob if entry else None
            if blob is not None and blob != before:
                found.append(ManifestCommit(commit=commit, time=self.times[commit], blob=blob))
            before = blob
        return found[::-1]

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        self.asked.append(f"line {around}")
        if "line" in self.refuses:
            raise self.refuses["line"]
        if around not in self.main:
            return ()
        return [
            LineCommit(commit=commit, time=self.times[commit], state=self._state(commit, directory))
            for commit in reversed(self.main)
        ]

    def _state(self, commit: str, directory: str) -> str:
        prefix = f"{directory}/" if directory else ""
        rows = [f"{path} {entry.blob}" for path, entry in self.trees[commit].items() if path.startswith(prefix)]
        return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest() if rows else ""


@dataclass(kw_only=True)
class MemoryForge:
    """A :class:`provenly.verify.context.Forge` of such repositories."""

    repositories: dict[str, MemoryRepository] = field(default_factory=dict)

    def create(self, owner: str, name: str) -> MemoryRepository:
        url = f"https://github.com/{owner}/{name}"
        self.repositories[url] = MemoryRepository(url=url)
        return self.repositories[url]

    def open(self, url: str) -> MemoryRepository:
        if url not in self.repositories:
            raise NotFoundError(f"there is no repository {url}", code="SOURCE_NOT_FOUND")
        return self.repositories[url]


def context(forge: MemoryForge, source: SourceClaim | None = None) -> Context:
    """Return a context that can reach ``forge`` and nothing else."""
    unused: object = object()
    return Context(
        now=EPOCH,
        transport=unused,  # type: ignore[arg-type]
        registries=unused,  # type: ignore[arg-type]
        forge=forge,
        progress=Silence(),
        anchors=Anchors(),
        source=source,
    )


def artifact(files: Files, *, claims: tuple[SourceClaim, ...], published: datetime | None, git_head: str) -> Artifact:
    """Return a package's archive with these files; name and version are those of its package.json."""
    contents = {path: as_bytes(content) for path, content in files.items()}
    manifest = json.loads(contents["package.json"])
    package = Package(
        name=manifest["name"],
        version=manifest["version"],
        published=published,
        claims=claims,
        release=Release(version=manifest["version"], published=published, git_head=git_head),
    )
    entries = tuple(
        FileEntry(path=path, size=len(data), digest=Digest.of(data), blob=blob_id(data))
        for path, data in sorted(contents.items())
    )
    return admit_unclaimed(package, b"the archive", "a test", lambda _: Listing(files=entries, contents=contents))
