"""What a verification consulted of a repository, as one file: a git bundle that answers the same questions again.

The file is a git bundle of version 3 (gitformat-bundle): a pack with the commits, trees and blobs that were read, and
one more blob, named by ``refs/provenly/answers``, with the answers that objects alone cannot give: the branches and
tags as the server listed them, which of them led to a commit, and which commits changed a file. Files of commits and
bytes of blobs are read from the objects again at every replay, under the profile and the checks that objects from a
network get; the other answers are the word of whoever saved the file.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from provenly.trust import strict_json
from provenly.trust.errors import Error, MalformedError, UnavailableError, UsageError
from provenly.trust.model import NOTHING
from provenly.trust.source import TreeEntry
from provenly.trust.text import show
from provenly.verify.context import LineCommit, ManifestCommit, Refs, Repository
from provenly.verify.forge import git_errors, git_objects, git_parse, git_profile, git_store
from provenly.verify.forge.consulted import Consulted
from provenly.verify.forge.repository import GitRepository
from provenly.verify.git import Git, bare_skeleton

SCHEMA: Final = "provenly/source/1"

MAX_ANSWERS: Final = 16 << 20
"""Bytes of the answers: as many refs as are accepted, and some histories of 400 commits."""

MAX_HEADER: Final = 64
"""Lines of the bundle's header: a commit each. A search may look at some more; those are in the pack without a name."""

_SIGNATURE: Final = b"# v3 git bundle\n"
_CAPABILITIES: Final = (b"@object-format=sha1\n", b"@filter=blob:none\n")
_REF: Final = re.compile(rb"([0-9a-f]{40}) refs/provenly/(answers|commits/[0-9]{1,3})\n")
_CHUNK: Final = 1 << 20
_CONFIG: Final = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = nobody\n"
"""Tells git that objects may be missing. Nobody can be asked for them: there is no such remote, and no protocol."""


def export_bundle(repository: Repository, path: Path) -> None:
    """Write what ``repository`` was asked, and the objects that its answers came from.

    :raises UsageError: it is itself a replay (``EVIDENCE_REPLAY``).
    :raises OSError: the file cannot be written.
    """
    if not isinstance(repository, GitRepository):
        message = "what is replayed from an evidence folder cannot be saved as another one"
        raise UsageError(message, code="EVIDENCE_REPLAY", hint="Copy the evidence folder instead.")
    consulted = repository.consulted
    ids = {*consulted.files, *consulted.blobs, *(oid for folders in consulted.trees.values() for oid in folders)}
    with repository.store.held() as folder:
        name = f"export-{secrets.token_hex(8)}"
        git = repository.store.git(folder, name)
        try:
            alternates = folder / f"{name}.git" / "objects" / "info" / "alternates"
            alternates.parent.mkdir()
            alternates.write_text(f"{folder / 'content.git' / 'objects'}\n", encoding="utf-8")
            answers = [git_store.encode(_dump(repository.url, consulted))]
            oid = git.check("hash-object", "-w", "--stdin", stdin=answers).decode("ascii").strip()
            roots = _roots(git, sorted(consulted.files))
            lines = [f"{line}\n".encode() for line in (oid, *sorted(ids | roots))]
            pack = git.check("pack-objects", "--quiet", "--stdout", stdin=lines, max_output=git_profile.MAX_PACK)
        finally:
            shutil.rmtree(folder / f"{name}.git", ignore_errors=True)
    refs = [f"{commit} refs/provenly/commits/{number}\n" for number, commit in enumerate(sorted(consulted.files))]
    header = [f"{oid} refs/provenly/answers\n", *refs[: MAX_HEADER - 2]]
    with path.open("wb") as file:
        file.writelines((_SIGNATURE, *_CAPABILITIES, *(line.encode() for line in header), b"\n", pack))


def _roots(git: Git, commits: Sequence[str]) -> set[str]:
    """Return the ids of the root trees of commits."""
    return set(git.check("rev-parse", *(f"{oid}^{{tree}}" for oid in commits)).decode("ascii").split())


