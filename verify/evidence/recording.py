"""Remembering what a verification consulted, so that it can be saved and replayed.

A recorder stands in front of the real transport and forge and passes everything on: answers and refusals alike, since
"there is none" and "could not look" decide a verdict as much as a document does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError, RejectedError, UnavailableError
from provenly.trust.roots.embedded import NPM_REGISTRY
from provenly.trust.roots.material import Material
from provenly.trust.source import TreeEntry
from provenly.verify.context import Anchors, Forge, LineCommit, ManifestCommit, Refs, Repository, Response, Transport
from provenly.verify.graph.resolver import Resolver, Root

Answer = TypeVar("Answer")

TRUSTED_ROOT: Final = ""
"""What the trusted root is recorded as, among keys of registries by their URLs."""

TREE: Final = "tree:"
"""The URL under which the resolved tree of dependencies is saved."""

KINDS: Mapping[str, type[Error]] = {
    "not-found": NotFoundError,
    "unavailable": UnavailableError,
    "malformed": MalformedError,
    "rejected": RejectedError,
}
"""The refusals that can be recorded, by the name under which they are saved."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An error as it is saved.

    :param kind: a key of :data:`KINDS`.
    """

    kind: str
    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: Error) -> Refusal:
        """Return the refusal for ``error``."""
        kind = next(name for name, branch in KINDS.items() if isinstance(error, branch))
        return cls(kind=kind, code=error.code, message=error.message, hint=error.hint)

    def error(self) -> Error:
        """Return the error again."""
        return KINDS[self.kind](self.message, code=self.code, hint=self.hint)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and its answer.

    :param url: what was asked for.
    :param accept: the media type that was asked for; empty for a download.
    :param answer: the response, the downloaded bytes, or the refusal.
    """

    url: str
    accept: str
    answer: Response | bytes | Refusal


@dataclass(kw_only=True, slots=True)
class Recorder:
    """Everything that one verification consulted, in the order in which it was first asked for.

    :ivar anchors: documents of trust: keys by the registry's base URL, the trusted root by :data:`TRUSTED_ROOT`.
    """

    exchanges: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    anchors: dict[str, Material | Refusal] = field(default_factory=dict)
    repositories: dict[str, RecordingRepository] = field(default_factory=dict)


class RecordingTransport:
    """A :class:`Transport` that remembers."""

    def __init__(self, inner: Transport, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        """Pass the request on. Of several answers to one question the last one is what the checks went by."""
        return self._remember(
            url, accept, lambda: self._inner.get(url, accept=accept, max_bytes=max_bytes, what=what, fresh=fresh)
        )

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        """Pass the request on."""
        return self._remember(
            url, "", lambda: self._inner.download(url, expected=expected, max_bytes=max_bytes, what=what)
        )

    def _remember(self, url: str, accept: str, ask: Callable[[], _Document]) -> _Document:
        try:
            answer = ask()
        except (UnavailableError, MalformedError, RejectedError) as error:
            self._recorder.exchanges[url, accept] = Exchange(url=url, accept=accept, answer=Refusal.of(error))
            raise
        self._recorder.exchanges[url, accept] = Exchange(url=url, accept=accept, answer=answer)
        return answer


_Document = TypeVar("_Document", Response, bytes)


class RecordingResolver:
    """A :class:`~provenly.verify.graph.resolver.Resolver` that remembers what was resolved."""

    def __init__(self, inner: Resolver, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def resolve(self, root: Root) -> bytes:
        """Pass the question on. The documents behind the answer are not saved: the answer names their digests."""
        try:
            answer = self._inner.resolve(root)
        except (UnavailableError, MalformedError, RejectedError) as error:
            self._recorder.exchanges[TREE, ""] = Exchange(url=TREE, accept="", answer=Refusal.of(error))
            raise
        self._recorder.exchanges[TREE, ""] = Exchange(url=TREE, accept="", answer=answer)
        return answer


class RecordingAnchors:
    """An :class:`Anchors` that remembers which documents of trust were asked for."""

    def __init__(self, inner: Anchors, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def trusted_root(self) -> Material:
        """Return the trusted root of the Sigstore instance in use."""
        return self._remember(TRUSTED_ROOT, self._inner.trusted_root)

    def registry_keys(self, registry: str) -> Material:
        """Return the keys of a registry."""
        return self._remember(registry, lambda: self._inner.registry_keys(registry))

    def npm_keys(self) -> Material:
        """Return npm's own keys, which are asked for only where the registry in use is another one."""
        return self._remember(NPM_REGISTRY, self._inner.npm_keys)

    def _remember(self, name: str, ask: Callable[[], Material]) -> Material:
        try:
            answer = ask()
        except (UnavailableError, MalformedError, RejectedError) as error:
            self._recorder.anchors[name] = Refusal.of(error)
            raise
        self._recorder.anchors[name] = answer
        return answer


class RecordingForge:
    """A :class:`Forge` that remembers which repositories were opened."""

    def __init__(self, inner: Forge, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def open(self, url: str) -> Repository:
        """Open a repository, once for each URL: what it consulted is saved as a whole."""
        known = self._recorder.repositories.get(url)
        if known is None:
            known = RecordingRepository(self._inner.open(url))
            self._recorder.repositories[url] = known
        return known


class RecordingRepository:
    """A :class:`Repository` that remembers what it refused. What it answered, the repository itself can export."""

    def __init__(self, inner: Repository) -> None:
        self.inner = inner
        self.url = inner.url
        self.refusals: dict[str, Refusal] = {}

    def refs(self) -> Refs:
        """Return its branches and tags."""
        return self._remember("refs", self.inner.refs)

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        """Return every file of a commit by path."""
        return self._remember(f"tree {commit}", lambda: self.inner.tree(commit))

    def expect(self, commits: Iterable[str]) -> None:
        """Pass it on; there is nothing to remember."""
        self.inner.expect(commits)

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs."""
        wanted = tuple(ids)
        return self._remember(f"blobs {' '.join(sorted(wanted))}", lambda: self.inner.blobs(wanted))

    def contained(self, commit: str) -> Sequence[str]:
        """Return the branches and tags that lead to ``commit``."""
        return self._remember(f"contained {commit}", lambda: self.inner.contained(commit))

    def history(self, path: str) -> Sequence[ManifestCommit]:
        """Return the commits that changed ``path``."""
        return self._remember(f"history {path}", lambda: self.inner.history(path))

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        """Return the default branch around a commit."""
        return self._remember(f"line {around} {directory}", lambda: self.inner.line(directory, around))

    def _remember(self, question: str, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except (UnavailableError, MalformedError, RejectedError) as error:
            self.refusals[question] = Refusal.of(error)
            raise
