"""The trojan suite: real packages with one thing in them that their source does not have, and their clean twins.

Every insertion must be shown at its line, and the default policy must not let it through.
"""

from __future__ import annotations

import pytest

from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.verify.comparison.kinds import is_declaration
from tests.explain.packages import COMPILED, REAL
from tests.explain.trojans import IMPOSSIBLE, TROJANS
from tests.world import statuses

pytestmark = pytest.mark.registry

every_package = pytest.mark.parametrize("real", REAL, ids=str)
"""All trojans of one package are one test each, and share what the first of them set up."""


def shown(comparison: Comparison) -> dict[str, Explanation]:
    return {file.path: file for file in comparison.unexplained}


@every_package
def test_the_clean_twin_has_no_finding(real, stages):
    """What a compiler cannot say without the types of other packages is a declaration, which nothing runs."""
    stage = stages.of(real)
    report = stage.verify(stage.files)
    left = report.comparison.unexplained
    assert not [file.path for file in left if not is_declaration(file.path)]
    assert not [file.path for file in left if file.executable]
    assert statuses(report)["source-match"] == "passed"
    assert "failed" not in {status for check, status in statuses(report).items() if check != "source-data"}
    assert report.verdict.action in {"allow", "warn"}


@pytest.mark.parametrize("real", COMPILED, ids=str)
def test_what_was_built_is_recompiled(real, stages):
    """The clean twin of a compiled package is explained by compiling it, not by chance."""
    stage = stages.of(real)
    report = stage.verify(stage.files)
    built = [file for file in report.comparison.files if file.executable and file.path.startswith(real.built)]
    compiled = {file.path for file in built if file.file_class is FileClass.RECOMPILED}
    assert {real.code, real.entry} <= compiled
    # Builds copy what browsers get; nothing else is in this folder.
    assert {file.file_class for file in built if file.path not in compiled} <= {FileClass.IDENTICAL}


@pytest.mark.parametrize(
    ("real", "trojan"),
    [(real, trojan) for real in REAL for trojan in TROJANS if (real.package, trojan) not in IMPOSSIBLE],
    ids=str,
)
def test_every_insertion_is_shown_at_its_line(real, trojan, stages):
    stage = stages.of(real)
    altered = TROJANS[trojan](real, stage.files)
    report = stage.verify(altered.files)
    found = shown(report.comparison)
    file = found[altered.path]

    numbers = {number for first, last in file.lines for number in range(first, last + 1)}
    assert set(altered.lines) <= numbers
    assert file.lines
    if altered.lines:
        # That line and nothing else: what the compiler writes around it is not shown as a change. A hashbang that the
        # build inserts is no part of what the compiler writes, and a file that is left unexplained may show it.
        inserted = {1} if real.built and altered.files[altered.path].startswith(b"#!") else set()
        assert numbers - inserted == set(altered.lines) - inserted
    diff = file.diff.split("\n")
    # A file that is traced is shown by statements, without the semicolon behind them.
    added = {line[1:].rstrip(";") for line in diff if line.startswith("+")}
    assert {line.rstrip(";") for line in altered.added} <= added
    assert {line.strip() for line in altered.removed} <= {line[1:].strip() for line in diff if line.startswith("-")}
    assert set(altered.also) <= found.keys()

    # Nothing else is a finding: what the clean twin has is data.
    assert {path for path, one in found.items() if one.executable} <= {altered.path, *altered.also}
    assert set(altered.notes) <= {note.code for note in report.notes if note.where in ("", altered.path)}
    assert {statuses(report)[check] for check in altered.failed} <= {"failed"}
    if altered.data:
        # What nothing runs is for a person to judge: the default policy says so, and allows nothing by silence.
        assert not file.executable
        assert statuses(report)["source-data"] == "failed"
        assert report.verdict.action != "allow"
        return
    assert statuses(report)["source-match"] == "failed"
    assert report.verdict.action in {"hold", "deny"}