def open_bundle(path: Path) -> BundleRepository:
    """Open a bundle that :func:`export_bundle` wrote. It may come from anybody.

    :raises UnavailableError: it cannot be read (``EVIDENCE_FILE``).
    :raises MalformedError: it is no such bundle (``SOURCE_BUNDLE``), or git refused its objects (``SOURCE_MALFORMED``).
    """
    folder = Path(tempfile.mkdtemp(prefix="provenly-"))
    try:
        git = Git(git_dir=bare_skeleton(folder / "bundle.git"), home=folder)
        (folder / "bundle.git" / "config").write_text(_CONFIG, encoding="ascii")
        with path.open("rb") as file:
            oid = _header(file)
            _index(git, file, path.name)
        return BundleRepository(git, folder, _load(git, oid))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        message = f"{path.name} cannot be read: {error.strerror or error}"
        raise UnavailableError(message, code="EVIDENCE_FILE") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


class BundleRepository:
    """A :class:`provenly.verify.context.Repository` that answers from a bundle, and only what was asked before it.

    :param git: a repository with the bundle's objects and no others.
    :param folder: the temporary folder that it is in; it is removed with this object, at the latest.
    """

    def __init__(self, git: Git, folder: Path, answers: tuple[str, Consulted]) -> None:
        self._git = git
        self._consulted = answers[1]
        self.url = answers[0]
        self.close = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def refs(self) -> Refs:
        """Return its branches and tags as they were."""
        if self._consulted.refs is None:
            raise _unasked("branches and tags")
        return self._consulted.refs

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        """Return every file of a commit by path, from the bundle's objects."""
        if commit not in self._consulted.trees:
            raise _unasked(f"the files of {commit}")
        git_objects.require_commit(self._git, commit)
        return git_objects.files(self._git, commit)[0]

    def expect(self, commits: Iterable[str]) -> None:
        """Do nothing: what was asked for is here."""

    def blobs(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the bytes of blobs, from the bundle's objects."""
        wanted = set(ids)
        if unasked := wanted - self._consulted.blobs - self._consulted.omitted:
            raise _unasked(f"file {min(unasked)}")
        return git_objects.blobs(self._git, sorted(wanted & self._consulted.blobs))

    def contained(self, commit: str) -> Sequence[str]:
        """Return the branches and tags that led to ``commit``."""
        if commit not in self._consulted.contained:
            raise _unasked(f"what leads to {commit}")
        return self._consulted.contained[commit]

    def history(self, path: str) -> Sequence[ManifestCommit]:
        """Return the commits that changed ``path``."""
        if path not in self._consulted.history:
            raise _unasked(f"the history of {path}")
        return self._consulted.history[path]

    def line(self, directory: str, around: str) -> Sequence[LineCommit]:
        """Return the default branch around a commit."""
        question = f"{around} {directory}"
        if question not in self._consulted.lines:
            raise _unasked(f"the commits around {around}")
        return self._consulted.lines[question]


def _unasked(what: str) -> UnavailableError:
    return UnavailableError(
        f"the evidence folder has no answer about {show(what, limit=120)}",
        code="EVIDENCE_MISSING",
        hint="It was saved by another version of provenly or for another question: save the evidence again.",
    )


def _dump(url: str, consulted: Consulted) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "url": url,
        "refs": git_store.dump_refs(consulted.refs) if consulted.refs else None,
        "trees": sorted(consulted.files),
        "blobs": sorted(consulted.blobs),
        "omitted": sorted(consulted.omitted),
        "contained": {commit: list(names) for commit, names in sorted(consulted.contained.items())},
        "history": {
            path: [[change.commit, change.time.isoformat(), change.blob] for change in changes]
            for path, changes in sorted(consulted.history.items())
        },
        "lines": {
            question: [[item.commit, item.time.isoformat(), item.state] for item in near]
            for question, near in sorted(consulted.lines.items())
        },
    }


def _header(file: BinaryIO) -> str:
    """Read the header, closed to anything but what we write, and return the id of the answers."""
    if file.readline(100) != _SIGNATURE or tuple(file.readline(100) for _ in _CAPABILITIES) != _CAPABILITIES:
        raise _malformed("it does not begin as one")
    answers = ""
    for _ in range(MAX_HEADER):
        line = file.readline(100)
        if line == b"\n":
            break
        match = _REF.fullmatch(line)
        if match is None or (match[2] == b"answers" and answers):
            raise _malformed(f"its header has the line {show(line, limit=100)}")
        if match[2] == b"answers":
            answers = match[1].decode("ascii")
    else:
        raise _malformed("its header does not end")
    if not answers:
        raise _malformed("its header names no answers")
    return answers


