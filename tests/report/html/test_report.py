"""The report as a page: what each reader must find on it, and that it is sound HTML whatever the report says."""

import base64
import hashlib
import itertools
import re

import pytest

from provenly.report import saved
from provenly.report.html import frame, picture, plain, report
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.verify.checks import CHECKS
from tests.report import samples
from tests.report.html.pages import Page, full
from tests.report.parts import identical
from tests.report.parts import report as made

EVERY = {
    name: getattr(samples, name)
    for name in ("allow", "warn", "hold", "deny", "refused", "unresolved")
    if hasattr(samples, name)
}


def page(document):
    return Page.of(report.render(document))


@pytest.fixture(scope="module")
def whole():
    return page(full())


@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_report_is_a_sound_page(name):
    document = saved.of(EVERY[name]())
    shown = page(document)
    assert f"Under the policy “default”, {shown.all('h1')[0].find('b').text}" in shown.text
    assert document["verdict"]["action"].upper() in shown.text
    for status in ("passed", "failed", "absent", "unchecked"):
        assert f"{plain.SYMBOL[status]} {status} {plain.MEANING[status]}" in shown.text


def test_there_are_reports_to_try():
    assert {"allow", "warn", "hold"} <= set(EVERY)


def test_landmarks_headings_and_tables_are_for_readers_of_screens(whole):
    assert [len(whole.all(name)) for name in ("header", "main", "footer", "nav", "h1")] == [1] * 5
    levels = [int(one.tag[1]) for one in whole.elements if re.fullmatch("h[1-6]", str(one.tag))]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for table in whole.all("table"):
        assert table.find("caption") is not None or table.find("thead") is not None
        assert all(head.get("scope") for head in table.iter("th"))
    ids = [value for _, name, value in whole.attributes() if name == "id"]
    assert len(ids) == len(set(ids))
    inner = [one.get("href")[1:] for one in whole.all("a") if one.get("href").startswith("#")]
    assert inner
    assert set(inner) <= set(ids)
    assert {one.get("aria-labelledby") for one in whole.all("section")} - {None} <= set(ids)
    assert whole.all("svg")
    for drawn in whole.all("svg"):
        assert drawn.get("role") == "img" or drawn.get("aria-hidden") == "true"


def test_nothing_is_loaded_and_nothing_runs():
    text = report.render(full())
    shown = Page.of(text)
    assert not {"script", "img", "iframe", "link", "object", "form", "base", "input"} & {
        one.tag for one in shown.elements
    }
    assert not [
        name for _, name, _ in shown.attributes() if name in {"src", "style", "srcset"} or name.startswith("on")
    ]
    [style] = shown.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    [policy] = [one.get("content") for one in shown.all("meta") if one.get("http-equiv")]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|expression|</", style.text)


def test_the_verdict_is_one_sentence_for_people(whole):
    assert (
        "DENY Under the policy “default”, @acme/mail-mcp@1.0.16 must not be used, because the package holds program "
        "code that its published source does not account for. The published source at "
        "https://github.com/acme/mail-mcp explains 4 of the 7 files in it." in whole.text
    )


def test_checks_of_one_statement_are_one_cause():
    reasons = [
        {"check": check, "status": "unchecked", "action": "hold", "text": "x", "turn": None, "waived": None}
        for check in ("provenance", "provenance-identity", "provenance-commit", "registry-signature", "unheard-of")
    ]
    document = dict(full())
    document["verdict"] = {**document["verdict"], "action": "hold", "reasons": tuple(reasons)}
    assert (
        "because the signed statement of how the package was built could not be had, the registry's signature could "
        "not be had, and the check unheard-of could not be made." in page(document).text
    )


def test_every_check_has_a_clause_for_people():
    assert {module.ID for module in CHECKS} == set(plain.FAILED)


def test_no_reason_at_all_is_no_permission():
    document = dict(full())
    document["verdict"] = {**document["verdict"], "reasons": ()}
    assert "because no rule of the policy was applied, and nothing passes unlooked at" in page(document).text


def test_evidence_says_what_was_asked_expected_and_found_and_what_to_do(whole):
    said = whole.section("evidence")
    for part in (
        "✗ failed source-match Does the source explain every executable file",
        "✗ deny",
        "Expected expected",
        "Found actual",
        "Next step Hint.",
        "Proven by tag",
        "? unchecked continuity",
        "‖ hold",
        "nested.list 3: true",
    ):
        assert part in said
    opened = [one for one in whole.all("details") if one.get("class") == "check" and one.get("open") is not None]
    assert len(opened) == 2


