"""Saved reports: what is written can be read back, and what is not a report is refused with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.report import json_report, saved
from provenly.trust.errors import UsageError
from provenly.trust.evidence import Status
from provenly.trust.strict_json import thaw
from provenly.trust.verdict import Action
from tests.report import parts, samples
from tests.report.test_json import ADDED


def text_of(name: str) -> str:
    return json_report.render(samples.ALL[name]())


def plain(name: str) -> Any:
    return json.loads(text_of(name))


def load(members: Any) -> saved.Document:
    return saved.load(json.dumps(members), name="saved.json")


@pytest.mark.parametrize("name", samples.ALL)
def test_a_saved_report_is_the_live_one(name: str):
    report = samples.ALL[name]()
    document = saved.load(text_of(name), name="saved.json")
    assert document == saved.of(report)
    assert saved.checked_at(document) == report.checked_at
    assert saved.with_verdict(document, report.verdict) == document


@pytest.mark.parametrize("name", [name for name in samples.ALL if name != "hostile"])
def test_evidence_and_package_come_back(name: str):
    report = samples.ALL[name]()
    document = saved.of(report)
    assert saved.evidence(document) == report.evidence
    package = saved.package(document)
    if report.package is None:
        assert package is None
        return
    assert package is not None
    for key in ("name", "version", "registry", "published", "deprecated", "claims", "purl"):
        assert getattr(package, key) == getattr(report.package, key), key
    assert package.release.publisher == report.package.release.publisher


def test_another_verdict_changes_nothing_else():
    document = saved.of(samples.hold())
    changed = saved.with_verdict(document, samples.deny().verdict)
    assert thaw(changed["verdict"])["action"] == Action.DENY.value
    assert {key: value for key, value in changed.items() if key != "verdict"} == {
        key: value for key, value in document.items() if key != "verdict"
    }
    with pytest.raises(TypeError):
        changed["verdict"] = None  # type: ignore[index]


def test_documents_of_the_first_version_stay_readable():
    members = plain("hold")
    for path, keys in ADDED.items():
        place = members
        for step in path:
            place = place[step]
        for key in keys:
            del place[key]
    document = load(members)
    assert [one.status for one in saved.evidence(document)] == [one.status for one in samples.hold().evidence]
    assert saved.evidence(document)[0].status is Status.FAILED


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("schema",), "provenly/report/2", "provenly/report/1"),
        (("schema",), None, "is none"),
        (("checked_at",), "0000-01-01T00:00:00Z", "checked_at"),
        (("checked_at",), "2026-06-30T23:59:60Z", "checked_at"),
        (("checked_at",), "yesterday", "$.checked_at"),
        (("package", "published"), "9999-99-99T00:00:00Z", "$.package.published"),
        (("evidence", 0, "status"), "skipped", "$.evidence[0].status"),
        (("evidence", 3), None, "$.evidence[3]"),
        (("verdict", "surprise\x1b[31m"), 1, "$.verdict"),
        (("artifact", "sha256"), "00", "$.artifact.sha256"),
        (("files", "entries"), {}, "$.files.entries"),
        (("evidence",), "x" * 100_000, "$.evidence"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(path: tuple[str | int, ...], value: object, place: str):
    members = plain("hold")
    owner = members
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    with pytest.raises(UsageError) as caught:
        load(members)
    assert caught.value.code == "REPORT_FILE"
    assert place in caught.value.message
    assert len(caught.value.message) < 1_000
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "7",
        "{}",
        '{"schema":"provenly/report/1","schema":"provenly/report/1"}',
        "[" * 100_000,
        '{"schema": NaN}',
        '{"schema": 1' + "0" * 5_000 + "}",
        "\ud800",
        '{"schema":"provenly/report/1"}',
    ],
)
def test_other_files_are_refused(text: str):
    with pytest.raises(UsageError) as caught:
        saved.load(text, name="saved.json")
    assert caught.value.code == "REPORT_FILE"
    assert "saved.json" in caught.value.message


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(saved, "MAX_BYTES", 100)
    with pytest.raises(UsageError, match="more than 100"):
        saved.load(text_of("hold"), name="saved.json")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_change_is_read_or_refused(data: st.DataObject):
    members = plain("warn")
    place: Any = members
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(st.sampled_from([None, True, 0, -1, 1.5, "", "x", [], {}, [None], {"a": 1}]))
    try:
        document = load(members)
    except UsageError:
        return
    saved.evidence(document)
    saved.package(document)
    assert saved.checked_at(document).tzinfo is UTC
    assert saved.checked_at(document) <= datetime.max.replace(tzinfo=UTC)


def test_a_graph_is_there_with_every_package():
    document = saved.of(parts.report(graph=parts.graph()))
    graph = thaw(document["graph"])
    assert [one["id"] for one in graph["dependencies"]] == ["@acme/base@2.0.0", "left-pad@1.3.0", "left-pad@1.3.0#2"]
    assert graph["edges"]["@acme/mail-mcp@1.0.16"] == ["@acme/base@2.0.0", "left-pad@1.3.0"]
    assert graph["dependencies"][1]["integrity"] == ["sha512:" + "ab" * 64]
    assert load(thaw(document)) == document
