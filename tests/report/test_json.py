"""The JSON report: its schema, its members, and that hostile text stays text."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from provenly.report import json_report
from provenly.report.bounds import MAX_ITEMS, MAX_TEXT
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from provenly.trust.model import Claimant, Selector
from provenly.trust.source import FoundBy
from provenly.trust.strict_json import loads
from provenly.trust.text import redact, show
from provenly.trust.verdict import Action
from tests.report import hostile, parts, samples
from tests.report.golden import assert_golden

SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "report-1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def document(name: str) -> Any:
    return json.loads(json_report.render(samples.ALL[name]()))


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every object that we own: what is below facts belongs to the checks."""
    if isinstance(value, dict):
        yield path
        for key, member in value.items():
            if key != "facts":
                yield from places(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from places(member, (*path, index))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", samples.ALL)
def test_every_sample_is_valid(name: str):
    VALIDATOR.validate(document(name))


@pytest.mark.parametrize("name", ["allow", "hold", "warn", "refused"])
def test_whole_output(name: str):
    assert_golden(f"report-{name}.json", json_report.render(samples.ALL[name]()))


def test_a_member_too_many_is_refused_everywhere():
    made = document("warn") | {"files": document("hold")["files"]}
    found = list(places(made))
    assert len(found) > 25
    for path in found:
        spoiled = copy.deepcopy(made)
        at(spoiled, path)["surprise"] = 1
        with pytest.raises(ValidationError):
            VALIDATOR.validate(spoiled)


ADDED = {
    (): {"graph"},
    ("package",): {
        *("described_by", "description", "authors", "homepage", "issues", "repository", "licence", "commands"),
        *("bundles", "requires", "requires_left_out"),
    },
    ("files",): {"entries"},
}
"""Members that came later, as rule did in reasons: documents of the first versions have none, and stay readable."""


def test_a_member_too_few_is_refused_everywhere():
    made = document("warn") | {"files": document("hold")["files"]}
    removed = 0
    for path in places(made):
        for key in at(made, path).keys() - ADDED.get(path, set()) - {"rule", "expired_waivers"}:
            spoiled = copy.deepcopy(made)
            del at(spoiled, path)[key]
            with pytest.raises(ValidationError):
                VALIDATOR.validate(spoiled)
            removed += 1
    assert removed > 150


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "provenly/report/2"),
        (("checked_at",), "2026-11-22T08:00:00+00:00"),
        (("checked_at",), "2026-13-41T08:00:00Z"),
        (("artifact", "sha256"), "00"),
        (("artifact", "size"), -1),
        (("source", "commit"), "main"),
        (("source", "found_by"), "luck"),
        (("evidence", 0, "status"), "skipped"),
        (("evidence", 0, "check"), "Source Match"),
        (("verdict", "action"), "pass"),
        (("verdict", "policy", "digest"), "md5:00"),
        (("files", "by_class", "identical"), 1.5),
    ],
)
def test_values_that_mean_nothing_are_refused(path: tuple[str | int, ...], value: object):
    made = document("hold")
    at(made, path[:-1])[path[-1]] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(made)


def test_the_vocabularies_of_the_schema_are_ours():
    defs = SCHEMA["$defs"]
    assert defs["status"]["enum"] == [status.value for status in Status]
    assert defs["action"]["enum"] == [action.value for action in Action]
    assert defs["found_by"]["enum"] == [found.value for found in FoundBy]
    assert defs["claimant"]["enum"] == [claimant.value for claimant in Claimant]
    assert list(defs["by_class"]["properties"]) == [kind.value for kind in FileClass]
    assert SCHEMA["properties"]["schema"]["const"] == json_report.SCHEMA


def test_the_members_of_the_design_are_there():
    made = document("hold")
    assert made["schema"] == "provenly/report/1"
    assert made["tool"] == {"name": "provenly", "version": "0.1.0"}
    assert made["reference"] == "@acme/mail-mcp@1.0.16"
    assert made["checked_at"] == "2026-11-22T08:00:00Z"
    assert made["package"]["purl"] == "pkg:npm/%40acme/mail-mcp@1.0.16"
    assert made["package"]["publisher"] == "acme-bot"
    assert made["artifact"]["size"] == len(b"the archive")
    assert made["source"]["candidates"][0] == {
        "commit": parts.COMMIT,
        "found_by": "tag",
        "name": "v1.0.16",
        "reachable": True,
        "directory": "",
        "version": "1.0.16",
        "chosen": True,
        "note": None,
    }
    assert made["files"]["total"] == 4
    assert made["files"]["executable"] == 1
    assert made["files"]["by_class"]["identical"] == 2
    assert made["files"]["bytes_by_class"]["unexplained"] == 12_345
    assert made["files"]["unexplained"][0]["lines"] == [[211, 211]]
    assert made["files"]["unexplained"][0]["diff"] == parts.DIFF
    assert made["evidence"][0]["check"] == "source-match"
    assert made["evidence"][0]["facts"] == {"limits": {"b": 1}, "ratio": 0.5, "unexplained": ["index.js"]}
    assert made["verdict"]["action"] == "hold"
    assert made["verdict"]["reasons"][0]["turn"].startswith("Read the lines below")
    assert made["verdict"]["policy"] == {"name": "default", "digest": str(parts.POLICY)}
    assert made["truncated"] == {"strings": 0, "characters": 0, "items": 0}


