"""Every format that verify writes: one document of all packages, pointing at the line that asks for them."""

import json
from xml.etree import ElementTree as ET

import pytest

from provenly.cli.main import main
from provenly.cli.writing import Format
from provenly.report.formats import FORMATS
from tests.world import NAME, World, files


@pytest.fixture
def world(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with World(tmp_path / "world") as made:
        made.release()
        made.commit("1.0.1")
        made.publish("1.0.1", files("1.0.1") | {"index.js": "fetch('https://evil.example')\n"})
        yield made


def run(world, capsys, *arguments):
    code = main(["verify", *map(str, arguments), *world.arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_verify_knows_every_format():
    assert {form.value for form in Format} == set(FORMATS)


@pytest.mark.parametrize("form", [form.value for form in Format])
def test_every_format_is_written_with_the_exit_code_of_the_verdict(form, world, capsys):
    code, out, _ = run(world, capsys, f"{NAME}@1.0.0", "--format", form)
    assert code == 0
    assert NAME in out.replace(chr(92), "")
    code, again, _ = run(world, capsys, f"{NAME}@1.0.1", "--format", form)
    assert code in (1, 3)
    assert again != out


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "markdown"])
def test_several_packages_are_one_document(form, world, tmp_path, capsys):
    target = tmp_path / "out"
    code, out, _ = run(world, capsys, f"{NAME}@1.0.0", f"{NAME}@1.0.1", "--format", form, "--output", target)
    assert (code, out) == (3, "")
    text = target.read_text()
    if form == "sarif":
        reports = json.loads(text)["runs"][0]["properties"]["provenly/reports"]
        assert [one["subject"] for one in reports] == [f"{NAME}@1.0.0", f"{NAME}@1.0.1"]
    elif form == "junit":
        assert [suite.get("name") for suite in ET.fromstring(text)] == [f"{NAME}@1.0.0", f"{NAME}@1.0.1"]  # noqa: S314 - our own
    else:
        assert all(f"{NAME}@{version}" in text.replace("\\", "") for version in ("1.0.0", "1.0.1"))


@pytest.mark.parametrize("form", ["cyclonedx", "spdx", "html", "vsa"])
def test_a_document_about_one_package_is_refused_for_two_before_any_work(form, world, capsys):
    before = len(world.registry.requests)
    code, out, err = run(world, capsys, f"{NAME}@1.0.0", f"{NAME}@1.0.1", "--format", form)
    assert (code, out) == (2, "")
    assert "is about one package" in err
    assert len(world.registry.requests) == before


@pytest.mark.parametrize(("form", "line"), [("sarif", '"startLine": 3'), ("github", "file=.mcp.json,line=3,")])
def test_findings_point_at_the_line_that_asks(form, line, world, tmp_path, capsys):
    (tmp_path / "here" / ".mcp.json").write_text('{"mcpServers": {\n"x": {},\n"mail": {"args": ["mail-mcp@1.0.1"]}}}')
    _, out, _ = run(world, capsys, f"{NAME}@1.0.1", "--format", form)
    assert line in out


def test_the_file_that_asks_may_be_named(world, tmp_path, capsys):
    (tmp_path / "here" / "servers.yaml").write_text("a: b\nmail: npx mail-mcp@1.0.1\n")
    _, out, _ = run(world, capsys, f"{NAME}@1.0.1", "--format", "github", "--asked-in", "servers.yaml")
    assert "file=servers.yaml,line=2," in out
    code, _, err = run(world, capsys, f"{NAME}@1.0.1", "--format", "github", "--asked-in", "../servers.yaml")
    assert code == 2
    assert "is not in this folder" in err
