"""Real packages of the public registry against copies of the repositories that they claim.

``PROVENLY_TEST_MIRROR`` is a ``--git-mirror`` mapping that leads to the copies. A published version and a commit never
change, so the numbers are exact: another one means that provenly has changed its mind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from provenly import api
from provenly.report import json_report
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate
from tests.world import actions, statuses

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")

pytestmark = [pytest.mark.copies, pytest.mark.registry]

MEMORY = 700
"""MiB that the process itself may take which verifies the largest of these packages, with 12 MB of bundles to trace. It
takes 560; the isolates and esbuild beside it have limits of their own."""

MAX_SECONDS = 900
"""Seconds of this: two minutes of processor time, half of them for bundles whose dependencies are not in any cache."""

COMMAND = "from provenly.cli.main import run; run()"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one package.

    :param counts: class → files; the classes that are not here have none.
    :param built: the folder whose files, and no others, were built: recompiled, or unexplained.
    :param manifest: the class of package.json.
    """

    package: str
    project: str
    commit: str
    counts: dict[str, int]
    found_by: str = "tag"
    found_as: str = ""
    directory: str = ""
    built: str = ""
    manifest: str = "identical"


ROWS = [
    Row(
        package="@playwright/mcp@0.0.75",
        project="microsoft/playwright-mcp",
        commit="8116437ffcfee1309cebc07dd30cee37720d2d19",
        found_as="v0.0.75",
        counts={"identical": 7},
    ),
    Row(
        package="@modelcontextprotocol/server-filesystem@2026.7.10",
        project="modelcontextprotocol/servers",
        commit="9a96ea6e5913736f92b88345bf51caeaaa8e719f",
        found_as="2026.7.10",
        directory="src/filesystem",
        counts={"identical": 2, "recompiled": 5},
        built="dist/",
    ),
    Row(
        package="@notionhq/notion-mcp-server@2.4.1",
        project="makenotion/notion-mcp-server",
        commit="d7e3bbd62890f9efca2cd54449ac072f3bd1a4ba",
        found_as="v2.4.1",
        counts={"identical": 50, "recompiled": 1},
        built="bin/cli.mjs",
    ),
    Row(
        package="supergateway@3.4.0",
        project="supercorp-ai/supergateway",
        commit="3a10acc1c62c21e448c57a72f990c85e6ab5042b",
        found_as="v3.4.0",
        counts={"identical": 40, "recompiled": 16},
        built="dist/",
    ),
    Row(
        package="@upstash/context7-mcp@4.0.3",
        project="upstash/context7",
        commit="05796c74259a768f45a3f508ae8583df1467a6dd",
        found_as="@upstash/context7-mcp@4.0.3",
        directory="packages/mcp",
        counts={"identical": 2, "manifest": 1, "recompiled": 9},
        built="dist/",
        manifest="manifest",
    ),
    Row(
        package="tavily-mcp@0.2.19",
        project="tavily-ai/tavily-mcp",
        commit="7bcf90750ef5180968b78abb891eed837d9f7c20",
        found_by="manifest-equal",
        found_as="main",
        counts={"identical": 3, "recompiled": 1},
        built="build/index.js",
    ),
    Row(
        package="chrome-devtools-mcp@1.7.0",
        project="ChromeDevTools/chrome-devtools-mcp",
        commit="774d78f5eef5e610407a0c92fa6ec5ed74b027e8",
        found_as="chrome-devtools-mcp-v1.7.0",
        counts={"identical": 16, "recompiled": 69, "unexplained": 252},
        built="build/",
    ),
]

ATTESTED = {
    *("publish-attestation", "publish-identity", "provenance", "provenance-identity", "provenance-builder"),
    *("provenance-source", "provenance-commit", "provenance-workflow"),
}
"""The checks of attestations."""

