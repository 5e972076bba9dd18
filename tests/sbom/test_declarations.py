"""Claims with evidence, conformance, formulation and compositions: what they say, and what they never say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from provenly.policies.rules import CHECK_IDS
from provenly.report import saved
from provenly.sbom import cyclonedx, elements, licences
from provenly.sbom.requirements import FINE_WHEN_ABSENT, PREDICATES, STANDARDS
from provenly.trust.evidence import Comparison, FileClass, Status
from provenly.trust.graph import Graph
from provenly.trust.strict_json import thaw
from provenly.trust.verdict import Report
from tests.report import parts, samples
from tests.sbom.documents import properties, rendered, sample, with_manifest


def mapped(document: Any) -> dict[str, Any]:
    return {one["requirement"]: one for each in document["declarations"]["attestations"] for one in each["map"]}


def with_status(check: str, status: Status) -> Report:
    made = samples.attested()
    found = tuple(replace(one, status=status) if one.check == check else one for one in made.evidence)
    return replace(made, evidence=found)


def test_the_table_is_about_checks_and_elements_that_there_are():
    asked = [one for standard in STANDARDS for one in standard.requirements]
    assert {check for one in asked for check in one.checks} <= set(CHECK_IDS)
    assert {element for one in asked for element in one.elements} == elements.ELEMENTS
    assert all(bool(one.checks) != bool(one.elements) for one in asked)
    assert all(one.url.startswith("https://") for one in (*asked, *STANDARDS))
    assert set(CHECK_IDS) == set(PREDICATES)
    assert set(CHECK_IDS) >= FINE_WHEN_ABSENT


def test_every_check_is_a_claim_with_its_evidence():
    document = sample("hold")
    claims = {one["bom-ref"]: one for one in document["declarations"]["claims"]}
    evidence = {one["bom-ref"]: one for one in document["declarations"]["evidence"]}
    about = document["metadata"]["component"]["bom-ref"]
    for one in samples.hold().evidence:
        claim = claims[f"claim:{one.check}"]
        seen = [f"evidence:{one.check}"]
        assert claim["target"] == about
        assert claim["reasoning"].startswith(f"{one.status}: ")
        assert (claim.get("evidence") == seen) is (one.status is Status.PASSED)
        assert (claim.get("counterEvidence") == seen) is (one.status is Status.FAILED)
        assert evidence[seen[0]]["created"] == "2026-11-22T08:00:00Z"
    assert len(claims) == len(evidence) == len(samples.hold().evidence)
    data = {one["name"]: one["contents"] for one in evidence["evidence:source-match"]["data"]}
    assert json.loads(data["facts"]["attachment"]["content"])["unexplained"] == ["index.js"]
    assert len(data["sha256 of this evidence in the report"]["attachment"]["content"]) == 64


def test_the_digest_of_evidence_follows_all_of_it():
    first, second = (
        rendered(report)["declarations"]["evidence"][0]["data"][1]
        for report in (samples.attested(), with_status(samples.attested().evidence[0].check, Status.FAILED))
    )
    assert first["name"] == second["name"] == "sha256 of this evidence in the report"
    assert first != second


@pytest.mark.parametrize(
    ("status", "score", "confidence", "claims", "counter"),
    [
        (Status.PASSED, 1.0, 1.0, ["claim:provenance"], None),
        (Status.FAILED, 0.0, 1.0, None, ["claim:provenance"]),
        (Status.ABSENT, 0.0, 1.0, None, None),
        (Status.UNCHECKED, 0.0, 0.0, None, None),
    ],
)
def test_conformance_follows_the_four_statuses(
    status: Status, score: float, confidence: float, claims: list[str] | None, counter: list[str] | None
):
    one = mapped(rendered(with_status("provenance", status)))["slsa-build:Build L1: provenance exists"]
    assert one["conformance"]["score"] == score
    assert one["confidence"]["score"] == confidence
    assert one.get("claims") == claims
    assert one.get("counterClaims") == counter
    assert f"provenance {status}" in one["conformance"]["rationale"]


def test_a_check_that_nobody_made_counts_as_unchecked():
    made = samples.attested()
    left = tuple(one for one in made.evidence if one.check != "provenance")
    one = mapped(rendered(replace(made, evidence=left)))["slsa-build:Build L1: provenance exists"]
    assert one["conformance"] == {"score": 0.0, "rationale": "provenance unchecked, policy: allow"}
    assert one["confidence"]["score"] == 0.0


def test_requirements_are_defined_and_assessed_by_the_tool():
    document = sample("hold")
    defined = {one["bom-ref"] for each in document["definitions"]["standards"] for one in each["requirements"]}
    assert set(mapped(document)) == defined
    assert {one["assessor"] for one in document["declarations"]["attestations"]} == {"assessor:provenly"}
    assert document["declarations"]["assessors"][0]["organization"]["name"] == "provenly 0.1.0"


def test_minimum_elements_are_counted_in_the_document():
    whole = mapped(rendered(parts.report(graph=parts.graph())))
    assert whole["ntia:Data fields"]["conformance"]["score"] == 1.0
    assert whole["bsi:5.2.2 dependencies"]["conformance"]["score"] == 1.0
    direct = mapped(rendered(parts.report()))
    assert direct["ntia:Data fields"]["conformance"]["score"] < 1.0
    assert "version of 2 of 5" in direct["ntia:Data fields"]["conformance"]["rationale"]
    assert direct["ntia:Dependency relationship"]["conformance"]["score"] < 0.5
    assert mapped(rendered(samples.unresolved()))["cisa:Component data"]["conformance"]["score"] < 0.5


def test_a_build_is_told_only_from_provenance_that_holds():
    built, *_ = sample("attested")["formulation"]
    workflow = built["workflows"][0]
    assert workflow["name"] == ".github/workflows/release.yml"
    assert workflow["trigger"] == {"bom-ref": "build:trigger", "uid": "push", "name": "push", "type": "webhook"}
    assert workflow["inputs"][0]["resource"]["externalReference"]["url"] == "https://github.com/acme/mail-mcp"
    told = properties(workflow)
    assert told["provenly:build:commit"] == [parts.COMMIT]
    assert told["provenly:build:issuer"] == ["https://token.actions.githubusercontent.com"]
    for check in ("provenance", "provenance-identity"):
        for status in (Status.FAILED, Status.ABSENT, Status.UNCHECKED):
            document = rendered(with_status(check, status))
            assert "formulation" not in document
            assert "that built it" not in properties(document["metadata"]["component"])["provenly:supplier"][0]


def test_compilers_that_explained_files_are_named():
    made = parts.report()
    file = replace(
        parts.identical("dist/index.js", 7, executable=True),
        file_class=FileClass.RECOMPILED,
        explainer="recompiled",
        detail="TypeScript 5.9.3, tsconfig.json",
    )
    document = rendered(replace(made, comparison=Comparison(files=(file, parts.PACKED_MANIFEST))))
    workflow = document["formulation"][0]["workflows"][0]
    assert properties(workflow)["provenly:compiler"] == ["TypeScript 5.9.3, tsconfig.json: 1 of the packed files"]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (None, {"complete": 0, "incomplete": 1, "unknown": 4}),
        (parts.graph(), {"complete": 4, "incomplete": 0, "unknown": 0}),
        (parts.graph(complete=False), {"complete": 0, "incomplete": 1, "unknown": 3}),
    ],
)
def test_only_a_whole_tree_is_called_complete(graph: Graph | None, expected: dict[str, int]):
    document = rendered(parts.report(graph=graph))
    counts = dict.fromkeys(expected, 0)
    for one in document["compositions"]:
        counts[one["aggregate"]] += len(one.get("dependencies", []))
    assert counts == expected
    told = " ".join(one["text"] for one in document["annotations"])
    assert ("not resolved" in told) is (graph is None)
    assert ("not complete" in told) is (graph is not None and not graph.complete)


def test_packages_of_the_tree_carry_what_buyers_ask_for():
    document = rendered(parts.report(graph=parts.graph()))
    found = {one["bom-ref"]: one for one in document["components"]}
    pad = found["dependency:left-pad@1.3.0"]
    assert pad["purl"] == "pkg:npm/left-pad@1.3.0"
    assert pad["scope"] == "required"
    assert pad["hashes"] == [{"alg": "SHA-512", "content": "ab" * 64}]
    distribution, source, page = pad["externalReferences"]
    assert page == {"type": "website", "url": "https://left-pad.example/", "comment": "claimed by the package"}
    assert (pad["description"], pad["authors"]) == ("String left pad", [{"name": "azer"}])
    assert source == {
        "type": "vcs",
        "url": "https://github.com/left-pad/left-pad",
        "comment": "claimed by the package",
    }
    assert distribution["hashes"] == pad["hashes"]
    assert pad["supplier"] == {"name": "stevemao", "url": ["https://www.npmjs.com/~stevemao"]}
    told = properties(pad)
    assert told["bsi:component:filename"] == ["left-pad-1.3.0.tgz"]
    assert told["provenly:check:dependency-signature"] == ["unchecked"]
    base = found["dependency:@acme/base@2.0.0"]
    assert base["scope"] == "optional"
    assert base["licenses"] == [{"expression": "MIT OR GPL-2.0-only", "acknowledgement": "concluded"}]
    assert base["supplier"] == {"name": "acme", "url": ["https://www.npmjs.com/org/acme"]}
    told = properties(base)
    assert told["provenly:platform"] == ["os=linux"]
    assert told["provenly:claimed:deprecated"] == ["use another"]
    assert told["provenly:claimed:licenses"] == ["MIT OR GPL-2.0"]
    assert "provenly:install-scripts" in told
    edges = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert edges["dependency:@acme/base@2.0.0"] == ["dependency:left-pad@1.3.0#2"]


@pytest.mark.parametrize(
    ("check", "name", "how"),
    [
        ("acknowledged", "acme", "verified: owner of the repository that acknowledges it"),
        ("author", "Jane", "claimed: author"),
        ("publisher", "acme-bot", "claimed: account"),
        ("registry", "registry.npmjs.org", "distributor"),
    ],
)
def test_the_supplier_is_who_is_known_best(check: str, name: str, how: str):
    manifest = {"name": "x"} | ({"author": "Jane"} if check in ("acknowledged", "author") else {})
    report = with_manifest(manifest)
    if check != "acknowledged":
        report = replace(report, source=None)
    if check == "registry":
        of = parts.package()
        report = replace(report, package=replace(of, release=replace(of.release, publisher="")))
    component = rendered(report)["metadata"]["component"]
    assert component["supplier"]["name"] == name
    assert properties(component)["provenly:supplier"][0].startswith(how)
    assert ("manufacturer" in component) is (check != "registry")


def test_a_licence_text_is_evidence_and_may_contradict():
    text = "MIT License\n\nCopyright (c) 2026 Acme\n\nSomething that is no licence.\n"
    document = thaw(saved.of(parts.report()))
    files = [{"path": "LICENSE", "sha256": "0" * 64, "identified": "GPL-2.0", "copyright": ["(c) 2026"], "text": text}]
    document["package"]["licence"]["files"] = files
    component = json.loads(cyclonedx.render(saved.load(json.dumps(document), name="x")))["metadata"]["component"]
    evidence = component["evidence"]["licenses"][0]["license"]
    assert evidence["id"] == "GPL-2.0-only"
    assert evidence["text"]["content"] == text
    assert [one["license"]["acknowledgement"] for one in component["licenses"]] == ["declared"]
    assert "the licence text is that of GPL-2.0-only" in properties(component)["provenly:licence:concluded"][0]
    assert licences.conclude(["MIT"], ["GPL-2.0"]).expression == ""


def test_the_author_is_who_answers_for_the_document():
    document = saved.of(parts.report())
    made = json.loads(cyclonedx.render(document, author="Acme Security <sec@acme.example>"))
    assert made["metadata"]["authors"] == [{"name": "Acme Security", "email": "sec@acme.example"}]
    assert made["metadata"]["manufacturer"]["contact"] == made["metadata"]["authors"]
    made = json.loads(cyclonedx.render(document))
    assert made["metadata"]["authors"] == [{"name": "provenly"}]
    made = json.loads(cyclonedx.render(document, author="\x1b[31m<not an address>"))
    assert "\x1b" not in json.dumps(made)


def test_an_old_document_still_gives_one_and_says_what_it_lacks():
    made = thaw(saved.of(parts.report()))
    del made["graph"], made["files"]["entries"]
    for key in ("licence", "authors", "requires", "requires_left_out", "described_by", "description", "commands"):
        del made["package"][key]
    document = json.loads(cyclonedx.render(saved.load(json.dumps(made), name="old.json")))
    assert document.get("components", []) == []
    assert {one["aggregate"] for one in document["compositions"] if "dependencies" in one} == {"incomplete"}
    assert "not resolved" in document["annotations"][1]["text"]


def test_who_says_what_is_cited_in_1_7():
    document = json.loads(cyclonedx.render(saved.of(samples.hold()), version="1.7"))
    claimed, found = document["citations"]
    assert "/metadata/component/supplier" in claimed["pointers"]
    assert claimed["attributedTo"] == document["metadata"]["component"]["bom-ref"]
    assert "/metadata/component/hashes" in found["pointers"]
    assert found["attributedTo"] == "tool"
    for one in (*claimed["pointers"], *found["pointers"]):
        place: Any = document
        for step in one.split("/")[1:]:
            place = place[step]
