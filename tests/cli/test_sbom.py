"""``provenly sbom`` and ``verify --sbom``: forms, versions, and files that are whole or not there."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from provenly.cli.main import main
from provenly.cli.sbom import check_version
from provenly.sbom import cyclonedx
from provenly.trust.errors import UsageError
from tests.world import INDEX, NAME, files


def sbom(world, *arguments: str) -> int:
    return main(["sbom", f"{NAME}@1.0.0", "--deps", "none", *arguments, *world.arguments])


@pytest.mark.parametrize("version", ["1.5", "1.7"])
def test_the_version_that_was_asked_for_is_written(world, capsys, version):
    world.release()
    assert sbom(world, "--spec-version", version) == 0
    assert json.loads(capsys.readouterr().out)["specVersion"] == version


def test_xml_and_spdx_say_who_answers_for_them(world, capsys):
    world.release()
    author = ["--author", "Acme Security <sec@acme.example>"]
    assert sbom(world, "--format", "xml", *author) == 0
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own
    space = root.tag[: root.tag.index("}") + 1]
    assert root.find(f"{space}metadata/{space}authors/{space}author/{space}email").text == "sec@acme.example"
    assert sbom(world, "--format", "spdx", *author) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["creationInfo"]["creators"][1] == "Organization: Acme Security (sec@acme.example)"
    assert "provenly:verdict: warn" in [one["comment"] for one in document["packages"][0]["annotations"]]


def test_other_versions_are_refused_before_anything_is_asked(world, capsys):
    world.release()
    assert sbom(world, "--spec-version", "1.4") == 2
    assert "there is no CycloneDX '1.4' here" in capsys.readouterr().err
    assert world.registry.requests == []
    for version in cyclonedx.VERSIONS:
        check_version(version)
    with pytest.raises(UsageError):
        check_version("")


def test_verify_writes_one_beside_its_report(world, tmp_path, capsys):
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    path = tmp_path / "mail.cdx.json"
    assert main(["verify", f"{NAME}@1.0.0", "--sbom", str(path), *world.arguments]) == 3
    assert capsys.readouterr().out.startswith("HOLD")
    about = json.loads(path.read_text())["metadata"]["component"]
    assert {"name": "provenly:verdict", "value": "hold"} in about["properties"]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".provenly")] == []


def test_a_document_that_cannot_be_written_is_said_first(world, tmp_path, capsys):
    world.release()
    missing = str(tmp_path / "no" / "mail.cdx.json")
    assert main(["verify", f"{NAME}@1.0.0", "--sbom", missing, *world.arguments]) == 2
    assert "its folder does not exist" in capsys.readouterr().err
    assert world.registry.requests == []


def test_one_document_is_about_one_package(world, tmp_path, capsys):
    world.release()
    path = tmp_path / "mail.cdx.json"
    assert main(["verify", NAME, f"{NAME}@1.0.0", "--sbom", str(path), *world.arguments]) == 2
    assert "about one package" in capsys.readouterr().err
    assert not path.exists()


def test_a_saved_report_gives_the_same_document(world, tmp_path, capsys):
    world.release()
    at = ["--at", "2026-11-01T00:00:00Z"]
    report, direct = tmp_path / "report.json", tmp_path / "direct.json"
    assert main(["verify", f"{NAME}@1.0.0", "--format", "json", "-o", str(report), *at, *world.arguments]) == 0
    assert sbom(world, "-o", str(direct), *at) == 0
    capsys.readouterr()
    assert main(["report", str(report), "--format", "cyclonedx"]) == 0
    assert capsys.readouterr().out == direct.read_text()
