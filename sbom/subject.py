"""The component that the document is about: the package, its bytes, and who is said or proven to stand behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenly.sbom import licences
from provenly.sbom.members import (
    MAX_VERSION,
    NAME,
    VERSION,
    Document,
    facts_of,
    https,
    installable,
    number,
    part,
    parts,
    shown,
    split,
    status_of,
    text,
    texts,
)
from provenly.trust.digest import Digest
from provenly.trust.text import plural, redact, show

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType
    from cyclonedx.model.component import Component, Pedigree
    from cyclonedx.model.component_evidence import ComponentEvidence
    from cyclonedx.model.contact import OrganizationalEntity
    from packageurl import PackageURL

COMMIT_PAGES: Final = {
    "https://github.com/": "/commit/",
    "https://gitlab.com/": "/-/commit/",
    "https://bitbucket.org/": "/commits/",
    "https://codeberg.org/": "/commit/",
}
"""Where forges show a commit, after the URL of the repository."""

NPM: Final = "https://registry.npmjs.org"
"""The registry whose packages have pages at npmjs.com."""

NO_COPYRIGHT: Final = "No copyright notice was found in the package."
"""What is said where no licence file names anybody: buyers ask that it be said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplier:
    """Who stands behind a component.

    :param how: what kind of knowledge that is: ``verified: …``, ``claimed: …`` or ``distributor: …``.
    """

    name: str
    url: str
    how: str

    def entity(self) -> OrganizationalEntity:
        """Return it as CycloneDX has it."""
        from cyclonedx.model import XsUri
        from cyclonedx.model.contact import OrganizationalEntity

        return OrganizationalEntity(name=self.name, urls=[XsUri(self.url)] if self.url else ())

    def maker(self) -> OrganizationalEntity | None:
        """Return it where it is said to have made the component, and not only to hand it on."""
        return None if self.how.startswith("distributor") else self.entity()


def component(document: Document, *, acknowledged: bool) -> Component:
    """Return the component, without its properties.

    :param acknowledged: whether the version of CycloneDX can tell declared and concluded licences apart.
    """
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.contact import OrganizationalContact

    package = part(document, "package")
    group, short = split(text(package, "name"))
    authors = [shown(name) for name in texts(package, "authors")]
    found = supplier(document)
    return Component(
        type=ComponentType.APPLICATION if package.get("commands", True) else ComponentType.LIBRARY,
        bom_ref=reference(document),
        group=group or None,
        name=short or shown(text(document, "reference")),
        version=shown(text(package, "version"), limit=MAX_VERSION) or None,
        purl=purl(text(package, "name"), text(package, "version")),
        description=shown(text(package, "description")) or None,
        publisher=shown(text(package, "publisher")) or None,
        supplier=found.entity() if found else None,
        manufacturer=found.maker() if found else None,
        authors=[OrganizationalContact(name=name) for name in authors],
        licenses=licences.made(declared(document), conclusion(document), acknowledged=acknowledged),
        copyright="; ".join(_copyright(document)) or (NO_COPYRIGHT if part(document, "artifact") else None),
        hashes=hashes(document),
        external_references=_references(document),
        pedigree=_pedigree(document),
        evidence=_evidence(document),
    )


def reference(document: Document) -> str:
    """Return the bom-ref of the package: made of a digest, so that no name can clash with it."""
    sha256 = text(part(document, "artifact"), "sha256")
    if sha256:
        return f"sha256:{sha256}"
    return f"reference:{Digest.of(text(document, 'reference').encode('utf-8', 'backslashreplace')).hex}"


def purl(name: str, version: str) -> PackageURL | None:
    """Return the package-url of a package, or ``None`` where its name or version is not one that npm would take."""
    from packageurl import PackageURL

    found = NAME.fullmatch(name) if installable(name) else None
    if found is None or (version and VERSION.fullmatch(version) is None):
        return None
    return PackageURL(type="npm", namespace=found[1], name=found[2], version=version or None)


def declared(document: Document) -> tuple[str, ...]:
    """Return the licences that the manifest declares."""
    return texts(part(part(document, "package"), "licence"), "declared")


def conclusion(document: Document) -> licences.Conclusion:
    """Return which licence we take to apply to the package, and why."""
    files = parts(part(part(document, "package"), "licence"), "files")
    return licences.conclude(declared(document), [text(one, "identified") for one in files if text(one, "identified")])


def supplier(document: Document) -> Supplier | None:
    """Return who supplies the package, as far as that is known best.

    That is the owner of the repository that provably built it, else of the one that acknowledges it; else it is who is
    claimed.
    """
    package = part(document, "package")
    facts = facts_of(document, "provenance-identity")
    owner = https(text(facts, "owner"))
    if owner and status_of(document).get("provenance") == "passed":
        return Supplier(name=owner.rsplit("/", 1)[-1], url=owner, how="verified: owner of the repository that built it")
    owner = https(text(part(document, "source"), "repository")).rpartition("/")[0]
    name = owner.removeprefix("https://").partition("/")[2]
    if name and status_of(document).get("source-acknowledged") == "passed":
        return Supplier(name=name, url=owner, how="verified: owner of the repository that acknowledges it")
    page = https(text(package, "homepage")) or _page(package)
    for name, how in (
        (next(iter(texts(package, "authors")), ""), "claimed: author in the manifest"),
        (text(package, "publisher"), "claimed: account that published it, as the registry says"),
    ):
        if shown(name):
            return Supplier(name=shown(name), url=page, how=how)
    registry = https(text(package, "registry"))
    if registry:
        name = registry.removeprefix("https://").partition("/")[0]
        return Supplier(name=name, url=registry, how="distributor: the registry; nobody else is named")
    return None


