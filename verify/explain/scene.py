"""What the explainers look at: a package, the tree of its source, and the bytes of both."""

from __future__ import annotations

import math
import posixpath
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from provenly.trust.artifact import Artifact, FileEntry
from provenly.trust.errors import NotFoundError
from provenly.trust.evidence import Explanation, FileClass
from provenly.trust.source import Source
from provenly.verify.comparison.surface import Surface
from provenly.verify.context import Progress, Repository, Silence

if TYPE_CHECKING:
    from provenly.verify.compiler.compilers import Compilers
    from provenly.verify.dependencies.fetch import Dependencies
    from provenly.verify.esbuild.esbuild import Esbuild
    from provenly.verify.network.cache import Cache
    from provenly.verify.tracing.isolates import Tracers

REGULAR: Final = frozenset({"100644", "100755"})
"""The modes of files in a git tree. Symbolic links (120000) and submodules (160000) explain no packed file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a packed file should have been, according to an explainer that could not explain it.

    :param source: the path in the source that it is made of.
    :param data: the bytes that are made of it.
    :param how: what was done, to follow the path: "compiles to with TypeScript 5.9.3 by tsconfig.json"; empty where the
        source itself is expected.
    """

    source: str
    data: bytes = field(repr=False)
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What explainers may use besides the repository; each may be missing, and its explanations with it.

    :param compilers: makes JavaScript of TypeScript.
    :param esbuild: makes bundles of sources.
    :param dependencies: gets the npm packages that the lockfile of the source locks.
    :param tracers: takes code apart into statements.
    :param prints: where what is found in the code of npm packages is kept; ``None`` to keep nothing.
    :param progress: is told what takes time.
    :param until: when no further work is begun, on the clock of :func:`time.monotonic`.
    """

    compilers: Compilers | None = None
    esbuild: Esbuild | None = None
    dependencies: Dependencies | None = None
    tracers: Tracers | None = None
    prints: Cache | None = None
    progress: Progress = field(default_factory=Silence, repr=False)
    until: float = math.inf

    def end(self, seconds: float) -> float:
        """Return when work that may take ``seconds`` from now ends, at the latest."""
        return min(self.until, time.monotonic() + seconds)


NO_TOOLS: Final = Tools()
"""Nothing but the repository."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """A package beside its source.

    :param artifact: the package.
    :param source: the commit that it is compared with.
    :param surface: which of its files run, and which are led to.
    :param files: the regular files of the commit: path → object id.
    :param by_blob: the paths at which an object id is found, sorted.
    :param by_name: the paths that end in a file name, case folded, sorted.
    :param tools: what explainers may use besides the repository.
    :param expectations: what explainers found that files should have been: the base of the diffs that are shown.
    """

    artifact: Artifact
    source: Source
    surface: Surface
    files: Mapping[str, str] = field(repr=False)
    by_blob: Mapping[str, tuple[str, ...]] = field(repr=False)
    by_name: Mapping[str, tuple[str, ...]] = field(repr=False)
    tools: Tools = field(default=NO_TOOLS, repr=False)
    expectations: dict[str, Expected] = field(default_factory=dict, repr=False)
    _repository: Repository = field(repr=False)
    _bytes: dict[str, bytes | None] = field(default_factory=dict, repr=False)
    """What was read of the repository by object id, ``None`` for what is too large."""

    @classmethod
    def of(
        cls, artifact: Artifact, source: Source, surface: Surface, repository: Repository, tools: Tools = NO_TOOLS
    ) -> Self:
        """Return the scene of a comparison; nothing is read for it."""
        files = {path: entry.blob for path, entry in source.tree.items() if entry.mode in REGULAR}
        by_blob: dict[str, list[str]] = {}
        by_name: dict[str, list[str]] = {}
        for path in sorted(files):
            by_blob.setdefault(files[path], []).append(path)
            by_name.setdefault(posixpath.basename(path).casefold(), []).append(path)
        return cls(
            artifact=artifact,
            source=source,
            surface=surface,
            files=MappingProxyType(files),
            by_blob=MappingProxyType({blob: tuple(paths) for blob, paths in by_blob.items()}),
            by_name=MappingProxyType({name: tuple(paths) for name, paths in by_name.items()}),
            tools=tools,
            _repository=repository,
        )

    def beside(self, path: str) -> str:
        """Return where the source has the packed file ``path``, if it is where it should be."""
        return posixpath.join(self.source.directory, path)

    def inside(self, source_path: str) -> str | None:
        """Return ``source_path`` as seen from the package's directory; ``None`` where it lies outside of it."""
        if not self.source.directory:
            return source_path
        prefix = self.source.directory.rstrip("/") + "/"
        return source_path[len(prefix) :] if source_path.startswith(prefix) else None

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of source files by path, fetching those that were not read before in one request.

        :param paths: paths in the tree; those that are no regular files, and files over the repository's size limit,
            are left out of the answer.
        :raises NotFoundError, UnavailableError, MalformedError: as :class:`~provenly.verify.context.Repository`.
        """
        wanted = {path: self.files[path] for path in paths if path in self.files}
        missing = sorted({blob for blob in wanted.values() if blob not in self._bytes})
        if missing:
            found = self._repository.blobs(missing)
            self._bytes.update({blob: found.get(blob) for blob in missing})
        return {path: data for path, blob in wanted.items() if (data := self._bytes[blob]) is not None}

    def blob(self, path: str) -> bytes:
        """Return the bytes of one source file.

        :raises NotFoundError: it is no regular file of the tree, or over the repository's size limit.
        """
        data = self.read([path]).get(path)
        if data is None:
            raise NotFoundError(f"{path} at {self.source.commit} is no file that can be read", code="SOURCE_FILE")
        return data

    def content(self, entry: FileEntry) -> bytes:
        """Return the bytes of a packed file."""
        return self.artifact.contents[entry.path]

    def explanation(  # noqa: PLR0913 - the members of an Explanation, less those that the scene knows
        self,
        entry: FileEntry,
        file_class: FileClass,
        explainer: str,
        *,
        source: str = "",
        elsewhere: bool = False,
        detail: str = "",
    ) -> Explanation:
        """Return an explanation of a packed file, with what the surface knows about it filled in."""
        return Explanation(
            path=entry.path,
            size=entry.size,
            file_class=file_class,
            executable=entry.path in self.surface.executable,
            reachable=entry.path in self.surface.reachable,
            explainer=explainer,
            source=source,
            elsewhere=elsewhere,
            detail=detail,
        )
