from __future__ import annotations

import pytest

from provenly.verify.registry import names
from tests.simulator.npm_oracle import ask

ACCEPTED = [
    "left-pad",
    "@a/b",
    "a",
    "A",
    "JSONStream",
    "a.b",
    "a_b",
    "a~b",
    "x!",
    "(a)",
    "@a/_b",
    "@A-b.c/d",
    "@-/x",
    "node",
]
REFUSED = [
    "",
    ".a",
    "_a",
    "-a",
    " a",
    "a ",
    "a b",
    "@a",
    "@a/",
    "@/b",
    "@a/b/c",
    "@a/.b",
    "a/b",
    "a%2fb",
    "a@b",
    "a:b",
    "node_modules",
    "Favicon.ico",
    "l\u043edash",
    "\uff41bc",
    "a\u200db",
    "a\nb",
    "a\0b",
    "a?b",
    "a\\b",
]


@pytest.mark.node
def test_what_npm_accepts_is_accepted_and_nothing_else():
    asked = [*ACCEPTED, *REFUSED]
    answers = ask("return questions.map(name => npm('validate-npm-package-name')(name).validForOldPackages)", asked)
    assert {name: names.fault(name) == "" for name in asked} == dict(zip(asked, answers, strict=True))


@pytest.mark.parametrize("name", ACCEPTED)
def test_good_names_have_no_fault(name: str):
    assert names.fault(name) == ""


@pytest.mark.parametrize("name", [*REFUSED, "a" * 215])
def test_bad_names_are_refused_with_a_reason(name: str):
    fault = names.fault(name)
    assert fault
    assert fault.isprintable()


def test_the_reason_spells_out_a_foreign_letter():
    assert names.fault("l\u043edash") == "has '\u043e' (U+043E), which no package name has"
    assert names.fault("a\u202eb") == "has '\\u{202e}' (U+202E), which no package name has"


def test_the_longest_name():
    assert names.fault("a" * 214) == ""
    assert names.fault("a" * 215) == "has 215 characters, more than 214"


@pytest.mark.parametrize(
    ("name", "escaped"),
    [("left-pad", "left-pad"), ("@scope/name", "@scope%2fname"), ("a~b!", "a~b!"), ("JSONStream", "JSONStream")],
)
def test_names_are_one_segment_of_a_url(name: str, escaped: str):
    assert names.escaped(name) == escaped


@pytest.mark.node
def test_names_are_escaped_as_npm_does():
    asked = ACCEPTED
    answers = ask("return questions.map(name => npm('npm-package-arg')(name + '@1.0.0').escapedName)", asked)
    assert [names.escaped(name) for name in asked] == answers


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("mcp-remot", "mcp-remote"),
        ("mcp-remotee", "mcp-remote"),
        ("mcp-remtoe", "mcp-remote"),
        ("mcp-renote", "mcp-remote"),
        ("mcp_remote", "mcp-remote"),
        ("remote-mcp", "mcp-remote"),
        ("MCP-Remote", "mcp-remote"),
        ("mcp-tavily", "tavily-mcp"),
        ("playwright-mcp", "@playwright/mcp"),
        ("mcp-playwright", "@playwright/mcp"),
        ("modelcontextprotocol-server-filesystem", "@modelcontextprotocol/server-filesystem"),
        ("server-filesystem", "@modelcontextprotocol/server-filesystem"),
        ("@modelcontextprotocol/server-filesystm", "@modelcontextprotocol/server-filesystem"),
    ],
)
def test_impostors_are_near(name: str, known: str):
    assert known in names.near(name)


@pytest.mark.parametrize(
    "name", ["mcp-remote", "@playwright/mcp", "mcp", "mcp-server", "left-pad", "@x/mcp", "cli", "filesystem"]
)
def test_the_known_and_the_different_are_not_near(name: str):
    assert names.near(name) == ()


def test_notes_have_their_codes():
    def codes(name: str) -> list[str]:
        return [note.code for note in names.notes(name)]

    assert codes("left-pad") == []
    assert codes("JSONStream") == ["NAME_CASE"]
    assert codes("fs") == ["NAME_RESERVED"]
    assert codes("npm") == ["NAME_RESERVED"]
    assert codes("mcp-remot") == ["NAME_NEAR"]
    assert codes("x!") == ["NAME_LEGACY"]
