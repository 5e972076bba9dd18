"""The user's refreshed documents of trust: what ``provenly trust update`` wrote and verifications read.

The folder is the user's alone. Files are named by their digests and never changed; an index, replaced as a whole,
says which of them count, so that a reader sees the documents of one refresh and not half of two. Whatever is not as it
was written is refused with what to do next; nothing is used "as far as it goes".

::

    ROOT/index.json      which documents there are, since when, from where, and the metadata for the next refresh
    ROOT/files/HEX       the bytes with this sha256
    ROOT/lock            held while something is written
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from provenly.trust import strict_json
from provenly.trust.digest import Digest
from provenly.trust.encoding import integer, items, members, text
from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.trust.roots.material import Material
from provenly.trust.strict_json import Json
from provenly.verify.network import files

SCHEMA: Final = "provenly/trust/1"

TRUSTED_ROOT: Final = "trusted_root.json"
NPM_KEYS: Final = "npm-keys.json"

MAX_INDEX: Final = 1024 * 1024
"""Bytes of the index: it holds digests and URLs only."""

MAX_ENTRIES: Final = 512
"""Documents, repositories, or metadata files of one repository."""

MAX_FILE: Final = 1024 * 1024
"""Bytes of a document or metadata file, as refreshing accepts them."""

LOCK_SECONDS: Final = 30
"""How long a refresh waits for another one."""

_HEX: Final = re.compile(r"[0-9a-f]{64}")
METADATA_PATH: Final = re.compile(r"(?:root_history/)?[A-Za-z0-9._~%-]{1,250}\.json")
"""Paths of metadata below the folder of python-tuf, which quotes the names of roles: no slash is left in them."""

_HINT: Final = "Run provenly trust update to write it anew, or remove the folder to go by the embedded documents."


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A document in the store.

    :param name: :data:`TRUSTED_ROOT` or :data:`NPM_KEYS`.
    :param sha256: of its bytes, hexadecimal.
    :param url: of the TUF repository that vouched for it.
    :param root_version: of the TUF root at the time.
    """

    name: str
    sha256: str
    url: str
    root_version: int
    obtained: datetime
    expires: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """What is remembered of a TUF repository.

    :param bootstrap: sha256 of the root that was believed from the start: metadata counts for no other.
    :param metadata: sha256 by path.
    """

    url: str
    bootstrap: str
    metadata: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """What the store has."""

    entries: tuple[Entry, ...] = ()
    repositories: tuple[Repository, ...] = ()

    def entry(self, name: str) -> Entry | None:
        """Return the document of this name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def repository(self, url: str, bootstrap: str) -> Repository | None:
        """Return what is remembered of a repository, if it was believed from the same root."""
        return next((one for one in self.repositories if (one.url, one.bootstrap) == (url, bootstrap)), None)


class AnchorStore:
    """The folder with the user's refreshed documents of trust. It need not exist."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @staticmethod
    def default_root() -> Path:
        """Return the folder that is used: ``$PROVENLY_TRUST``, or the platform's place for a user's data."""
        if named := os.environ.get("PROVENLY_TRUST"):
            return Path(named)
        import platformdirs

        return platformdirs.user_data_path("provenly") / "trust"

    def index(self) -> Index | None:
        """Return what is in the store; ``None`` where nothing was ever refreshed.

        :raises UnavailableError: the store is unsafe or damaged (``TRUST_STORE``).
        """
        try:
            files.check_private(self.root)
            data = files.read(self.root / "index.json", limit=MAX_INDEX)
        except FileNotFoundError:
            return None
        except UsageError as error:
            why = error.message.removeprefix(f"the cache folder {self.root} ")
            hint = "Make it yours alone (chmod 700), or name another folder with PROVENLY_TRUST."
            raise self._broken(why, hint) from error
        except OSError as error:
            raise self._broken(f"cannot be read: {error.strerror or error}") from error
        if data is None:
            raise self._broken("has an index that is no plain file of yours")
        try:
            return _index(strict_json.loads(data, what="the index of the trust store", max_bytes=MAX_INDEX))
        except (MalformedError, ValueError, OverflowError) as error:
            raise self._broken(f"has a damaged index: {error}") from error

    def material(self, entry: Entry) -> Material:
        """Return a document.

        :raises UnavailableError: it is not as it was written (``TRUST_STORE``).
        """
        return Material(
            data=self._read(entry.sha256), kind="tuf", place=entry.url, obtained=entry.obtained, expires=entry.expires
        )

    def metadata(self, repository: Repository) -> dict[str, bytes]:
        """Return the TUF metadata of a repository by path.

        :raises UnavailableError: it is not as it was written (``TRUST_STORE``).
        """
        return {path: self._read(sha256) for path, sha256 in repository.metadata.items()}

    def save(
        self, documents: Mapping[Entry, bytes], repository: Repository, metadata: Iterable[bytes], before: Index | None
    ) -> None:
        """Put documents and metadata in the store; documents and repositories that are not named stay.

        :param before: what the store had; ``None`` to start anew, whatever is there.
        :raises UsageError: the store cannot be written (``TRUST_STORE_WRITE``).
        :raises UnavailableError: others are writing to it, or the folder is not the user's alone.
        """
        replaced = {entry.name for entry in documents}
        try:
            files.make_private(self.root)
            files.check_private(self.root)
            with files.locked(self.root / "lock", seconds=LOCK_SECONDS, what="the trust store"):
                # Another refresh may have ended since, and swept away what was there before.
                known = (self.index() if before else None) or Index()
                index = Index(
                    entries=(*documents, *(entry for entry in known.entries if entry.name not in replaced)),
                    repositories=(repository, *(one for one in known.repositories if one.url != repository.url)),
                )
                for data in (*documents.values(), *metadata):
                    files.write(self.root / "files" / Digest.of(data).hex, data)
                files.write(self.root / "index.json", strict_json.canonical(_as_json(index)), b"\n")
                self._sweep(index)
        except UsageError as error:
            why = error.message.removeprefix(f"the cache folder {self.root} ")
            raise self._broken(why, "Make it yours alone (chmod 700), or name another with PROVENLY_TRUST.") from error
        except OSError as error:
            raise UsageError(
                f"the trust store {self.root} cannot be written: {error.strerror or error}",
                code="TRUST_STORE_WRITE",
                hint="Free some space, or name another folder with PROVENLY_TRUST.",
            ) from error

    def _sweep(self, index: Index) -> None:
        """Remove files that the index no longer names."""
        kept = {entry.sha256 for entry in index.entries}
        kept |= {sha256 for one in index.repositories for sha256 in one.metadata.values()}
        for path in (self.root / "files").iterdir():
            if path.name not in kept and (_HEX.fullmatch(path.name) or path.name.startswith(files.TEMPORARY)):
                path.unlink(missing_ok=True)

    def _read(self, sha256: str) -> bytes:
        try:
            data = files.read(self.root / "files" / sha256, limit=MAX_FILE)
        except OSError as error:
            raise self._broken(f"lacks a file that its index names: {error.strerror or error}") from error
        if data is None or Digest.of(data).hex != sha256:
            raise self._broken(f"has a file that is not as it was written: {sha256}")
        return data

    def _broken(self, why: str, hint: str = _HINT) -> UnavailableError:
        return UnavailableError(f"the trust store {self.root} {why}", code="TRUST_STORE", hint=hint)


