"""The attestations of a package: judged and, for the provenance, read and held to its certificate.

Everything that verifies is in ``trust``; here it is given what it verifies with. The imports of ``trust`` are inside
the functions: a package without attestations needs none of the cryptography.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from provenly.trust.digest import Digest
from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import Note
from provenly.verify.registry import attestations

if TYPE_CHECKING:
    from provenly.trust.artifact import Artifact
    from provenly.trust.attestations.model import Provenance, Statement
    from provenly.trust.attestations.npm import Attested
    from provenly.trust.identity import Identity
    from provenly.trust.model import Package, Release
    from provenly.trust.roots.material import Origin
    from provenly.trust.roots.model import RegistryKeys, TrustedRoot
    from provenly.verify.context import Context

Keys = TypeVar("Keys")

MAX_TYPE: Final = 200
"""Characters of a type that we do not know which are shown; real ones have fewer than a hundred."""

NONE: Final = frozenset({"ATT_NONE", "ATT_NO_PROVENANCE"})
"""The codes of "we looked, and there is no provenance"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """An attestation document, and what it was judged by.

    :param attested: the statements in it that hold, and why the others do not.
    :param place: where it was read: a URL, or the option that named a file.
    :param root: the trusted root in use.
    :param keys: the keys of the registry that signed, or why none are known.
    """

    attested: Attested
    place: str
    root: Origin
    keys: RegistryKeys | Error


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A provenance: signed by the holder of a certificate, about these bytes, in a form that we can read.

    :param identity: who signed, as the certificate has it.
    :param provenance: what the signer says; see :func:`require`.
    """

    statement: Statement
    identity: Identity
    provenance: Provenance


def judge(data: bytes, package: Package, artifact: Artifact, context: Context) -> Judged:
    """Judge each attestation of a package: signed, of a known type, about the bytes of ``artifact``.

    :param data: the document, from :func:`provenly.verify.registry.attestations.acquire`.
    :raises UnavailableError: the document is an empty list (``ATT_MISSING``), or what it is judged by could not be
        read (``TRUST_…``).
    :raises MalformedError: the document is ill-formed.
    """
    return _judge(data, package, package.version, artifact.sha512, attestations.place(package, context), context)


def read(judged: Judged, *, advertised: bool) -> Built:
    """Return the provenance of a document.

    :param advertised: whether the registry says that there is one.
    :raises NotFoundError: it has none (``ATT_NO_PROVENANCE``), and nothing in it may have been one.
    :raises UnavailableError: it has none, though the registry says so (``ATT_MISSING``), or one of a form that is not
        supported (``ATT_UNSUPPORTED``, ``ATT_BUILD_TYPE``).
    :raises MalformedError: it is ill-formed.
    :raises RejectedError: it does not hold.
    """
    from provenly.trust.attestations import provenance

    statement = judged.attested.provenance
    if statement is None:
        raise _without_provenance(judged, advertised=advertised)
    if isinstance(statement, Error):
        raise statement
    identity = statement.verified.signed_by.identity
    if identity is None:
        raise MalformedError("the provenance was signed by a key that names nobody", code="ATT_IDENTITY")
    return Built(statement=statement, identity=identity, provenance=provenance.parse(statement))


def require(built: Built) -> None:
    """Hold a provenance to its certificate, and its builder to those that we know.

    What a provenance says, its signer wrote; what the certificate says, the authority saw. Only where the two agree,
    and the authority's own source is one that we know, may anything be made of what is said.

    :raises RejectedError: they disagree (``ATT_CLAIM_MISMATCH``), or the builder is unknown.
    :raises MalformedError: one of them is ill-formed.
    :raises UnavailableError: one of them is of a form that is not supported.
    """
    from provenly.trust.attestations import agreement, builder

    agreement.require(built.identity, built.provenance)
    builder.require(built.identity, built.provenance)


def compared_builds(package: Package) -> tuple[Release | None, Release | None]:
    """Return the attested versions whose builds this one's is held to: the newest, and one that had time to be doubted.

    Whoever publishes twice would else be compared with himself, or with a version of his that proves nothing. The
    second is ``None`` where it is the first.
    """
    if package.earlier is not None:
        return package.earlier.build, package.earlier.settled_build
    return (package.previous if package.previous and package.previous.attested else None), None


def read_previous(package: Package, before: Release, context: Context) -> Built | None:
    """Return the provenance of the version before, for comparing; ``None`` where it has none.

    What is returned holds completely: about the archive that the registry names for that version, whose bytes were not
    fetched, and in agreement with its certificate.

    :raises UnavailableError: it could not be had, or the registry names no sha512 of the archive (``ATT_NO_DIGEST``).
    :raises MalformedError: it is ill-formed.
    :raises RejectedError: it does not hold.
    """
    whose = f"{package.name}@{before.version}"
    digest = Digest.from_sri(before.integrity, what=whose) if before.integrity else None
    if digest is None or digest.algorithm != "sha512":
        raise UnavailableError(f"the registry names no sha512 of {whose}", code="ATT_NO_DIGEST")
    place = package.registry + attestations.usual_path(package.name, before.version)
    data = attestations.acquire_previous(package, before, context)
    judged = _judge(data, package, before.version, digest, place, context)
    try:
        built = read(judged, advertised=False)
    except NotFoundError:
        return None
    require(built)
    return built


def read_unseen(package: Package, context: Context) -> Built | None:
    """Return the provenance of a package whose bytes were not fetched; ``None`` where it has attestations and no such.

    Every attestation of it holds, about the archive that the registry names. What the user gave with ``--attestations``
    is about another package and is not looked at.

    :raises NotFoundError: it was published without attestations (``ATT_NONE``).
    :raises UnavailableError: they could not be had, or the registry names no sha512 of the archive (``ATT_NO_DIGEST``).
    :raises MalformedError: one is ill-formed.
    :raises RejectedError: one does not hold.
    """
    asked = replace(context, attestations=None)
    data = attestations.acquire(package, asked)
    whose = f"{package.name}@{package.version}"
    digest = Digest.from_sri(package.integrity, what=whose) if package.integrity else None
    if digest is None or digest.algorithm != "sha512":
        raise UnavailableError(f"the registry names no sha512 of {whose}", code="ATT_NO_DIGEST")
    judged = _judge(data, package, package.version, digest, attestations.place(package, asked), asked)
    if isinstance(judged.attested.publish, Error):
        raise judged.attested.publish
    try:
        built = read(judged, advertised=package.provenance_advertised)
    except NotFoundError:
        return None
    require(built)
    return built


def notes(judged_or: Judged | Error, built_or: Built | Error) -> tuple[Note, ...]:
    """Return what a reader should know about attestations that is no check of its own."""
    if isinstance(judged_or, Error):
        return ()
    found: list[Note] = []
    for statement in (judged_or.attested.publish, judged_or.attested.provenance):
        if statement is not None and not isinstance(statement, Error):
            found.extend(statement.verified.notes)
    for other in judged_or.attested.others:
        if isinstance(other, Error):
            text = f"another attestation is served, and does not hold: {other.message}"
            found.append(Note(code="ATT_OTHER_REFUSED", text=text, where=other.code))
        else:
            text = f"another attestation is served, which is not read: {other.predicate_type[:MAX_TYPE]}"
            found.append(Note(code="ATT_OTHER", text=text))
    if not isinstance(built_or, Error):
        from provenly.trust.attestations import circumstances

        found.extend(circumstances.concerns(built_or.identity, built_or.provenance))
    return tuple(found)


def _judge(  # noqa: PLR0913, PLR0917 - what a judgement is about
    data: bytes, package: Package, version: str, digest: Digest, place: str, context: Context
) -> Judged:
    """Judge a document with what is believed from the start.

    :param digest: sha512 of the archive.
    """
    from provenly.trust.attestations import npm
    from provenly.verify import known_keys

    root = _root(context)

    def judged(by: RegistryKeys | Error) -> Attested:
        return npm.judge(
            data,
            name=package.name,
            version=version,
            sha512=digest,
            trusted_root=root,
            registry_keys=None if isinstance(by, Error) else by,
            now=context.now,
        )

    keys = _known(lambda: known_keys.own(package.registry, context))
    attested = judged(keys)
    if _may_be_passed_on(attested.publish, keys):
        npms = _known(lambda: known_keys.passed_on(package.registry, context))
        if npms is not None and not isinstance(npms, Error):
            again = judged(npms)
            if isinstance(keys, Error) or not isinstance(again.publish, Error):
                attested, keys = again, npms
    if not attested.count:
        raise UnavailableError(
            f"the document of the attestations of {package.name}@{version} is empty",
            code="ATT_MISSING",
            hint="A mirror between may leave attestations out: verify against the registry itself.",
        )
    return Judged(attested=attested, place=place, root=root.origin, keys=keys)


def _root(context: Context) -> TrustedRoot:
    from provenly.trust.roots import trusted_root

    try:
        return trusted_root.load(context.anchors.trusted_root())
    except MalformedError as error:
        # What is wrong is our side of the scales, which says nothing about the package.
        raise UnavailableError(error.message, code=error.code, hint=error.hint) from error


def _known(ask: Callable[[], Keys]) -> Keys | UnavailableError:
    try:
        return ask()
    except UnavailableError as error:
        return error


def _may_be_passed_on(publish: Statement | Error | None, keys: RegistryKeys | Error) -> bool:
    """Whether a publish attestation may be npm's, passed on by a registry without known keys, or whose file has both.

    A file that the user named is not widened: what none of its keys signed stays so.
    """
    from provenly.trust.roots import embedded

    if isinstance(keys, Error):
        return keys.code == "TRUST_NO_KEYS"
    named = None if isinstance(publish, Error) or publish is None else publish.predicate.get("registry")
    return named == embedded.NPM_REGISTRY


def _without_provenance(judged: Judged, *, advertised: bool) -> Error:
    """Return what it means that a document has no provenance."""
    refused = next((other for other in judged.attested.others if isinstance(other, Error)), None)
    if refused is not None:
        # It may be the provenance under another name: whoever changes a type must not turn a forgery into none.
        return refused
    if advertised:
        return UnavailableError(
            "the registry advertises a provenance and does not serve it",
            code="ATT_MISSING",
            hint="A mirror between may leave it out: verify against the registry itself.",
        )
    return NotFoundError(
        "attestations are served for this version, and none of them is a provenance",
        code="ATT_NO_PROVENANCE",
        hint="Publish from a CI workflow with npm publish --provenance.",
    )
