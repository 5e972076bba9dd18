"""The CycloneDX 1.6 document: the package, its hashes, the commit it was compared with, and the verdict.

CycloneDX says what a component is; whether that was found out or only claimed it has no field for. Verdict, checks and
claims therefore stand in properties under ``provenly:``. The specification is https://cyclonedx.org/docs/1.6/json/.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from provenly.sbom import claims as claims_module
from provenly.sbom import components
from provenly.sbom.claims import Claims
from provenly.trust.errors import UsageError
from provenly.trust.strict_json import canonical
from provenly.trust.text import show
from provenly.trust.verdict import Report

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

NAMESPACE: Final = UUID("5f6c1f4e-6f0b-5a0e-9d2c-6d7a4f0f3b1e")
"""The namespace of our serial numbers: a constant that nobody else uses."""


HEAD: Final = ("$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata")
"""The members that are written first, for people who look at the raw document."""


class InvalidDocumentError(RuntimeError):
    """We made a document that is not CycloneDX. That is a bug in provenly, never the package's fault: exit code 70."""


def render(report: Report, *, serial: str | None = None) -> str:
    """Return the document as indented JSON that ends in a line break. The same report gives the same bytes.

    :param serial: the serial number, a UUID with or without ``urn:uuid:``; without it one that follows from the
        archive, the policy and the time.
    :raises UsageError: ``serial`` is no UUID (``SBOM_SERIAL``).
    :raises InvalidDocumentError: the document does not validate against the schema of CycloneDX 1.6.
    """
    from cyclonedx.output.json import JsonV1Dot6

    claims = claims_module.read(report)
    subject = components.package(report, claims)
    named = map(components.dependency, claims.dependencies[: components.MAX_DEPENDENCIES])
    asked = [component for component in named if component is not None]
    bom = _bom(report, subject, asked, _serial(report, serial))
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    members = {key: made[key] for key in HEAD} | made
    members["compositions"] = _compositions(report, claims, asked)
    text = json.dumps(members, indent=2) + "\n"
    validate(text)
    return text


def _bom(report: Report, subject: Component, asked: list[Component], serial: UUID) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
    from cyclonedx.model.tool import ToolRepository

    tool = Component(type=ComponentType.APPLICATION, name="provenly", version=report.tool_version, bom_ref="tool")
    metadata = BomMetaData(
        timestamp=report.checked_at.astimezone(UTC),
        tools=ToolRepository(components=[tool]),
        component=subject,
        lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
    )
    bom = Bom(serial_number=serial, metadata=metadata, components=asked)
    bom.register_dependency(subject, asked)
    for component in asked:
        bom.register_dependency(component)
    return bom


def _serial(report: Report, serial: str | None) -> UUID:
    if serial is None:
        seed = (
            str(report.artifact.sha512) if report.artifact is not None else components.reference(report),
            str(report.verdict.policy_digest),
            report.checked_at.astimezone(UTC).isoformat(),
        )
        return uuid5(NAMESPACE, canonical(seed).decode())
    try:
        return UUID(serial)
    except ValueError as error:
        message = f"{show(serial, limit=64)} is no serial number: CycloneDX wants a UUID"
        raise UsageError(message, code="SBOM_SERIAL", hint="Leave it out to have one made.") from error


def _compositions(report: Report, claims: Claims, asked: list[Component]) -> list[dict[str, object]]:
    """Return how complete the document is: cyclonedx-python-lib has no model for it.

    We list no files as components and follow no dependency, so that only a package that asks for nothing and bundles
    nothing has complete dependencies; where no manifest was packed we know nothing.
    """
    subject = components.reference(report)
    knows = "incomplete" if claims.packed else "unknown"
    alone = claims.packed and not claims.dependencies and not claims.bundles
    made: list[dict[str, object]] = [
        {"aggregate": knows, "assemblies": [subject]},
        {"aggregate": "complete" if alone else knows, "dependencies": [subject]},
    ]
    if asked:
        made.append({"aggregate": "unknown", "dependencies": sorted(str(component.bom_ref) for component in asked)})
    return made


def validate(text: str) -> None:
    """Hold a document of ours to the strict schema of CycloneDX 1.6: nothing that it refuses is ever written.

    :raises InvalidDocumentError: the schema refuses it.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise InvalidDocumentError(f"provenly made an invalid CycloneDX document: {str(fault)[:1_000]}")
