"""npm packages: from a reference to what the registry says about one version, and from a manifest on disk to the same.

The result is a :class:`~provenly.trust.model.Package`, of which nothing is verified. What is done here is to make sure
that the claims are about the package that was asked for, that they have one reading, and that what is left out is
told apart from what is not there: a mirror that strips signatures is not a package without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from provenly.trust.errors import MalformedError, RejectedError, UsageError
from provenly.trust.model import Claimant, Note, Package, Reference, RegistrySignature, Release, SourceClaim
from provenly.trust.strict_json import Json
from provenly.trust.text import show
from provenly.verify.context import Context
from provenly.verify.registry import names, packument, releases, versions
from provenly.verify.registry.attestations import usual_path
from provenly.verify.registry.packument import Packument, dist

DEFAULT_HOST: Final = "registry.npmjs.org"
"""The host whose name npm replaces by the configured registry's (``replace-registry-host=npmjs``, its default)."""

MAX_SIGNATURES: Final = 16
"""Signatures of one version. npm makes one; while keys rotate, two."""

FUTURE: Final = timedelta(days=1)
"""How far in the future a publish time may lie before it is reported: clocks differ, days do not."""


def resolve(reference: Reference, context: Context) -> Package:
    """Look up what a reference means and what the registry says about it.

    :param reference: to a package of a registry.
    :raises UsageError: there is no such package or version (``REF_NO_SUCH_PACKAGE``, ``REF_NO_SUCH_VERSION``).
    :raises RejectedError: the registry answers for something else (``REG_NAME_MISMATCH``), names two archives
        (``REG_DOCUMENTS_DISAGREE``), or the version was taken down (``REG_UNPUBLISHED``).
    :raises MalformedError: what it serves has no meaning, or more than one (``REG_…``, ``JSON_…``).
    :raises UnavailableError: it could not be asked.
    """
    if not reference.name:
        raise UsageError(
            f"{show(reference.text)} is not a package of a registry",
            code="REF_NOT_REGISTRY",
            hint="Give the package's name in the registry, as NAME@VERSION",
        )
    base = context.registries.base(reference.name)
    # 1. Which version: the only place where a range or a dist-tag becomes one.
    about, version, chosen = _choose(reference, base, context)
    # 2. What is said about it, in both places.
    document, source_notes = packument.fetch_version(about, version, base, context)
    inside = packument.entry(about, version)
    # 3. The parts that later stages follow, each read in one way only.
    signatures, signature_notes = _signatures(document, inside)
    attestations, attestation_notes = _attestations(document, inside, about.name, version, base)
    return Package(
        name=about.name,
        version=version,
        url=archive_url(document, about.name, version, base),
        registry=base,
        integrity=_text(dist(document).get("integrity")) or _text(dist(inside).get("integrity")),
        shasum=_text(dist(document).get("shasum")),
        published=about.times.get(version),
        claims=claims(document, Claimant.REGISTRY),
        signatures=signatures,
        signatures_served=any(dist(entry).get("signatures") for entry in about.versions.values()),
        attestations=attestations,
        provenance_advertised=any(_advertises_provenance(entry) for entry in (document, inside)),
        release=replace(releases.release(about, version, document), attested=bool(attestations)),
        previous=releases.previous(about, version),
        earlier=releases.earlier(about, version),
        deprecated=releases.deprecation(document) or releases.deprecation(inside),
        manifest=document,
        notes=(
            *chosen,
            *source_notes,
            *signature_notes,
            *attestation_notes,
            *_time_notes(about, version, context),
            *releases.notes(document, version),
        ),
    )


def _choose(reference: Reference, base: str, context: Context) -> tuple[Packument, str, tuple[Note, ...]]:
    """Return the packument and the version of it that is meant. A version may be younger than a cached packument."""
    about = packument.fetch(reference.name, base, context)
    try:
        return about, *packument.choose(about, reference)
    except (UsageError, RejectedError):
        if about.fetched >= context.now:
            raise
    about = packument.fetch(reference.name, base, context, fresh=True)
    return about, *packument.choose(about, reference)


