"""What sbomqs 2 (https://github.com/interlynk-io/sbomqs) counts, feature by feature, and the program itself if there.

The rules are those of its folder pkg/scorer/v2. With PROVENLY_TEST_SBOMQS naming the program, it judges for itself.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from license_expression import get_spdx_licensing

from provenly.report import saved
from provenly.sbom import cyclonedx
from tests.report import parts
from tests.sbom.documents import properties

AUTHOR = "Acme Security <sec@acme.example>"


def made(**changes: object) -> Any:
    report = parts.report(graph=parts.graph(), **changes)
    return json.loads(cyclonedx.render(saved.of(report), author=AUTHOR))


def components(document: Any) -> list[Any]:
    return [document["metadata"]["component"], *document["components"]]


def acknowledged(component: Any, how: str) -> list[str]:
    inner = [one.get("license", one) for one in component.get("licenses", [])]
    return [one.get("id") or one.get("expression", "") for one in inner if one["acknowledgement"] == how]


def references(component: Any, kind: str) -> list[Any]:
    return [one for one in component.get("externalReferences", []) if one["type"] == kind]


def complete(document: Any) -> set[str]:
    return {
        ref for one in document["compositions"] if one["aggregate"] == "complete" for ref in one.get("dependencies", [])
    }


def current(expression: str) -> bool:
    return str(get_spdx_licensing().parse(expression, validate=True)) == expression


EACH: dict[str, Callable[[Any], bool]] = {
    "comp_with_name": lambda one: bool(one["name"]),
    "comp_with_version": lambda one: bool(one["version"]),
    "comp_with_local_id": lambda one: bool(one["bom-ref"]),
    "comp_with_strong_checksums": lambda one: any(digest["alg"] == "SHA-512" for digest in one["hashes"]),
    "comp_with_supplier": lambda one: bool(one["supplier"]["name"]),
    "comp_with_purpose": lambda one: one["type"] in ("application", "library"),
    "comp_with_licenses": lambda one: bool(acknowledged(one, "concluded")),
    "comp_with_valid_licenses": lambda one: all(map(current, acknowledged(one, "concluded"))),
    "comp_no_deprecated_licenses": lambda one: all(map(current, acknowledged(one, "declared"))),
    "comp_with_purl": lambda one: one["purl"].startswith("pkg:npm/"),
    "bsi filename": lambda one: bool(properties(one)["bsi:component:filename"]),
    "bsi executable": lambda one: properties(one)["bsi:component:executable"] == ["executable"],
    "bsi archive": lambda one: properties(one)["bsi:component:archive"] == ["archive"],
    "bsi structured": lambda one: properties(one)["bsi:component:structured"] == ["structured"],
    "bsi deployable hash": lambda one: any(
        digest["alg"] == "SHA-512" for place in references(one, "distribution") for digest in place["hashes"]
    ),
    "bsi creator": lambda one: one["supplier"]["url"][0].startswith("https://"),
}
WHOLE: dict[str, Callable[[Any], bool]] = {
    "sbom_creation_timestamp": lambda all_: bool(re.match(r"2026-11-22T08:00:00", all_["metadata"]["timestamp"])),
    "sbom_authors": lambda all_: all_["metadata"]["authors"][0]["email"] == "sec@acme.example",
    "sbom_tool_version": lambda all_: all_["metadata"]["tools"]["components"][0]["version"] == "0.1.0",
    "sbom_supplier": lambda all_: bool(all_["metadata"]["supplier"]["name"]),
    "sbom_namespace": lambda all_: all_["serialNumber"].startswith("urn:uuid:"),
    "sbom_lifecycle": lambda all_: all_["metadata"]["lifecycles"] == [{"phase": "post-build"}],
    "comp_with_dependencies": lambda all_: {one["bom-ref"] for one in components(all_)} == complete(all_),
    "sbom_primary_component": lambda all_: bool(all_["metadata"]["component"]["purl"]),
    "comp_with_source_code": lambda all_: bool(references(all_["metadata"]["component"], "vcs")),
    "sbom_data_license": lambda all_: all_["metadata"]["licenses"] == [{"license": {"id": "CC0-1.0"}}],
    "fsct copyright": lambda all_: bool(all_["metadata"]["component"]["copyright"]),
    "bsi no vulnerabilities": lambda all_: "vulnerabilities" not in all_,
}


@pytest.mark.parametrize("feature", EACH)
def test_every_component_has(feature: str):
    assert [one["bom-ref"] for one in components(made()) if not EACH[feature](one)] == []


@pytest.mark.parametrize("feature", WHOLE)
def test_the_document_has(feature: str):
    assert WHOLE[feature](made())


@pytest.mark.skipif("PROVENLY_TEST_SBOMQS" not in os.environ, reason="PROVENLY_TEST_SBOMQS names no program")
@pytest.mark.parametrize(
    ("profile", "least"), [("", 9.0), ("ntia", 10.0), ("fsct", 10.0), ("bsi-v2.1", 9.0), ("interlynk", 8.5)]
)
def test_the_program_says_so(profile: str, least: float, tmp_path):
    path = tmp_path / "mail.cdx.json"
    path.write_text(json.dumps(made()))
    command = [os.environ["PROVENLY_TEST_SBOMQS"], "score", "--basic", *(["--profile", profile] if profile else [])]
    said = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True).stdout
    assert float(said.split()[0]) >= least
