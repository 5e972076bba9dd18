"""The report for people: what stands in it, and that nothing in it can act on a terminal or a build service."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from provenly.report import summary, terminal
from provenly.trust.evidence import Comparison, Explanation, FileClass, Status
from provenly.trust.model import Note, Reference
from provenly.trust.source import FoundBy
from provenly.trust.text import show
from provenly.trust.verdict import Action, Report
from tests.report import parts, samples
from tests.report.golden import assert_golden

SGR = re.compile(r"\x1b\[[0-9;]*m")


def rendered(report: Report, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    return terminal.render(report, width=width, colour=colour, verbose=verbose)


def flat(text: str) -> str:
    """Return the text with its wrapping undone."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", samples.ALL)
def test_whole_output_at_80_columns(name: str):
    assert_golden(f"terminal-{name}-80.txt", rendered(samples.ALL[name]()))


def test_whole_output_at_120_columns_and_verbose():
    assert_golden("terminal-built-120.txt", rendered(samples.built(), width=120))
    assert_golden("terminal-warn-verbose-80.txt", rendered(samples.warn(), verbose=True))


@pytest.mark.parametrize("name", samples.ALL)
@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, verbose: bool):
    lines = rendered(samples.ALL[name](), width=width, verbose=verbose).splitlines()
    broken = [line for line in lines if cell_len(line) > width and "\\::" not in line]
    assert broken == []


@pytest.mark.parametrize("name", samples.ALL)
def test_colour_adds_nothing_but_sgr(name: str):
    report = samples.ALL[name]()
    coloured = rendered(report, colour=True)
    assert "\x1b[" in coloured
    assert SGR.sub("", coloured) == rendered(report)


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_text_without_colour_has_no_control_character(verbose: bool):
    text = rendered(samples.hostile(), verbose=verbose)
    assert {character for character in text if ord(character) < 0x20} == {"\n"}
    assert text == show(text, limit=len(text), keep="\n")


def test_hostile_text_with_colour_has_only_sgr_escapes():
    text = SGR.sub("", rendered(samples.hostile(), colour=True, verbose=True))
    assert text == show(text, limit=len(text), keep="\n")
    assert "\x1b" not in text


def test_hostile_records_stay_inside_their_record():
    text = rendered(samples.hostile())
    starts = [line for line in text.splitlines() if re.match(r"\S", line)]
    assert len(starts) == 1
    assert starts[0].startswith("DENY  evil")
    assert "\\x0aPASS" in text


@pytest.mark.parametrize("colour", [False, True])
def test_build_service_commands_are_broken(colour: bool):
    for text in (rendered(samples.hostile(), colour=colour, verbose=True), summary.line(samples.hostile())):
        assert "::add-mask" in text
        assert not [line for line in text.splitlines() if SGR.sub("", line).strip().startswith("::")]
        assert "##[" not in text
        assert "##\\[error]bad" in text


def test_a_diff_line_that_is_a_command_is_broken():
    """A line of a diff without its sign would otherwise stand at the start of a line of the log."""
    file = replace(parts.UNEXPLAINED, diff="--- a\n+++ b\n@@ -1 +1 @@\n::set-output name=a::b\n\u00a0::error::c\n")
    text = rendered(replace(samples.hold(), comparison=Comparison(files=(file,))))
    assert "\\::set-output" in text
    assert "\\::error" in text


def test_markup_is_shown_and_not_obeyed():
    text = flat(rendered(samples.hostile(), colour=True, width=200))
    assert "[red]x[/red]" in text
    assert "[link=https://evil.example]here[/link]" in text
    assert ":skull:" in text
    assert "\x1b]8" not in text


def test_no_secret_is_shown():
    text = rendered(samples.hostile(), width=200, verbose=True)
    assert "canary-token" not in text
    assert "https://<redacted>@registry.example" in text


def test_the_verdict_comes_first_with_its_reason():
    first, second, *_ = rendered(samples.hold()).splitlines()
    assert first == "HOLD  @acme/mail-mcp@1.0.16"
    assert second.strip().startswith("index.js, the only executable file, has 1 line")


