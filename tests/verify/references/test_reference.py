from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenly.trust.errors import UsageError
from provenly.trust.model import Selector
from provenly.verify.references import reference
from tests.simulator.npm_oracle import ask

MEANINGS = [
    ("left-pad", "left-pad", Selector.NONE, "", []),
    (" left-pad ", "left-pad", Selector.NONE, "", []),
    ("@scope/name", "@scope/name", Selector.NONE, "", []),
    ("left-pad@", "left-pad", Selector.NONE, "", []),
    ("a@1.2.3", "a", Selector.EXACT, "1.2.3", []),
    ("@s/n@1.2.3", "@s/n", Selector.EXACT, "1.2.3", []),
    ("a@v1.2.3", "a", Selector.EXACT, "1.2.3", ["REF_VERSION_SPELLING"]),
    ("a@=1.2.3", "a", Selector.EXACT, "1.2.3", ["REF_VERSION_SPELLING"]),
    ("a@01.2.3", "a", Selector.EXACT, "1.2.3", ["REF_VERSION_SPELLING"]),
    ("a@1.0.0-beta+build", "a", Selector.EXACT, "1.0.0-beta+build", ["REF_BUILD_METADATA"]),
    ("a@1.0.0-beta", "a", Selector.EXACT, "1.0.0-beta", []),
    ("a@1.0", "a", Selector.RANGE, "1.0", []),
    ("a@1.x", "a", Selector.RANGE, "1.x", []),
    ("a@^1", "a", Selector.RANGE, "^1", []),
    ("a@*", "a", Selector.RANGE, "*", []),
    ("a@1.0.0 ; rm", "a", Selector.RANGE, "1.0.0 ; rm", []),  # npm passes over what it cannot read in a range
    ("a@>=1 <2 || 3", "a", Selector.RANGE, ">=1 <2 || 3", []),
    ("a@latest", "a", Selector.TAG, "latest", []),
    ("a@1.2.3.4", "a", Selector.TAG, "1.2.3.4", []),
    ("npm:a@^1", "a", Selector.RANGE, "^1", []),
    ("NPM:a", "a", Selector.NONE, "", []),
    ("b@npm:a@1.0.0", "a", Selector.EXACT, "1.0.0", ["REF_ALIAS"]),
    ("npm:b@npm:@s/a@1.0.0", "@s/a", Selector.EXACT, "1.0.0", ["REF_ALIAS"]),
    ("JSONStream@1.0.0", "JSONStream", Selector.EXACT, "1.0.0", ["NAME_CASE"]),
    ("node", "node", Selector.NONE, "", ["NAME_RESERVED"]),
    ("mcp-remot@1.0.0", "mcp-remot", Selector.EXACT, "1.0.0", ["NAME_NEAR"]),
    ("npx", "npx", Selector.NONE, "", ["NAME_RESERVED"]),
    ("pkg:npm/left-pad", "left-pad", Selector.NONE, "", []),
    ("pkg:npm/%40s/n@1.0.0", "@s/n", Selector.EXACT, "1.0.0", []),
    ("PKG:NPM/a@1.0.0", "a", Selector.EXACT, "1.0.0", []),
    ("pkg:npm/a@1.0.0%2Bb", "a", Selector.EXACT, "1.0.0+b", ["REF_BUILD_METADATA"]),
    ("pkg:npm/a@1.0.0+b", "a", Selector.EXACT, "1.0.0+b", ["REF_BUILD_METADATA"]),
    ("npx -y a@1.2.3 --token canary", "a", Selector.EXACT, "1.2.3", []),
    ("npx -y pkg@latest pkg@0.2.0", "pkg", Selector.TAG, "latest", ["LAUNCH_UNPINNED"]),
    ("npx a", "a", Selector.NONE, "", ["LAUNCH_UNPINNED"]),
    ("npx -y 'a@>=1 <2'", "a", Selector.RANGE, ">=1 <2", ["LAUNCH_UNPINNED"]),
    ("npx -p a@1.0.0 -c 'b | c'", "a", Selector.EXACT, "1.0.0", ["LAUNCH_SHELL"]),
    ("npx --registry=http://evil a@1.0.0", "a", Selector.EXACT, "1.0.0", ["LAUNCH_OVERRIDE"]),
    ("bunx b@npm:a@1.0.0", "a", Selector.EXACT, "1.0.0", ["REF_ALIAS"]),
]

