"""Fetches a package's archive, or reads it from this machine, and admits it: hashed, held to its integrity, listed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError
from provenly.trust.model import Artifact, Package, admit, admit_unclaimed
from provenly.verify.context import Context
from provenly.verify.tarball.archive import Identify, read_tarball
from provenly.verify.tarball.archive_limits import LIMITS, Limits
from provenly.verify.tarball.folder import read_folder
from provenly.verify.tarball.local_files import read_local

__all__ = ["acquire", "acquire_file", "acquire_folder", "identify_with_git", "read_local"]


def identify_with_git(contents: Sequence[bytes]) -> Sequence[str]:
    """Return the blob ids of ``contents`` as git computes them, in one child process for all.

    :raises UnavailableError: git is not there, or too old.
    :raises MalformedError: git refused the contents, for example as part of a SHA-1 collision.
    """
    from provenly.verify.git import object_ids

    return object_ids(contents)


def acquire(
    package: Package, context: Context, *, identify: Identify = identify_with_git, limits: Limits = LIMITS
) -> Artifact:
    """Download the archive of a registry's package and admit it.

    :raises MalformedError: no usable integrity (``INTEGRITY_MISSING``, ``INTEGRITY_WEAK``, ``INTEGRITY_FORMAT``), or
        the archive is refused; see :func:`~provenly.verify.tarball.archive.read_tarball`.
    :raises RejectedError: the bytes are not those that the registry describes (``INTEGRITY_MISMATCH``).
    :raises UnavailableError: the archive could not be fetched.
    """
    what = f"{package.name}@{package.version}"
    expected = _expected(package, what)
    context.progress.step(f"Fetching the archive of {what}")
    data = context.transport.download(
        package.url, expected=expected, max_bytes=limits.archive, what=f"the archive of {what}"
    )
    return admit(package, data, package.url, partial(read_tarball, identify=identify, limits=limits))


def acquire_file(
    package: Package, path: str, *, identify: Identify = identify_with_git, limits: Limits = LIMITS
) -> Artifact:
    """Read an archive on this machine and admit it, against the package's integrity if there is one to hold it to.

    :param package: described by the archive's own manifest, or by a registry.
    :raises UsageError: there is no such regular file.
    :raises UnavailableError: it cannot be read.
    :raises MalformedError: as :func:`acquire`.
    :raises RejectedError: as :func:`acquire`.
    """
    data = read_local(path, max_bytes=limits.archive)
    return (admit if package.integrity else admit_unclaimed)(
        package, data, path, partial(read_tarball, identify=identify, limits=limits)
    )


def acquire_folder(
    package: Package, path: str, *, identify: Identify = identify_with_git, limits: Limits = LIMITS
) -> Artifact:
    """Read an unpacked package on this machine.

    Its digest is that of :func:`~provenly.verify.tarball.folder.read_folder`. An integrity is of an archive and says
    nothing about a folder, so that the artifact is never *claimed*.

    :raises UsageError: there is no such folder.
    :raises UnavailableError: something in it cannot be read.
    :raises MalformedError: it has what no package can have.
    """
    description, found = read_folder(path, identify, limits)
    return admit_unclaimed(package, description, path, lambda _: found)


def _expected(package: Package, what: str) -> Digest:
    """Read the integrity before anything is fetched, with words of their own for the two ways to have none."""
    if package.integrity:
        return Digest.from_sri(package.integrity, what=what)
    hint = "Ask the registry's operator for `dist.integrity` with a sha512 value; npmjs.com has it for every version."
    if package.shasum:
        message = f"the registry gives the archive of {what} as SHA-1 only; files that collide can be made for it"
        raise MalformedError(message, code="INTEGRITY_WEAK", hint=hint)
    raise MalformedError(f"the registry gives no digest of the archive of {what}", code="INTEGRITY_MISSING", hint=hint)
