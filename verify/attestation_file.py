"""An attestation document that was obtained elsewhere, held to a package and its bytes. Nothing is fetched.

What :mod:`provenly.verify.gather` does for a package of a registry, one check at a time, is done here for a document
alone: every attestation in it must hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, RejectedError, UnavailableError
from provenly.trust.evidence import Status
from provenly.trust.model import Claimant, SourceClaim

if TYPE_CHECKING:
    from provenly.trust.attestations.examination import Examined
    from provenly.trust.roots.material import Origin
    from provenly.verify.context import Anchors


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """A package's archive on this machine; not read yet.

    :param path: as the user wrote it.
    :param data: its bytes.
    """

    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the document is held to.

    :param name: of the package.
    :param version: exact.
    :param sha512: of the archive.
    :param registry: base URL of the registry whose attestations these are, without a slash at its end.
    :param archive: the archive, where it is at hand.
    """

    name: str
    version: str
    sha512: Digest
    registry: str
    archive: Archive | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came out.

    :param asked: what the document was held to.
    :param checked_at: the reference time.
    :param attestations: every attestation, each with what is wrong with it.
    :param error: why the document as a whole is not good enough; ``None`` where it is.
    :param trusted_root: where the trusted root came from.
    :param keys: where the registry's keys came from; ``None`` where none are known.
    :param repository: the repository that certificate and package.json agree on, or empty where they were not compared.
    """

    asked: Asked
    checked_at: datetime
    attestations: tuple[Examined, ...] = field(default=(), repr=False)
    error: Error | None = None
    trusted_root: Origin
    keys: Origin | None = None
    repository: str = ""

    @property
    def status(self) -> Status:
        """How it came out: only ``passed`` means that every attestation holds."""
        return status(self.error)


def status(error: Error | None) -> Status:
    """Return the status that an error means; ``None`` is no error."""
    match error:
        case None:
            return Status.PASSED
        case UnavailableError(code="ATT_ABSENT"):
            return Status.ABSENT
        case UnavailableError():
            return Status.UNCHECKED
        case _:
            return Status.FAILED


def answer(data: bytes, asked: Asked, anchors: Anchors, now: datetime) -> Answer:
    """Verify every attestation of a document and hold it to what was asked.

    Steps: 1. the trusted root and the registry's keys are read; 2. every attestation is verified and is about these
    bytes; 3. what each says is held to the registry and to its signer's certificate; 4. the archive is the package
    that was asked for; 5. the repository of the certificate is the one that the archive names.

    :param data: the document as the registry's endpoint serves it.
    :param anchors: what is believed.
    :param now: the reference time.
    :raises UnavailableError: the trusted root cannot be read.
    :raises MalformedError: likewise.
    """
    from provenly.trust.attestations import examination, npm
    from provenly.trust.roots import npm_keys, trusted_root

    # 1.
    root = trusted_root.load(anchors.trusted_root())
    try:
        keys = npm_keys.load(anchors.registry_keys(asked.registry), asked.registry)
    except UnavailableError:
        keys = None  # what a key signed is then unchecked; what a certificate signed is not touched by it
    error: Error | None = None
    found: tuple[Examined, ...] = ()
    repository = ""
    try:
        # 2.
        attested = npm.judge(
            data,
            name=asked.name,
            version=asked.version,
            sha512=asked.sha512,
            trusted_root=root,
            registry_keys=keys,
            now=now,
        )
        # 3.
        found = examination.examine(attested, name=asked.name, version=asked.version, registry=asked.registry)
        examination.require_held(found, what=f"{asked.name}@{asked.version}")
        # 4.
        claim = _archive_claim(asked)
        # 5.
        repository = _require_repository(asked, claim, found)
    except Error as refused:
        error = refused
    return Answer(
        asked=asked,
        checked_at=now,
        attestations=found,
        error=error,
        trusted_root=root.origin,
        keys=keys.origin if keys else None,
        repository=repository,
    )


def _archive_claim(asked: Asked) -> SourceClaim | None:
    """Read the archive with our own reader and hold its package.json to the package that was asked for.

    :returns: the ``repository`` of its package.json; ``None`` where it has none, or the archive is not at hand.
    :raises MalformedError: it is damaged, ambiguous or over a limit, or its package.json cannot be read.
    :raises RejectedError: it is of another package (``ATT_ARCHIVE_PACKAGE``).
    """
    from provenly.verify.comparison import manifest
    from provenly.verify.sources import source_url
    from provenly.verify.tarball.archive import MANIFEST, read_tarball

    if asked.archive is None:
        return None
    # Nobody asks for the files by their git ids here, so that git need not run.
    listing = read_tarball(asked.archive.data, lambda contents: [""] * len(contents))
    described = manifest.load(listing.contents[MANIFEST], f"{MANIFEST} of {asked.archive.path}")
    if (described.get("name"), described.get("version")) != (asked.name, asked.version):
        raise RejectedError(
            f"the archive {asked.archive.path} is of another package than the one asked for",
            code="ATT_ARCHIVE_PACKAGE",
            expected=f"{asked.name}@{asked.version}",
            actual=f"{described.get('name')}@{described.get('version')}",
            hint="Name the package that the archive is of, or give the archive of that package.",
        )
    return source_url.claim(described.get("repository"), Claimant.MANIFEST)


def _require_repository(asked: Asked, claim: SourceClaim | None, found: tuple[Examined, ...]) -> str:
    """Hold the repository of the provenance's certificate to the one that the archive's package.json names.

    :returns: the repository; empty where the archive is not at hand or names none that is followed.
    :raises RejectedError: they are not the same (``ATT_SOURCE_MISMATCH``).
    """
    from provenly.verify.sources import source_url

    signed = [one.statement.verified.signed_by.identity for one in found if one.provenance and one.statement]
    identity = signed[0] if signed else None
    if claim is None or not claim.repository or identity is None:
        return ""
    built = source_url.claim(identity.repository, Claimant.PROVENANCE)
    if built is None or built.repository != claim.repository:
        raise RejectedError(
            f"{asked.name}@{asked.version} was built from another repository than its package.json names",
            code="ATT_SOURCE_MISMATCH",
            expected=claim.repository,
            actual=identity.repository,
            hint="A fork that publishes under the name of what it forked looks like this: ask the publisher.",
        )
    return built.repository
