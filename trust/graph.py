"""The packages that an installation brings along: what a resolver chose, who asks for whom, and what was seen of each.

Nothing of it is verified but what :attr:`Dependency.checks` says, and that by name, version and digest: the bytes of
dependencies are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.evidence import Status
from provenly.trust.model import Note


class Scope(StrEnum):
    """Why a package is in the tree: the strongest of all reasons."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    """An installation may leave it out: where the platform is another, or where it fails."""
    PEER = "peer"
    """Only peer dependencies lead to it; npm installs those since version 7."""
    BUNDLED = "bundled"
    """It lies in the archive of the package that asks for it; no registry is asked."""


_NO_STATUSES: Final[Mapping[str, Status]] = MappingProxyType({})
_NO_EDGES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


def _no_statuses() -> Mapping[str, Status]:
    return _NO_STATUSES


def _no_edges() -> Mapping[str, tuple[str, ...]]:
    return _NO_EDGES


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """A package of the tree.

    :param id: ``name@version``, with ``#2``, ``#3``, … behind it where the tree has that version several times and they
        find different packages. Unique in its graph.
    :param name: its real name, where it is installed under an alias.
    :param version: the exact version; of what is no registry's or could not be resolved, what was asked for.
    :param purl: the package-url; of what is no registry's with a ``download_url`` or ``vcs_url``; empty where it has no
        version.
    :param alias: the name under which it is installed where that is another; empty for none.
    :param direct: whether the root asks for it.
    :param wanted: the range in the root's package.json, for direct dependencies; empty for all others.
    :param integrity: the digests that the resolver would hold its archive to, the strongest first; empty for none.
    :param url: where the archive is; empty for a bundled one and where that is not known.
    :param licence: as its manifest claims; empty where it claims none, or where it was not looked at.
    :param repository: where its source is said to be, as a canonical URL; empty where that is not said or not known.
    :param description: what its manifest says that it is; empty where that is not said or not known, as the next two.
    :param author: who its manifest says wrote it: a name, without an address.
    :param homepage: the page that its manifest names.
    :param scope: why it is there.
    :param platforms: what it is restricted to, ``os=linux``, ``cpu=!arm`` or ``libc=glibc``, as the manifest has it.
    :param deprecated: the registry's deprecation message, or empty.
    :param install_scripts: whether npm would run a script of it when it is installed.
    :param published: when, if that was looked at and the registry says so.
    :param publisher: the account that published it, as the registry says; empty where that is not known.
    :param checks: the outcome by check id; checks that were not asked for are not in it.
    :param notes: what was odd about it, each with its code.
    """

    id: str
    name: str
    version: str
    purl: str = ""
    alias: str = ""
    direct: bool = False
    wanted: str = ""
    integrity: tuple[Digest, ...] = ()
    url: str = ""
    licence: str = ""
    repository: str = ""
    description: str = ""
    author: str = ""
    homepage: str = ""
    scope: Scope = Scope.REQUIRED
    platforms: tuple[str, ...] = ()
    deprecated: str = ""
    install_scripts: bool = False
    published: datetime | None = None
    publisher: str = ""
    checks: Mapping[str, Status] = field(default_factory=_no_statuses)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """What an installation brings along.

    :param root: the id of the package itself, ``name@version``; it is none of :attr:`dependencies`.
    :param dependencies: sorted by id.
    :param edges: who asks for whom, by id, the root's among them; each tuple sorted, and every id a key.
    :param complete: whether it is the whole tree; where not, a note says why.
    :param how: what resolved it: ``npm 11.4.2``, ``npm-shrinkwrap.json`` or ``package.json``.
    :param at: the moment as of which it was resolved.
    :param notes: what was odd about the tree, and why it is not complete.
    """

    root: str
    dependencies: tuple[Dependency, ...]
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=_no_edges)
    complete: bool
    how: str
    at: datetime
    notes: tuple[Note, ...] = ()