NOT_LOOKED = {"registry-signature", *ATTESTED}
"""The checks that have nothing to look at where a registry leaves out signatures and attestations, as mirrors do."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("packages"))


@pytest.fixture
def isolated() -> list[str]:
    """Give the beginning of a command line behind which there is no network, not even for git."""
    command = ["unshare", "--map-root-user", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this machine does not let processes be cut off from the network")
    return command


def needs(project: str) -> None:
    found = locate(f"https://github.com/{project}", [Mirror.parse(MIRROR)], FORGES)
    if found.local and not Path(found.target).is_dir():
        pytest.skip(f"no copy of {project}")


def verify(reference: str, cache: str, **changes: object) -> api.Report:
    options = {"git_mirrors": (MIRROR,), "cache": cache, **changes}
    return api.verify_package(reference, api.Options(**options))


def replay(isolated: list[str], folder: Path) -> str:
    """Return the report of a replay that cannot reach anything."""
    done = subprocess.run(
        [*isolated, sys.executable, "-c", COMMAND, "verify", str(folder), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in {0, 1, 3}, done.stderr
    return done.stdout


CASES = [
    pytest.param(row, id=row.package, marks=pytest.mark.slow if row.package.startswith("chrome-devtools-mcp@") else ())
    for row in ROWS
]


@pytest.mark.parametrize("row", CASES)
def test_a_real_package(row: Row, cache: str, tmp_path: Path, isolated: list[str]) -> None:
    needs(row.project)
    report = verify(row.package, cache, save_evidence=str(tmp_path / "evidence"))
    source, comparison = report.source, report.comparison
    assert source is not None
    assert comparison is not None
    chosen = [candidate for candidate in source.candidates if candidate.commit == source.commit]
    assert source.repository == f"https://github.com/{row.project}"
    assert (source.commit, str(source.found_by), source.directory) == (row.commit, row.found_by, row.directory)
    assert row.found_as in {candidate.name for candidate in chosen}

    classes = {file.path: str(file.file_class) for file in comparison.files}
    assert classes.keys() == report.artifact.contents.keys()
    assert Counter(classes.values()) == row.counts
    assert classes["package.json"] == row.manifest
    built = {path for path in classes if row.built and path.startswith(row.built)}
    assert {path for path, name in classes.items() if name in {"recompiled", "unexplained"}} == built
    assert {classes[path] for path in classes.keys() - built - {"package.json"}} <= {"identical"}

    found = statuses(report)
    failed = {check for check, status in found.items() if status == "failed"}
    assert failed - {"source-data"} == ({"source-match"} if "unexplained" in row.counts else set())
    assert "unexplained" in row.counts or found["source-data"] == "passed"
    assert {found[check] for check in NOT_LOOKED} == {"unchecked"}
    assert found["source-reachable"] == found["source-acknowledged"] == found["version-known"] == "passed"
    assert found["install-scripts"] == "absent"
    assert report.verdict.action == "hold"
    assert replay(isolated, tmp_path / "evidence") == json_report.render(report)


def test_a_compiled_file_names_its_source_and_its_compiler(cache: str) -> None:
    needs("modelcontextprotocol/servers")
    report = verify("@modelcontextprotocol/server-filesystem@2026.7.10", cache)
    index = next(file for file in report.comparison.files if file.path == "dist/index.js")
    assert index.source == "src/filesystem/index.ts"
    assert index.detail.startswith("TypeScript 5.")
    assert "src/filesystem/tsconfig.json" in index.detail
    assert index.executable
    assert index.reachable
    assert not index.lines


def test_a_bundle_is_made_again_and_says_of_what(cache: str) -> None:
    needs("makenotion/notion-mcp-server")
    report = verify("@notionhq/notion-mcp-server@2.4.1", cache)
    bundle = next(file for file in report.comparison.files if file.path == "bin/cli.mjs")
    assert bundle.executable
    assert bundle.reachable
    assert (bundle.explainer, bundle.lines) == ("bundled", ())
    assert bundle.detail == "bundled by esbuild 0.25.5 by scripts/build-cli.js from 9 sources and 103 locked packages"


def test_a_manifest_is_explained_field_by_field(cache: str) -> None:
    needs("upstash/context7")
    report = verify("@upstash/context7-mcp@4.0.3", cache)
    packed = next(file for file in report.comparison.files if file.path == "package.json")
    assert packed.source == "packages/mcp/package.json"
    assert packed.detail
    assert not packed.lines


def test_a_package_without_a_source_is_held(cache: str, tmp_path: Path, isolated: list[str]) -> None:
    report = verify("@hubspot/mcp-server", cache, save_evidence=str(tmp_path / "evidence"))
    assert report.artifact is not None
    assert report.source is None
    assert report.comparison is None
    assert report.verdict.action == "hold"
    found, asked = statuses(report), actions(report)
    # We looked and there is no claim; of signatures we could not look. The two must never be one.
    assert found["source-reachable"] == found["source-match"] == "absent"
    assert {found[check] for check in NOT_LOOKED} == {"unchecked"}
    assert asked["source-reachable"] == "hold"
    texts = {reason.check: reason.text for reason in report.verdict.reasons}
    assert texts["source-reachable"] != texts["registry-signature"]
    assert replay(isolated, tmp_path / "evidence") == json_report.render(report)


def test_a_repository_that_cannot_be_reached_is_unchecked_and_not_absent(cache: str, tmp_path: Path) -> None:
    nowhere = f"https://github.com/{{owner}}/{{repo}}={tmp_path}/{{owner}}/{{repo}}"
    found = statuses(verify("@playwright/mcp@0.0.75", cache, git_mirrors=(nowhere,)))
    assert found["artifact-integrity"] == "passed"
    assert found["source-reachable"] == found["source-match"] == found["version-known"] == "unchecked"


@pytest.mark.slow
def test_a_large_package_takes_bounded_memory(tmp_path: Path) -> None:
    needs("ChromeDevTools/chrome-devtools-mcp")
    # ru_maxrss of a child begins with its parent's; the high-water mark of the program itself does not.
    program = (
        "import re, sys; from pathlib import Path; from provenly.cli.main import main; code = main(sys.argv[1:]); "
        "print(code, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1], file=sys.stderr)"
    )
    options = ["--git-mirror", MIRROR, "--cache", str(tmp_path / "cache"), "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", program, "verify", "chrome-devtools-mcp@1.7.0", *options],
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=True,
    )
    code, kibibytes = done.stderr.splitlines()[-1].split()
    assert code == "3"
    assert int(kibibytes) < MEMORY * 1024
