"""A real server with real attestations, whole: the archive of the registry, the attested commit of its repository.

The document comes from the shared cases, because mirrors of the registry leave attestations out.
``PROVENLY_TEST_MIRROR`` is a ``--git-mirror`` mapping that leads to copies of repositories.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provenly import api
from provenly.report import json_report
from provenly.trust.verdict import Report
from tests.cases import CASES, needs_cases
from tests.world import statuses

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")

pytestmark = [pytest.mark.copies, pytest.mark.registry, needs_cases]

PACKAGE = "@modelcontextprotocol/server-filesystem"
REFERENCE = f"{PACKAGE}@2026.7.10"
REPOSITORY = "https://github.com/modelcontextprotocol/servers"
COMMIT = "d31124c982401739917fd817c2a59db344529c16"
DOCUMENT = CASES / "npm" / "mcp-server-filesystem-2026.7.10" / "attestations.json"
ATTESTED = (
    *("publish-attestation", "publish-identity", "provenance", "provenance-identity", "provenance-builder"),
    *("provenance-source", "provenance-commit", "provenance-workflow"),
)
COMMAND = "from provenly.cli.main import run; run()"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("attested"))


def verify(cache: str, reference: str = REFERENCE, **changes: object) -> Report:
    options = {"git_mirrors": (MIRROR,), "cache": cache, "attestations": str(DOCUMENT), **changes}
    return api.verify_package(reference, api.Options(**options))


def facts(report: Report, check: str) -> dict[str, object]:
    return dict(next(item.facts for item in report.evidence if item.check == check))


def test_the_attested_commit_is_found_compared_and_known(cache: str) -> None:
    report = verify(cache)
    found = statuses(report)
    assert {found[check] for check in ATTESTED} == {"passed"}
    source = report.source
    assert source is not None
    assert (source.repository, source.commit, str(source.found_by), source.directory) == (
        REPOSITORY,
        COMMIT,
        "provenance",
        "src/filesystem",
    )
    # The manifest says 0.6.3 there and no tag stands on it: the provenance alone knows the version.
    assert facts(report, "version-known")["manifest_version"] == "0.6.3"
    strength = {item.check: item.strength for item in report.evidence}
    assert strength["version-known"] == strength["source-acknowledged"] == "provenance"
    assert report.comparison is not None
    classes = {file.path: str(file.file_class) for file in report.comparison.files}
    assert classes["package.json"] == "manifest"
    assert "unexplained" not in classes.values()
    assert {path for path, name in classes.items() if name == "recompiled"} == {
        path for path in classes if path.startswith("dist/")
    }
    assert {note.code for note in report.notes} >= {"BUILD_REF_NOT_TAG", "PROVENANCE_TAG_DISAGREE"}


def test_who_built_it_is_as_its_certificate_says(cache: str) -> None:
    known = facts(verify(cache), "provenance-identity")
    assert known["repository_id"] == "890668799"
    assert known["owner_id"] == "182288589"
    assert known["workflow"] == ".github/workflows/release.yml"
    assert known["commit"] == COMMIT
    assert known["trigger"] == "workflow_dispatch"


def test_another_version_does_not_fit_the_document(cache: str) -> None:
    found = statuses(verify(cache, f"{PACKAGE}@2026.7.4"))
    assert (found["publish-attestation"], found["provenance"]) == ("failed", "failed")


def test_a_replay_reaches_nothing_and_says_the_same(cache: str, tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this machine does not let processes be cut off from the network")
    report = verify(cache, save_evidence=str(tmp_path / "evidence"))
    done = subprocess.run(
        [*command, sys.executable, "-c", COMMAND, "verify", str(tmp_path / "evidence"), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == json_report.render(report), done.stderr
