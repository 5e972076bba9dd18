"""Where the objects of one source repository are kept: bare repositories in a folder of the cache.

A source repository has several, because git believes that whoever has a commit has all that the filter of the fetch
promised: trees asked for after commits-only history into the same repository never come (measured with git 2.39)::

    content.git   commits at depth one with all their trees, and the blobs that were read
    history.git   commits only, of all branches and tags: what leads to what
    paths-N.git   commits of the default branch with N levels of trees: when a file changed
    refs.json     the branches and tags as they were last read

Objects never change and are named by their content, so what is here is never stale; refs are, and are read again on
every run. Every use holds the cache's lock: a second process waits, and finds what the first one fetched. Files that a
failed or killed fetch left behind are deleted before the lock is given up. What the cache holds is trusted as far as
the folder is private to the user; blobs are hashed again whenever they are read.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from provenly.trust import strict_json
from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.model import Note
from provenly.verify.context import Refs
from provenly.verify.forge import git_errors, git_profile
from provenly.verify.forge.git_mirrors import Address
from provenly.verify.forge.git_parse import OID
from provenly.verify.git import Git, bare_skeleton

Answer = TypeVar("Answer")

KIND: Final = "git"
"""The name of git's folders in the cache."""

MAX_REFS_FILE: Final = 16 << 20
"""Bytes of ``refs.json``: 50,000 refs with names of 250 bytes."""

_CONFIG: Final = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tlogAllRefUpdates = false\n"
_FETCH: Final = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
    *("--no-recurse-submodules", "--no-auto-maintenance", "--no-show-forced-updates"),
)
_WITHOUT_FSCK: Final = ("transfer.fsckObjects=false", "fetch.fsckObjects=false")


class Folders(Protocol):
    """What is needed of :class:`provenly.verify.network.cache.Cache`."""

    def folder(self, kind: str, key: str) -> Path:
        """Return a private folder for ``key``."""

    def lock(self, kind: str, key: str, *, seconds: float = 300) -> AbstractContextManager[None]:
        """Hold that folder against other processes and threads."""


