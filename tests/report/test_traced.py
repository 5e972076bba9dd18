"""What reports say of traced bundles: where they come from, and the pieces that come from nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from jsonschema import Draft202012Validator

from provenly.report import diff_source, diff_text, json_report, saved, terminal
from provenly.report.html import diff_page
from provenly.sbom import properties as sbom_properties
from provenly.trust.evidence import Comparison, Explanation, FileClass, ForeignWord, Trace
from provenly.trust.verdict import Report
from tests.report import samples

SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "report-1.schema.json").read_text())

TRACE = Trace(
    sources=800,
    files=3,
    dependencies={"zod@3.25.76": 9_000, "ms@2.1.3": 100},
    glue=100,
    untraced=0,
    pieces=0,
    rewritten="0.25.8",
)
CLEAN = Explanation(
    path="dist/clean.js",
    size=12_000,
    file_class=FileClass.TRACED,
    executable=True,
    reachable=True,
    explainer="traced",
    detail="traced, not reproduced: 8 % to 3 source files, 91 % to 2 locked dependencies, 1 % is the bundler's glue",
    trace=TRACE,
)
ALTERED = replace(
    CLEAN,
    path="dist/altered.js",
    file_class=FileClass.UNEXPLAINED,
    detail="traced, not reproduced: 99 % to 2 locked dependencies; 1 % in 1 piece comes from nowhere",
    lines=((7, 7),),
    diff="--- a/sources\n+++ b/dist/altered.js\n@@ -0,0 +7,1 @@ nothing like it is there\n+fetch(\x1b'https://x.club')\n",
    trace=replace(TRACE, untraced=30, pieces=1, words=(ForeignWord(kind="host", text="https://x.club", line=7),)),
)


def report() -> Report:
    return replace(samples.hold(), comparison=Comparison(files=(ALTERED, CLEAN)))


def test_the_json_report_has_the_shares_of_every_traced_file():
    document = json.loads(json_report.render(report()))
    Draft202012Validator(SCHEMA).validate(document)
    altered, clean = document["files"]["traced"]
    assert (clean["path"], clean["class"], clean["size"]) == ("dist/clean.js", "traced", 10_000)
    assert clean["dependencies"] == {"ms@2.1.3": 100, "zod@3.25.76": 9_000}
    assert (clean["sources"], clean["glue"], clean["untraced"], clean["foreign"]) == (800, 100, 0, [])
    assert clean["rewritten_by"] == "esbuild 0.25.8"
    assert (altered["class"], altered["untraced"], altered["pieces"]) == ("unexplained", 30, 1)
    assert altered["foreign"] == [{"kind": "host", "text": "https://x.club", "line": 7}]
    assert document["files"]["by_class"]["traced"] == 1
    assert [file["path"] for file in document["files"]["unexplained"]] == ["dist/altered.js"]


def test_the_terminal_says_where_a_traced_file_comes_from_and_shows_what_is_not():
    text = " ".join(terminal.render(report(), width=100, colour=False, verbose=False).split())
    assert "1 traced" in text
    assert (
        "dist/clean.js Traced, not reproduced: 8 % to 3 source files" in text or "traced, not reproduced: 8 %" in text
    )
    assert "+fetch(\\x1b'https://x.club')" in text
    assert "reproduced: compiling" not in text


def test_the_diff_shows_the_pieces_and_nothing_of_what_is_traced():
    view = diff_source.of_source(report())
    text = diff_text.render(view, width=100, colour=False)
    assert "fetch(\\x1b'https://x.club')" in text
    assert "dist/clean.js" not in text
    page = diff_page.render(view)
    assert "x.club" in page
    assert "\x1b" not in page


def test_the_sbom_says_what_is_traced():
    properties = {one.name: one.value for one in sbom_properties.of(saved.of(report()))}
    assert properties["provenly:files:traced"] == "1"
    assert any(name == "provenly:traced" for name in properties)
