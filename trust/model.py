"""The things that a verification talks about, from the text that was asked for to the files that were compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from provenly.trust.digest import Digest
from provenly.trust.errors import LayoutError, MalformedError, RejectedError
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
    :param maintainers: the accounts that may publish, sorted.
    :param attested: whether the registry advertises attestations for it.
    :param git_head: the commit that the publisher named, or empty.
    :param install_scripts: the names of its install scripts.
    :param repository: the canonical URL of the repository that it claims, or empty.
    """

    version: str
    published: datetime | None = None
    publisher: str = ""
    trusted_publisher: str = ""
    maintainers: tuple[str, ...] = ()
    attested: bool = False
    git_head: str = ""
    install_scripts: tuple[str, ...] = ()
    repository: str = ""


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
    :param release: this version, as far as versions are compared.
    :param previous: the version published before this one, or ``None``.
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
    release: Release
    previous: Release | None = None
    deprecated: str = ""
    manifest: Mapping[str, Json] = field(default_factory=nothing, repr=False)
    notes: tuple[Note, ...] = ()

    @property
    def purl(self) -> str:
        """The package-url, as in https://github.com/package-url/purl-spec: a scope's ``@`` is percent-encoded."""
        return f"pkg:{self.ecosystem}/{self.name.replace('@', '%40', 1)}@{self.version.replace('+', '%2B')}"


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
            raise TypeError("an Artifact is made by provenly.trust.model.admit only")

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


class FoundBy(StrEnum):
    """How the commit to compare with was found, the strongest first."""

    PROVENANCE = "provenance"
    USER = "user"
    GIT_HEAD = "git-head"
    TAG = "tag"
    MANIFEST_EQUAL = "manifest-equal"
    VERSION_SET = "version-set"
    BEST_MATCH = "best-match"
    NEAREST = "nearest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A commit that may be the one a package was built from.

    :param commit: the full commit id.
    :param found_by: how it was found.
    :param name: the tag or branch by which it was found, or empty.
    :param reachable: whether a branch or tag of the repository leads to it; ``None`` where that was not looked at.
    :param directory: the package's directory at this commit; ``None`` where no manifest of that name was found.
    :param version: the version that the manifest there carries, or empty.
    :param chosen: whether this is the commit that was compared.
    :param knows: whether the repository itself says there that it is this version: by the manifest, or by a tag.
    :param note: why it was passed over, or what is odd about it.
    """

    commit: str
    found_by: FoundBy
    name: str = ""
    reachable: bool | None = None
    directory: str | None = None
    version: str = ""
    chosen: bool = False
    knows: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeEntry:
    """A file in a git tree.

    :param mode: the six octal digits of git: 100644, 100755, 120000 (symbolic link) or 160000 (submodule).
    :param blob: its object id.
    """

    mode: str
    blob: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The source of a package: a commit of a repository and the files in it.

    :param claim: the claim that led here.
    :param repository: the canonical URL of the repository.
    :param commit: the commit that is compared.
    :param found_by: how it was found.
    :param directory: the package's directory in the tree, ``""`` for the root.
    :param candidates: every commit that was considered, the chosen one among them.
    :param tree: every file of the commit by path.
    :param notes: moved or disagreeing tags, paths that we could not use, and the like.
    """

    claim: SourceClaim
    repository: str
    commit: str
    found_by: FoundBy
    directory: str
    candidates: tuple[Candidate, ...]
    tree: Mapping[str, TreeEntry] = field(repr=False)
    notes: tuple[Note, ...] = ()