REFUSALS = [
    ("", "REF_EMPTY", "NAME@VERSION"),
    ("   ", "REF_EMPTY", "NAME@VERSION"),
    ("--upload-pack=/bin/sh", "REF_SYNTAX", ""),
    ("a@1.0.0@2.0.0", "REF_VERSION", "a@latest"),
    ("@scope", "REF_SYNTAX", "@SCOPE/NAME"),
    ("@/x", "REF_NAME", ""),
    ("@scope/", "REF_NAME", ""),
    ("@a/b/c", "REF_SYNTAX", ""),
    ("./no-such-thing", "REF_NO_SUCH_FILE", ".tgz"),
    ("no-such.tgz", "REF_NO_SUCH_FILE", "./NAME.tgz"),
    ("a@file:../x", "REF_NOT_REGISTRY", ""),
    ("file://host/x", "REF_SYNTAX", "file:///"),
    ("@scope%2fname", "REF_SYNTAX", "Write @scope/name"),
    ("%40scope/name", "REF_SYNTAX", "Write @scope/name"),
    ("%40scope%2Fname", "REF_SYNTAX", "Write @scope/name"),
    ("l\u043edash", "REF_CHARSET", ""),
    ("\uff4codash", "REF_CHARSET", ""),
    ("a\u200db", "REF_CHARSET", ""),
    ("a\u202eb", "REF_CHARSET", ""),
    ("a\0b", "REF_CHARSET", ""),
    ("a\nb", "REF_CHARSET", ""),
    ("a\x1b[31mb", "REF_CHARSET", ""),
    ("a\udc80b", "REF_CHARSET", ""),
    (".hidden", "REF_NAME", ""),
    ("_private", "REF_NAME", ""),
    ("node_modules", "REF_NAME", ""),
    ("favicon.ico", "REF_NAME", ""),
    ("x" * 215, "REF_NAME", ""),
    ("x" * 257, "REF_LENGTH", ""),
    ("npx " + "x" * 4_100, "REF_LENGTH", ""),
    ("npm:a@npm:b@npm:c@1", "REF_ALIAS_CHAIN", "b@npm:c@1"),
    ("git+https://github.com/a/b", "REF_NOT_REGISTRY", "NAME@VERSION"),
    ("git@github.com:a/b.git", "REF_NOT_REGISTRY", ""),
    ("github:a/b", "REF_NOT_REGISTRY", ""),
    ("a/b", "REF_NOT_REGISTRY", "@a/b"),
    ("https://registry.example/x.tgz", "REF_NOT_REGISTRY", ""),
    ("a@github:b/c", "REF_NOT_REGISTRY", ""),
    ("jsr:@s/p", "REF_NOT_REGISTRY", ""),
    ("~/x", "REF_NOT_REGISTRY", ""),
    ("a@1.0." + "9" * 200, "REF_VERSION", ""),
    ("a@;rm", "REF_VERSION", ""),
    ("left-pad right-pad", "REF_SYNTAX", "an argument of its own"),
    ("mcp-remote right-pad", "REF_SYNTAX", "an argument of its own"),
    ("pkg:pypi/x@1.0", "REF_PURL_TYPE", "pkg:npm/"),
    ("pkg:", "REF_PURL_TYPE", "pkg:npm/"),
    ("pkg:npm/", "REF_PURL", ""),
    ("pkg:npm/@s/n@1.0.0", "REF_PURL", "pkg:npm/%40s/n@1.0.0"),
    ("pkg:npm/@s/n", "REF_PURL", "Write pkg:npm/%40s/n"),
    ("pkg:npm/%2540s/n@1.0.0", "REF_PURL", ""),
    ("pkg:npm/%61@1.0.0", "REF_PURL", "one way only"),
    ("pkg:npm/a%2fb@1.0.0", "REF_PURL", "one way only"),
    ("pkg:npm/s/n@1.0.0", "REF_PURL", ""),
    ("pkg:npm/%40s/n/x@1.0.0", "REF_PURL", ""),
    ("pkg:npm/%ff@1.0.0", "REF_PURL", ""),
    ("pkg:npm/a%@1.0.0", "REF_PURL", ""),
    ("pkg:npm/a@", "REF_PURL", ""),
    ("pkg:npm/a@^1", "REF_PURL", ""),
    ("pkg:npm/a@latest", "REF_VERSION", "exact version"),
    ("pkg:npm/a@v1.0.0", "REF_VERSION", "Write pkg:npm/a@1.0.0"),
    ("pkg:npm/a@1.0.0?repository_url=https://evil", "REF_PURL_QUALIFIER", "--registry"),
    ("pkg:npm/a@1.0.0#sub", "REF_PURL_QUALIFIER", ""),
    ("npx a && b", "LAUNCH_SHELL", ""),
    ("npx a; b", "LAUNCH_SHELL", ""),
    ("npx a > b", "LAUNCH_SHELL", ""),
    ("npx a `b`", "LAUNCH_SHELL", ""),
    ("npx 'a", "REF_SYNTAX", "Close it"),
    ("npx ${PACKAGE}", "LAUNCH_TEMPLATE", "NAME@VERSION"),
    ("npx %PACKAGE%", "LAUNCH_TEMPLATE", ""),
    ("npx ./local", "LAUNCH_NOT_REGISTRY", "./local"),
    ("npx ./local.tgz", "LAUNCH_NOT_REGISTRY", "./local.tgz"),
    ("npx github:a/b", "REF_NOT_REGISTRY", ""),
    ("npx https://u:canary@x/y.tgz", "REF_NOT_REGISTRY", ""),
    ("npx -p a@1.0.0 -p b@2.0.0 c", "REF_SEVERAL", "a@1.0.0, b@2.0.0"),
    ("bash -c 'npx -y a'", "LAUNCH_SHELL", ""),
    ("KEY=canary npx -y a", "LAUNCH_WRAPPER", ""),
    ("env KEY=canary npx -y a", "LAUNCH_WRAPPER", ""),
]


