"""Refreshing the trusted root and the keys of npm through The Update Framework (TUF), with python-tuf as the client.

Which metadata counts is python-tuf's decision alone: thresholds, rotations, expiry, rollback and freeze are its work,
and there is no other way to a document where it refuses (CVE-2020-15163 and its like came of clients made by hand).
Ours is what goes in, the metadata of last time and a way to fetch, and what comes out: each document that it verified,
and why another one was refused. Different people sign for the two, so that the trusted root does not wait for npm. The
client works in a folder of its own; only a refresh that ended well has its metadata kept, so that an interrupted one,
or one that gave no document, changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from provenly.trust.errors import Error, NotFoundError, UnavailableError
from provenly.trust.roots import reading

if TYPE_CHECKING:
    from tuf.ngclient.updater import Updater

TRUSTED_ROOT: Final = "trusted_root.json"
"""The target that is the trusted root."""

NPM_KEYS: Final = "registry.npmjs.org/keys.json"
"""The target with npm's keys, which a role of the npm registry signs."""

MAX_METADATA: Final = 1024 * 1024
"""Bytes of one metadata file. Sigstore's have 6 thousand at most."""

MAX_ROTATIONS: Final = 64
"""New root versions in one refresh. Sigstore makes three or four a year."""

MAX_FILES: Final = 256
"""Metadata files of one repository that are kept."""

UNCHANGED: Final = "Nothing was changed."
"""What stays true of a refusal as long as nothing else was had."""

_TOP: Final = frozenset({"root.json", "snapshot.json", "targets.json", "timestamp.json"})

Fetch = Callable[[str, int], bytes]
"""Returns the document at a URL, of at most so many bytes.

It raises :class:`NotFoundError` where there is none, and another :class:`Error` where it could not be had.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """What a repository vouches for.

    :param trusted_root: the trusted root, or ``None`` where it was refused.
    :param npm_keys: npm's keys, or ``None`` where the repository has none or they were refused.
    :param refused: why a document was refused, by the name of its target; never both.
    :param root_version: the version of the TUF root that it comes down to.
    :param expires: when the first of the metadata that vouches for the documents ends. The timestamp, which is signed
        anew every few days and says only that nothing newer is there, is left out.
    :param metadata: the metadata for the next refresh: bytes by path.
    """

    trusted_root: bytes | None = field(repr=False)
    npm_keys: bytes | None = field(repr=False)
    refused: Mapping[str, UnavailableError] = field(default_factory=dict)
    root_version: int
    expires: datetime
    metadata: Mapping[str, bytes] = field(repr=False)


def refresh(fetch: Fetch, *, url: str, bootstrap: bytes, metadata: Mapping[str, bytes]) -> Refreshed:
    """Ask a TUF repository for its trusted root and for npm's keys. python-tuf reads the clock: expiry is about today.

    Steps: (1) lay out the metadata of last time, which is verified again from ``bootstrap`` on; (2) refresh root,
    timestamp, snapshot and targets; (3) fetch both targets, each by itself, held to the length and the digests that the
    metadata names; (4) collect the metadata.

    :param fetch: gets documents; python-tuf gives it URLs below ``url`` only.
    :param url: the repository's base URL.
    :param bootstrap: the TUF root that is believed from the start.
    :param metadata: as in :class:`Refreshed`, of the last refresh from this repository; empty for the first one.
    :raises UnavailableError: the metadata is expired (``TRUST_EXPIRED``); it does not verify, or could not be fetched,
        or neither target could (``TRUST_TUF``).
    """
    with tempfile.TemporaryDirectory(prefix="provenly-tuf-") as temporary:
        folder, targets = Path(temporary, "metadata"), Path(temporary, "targets")
        # Step 1.
        for name, data in metadata.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        folder.mkdir(exist_ok=True)
        targets.mkdir()
        with _told(url):
            updater = _updater(fetch, url, bootstrap, folder)
            # Step 2.
            updater.refresh()
        # Step 3.
        found: dict[str, bytes] = {}
        refused: dict[str, UnavailableError] = {}
        for name in (TRUSTED_ROOT, NPM_KEYS):
            try:
                with _told(url):
                    target = _target(updater, name, targets / name.replace("/", "_"))
            except UnavailableError as error:
                refused[name] = error
                continue
            if target is not None:
                found[name] = target
        if not found and refused:
            raise next(iter(refused.values()))
        if TRUSTED_ROOT not in found and TRUSTED_ROOT not in refused:
            raise _refused(url, f"it has no target {TRUSTED_ROOT}", "Is this the repository of a Sigstore instance?")
        # Step 4.
        version, expires = _vouched(folder, delegated=NPM_KEYS in found)
        return Refreshed(
            trusted_root=found.get(TRUSTED_ROOT),
            npm_keys=found.get(NPM_KEYS),
            refused=refused,
            root_version=version,
            expires=expires,
            metadata=_collected(folder),
        )


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what python-tuf raises into our own errors.

    :raises UnavailableError: as :func:`refresh`.
    """
    from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError

    try:
        yield
    except ExpiredMetadataError as error:
        raise UnavailableError(
            f"the metadata of {url} has expired: {error}",
            code="TRUST_EXPIRED",
            hint="Is this machine's clock right? Otherwise wait until the repository is signed anew; the documents of "
            "trust that were in use stay in use.",
        ) from error
    except RepositoryError as error:
        raise _refused(url, str(error), f"{UNCHANGED} Do not go around this: ask who runs it.") from error
    except DownloadError as error:
        cause = next(_causes(error), None)
        said = f"{cause.message} [{cause.code}]" if cause else str(error)
        hint = f"{UNCHANGED} Check the network, or name the certificate authorities in use with --ca-file."
        raise _refused(url, said, hint) from error
    except (ValueError, TypeError, KeyError, OSError, RecursionError) as error:
        # What a repository wrote goes through the parsers of several libraries.
        raise _refused(url, f"{type(error).__name__}: {error}", UNCHANGED) from error


