"""The CycloneDX document: valid, reproducible, and honest about what is only claimed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.report import saved
from provenly.sbom import cyclonedx, validation
from provenly.trust.artifact import admit
from provenly.trust.digest import Digest
from provenly.trust.errors import UsageError
from provenly.trust.strict_json import loads
from provenly.trust.text import show
from provenly.trust.verdict import Report
from tests.report import parts, samples
from tests.report.golden import assert_golden
from tests.sbom.documents import properties, rendered, sample, strings, text_of, with_manifest

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.mark.parametrize("name", samples.ALL)
def test_every_sample_is_valid_and_reproducible(name: str):
    text = text_of(name)
    assert json.loads(text)["specVersion"] == "1.6"
    assert VALIDATOR.validate_str(text) is None
    assert text == cyclonedx.render(saved.of(samples.ALL[name]()))
    loads(text.encode(), what="the document", max_bytes=1 << 24)


def test_whole_output():
    assert_golden("cyclonedx-hold.json", text_of("hold"))
    assert_golden("cyclonedx-unresolved.json", text_of("unresolved"))


def test_the_component_is_identified():
    component = sample("hold")["metadata"]["component"]
    assert (component["group"], component["name"], component["version"]) == ("@acme", "mail-mcp", "1.0.16")
    assert component["purl"] == parts.package().purl
    assert component["type"] == "application"
    assert component["hashes"] == [
        {"alg": "SHA-256", "content": Digest.of(b"the archive").hex},
        {"alg": "SHA-512", "content": Digest.of(b"the archive", "sha512").hex},
    ]
    assert component["licenses"] == [
        {"license": {"id": "MIT", "acknowledgement": "concluded"}},
        {"license": {"id": "MIT", "acknowledgement": "declared"}},
    ]
    assert component["supplier"] == {"name": "acme", "url": ["https://github.com/acme"]}
    assert component["authors"] == [{"name": "Acme Corporation"}]
    assert component["publisher"] == "acme-bot"


def test_the_tool_and_the_time_are_there():
    metadata = sample("hold")["metadata"]
    assert metadata["timestamp"] == "2026-11-22T08:00:00+00:00"
    assert metadata["tools"]["components"][0]["name"] == "provenly"
    assert metadata["tools"]["components"][0]["version"] == "0.1.0"


def test_the_verdict_and_every_status_are_properties():
    found = properties(sample("hold")["metadata"]["component"])
    assert found["provenly:verdict"] == ["hold"]
    assert found["provenly:policy"] == ["default"]
    assert found["provenly:policy:digest"] == [str(parts.POLICY)]
    for one in samples.hold().evidence:
        assert found[f"provenly:check:{one.check}"] == [one.status.value]
    assert found["provenly:reason:source-match"] == ["hold"]
    assert found["provenly:unexplained"] == ["index.js (executable; line 211)"]
    assert found["provenly:files:unexplained"] == ["1"]
    assert properties(sample("warn")["metadata"]["component"])["provenly:waived:version-age"] == [
        "Urgent fix, read by hand"
    ]


def test_claims_are_marked_as_claims():
    found = properties(sample("hold")["metadata"]["component"])
    assert found["provenly:claimed:source:registry"] == ["git+https://github.com/acme/mail-mcp.git"]
    assert found["provenly:claimed:publisher"] == ["acme-bot"]
    assert found["provenly:claimed:licenses"] == ["MIT"]


def test_what_is_not_known_to_be_complete_is_not_called_so():
    def aggregates(report: Report) -> list[str]:
        return [one["aggregate"] for one in rendered(report)["compositions"]]

    assert aggregates(samples.hold()) == ["incomplete", "incomplete", "unknown"]
    assert aggregates(with_manifest({"name": "x"})) == ["incomplete", "complete"]
    assert aggregates(with_manifest({"name": "x", "bundleDependencies": True})) == ["incomplete", "incomplete"]
    assert aggregates(samples.refused()) == ["unknown", "unknown"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000, b'{"name":1,"dependencies":[],"bin":""}']
)
def test_manifests_that_are_none_claim_nothing(data: bytes):
    of = parts.package()
    made = admit(of, b"the archive", of.url, parts.reader({"package.json": data}))
    component = rendered(parts.report(artifact=made))["metadata"]["component"]
    assert component["name"] == "mail-mcp"
    assert "licenses" not in component


def test_hostile_text_is_escaped_and_secrets_are_gone():
    text = text_of("hostile")
    document = json.loads(text)
    assert "canary-token" not in text
    assert all(one == show(one, limit=len(one)) for one in strings(document))
    component = document["metadata"]["component"]
    assert "purl" not in component
    assert "externalReferences" not in component or all(
        one["url"].startswith("https://") for one in component["externalReferences"]
    )
    assert [one["name"] for one in document["components"]] == ["ok"]
    assert len(properties(component)["provenly:claimed:dependency"]) == 3
    assert len(text) < 250_000


def test_serial_numbers_follow_from_archive_policy_and_time():
    report = samples.hold()
    first = rendered(report)["serialNumber"]
    assert first.startswith("urn:uuid:")
    assert sample("deny")["serialNumber"] == first
    other = replace(report.verdict, policy_digest=Digest.of(b"another policy"))
    later = parts.NOW + timedelta(seconds=1)
    changed = (replace(report, verdict=other), replace(report, checked_at=later), samples.refused())
    assert len({first, *(rendered(one)["serialNumber"] for one in changed)}) == 4


def test_a_serial_number_may_be_given():
    given_number = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
    assert json.loads(cyclonedx.render(saved.of(samples.hold()), serial=given_number))["serialNumber"] == given_number
    with pytest.raises(UsageError, match="no serial number") as caught:
        cyclonedx.render(saved.of(samples.hold()), serial="\x1b[31mone")
    assert caught.value.code == "SBOM_SERIAL"
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("serialNumber",), "one"),
        (("surprise",), 1),
        (("metadata", "component", "type"), "mcp-server"),
        (("metadata", "component", "hashes", 0, "content"), "00"),
        (("metadata", "component", "name"), 7),
        (("compositions", 0, "aggregate"), "probably"),
        (("metadata", "timestamp"), "today"),
    ],
)
def test_an_invalid_document_is_a_bug(path: tuple[str | int, ...], value: object):
    document = sample("hold")
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(cyclonedx.InvalidDocumentError):
        validation.validate(document, "1.6")


@settings(max_examples=15, deadline=None)
@given(text=st.text(max_size=200))
def test_any_manifest_gives_a_valid_document(text: str):
    manifest = {
        "name": text,
        "description": text,
        "license": text,
        "author": text,
        "homepage": f"https://{text}",
        "bugs": {"url": text},
        "dependencies": {text: text, f"@a/{text}": text},
        "optionalDependencies": {"ok": text},
    }
    report = with_manifest(manifest)
    report = replace(
        report,
        package=parts.package(name=text, version=text, url=text),
        reference=replace(report.reference, name="", text=text or "-"),
    )
    assert all(one == show(one, limit=len(one), keep="\n") for one in strings(rendered(report)))
