import json

import pytest

from provenly.cli.main import main
from provenly.policies.load import PACKAGED
from provenly.verify.checks import CHECKS


def test_the_demonstration_comes_out_as_it_should(capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("ALLOW", "WARN", "HOLD", "DENY"))] == [
        "WARN",
        "DENY",
        "DENY",
    ]
    assert '+      Bcc: "phan@giftshop.example",' in out
    assert "claimed, not acknowledged" in out


def test_explain_lists_all_checks(capsys):
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == [check.ID for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_explain_says_what_a_check_does_not_prove(check, capsys):
    assert main(["explain", check.ID]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert check.ABOUT.does_not_prove in out


def test_explain_knows_what_was_meant(capsys):
    assert main(["explain", "source-mach"]) == 2
    assert "Did you mean source-match?" in capsys.readouterr().err


@pytest.mark.parametrize("name", PACKAGED)
def test_policy_show_says_where_each_answer_stands(name, capsys):
    assert main(["policy", "show", name]) == 0
    text = capsys.readouterr().out
    assert all(check.ID in text for check in CHECKS)
    assert main(["policy", "show", name, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "provenly/policy-show/1"
    assert document["digest"] != document["file_digest"]
    assert {row["check"] for row in document["rules"]} >= {check.ID for check in CHECKS}


def test_policy_check_reports_all_mistakes_with_their_lines(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = 1\nname = "mine"\nextends = "default"\n\n[checks.source-mach]\nfailed = "deny"\n\n'
        '[checks.provenance]\nabsent = "refuse"\n'
    )
    assert main(["policy", "check", str(path)]) == 2
    err = capsys.readouterr().err
    assert "source-match" in err
    assert "refuse" in err
    assert "5" in err
    assert "9" in err
    path.write_text('schema = 1\nname = "mine"\nextends = "default"\n\n[checks.provenance]\nabsent = "deny"\n')
    assert main(["policy", "check", str(path)]) == 0
    assert main(["policy", "show", str(path)]) == 0
    assert "mine:6, instead of warn" in capsys.readouterr().out
