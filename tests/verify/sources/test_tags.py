"""Tags that mean a version of a package, and the many that only look so."""

from __future__ import annotations

import pytest

from provenly.verify.sources.tags import MAX_LENGTH, Form, below, rank

NAME = "@scope/mcp-server"
PLACE = "packages/server"
VERSION = "1.2.3"

MEANT = [
    ("@scope/mcp-server@1.2.3", Form.FULL_NAME),
    ("@scope/mcp-server@v1.2.3", Form.FULL_NAME),
    ("@scope/mcp-server/v1.2.3", Form.FULL_NAME),
    ("@scope/mcp-server-v1.2.3", Form.FULL_NAME),
    ("scope/mcp-server@1.2.3", Form.FULL_NAME),
    ("mcp-server-v1.2.3", Form.UNSCOPED_NAME),
    ("mcp-server-1.2.3", Form.UNSCOPED_NAME),
    ("mcp-server_1.2.3", Form.UNSCOPED_NAME),
    ("mcp-server@1.2.3", Form.UNSCOPED_NAME),
    ("mcp-server/v1.2.3", Form.UNSCOPED_NAME),
    ("mcp-server/1.2.3", Form.UNSCOPED_NAME),
    ("MCP-Server-V1.2.3", Form.UNSCOPED_NAME),
    ("scope-mcp-server-v1.2.3", Form.UNSCOPED_NAME),
    ("release/mcp-server@1.2.3", Form.UNSCOPED_NAME),
    ("server@1.2.3", Form.DIRECTORY),
    ("server-v1.2.3", Form.DIRECTORY),
    ("packages/server/v1.2.3", Form.DIRECTORY),
    ("v1.2.3", Form.BARE),
    ("V1.2.3", Form.BARE),
    ("v.1.2.3", Form.BARE),
    ("1.2.3", Form.BARE),
    ("release-1.2.3", Form.BARE),
    ("release/v1.2.3", Form.BARE),
    ("releases/1.2.3", Form.BARE),
    ("rel_1.2.3", Form.BARE),
    ("version-1.2.3", Form.BARE),
    ("Release-v1.2.3", Form.BARE),
    ("v1.2.3+build.7", Form.BARE),
    ("v01.2.03", Form.BARE),
]

OTHERS = [
    # another version
    *("v1.2.30", "v11.2.3", "v1.2", "v1", "1.2", "v1.2.3.4", "0.1.2.3", "v1.2.4", "mcp-server-11.2.3"),
    # a prerelease, or what may be one
    *("v1.2.3-rc.1", "v1.2.3-0", "1.2.3-alpha", "v1.2.3rc1", "v1.2.3-", "v1.2.3.rc1"),
    # another package of the monorepo, or none
    *(
        "mcp-server-cli@1.2.3",
        "@scope/mcp-client@1.2.3",
        "@other/mcp-server@1.2.3",
        "client-v1.2.3",
        "xmcp-server-1.2.3",
    ),
    *(
        "mcp-server1.2.3",
        "mcp-serverv1.2.3",
        "mcp-server.1.2.3",
        "mcp-serverx1.2.3",
        "mcp-server--1.2.3",
        "mcp-server-v-1.2.3",
        "python-servers-1.2.3",
        "other/server-v1.2.3",
    ),
    *("packages/client/v1.2.3", "rc-1.2.3", "nightly-1.2.3", "pre/v1.2.3", "release-candidate-1.2.3", "releasev1.2.3"),
    # not a version at all
    *("", "v", "latest", "v1.2.x", "v1.2.3 ", " v1.2.3", "v1.2.3\n", "v+1.2.3", "v-1.2.3", "vv1.2.3", "=1.2.3"),
    *("v1.2.3+", "v1.2.3+a+b", "v\u0661.2.3", "v1,2,3", "1_2_3", "v1.2.3^{}", "@1.2.3", "-1.2.3", "/1.2.3"),
    "v" + "0" * MAX_LENGTH + "1.2.3",
]


@pytest.mark.parametrize(("tag", "form"), MEANT)
def test_tag_means_the_version(tag: str, form: Form) -> None:
    found = rank(NAME, VERSION, {tag: "c" * 40}, PLACE)
    assert [(match.tag, match.commit, match.form) for match in found] == [(tag, "c" * 40, form)]


@pytest.mark.parametrize("tag", OTHERS)
def test_tag_means_something_else(tag: str) -> None:
    assert rank(NAME, VERSION, {tag: "c" * 40}, PLACE) == ()