def _updater(fetch: Fetch, url: str, bootstrap: bytes, folder: Path) -> Updater:
    from tuf.ngclient.config import UpdaterConfig
    from tuf.ngclient.updater import Updater

    return Updater(
        metadata_dir=str(folder),
        metadata_base_url=url,
        target_base_url=url.rstrip("/") + "/targets",
        fetcher=_fetcher(fetch),
        config=UpdaterConfig(
            max_root_rotations=MAX_ROTATIONS,
            max_delegations=8,
            root_max_length=MAX_METADATA,
            timestamp_max_length=MAX_METADATA,
            snapshot_max_length=MAX_METADATA,
            targets_max_length=MAX_METADATA,
        ),
        bootstrap=bootstrap,
    )


def _fetcher(fetch: Fetch) -> Any:  # noqa: ANN401 - a class of a library that is imported here only
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient.fetcher import FetcherInterface

    class Fetcher(FetcherInterface):
        """Fetches with the caller's function. python-tuf caps the lengths, and wraps whatever it raises."""

        def _fetch(self, url: str) -> Iterator[bytes]:
            try:
                return iter((fetch(url, MAX_METADATA),))
            except NotFoundError as error:
                raise DownloadHTTPError(error.message, 404) from error
            except UnavailableError as error:
                # Object stores answer 403 for what they do not have, where nobody may list them.
                if error.code == "REG_FORBIDDEN":
                    raise DownloadHTTPError(error.message, 403) from error
                raise

    return Fetcher()


def _target(updater: Updater, name: str, place: Path) -> bytes | None:
    """Return a verified target, or ``None`` where the repository has none of that name.

    It is written to a path of ours: python-tuf's own would be made from a name that the repository chose.
    """
    from tuf.api.exceptions import RepositoryError

    found = updater.get_targetinfo(name)
    if found is None:
        return None
    if found.length > reading.MAX_DOCUMENT:
        message = f"the target {name} has {found.length:,} bytes"
        raise RepositoryError(message)
    updater.download_target(found, filepath=str(place))
    return place.read_bytes()


def _vouched(folder: Path, *, delegated: bool) -> tuple[int, datetime]:
    """Return the version of the root and the earliest end, from metadata that was just verified.

    :param delegated: whether delegated roles vouch for a document; of those that do not, an old copy may be there.
    """
    from tuf.api.metadata import Metadata

    paths = [path for path in folder.glob("*.json") if delegated or path.name in _TOP]
    found = [Metadata[Any].from_bytes(path.read_bytes()).signed for path in paths]
    version = next(signed.version for signed in found if signed.type == "root")
    return version, min(signed.expires for signed in found if signed.type != "timestamp")


def _collected(folder: Path) -> dict[str, bytes]:
    """Return the metadata by path. ``root.json`` is a link to one of the versions, which python-tuf makes anew."""
    paths = sorted(path for path in folder.rglob("*.json") if not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths[:MAX_FILES]}


def _causes(error: BaseException) -> Iterator[Error]:
    """Yield our own errors among the causes of one of python-tuf's."""
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, Error):
            yield cause
        cause = cause.__cause__


def _refused(url: str, why: str, hint: str) -> UnavailableError:
    return UnavailableError(f"the TUF repository {url} gave nothing that verifies: {why}", code="TRUST_TUF", hint=hint)