@dataclass(kw_only=True, slots=True)
class Store:
    """The bare repositories of one source repository.

    :param cache: gives the folder and its lock.
    :param address: where the repository is read from.
    :param offline: whether only this machine may be read.
    :param proxy: an explicit proxy for git, or empty.
    :param ca_file: certificate authorities (PEM) for git instead of the system's, or empty.
    :param seconds: what one network command may take.
    :param max_pack: bytes of one pack that git may write.
    :param notes: what was odd on the way.
    """

    cache: Folders
    address: Address
    offline: bool = False
    proxy: str = ""
    ca_file: str = ""
    seconds: float = git_profile.WALL_SECONDS
    max_pack: int = git_profile.MAX_PACK
    notes: list[Note] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the cache finds the folder by: a repository and where it is read from."""
        return f"{self.address.url}\n{self.address.target}"

    @contextlib.contextmanager
    def held(self) -> Iterator[Path]:
        """Hold the folder against others while it is used, and give its path.

        :raises UnavailableError: others held it too long (``CACHE_LOCKED``), or the disk refuses (``CACHE_FOLDER``).
        """
        try:
            with self.cache.lock(KIND, self.key):
                yield self.cache.folder(KIND, self.key)
        except OSError as error:
            message = f"git's folder in the cache cannot be used: {error.strerror or error}"
            hint = "Free some space, or name another folder with --cache."
            raise UnavailableError(message, code="CACHE_FOLDER", hint=hint) from error

    def ask(self, name: str, question: Callable[[Git], Answer]) -> Answer:
        """Ask a question of the bare repository ``name``; where that is damaged, ask a fresh one once more."""
        with self.held() as folder:
            try:
                return question(self.git(folder, name))
            except UnavailableError as error:
                if error.code not in {"GIT_FAILED", "SOURCE_CACHE"}:
                    raise
                self.notes.append(Note(code="CACHE_POISONED", text=f"{error.message}; it is fetched again", where=name))
                shutil.rmtree(folder / f"{name}.git")
                return question(self.git(folder, name))

    def git(self, folder: Path, name: str) -> Git:
        """Return a runner for the bare repository ``name``, which is made where it is not there yet."""
        home, path = folder / "home", folder / f"{name}.git"
        home.mkdir(mode=0o700, exist_ok=True)
        if not (path / "config").exists():
            shutil.rmtree(path, ignore_errors=True)
            bare_skeleton(path)
            (path / "config").write_text(_CONFIG, encoding="ascii")
        config = None
        if self.address.local:
            config = folder / "gitconfig"
            quoted = self.address.target.replace("\\", "\\\\").replace('"', '\\"')
            config.write_text(git_profile.LOCAL_CONFIG.format(directory=f'"{quoted}"'), encoding="utf-8")
        return Git(
            git_dir=path,
            home=home,
            protocol=self.address.protocol,
            config=config,
            proxy=self.proxy,
            ca_file=self.ca_file,
            max_file=self.max_pack,
        )

    def require_network(self) -> None:
        """Refuse to go on where the repository is not on this machine and the user wants to stay offline.

        :raises UnavailableError: ``OFFLINE``.
        """
        if self.offline and not self.address.local:
            raise UnavailableError(
                f"{self.address.url} is not in the cache as far as it is needed, and the network is not to be used",
                code="OFFLINE",
                hint="Run once without --offline, or name a mirror on this machine with --git-mirror.",
            )

    def list_refs(self, git: Git, *options: str, max_output: int) -> bytes:
        """Return what ``git ls-remote`` prints.

        :raises UnavailableError: as :func:`~.git_errors.failure`.
        :raises MalformedError: as :func:`~.git_errors.failure`, or more than ``max_output`` bytes (``SOURCE_LIMIT``).
        """
        self.require_network()
        arguments = ("ls-remote", "--quiet", *options, "--end-of-options", self.address.git_url)
        result = git.run(*arguments, network=True, max_output=max_output, seconds=self.seconds)
        if result.status:
            raise git_errors.failure(result, f"cannot read the branches and tags of {self.address.url}")
        return result.output

    def fetch(
        self,
        git: Git,
        *refspecs: str,
        options: Iterable[str],
        what: str,
        ids: Iterable[str] = (),
        settings: Iterable[str] = (),
    ) -> None:
        """Fetch into a bare repository.

        :param refspecs: with full names or ids on both sides.
        :param options: further options of git-fetch(1).
        :param what: what is fetched, for messages.
        :param ids: objects to fetch by id.
        :param settings: further ``key=value`` configuration.
        :raises UnavailableError: as :func:`~.git_errors.failure`.
        :raises MalformedError: as :func:`~.git_errors.failure`.
        """
        self.require_network()
        lines = [f"{oid}\n".encode() for oid in ids]
        command = (*_FETCH, *options, *(["--stdin"] if lines else []), "--end-of-options", self.address.git_url)
        where = f"cannot fetch {what} of {self.address.url}"
        folder = git.git_dir
        if folder is None:
            raise ValueError(git)
        try:
            for extra in ((), _WITHOUT_FSCK):
                result = git.run(
                    *(*command, *refspecs),
                    network=True,
                    stdin=lines,
                    settings=(*settings, *extra),
                    seconds=self.seconds,
                )
                if result.status == 0:
                    break
                if extra or not git_errors.ZERO_PADDED.search(result.messages.decode("utf-8", "replace")):
                    raise git_errors.failure(result, where)
            if extra:
                self._excuse_zero_padding(git, folder, where)
        finally:
            clean(folder)

    def _excuse_zero_padding(self, git: Git, folder: Path, where: str) -> None:
        """Check what was fetched without checks, for everything but zero-padded modes; delete it where that fails.

        A filtered fetch cannot be told to pass over one check (git 2.39 drops ``fetch.fsck.*`` for it).
        """
        excuse = ("fsck.zeroPaddedFilemode=ignore",)
        result = git.run("fsck", "--strict", "--no-dangling", "--no-progress", settings=excuse, seconds=self.seconds)
        if result.status:
            shutil.rmtree(folder)
            raise git_errors.failure(result, where)
        text = "its trees have zero-padded file modes, as old tools wrote them; that one check was switched off"
        self.notes.append(Note(code="SOURCE_ZERO_PADDED", text=text, where=self.address.url))


def clean(git_dir: Path) -> None:
    """Delete what a fetch that did not end well left behind. The caller holds the lock, so nobody writes now."""
    leftovers = [*git_dir.glob("objects/pack/tmp_*"), *git_dir.glob("objects/pack/.tmp*"), *git_dir.rglob("*.lock")]
    for path in leftovers:
        path.unlink(missing_ok=True)
    for path in (*git_dir.glob("objects/tmp_objdir-*"), *git_dir.glob("objects/incoming-*")):
        shutil.rmtree(path, ignore_errors=True)


def dump_refs(refs: Refs) -> dict[str, object]:
    """Return branches and tags as JSON values."""
    return {
        "default": refs.default,
        "heads": dict(sorted(refs.heads.items())),
        "tags": dict(sorted(refs.tags.items())),
        "refused": refs.refused,
    }


def load_refs(value: strict_json.Json) -> Refs:
    """Return the branches and tags that :func:`dump_refs` wrote.

    :raises MalformedError: it is not what we write (``SOURCE_RECORD``).
    """
    if not isinstance(value, Mapping):
        raise _bad_record()
    default, refused = value.get("default"), value.get("refused")
    if not isinstance(default, str) or not isinstance(refused, int) or refused < 0:
        raise _bad_record()
    return Refs(default=default, heads=_targets(value.get("heads")), tags=_targets(value.get("tags")), refused=refused)


def _targets(value: strict_json.Json) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _bad_record()
    targets = {name: target for name, target in value.items() if isinstance(target, str) and OID.fullmatch(target)}
    if len(targets) != len(value):
        raise _bad_record()
    return MappingProxyType(targets)


def _bad_record() -> Error:
    return MalformedError("the record of a repository's branches and tags is not one of ours", code="SOURCE_RECORD")


def encode(value: object) -> bytes:
    """Return a record as bytes, always the same for the same record."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
