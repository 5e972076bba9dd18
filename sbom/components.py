"""The parts of the CycloneDX document: the package with its verdict, and the packages that it asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from provenly.sbom.claims import NAME, VERSION, Claims, Dependency, https, shown
from provenly.sbom.licences import declared
from provenly.trust.artifact import Artifact
from provenly.trust.digest import Digest
from provenly.trust.evidence import FileClass, Status
from provenly.trust.source import Source
from provenly.trust.text import plural
from provenly.trust.verdict import Report

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType, Property
    from cyclonedx.model.component import Component, Pedigree
    from packageurl import PackageURL

MAX_DEPENDENCIES: Final = 1_000
"""Direct dependencies that become components; packages of the survey have at most some dozens."""

MAX_NAME: Final = 214
"""Characters of a package name, npm's own limit."""

MAX_VERSION: Final = 256
"""Characters of a version, as in node-semver. CycloneDX allows 1,024, escapes and the count of the rest included."""

MAX_UNEXPLAINED: Final = 1_000
"""Unexplained files that become properties; the JSON report has the rest, and the count is written."""

COMMIT_PAGES: Final = {
    "https://github.com/": "/commit/",
    "https://gitlab.com/": "/-/commit/",
    "https://bitbucket.org/": "/commits/",
    "https://codeberg.org/": "/commit/",
}
"""Where forges show a commit, after the URL of the repository."""


def package(report: Report, claims: Claims) -> Component:
    """Return the component that the document is about, with everything that was found out."""
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity

    found = report.package
    name, version = (found.name, found.version) if found is not None else (report.reference.name, "")
    group, short = _split(name)
    publisher = shown(found.release.publisher) if found is not None else ""
    supplier = claims.author or publisher
    return Component(
        type=ComponentType.APPLICATION if claims.runs else ComponentType.LIBRARY,
        bom_ref=reference(report),
        group=group,
        name=short or shown(report.reference.text),
        version=shown(version, limit=MAX_VERSION) or None,
        purl=purl(name, version),
        description=claims.description or None,
        publisher=publisher or None,
        supplier=OrganizationalEntity(name=supplier) if supplier else None,
        authors=[OrganizationalContact(name=claims.author)] if claims.author else (),
        licenses=declared(claims.licences),
        hashes=_hashes(report.artifact),
        external_references=_references(report, claims),
        pedigree=_pedigree(report) if report.source is not None else None,
        properties=_properties(report, claims),
    )


def reference(report: Report) -> str:
    """Return the bom-ref of the package: made of a digest, so that no name can clash with it."""
    if report.artifact is not None:
        return str(report.artifact.sha256)
    return f"reference:{Digest.of(report.reference.text.encode('utf-8', 'backslashreplace')).hex}"


def dependency(asked: Dependency) -> Component | None:
    """Return a package that the manifest asks for, or ``None`` where its name is none that npm would take.

    It has a version only where exactly one is asked for: what a range leads to depends on the day.
    """
    from cyclonedx.model.component import Component, ComponentScope, ComponentType

    if not installable(asked.name):
        return None
    group, short = _split(asked.name)
    exact = asked.spec if VERSION.fullmatch(asked.spec) else ""
    elsewhere = ":" in asked.spec or "/" in asked.spec
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=f"dependency:{asked.name}",
        group=group,
        name=short,
        version=exact or None,
        purl=None if elsewhere else purl(asked.name, exact),
        scope=ComponentScope.OPTIONAL if asked.kind == "optionalDependencies" else ComponentScope.REQUIRED,
        properties=_made([("provenly:claimed:range", shown(asked.spec)), ("provenly:claimed:field", asked.kind)]),
    )


def installable(name: str) -> bool:
    """Return whether npm would take ``name`` for a package."""
    return len(name) <= MAX_NAME and NAME.fullmatch(name) is not None


def purl(name: str, version: str) -> PackageURL | None:
    """Return the package-url of a package, or ``None`` where its name or version is not one that npm would take."""
    from packageurl import PackageURL

    parts = NAME.fullmatch(name)
    if parts is None or (version and VERSION.fullmatch(version) is None):
        return None
    return PackageURL(type="npm", namespace=parts[1], name=parts[2], version=version or None)


def _split(name: str) -> tuple[str | None, str]:
    """Return the scope, as other CycloneDX tools for npm write it, and the rest of a name."""
    parts = NAME.fullmatch(name)
    return (parts[1], parts[2]) if parts else (None, shown(name))


def _hashes(artifact: Artifact | None) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    if artifact is None:
        return []
    return [
        HashType(alg=HashAlgorithm.SHA_256, content=artifact.sha256.hex),
        HashType(alg=HashAlgorithm.SHA_512, content=artifact.sha512.hex),
    ]


def _attested(report: Report) -> str:
    """Return where the attestations were read, if the provenance among them holds; else an empty text."""
    found = next((one for one in report.evidence if one.check == "provenance"), None)
    return found.consulted[0] if found and found.status is Status.PASSED and found.consulted else ""


