"""``provenly policy test``: policies against saved reports with expected verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from provenly.cli.main import main
from tests.world import INDEX, NAME, files


@pytest.fixture
def folder(world, tmp_path, capsys) -> Path:
    """Return a folder with the report of an honest package and of a changed one, and a policy."""
    world.release()
    world.publish("2.0.0", files(version="2.0.0") | {"index.js": INDEX + "evil();\n"})
    for name, version in (("honest", "1.0.0"), ("changed", "2.0.0")):
        main(
            ["verify", f"{NAME}@{version}", "--format", "json", "-o", str(tmp_path / f"{name}.json"), *world.arguments]
        )
    (tmp_path / "mine.toml").write_text(
        'schema = 1\nname = "mine"\nextends = "default"\n'
        '[[condition]]\nwhen = "files.total > 0"\naction = "hold"\nwhy = "x"\n'
    )
    capsys.readouterr()
    return tmp_path


def write(folder: Path, *cases: str, head: str = 'schema = 1\npolicy = "default"\n') -> str:
    path = folder / "a.test.toml"
    path.write_text(head + "".join(f"[[case]]\n{case}\n" for case in cases))
    return str(path)


HONEST = 'report = "honest.json"\nexpect = "warn"'
CHANGED = 'name = "a changed file"\nreport = "changed.json"\nexpect = "hold"'


def test_what_is_as_expected_exits_with_0(folder, capsys):
    path = write(
        folder, HONEST, 'report = "honest.json"\nexpect = "hold"\npolicy = "mine.toml"\nreasons = ["policy-conditions"]'
    )
    assert main(["policy", "test", path]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f"ok    {path}:3  honest.json: warn",
        f"ok    {path}:6  honest.json: hold",
        "2 cases, none not as expected",
    ]
    assert main(["policy", "test", str(folder)]) == 0


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ('report = "honest.json"\nexpect = "allow"', "expected allow, found warn"),
        (f'{HONEST}\npolicy = "strict"', "expected warn, found deny"),
        (f'{HONEST}\nreasons = ["source-match"]', "expected reasons source-match; found "),
        (f"{HONEST}\nreasons = []", "expected reasons none; found "),
    ],
)
def test_what_is_not_as_expected_exits_with_1_and_says_what_is(case, said, folder, capsys):
    assert main(["policy", "test", write(folder, HONEST, case)]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert "FAIL" in out
    assert "2 cases, 1 not as expected" in out


def test_a_policy_is_tested_in_place_of_the_one_that_is_named(folder, capsys):
    path = write(folder, HONEST)
    assert main(["policy", "test", path, "--policy", "strict"]) == 1
    assert main(["policy", "test", path, "--policy", str(folder / "mine.toml")]) == 1
    assert main(["policy", "test", write(folder, HONEST, head="schema = 1\n"), "--policy", "default"]) == 0
    capsys.readouterr()


def test_machines_get_json_and_junit(folder, capsys):
    path = write(folder, HONEST, 'name = "<&\\u202e"\nreport = "honest.json"\nexpect = "deny"')
    assert main(["policy", "test", path, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["passed"]) == ("provenly/policy-test/1", False)
    assert [(case["expected"], case["found"], case["differs"]) for case in document["cases"]] == [
        ("warn", "warn", None),
        ("deny", "warn", "expected deny, found warn"),
    ]
    assert main(["policy", "test", path, "--format", "junit"]) == 1
    out = capsys.readouterr().out
    assert "\u202e" not in out
    root = ET.fromstring(out)  # noqa: S314 - our own output
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (failure,) = root.iter("failure")
    assert failure.get("message") == "expected deny, found warn"


def test_waivers_end_by_the_time_of_the_case(folder, capsys):
    day = json.loads((folder / "changed.json").read_text())["checked_at"][:10]
    (folder / "mine.toml").write_text(
        'schema = 1\nname = "mine"\nextends = "audit"\n[checks.source-match]\nfailed = "deny"\n'
        f'[[waiver]]\ncheck = "source-match"\npackage = "{NAME}"\nreason = "r"\nowner = "o"\nexpires = {day}\n'
    )
    cases = [
        'report = "changed.json"\nexpect = "warn"',
        'report = "changed.json"\nexpect = "deny"\nat = 2999-01-01T00:00:00Z',
    ]
    path = write(folder, *cases, head='schema = 1\npolicy = "mine.toml"\n')
    assert main(["policy", "test", path]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("cases", "head", "said"),
    [
        ([], 'schema = 1\npolicy = "default"\n', "1 to 1,000 are expected"),
        ([HONEST], 'policy = "default"\n', "'schema' is to be 1"),
        ([HONEST], 'schema = true\npolicy = "default"\n', "'schema' is to be 1"),
        ([HONEST], "schema = 1\n", "'policy' is missing"),
        ([HONEST], 'schema = 1\npolicy = "defualt"\n', "cannot be read"),
        ([HONEST], 'schema = 1\npolicy = "default"\nat = "today"\n', "a time without quotes"),
        (['report = "x.json"\nexpect = "warn"'], 'schema = 1\npolicy = "default"\n', "x.json"),
        (['expect = "warn"'], 'schema = 1\npolicy = "default"\n', "'report' is missing"),
        (['report = "honest.json"'], 'schema = 1\npolicy = "default"\n', "'expect' is missing"),
        ([f"{HONEST}\nreasons = ['x']"], 'schema = 1\npolicy = "default"\n', "'x'"),
        ([f"{HONEST}\nwhy = 'x'"], 'schema = 1\npolicy = "default"\n', 'has no key "why"'),
        ([HONEST.replace("warn", "pass")], 'schema = 1\npolicy = "default"\n', "no action"),
        ([HONEST.replace("honest.json", "a.test.toml")], 'schema = 1\npolicy = "default"\n', "is no"),
    ],
)
def test_what_cannot_be_used_exits_with_2(cases, head, said, folder, capsys):
    assert main(["policy", "test", write(folder, *cases, head=head)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said.replace("'x'", '"x"') in err or said in err


def test_a_folder_without_tests_does_not_pass(tmp_path, capsys):
    assert main(["policy", "test", str(tmp_path)]) == 2
    assert "there are no tests of policies" in capsys.readouterr().err
    assert main(["policy", "test", str(tmp_path / "missing.test.toml")]) == 2


def test_a_file_of_several_reports_is_refused(folder, capsys):
    line = json.dumps(json.loads((folder / "honest.json").read_text()))
    (folder / "honest.json").write_text(f"{line}\n{line}\n")
    assert main(["policy", "test", write(folder, HONEST)]) == 2
    assert "has 2 reports; a case is about one" in capsys.readouterr().err