def test_a_reason_does_not_repeat_its_evidence(whole):
    said = whole.section("evidence")
    assert "Judged" not in said
    document = dict(full())
    reasons = tuple(
        {**one, "text": one["text"] + "; another check failed, too"} for one in document["verdict"]["reasons"]
    )
    document["verdict"] = {**document["verdict"], "reasons": reasons}
    assert "Judged Another check failed, too." in page(document).section("evidence")


def test_a_check_that_no_rule_judged_is_there_and_one_without_evidence_too():
    document = dict(full())
    first, *others = document["verdict"]["reasons"]
    document["verdict"] = {**document["verdict"], "reasons": tuple(others)}
    assert "not judged" in page(document).section("evidence")
    document["verdict"] = {
        **document["verdict"],
        "reasons": ({**first, "check": "nobody-looked", "status": "unchecked"},),
    }
    shown = page(document)
    assert "nobody-looked" in shown.section("evidence")
    assert "nobody-looked" in shown.section("unchecked")


def test_the_picture_tells_what_was_not_looked_at_from_what_nothing_explains(whole):
    said = whole.section("picture")
    assert "recompiled compiling the published source gives exactly these bytes 1 900 B" in said
    assert "unexplained nothing in the published source explains it 2" in said
    assert "unchecked it could not be looked at 1 70 B" in said
    assert "One unexplained file was taken apart as a bundle: 95.0 % of the code is traced" in said
    bar = whole.all("svg")[0]
    assert bar.get("role") == "img"
    widths = [float(one.get("width")) for one in bar.iter("rect")]
    assert sum(widths) == pytest.approx(1_000, abs=0.5)
    assert min(widths) >= 3


def test_the_files_are_a_tree(whole):
    said = whole.section("files")
    assert "docs/deep/ 1 identical, 4.3 kB" in said
    assert "lib.js ← src/lib.ts recompiled 900 B" in said
    assert "old.js unchecked 70 B" in said


def test_the_lines_that_nothing_explains_are_shown(whole):
    said = whole.section("unexplained")
    assert "+ Bcc: 'phan@giftshop.example'," in said
    assert "index.js unexplained, can be run, 12.3 kB, line 211" in said
    assert "dist/old.js unchecked, can be run, though nothing leads to it" in said


def test_a_diff_that_the_document_cut_says_so_and_ends_with_a_whole_line():
    document = dict(full())
    files = document["files"]
    cut = {**files["unexplained"][0], "diff": "--- a\n+++ b\n@@ -1 +1 @@\n+whole\n+hal… (123 more characters)"}
    document["files"] = {**files, "unexplained": (cut,)}
    said = page(document).section("unexplained")
    assert "+whole" in said
    assert "+hal" not in said
    assert "Of its diff, 123 characters are not in the document" in said


def test_bundles_say_where_their_code_comes_from(whole):
    said = whole.section("traced")
    assert "from 2 files of the published source 60.0 % 600" in said
    assert "zod@4.0.0 30.0 % 300" in said
    assert "from nowhere, in 3 pieces 5.0 % 50" in said
    assert "gone@1.0.0" in said
    assert "giftshop.example line 7" in said


def test_the_chain_has_every_link_and_names_only_what_is_proven(whole):
    said = whole.section("chain")
    links = ("Repository", "Commit", "Workflow", "Certificate", "Public log", "Registry", "Bytes")
    assert [said.index(f"{name}:") for name in links] == sorted(said.index(f"{name}:") for name in links)
    assert "Bytes against the commit: ✗ failed" in said
    assert "Certificate: ✓ passed" in said
    assert "https://rekor.sigstore.dev, entry 42" in said
    assert "Registry: ○ absent" in said
    document = dict(full())
    document["evidence"] = tuple(
        {**one, "status": "failed"} if one["check"] == "provenance" else one for one in document["evidence"]
    )
    said = page(document).section("chain")
    assert "Public log: ✗ failed" in said
    assert ".github/workflows/release.yml" not in said.partition("Registry:")[0]
    assert "entry 42" not in said


def test_a_link_is_as_good_as_its_worst_check():
    document = dict(full())
    document["evidence"] = tuple(one for one in document["evidence"] if one["check"] != "artifact-layout")
    said = page(document).section("chain")
    assert "Bytes: ? unchecked" in said
    assert "artifact-layout: This report does not ask it." in said


