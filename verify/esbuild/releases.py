"""The esbuild releases that we run: pinned by the digest of their archive, for each platform.

esbuild is a native program, the one program of strangers that runs outside of V8 here. So it is never chosen by whoever
wrote a lockfile: a release is one of these. The table in ``releases.json`` has every release since 0.17, because the
bytes that esbuild writes change from patch to patch; ``tools/esbuild_releases.py`` wrote it down from the registry's
own ``dist.integrity``, and an archive must have the digest that stands there.
"""

from __future__ import annotations

import json
import platform as host
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import UnavailableError
from provenly.verify.registry import versions

_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
"""How ``uname -m`` names a processor, and how npm does."""

_VERSION: Final = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release of esbuild.

    :param version: its version, three numbers.
    :param integrities: platform → the Subresource Integrity value of its package ``@esbuild/PLATFORM``, sha512.
    """

    version: str
    integrities: Mapping[str, str] = field(repr=False, hash=False)

    def path(self, platform: str) -> str:
        """Return where a registry has the archive for a platform, below its base URL."""
        return f"/@esbuild/{platform}/-/{platform}-{self.version}.tgz"

    def digest(self, platform: str) -> Digest:
        """Return the digest that the archive for a platform must have."""
        return Digest.from_sri(self.integrities[platform], what=f"@esbuild/{platform}@{self.version}")

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The version as numbers, which compare as versions do."""
        return _numbers(self.version)


def _numbers(text: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


@cache
def pinned() -> tuple[Release, ...]:
    """Return all releases that we may run, the oldest first."""
    table = json.loads(resources.files("provenly.verify.esbuild").joinpath("releases.json").read_bytes())
    found = (Release(version=version, integrities=MappingProxyType(of)) for version, of in table.items())
    return tuple(sorted(found, key=lambda release: release.numbers))


def nearest(wanted: str) -> Release:
    """Return the pinned release that is nearest to a version or a range.

    Of a range it is what npm would have installed: the newest that satisfies it. Of a version, which a lockfile names,
    it is that version; where we have not got it the next newer patch of its minor version, else the newest of that
    minor version, else the nearest newer release, else the newest.

    :param wanted: for example ``0.25.8``, ``^0.21.5``, ``latest``, or empty for the newest.
    """
    known = pinned()
    found = _VERSION.search(wanted[:256])
    if found is None:
        return known[-1]
    asked = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if versions.parse_exact(wanted) is None:
        fitting = versions.satisfying((release.version for release in known), wanted)
        if fitting:
            return next(release for release in known if release.version == fitting[0])
    of_minor = [release for release in known if release.numbers[:2] == asked[:2]]
    return next((release for release in of_minor or known if release.numbers >= asked), (of_minor or known)[-1])


def platform() -> str:
    """Return the platform that this program runs on, as npm names it.

    :raises UnavailableError: ``ESBUILD_PLATFORM``: one that we have no digests for.
    """
    machine = _MACHINES.get(host.machine().lower(), "")
    name = f"{sys.platform}-{machine}"
    if name not in pinned()[-1].integrities:
        message = f"esbuild is not run on {sys.platform} with a processor {host.machine() or 'without a name'}"
        raise UnavailableError(message, code="ESBUILD_PLATFORM")
    return name
