"""The CycloneDX document of a report: the package, what it brings along, how it was made, and the verdict.

It is made from the JSON report, so that a saved report gives the same document as a live one, and holds nothing that
the report has not. The specifications are https://cyclonedx.org/docs/1.6/json/ and its neighbours.
"""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from provenly.sbom import additions, declarations, properties, subject, validation, xml_form
from provenly.sbom.dependencies import Tree, tree
from provenly.sbom.members import Document, part, shown, text, tool_version
from provenly.sbom.validation import InvalidDocumentError
from provenly.trust.errors import UsageError
from provenly.trust.strict_json import canonical
from provenly.trust.text import show

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom, BomMetaData

__all__ = ["FORMS", "VERSIONS", "InvalidDocumentError", "members_of", "render"]

VERSIONS: Final = ("1.5", "1.6", "1.7")
FORMS: Final = ("json", "xml")

NAMESPACE: Final = UUID("5f6c1f4e-6f0b-5a0e-9d2c-6d7a4f0f3b1e")
"""The namespace of our serial numbers: a constant that nobody else uses."""

HEAD: Final = ("$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata")
"""The members that are written first, for people who look at the raw document."""

DATA_LICENCE: Final = "CC0-1.0"
"""The licence of the document itself, as SPDX asks for its documents: a list of facts that anybody may pass on."""


def render(
    document: Document, *, version: str = "1.6", form: str = "json", serial: str | None = None, author: str = ""
) -> str:
    """Return the CycloneDX document, ending in a line break. The same report gives the same bytes.

    :param document: a JSON report, ``provenly/report/1``.
    :param version: one of :data:`VERSIONS`; 1.5 knows no declarations and no standards.
    :param form: one of :data:`FORMS`.
    :param serial: the serial number, a UUID with or without ``urn:uuid:``; without it one that follows from the
        archive, the policy and the time.
    :param author: who answers for the document, as ``Name <address>`` or a name alone; without it the tool.
    :raises UsageError: ``serial`` is no UUID (``SBOM_SERIAL``), or there is no such version or form (``SBOM_VERSION``).
    :raises InvalidDocumentError: the document does not validate against the schema.
    """
    if version not in VERSIONS or form not in FORMS:
        message = f"there is no CycloneDX {show(version, limit=16)} as {show(form, limit=16)} here"
        raise UsageError(message, code="SBOM_VERSION", hint=f"Ask for {', '.join(VERSIONS)} as json or xml.")
    bom, members = _made(document, version, serial, author)
    if form == "json":
        return json.dumps(members, indent=2) + "\n"
    whole = xml_form.write(_written(bom, "XML", version), members)
    validation.validate_xml(whole, version)
    return whole


def members_of(document: Document, *, author: str = "") -> dict[str, Any]:
    """Return the members of the CycloneDX 1.6 document, validated: what other forms of it are made from."""
    return _made(document, "1.6", None, author)[1]


def _made(document: Document, version: str, serial: str | None, author: str) -> tuple[Bom, dict[str, Any]]:
    """Return the document as the library models it, and its whole JSON members, validated."""
    found = tree(document, acknowledged=version != "1.5")
    bom = _bom(document, found, _serial(document, serial), author, version)
    made = json.loads(_written(bom, "JSON", version))
    members = {key: made[key] for key in HEAD} | made
    additions.add(members, document, found, version)
    validation.validate(members, version)
    return bom, members


def _written(bom: Bom, form: str, version: str) -> str:
    """Return the document as the library writes it.

    It warns of packages that nothing depends on directly; whether the tree is whole, our compositions say.
    """
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return make_outputter(bom, OutputFormat[form], SchemaVersion.from_version(version)).output_as_string()


def _bom(document: Document, found: Tree, serial: UUID, author: str, version: str) -> Bom:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.dependency import Dependency

    about = subject.component(document, acknowledged=version != "1.5")
    about.properties = properties.of(document)
    about.components = found.bundled
    bom = Bom(serial_number=serial, components=found.components)
    bom.metadata = _metadata(document, author)
    bom.metadata.component = about
    bom.metadata.supplier = about.supplier
    named = {str(one.bom_ref): one for one in (about, *found.components)}
    bom.dependencies = [
        Dependency(named[owner].bom_ref, [Dependency(named[other].bom_ref) for other in others])
        for owner, others in found.edges.items()
    ]
    if version != "1.5":
        bom.definitions = declarations.definitions()
    return bom


def _metadata(document: Document, author: str) -> BomMetaData:
    from cyclonedx.model.bom import BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
    from cyclonedx.model.tool import ToolRepository

    version = tool_version(document)
    tool = Component(type=ComponentType.APPLICATION, name="provenly", version=version, bom_ref="tool")
    name, _, address = author.partition("<")
    email = address.rstrip("> ").strip()
    who = OrganizationalContact(name=shown(name.strip()) or "provenly", email=shown(email) if "@" in email else None)
    return BomMetaData(
        timestamp=datetime.fromisoformat(text(document, "checked_at")).astimezone(UTC),
        tools=ToolRepository(components=[tool]),
        authors=[who],
        manufacturer=OrganizationalEntity(name=who.name, contacts=[who]) if author else None,
        licenses=[DisjunctiveLicense(id=DATA_LICENCE)],
        lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
    )


def _serial(document: Document, serial: str | None) -> UUID:
    if serial is None:
        seed = (
            f"sha512:{text(part(document, 'artifact'), 'sha512')}"
            if part(document, "artifact")
            else subject.reference(document),
            text(part(part(document, "verdict"), "policy"), "digest"),
            text(document, "checked_at"),
        )
        return uuid5(NAMESPACE, canonical(seed).decode())
    try:
        return UUID(serial)
    except ValueError as error:
        message = f"{show(serial, limit=64)} is no serial number: CycloneDX wants a UUID"
        raise UsageError(message, code="SBOM_SERIAL", hint="Leave it out to have one made.") from error