def test_of_two_results_of_a_check_the_chain_takes_the_worse():
    document = dict(full())
    again = [{**one, "status": "failed"} for one in document["evidence"] if one["check"] == "artifact-integrity"]
    document["evidence"] = (*document["evidence"], *again)
    assert "Bytes: ✗ failed" in page(document).section("chain")
    document["evidence"] = (*again, *full()["evidence"])
    assert "Bytes: ✗ failed" in page(document).section("chain")


def test_dependencies_from_the_tree_the_troubled_first(whole):
    said = whole.section("dependencies")
    assert "3 packages, 1 of them asked for directly; not the whole tree, resolved by npm 11.4.2" in said
    assert "tree-status 0 1 1 0" in said
    assert said.index("old as older") < said.index("this package (4.0.5)")
    assert "1 ✗ failed : tree-status" in said
    assert "runs code when it is installed" in said
    assert "deprecated: use another" in said
    assert "zod 4.0.0 postmark@4.0.5 none claimed ? unchecked" in said
    assert "The tree of dependencies is not complete" in whole.section("unchecked")


def test_without_a_tree_the_direct_dependencies_are_named():
    said = page({**full(), "graph": None}).section("dependencies")
    assert "was not resolved" in said
    assert "@modelcontextprotocol/sdk ^1.30.0 dependencies" in said


def test_waivers_have_an_owner_and_an_end_and_expired_ones_are_shown_as_such(whole):
    said = whole.section("policy")
    assert "version-age @acme/mail-mcp in all versions Urgent fix security@corp.example 2027-01-01 applied" in said
    assert (
        "provenance @acme/mail-mcp@1.0.16 Just this once nobody@corp.example 2026-01-01 expired: it no longer counts"
        in said
    )


def test_what_could_not_be_checked_has_a_list_of_its_own(whole):
    said = whole.section("unchecked")
    assert "? unchecked continuity: Continuity came out as unchecked. Next step: Hint." in said
    assert "dist/old.js: Typescript 5.9 could not be fetched" in said


def test_the_commands_to_replay_are_whole(whole):
    said = whole.section("replay")
    assert (
        "provenly verify @acme/mail-mcp@1.0.16 --policy default --at 2026-11-22T08:00:00Z --save-evidence evidence"
        in said
    )
    assert "npm pack @acme/mail-mcp@1.0.16 sha256sum acme-mail-mcp-1.0.16.tgz" in said
    assert full()["artifact"]["sha512"] in said


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "$(touch x)"),
        ("name", "--policy=x"),
        ("version", "1.0.0;ls"),
        ("version", "1.0.0 && ls"),
        ("name", "a b"),
    ],
)
def test_a_name_that_a_shell_would_obey_is_in_no_command(member, value):
    document = dict(full())
    document["package"] = {**document["package"], member: value}
    said = page(document).section("replay")
    assert value not in said
    assert "cannot be given as a command that is safe to copy" in said


def test_documents_of_the_first_version_stay_readable():
    document = dict(full())
    document.pop("graph")
    document["files"] = {key: value for key, value in document["files"].items() if key != "entries"}
    kept = ("ecosystem", "name", "version", "purl", "published", "publisher", "registry", "deprecated", "claims")
    document["package"] = {key: document["package"][key] for key in kept}
    document["verdict"] = {key: value for key, value in document["verdict"].items() if key != "expired_waivers"}
    shown = page(document)
    assert "This document does not list the files" in shown.section("files")
    assert "This document does not list the dependencies" in shown.section("dependencies")


@pytest.mark.parametrize("member", ["package", "artifact", "source", "files"])
def test_what_could_not_be_had_is_said_to_be_missing(member):
    shown = page({**full(), member: None})
    assert shown.all("main")
    if member in {"source", "files"}:
        assert "Its files were not compared with any source." in shown.text
    if member == "files":
        assert "What nothing explains, if anything: not compared" in shown.section("unexplained")
        assert "Nothing was compared" in shown.section("files")
        assert "0 files" not in shown.text
    if member == "source":
        assert "address" not in shown.section("chain")


def test_a_document_that_was_cut_says_so():
    document = {**full(), "truncated": {"strings": 1, "characters": 7, "items": 2}}
    assert "7 characters and 2 list members are missing" in page(document).section("unchecked")


# Bounds.


