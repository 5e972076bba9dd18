"""Source repositories, read with git: the refs, one commit's files, single blobs, and who leads to what.

Only what is asked for is fetched: for a comparison one commit without its parents and the trees below it, then the
blobs that differ; history without trees only where no branch or tag stands on the commit itself. Nothing is ever
checked out, so no hook, filter, attribute or submodule of the repository means anything here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from provenly.trust import strict_json
from provenly.trust.errors import MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import Note
from provenly.trust.source import TreeEntry
from provenly.trust.text import plural, show
from provenly.verify.context import Between, LineCommit, ManifestCommit, Refs
from provenly.verify.forge import (
    git_between,
    git_line,
    git_mirrors,
    git_objects,
    git_parse,
    git_profile,
    git_store,
)
from provenly.verify.forge.consulted import Consulted
from provenly.verify.forge.git_mirrors import Mirror
from provenly.verify.forge.git_store import Folders, Store
from provenly.verify.git import Git
from provenly.verify.network import files

_COMMIT: Final = ("--depth=1", "--filter=blob:none")
"""Options of a fetch: commits without their parents, and their trees without files."""

MAX_REFS_OUTPUT: Final = 16 << 20
"""Bytes of ``ls-remote``; pull requests are in it, of which large repositories have 100,000."""


class GitForge:
    """Opens repositories with git, through mirrors where the user named some.

    :param cache: :class:`provenly.verify.network.cache.Cache`, or what gives folders and locks like it.
    :param mirrors: ``PATTERN=TARGET`` options; the first that fits a repository's URL wins.
    :param allow_hosts: hosts to ask besides the well-known forges.
    :param offline: whether only this machine may be read: the cache, and mirrors that are paths.
    :param proxy: an explicit proxy; ambient ones are never used.
    :param ca_file: certificate authorities (PEM) instead of the system's.
    :param seconds: what one network command may take.
    :raises UsageError: a mirror makes no sense (``GIT_MIRROR``).
    """

    def __init__(  # noqa: PLR0913 - all but the first are options of the user
        self,
        cache: Folders,
        mirrors: Sequence[str] = (),
        *,
        allow_hosts: Sequence[str] = (),
        offline: bool = False,
        proxy: str = "",
        ca_file: str = "",
        seconds: float = git_profile.WALL_SECONDS,
    ) -> None:
        self._cache = cache
        self._mirrors = tuple(Mirror.parse(text) for text in mirrors)
        self._hosts = (*git_mirrors.FORGES, *allow_hosts)
        self._offline = offline
        self._proxy = proxy
        self._ca_file = ca_file
        self._seconds = seconds

    def open(self, url: str) -> GitRepository:
        """Return the repository with the canonical URL ``url``; whether it exists shows at its first use.

        :raises MalformedError: ``url`` is no canonical repository URL (``SOURCE_URL_REFUSED``).
        :raises UnavailableError: its host is none that we ask (``SOURCE_HOST``).
        """
        store = Store(
            cache=self._cache,
            address=git_mirrors.locate(url, self._mirrors, self._hosts),
            offline=self._offline,
            proxy=self._proxy,
            ca_file=self._ca_file,
            seconds=self._seconds,
        )
        return GitRepository(store)


class GitRepository:
    """A :class:`provenly.verify.context.Repository` that git reads.

    :param store: where its objects are kept.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.url = store.address.url
        self.consulted = Consulted()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was odd while it was fetched."""
        return tuple(self.store.notes)

    def refs(self) -> Refs:
        """Return its branches and tags, read once in each run; offline those that were read last."""
        if self.consulted.refs is None:
            self.consulted.refs = self.store.ask("content", self._read_refs)
        return self.consulted.refs

    def _read_refs(self, git: Git) -> Refs:
        folder = _folder(git).parent
        recorded = self._recorded_refs(folder) if self.store.offline else None
        if recorded is not None:
            return recorded
        try:
            output = self.store.list_refs(git, "--symref", max_output=MAX_REFS_OUTPUT)
        except MalformedError as error:
            if error.code != "SOURCE_LIMIT":
                raise
            # A server lists only what is asked for, but git asks for HEAD only together with all pull requests. Without
            # them the default branch has no name; its history is then read as HEAD.
            output = self.store.list_refs(git, "--heads", "--tags", max_output=MAX_REFS_OUTPUT)
        refs = git_parse.refs(output)
        if not refs.heads and not refs.tags:
            raise NotFoundError(
                f"{self.url} is empty: it has no branches and no tags",
                code="SOURCE_EMPTY",
                hint="Check the repository that the package names.",
            )
        files.write(folder / "refs.json", git_store.encode(git_store.dump_refs(refs)))
        return refs

    def _recorded_refs(self, folder: Path) -> Refs | None:
        try:
            data = files.read(folder / "refs.json", limit=git_store.MAX_REFS_FILE)
        except FileNotFoundError:
            return None
        if data is None:
            return None
        what = f"the record of the branches and tags of {self.url}"
        try:
            return git_store.load_refs(strict_json.loads(data, what=what, max_bytes=git_store.MAX_REFS_FILE))
        except MalformedError as error:
            self.store.notes.append(Note(code="CACHE_POISONED", text=f"{error.message}; they are read again"))
            return None

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        """Return every file of a commit by path.

        :raises MalformedError: ``commit`` is no commit (``SOURCE_NOT_COMMIT``), its tree is not what an honest
            repository has (``SOURCE_MALFORMED``), or is too large (``SOURCE_LIMIT``).
        """
        _require_id(commit)
        if commit not in self.consulted.files:
            listed = self.store.ask("content", lambda git: self._read_tree(git, commit))
            self.consulted.files[commit], self.consulted.trees[commit] = listed
        return self.consulted.files[commit]

    def _read_tree(self, git: Git, commit: str) -> tuple[Mapping[str, TreeEntry], tuple[str, ...]]:
        if not _ref_file(git, commit).exists():
            self._fetch_commit(git, commit)
            try:
                git_objects.require_commit(git, commit)
            except MalformedError:
                _ref_file(git, commit).unlink()
                raise
        return git_objects.files(git, commit)

    def expect(self, commits: Iterable[str]) -> None:
        """Fetch several commits and their trees in one request; whatever fails shows when they are asked for."""
        wanted = [commit for commit in commits if git_parse.OID.fullmatch(commit)]

        def have(git: Git) -> None:
            refspecs = [f"+{commit}:{_kept(commit)}" for commit in wanted if not _ref_file(git, commit).exists()]
            if refspecs:
                self.store.fetch(git, *refspecs, options=_COMMIT, what=plural(len(refspecs), "commit"))

        with suppress(UnavailableError, MalformedError):
            self.store.ask("content", have)

    def _fetch_commit(self, git: Git, commit: str) -> None:
        """Fetch a commit and its trees, by its id, or by a ref that stands on it where the server refuses ids."""
        what, options = f"commit {commit}", _COMMIT
        try:
            self.store.fetch(git, f"+{commit}:{_kept(commit)}", options=options, what=what)
        except NotFoundError:
            names = _standing_on(self.consulted.refs, commit) if self.consulted.refs else ()
            if not names:
                raise
            self.store.fetch(git, f"+{names[0]}^{{}}:{_kept(commit)}", options=options, what=what)
            if _ref_file(git, commit).read_text(encoding="ascii").strip() != commit:
                _ref_file(git, commit).unlink()
                raise

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs; those of more than :data:`~.git_objects.MAX_BLOB` are left out.

        :raises NotFoundError: the repository does not have one of them.
        :raises MalformedError: together they have more than :data:`~.git_objects.MAX_BLOBS` bytes (``SOURCE_LIMIT``).
        """
        wanted = sorted(set(ids))
        for oid in wanted:
            _require_id(oid)
        if not wanted:
            return {}
        found = self.store.ask("content", lambda git: self._read_blobs(git, wanted))
        self.consulted.blobs.update(found)
        self.consulted.omitted.update(set(wanted) - set(found))
        return found

    def _read_blobs(self, git: Git, wanted: Sequence[str]) -> dict[str, bytes]:
        found = git_objects.blobs_if_here(git, wanted)
        if found is not None:
            return found
        present = git_objects.present(git)
        if missing := [oid for oid in wanted if oid not in present]:
            # Without "noop" git would say which commits it has, and the server would leave their blobs out.
            options, settings = ("--filter=blob:none",), ("fetch.negotiationAlgorithm=noop",)
            self.store.fetch(git, options=options, what=plural(len(missing), "file"), ids=missing, settings=settings)
            present = git_objects.present(git)
        largest = git_objects.MAX_BLOB
        return git_objects.blobs(git, [oid for oid in wanted if present.get(oid, largest + 1) <= largest])

    def contained(self, commit: str) -> Sequence[str]:
        """Return the full names of branches and tags that lead to ``commit``; empty for none.

        Where the default branch or a tag stands on the commit itself, only what stands there is returned, and no
        history is fetched. A commit that can be fetched by its id need not be here: forges hand out those of forks and
        pull requests under the same URL.
        """
        _require_id(commit)
        if commit not in self.consulted.contained:
            self.consulted.contained[commit] = self._contained(self.refs(), commit)
        return self.consulted.contained[commit]

    def _contained(self, refs: Refs, commit: str) -> tuple[str, ...]:
        standing = _standing_on(refs, commit)
        if any(name.startswith("refs/tags/") or name == f"refs/heads/{refs.default}" for name in standing):
            return standing
        # Another branch that happens to stand there would hide that the default branch, which says more, leads there.
        try:
            return self.store.ask("history", lambda git: self._leading_to(refs, git, commit))
        except (UnavailableError, MalformedError):
            if not standing:
                raise
            return standing

    def between(self, earlier: str, later: str) -> Between:
        """Return the commits that ``later`` has and ``earlier`` has not; see :func:`.git_between.between`."""
        _require_id(earlier)
        _require_id(later)
        refs = self.refs()

        def read(git: Git) -> Between:
            git_between.have_history(self.store, git, refs)
            return git_between.between(git, earlier, later)

        return self.store.ask("history", read)

    def _leading_to(self, refs: Refs, git: Git, commit: str) -> tuple[str, ...]:
        git_between.have_history(self.store, git, refs)
        names = ("--format=%(refname)", f"--contains={commit}", "refs/heads", "refs/tags")
        result = git.run("for-each-ref", *names, max_output=MAX_REFS_OUTPUT)
        if result.status == 0:
            listed = (git_parse.ref_name(line) for line in result.output.splitlines())
            return tuple(sorted(name for name in listed if name))
        # git fails where it has no such commit. That it has none is an answer, any other failure is not.
        known = git.check("rev-list", "--branches", "--tags", max_output=git_objects.MAX_HISTORY)
        if commit.encode() in known.split():
            raise UnavailableError(f"git for-each-ref failed: {result.shown}", code="GIT_FAILED")
        return ()

    def history(self, path: str) -> Sequence[ManifestCommit]:
        """Return the commits of the default branch's first-parent line that changed ``path``, the newest first.

        At most :data:`~.git_objects.MAX_COMMITS`; commits that removed the file are not among them.
        """
        if path not in self.consulted.history:
            refs = self.refs()
            # Trees as deep as the path goes are enough: a fraction of all trees of all commits.
            depth = path.count("/") + 1
            changes = self.store.ask(f"paths-{depth}", lambda git: self._read_history(refs, git, path, depth))
            self.consulted.history[path] = changes
        return self.consulted.history[path]

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        """Return the first-parent line of the default branch around a commit; see :mod:`~.git_line`.

        :raises MalformedError: the line is too long to be read (``SOURCE_LIMIT``).
        """
        _require_id(around)
        question = f"{around} {directory}"
        if question not in self.consulted.lines:
            refs, depth = self.refs(), len([part for part in directory.split("/") if part]) + 1

            def read(git: Git) -> tuple[LineCommit, ...]:
                git_line.have_default(self.store, git, refs, depth)
                return git_line.around(git, directory, around)

            self.consulted.lines[question] = self.store.ask(f"paths-{depth}", read)
        return self.consulted.lines[question]

    def _read_history(self, refs: Refs, git: Git, path: str, depth: int) -> tuple[ManifestCommit, ...]:
        git_line.have_default(self.store, git, refs, depth)
        return git_objects.history(git, git_line.DEFAULT, path)


def _kept(name: str) -> str:
    return f"refs/provenly/{name}"


def _folder(git: Git) -> Path:
    if git.git_dir is None:
        raise ValueError(git)
    return git.git_dir


def _ref_file(git: Git, name: str) -> Path:
    """Return the file of a ref that we made: what it says is known without starting git (gitrepository-layout)."""
    return _folder(git) / _kept(name)


def _standing_on(refs: Refs, commit: str) -> tuple[str, ...]:
    """Return the full names of the branches and tags whose commit is ``commit``."""
    heads = [f"refs/heads/{name}" for name, target in refs.heads.items() if target == commit]
    return (*sorted(heads), *sorted(f"refs/tags/{name}" for name, target in refs.tags.items() if target == commit))


def _require_id(oid: str) -> None:
    if not git_parse.OID.fullmatch(oid):
        message = f"{show(oid, limit=80)} is no full object id of 40 hexadecimal digits"
        raise MalformedError(message, code="SOURCE_COMMIT_FORMAT", hint="Name a commit by its full id.")