def test_every_match_is_returned_and_the_most_specific_comes_first() -> None:
    tags = {tag: f"{number:040x}" for number, (tag, _) in enumerate(reversed(MEANT))}
    found = rank(NAME, VERSION, tags | dict.fromkeys(OTHERS, "f" * 40), PLACE)
    assert {match.tag: match.commit for match in found} == tags
    assert [match.form for match in found] == sorted(match.form for match in found)
    assert found[-2:] == tuple(match for match in found if not match.exact)
    assert {match.tag for match in found[-2:]} == {"v1.2.3+build.7", "v01.2.03"}


def test_two_spellings_on_different_commits_are_both_candidates() -> None:
    found = rank("kubernetes-mcp", "4.1.2", {"4.1.2": "a" * 40, "v4.1.2": "b" * 40, "v4.1.1": "c" * 40}, "")
    assert {match.commit for match in found} == {"a" * 40, "b" * 40}


@pytest.mark.parametrize("tag", ["v2.0.0-rc.1", "name@2.0.0-rc.1"])
def test_prerelease_is_found_by_its_own_tag_only(tag: str) -> None:
    tags = {tag: "a" * 40, "v2.0.0": "b" * 40, "v2.0.0-rc.10": "c" * 40, "v2.0.0-rc": "d" * 40, "v2.0.0-rc1": "e" * 40}
    assert [match.tag for match in rank("name", "2.0.0-rc.1", tags, "")] == [tag]


def test_date_version() -> None:
    tags = {
        "2026.7.10": "a" * 40,
        "2026.7.1": "b" * 40,
        "2026.07.10": "c" * 40,
        "typescript-servers-2026.7.10": "d" * 40,
    }
    found = rank("@modelcontextprotocol/server-filesystem", "2026.7.10", tags, "src/filesystem")
    assert [(match.tag, match.exact) for match in found] == [("2026.7.10", True), ("2026.07.10", False)]


def test_version_that_is_no_semantic_version_is_only_found_spelled_out() -> None:
    tags = {"v1.2": "a" * 40, "v1.2.0": "b" * 40, "name@1.2": "c" * 40}
    assert [match.tag for match in rank("name", "1.2", tags, "")] == ["name@1.2", "v1.2"]


def test_nothing_matches_without_tags_or_with_an_empty_version() -> None:
    assert rank(NAME, VERSION, {}, PLACE) == ()
    assert rank(NAME, "", {"v1.2.3": "a" * 40, "v": "b" * 40, "": "c" * 40, "mcp-server-": "d" * 40}, PLACE) == ()


def test_package_whose_directory_carries_another_name_keeps_its_own_tags() -> None:
    tags = {"core@1.0.0": "a" * 40, "cli@1.0.0": "b" * 40}
    assert [match.tag for match in rank("thing", "1.0.0", tags, "packages/cli")] == ["cli@1.0.0"]
    assert rank("thing", "1.0.0", tags, "") == ()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.3", ["v1.2.2"]),
        ("1.3.0", ["v1.2.10"]),
        ("1.0.0", []),
        ("1.2.10", ["v1.2.9"]),
        ("2.0.0-rc.2", ["v2.0.0-rc.1"]),
        ("2.0.0", ["v1.2.10"]),
        ("nonsense", []),
    ],
)
def test_highest_version_below(version: str, expected: list[str]) -> None:
    names = ["v1.2.2", "v1.2.3", "v1.2.9", "v1.2.10", "v2.0.0-rc.1", "v3.0.0", "cli@1.2.8", "latest", "v1.0.0"]
    assert [match.tag for match in below("name", version, dict.fromkeys(names, "a" * 40), "")] == expected


def test_below_prefers_tags_that_name_the_package() -> None:
    tags = {"v1.0.30": "a" * 40, "ctx7@0.5.8": "b" * 40, "ctx7@0.5.7": "c" * 40}
    assert [match.tag for match in below("ctx7", "4.0.3", tags, "")] == ["ctx7@0.5.8"]
    assert [match.tag for match in below("ctx7", "0.5.0", tags, "")] == []


def test_fifty_thousand_tags_are_read_in_no_time() -> None:
    tags = {f"@scope/mcp-server@{n // 1_000}.{n // 10 % 100}.{n % 10}": f"{n:040x}" for n in range(50_000)}
    assert len(rank(NAME, "7.7.7", tags, PLACE)) == 1
