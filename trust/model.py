"""The things that a verification talks about, from the text that was asked for to the files that were compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from provenly.trust.strict_json import Json

NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})
"""An empty, read-only mapping: a default that nobody can write into."""


def nothing() -> Mapping[str, Json]:
    """Return :data:`NOTHING`; dataclasses of Python 3.11 want a factory for it."""
    return NOTHING


class Ecosystem(StrEnum):
    """Where a package lives; the values are package-url types."""

    NPM = "npm"


class Selector(StrEnum):
    """How a reference says which version it means."""

    EXACT = "exact"
    RANGE = "range"
    TAG = "tag"
    NONE = "none"
    FILE = "file"
    FOLDER = "folder"
    EVIDENCE = "evidence"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What the user asked about, parsed but not looked up.

    :param text: the reference as it was written.
    :param name: the package's name, for a registry package; empty for a path.
    :param selector: how ``spec`` says which version is meant.
    :param spec: an exact version, a range or a dist-tag; empty for :attr:`Selector.NONE`.
    :param path: the file or folder, for a reference to one.
    :param launch: the runner (``npx``, ``pnpm dlx``, …) where the reference was a launch line.
    :param alias: the name under which the package would be installed where that is not its own.
    :param notes: what a reader should know about the reference itself, each with its stable code.
    """

    text: str
    ecosystem: Ecosystem = Ecosystem.NPM
    name: str = ""
    selector: Selector = Selector.NONE
    spec: str = ""
    path: str = ""
    launch: str = ""
    alias: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something noticed on the way that is no check of its own.

    :param code: a stable identifier such as ``TAR_MODE_WRITABLE``.
    :param text: one sentence.
    :param where: the path or place that it is about, or an empty string.
    """

    code: str
    text: str
    where: str = ""


class Claimant(StrEnum):
    """Who says where the source is, the weakest first."""

    HOMEPAGE = "homepage"
    MANIFEST = "manifest"
    REGISTRY = "registry"
    PROVENANCE = "provenance"
    USER = "user"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceClaim:
    """A claim that a package's source is at some place. Nothing about it has been verified.

    :param claimant: who says so.
    :param text: the claim as it was written.
    :param repository: the canonical https URL of the repository, or empty where ``text`` names none that we follow.
    :param directory: the package's directory inside the repository, ``""`` for its root or where none is named.
    :param revision: a branch, tag or commit that the claim names, or empty.
    :param refused: why ``text`` names no repository that we follow, or empty.
    """

    claimant: Claimant
    text: str
    repository: str = ""
    directory: str = ""
    revision: str = ""
    refused: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrySignature:
    """A registry's signature as it was served; not verified.

    :param keyid: which key is said to have made it.
    :param signature: the signature, base64.
    """

    keyid: str
    signature: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What the registry says about one version, for comparing versions with each other. All of it is claimed.

    :param version: the version.
    :param published: when, if the registry says so.
    :param publisher: the account that published it, or empty.
    :param trusted_publisher: the OIDC publisher (``github``, ``gitlab``, …), or empty.
    :param approver: the account that approved it when it was staged, or empty.
    :param maintainers: the accounts that may publish, sorted.
    :param attested: whether the registry advertises attestations for it.
    :param integrity: the Subresource Integrity value as it was served, or empty.
    :param git_head: the commit that the publisher named, or empty.
    :param install_scripts: the names of its install scripts.
    :param repository: the canonical URL of the repository that it claims, or empty.
    """

    version: str
    published: datetime | None = None
    publisher: str = ""
    trusted_publisher: str = ""
    approver: str = ""
    maintainers: tuple[str, ...] = ()
    attested: bool = False
    integrity: str = ""
    git_head: str = ""
    install_scripts: tuple[str, ...] = ()
    repository: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What the registry says about all versions published before one, so that a second theft does not hide the first.

    Prereleases count only for prereleases. All of it is claimed.

    :param count: how many there are of the same major version; of all while that is new.
    :param attested: for how many of those attestations are advertised.
    :param trusted: how many of those had a trusted publisher.
    :param last_attested: the newest that was attested, or ``None``.
    :param last_trusted: the newest that had a trusted publisher, or ``None``.
    :param after_attested: how many of those are newer than ``last_attested``.
    :param after_trusted: how many of those are newer than ``last_trusted``.
    :param established: the newest of all that was some time old when this version came; the first of them where none
        was; ``None`` where no times are known.
    :param line: the newest of the same major version that was some time old, or ``None``.
    :param build: the newest of all that was attested, with whose build this one's is compared, or ``None``.
    :param settled_build: the newest of the attested ones that was some time old, or the first of them where none was;
        ``None`` where that is ``build``.
    :param publishers: the accounts that had published a version some time before, sorted.
    """

    count: int
    attested: int = 0
    trusted: int = 0
    last_attested: Release | None = None
    last_trusted: Release | None = None
    after_attested: int = 0
    after_trusted: int = 0
    established: Release | None = None
    line: Release | None = None
    build: Release | None = None
    settled_build: Release | None = None
    publishers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A version of a package as its registry, or its own manifest, describes it. Nothing of it is verified.

    :param url: where the archive is; empty for a file on disk.
    :param registry: the base URL of the registry that described it; empty for a file on disk.
    :param integrity: the Subresource Integrity value as it was served, or empty.
    :param shasum: the SHA-1 value as it was served, or empty. It never proves anything.
    :param published: when this version was published, if the registry says so.
    :param claims: where its source is said to be, the strongest claim first.
    :param signatures: the registry's signatures as they were served.
    :param signatures_served: whether this registry serves signatures for any version of the package.
    :param attestations: the URL path at which attestations are advertised, or empty.
    :param provenance_advertised: whether the registry says that a provenance is among them.
    :param release: this version, as far as versions are compared.
    :param previous: the version published before this one, or ``None``.
    :param earlier: all versions published before this one, or ``None`` where there is none.
    :param deprecated: the registry's deprecation message, or empty.
    :param manifest: the version document, read-only.
    """

    ecosystem: Ecosystem = Ecosystem.NPM
    name: str
    version: str
    url: str = ""
    registry: str = ""
    integrity: str = ""
    shasum: str = ""
    published: datetime | None = None
    claims: tuple[SourceClaim, ...] = ()
    signatures: tuple[RegistrySignature, ...] = ()
    signatures_served: bool = False
    attestations: str = ""
    provenance_advertised: bool = False
    release: Release
    previous: Release | None = None
    earlier: Earlier | None = None
    deprecated: str = ""
    manifest: Mapping[str, Json] = field(default_factory=nothing, repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def purl(self) -> str:
        """The package-url, as in https://github.com/package-url/purl-spec: a scope's ``@`` is percent-encoded."""
        return f"pkg:{self.ecosystem}/{self.name.replace('@', '%40', 1)}@{self.version.replace('+', '%2B')}"