def _index(value: Json) -> Index:
    document = members(value, what="the index", code="TRUST_STORE")
    if document.get("schema") != SCHEMA:
        raise MalformedError(f"it does not have the schema {SCHEMA}", code="TRUST_STORE")
    entries = items(document.get("entries"), what="entries", code="TRUST_STORE", least=0, most=MAX_ENTRIES)
    repositories = items(
        document.get("repositories"), what="repositories", code="TRUST_STORE", least=0, most=MAX_ENTRIES
    )
    return Index(
        entries=tuple(_entry(entry) for entry in entries),
        repositories=tuple(_repository(repository) for repository in repositories),
    )


def _entry(value: Json) -> Entry:
    entry = members(value, what="an entry", code="TRUST_STORE")
    return Entry(
        name=text(entry.get("name"), what="a name", code="TRUST_STORE"),
        sha256=_sha256(entry.get("sha256")),
        url=text(entry.get("url"), what="a URL", code="TRUST_STORE"),
        root_version=integer(entry.get("root_version"), what="a version"),
        obtained=_time(entry.get("obtained")),
        expires=_time(entry.get("expires")),
    )


def _repository(value: Json) -> Repository:
    repository = members(value, what="a repository", code="TRUST_STORE")
    metadata = members(repository.get("metadata"), what="metadata", code="TRUST_STORE")
    for path in metadata:
        if not METADATA_PATH.fullmatch(path):
            raise MalformedError("a path of metadata is none of ours", code="TRUST_STORE")
    return Repository(
        url=text(repository.get("url"), what="a URL", code="TRUST_STORE"),
        bootstrap=_sha256(repository.get("bootstrap")),
        metadata={path: _sha256(sha256) for path, sha256 in metadata.items()},
    )


def _sha256(value: Json) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise MalformedError("a digest is none", code="TRUST_STORE")
    return value


def _time(value: Json) -> datetime:
    """Read a time as we write it.

    :raises ValueError: it is none.
    :raises OverflowError: its offset leads out of the calendar.
    """
    return datetime.fromisoformat(text(value, what="a time", code="TRUST_STORE")).astimezone(UTC)


def _as_json(index: Index) -> Json:
    return {
        "schema": SCHEMA,
        "entries": tuple(
            {
                "name": entry.name,
                "sha256": entry.sha256,
                "url": entry.url,
                "root_version": entry.root_version,
                "obtained": entry.obtained.isoformat(),
                "expires": entry.expires.isoformat(),
            }
            for entry in index.entries
        ),
        "repositories": tuple(
            {"url": one.url, "bootstrap": one.bootstrap, "metadata": one.metadata} for one in index.repositories
        ),
    }