@pytest.mark.parametrize(("text", "name", "selector", "spec", "codes"), MEANINGS, ids=[row[0] for row in MEANINGS])
def test_every_form_has_its_meaning(text: str, name: str, selector: Selector, spec: str, codes: list[str]):
    read = reference.parse(text)
    assert (read.name, read.selector, read.spec) == (name, selector, spec)
    assert [note.code for note in read.notes] == codes
    assert read.path == ""
    assert "canary" not in repr(read)


@pytest.mark.parametrize(("text", "code", "hint"), REFUSALS, ids=[ascii(row[0])[:40] for row in REFUSALS])
def test_what_has_no_meaning_is_refused_with_the_nearest(text: str, code: str, hint: str):
    with pytest.raises(UsageError) as caught:
        reference.parse(text)
    assert caught.value.code == code
    assert hint in caught.value.hint
    shown = caught.value.message + caught.value.hint
    assert shown.isprintable()
    assert "canary" not in shown


@pytest.mark.parametrize("text", ["../../etc/passwd", "/abs", "file:x"])
def test_a_path_is_never_a_name(text: str):
    with pytest.raises(UsageError) as caught:
        reference.parse(text + "/no-such-thing")
    assert caught.value.code == "REF_NO_SUCH_FILE"


def test_launch_lines_keep_runner_alias_and_nothing_secret():
    read = reference.parse("npx --prefix=/canary -y b@npm:@s/a@1.0.0 --token canary")
    assert (read.launch, read.alias, read.text) == ("npx", "b", "npx b@npm:@s/a@1.0.0")
    assert "canary" not in repr(read)


def test_words_are_one_launch_line_or_many_references():
    assert [read.name for read in reference.parse_words(["npx", "-y", "a@1.0.0", "b"])] == ["a"]
    assert [read.name for read in reference.parse_words(["npx", "-p", "a", "-p", "b", "c"])] == ["a", "b"]
    assert [read.name for read in reference.parse_words(["a", "@s/b@1"])] == ["a", "@s/b"]
    assert [read.name for read in reference.parse_words(["npx -y a", "b"])] == ["a", "b"]
    # Already split words are not split, and shell characters in them are only characters.
    assert reference.parse_words(["npx", "a@>=1 <2", "x;y"])[0].spec == ">=1 <2"
    with pytest.raises(UsageError) as caught:
        reference.parse_words([])
    assert caught.value.code == "REF_EMPTY"
    with pytest.raises(UsageError) as caught:
        reference.parse_words(["npx", "a\x1bb"])
    assert caught.value.code == "REF_CHARSET"


def test_paths_lead_to_archives_folders_and_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("package", "saved", "empty", "both"):
        Path(folder).mkdir()
    for file in (
        "a-1.0.0.tgz",
        "other",
        "package/package.json",
        "saved/evidence.json",
        "both/evidence.json",
        "both/package.json",
    ):
        Path(file).write_bytes(b"{}")
    os.mkfifo("pipe")

    def kind(text: str) -> tuple[Selector, str]:
        read = reference.parse(text)
        assert read.name == ""
        return read.selector, read.path

    assert kind("a-1.0.0.tgz") == (Selector.FILE, "a-1.0.0.tgz")
    assert kind("./other") == (Selector.FILE, "./other")
    assert kind(f"{tmp_path}/other") == (Selector.FILE, f"{tmp_path}/other")
    assert kind("file:package") == (Selector.FOLDER, "package")
    assert kind(f"file://{tmp_path}/package") == (Selector.FOLDER, f"{tmp_path}/package")
    assert kind("./saved") == (Selector.EVIDENCE, "./saved")
    assert kind("./both") == (Selector.EVIDENCE, "./both")
    assert reference.parse("package").selector is Selector.NONE, "a bare name is a package of a registry"
    for text in ("./empty", ".", "./pipe"):
        with pytest.raises(UsageError) as caught:
            reference.parse(text)
        assert caught.value.code == "REF_NOT_A_PACKAGE"


@pytest.mark.node
def test_registry_references_are_told_apart_as_npm_does():
    asked = [
        text.strip()
        for text, *_ in MEANINGS
        if " " not in text.strip() and not text.lower().startswith(("pkg:", "npm:"))
    ]
    asked += ["a@x", "a@X.1", "a@1.x.2", "a@~1", "a@1 - 2", "a@1.0.0-", "a@next-1", "a@v", "a@ 1.0.0 ", "a@1.2.3-01"]
    answers = ask(
        """return questions.map(text => { const read = npm('npm-package-arg')(text), spec = read.subSpec ?? read
          return [spec.name, spec.rawSpec === '*' ? 'any' : spec.type, read.type === 'alias' ? read.name : ''] })""",
        asked,
    )
    kinds = {Selector.EXACT: "version", Selector.RANGE: "range", Selector.TAG: "tag", Selector.NONE: "any"}
    ours = []
    for text in asked:
        read = reference.parse(text)
        ours.append([read.name, "any" if read.spec == "*" else kinds[read.selector], read.alias])
    assert ours == answers
