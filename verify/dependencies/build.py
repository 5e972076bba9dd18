"""Putting a lock together from what a reader found, within the limits that hold for all kinds."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NoReturn
from urllib.parse import unquote, urlsplit

from provenly.trust.errors import MalformedError
from provenly.trust.text import show
from provenly.verify.dependencies.model import MAX_LINKS, MAX_PACKAGES, MAX_PLACE, Lock, LockedPackage, Needs, Origin
from provenly.verify.registry import names, versions

MAX_DEPTH: Final = 32
"""Packages that are nested in one another. Trees of npm reach ten."""

MAX_FOLDERS: Final = 160
"""Parts of a path: a package of the repository is some five folders down, each nested package adds two or three."""

_SRI: Final = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_GIT: Final = re.compile(r"(?:git(?:\+\w+)?://|git\+|git@|github:|gitlab:|bitbucket:|gist:)|.*\.git(?:#|$)")
_FILE: Final = ("file:", "link:", "portal:", "./", "../", "/")


_fault = functools.lru_cache(maxsize=8_192)(names.fault)
exact: Final = functools.lru_cache(maxsize=8_192)(versions.parse_exact)
""":func:`~provenly.verify.registry.versions.parse_exact`: one version is asked about several times."""


def refused(code: str, path: str, why: str) -> NoReturn:
    """Refuse a lockfile.

    :param code: without its prefix: ``FORMAT``, ``LIMIT``, ``NAME``, ``PLACE``.
    :raises MalformedError: always.
    """
    raise MalformedError(f"the lockfile {show(path, limit=200)} {why}", code=f"LOCKFILE_{code}")


def integrity(value: object) -> str:
    """Return the one ``sha512-…`` of a Subresource Integrity text, or an empty string where it has none or several."""
    found = _SRI.findall(value) if isinstance(value, str) and len(value) < MAX_PLACE else []
    return found[0] if len(found) == 1 else ""


def origin(name: str, version: str, url: str) -> tuple[Origin, str]:
    """Return where a package comes from that a lockfile says to be at ``url``, and the URL to keep.

    Every registry keeps archives at ``NAME/-/NAME-VERSION.tgz``: of such a URL the host does not matter, since the
    registry that is configured for the name is asked, and the integrity is that of the lockfile. A release candidate
    of Verdaccio or Artifactory has a prefix before it, which does not matter either.
    """
    if not url:
        return (Origin.REGISTRY, "") if exact(version) else (Origin.FOLDER, "")
    if _GIT.match(url):
        return Origin.GIT, url
    if url.startswith(_FILE):
        return Origin.FOLDER, url
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return Origin.ARCHIVE, url
    bare = name.rpartition("/")[2]
    before, usual, after = path.rpartition(f"/{name}/-/{bare}-{version.partition('+')[0]}.tgz")
    # The last part before a name without a scope is no scope: that would be another package.
    scoped = before.rpartition("/")[2].startswith("@")
    return (Origin.REGISTRY, "") if usual and not after and not scoped and exact(version) else (Origin.ARCHIVE, url)


class Builder:
    """Collects packages, links and needs; every name and place is checked on its way in.

    :param path: the path of the lockfile.
    :param kind: see :class:`~provenly.verify.dependencies.model.Lock`.
    """

    def __init__(self, path: str, kind: str) -> None:
        self.path = path
        self.kind = kind
        self._packages: dict[str, LockedPackage] = {}
        self._links: dict[str, str] = {}
        self._needs: dict[str, Needs] = {}
        self._asked: dict[str, str] = {}
        self._count = 0

    def __contains__(self, place: str) -> bool:
        """Whether there is a package or a link at a place."""
        return place in self._packages or place in self._links

    def package(self, package: LockedPackage) -> None:
        """Add a package; the first one at a place stays.

        :raises MalformedError: ``LOCKFILE_NAME``, ``LOCKFILE_PLACE``, ``LOCKFILE_LIMIT``.
        """
        self.name(package.name)
        self.place(package.place)
        if len(self._packages) >= MAX_PACKAGES:
            refused("LIMIT", self.path, f"has more than {MAX_PACKAGES:,} packages")
        if package.origin is Origin.REGISTRY and not exact(package.version):
            refused(
                "NAME", self.path, f"locks {package.name} at {show(package.version, limit=80)}, which is no version"
            )
        self._packages.setdefault(package.place, package)

    def link(self, place: str, target: str) -> None:
        """Add a link; one that leads out of the lockfile's folder is left out, for nothing is known of what is there.

        :raises MalformedError: as for packages.
        """
        self.place(place)
        where = folder(target)
        if where is not None and where != place:
            self._counted(1)
            self._links.setdefault(place, where)

    def need(self, where: str, usual: Iterable[str], dev: Iterable[str] = ()) -> None:
        """Say what a package asks for, at its place or in its folder.

        :raises MalformedError: ``LOCKFILE_LIMIT``. Names that no package has are left out: nothing is at their place.
        """
        groups = [tuple(name for name in dict.fromkeys(group) if not _fault(name)) for group in (usual, dev)]
        self._counted(1 + len(groups[0]) + len(groups[1]))
        self._needs.setdefault(where, Needs(usual=groups[0], dev=groups[1]))

    def ask(self, wanted: str, place: str) -> None:
        """Say where a ``name@range`` is installed."""
        self._counted(1)
        self._asked.setdefault(wanted, place)

    def name(self, name: str) -> None:
        """Refuse a name that no package has."""
        if fault := _fault(name):
            refused("NAME", self.path, f"has a package with the name {show(name, limit=80)}, which {fault}")

    def place(self, place: str) -> None:
        """Refuse a place that is not ``FOLDER/node_modules/NAME``."""
        above, found, name = place.rpartition("node_modules/")
        deep = place.count("node_modules/") > MAX_DEPTH
        if not found or deep or _fault(name) or (above and f"{folder(above)}/" != above):
            refused("PLACE", self.path, f"puts a package at {show(place, limit=80)}, where none can be")

    def lock(self, *, mark: bool = False) -> Lock:
        """Return what was collected.

        :param mark: whether packages become those of development that nothing else leads to, and optional those that
            only optional ones lead to.
        """
        lock = Lock(
            path=self.path,
            kind=self.kind,
            packages=tuple(self._packages.values()),
            links=MappingProxyType(self._links),
            needs=MappingProxyType(self._needs),
            asked=MappingProxyType(self._asked),
        )
        if not mark:
            return lock
        usual, firm = lock.led_to(dev=False), lock.led_to(optional=False)
        packages = (
            replace(package, dev=package.place not in usual, optional=package.place not in firm)
            for package in lock.packages
        )
        return replace(lock, packages=tuple(packages))

    def _counted(self, count: int) -> None:
        self._count += count
        if self._count > MAX_LINKS:
            refused("LIMIT", self.path, f"has more than {MAX_LINKS:,} dependencies and links")


def folder(text: str, base: str = "") -> str | None:
    """Return a relative path in its normal form; ``None`` for one that leads out of the lockfile's folder.

    :param text: the path as stated.
    :param base: the folder that it is stated from.
    """
    long = len(text) > MAX_PLACE or text.count("/") > MAX_FOLDERS
    if long or "\\" in text or not text.isprintable() or text.startswith("/"):
        return None
    normal = posixpath.normpath(posixpath.join(base, text))
    if normal == ".":
        return ""
    return None if normal == ".." or normal.startswith("../") else normal
