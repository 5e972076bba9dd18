"""Fetches a package's archive and admits it: hashed, held to its integrity, listed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from provenly.trust.artifact import Artifact, admit
from provenly.trust.digest import Digest
from provenly.trust.errors import MalformedError
from provenly.trust.model import Package
from provenly.verify.context import Context
from provenly.verify.tarball.archive import Identify, read_tarball
from provenly.verify.tarball.archive_limits import LIMITS, Limits
from provenly.verify.tarball.local_files import read_local

__all__ = ["acquire", "identify_with_git", "read_local"]


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


def _expected(package: Package, what: str) -> Digest:
    """Read the integrity before anything is fetched, with words of their own for the two ways to have none."""
    if package.integrity:
        return Digest.from_sri(package.integrity, what=what)
    hint = "Ask the registry's operator for `dist.integrity` with a sha512 value; npmjs.com has it for every version."
    if package.shasum:
        message = f"the registry gives the archive of {what} as SHA-1 only; files that collide can be made for it"
        raise MalformedError(message, code="INTEGRITY_WEAK", hint=hint)
    raise MalformedError(f"the registry gives no digest of the archive of {what}", code="INTEGRITY_MISSING", hint=hint)