def test_reasons_come_strictest_first():
    text = rendered(samples.deny())
    labels = re.findall(r"(?m)^  (deny|hold|warn|allow) ", text)
    assert labels == sorted(labels, key=lambda label: -Action(label).rank)
    assert labels[0] == "deny"


def test_what_failed_comes_before_what_could_not_be_looked_at():
    found = (parts.evidence("registry-signature", Status.UNCHECKED), parts.evidence("source-match", Status.FAILED))
    asks = {"registry-signature": Action.HOLD, "source-match": Action.HOLD}
    report = parts.report(evidence=found, verdict=parts.verdict(*found, asks=asks))
    text = flat(rendered(report))
    assert text.startswith("HOLD @acme/mail-mcp@1.0.16 source-match came out as failed. 1 more reason to hold.")
    assert text.index("source-match: failed") < text.index("registry-signature: unchecked")
    assert summary.line(report).endswith("source-match came out as failed. 1 more reason to hold.")


def test_sentences_do_not_repeat_expected_and_found():
    text = flat(rendered(samples.deny()))
    assert "(expected" not in text
    assert "expected every executable file explained" in text


def test_expected_and_found_are_shown_only_where_they_differ():
    text = flat(rendered(samples.hold()))
    assert "expected every executable file explained" in text
    assert "found 1 file of 12.3 kB unexplained" in text
    same = parts.evidence("source-match", Status.FAILED, expected="one", actual="one")
    report = parts.report(evidence=(same,), verdict=parts.verdict(same, asks={"source-match": Action.HOLD}))
    assert "expected" not in rendered(report)


def test_every_status_is_named_even_where_the_policy_allows_it():
    found = tuple(parts.evidence(f"check-{status}", status) for status in Status)
    text = flat(rendered(parts.report(evidence=found, verdict=parts.verdict(*found, asks={}))))
    assert "1 check passed: check-passed" in text
    for status in ("failed", "absent (looked, and there is none)", "unchecked (could not look)"):
        assert f"1 check {status}, which the policy allows: check-{status.split()[0]}" in text
    assert "1 check passed, 3 did not and the policy allows that" in text


def test_a_waived_reason_is_shown_even_where_it_is_allowed():
    report = samples.warn()
    reasons = tuple(
        replace(reason, action=Action.ALLOW) if reason.waived else reason for reason in report.verdict.reasons
    )
    text = flat(rendered(replace(report, verdict=replace(report.verdict, reasons=reasons))))
    assert "allow version-age: failed" in text
    assert "waived Urgent fix, read by hand" in text
    assert "waiver version-age of @acme/mail-mcp@1.0.16 until 2026-12-01, by security@corp.example" in text


def test_one_cause_that_stops_many_checks_is_said_once():
    text = rendered(samples.unresolved())
    assert text.count("could not be reached") == 1
    for check in parts.CHECKS:
        assert check in flat(text)


def stripped_by_a_mirror() -> Report:
    """Return a report of which three checks could not be made for one cause, each with a sentence of its own."""
    hint = "Verify against the registry itself."
    found = (
        *(
            parts.evidence(
                check, Status.UNCHECKED, summary=f"no {check} is served", expected=check, actual="not served"
            )
            for check in ("registry-signature", "publish-attestation", "provenance")
        ),
        parts.evidence("version-age", Status.UNCHECKED, summary="no time is served", hint="Wait."),
        parts.evidence(
            "source-match", Status.FAILED, summary="one file", expected="all", actual="not served", hint=hint
        ),
    )
    found = tuple(replace(one, hint=one.hint or hint) for one in found)
    asks = dict.fromkeys((one.check for one in found), Action.HOLD)
    return parts.report(evidence=found, verdict=parts.verdict(*found, asks=asks))


def test_checks_that_could_not_look_for_one_cause_are_folded():
    text = flat(rendered(stripped_by_a_mirror()))
    assert "hold 3 checks: unchecked (could not look) registry-signature, publish-attestation, provenance" in text
    assert "found not served hint Verify against the registry itself." in text
    assert "expected provenance" not in text
    assert "hold version-age: unchecked" in text, "another remedy is another cause"
    assert "hold source-match: failed" in text, "what failed has a cause of its own"
    assert "2 more reasons to hold" in text, "a cause is one reason, however many checks it stops"


