"""The parts of the CycloneDX document: the package, its references, and the packages that it asks for."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from packageurl import PackageURL

from provenly.report import saved
from provenly.sbom import cyclonedx, members, subject
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from tests.report import parts, samples
from tests.sbom.documents import properties, rendered, sample, with_manifest


def test_the_commit_is_the_pedigree():
    pedigree = sample("hold")["metadata"]["component"]["pedigree"]
    url = f"https://github.com/acme/mail-mcp/commit/{parts.COMMIT}"
    assert pedigree["commits"] == [{"uid": parts.COMMIT, "url": url}]
    assert "It explains 3 of 4 files." in pedigree["notes"]
    assert "pedigree" not in sample("no-source")["metadata"]["component"]


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://gitlab.com/a/b", f"https://gitlab.com/a/b/-/commit/{parts.COMMIT}"),
        ("https://git.example/a", None),
        ("file:///srv/git/a", None),
        ("https://github.com/a b", None),
    ],
)
def test_commits_have_pages_only_where_the_forge_is_known(repository: str, url: str | None):
    report = parts.report(source=replace(parts.source(), repository=repository))
    assert rendered(report)["metadata"]["component"]["pedigree"]["commits"][0].get("url") == url


def test_references_are_there_with_the_hashes_of_the_archive():
    found = {one["type"]: one for one in sample("hold")["metadata"]["component"]["externalReferences"]}
    assert set(found) == {"vcs", "source-distribution", "distribution", "website", "issue-tracker"}
    assert found["distribution"]["url"] == parts.package().url
    assert {one["alg"] for one in found["distribution"]["hashes"]} == {"SHA-256", "SHA-512"}
    assert found["vcs"]["url"] == "https://github.com/acme/mail-mcp"


def test_attestations_are_referred_to_where_their_provenance_holds():
    found = {one["type"]: one for one in sample("attested")["metadata"]["component"]["externalReferences"]}
    assert found["attestation"]["url"] == "https://registry.npmjs.org/-/npm/v1/attestations/@acme%2fmail-mcp@1.0.16"
    made = samples.attested()
    failed = tuple(replace(one, status=Status.FAILED) if one.check == "provenance" else one for one in made.evidence)
    references = rendered(replace(made, evidence=failed))["metadata"]["component"]["externalReferences"]
    assert "attestation" not in {one["type"] for one in references}


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:token@acme.example/",
        "https://acme.example/\n",
        "https://acme.example/<script>",
        "https://acme.example/%zz",
        "https://acme.example/a#b#c",
        "https://acme.example/\u202e",
        "https://",
        "https://acme.example/" + "x" * 3_000,
        "//acme.example",
        " https://acme.example",
        "",
        "https://[::1]/",
    ],
)
def test_other_urls_never_become_references(url: str):
    component = rendered(with_manifest({"name": "x", "homepage": url, "bugs": url}))["metadata"]["component"]
    assert {one["type"] for one in component["externalReferences"]} == {"vcs", "source-distribution", "distribution"}
    assert members.https(url) == ""


def test_only_exact_versions_are_versions():
    document = sample("hold")
    found = {one["bom-ref"]: one for one in document["components"]}
    assert found["dependency:postmark"]["version"] == "4.0.5"
    assert found["dependency:postmark"]["purl"] == "pkg:npm/postmark@4.0.5"
    sdk = found["dependency:@modelcontextprotocol/sdk"]
    assert "version" not in sdk
    assert sdk["purl"] == "pkg:npm/%40modelcontextprotocol/sdk"
    assert properties(sdk)["provenly:claimed:range"] == ["^1.30.0"]
    assert found["dependency:bufferutil"]["scope"] == "optional"


@pytest.mark.parametrize("spec", ["*", "latest", "1.x", "=1.2.3", "v1.2.3", ">=1.0.0", "1.2", "1.2.3 || 2.0.0", ""])
def test_a_range_gives_no_version(spec: str):
    component = rendered(with_manifest({"name": "x", "dependencies": {"y": spec}}))["components"][0]
    assert "version" not in component
    assert component["purl"] == "pkg:npm/y"


@pytest.mark.parametrize("spec", ["npm:other@1.0.0", "file:../y", "git+ssh://git@h/y", "acme/y", "https://h/y.tgz"])
def test_what_does_not_come_from_the_registry_has_no_purl(spec: str):
    component = rendered(with_manifest({"name": "x", "dependencies": {"y": spec}}))["components"][0]
    assert "purl" not in component
    assert "version" not in component


def test_dependencies_refer_to_components():
    document = sample("hold")
    references = {one["bom-ref"] for one in document["components"]} | {document["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in document["dependencies"]} == references
    for one in document["dependencies"]:
        assert set(one.get("dependsOn", [])) <= references


def test_names_cannot_clash():
    manifest = {"name": "x", "dependencies": {"a": "1", "tool": "1", "sha256": "1"}, "peerDependencies": {"a": "2"}}
    document = rendered(with_manifest(manifest))
    references = re.findall(r'"bom-ref": "([^"]+)"', json.dumps(document))
    assert len(references) == len(set(references))
    assert {"dependency:a", "dependency:tool", "dependency:sha256", "tool"} < set(references)


def test_a_long_version_is_cut():
    component = rendered(parts.report(package=parts.package(version="1" * 100_000)))["metadata"]["component"]
    assert len(component["version"]) < 1_024
    assert "more characters" in component["version"]


def test_many_files_and_dependencies_are_bounded_and_counted():
    manifest = {"name": "x", "dependencies": {f"d{number:05}": "1" for number in range(1_005)}}
    files = tuple(
        Explanation(path=f"{number:05}", size=1, file_class=FileClass.UNEXPLAINED, executable=True, reachable=True)
        for number in range(1_005)
    )
    report = replace(with_manifest(manifest), comparison=Comparison(files=files))
    document = json.loads(cyclonedx.render(saved.of(report)))
    found = properties(document["metadata"]["component"])
    assert len(document["components"]) == 1_000
    assert found["provenly:claimed:dependencies:not-listed"] == ["5"]
    assert len(found["provenly:unexplained"]) == 1_000
    assert found["provenly:unexplained:not-listed"] == ["5"]
    assert [one["aggregate"] for one in document["compositions"]][1] == "incomplete"


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("@acme/mail-mcp", "1.0.16", "pkg:npm/%40acme/mail-mcp@1.0.16"),
        ("left-pad", "1.0.0-rc.1+build", "pkg:npm/left-pad@1.0.0-rc.1%2Bbuild"),
        ("left-pad", "", "pkg:npm/left-pad"),
        ("../up", "1.0.0", None),
        ("a b", "1.0.0", None),
        ("left-pad", "latest", None),
    ],
)
def test_package_urls(name: str, version: str, expected: str | None):
    made = subject.purl(name, version)
    assert (made and made.to_string()) == expected
    if expected and version:
        assert parts.package(name=name, version=version).purl == expected
        assert PackageURL.from_string(expected) == made
