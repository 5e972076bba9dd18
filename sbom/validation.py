"""Nothing that the official schema of CycloneDX refuses is ever written."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from provenly.sbom.members import https

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

PREFIX: Final = "http://cyclonedx.org/schema/"
"""Where the schemas say that they are; nothing is fetched from there."""

SHARED: Final = ("spdx", "jsf-0.82", "cryptography-defs")
"""Schemas that the others refer to."""


class InvalidDocumentError(RuntimeError):
    """We made a document that is not what it says it is. That is a bug in provenly, never the package's fault: 70."""


def validate(members: dict[str, Any], version: str) -> None:
    """Hold a JSON document of ours to the schema of its version.

    :raises InvalidDocumentError: the schema refuses it, or a bom-ref is there twice.
    """
    fault = next(_validator(version).iter_errors(members), None)
    if fault is not None:
        what = f"{fault.json_path}: {fault.message}"
        raise InvalidDocumentError(f"provenly made an invalid CycloneDX {version} document: {what[:1_000]}")
    seen: set[str] = set()
    for ref in _refs(members):
        if ref in seen:
            raise InvalidDocumentError(f"provenly made a CycloneDX document with the bom-ref {ref[:200]!r} twice")
        seen.add(ref)


def validate_xml(text: str, version: str) -> None:
    """Hold an XML document of ours to the XSD of its version.

    :raises InvalidDocumentError: the XSD refuses it.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.xml import XmlValidator

    fault = XmlValidator(SchemaVersion.from_version(version)).validate_str(text)
    if fault is not None:
        raise InvalidDocumentError(f"provenly made an invalid CycloneDX {version} document: {str(fault)[:1_000]}")


def _refs(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        own = [value["bom-ref"]] if "bom-ref" in value else []
        return own + [ref for member in value.values() for ref in _refs(member)]
    return [ref for member in value for ref in _refs(member)] if isinstance(value, list) else []


@cache
def _validator(version: str) -> Draft7Validator:
    """Return the validator of a version, with the schemas that cyclonedx-python-lib brings along.

    Its own validator checks addresses with whatever parser of IRIs happens to be installed; that of rfc3987-syntax
    takes 27 ms each, seconds for a tree of packages. All addresses of ours match a narrower grammar, which is checked.
    """
    from jsonschema import Draft7Validator, FormatChecker
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    formats = FormatChecker(formats=("date-time", "idn-email", "email"))
    formats.checks("iri-reference")(lambda text: not isinstance(text, str) or text == "" or bool(https(text)))
    shared = [(f"{PREFIX}{name}.SNAPSHOT.schema.json", DRAFT7.create_resource(_schema(name))) for name in SHARED]
    registry: Registry[Any] = Registry().with_resources(shared)
    return Draft7Validator(_schema(f"bom-{version}"), registry=registry, format_checker=formats)


def _schema(name: str) -> dict[str, Any]:
    folder = resources.files("cyclonedx.schema") / "_res"
    members: dict[str, Any] = json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))
    return members
