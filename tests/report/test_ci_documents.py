"""SARIF, JUnit XML, GitHub's commands and Markdown: they agree with the verdict, and no foreign text acts in them."""

import json
import os
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from provenly.report import findings, github, junit, places, sarif, saved
from provenly.trust.errors import UsageError
from provenly.trust.verdict import Action
from provenly.verify.checks import CHECKS
from tests.report import samples
from tests.report.hostile import hostile

ALL = {
    "allow": samples.allow,
    "warn": samples.warn,
    "hold": samples.hold,
    "deny": samples.deny,
    "no-source": samples.no_source,
    "refused": samples.refused,
    "unresolved": samples.unresolved,
    "hostile": hostile,
}
MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")


@pytest.fixture(params=list(ALL))
def report(request):
    return ALL[request.param]()


def run_of(report, place=None):
    return json.loads(sarif.render_all([(saved.of(report), place)]))["runs"][0]


def test_sarif_has_a_result_for_each_reason_that_is_not_allowed(report):
    run = run_of(report)
    asked = [reason for reason in report.verdict.reasons if reason.action is not Action.ALLOW]
    assert [result["ruleId"] for result in run["results"]] == [reason.check for reason in asked]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert {module.ID for module in CHECKS} <= {rule["id"] for rule in rules}
    stops = report.verdict.action in (Action.HOLD, Action.DENY)
    assert any(result["level"] == "error" for result in run["results"]) is stops


def test_sarif_tells_the_status_of_every_check(report):
    (summary,) = run_of(report)["properties"]["provenly/reports"]
    assert summary["checks"] == {reason.check: reason.status.value for reason in report.verdict.reasons}
    assert summary["action"] == report.verdict.action


def test_a_fingerprint_outlives_the_version_and_tells_packages_apart():
    def fingerprints(report):
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run_of(report)["results"]]

    report = samples.hold()
    later = replace(report, package=replace(report.package, version="9.9.9"))
    other = replace(report, package=replace(report.package, name="other"))
    assert fingerprints(later) == fingerprints(report)
    assert len(set(fingerprints(report))) == len(fingerprints(report)) > 1
    assert set(fingerprints(other)).isdisjoint(fingerprints(report))


def test_sarif_points_at_the_line_that_asks_for_the_package():
    (first, *_) = run_of(samples.hold(), places.Place(path=".vscode/my servers.json", line=7))["results"]
    at = first["locations"][0]["physicalLocation"]
    assert (at["artifactLocation"]["uri"], at["region"]["startLine"]) == (".vscode/my%20servers.json", 7)
    assert "No file" not in first["message"]["text"]
    assert "No file that provenly knows of names" in run_of(samples.hold())["results"][0]["message"]["text"]


def test_sarif_shows_no_more_than_github_does(monkeypatch):
    document = saved.of(samples.deny())
    many = [(document, None)] * 2_000
    run = json.loads(sarif.render_all(many))["runs"][0]
    assert len(run["results"]) == sarif.MAX_RESULTS
    assert run["properties"]["provenly/left-out"] == 2_000 * len(run_of(samples.deny())["results"]) - sarif.MAX_RESULTS


@pytest.mark.copies
def test_sarif_is_what_the_standard_says(report):
    from jsonschema import Draft7Validator

    folder = MIRROR.partition("=")[2].replace("{owner}", "oasis-tcs").replace("{repo}", "sarif-spec")
    if not Path(folder).is_dir():
        pytest.skip("there is no copy of oasis-tcs/sarif-spec")
    show = ["git", "-C", folder, "show", "HEAD:sarif-2.1/schema/sarif-schema-2.1.0.json"]
    schema = json.loads(subprocess.run(show, check=True, capture_output=True).stdout)
    validator = Draft7Validator(schema)
    assert not list(validator.iter_errors(json.loads(sarif.render(saved.of(report)))))
    assert list(validator.iter_errors({"version": "2.1.0"}))


def suite_of(report):
    return ET.fromstring(junit.render(saved.of(report))).find("testsuite")  # noqa: S314 - our own


def test_junit_stops_as_the_verdict_does(report):
    suite = suite_of(report)
    cases = suite.findall("testcase")
    counts = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    assert {name: int(suite.get(name)) for name in counts} == counts
    assert bool(counts["failures"]) is (report.verdict.action is Action.DENY)
    assert bool(counts["failures"] + counts["errors"]) is (report.verdict.action in (Action.HOLD, Action.DENY))


def test_junit_names_every_status():
    cases = {case.get("name"): case for case in suite_of(samples.hold())}
    assert cases["registry-signature"].find("error").get("message").startswith("unchecked: ")
    assert cases["provenance"].find("skipped").get("message").startswith("absent: ")
    assert cases["provenance"].find("system-out").text.startswith("warn: absent: ")
    assert cases["source-match"].find("error").text.startswith("expected: every executable file")
    assert len(cases["artifact-integrity"]) == 0