def test_one_cause_is_one_group_whatever_each_check_asks_for():
    report = stripped_by_a_mirror()
    reasons = tuple(
        replace(reason, action=Action.WARN) if reason.check == "publish-attestation" else reason
        for reason in report.verdict.reasons
    )
    text = flat(rendered(replace(report, verdict=replace(report.verdict, reasons=reasons))))
    assert "unchecked (could not look) registry-signature, provenance, publish-attestation (warn)" in text
    assert "2 more reasons to hold" in text


def test_a_waived_reason_is_in_no_group():
    report = stripped_by_a_mirror()
    reasons = tuple(
        replace(reason, waived="Read by hand") if reason.check == "provenance" else reason
        for reason in report.verdict.reasons
    )
    text = flat(rendered(replace(report, verdict=replace(report.verdict, reasons=reasons))))
    assert "hold 2 checks: unchecked (could not look) registry-signature, publish-attestation" in text
    assert "hold provenance: unchecked (could not look)" in text


def test_verbose_shows_the_sentence_of_each_check():
    text = flat(rendered(stripped_by_a_mirror(), verbose=True))
    for check in ("registry-signature", "publish-attestation", "provenance"):
        assert f"hold {check}: unchecked (could not look) No {check} is served. expected {check}" in text


@pytest.mark.parametrize(
    ("found_by", "name", "expected"),
    [
        (FoundBy.TAG, "v1.0.0", "found by its tag v1.0.0"),
        (FoundBy.NEAREST, "v1.0.0", "the nearest that could be found, at v1.0.0: no commit has this version"),
        (FoundBy.NEAREST, "", "the nearest that could be found: no commit has this version"),
        (FoundBy.VERSION_SET, "main", "the commit that set this version, on main"),
        (FoundBy.GIT_HEAD, "", "named by the publisher (gitHead)"),
    ],
)
def test_how_the_commit_was_found_reads_as_a_sentence(found_by: FoundBy, name: str, expected: str):
    source = parts.source()
    chosen = replace(source.candidates[0], found_by=found_by, name=name)
    text = flat(rendered(parts.report(source=replace(source, found_by=found_by, candidates=(chosen,)))))
    assert f"commit {parts.COMMIT[:12]}, {expected} artifact" in text


def test_no_reasons_is_not_an_allow_in_words():
    report = parts.report(evidence=(), verdict=parts.verdict(asks={}))
    assert "nothing passes unlooked at" in rendered(report)
    assert summary.line(report).startswith("DENY ")


def test_what_is_left_out_is_counted():
    text = flat(rendered(samples.built()))
    assert "… 41 more lines of this diff (41 added, 0 removed)" in text
    assert "and 6 more ranges" in text
    shown = len(re.findall(r"nearest src/", text))
    left = re.search(r"(\d+) more unexplained files", text)
    assert left is not None
    assert shown + int(left[1]) == 14


def test_verbose_shows_every_file_and_candidate():
    text = flat(rendered(samples.built(), verbose=True, width=120))
    assert "more unexplained" not in text
    assert "more lines of this diff" not in text
    assert "not 00aa11bb22cc" in text


def test_paths_are_shortened_in_the_middle():
    lines = rendered(samples.built()).splitlines()
    path = next(line.strip() for line in lines if "module-00/index.js" in line)
    assert path.startswith("dist/some/")
    assert "…" in path


def test_the_change_in_a_long_line_is_shown():
    """One call in the only line of a minified bundle is what a reviewer has to see."""
    same = "a();" * 10_000
    diff = f"--- a\n+++ b\n@@ -1 +1 @@\n-{same}end()\n+{same}send('phan@giftshop.example');end()\n"
    file = replace(parts.UNEXPLAINED, diff=diff)
    text = flat(rendered(replace(samples.hold(), comparison=Comparison(files=(file,)))))
    assert "characters as before)" in text
    assert "send('phan@giftshop.example');end()" in text.replace(" ", "")
    assert len(text) < 5_000