def _index(git: Git, file: BinaryIO, name: str) -> None:
    """Take the pack that follows the header into the repository; git checks every object and its id.

    Zero-padded modes are excused, as they are when a repository is fetched; so are files that git would look into and
    that nobody read, since a bundle holds what was consulted only. Nothing else is.
    """
    start = file.tell()
    arguments = ("index-pack", "--stdin", "--promisor=provenly")
    result = git.run(*arguments, "--fsck-objects", stdin=_rest(file), seconds=git_profile.WALL_SECONDS)
    said = result.messages.decode("utf-8", "replace")
    if result.status and (git_errors.ZERO_PADDED.search(said) or git_errors.LEFT_OUT.search(said)):
        file.seek(start)
        result = git.run(*arguments, stdin=_rest(file), seconds=git_profile.WALL_SECONDS)
        if result.status == 0:
            result = git.run(
                *("fsck", "--strict", "--no-dangling", "--no-progress"),
                settings=_EXCUSED,
            )
    if result.status:
        raise MalformedError(f"git refused the objects of {name}: {result.shown}", code="SOURCE_MALFORMED")


_EXCUSED: Final = tuple(
    f"fsck.{fault}=ignore" for fault in ("zeroPaddedFilemode", "gitattributesMissing", "gitmodulesMissing")
)


def _rest(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _load(git: Git, oid: str) -> tuple[str, Consulted]:
    data = git_objects.blobs(git, [oid]).get(oid, b"")
    value = strict_json.loads(data, what="the bundle's answers", max_bytes=MAX_ANSWERS)
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise _malformed(f"its answers are not of the schema {SCHEMA}")
    url, refs = value.get("url"), value.get("refs")
    if not isinstance(url, str):
        raise _malformed("its answers name no repository")
    consulted = Consulted(
        refs=None if refs is None else git_store.load_refs(refs),
        trees=dict.fromkeys(_ids(value.get("trees")), ()),
        blobs=set(_ids(value.get("blobs"))),
        omitted=set(_ids(value.get("omitted"))),
        contained={commit: tuple(_texts(names)) for commit, names in _members(value.get("contained"))},
        history={path: tuple(_changes(changes)) for path, changes in _members(value.get("history"))},
        # Folders that an earlier release saved have none: it did not ask.
        lines={question: tuple(_line(near)) for question, near in _members(value.get("lines", NOTHING))},
    )
    return url, consulted


def _members(value: strict_json.Json) -> Iterable[tuple[str, strict_json.Json]]:
    if not isinstance(value, Mapping):
        raise _malformed("its answers lack a member")
    return value.items()


def _texts(value: strict_json.Json) -> list[str]:
    texts = [text for text in value if isinstance(text, str)] if isinstance(value, tuple) else []
    if not isinstance(value, tuple) or len(texts) != len(value):
        raise _malformed("its answers lack a list of texts")
    return texts


def _ids(value: strict_json.Json) -> list[str]:
    ids = _texts(value)
    if not all(map(git_parse.OID.fullmatch, ids)):
        raise _malformed("its answers have an id that is none")
    return ids


def _changes(value: strict_json.Json) -> Iterator[ManifestCommit]:
    for commit, time, blob in _rows(value):
        if not git_parse.OID.fullmatch(blob):
            raise _malformed("its answers have an ill-formed history")
        yield ManifestCommit(commit=commit, time=time, blob=blob)


def _line(value: strict_json.Json) -> Iterator[LineCommit]:
    return (LineCommit(commit=commit, time=time, state=state) for commit, time, state in _rows(value))


def _rows(value: strict_json.Json) -> Iterator[tuple[str, datetime, str]]:
    """Yield the rows of a history: a commit, its time, and one more word."""
    if not isinstance(value, tuple):
        raise _malformed("its answers have an ill-formed history")
    for row in value:
        words = _texts(row)
        if len(words) != 3 or not git_parse.OID.fullmatch(words[0]):  # noqa: PLR2004 - commit, time, word
            raise _malformed("its answers have an ill-formed history")
        try:
            time = datetime.fromisoformat(words[1])
        except ValueError as error:
            raise _malformed("its answers have an ill-formed time") from error
        if time.tzinfo is None:
            raise _malformed("its answers have a time without a zone")
        yield words[0], time, words[2]


def _malformed(why: str) -> Error:
    hint = "Get the evidence folder again from whoever saved it."
    return MalformedError(f"the source bundle is not one of provenly's: {why}", code="SOURCE_BUNDLE", hint=hint)
