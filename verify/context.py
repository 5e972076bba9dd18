"""What a verification looks with: the seams through which the network and git are reached, and the settings.

The protocols here are what the rest of ``verify`` sees of its surroundings. The real ones are in
:mod:`~provenly.verify.transport` and :mod:`~provenly.verify.git`; a replay from an evidence folder brings its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from provenly.trust.digest import Digest
from provenly.trust.model import SourceClaim
from provenly.trust.source import TreeEntry
from provenly.verify.graph.model import Depth

if TYPE_CHECKING:
    from provenly.trust.roots.material import Material
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.esbuild.esbuild import Esbuild
    from provenly.verify.graph.resolver import Resolver
    from provenly.verify.network.cache import Cache
    from provenly.verify.tracing.isolates import Tracers


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer to an HTTP request.

    :param url: the URL that answered.
    :param body: the body as sent; never decompressed.
    :param content_type: the media type, without parameters, in lower case.
    :param fetched: when it was fetched, from the cache or from the network.
    """

    url: str
    body: bytes
    content_type: str
    fetched: datetime


class Transport(Protocol):
    """Reads documents and archives. Both methods raise the same errors.

    :raises NotFoundError: the server answered that there is no such thing (404, 410).
    :raises UnavailableError: no answer, or one that says nothing: no network, time-out, 401, 403, 429, 5xx, offline.
    :raises MalformedError: too large, truncated, an unasked redirect or encoding.
    """

    def get(self, url: str, *, accept: str, max_bytes: int, what: str, fresh: bool = False) -> Response:
        """Return the document at ``url``, from the cache where that is recent enough or the network is off.

        :param fresh: whether the other side is asked even where the cache's answer is recent.
        """

    def download(self, url: str, *, expected: Digest | None, max_bytes: int, what: str) -> bytes:
        """Return the archive at ``url``. ``expected`` finds it in the cache; whether it matches, the caller decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refs:
    """The branches and tags of a repository. Pull request refs are not among them: anybody can make those.

    :param default: the name of the default branch, or empty.
    :param heads: branch name → commit.
    :param tags: tag name → the commit it leads to; annotated tags are peeled.
    :param refused: how many refs had names or targets that we do not accept.
    """

    default: str
    heads: Mapping[str, str]
    tags: Mapping[str, str]
    refused: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestCommit:
    """A commit at which a file has a certain content.

    :param commit: the commit.
    :param time: its committer time.
    :param blob: the object id that the file has at this commit.
    """

    commit: str
    time: datetime
    blob: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LineCommit:
    """A commit of the default branch's first-parent line, with the state of one of its folders.

    :param commit: the commit.
    :param time: its committer time.
    :param state: equal for commits that have the same sources in the folder and the same build settings above it; empty
        where the folder is not there. Documents and folders with a dot do not count.
    """

    commit: str
    time: datetime
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """A commit as its history lists it. Whoever made it chose the name, the time and the words.

    :param commit: its id.
    :param time: its committer time.
    :param author: the author's name.
    :param subject: the first line of its message.
    """

    commit: str
    time: datetime
    author: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """What lies between two commits.

    :param commits: those that only the later one has, the newest first; a part of them where they are many.
    :param count: how many those are.
    :param undone: how many commits only the earlier one has: it is no ancestor of the later one.
    """

    commits: tuple[Commit, ...]
    count: int
    undone: int


class Repository(Protocol):
    """A source repository. What is not here yet is fetched when it is asked for.

    :raises NotFoundError: the repository, commit or object does not exist there.
    :raises UnavailableError: it could not be reached, or may not be read.
    :raises MalformedError: git refused its objects, or a limit was reached.
    """

    url: str

    def refs(self) -> Refs:
        """Return its branches and tags."""

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        """Return every file of a commit by path."""

    def expect(self, commits: Iterable[str]) -> None:
        """Be told that the trees of these commits are asked for next: one request may serve for all. Never fails."""

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs; ids that are over the size limit are left out of the answer."""

    def contained(self, commit: str) -> Sequence[str]:
        """Return the full names of branches and tags (``refs/heads/…``) that lead to ``commit``; empty for none."""

    def history(self, path: str) -> Sequence[ManifestCommit]:
        """Return the commits of the default branch's first-parent line that changed ``path``, the newest first."""

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        """Return the default branch's first-parent line around a commit, the newest first.

        :param directory: the folder whose state is asked for, ``""`` for the root.
        :returns: nothing where the commit is not on that line.
        """


@runtime_checkable
class Historian(Protocol):
    """A repository that can list commits. One that is replayed from saved evidence cannot."""

    def between(self, earlier: str, later: str) -> Between:
        """Return the commits that ``later`` has and ``earlier`` has not.

        :raises UnavailableError: as :class:`Repository`; or no branch or tag leads to one (``SOURCE_UNREACHABLE``).
        :raises MalformedError: as :class:`Repository`.
        """


class Forge(Protocol):
    """Opens repositories by their canonical URL, through mirrors where the user named some."""

    def open(self, url: str) -> Repository:
        """Return the repository; whether it exists shows at its first use."""


class Progress(Protocol):
    """Tells the user that something takes time. Implementations are silent where nobody watches."""

    def step(self, text: str) -> None:
        """Say what is being done now."""

    def advance(self, done: int, total: int | None) -> None:
        """Say how many bytes of the current step are done."""


class Silence:
    """A :class:`Progress` for where nobody watches."""

    def step(self, text: str) -> None:
        """Say nothing."""

    def advance(self, done: int, total: int | None) -> None:
        """Say nothing."""


class Registries(Protocol):
    """Which registry serves a package."""

    def base(self, name: str) -> str:
        """Return the base URL, without a slash at its end, of the registry that serves the package ``name``."""


class Anchors(Protocol):
    """What is believed from the start: documents of trust as bytes, with their origin."""

    def trusted_root(self) -> Material:
        """Return the trusted root of the Sigstore instance in use."""

    def registry_keys(self, registry: str) -> Material:
        """Return the keys of the registry with this base URL.

        :raises UnavailableError: none are known (``TRUST_NO_KEYS``).
        """

    def npm_keys(self) -> Material:
        """Return npm's own keys, whatever the user named for the registry in use: mirrors pass npm's signatures on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """Everything that a verification looks with.

    :param now: the reference time; nothing in provenly reads a clock while it verifies.
    :param anchors: the trusted root and the keys of registries.
    :param attestations: an attestation document that the user obtained elsewhere, or ``None`` to ask the registry.
    :param source: the source that the user named instead of the package's own claims, or ``None``.
    :param compilers: makes JavaScript of TypeScript, or ``None`` where nothing is to be compiled.
    :param esbuild: makes bundles of sources, or ``None`` where nothing is to be compiled.
    :param tracers: takes bundles apart, or ``None`` where nothing is to be traced.
    :param prints: where what tracing finds in the code of npm packages is kept, or ``None`` to keep nothing.
    :param offline: whether only caches, files and mirrors on this machine may be read.
    :param depth: how much of the tree of dependencies is looked at.
    :param resolver: finds out what an installation brings along, or ``None`` where nothing can.
    :param before: the moment as of which ranges are resolved, or ``None`` for now.
    """

    now: datetime
    transport: Transport
    registries: Registries
    forge: Forge
    progress: Progress
    anchors: Anchors
    attestations: bytes | None = None
    source: SourceClaim | None = None
    compilers: Compilers | None = None
    esbuild: Esbuild | None = None
    tracers: Tracers | None = None
    prints: Cache | None = None
    offline: bool = False
    depth: Depth = Depth.NONE
    resolver: Resolver | None = None
    before: datetime | None = None
