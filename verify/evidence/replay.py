"""Answering from a recording: the same questions get the same answers, with no network and no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError, UnavailableError
from provenly.trust.roots.embedded import NPM_REGISTRY
from provenly.trust.roots.material import Material
from provenly.trust.source import TreeEntry
from provenly.verify.context import LineCommit, ManifestCommit, Refs, Repository, Response
from provenly.verify.evidence.evidence_reader import SavedRepository
from provenly.verify.evidence.recording import TREE, TRUSTED_ROOT, Exchange, Refusal
from provenly.verify.forge.repository_bundle import BundleRepository, open_bundle
from provenly.verify.graph.resolver import Root

Answer = TypeVar("Answer")


def _unasked(what: str) -> UnavailableError:
    return UnavailableError(
        f"the evidence folder has no answer for {what}",
        code="EVIDENCE_MISSING",
        hint="The folder was made by another version of provenly or for another question: save the evidence again.",
    )


class ReplayTransport:
    """A :class:`provenly.verify.context.Transport` that answers from saved exchanges."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = {(exchange.url, exchange.accept): exchange.answer for exchange in exchanges}

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        """Return the saved document."""
        del fresh
        answer = self._answer(url, accept, what)
        if not isinstance(answer, Response):
            raise _unasked(what)
        if len(answer.body) > max_bytes:
            raise MalformedError(f"{what} has more than {max_bytes:,} bytes", code="NET_TOO_LARGE")
        return answer

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        """Return the saved archive; whether it is the expected one, the caller decides, as ever."""
        del expected
        answer = self._answer(url, "", what)
        if not isinstance(answer, bytes):
            raise _unasked(what)
        if len(answer) > max_bytes:
            raise MalformedError(f"{what} has more than {max_bytes:,} bytes", code="NET_TOO_LARGE")
        return answer

    def _answer(self, url: str, accept: str, what: str) -> Response | bytes:
        answer = self._exchanges.get((url, accept))
        if answer is None:
            raise _unasked(what)
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer


class ReplayResolver:
    """A :class:`~provenly.verify.graph.resolver.Resolver` that answers as npm did when the evidence was saved."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._answer = next((exchange.answer for exchange in exchanges if exchange.url == TREE), None)

    def resolve(self, root: Root) -> bytes:
        """Return the saved answer; whether it is about the package, who reads it sees."""
        if isinstance(self._answer, Refusal):
            raise self._answer.error()
        if not isinstance(self._answer, bytes):
            raise _unasked(f"the dependencies of {root.name}")
        return self._answer


class ReplayAnchors:
    """A :class:`provenly.verify.context.Anchors` of saved documents: those of this machine play no part."""

    def __init__(self, anchors: Mapping[str, Material | Refusal]) -> None:
        self._anchors = anchors

    def trusted_root(self) -> Material:
        """Return the saved trusted root."""
        return self._answer(TRUSTED_ROOT, "the trusted root")

    def registry_keys(self, registry: str) -> Material:
        """Return the saved keys of a registry."""
        return self._answer(registry, f"the keys of {registry}")

    def npm_keys(self) -> Material:
        """Return the saved keys of npm."""
        return self.registry_keys(NPM_REGISTRY)

    def _answer(self, name: str, what: str) -> Material:
        answer = self._anchors.get(name)
        if answer is None:
            raise _unasked(what)
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer


class ReplayRepository:
    """A repository from a saved bundle, which refuses again what it refused when it was recorded."""

    def __init__(self, saved: SavedRepository) -> None:
        self.url = saved.url
        self._saved = saved
        self._opened: BundleRepository | None = None

    def close(self) -> None:
        """Remove the temporary folder that the bundle was unpacked in."""
        if self._opened is not None:
            self._opened.close()

    def refs(self) -> Refs:
        """Return its branches and tags."""
        return self._replay("refs", lambda inner: inner.refs())

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        """Return every file of a commit by path."""
        return self._replay(f"tree {commit}", lambda inner: inner.tree(commit))

    def expect(self, commits: Iterable[str]) -> None:
        """Do nothing: what was asked for is here."""

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs."""
        wanted = tuple(ids)
        return self._replay(f"blobs {' '.join(sorted(wanted))}", lambda inner: inner.blobs(wanted))

    def contained(self, commit: str) -> Sequence[str]:
        """Return the branches and tags that lead to ``commit``."""
        return self._replay(f"contained {commit}", lambda inner: inner.contained(commit))

    def history(self, path: str) -> Sequence[ManifestCommit]:
        """Return the commits that changed ``path``."""
        return self._replay(f"history {path}", lambda inner: inner.history(path))

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        """Return the default branch around a commit."""
        return self._replay(f"line {around} {directory}", lambda inner: inner.line(directory, around))

    def _replay(self, question: str, ask: Callable[[Repository], Answer]) -> Answer:
        if question in self._saved.refusals:
            raise self._saved.refusals[question].error()
        if self._opened is None:
            if self._saved.bundle is None:
                raise _unasked(f"the repository {self.url}")
            self._opened = open_bundle(self._saved.bundle)
        return ask(self._opened)


class ReplayForge:
    """A :class:`provenly.verify.context.Forge` of saved repositories."""

    def __init__(self, repositories: Mapping[str, Repository]) -> None:
        self._repositories = repositories

    def open(self, url: str) -> Repository:
        """Return the saved repository."""
        if url not in self._repositories:
            raise _unasked(f"the repository {url}")
        return self._repositories[url]