def hashes(document: Document) -> list[HashType]:
    """Return the digests of the archive that was analysed."""
    from cyclonedx.model import HashAlgorithm, HashType

    artifact = part(document, "artifact")
    pairs = (HashAlgorithm.SHA_256, text(artifact, "sha256")), (HashAlgorithm.SHA_512, text(artifact, "sha512"))
    return [HashType(alg=algorithm, content=content) for algorithm, content in pairs if content]


def _page(package: Document) -> str:
    name = text(package, "name")
    if text(package, "registry") != NPM or not installable(name):
        return ""
    return https(f"https://www.npmjs.com/package/{name}")


def _copyright(document: Document) -> Iterator[str]:
    for file in parts(part(part(document, "package"), "licence"), "files"):
        yield from (shown(line, limit=256) for line in texts(file, "copyright")[:4])


def _evidence(document: Document) -> ComponentEvidence | None:
    """Return the licence texts that lie in the package: what the conclusion about the licence rests on."""
    from cyclonedx.model import AttachedText
    from cyclonedx.model.component_evidence import ComponentEvidence
    from cyclonedx.model.license import DisjunctiveLicense

    found = []
    for file in parts(part(part(document, "package"), "licence"), "files"):
        modern = licences.modern(text(file, "identified"))
        content = show(redact(text(file, "text")), keep="\n")
        attached = AttachedText(content=content, content_type="text/plain") if content else None
        name = f"{shown(text(file, 'path'), limit=128)} (sha256 {text(file, 'sha256')})"
        found.append(
            DisjunctiveLicense(id=modern, text=attached) if modern else DisjunctiveLicense(name=name, text=attached)
        )
    return ComponentEvidence(licenses=found) if found else None


def _references(document: Document) -> Iterable[ExternalReference]:
    """Yield places to look at: only https URLs without secrets, whoever wrote them."""
    from cyclonedx.model import ExternalReference, XsUri
    from cyclonedx.model import ExternalReferenceType as Kind

    package, source = part(document, "package"), part(document, "source")
    commit = shown(text(source, "commit"), limit=64)
    found = [
        (Kind.VCS, text(source, "repository"), f"compared at commit {commit}, found by {text(source, 'found_by')}")
    ]
    if text(source, "repository").startswith("https://github.com/"):
        url = f"{text(source, 'repository')}/archive/{commit}.tar.gz"
        found.append((Kind.SOURCE_DISTRIBUTION, url, "the compared commit; these bytes were not analysed"))
    found.append((Kind.ATTESTATION, _attested(document), "the attestations of this version; provenance was verified"))
    run = text(facts_of(document, "provenance-identity"), "run")
    found.append((Kind.BUILD_META, run, "the run that built it, by verified provenance"))
    found.append((Kind.WEBSITE, text(package, "homepage"), "claimed by the package"))
    found.append((Kind.ISSUE_TRACKER, text(package, "issues"), "claimed by the package"))
    archive = https(text(part(document, "artifact"), "url"))
    if archive:
        yield ExternalReference(type=Kind.DISTRIBUTION, url=XsUri(archive), hashes=hashes(document))
    for kind, url, comment in found:
        if https(url):
            yield ExternalReference(type=kind, url=XsUri(https(url)), comment=comment)


def _attested(document: Document) -> str:
    """Return where the attestations were read, if the provenance among them holds; else an empty text."""
    for one in parts(document, "evidence"):
        if text(one, "check") == "provenance" and text(one, "status") == "passed":
            return next(iter(texts(one, "consulted")), "")
    return ""


def _pedigree(document: Document) -> Pedigree | None:
    """Return the commit that the files were compared with, and what the comparison found."""
    from cyclonedx.model import XsUri
    from cyclonedx.model.component import Commit, Pedigree

    source = part(document, "source")
    commit = shown(text(source, "commit"), limit=64)
    if not commit:
        return None
    notes = f"The packed files were compared with this commit, found by {text(source, 'found_by')}."
    files = part(document, "files")
    if files:
        classes = part(files, "by_class")
        total = number(files, "total")
        explained = total - number(classes, "unexplained") - number(classes, "vocabulary")
        notes = f"{notes} It explains {explained} of {plural(total, 'file')}."
    page = next(
        (
            https(f"{text(source, 'repository')}{infix}{commit}")
            for forge, infix in COMMIT_PAGES.items()
            if text(source, "repository").startswith(forge)
        ),
        "",
    )
    return Pedigree(commits=[Commit(uid=commit, url=XsUri(page) if page else None)], notes=notes)