def test_files_are_null_without_a_source():
    for name in ("no-source", "refused", "unresolved"):
        assert document(name)["files"] is None
        assert document(name)["source"] is None
    assert document("unresolved")["package"] is None
    assert document("refused")["artifact"] is None


def test_unchecked_and_absent_are_kept():
    statuses = {reason["status"] for reason in document("hold")["verdict"]["reasons"]}
    assert statuses == {"passed", "failed", "absent", "unchecked"}


def test_a_waiver_is_written():
    made = document("warn")["verdict"]
    assert made["waivers"][0]["owner"] == "security@corp.example"
    assert made["waivers"][0]["expires"] == "2026-12-01"
    assert [reason["waived"] for reason in made["reasons"] if reason["waived"]] == ["Urgent fix, read by hand"]


@pytest.mark.parametrize("name", samples.ALL)
def test_strict_readers_accept_it_and_terminals_survive_it(name: str):
    text = json_report.render(samples.ALL[name]())
    loads(text.encode(), what="the report", max_bytes=1 << 24)
    assert text == show(text, limit=len(text), keep="\n\u0301")
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", samples.ALL)
def test_a_json_line_is_the_same_document_on_one_line(name: str):
    line = json_report.render_line(samples.ALL[name]())
    assert line.endswith("}\n")
    assert len(line.splitlines()) == 1
    assert json.loads(line) == document(name)


def test_hostile_text_comes_back_as_it_was_but_for_nul_and_surrogates():
    made = document("hostile")
    expected = hostile.HOSTILE.replace("\x00", "\\x00").replace("\ud800", "\\ud800")
    assert made["reference"] == expected
    assert made["package"]["deprecated"] == expected


def test_no_secret_is_written():
    text = json_report.render(samples.hostile())
    assert "canary-token" not in text
    assert "<redacted>@registry.example" in text


def test_a_secret_at_the_cut_is_not_written():
    text = "x" * (MAX_TEXT - 20) + " https://user:canary-token@host/"
    report = parts.report(package=parts.package(deprecated=text))
    assert "canary" not in json_report.render(report)


def test_long_text_is_cut_and_counted():
    report = parts.report(package=parts.package(deprecated="x" * 2_000_000))
    made = json.loads(json_report.render(report))
    assert made["package"]["deprecated"] == "x" * MAX_TEXT + f"… ({2_000_000 - MAX_TEXT} more characters)"
    assert made["truncated"] == {"strings": 1, "characters": 2_000_000 - MAX_TEXT, "items": 0}
    VALIDATOR.validate(made)


def test_long_lists_are_cut_and_counted():
    files = tuple(
        Explanation(path=f"{number:06}.js", size=1, file_class=FileClass.UNEXPLAINED, executable=False, reachable=False)
        for number in range(MAX_ITEMS + 7)
    )
    made = json.loads(json_report.render(parts.report(comparison=Comparison(files=files))))
    assert len(made["files"]["unexplained"]) == MAX_ITEMS
    assert made["files"]["total"] == MAX_ITEMS + 7
    assert len(made["files"]["entries"]) == MAX_ITEMS
    assert made["truncated"]["items"] == 14


def test_equal_reports_give_equal_bytes_whatever_the_order_of_facts():
    one = parts.evidence("provenance", facts=MappingProxyType({"a": 1, "b": MappingProxyType({"c": 1, "d": 2})}))
    two = parts.evidence("provenance", facts=MappingProxyType({"b": MappingProxyType({"d": 2, "c": 1}), "a": 1}))
    assert json_report.render(parts.report(evidence=(one,))) == json_report.render(parts.report(evidence=(two,)))


def test_times_are_utc():
    report = parts.report(checked_at=parts.NOW.astimezone(timezone(timedelta(hours=5, minutes=30))))
    assert json.loads(json_report.render(report))["checked_at"] == "2026-11-22T08:00:00Z"


def test_a_selector_does_not_change_the_reference():
    report = parts.report()
    changed = replace(report, reference=replace(report.reference, selector=Selector.TAG, text="@acme/mail-mcp@latest"))
    assert json.loads(json_report.render(changed))["reference"] == "@acme/mail-mcp@latest"


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=400))
def test_any_text_survives(text: str):
    report = parts.report(
        evidence=(parts.evidence("provenance", summary=text, facts=MappingProxyType({text: (text,)})),)
    )
    output = json_report.render(report)
    made = loads(output.encode(), what="the report", max_bytes=1 << 20)
    VALIDATOR.validate(json.loads(output))
    assert made["evidence"][0]["summary"] == redact(text).replace("\x00", "\\x00")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", output)
