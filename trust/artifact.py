"""Artifacts: the one type whose existence proves that the bytes are those that the registry describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import LayoutError, MalformedError, RejectedError
from provenly.trust.model import Note, Package


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """One file of a package, under the name that npm would install it as.

    :param path: relative to the package's root, ``/`` between its parts.
    :param size: in bytes.
    :param digest: sha256 of the bytes.
    :param blob: the id that git gives to the bytes: SHA-1 with collision detection, 40 hexadecimal digits.
    :param mode: the permission bits of the archive.
    """

    path: str
    size: int
    digest: Digest
    blob: str
    mode: int = 0o644


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What a reader found in an archive: its files, their bytes, and what was unusual about it.

    :param files: sorted by path.
    :param contents: the bytes of each file by path, read-only.
    :param notes: faults that do not make the archive ambiguous.
    """

    files: tuple[FileEntry, ...]
    contents: Mapping[str, bytes] = field(repr=False)
    notes: tuple[Note, ...] = ()


class _Seal:
    """What only this module can hand out: the proof that :func:`admit` looked at the bytes."""


_SEAL: Final = _Seal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A package's archive whose bytes have been hashed, compared with the integrity that was claimed, and listed.

    Only :func:`admit` and :func:`admit_unclaimed` make one.

    :param package: the version it belongs to.
    :param sha256: the digest of the whole archive.
    :param sha512: the digest of the whole archive.
    :param size: of the archive in bytes.
    :param listing: its files.
    :param claimed: whether the registry claimed an integrity and these bytes have it.
    :param origin: where the bytes came from: a URL or a path.
    """

    package: Package
    sha256: Digest
    sha512: Digest
    size: int
    listing: Listing
    claimed: bool
    origin: str
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        """Refuse to be made by anybody else."""
        if seal is not _SEAL:
            raise TypeError("an Artifact is made by provenly.trust.artifact.admit only")

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """The files, sorted by path."""
        return self.listing.files

    @property
    def contents(self) -> Mapping[str, bytes]:
        """The bytes of each file, by path."""
        return self.listing.contents


def admit(package: Package, data: bytes, origin: str, read: Callable[[bytes], Listing]) -> Artifact:
    """Return the artifact whose bytes are ``data``: hash them, hold them to the claimed integrity, then list them.

    The bytes that are hashed are the bytes that are read: both happen here, on one immutable object.

    :param package: whose ``integrity`` is the claim.
    :param data: the archive as it was served.
    :param origin: where it came from.
    :param read: the archive reader.
    :raises MalformedError: the claimed integrity is unusable (``INTEGRITY_WEAK``, ``INTEGRITY_FORMAT``).
    :raises LayoutError: the bytes are the right ones, and ``read`` refuses them.
    :raises RejectedError: the bytes have another digest than the one claimed (``INTEGRITY_MISMATCH``).
    """
    what = f"{package.name}@{package.version}"
    expected = Digest.from_sri(package.integrity, what=what)
    actual = Digest.of(data, expected.algorithm)
    if actual != expected:
        raise RejectedError(
            f"the archive of {what} is not the one that the registry describes",
            code="INTEGRITY_MISMATCH",
            expected=expected.sri,
            actual=actual.sri,
            hint="Fetch it again without a cache or a mirror between; if it stays so, do not install it.",
        )
    return _artifact(package, data, origin, read, claimed=True)


def admit_unclaimed(package: Package, data: bytes, origin: str, read: Callable[[bytes], Listing]) -> Artifact:
    """Return an artifact of bytes for which nobody claimed an integrity: a file or folder on the user's disk."""
    return _artifact(package, data, origin, read, claimed=False)


def _artifact(
    package: Package, data: bytes, origin: str, read: Callable[[bytes], Listing], *, claimed: bool
) -> Artifact:
    try:
        listing = read(data)
    except MalformedError as error:
        raise LayoutError(error.message, code=error.code, hint=error.hint) from error
    return Artifact(
        package=package,
        sha256=Digest.of(data, "sha256"),
        sha512=Digest.of(data, "sha512"),
        size=len(data),
        listing=listing,
        claimed=claimed,
        origin=origin,
        seal=_SEAL,
    )
