"""The additions in their XML form: CycloneDX writes the same things in both, with wrappers and attributes in XML.

The rules are those of the published XSD. Members come in its order already, because it fixes the order of elements
and JSON fixes none.
"""

from __future__ import annotations

from typing import Any, Final
from xml.etree import ElementTree as ET

ORDER: Final = (
    *("metadata", "components", "services", "externalReferences", "dependencies", "compositions", "properties"),
    *("vulnerabilities", "annotations", "formulation", "declarations", "definitions", "citations"),
)
"""The elements below ``bom`` in the order of the XSD."""

ADDED: Final = ("compositions", "annotations", "formulation", "declarations", "citations")

WRAPPED: Final = {
    "compositions": "composition",
    "annotations": "annotation",
    "formulation": "formula",
    "workflows": "workflow",
    "taskTypes": "taskType",
    "inputs": "input",
    "outputs": "output",
    "assessors": "assessor",
    "attestations": "attestation",
    "claims": "claim",
    "counterClaims": "counterClaim",
    "citations": "citation",
    "pointers": "pointer",
}
"""Lists whose members stand in an element of their own, and what each member is called."""

REFERENCES: Final = {"assemblies": "assembly", "dependencies": "dependency", "subjects": "subject"}
"""Lists of bom-refs, which stand in an attribute."""


def write(text: str, members: dict[str, Any]) -> str:
    """Return the XML document ``text`` of the library with the additions of the JSON document ``members`` in it."""
    root = ET.fromstring(text)  # noqa: S314 - cyclonedx-python-lib wrote it a moment ago
    space = root.tag[: root.tag.index("}") + 1]
    ET.register_namespace("", space[1:-1])
    for key in ADDED:
        if key in members:
            _add(root, space, key, members[key])
    root[:] = sorted(root, key=lambda one: ORDER.index(one.tag.removeprefix(space)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(parent: ET.Element, space: str, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    """Add one member of a JSON object below ``parent``."""
    if key == "bom-ref":
        parent.set(key, value)
    elif key == "properties":
        wrapper = ET.SubElement(parent, space + key)
        for one in value:
            ET.SubElement(wrapper, f"{space}property", name=one["name"]).text = one["value"]
    elif key == "attachment":
        element = ET.SubElement(parent, space + key)
        element.set("content-type", value["contentType"])
        element.text = value["content"]
    elif key == "externalReference":
        element = ET.SubElement(parent, space + key, type=value["type"])
        for name in ("url", "comment"):
            _add(element, space, name, value[name])
    elif key in REFERENCES:
        wrapper = ET.SubElement(parent, space + key)
        for one in value:
            ET.SubElement(wrapper, space + REFERENCES[key], ref=one)
    elif isinstance(value, list):
        _add_list(parent, space, key, value)
    else:
        _fill(ET.SubElement(parent, space + key), space, value)


def _add_list(parent: ET.Element, space: str, key: str, values: list[Any]) -> None:
    """Add a list: in a wrapper where the XSD has one; the evidence of declarations is wrapped in itself."""
    inner = WRAPPED.get(key, "evidence" if key == "evidence" and isinstance(values[0], dict) else "")
    below = ET.SubElement(parent, space + key) if inner else parent
    for value in values:
        _fill(ET.SubElement(below, space + (inner or key)), space, value)


def _fill(element: ET.Element, space: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for key, member in value.items():
            _add(element, space, key, member)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
