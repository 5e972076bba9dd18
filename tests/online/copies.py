"""Real packages beside copies of their repositories at known commits: what tracing gets in a verification, and no more.

``PROVENLY_TEST_MIRROR`` is a ``--git-mirror`` mapping that leads to the copies.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.artifact import Artifact, FileEntry, Listing, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.model import Claimant, SourceClaim
from provenly.trust.source import FoundBy, Source, TreeEntry
from provenly.verify import surroundings
from provenly.verify.comparison.surface import survey
from provenly.verify.context import Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.explain.scene import Scene, Tools
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate
from provenly.verify.references import reference
from provenly.verify.registry import npm
from provenly.verify.tarball import artifact
from tests.verify.explain.scenes import blob_id

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")


@dataclass(frozen=True, kw_only=True)
class Real:
    """A package, and the commit that it was made of.

    :param package: ``name@version``.
    :param project: where its repository is: owner and name.
    :param directory: the folder of the package in it.
    """

    package: str
    project: str
    commit: str
    directory: str = ""

    def __str__(self) -> str:
        return self.package

    @property
    def copy(self) -> Path:
        """The copy of its repository; the test is skipped where there is none."""
        found = locate(f"https://github.com/{self.project}", [Mirror.parse(MIRROR)], FORGES) if MIRROR else None
        if found is None or not found.local or not Path(found.target).is_dir():
            pytest.skip(f"no copy of {self.project}")
        return Path(found.target)


class Objects:
    """A commit of a copy, in which files may be other ones than they are.

    :param changes: path → other bytes.
    """

    def __init__(self, real: Real, changes: Mapping[str, bytes]) -> None:
        self.url = f"https://github.com/{real.project}"
        self._copy = real.copy
        self._changed = {blob_id(data): data for data in changes.values()}
        self.tree: dict[str, TreeEntry] = {}
        for line in self._git("ls-tree", "-r", "-z", real.commit).decode().split("\0")[:-1]:
            attributes, path = line.split("\t")
            mode, _, blob = attributes.split(" ")
            self.tree[path] = TreeEntry(mode=mode, blob=blob_id(changes[path]) if path in changes else blob)

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["git", "-C", str(self._copy), *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of objects."""
        wanted = list(dict.fromkeys(ids))
        found = {blob: self._changed[blob] for blob in wanted if blob in self._changed}
        asked = [blob for blob in wanted if blob not in found]
        answer = self._git("cat-file", "--batch", given="".join(f"{blob}\n" for blob in asked).encode())
        at = 0
        for blob in asked:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            at = end + 1
            if words[-1] == b"missing":
                continue
            size = int(words[2])
            found[blob] = answer[at : at + size]
            at += size + 1
        return found


class Bench:
    """The tools of a verification, and the archives of the public registry."""

    def __init__(self, context: surroundings.Context) -> None:
        self._context = context
        self._artifacts: dict[str, Artifact] = {}
        self.tools = Tools(
            compilers=context.compilers,
            esbuild=context.esbuild,
            dependencies=Dependencies(context),
            tracers=context.tracers,
            prints=context.prints,
        )

    def artifact(self, real: Real) -> Artifact:
        """Return the package as the registry has it."""
        if real.package not in self._artifacts:
            package = npm.resolve(reference.parse(real.package), self._context)
            self._artifacts[real.package] = artifact.acquire(package, self._context)
        return self._artifacts[real.package]

    def scene(
        self, real: Real, packed: Mapping[str, bytes] | None = None, changes: Mapping[str, bytes] | None = None
    ) -> Scene:
        """Return the scene of a package in which packed files, or files of its repository, are other ones."""
        item = self.artifact(real)
        if packed:
            contents = {**item.contents, **packed}
            modes = {entry.path: entry.mode for entry in item.files}
            entries = tuple(
                FileEntry(
                    path=path, size=len(data), digest=Digest.of(data), blob=blob_id(data), mode=modes.get(path, 0o644)
                )
                for path, data in sorted(contents.items())
            )
            listing = Listing(files=entries, contents=contents)
            item = admit_unclaimed(item.package, b"the archive", "a test", lambda _: listing)
        objects = Objects(real, changes or {})
        source = Source(
            claim=SourceClaim(claimant=Claimant.USER, text=objects.url, repository=objects.url),
            repository=objects.url,
            commit=real.commit,
            found_by=FoundBy.TAG,
            directory=real.directory,
            candidates=(),
            tree=objects.tree,
        )
        surface = survey(item.contents, {entry.path: entry.mode for entry in item.files})
        return Scene.of(item, source, surface, objects, self.tools)


@contextmanager
def bench(cache: Path) -> Iterator[Bench]:
    """Give the tools of a verification, with a cache of their own."""
    now = datetime.now(tz=UTC)
    with surroundings.opened(surroundings.Surroundings(cache=str(cache)), now, now, Silence()) as opened:
        yield Bench(opened.context)