@pytest.mark.parametrize("action", ["hold", "deny", "maybe"])
def test_a_verdict_without_reasons_stops_everywhere(action):
    document = dict(saved.of(samples.allow()))
    document["verdict"] = {"action": action, "reasons": (), "policy": {"name": "x", "digest": "y"}, "waivers": ()}
    assert "<failure" in junit.render(document)
    assert github.render(document).startswith("::error ")
    assert findings.of(document).action in (Action.HOLD, Action.DENY)


def test_waivers_are_shown_everywhere():
    document = saved.of(samples.warn())
    for text in (sarif.render(document), junit.render(document), github.markdown(document).replace("\\", "")):
        assert "Urgent fix, read by hand" in text
        assert "security@corp.example" in text
        assert "2026-12-01" in text


COMMAND = re.compile(r"::(error|warning|notice) (file=[^:]*,line=\d+,)?title=[^:\n]*::[^\n\r]*")


def test_every_line_is_one_command_of_github(report):
    text = github.render(saved.of(report))
    lines = text.splitlines()
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", text)
    assert "##[" not in text
    kinds = {line[2:].partition(" ")[0] for line in lines}
    assert ("error" in kinds) is (report.verdict.action in (Action.HOLD, Action.DENY))
    assert len(lines) <= github.MAX_ANNOTATIONS


def test_github_is_told_the_line():
    text = github.commands([(saved.of(samples.deny()), places.Place(path="a,b:c.json", line=3))])
    assert text.startswith("::error file=a%2Cb%3Ac.json,line=3,title=")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add((tag, *attrs))


def test_markdown_does_nothing_but_show(report):
    text = github.markdown(saved.of(report))
    tags = Tags()
    tags.feed(text)
    assert tags.seen <= {("details",), ("summary",)}
    bare = re.sub(r"\\.", "", text)
    assert "http" not in re.sub(r"https?(?=\\:)", "", text)
    assert not set("[]`@{}") & set(bare)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {re.sub(r"\\.", "", row).count("|") for row in rows} <= {3, 6}
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", text)


def test_markdown_says_what_was_compared():
    assert r"4 files\: 2 identical, 1 manifest, 1 unexplained\." in github.markdown(saved.of(samples.hold()))
    assert "No file was compared" in github.markdown(saved.of(samples.no_source()))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (".mcp.json", '{"mcpServers": {"m": {\n"args": ["-y", "@acme/mail-mcp@1.0.16"]}}}', 2),
        ("package.json", '{"dependencies": {\n"@acme/mail-mcp-extra": "1",\n"@acme/mail-mcp": "1"}}', 3),
        (".codex/config.toml", "[mcp_servers.mail]\nargs = ['npm:@acme/mail-mcp']\n", 2),
    ],
)
def test_the_line_is_found_where_clients_have_it(tmp_path, path, text, line):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert places.find("@acme/mail-mcp", tmp_path) == places.Place(path=path, line=line)
    assert places.find("@acme/mail", tmp_path) is None
    assert places.find("acme/mail-mcp", tmp_path) is None
    assert places.find("", tmp_path) is None


def test_a_given_file_must_be_a_text_file_in_the_folder(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "out.json").write_text("{}")
    (inside / "bytes").write_bytes(b"\xff\xfe")
    (inside / "large").write_bytes(b" " * (places.MAX_BYTES + 1))
    os.mkfifo(inside / "pipe")
    (inside / "other.json").write_text("{}")
    for given in ("../out.json", "/etc/passwd", "bytes", "large", "pipe", "none", "."):
        with pytest.raises(UsageError) as caught:
            places.find("x", inside, given)
        assert caught.value.code == "PLACE_FILE"
    assert places.find("x", inside, "other.json") == places.Place(path="other.json", line=1, named=False)


def test_files_that_cannot_be_read_are_not_the_place(tmp_path):
    os.mkfifo(tmp_path / ".mcp.json")
    (tmp_path / "mcp.json").mkdir()
    (tmp_path / "package.json").write_text('"x"')
    assert places.find("x", tmp_path) == places.Place(path="package.json", line=1)


def test_a_renderer_of_markdown_sees_nothing_but_text_and_tables(report):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(github.markdown(saved.of(report)))
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "softbreak", "text_special"}
    blocks = {token.type for token in tokens}
    usual = {"inline", "html_block"} | {
        f"{name}_{end}" for name in ("heading", "paragraph") for end in ("open", "close")
    }
    lists = {f"{name}_{end}" for name in ("bullet_list", "list_item") for end in ("open", "close")}
    cells = {f"{name}_{end}" for name in ("table", "thead", "tbody", "tr", "th", "td") for end in ("open", "close")}
    assert blocks <= usual | lists | cells
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert "script" not in html