def from_document(
    document: Mapping[str, Json], name: str, version: str, base: str, published: datetime | None
) -> Package:
    """Return what the document of one version says, without the packument: nothing is known of other versions.

    :param document: the registry's document of just this version.
    :param published: when it was published, where that is known from elsewhere.
    :raises RejectedError: it is about something else (``REG_NAME_MISMATCH``).
    :raises MalformedError: a part of it has no meaning (``REG_…``).
    """
    packument.require_about(document, name, version)
    signatures = _read_signatures(dist(document).get("signatures"))
    attestations, notes = _attestations(document, document, name, version, base)
    return Package(
        name=name,
        version=version,
        url=archive_url(document, name, version, base),
        registry=base,
        integrity=_text(dist(document).get("integrity")),
        shasum=_text(dist(document).get("shasum")),
        published=published,
        signatures=signatures,
        signatures_served=bool(signatures),
        attestations=attestations,
        provenance_advertised=_advertises_provenance(document),
        release=releases.alone(document, version, published),
        deprecated=releases.deprecation(document),
        manifest=document,
        notes=notes,
    )


def from_manifest(manifest: Mapping[str, Json], origin: str) -> Package:
    """Return the package that a package.json on disk describes; no registry is asked.

    :param manifest: the package.json of the archive or folder.
    :param origin: where it was found, for messages.
    :raises MalformedError: it has no usable name or version (``MANIFEST_NAME``, ``MANIFEST_VERSION``).
    """
    what = f"the package.json of {show(origin)}"
    name, version = manifest.get("name"), manifest.get("version")
    if not isinstance(name, str) or names.fault(name):
        fault = f"the name {show(name)}, which {names.fault(name)}" if isinstance(name, str) else "no name"
        raise MalformedError(f"{what} has {fault}", code="MANIFEST_NAME")
    exact = versions.parse_exact(version) if isinstance(version, str) else None
    if exact is None:
        found = f"the version {show(version)}, which is not one" if isinstance(version, str) else "no version"
        raise MalformedError(f"{what} has {found}", code="MANIFEST_VERSION")
    return Package(
        name=name,
        version=exact,
        claims=claims(manifest, Claimant.MANIFEST),
        release=Release(version=exact, install_scripts=releases.install_scripts(manifest)),
        manifest=manifest,
        notes=names.notes(name),
    )


def claims(document: Mapping[str, Json], claimant: Claimant) -> tuple[SourceClaim, ...]:
    """Return where a manifest says its source is, the strongest claim first; nothing of it is verified.

    ``homepage`` and ``bugs`` count less than ``repository``, whoever wrote them, and are left out where they name
    the repository that a stronger claim already names.
    """
    from provenly.verify.sources import source_url

    found: list[SourceClaim] = []
    members = (("repository", claimant), ("homepage", Claimant.HOMEPAGE), ("bugs", Claimant.HOMEPAGE))
    for member, who in members:
        claim = source_url.claim(document.get(member), who)
        if claim is None or (claim.repository and any(claim.repository == other.repository for other in found)):
            continue
        found.append(claim)
    return tuple(found)


def archive_url(document: Mapping[str, Json], name: str, version: str, base: str) -> str:
    """Return where the archive of a version is, by its document.

    Whether its host may be asked is the transport's decision, which knows what the user configured. What is decided
    here is that the path is that of this version's archive; and, as npm does, that the public registry's host means
    the configured registry: mirrors leave it in the documents that they pass on.
    """
    url = dist(document).get("tarball")
    what = f"the archive of {name}@{version}"
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise MalformedError(f"the registry names no place for {what}", code="REG_TARBALL_HOST")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MalformedError(
            f"{what} is said to be at {show(url)}, which is no URL", code="REG_TARBALL_HOST"
        ) from error
    path = unquote(parts.path)
    wrong = ""
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        wrong = "is not an https URL"
    elif "@" in parts.netloc or parts.query or parts.fragment:
        wrong = "has a user, a query or a fragment"
    elif not path.endswith(f"-{version}.tgz") or {".", ".."} & set(path.split("/")):
        wrong = f"does not end in -{version}.tgz"
    if wrong:
        message = f"{what} is said to be at {show(url)}, which {wrong}"
        raise MalformedError(message, code="REG_TARBALL_HOST", hint="Do not install it from this registry.")
    if parts.hostname == DEFAULT_HOST and port in {None, 80, 443}:
        registry = urlsplit(base)
        return urlunsplit((registry.scheme, registry.netloc, parts.path, "", ""))
    return url


