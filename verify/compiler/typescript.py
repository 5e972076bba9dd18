"""Fetches a pinned TypeScript release and takes the compiler out of its archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, UnavailableError
from provenly.verify.compiler.releases import Release
from provenly.verify.context import Transport
from provenly.verify.tarball import tar
from provenly.verify.tarball.archive_faults import Remarks
from provenly.verify.tarball.archive_limits import LIMITS, MIB
from provenly.verify.tarball.gzip_member import inflate

MAX_ARCHIVE: Final = 16 * MIB
"""Bytes of the archive. Those of the pinned releases have 4 to 7 MiB."""

_ROOT: Final = "package/lib/"
_COMPILER: Final = "typescript.js"


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiler:
    """The TypeScript compiler as text.

    :param release: which one it is.
    :param program: ``typescript.js``.
    :param libraries: the declarations of the language and its environments: ``lib.es2022.d.ts`` and so on.
    """

    release: Release
    program: bytes = field(repr=False)
    libraries: Mapping[str, bytes] = field(repr=False)


def load(release: Release, transport: Transport, registry: str) -> Compiler:
    """Fetch a release, from the cache where it is there, and hold it to its digest.

    :param registry: the base URL of the registry that serves ``typescript``.
    :raises UnavailableError: ``COMPILER_UNAVAILABLE``: the archive cannot be had, or it is another one than we pinned.
    """
    what = f"typescript@{release.version}"
    try:
        data = transport.download(
            registry.rstrip("/") + release.path, expected=release.digest, max_bytes=MAX_ARCHIVE, what=what
        )
    except Error as error:
        message = f"{what}, the compiler, cannot be fetched: {error.message}"
        raise UnavailableError(message, code="COMPILER_UNAVAILABLE", hint=error.hint) from error
    if Digest.of(data, release.digest.algorithm) != release.digest:
        raise UnavailableError(
            f"what the registry serves as {what}, the compiler, is not the archive that provenly was made with",
            code="COMPILER_UNAVAILABLE",
            hint="Ask the registry's operator why it serves another one, or name another registry.",
        )
    return _unpacked(release, data)


def _unpacked(release: Release, data: bytes) -> Compiler:
    """Take the compiler and its libraries out of an archive whose digest is the right one."""
    remarks = Remarks()
    libraries: dict[str, bytes] = {}
    program = None
    for entry in tar.entries(inflate(data, LIMITS, remarks), LIMITS, remarks):
        name = entry.name.decode("utf-8", "replace").removeprefix(_ROOT)
        if entry.content is None or "/" in name:
            continue
        if name == _COMPILER:
            program = entry.content
        elif name.startswith("lib.") and name.endswith(".d.ts"):
            libraries[name] = entry.content
    if program is None:
        raise UnavailableError(f"typescript@{release.version} has no {_COMPILER}", code="COMPILER_UNAVAILABLE")
    return Compiler(release=release, program=program, libraries=MappingProxyType(libraries))