def _references(report: Report, claims: Claims) -> Iterable[ExternalReference]:
    """Yield places to look at: only https URLs without secrets, whoever wrote them."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    source = https(report.source.repository) if report.source is not None else ""
    if source and report.source is not None:
        comment = f"compared at commit {shown(report.source.commit)}, found by {report.source.found_by}"
        yield ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(source), comment=comment)
    archive = https(report.package.url) if report.package is not None else ""
    if archive:
        kind = ExternalReferenceType.DISTRIBUTION
        yield ExternalReference(type=kind, url=XsUri(archive), hashes=_hashes(report.artifact))
    attested = https(_attested(report))
    if attested:
        comment = "the attestations of this version; their provenance was verified"
        yield ExternalReference(type=ExternalReferenceType.ATTESTATION, url=XsUri(attested), comment=comment)
    pages = (ExternalReferenceType.WEBSITE, claims.homepage), (ExternalReferenceType.ISSUE_TRACKER, claims.issues)
    for kind, url in pages:
        if url:
            yield ExternalReference(type=kind, url=XsUri(url), comment="claimed by the package")


def _pedigree(report: Report) -> Pedigree | None:
    """Return the commit that the files were compared with, and what the comparison found."""
    from cyclonedx.model import XsUri
    from cyclonedx.model.component import Commit, Pedigree

    source = report.source
    if source is None:
        return None
    page = _page(source)
    notes = f"The packed files were compared with this commit, found by {source.found_by}."
    if report.comparison is not None:
        total = len(report.comparison.files)
        explained = total - len(report.comparison.unexplained)
        notes = f"{notes} It explains {explained} of {plural(total, 'file')}."
    return Pedigree(commits=[Commit(uid=shown(source.commit), url=XsUri(page) if page else None)], notes=notes)


def _page(source: Source) -> str:
    for forge, infix in COMMIT_PAGES.items():
        if source.repository.startswith(forge):
            return https(f"{source.repository}{infix}{source.commit}")
    return ""


def _properties(report: Report, claims: Claims) -> list[Property]:
    """Return the verdict, every check with its status, the files by class, and what is claimed only."""
    verdict = report.verdict
    members = [
        ("provenly:verdict", verdict.action.value),
        ("provenly:policy", shown(verdict.policy)),
        ("provenly:policy:digest", str(verdict.policy_digest)),
        ("provenly:checked-at", report.checked_at.isoformat()),
        ("provenly:reference", shown(report.reference.text)),
    ]
    members += [(f"provenly:check:{one.check}", one.status.value) for one in report.evidence]
    members += [(f"provenly:reason:{reason.check}", reason.action.value) for reason in verdict.reasons]
    members += [
        (f"provenly:waived:{reason.check}", shown(reason.waived)) for reason in verdict.reasons if reason.waived
    ]
    members += _files(report)
    members += _claimed(report, claims)
    return _made(members)


def _files(report: Report) -> Iterable[tuple[str, str]]:
    comparison = report.comparison
    if report.source is not None:
        yield "provenly:source:directory", shown(report.source.directory)
        yield "provenly:source:repository", shown(report.source.repository)
    if comparison is None:
        return
    yield "provenly:files:total", str(len(comparison.files))
    for kind in FileClass:
        yield f"provenly:files:{kind}", str(comparison.count(kind))
    for file in comparison.traced[:MAX_UNEXPLAINED]:
        yield "provenly:traced", f"{shown(file.path)} ({file.file_class}; {shown(file.detail)})"
    for file in comparison.unexplained[:MAX_UNEXPLAINED]:
        spans = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in file.lines[:16])
        reach = ("executable" if file.executable else "data") + (", not looked at" if file.unchecked else "")
        yield "provenly:unexplained", f"{shown(file.path)} ({reach}{f'; line {spans}' if spans else ''})"
    left = len(comparison.unexplained) - MAX_UNEXPLAINED
    if left > 0:
        yield "provenly:unexplained:not-listed", str(left)


def _claimed(report: Report, claims: Claims) -> Iterable[tuple[str, str]]:
    """Yield what nobody has verified: consumers must not read it as found out."""
    values = {
        "author": claims.author,
        "description": claims.description,
        "licenses": ", ".join(map(shown, claims.licences[:16])),
    }
    if report.package is not None:
        values["publisher"] = shown(report.package.release.publisher)
        values["deprecated"] = shown(report.package.deprecated)
        values["published"] = report.package.published.isoformat() if report.package.published else ""
        values |= {f"source:{claim.claimant}": shown(claim.text) for claim in report.package.claims[:16]}
    yield from ((f"provenly:claimed:{key}", value) for key, value in values.items() if value)
    for asked in (one for one in claims.dependencies[:MAX_DEPENDENCIES] if not installable(one.name)):
        yield "provenly:claimed:dependency", f"{shown(asked.name)} {shown(asked.spec)}"
    left = max(0, len(claims.dependencies) - MAX_DEPENDENCIES)
    if left:
        yield "provenly:claimed:dependencies:not-listed", str(left)


def _made(members: Iterable[tuple[str, str]]) -> list[Property]:
    from cyclonedx.model import Property

    return [Property(name=name, value=value) for name, value in members]