def _signatures(
    document: Mapping[str, Json], inside: Mapping[str, Json]
) -> tuple[tuple[RegistrySignature, ...], tuple[Note, ...]]:
    """Return the registry's signatures; from the packument where the version document lost them on its way."""
    found, also = _read_signatures(dist(document).get("signatures")), _read_signatures(dist(inside).get("signatures"))
    if not found and also:
        text = "the version document lacks the signatures that the packument has: a mirror between left them out"
        return also, (Note(code="REG_SIGNATURES_STRIPPED", text=text),)
    if also and set(found) != set(also):
        text = "the version document and the packument have different signatures; those of the document were read"
        return found, (Note(code="REG_SIGNATURES_DIFFER", text=text),)
    return found, ()


def _read_signatures(value: Json) -> tuple[RegistrySignature, ...]:
    if not value:
        return ()
    if not isinstance(value, tuple) or len(value) > MAX_SIGNATURES:
        raise MalformedError(
            f"the registry's signatures are no list of at most {MAX_SIGNATURES}", code="REG_SIGNATURES"
        )
    found: list[RegistrySignature] = []
    for item in value:
        keyid, signature = (item.get("keyid"), item.get("sig")) if isinstance(item, Mapping) else (None, None)
        if not isinstance(keyid, str) or not isinstance(signature, str):
            raise MalformedError("one of the registry's signatures lacks its keyid or sig", code="REG_SIGNATURES")
        found.append(RegistrySignature(keyid=keyid, signature=signature))
    return tuple(found)


def _attestations(
    document: Mapping[str, Json], inside: Mapping[str, Json], name: str, version: str, base: str
) -> tuple[str, tuple[Note, ...]]:
    """Return the path at which attestations are advertised. It is asked for on the registry itself, wherever it points.

    Attestations are bound to the archive by their own subject, so that a wrong path can withhold them, not forge them.
    """
    advertised = dist(document).get("attestations") or dist(inside).get("attestations")
    if not advertised:
        return "", ()
    usual = usual_path(name, version)
    url = advertised.get("url") if isinstance(advertised, Mapping) else None
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        parts = urlsplit("")
    prefix = urlsplit(base).path
    path = parts.path.removeprefix(prefix) if prefix and parts.netloc == urlsplit(base).netloc else parts.path
    if unquote(path) == unquote(usual) and not parts.query and not parts.fragment:
        return path, ()
    text = (
        f"attestations are advertised at {show(str(url), limit=256)}, which is not where npm keeps those of {version}"
    )
    return usual, (Note(code="REG_ATTESTATIONS_PATH", text=text),)


def _advertises_provenance(entry: Mapping[str, Json]) -> bool:
    advertised = dist(entry).get("attestations")
    return isinstance(advertised, Mapping) and bool(advertised.get("provenance"))


def _time_notes(about: Packument, version: str, context: Context) -> tuple[Note, ...]:
    """Report a publish time that cannot be right. It is unsigned: nothing is proved by it, or by its absence."""
    published = about.times.get(version)
    if published is not None and published > context.now + FUTURE:
        text = f"the registry says that {version} was published at {published:%Y-%m-%d}, which has not come yet"
        return (Note(code="REG_TIME", text=text),)
    if version in about.bad_times:
        return (Note(code="REG_TIME", text=f"the registry's publish time of {version} is not a time"),)
    return ()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