def test_many_files_and_notes_are_bounded():
    files = tuple(
        Explanation(
            path=f"f{number}.js", size=1, file_class=FileClass.UNEXPLAINED, executable=True, reachable=True, diff="+x"
        )
        for number in range(20_000)
    )
    notes = tuple(Note(code="N", text=f"note {number}") for number in range(10_000))
    text = rendered(replace(samples.hold(), comparison=Comparison(files=files), notes=notes))
    assert len(text.splitlines()) < 150
    assert "and 19,970 more" in text
    assert "9,995 more notes" in text


def test_wide_characters_keep_the_columns():
    note = Note(code="WIDE", text="漢字" * 60, where="道" * 200)
    lines = rendered(replace(samples.allow(), notes=(note,))).splitlines()
    assert max(map(cell_len, lines)) <= 80


def test_summary_is_one_line_for_every_sample():
    for name, make in samples.ALL.items():
        line = summary.line(make())
        assert line == show(line, limit=len(line)), name
    assert summary.line(samples.allow()) == (
        "ALLOW @acme/mail-mcp@1.0.16: 14 checks passed; https://github.com/acme/mail-mcp explains 4 of 4 files."
    )
    assert summary.line(samples.warn()) == (
        "WARN  @acme/mail-mcp@1.0.16: 2 warnings (version-age, provenance);"
        " https://github.com/acme/mail-mcp explains 4 of 4 files."
    )
    assert summary.line(samples.unresolved()).startswith("HOLD  @acme/mail-mcp@1.0.16: registry.npmjs.org could")


@settings(max_examples=40, deadline=None)
@given(text=st.text(min_size=1, max_size=300), width=st.integers(20, 130))
def test_any_text_anywhere_is_harmless(text: str, width: int):
    found = parts.evidence("source-match", Status.FAILED, summary=text, expected=text, actual="other", hint=text)
    file = replace(parts.UNEXPLAINED, path=text, source=text + "x", detail=text, diff=f"@@ -1 +1 @@\n+{text}\n")
    report = parts.report(
        reference=Reference(text=text),
        package=None,
        source=replace(parts.source(), repository=text, directory=text),
        comparison=Comparison(files=(file,)),
        evidence=(found,),
        verdict=parts.verdict(found, asks=MappingProxyType({"source-match": Action.DENY})),
        notes=(Note(code="N", text=text, where=text),),
    )
    output = rendered(report, width=width, verbose=True)
    assert output == show(output, limit=len(output), keep="\n")
    assert not re.search(r"(?m)^\s*::", output)
    assert "##[" not in output
    assert len(re.findall(r"(?m)^\S", output)) == 1


@pytest.mark.parametrize(
    "variables", [{"FORCE_COLOR": "1"}, {"NO_COLOR": "1"}, {"TERM": "dumb", "COLUMNS": "30"}, {"TTY_COMPATIBLE": "1"}]
)
def test_the_surroundings_change_nothing(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    plain, coloured = rendered(samples.hold()), rendered(samples.hold(), colour=True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert rendered(samples.hold()) == plain
    assert rendered(samples.hold(), colour=True) == coloured


def test_files_that_could_not_be_looked_at_are_counted_apart_and_named_with_the_reason():
    made = samples.hold()
    unknown = tuple(
        replace(samples.UNEXPLAINED, path=path, lines=(), diff="", unchecked="the compiler cannot be fetched")
        for path in ("dist/a.js", "dist/b.js")
    )
    text = rendered(replace(made, comparison=Comparison(files=(*unknown, parts.PACKED_MANIFEST))))
    assert re.search(r"2 unchecked +[\d.]+ kB +it could not be looked at", text)
    assert not re.search(r"\d unexplained", text)
    assert "2 files could not be looked at: The compiler cannot be fetched. dist/a.js" in flat(text)
    assert "every file is explained" not in text
    both = rendered(replace(made, comparison=Comparison(files=(*unknown, samples.UNEXPLAINED))))
    assert re.search(r"1 unexplained", both)
    assert "Bcc" in both