def many(count, *, kind=FileClass.IDENTICAL, diff=""):
    files = [identical(f"lib/{number % 97}/module-{number}.js", 1_000) for number in range(count)]
    if kind is FileClass.UNEXPLAINED:
        files = [
            Explanation(
                path=f"lib/{number % 97}/module-{number}.js",
                size=1_000,
                file_class=kind,
                executable=True,
                reachable=True,
                diff=diff,
                detail="no file like it " * 20,
            )
            for number in range(count)
        ]
    return saved.of(made(comparison=Comparison(files=tuple(files))))


def test_a_package_of_20_000_files_is_a_page_that_opens():
    text = report.render(many(20_000))
    assert len(text) < 1_000_000
    shown = Page.of(text)
    assert len(shown.all("li")) < 5_000
    assert "17,000 files are not listed here one by one" in shown.section("files")


def test_20_000_unexplained_files_with_five_megabytes_of_diff_are_a_page_that_opens():
    diff = "--- a\n+++ b\n@@ -0,0 +1,50 @@\n" + "+const key = process.env.KEY\n" * 10
    text = report.render(many(20_000, kind=FileClass.UNEXPLAINED, diff=diff))
    assert len(text) < 3_000_000
    said = Page.of(text)
    assert "9,000 more files in the JSON document" in said.section("unexplained")
    assert "20,000 list members are missing" in said.section("unchecked")


def test_one_diff_of_five_megabytes_is_cut():
    # The document of today cuts it before; one that was written by another may not.
    document = dict(many(1, kind=FileClass.UNEXPLAINED))
    [one] = document["files"]["unexplained"]
    diff = "--- a\n+++ b\n@@ -0,0 +1,100000 @@\n" + "+const key = process.env.KEY; send(key, 'x')\n" * 110_000
    document["files"] = {**document["files"], "unexplained": ({**one, "diff": diff},)}
    text = report.render(document)
    assert len(text) < 500_000
    assert "108,001 more lines: provenly diff --format patch has them all" in Page.of(text).section("unexplained")


def test_long_names_long_lines_and_long_reasons_are_cut_together():
    long = "n" * 250 + "/"
    document = dict(many(3_500, kind=FileClass.UNEXPLAINED, diff="--- a\n+++ b\n" + ("+" + '"' * 1_000 + "\n") * 4))
    files = document["files"]
    entries = tuple({**one, "path": long * 16 + one["path"]} for one in files["entries"])
    bad = tuple({**one, "path": long * 16 + one["path"], "reason": "<" * 4_000} for one in files["unexplained"])
    document["files"] = {**files, "entries": entries, "unexplained": bad}
    assert len(report.render(document)) < 16_000_000


def test_folders_in_folders_without_end_are_cut():
    path = "/".join("d" for _ in range(2_000)) + "/x.js"
    shown = page(saved.of(made(comparison=Comparison(files=(identical(path, 1), identical("a/" + path, 1))))))
    assert len(shown.all("details")) < 60


# Contrast, by WCAG 2.2's formula: axe-core in a browser says the same, and is not everywhere.


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_is_legible_and_pictures_can_be_told_from_the_page(scheme):
    found = dict(re.findall(r"--([a-z]+): light-dark\((#\w{6}, #\w{6})\)", frame.style()))
    colours = {name: pair.split(", ")[scheme] for name, pair in found.items()}
    for name in ("text", "soft", "to", "good", "bad", "care"):
        assert min(contrast(colours[name], colours[ground]) for ground in ("page", "raised")) >= 4.5, name
    for kind in FileClass:
        assert contrast(colours[kind.value], colours["page"]) >= 3, kind


@pytest.mark.parametrize(
    ("amount", "whole", "said"),
    [
        (0, 0, "0 %"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 1_000_000, "< 0.1 %"),
        (999_999, 1_000_000, "> 99.9 %"),
        (1, 3, "33.3 %"),
    ],
)
def test_a_share_never_rounds_to_nothing_or_to_all(amount, whole, said):
    assert picture.percent(amount, whole) == said


def test_warnings_are_no_reason_to_use_a_package():
    said = page(saved.of(samples.warn())).text
    assert "may be used, once the warnings below have been read: this version was published too recently, and " in said


def test_a_commit_that_was_guessed_is_said_to_be():
    document = full()
    assert "Nobody names the commit" not in page(document).text
    guessed = page({**document, "source": {**document["source"], "found_by": "nearest"}})
    assert "compared with 3f1c2b7a9d8e: the nearest that could be found." in guessed.section("picture").replace(
        " :", ":"
    )
