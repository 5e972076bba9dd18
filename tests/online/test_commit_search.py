"""Real packages whose commit is found only by comparing, against copies of their repositories.

Neither the repositories nor the registry say which commit these versions were built from, or they say the wrong one. A
published version and a commit never change, so the numbers are exact.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from provenly import api
from provenly.report import json_report
from provenly.trust.evidence import FileClass
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate
from tests.world import statuses

MIRROR = os.environ.get("PROVENLY_TEST_MIRROR", "")

pytestmark = [pytest.mark.copies, pytest.mark.registry]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one package.

    :param commit: that explains the most.
    :param explained: executable files that it explains, of all.
    :param first: executable files that the commit explains that was found without comparing.
    :param notes: codes of the notes on the search.
    """

    package: str
    project: str
    commit: str
    found_by: str
    explained: tuple[int, int]
    first: int
    notes: frozenset[str] = frozenset({"SOURCE_SEARCH"})


ROWS = [
    Row(
        package="@currents/mcp@2.1.1",
        project="currents-dev/currents-mcp",
        commit="ee9dc03f8083",
        found_by="best-match",
        explained=(13, 13),
        first=5,
    ),
    Row(
        package="@neondatabase/mcp-server-neon@0.6.5",
        project="neondatabase/mcp-server-neon",
        commit="f2cfe552b6d8",
        found_by="nearest",
        explained=(35, 42),
        first=0,
        notes=frozenset({"SOURCE_SEARCH", "SOURCE_SEVERAL_COMMITS"}),
    ),
    Row(
        package="mcp-server-kubernetes@4.1.2",
        project="Flux159/mcp-server-kubernetes",
        commit="f35b6c4db7ba",
        found_by="tag",
        explained=(44, 44),
        first=44,
        notes=frozenset(),
    ),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("packages"))


def needs(project: str) -> str:
    """Return the URL of a repository, or skip the test where there is no copy of it."""
    url = f"https://github.com/{project}"
    found = locate(url, [Mirror.parse(MIRROR)], FORGES)
    if found.local and not Path(found.target).is_dir():
        pytest.skip(f"no copy of {project}")
    return url


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.package)
def test_the_commit_that_explains_most(row: Row, cache: str, tmp_path: Path) -> None:
    source = needs(row.project)
    options = {"git_mirrors": (MIRROR,), "cache": cache, "source": source}
    report = api.verify_package(row.package, api.Options(**options, save_evidence=str(tmp_path / "evidence")))
    assert report.source is not None
    assert report.comparison is not None
    assert (report.source.commit[:12], str(report.source.found_by)) == (row.commit, row.found_by)
    runs = [file for file in report.comparison.files if file.executable]
    explained = [file for file in runs if file.file_class is not FileClass.UNEXPLAINED]
    assert (len(explained), len(runs)) == row.explained
    codes = {note.code for note in report.source.notes if note.code.startswith(("SOURCE_SEARCH", "SOURCE_SEVERAL"))}
    assert codes == row.notes
    if row.notes:
        text = next(note.text for note in report.source.notes if note.code == "SOURCE_SEARCH")
        assert f"explains {row.first} of {row.explained[1]} executable files" in text
    # What is found by comparing alone says nothing of the version.
    assert statuses(report)["version-known"] == ("failed" if row.found_by == "nearest" else "passed")
    replayed = api.verify_package(str(tmp_path / "evidence"))
    assert json_report.render(replayed) == json_report.render(report)
