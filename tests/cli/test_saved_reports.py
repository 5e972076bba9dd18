"""``provenly decide`` and ``provenly report``: what becomes of a report that was saved."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from provenly.cli.main import main
from provenly.report.formats import FORMATS
from tests.world import INDEX, NAME, files

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schema" / "report-1.schema.json").read_text())
EXITS = {"allow": 0, "warn": 0, "hold": 3, "deny": 1}

MINE = """schema = 1
name = "mine"
extends = "default"
[[scope]]
packages = ["pkg:npm/*"]
[scope.checks.version-age]
min-hours = 8760
passed-younger = "hold"
[[condition]]
when = 'files.identical > 0 && pkg.licences.exists(one, one == "MIT") && artifact.size > 10'
action = "hold"
why = "Something is identical."
[[condition]]
when = 'evidence.source_match.facts.traced > 0 || dependencies_known'
action = "deny"
why = "Something is traced."
check = "source-match"
"""


@pytest.fixture
def saved(world, tmp_path, capsys):
    """Return a function that verifies a package and gives the path of its report."""

    def save(*arguments: str, content: str = INDEX) -> Path:
        world.release("1.0.0", files() | {"index.js": content})
        path = tmp_path / "report.json"
        main(["verify", f"{NAME}@1.0.0", "--format", "json", "-o", str(path), *arguments, *world.arguments])
        capsys.readouterr()
        return path

    return save


def decide(path: Path, *arguments: str, capsys) -> tuple[int, dict]:
    code = main(["decide", str(path), "--format", "json", *arguments])
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(document)
    return code, document


@pytest.mark.parametrize("policy", ["default", "strict", "audit", "procurement", "mine"])
@pytest.mark.parametrize("content", [INDEX, INDEX + "evil();\n"], ids=["honest", "changed"])
def test_the_same_policy_decides_on_the_saved_report_as_it_did_live(policy, content, saved, tmp_path, capsys):
    if policy == "mine":
        (tmp_path / "mine.toml").write_text(MINE)
        (tmp_path / "mine.toml").chmod(0o600)
        policy = str(tmp_path / "mine.toml")
    path = saved("--policy", policy, content=content)
    live = json.loads(path.read_text())
    code, document = decide(path, "--policy", policy, "--at", live["checked_at"], capsys=capsys)
    assert document["verdict"] == live["verdict"]
    assert code == EXITS[live["verdict"]["action"]]


def test_another_policy_decides_otherwise_and_nothing_else_changes(saved, capsys):
    path = saved()
    live = json.loads(path.read_text())
    code, document = decide(path, "--policy", "strict", capsys=capsys)
    assert (live["verdict"]["action"], document["verdict"]["action"], code) == ("warn", "deny", 1)
    assert document["verdict"]["policy"]["name"] == "strict"
    first, *others = document.pop("notes")
    assert first["code"] == "REPORT_SAVED"
    assert "nobody signed" in first["text"]
    assert others == live.pop("notes")
    assert {**document, "verdict": 0} == {**live, "verdict": 0}


def test_deciding_again_leaves_one_note(saved, tmp_path, capsys):
    _, document = decide(saved(), "--policy", "strict", capsys=capsys)
    again = tmp_path / "again.json"
    again.write_text(json.dumps(document))
    _, second = decide(again, "--policy", "audit", capsys=capsys)
    assert [note["code"] for note in second["notes"]].count("REPORT_SAVED") == 1


def test_a_report_that_lacks_a_check_is_not_let_through(saved, capsys):
    path = saved()
    document = json.loads(path.read_text())
    document["evidence"] = [one for one in document["evidence"] if one["check"] != "source-match"]
    path.write_text(json.dumps(document))
    code, decided = decide(path, capsys=capsys)
    (reason,) = [one for one in decided["verdict"]["reasons"] if one["check"] == "source-match"]
    assert (code, reason["status"], reason["action"]) == (3, "unchecked", "hold")
    document["evidence"] = []
    path.write_text(json.dumps(document))
    assert decide(path, capsys=capsys)[0] == 1


def waiver(path: Path, expires: str) -> str:
    path.write_text(
        'schema = 1\nname = "mine"\nextends = "default"\n[[waiver]]\ncheck = "source-match"\n'
        f'package = "{NAME}"\nreason = "Read by hand."\nowner = "jo@acme.example"\nexpires = {expires}\n'
    )
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("name", ["text", "json", "cyclonedx", "html", "markdown", "junit", "sarif"])
@pytest.mark.parametrize("days", [30, -1], ids=["in force", "ended"])
def test_every_output_names_a_waiver_with_reason_owner_and_end(name, days, saved, tmp_path, capsys):
    end = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    policy = waiver(tmp_path / "mine.toml", end)
    code = main(["decide", str(saved(content=INDEX + "evil();\n")), "--policy", policy, "--format", name])
    out = capsys.readouterr().out
    assert code == (0 if days > 0 else 3)
    assert "jo@acme.example" in out.replace("\\", "").replace("&#64;", "@")
    assert end in out.replace("\\", "")
    assert "Read by hand" in out


@pytest.mark.parametrize("days", [30, -1], ids=["in force", "ended"])
def test_the_terminal_names_a_waiver_with_reason_owner_and_end(days, world, tmp_path, capsys):
    end = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    policy = waiver(tmp_path / "mine.toml", end)
    main(["verify", f"{NAME}@1.0.0", "--policy", policy, *world.arguments])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("waiver")]
    assert ("until" if days > 0 else "ended on") + f" {end}, by jo@acme.example: Read by" in " ".join(line.split())


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("content", [INDEX, INDEX + "evil();\n"], ids=["honest", "changed"])
def test_every_format_is_written_and_the_exit_code_is_the_verdicts(name, content, saved, tmp_path, capsys):
    path = saved(content=content)
    action = json.loads(path.read_text())["verdict"]["action"]
    target = tmp_path / "out"
    assert main(["report", str(path), "--format", name, "-o", str(target)]) == EXITS[action]
    assert capsys.readouterr() == ("", "")
    assert target.stat().st_size > 100


def test_the_json_of_a_saved_report_is_the_report(saved, capsys):
    path = saved()
    main(["report", str(path), "--format", "json"])
    assert capsys.readouterr().out == path.read_text()


def test_several_reports_are_lines_and_the_strictest_verdict_is_the_exit_code(saved, tmp_path, capsys):
    honest = json.loads(saved().read_text())
    _, denied = decide(tmp_path / "report.json", "--policy", "strict", capsys=capsys)
    lines = tmp_path / "lines.json"
    lines.write_text(f"{json.dumps(honest)}\n{json.dumps(denied)}\n\n{json.dumps(honest)}\n")
    assert main(["report", str(lines), "--format", "json"]) == 1
    assert [json.loads(line)["verdict"]["action"] for line in capsys.readouterr().out.splitlines()] == [
        "warn",
        "deny",
        "warn",
    ]
    assert main(["decide", str(lines), "--policy", "audit", "--format", "junit"]) == 0
    assert capsys.readouterr().out.count("<testsuite ") == 3
    assert main(["report", str(lines), "--format", "cyclonedx"]) == 2
    assert "is about one package, and there are 3 reports" in capsys.readouterr().err
    lines.write_text(f"{json.dumps(honest)}\n{{}}\n")
    assert main(["report", str(lines)]) == 2
    assert "lines.json:2 is no report" in capsys.readouterr().err


def test_a_verdict_that_its_reasons_contradict_is_refused(saved, capsys):
    path = saved(content=INDEX + "evil();\n")
    document = json.loads(path.read_text())
    document["verdict"]["action"] = "allow"
    path.write_text(json.dumps(document))
    for command in ("report", "decide"):
        assert main([command, str(path)]) == 2
        assert "contradicts itself" in capsys.readouterr().err
    document["verdict"]["reasons"] = []
    path.write_text(json.dumps(document))
    assert main(["report", str(path)]) == 2


def test_the_time_of_a_decision_is_never_before_its_evidence(saved, capsys):
    path = saved()
    assert main(["decide", str(path), "--at", "2020-01-01T00:00:00Z"]) == 2
    assert "after the time of the decision" in capsys.readouterr().err
    document = json.loads(path.read_text())
    document["checked_at"] = "2999-01-01T00:00:00Z"
    path.write_text(json.dumps(document))
    assert main(["decide", str(path)]) == 2
    capsys.readouterr()
    document["checked_at"] = f"{datetime.now(UTC) + timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ}"
    path.write_text(json.dumps(document))
    assert main(["decide", str(path)]) == 0


HOSTILE = {
    "empty": b"",
    "nothing": b"\n\n",
    "no json": b"{",
    "list": b"[]",
    "number": b"7",
    "null": b"null",
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "twice": b'{"schema": "provenly/report/1", "schema": "provenly/report/1"}',
    "nan": b'{"schema": "provenly/report/1", "checked_at": NaN}',
    "bom": b"\xef\xbb\xbf{}",
    "latin": b'{"schema": "\xe9"}',
    "nul": b"{}\x00",
    "surrogate": b'{"schema": "\\ud800"}',
    "other schema": b'{"schema": "provenly/report/2"}',
    "many lines": b"{}\n" * 1_001,
    "digits": b'{"schema": ' + b"9" * 100_000 + b"}",
    "bidi": '{"schema": "\u202eprovenly/report/1"}'.encode(),
    "escape": b'{"schema": "\\u001b[2J"}',
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("command", ["report", "decide"])
def test_what_is_no_report_is_refused_in_one_sentence(command, data, tmp_path, capsys):
    path = tmp_path / "x.json"
    path.write_bytes(data)
    assert main([command, str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert len(err) < 1_000
    assert "\x1b" not in err
    assert "\u202e" not in err


def members(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from members(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value[:2]):
            yield from members(member, (*path, index))


@pytest.mark.parametrize("bad", [None, 7, "", "\u202e\x1b[2J</script>", [], {}, -1, 1e308, True], ids=repr)
def test_a_report_with_any_member_exchanged_gives_a_verdict_or_a_refusal(bad, saved, tmp_path, capsys):
    """Nothing that somebody writes into a report makes us stumble, or gets past a policy that denies it already."""
    path = saved(content=INDEX + "evil();\n")
    text = path.read_text()
    target = tmp_path / "x.json"
    places = [place for place, _ in members(json.loads(text)) if place]
    for number, place in enumerate(places[:: len(places) // 10]):
        document = json.loads(text)
        inner = document
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = bad
        target.write_text(json.dumps(document))
        name = ("text", "html", "markdown")[number % 3]
        code = main(["decide", str(target), "--policy", "procurement", "--format", name])
        out, _ = capsys.readouterr()
        assert code in (1, 2, 3), place
        assert "\x1b" not in out, place
        assert name == "text" or "</script>" not in out, place


def test_a_report_that_is_no_regular_file_is_refused(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "nothing", "."):
        assert main(["decide", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.startswith("error: ")


def test_an_unknown_format_is_refused_before_anything_is_read(tmp_path, capsys):
    assert main(["report", str(tmp_path / "x"), "--format", "pdf"]) == 2
    assert "there is no format 'pdf'" in capsys.readouterr().err
