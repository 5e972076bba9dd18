"""What npm gets to see of a registry's documents: what it resolves with, and nothing that leads elsewhere.

A dependency on a git repository, a URL or a file would make npm fetch it, run git, or prepare it. Such dependencies are
taken out before npm reads them, and reported. So are the restrictions to operating systems and processors: whether they
fit this machine says nothing about the user's, and a lockfile has the packages of all platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from provenly.trust.strict_json import Json, thaw
from provenly.verify.graph import specs
from provenly.verify.registry.packument import dist

PLATFORMS: Final = ("os", "cpu", "libc")
"""The members that restrict a package to platforms."""

_KEPT: Final = (
    "name",
    "version",
    "deprecated",
    "engines",
    "hasInstallScript",
    "_hasShrinkwrap",
    "bundleDependencies",
    "bundledDependencies",
    "peerDependenciesMeta",
)
"""The members that npm's resolver goes by, beside dependencies (``lib/arborist/build-ideal-tree.js`` and
npm-pick-manifest, of npm 11)."""

Left: TypeAlias = Mapping[str, str]
"""What was taken out of a version: name → specification."""

Place: TypeAlias = Callable[[str, Mapping[str, Json]], str]
"""Gives the address at which npm finds the archive of a version, from the version and its document."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A packument as npm sees it.

    :param document: what is served.
    :param left: what was taken out, by version; versions of which nothing was are not in it.
    """

    document: Mapping[str, object]
    left: Mapping[str, Left] = field(default_factory=dict)


def offer(packument: Mapping[str, Json], place: Place, *, times: bool) -> Offer:
    """Return what npm gets to see of a packument.

    :param packument: the registry's document; members of the wrong type are left out, as if they were not there.
    :param times: whether publish times are served, which ``--before`` needs.
    """
    listed = packument.get("versions")
    left: dict[str, Left] = {}
    versions: dict[str, object] = {}
    for version, entry in (listed if isinstance(listed, Mapping) else {}).items():
        if isinstance(entry, Mapping):
            versions[version], without = _entry(entry, place(version, entry))
            if without:
                left[version] = without
    document = {
        "name": packument.get("name"),
        "dist-tags": thaw(packument.get("dist-tags")),
        "versions": versions,
    }
    if times:
        document["time"] = thaw(packument.get("time"))
    return Offer(document=document, left=left)


def _entry(entry: Mapping[str, Json], tarball: str) -> tuple[dict[str, object], Left]:
    """Return what npm gets to see of a version, and what was taken out of it."""
    seen: dict[str, object] = {name: thaw(entry[name]) for name in _KEPT if name in entry}
    digests = {name: dist(entry)[name] for name in ("integrity", "shasum") if name in dist(entry)}
    seen["dist"] = {**digests, "tarball": tarball}
    if "hasInstallScript" not in seen and _runs(entry):
        seen["hasInstallScript"] = True
    left: dict[str, str] = {}
    unneeded = specs.optional_peers(entry)
    for member, name, spec in specs.asked(entry):
        if member == "peerDependencies" and name in unneeded and specs.elsewhere(name, spec):
            continue  # npm installs no optional peer by itself
        if specs.elsewhere(name, spec):
            left[name] = spec
        else:
            table = seen.setdefault(member, {})
            table[name] = spec  # type: ignore[index]  # it was made in the line above
    return seen, left


def _runs(entry: Mapping[str, Json]) -> bool:
    from provenly.verify.registry.releases import install_scripts

    return bool(install_scripts(entry))
