"""The SPDX 2.3 document of a report, for those whose tools read that: https://spdx.github.io/spdx-spec/v2.3/.

It is made from the members of the CycloneDX document, so that both say the same. SPDX has no place for declarations
and compositions: the verdict and every check are annotations, and a tree that is not whole depends on NOASSERTION.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from provenly.sbom import cyclonedx
from provenly.sbom.members import Document
from provenly.sbom.validation import InvalidDocumentError
from provenly.trust.digest import Digest

if TYPE_CHECKING:
    from spdx_tools.spdx.model import Actor, Annotation, Package, Relationship
    from spdx_tools.spdx.model import Document as SpdxDocument

MAX_COMMENT: Final = 2_048
"""Characters of one annotation."""

SAID: Final = re.compile(r"provenly:(?:verdict|policy|check|reason|waived|source|files|licence|supplier)\b.*")
"""Properties of the package that become annotations."""


def render(document: Document, *, author: str = "") -> str:
    """Return the SPDX 2.3 document as JSON, ending in a line break. The same report gives the same bytes.

    :param author: who answers for the document, as ``Name <address>`` or a name alone.
    :raises InvalidDocumentError: the SPDX library refuses the document.
    """
    from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    made = _document(cyclonedx.members_of(document, author=author), author)
    faults = validate_full_spdx_document(made, "SPDX-2.3")
    if faults:
        raise InvalidDocumentError(
            f"provenly made an invalid SPDX 2.3 document: {faults[0].validation_message[:1_000]}"
        )
    return json.dumps(DocumentConverter().convert(made), indent=2) + "\n"


def _document(members: dict[str, Any], author: str) -> SpdxDocument:
    from spdx_tools.spdx.model import CreationInfo
    from spdx_tools.spdx.model import Document as SpdxDocument

    metadata = members["metadata"]
    about = metadata["component"]
    bundled = about.get("components", [])
    serial = members["serialNumber"].removeprefix("urn:uuid:")
    words = " ".join(one["text"] for one in members["annotations"])
    info = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id="SPDXRef-DOCUMENT",
        name=f"{about['name']}-{about.get('version', 'unresolved')}",
        document_namespace=f"https://spdx.org/spdxdocs/provenly-{serial}",
        creators=_creators(metadata, author),
        created=datetime.fromisoformat(metadata["timestamp"]).replace(microsecond=0, tzinfo=None),
        document_comment=words[:MAX_COMMENT],
    )
    return SpdxDocument(
        creation_info=info,
        packages=[_package(one) for one in (about, *bundled, *members.get("components", []))],
        annotations=_annotations(about, info.creators[0], info.created),
        relationships=_relationships(members, about, bundled),
    )


def _creators(metadata: dict[str, Any], author: str) -> list[Actor]:
    from spdx_tools.spdx.model import Actor, ActorType

    tool = metadata["tools"]["components"][0]
    found = [Actor(ActorType.TOOL, f"{tool['name']}-{tool['version']}")]
    if author:
        who = metadata["authors"][0]
        found.append(Actor(ActorType.ORGANIZATION, who["name"], who.get("email")))
    return found


def _id(ref: str) -> str:
    """Return the SPDX id of a bom-ref: letters, digits, dots and hyphens only, and unique by a digest."""
    words = re.sub(r"[^A-Za-z0-9.]+", "-", ref).strip("-")[:64]
    return f"SPDXRef-{words}-{Digest.of(ref.encode()).hex[:12]}"


def _package(one: dict[str, Any]) -> Package:
    """Return a component as a package."""
    from spdx_tools.spdx.model import (
        Actor,
        ActorType,
        Checksum,
        ChecksumAlgorithm,
        ExternalPackageRef,
        ExternalPackageRefCategory,
        Package,
        PackagePurpose,
        SpdxNoAssertion,
    )

    named = {member["name"]: member["value"] for member in one.get("properties", [])}
    places = {member["type"]: member["url"] for member in reversed(one.get("externalReferences", []))}
    supplier = one.get("supplier", {}).get("name")
    purl = one.get("purl")
    by = ExternalPackageRefCategory.PACKAGE_MANAGER
    commits = one.get("pedigree", {}).get("commits", [])
    declared = named.get("provenly:claimed:licenses", "")
    return Package(
        spdx_id=_id(one["bom-ref"]),
        name=f"{one['group']}/{one['name']}" if "group" in one else one["name"],
        version=one.get("version"),
        download_location=places.get("distribution", SpdxNoAssertion()),
        file_name=named.get("bsi:component:filename"),
        supplier=Actor(ActorType.ORGANIZATION, supplier) if supplier else SpdxNoAssertion(),
        files_analyzed=False,
        checksums=[
            Checksum(ChecksumAlgorithm[member["alg"].replace("-", "")], member["content"])
            for member in one.get("hashes", [])
        ],
        homepage=places.get("website"),
        source_info=f"compared with commit {commits[0]['uid']} of {places.get('vcs', 'its source')}"
        if commits
        else None,
        license_concluded=_licence(one, "concluded"),
        license_declared=_licence(one, "declared"),
        license_comment=f"As it is declared: {declared}" if declared else None,
        copyright_text=one.get("copyright", SpdxNoAssertion()),
        description=one.get("description"),
        external_references=[ExternalPackageRef(by, "purl", purl)] if purl else [],
        primary_package_purpose=PackagePurpose[one["type"].upper()],
    )


def _licence(one: dict[str, Any], how: str) -> Any:  # noqa: ANN401 - an expression or no assertion
    """Return what is declared or concluded; of an expression, which CycloneDX has alone, both are the same."""
    from spdx_tools.common.spdx_licensing import spdx_licensing
    from spdx_tools.spdx.model import SpdxNoAssertion

    for member in one.get("licenses", []):
        if "expression" in member:
            return spdx_licensing.parse(member["expression"])
        licence = member["license"]
        if licence.get("acknowledgement") == how and "id" in licence:
            return spdx_licensing.parse(licence["id"])
    return SpdxNoAssertion()


def _annotations(about: dict[str, Any], tool: Actor, when: datetime) -> list[Annotation]:
    from spdx_tools.spdx.model import Annotation, AnnotationType

    return [
        Annotation(
            _id(about["bom-ref"]), AnnotationType.REVIEW, tool, when, f"{one['name']}: {one['value']}"[:MAX_COMMENT]
        )
        for one in about["properties"]
        if SAID.fullmatch(one["name"])
    ]


def _relationships(members: dict[str, Any], about: dict[str, Any], bundled: list[dict[str, Any]]) -> list[Relationship]:
    from spdx_tools.spdx.model import Relationship, RelationshipType, SpdxNoAssertion

    subject = _id(about["bom-ref"])
    found = [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, subject)]
    found += [Relationship(subject, RelationshipType.CONTAINS, _id(one["bom-ref"])) for one in bundled]
    for one in members.get("dependencies", []):
        owner = _id(one["ref"])
        found += [Relationship(owner, RelationshipType.DEPENDS_ON, _id(other)) for other in one.get("dependsOn", [])]
    whole = {
        ref for one in members["compositions"] if one["aggregate"] == "complete" for ref in one.get("dependencies", [])
    }
    if about["bom-ref"] not in whole:
        why = "the dependencies are not known to be complete"
        found.append(Relationship(subject, RelationshipType.DEPENDS_ON, SpdxNoAssertion(), why))
    return found
