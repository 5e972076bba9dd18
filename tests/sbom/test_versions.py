"""Every version and form, held to the official validators; and what other tools are known to reject."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.validation.xml import XmlValidator
from packageurl import PackageURL

from provenly.report import saved
from provenly.sbom import cyclonedx, validation, xml_form
from provenly.sbom.members import https
from provenly.trust.errors import UsageError
from provenly.trust.strict_json import thaw
from provenly.trust.verdict import Report
from tests.report import parts, samples

VERSIONS = ("1.5", "1.6", "1.7")
BAD_TREE = {
    "dependencies": [
        {"id": "a@1.0.0", "purl": "pkg:npm/a b@1.0.0", "url": "http://x", "licence": "MIT AND"},
        {"id": "a@1.0.0", "purl": "pkg:maven/a@1.0.0", "url": "javascript:alert(1)", "licence": "x" * 70_000},
        {"id": "\x1b[31m\u202e", "purl": "pkg:npm/%00@1", "url": "https://a/\n", "licence": "GPL-2.0+"},
        {"id": "self@1.0.0", "purl": "nonsense", "url": None, "licence": "SEE LICENSE IN X"},
    ],
    "edges": {
        "@acme/mail-mcp@1.0.16": ["a@1.0.0", "a@1.0.0", "gone@1.0.0", "self@1.0.0"],
        "self@1.0.0": ["self@1.0.0", "@acme/mail-mcp@1.0.16"],
        "gone@1.0.0": ["a@1.0.0"],
    },
}
"""A tree as only a forged report has it: twice the same id, edges to nowhere and to itself, and text for fools."""


def whole() -> Report:
    return replace(samples.attested(), graph=parts.graph())


def forged() -> saved.Document:
    made = saved.of(whole())
    members = thaw(made)
    one = members["graph"]["dependencies"][1]
    members["graph"]["dependencies"] = [one | change for change in BAD_TREE["dependencies"]]
    members["graph"]["edges"] = BAD_TREE["edges"]
    return saved.load(json.dumps(members), name="forged.json")


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if "bom-ref" in document:
            yield document["bom-ref"]
        for member in document.values():
            yield from references(member)
    elif isinstance(document, list):
        for member in document:
            yield from references(member)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["whole", "unresolved", "hostile"])
def test_the_official_validators_accept_every_version_in_both_forms(name: str, version: str):
    document = saved.of(whole() if name == "whole" else samples.ALL[name]())
    written = cyclonedx.render(document, version=version)
    assert json.loads(written)["specVersion"] == version
    assert JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(written) is None
    written = cyclonedx.render(document, version=version, form="xml")
    assert XmlValidator(SchemaVersion.from_version(version)).validate_str(written) is None
    assert written == cyclonedx.render(document, version=version, form="xml")


@pytest.mark.parametrize(("version", "form"), [("1.4", "json"), ("2.0", "json"), ("1.6", "yaml"), ("\x1b", "xml")])
def test_other_versions_and_forms_are_refused(version: str, form: str):
    with pytest.raises(UsageError) as caught:
        cyclonedx.render(saved.of(whole()), version=version, form=form)
    assert caught.value.code == "SBOM_VERSION"
    assert "\x1b" not in caught.value.message


def test_both_forms_say_the_same():
    document = saved.of(whole())
    members = json.loads(cyclonedx.render(document))
    root = ET.fromstring(cyclonedx.render(document, form="xml"))  # noqa: S314 - our own
    space = root.tag[: root.tag.index("}") + 1]
    for path, key in (
        ("declarations/claims/claim", "claims"),
        ("declarations/evidence/evidence", "evidence"),
        ("declarations/attestations/attestation", "attestations"),
    ):
        found = root.findall("/".join(space + step for step in path.split("/")))
        assert len(found) == len(members["declarations"][key]) > 5
    written = {one.get("bom-ref") for one in root.iter() if one.get("bom-ref")}
    assert written == set(references(members))
    steps = ("formulation", "formula", "workflows", "workflow", "properties", "property")
    built = {one.get("name"): one.text for one in root.findall("/".join(space + step for step in steps))}
    assert built["provenly:build:commit"] == parts.COMMIT


def test_an_invalid_xml_document_is_a_bug():
    members = cyclonedx.members_of(saved.of(whole()))
    members["compositions"][0]["aggregate"] = "probably"
    written = cyclonedx.render(saved.of(whole()), form="xml")
    root = ET.fromstring(written)  # noqa: S314 - our own
    for one in list(root):
        if one.tag.endswith("}compositions"):
            root.remove(one)
    spoiled = xml_form.write(ET.tostring(root, encoding="unicode"), {"compositions": members["compositions"]})
    with pytest.raises(cyclonedx.InvalidDocumentError):
        validation.validate_xml(spoiled, "1.6")


# What Dependency-Track and others refused of npm's own documents: https://github.com/npm/cli/issues/6967


@pytest.mark.parametrize("document", [forged(), saved.of(whole())], ids=["forged", "whole"])
@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_that_other_tools_are_known_to_refuse(document: saved.Document, version: str):
    made = json.loads(cyclonedx.render(document, version=version))
    named = list(references(made))
    assert len(named) == len(set(named))
    owners = [one["ref"] for one in made["dependencies"]]
    assert len(owners) == len(set(owners))
    everything = {made["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in made["components"])}
    assert set(owners) == everything
    for one in made["dependencies"]:
        others = one.get("dependsOn", [])
        assert len(others) == len(set(others))
        assert set(others) <= everything - {one["ref"]}
    for one in made["components"]:
        assert "purl" not in one or PackageURL.from_string(one["purl"]).to_string() == one["purl"]
        assert all(https(reference["url"]) for reference in one.get("externalReferences", []))
        licences = one.get("licenses", [])
        assert len(licences) == 1 or not any("expression" in licence for licence in licences)
        assert not any("GPL-2.0+" in json.dumps(licence) for licence in licences)
        assert len(json.dumps(one)) < 20_000
        assert "vulnerabilities" not in made


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made["components"].append(made["components"][0]),
        lambda made: made["components"][0].update({"bom-ref": "tool"}),
        lambda made: made["dependencies"].append(made["dependencies"][0]),
        lambda made: made["components"][0]["licenses"].append({"license": {"id": "GPL-2.0++"}}),
        lambda made: made["components"][0]["externalReferences"].append({"type": "vcs", "url": "git@github.com:a/b"}),
        lambda made: made["components"][0]["externalReferences"].append({"type": "vcs", "url": "a b"}),
        lambda made: made["components"][0].update({"purl": 7}),
        lambda made: made["annotations"][0].update({"timestamp": "today"}),
    ],
)
def test_our_own_validation_refuses_them(spoil: Any):
    made = cyclonedx.members_of(saved.of(whole()))
    validation.validate(made, "1.6")
    spoil(made)
    with pytest.raises(cyclonedx.InvalidDocumentError):
        validation.validate(made, "1.6")


def test_what_a_forged_report_says_of_its_maker_is_text():
    members = thaw(forged())
    members["tool"]["version"] = "\x1b[31m" + "1" * 3_000
    members["graph"]["edges"] = {}
    document = saved.load(json.dumps(members), name="forged.json")
    for form in cyclonedx.FORMS:
        assert "\x1b" not in cyclonedx.render(document, form=form)
