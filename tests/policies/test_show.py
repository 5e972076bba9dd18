from __future__ import annotations

import json
from datetime import date

import pytest

from provenly.policies.load import PACKAGED, load, packaged, packaged_bytes
from provenly.policies.rules import CHECK_IDS, PARAMETERS
from provenly.policies.show import Row, describe

MINE = b"""schema = 1
name = "mine"
extends = "default"
[settings]
never-waive = ["artifact-integrity"]
[checks.version-age]
min-hours = 72
passed-younger = "hold"
[[waiver]]
check = "source-match"
package = "a"
statuses = ["failed", "absent"]
reason = "Read by hand."
owner = "Jo"
expires = 2026-11-21
"""


@pytest.mark.parametrize("name", PACKAGED)
def test_every_row_of_a_packaged_policy_is_what_its_file_says_on_that_line(name):
    lines = packaged_bytes(name).decode().splitlines()
    whole = name != "procurement"  # which extends the default
    rows = [row for row in describe(packaged(name)) if row.check in CHECK_IDS]
    assert list(dict.fromkeys(row.check for row in rows)) == list(CHECK_IDS)
    for row in rows if whole else [row for row in rows if row.policy == name]:
        assert whole is (row.replaces == "")
        assert row.policy == name
        value = (
            json.dumps(row.value.split(", "))
            if row.key in PARAMETERS and not row.value.isdigit()
            else row.value
            if row.value.isdigit()
            else f'"{row.value}"'
        )
        assert lines[row.line - 1] == f"{row.key} = {value}"


def test_the_first_row_of_a_check_says_why():
    rows = [row for row in describe(packaged("default")) if row.check == "provenance"]
    rule = packaged("default").rule("provenance")
    assert rule is not None
    assert [row.why for row in rows] == [rule.why, "", "", ""]


def test_an_override_names_its_own_line_and_what_it_replaces():
    rows = {(row.check, row.key): row for row in describe(load(MINE, "mine.toml"), date(2026, 11, 22))}
    assert rows["version-age", "min-hours"] == Row(
        check="version-age", key="min-hours", value="72", policy="mine", line=7, replaces="24"
    )
    assert rows["version-age", "passed-younger"].replaces == "warn"
    assert (rows["version-age", "failed"].policy, rows["version-age", "failed"].replaces) == ("default", "")
    assert rows["", "never-waive"].value == "artifact-integrity"
    waiver = rows["source-match", "waiver"]
    assert (waiver.value, waiver.why) == ("a when failed or absent, expired 2026-11-21, by Jo", "Read by hand.")


def test_what_nobody_wrote_has_no_line():
    text = packaged_bytes("default").replace(b'name = "default"', b'name = "x"').replace(b'passed = "allow"\n', b"")
    rows = {(row.check, row.key): row for row in describe(load(text, "x"))}
    assert rows["provenance", "passed"] == Row(
        check="provenance", key="passed", value="allow", why=rows["provenance", "passed"].why
    )
