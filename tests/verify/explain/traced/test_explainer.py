"""Which files are traced, what is said of them, and what is said where nothing could be."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.context import Silence
from provenly.verify.explain.scene import NO_TOOLS
from provenly.verify.tracing.isolates import Tracers
from tests.verify.explain.traced.server import (
    BUNDLE,
    LOCK,
    SOURCES,
    STATED,
    TREE,
    TROJANS,
    bundled,
    compared,
    explained,
)

pytestmark = pytest.mark.registry

TSCONFIG = json.dumps({"compilerOptions": {"target": "es2022", "module": "esnext", "outDir": "dist", "rootDir": "src"}})
COMMAND = "esbuild src/index.ts --bundle --platform=node --format=esm --outfile=dist/index.js"


class Dependencies:
    """Gets no package, and says why."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def each(self, packages, wanted=None):
        del wanted
        return ((package, self.error) for package in packages)


class NoTransport:
    """A transport without a network."""

    def get(self, url, **_):
        raise UnavailableError(f"{url} cannot be asked", code="NET_OFFLINE")

    download = get


def test_a_build_that_is_stated_is_reproduced_and_not_traced(tools):
    tree = {**TREE, "package.json": {**STATED, "scripts": {"build": COMMAND}, "devDependencies": {"esbuild": "0.25.8"}}}
    file = explained(tools, bundled(tools, "plain"), tree)
    assert file.file_class is FileClass.RECOMPILED
    assert file.trace is None


@pytest.mark.parametrize("name", TROJANS)
def test_an_altered_bundle_whose_build_is_stated_keeps_its_diff_against_what_was_expected(tools, name):
    tree = {**TREE, "package.json": {**STATED, "scripts": {"build": COMMAND}, "devDependencies": {"esbuild": "0.25.8"}}}
    file = explained(tools, TROJANS[name].after(bundled(tools, "plain"), "plain"), tree)
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.trace is None
    assert "what src/index.ts bundles to with esbuild 0.25.8" in file.detail
    assert 1 <= len([line for line in file.diff.splitlines()[2:] if line[:1] in {"+", "-"}]) <= 6


def compiled(tools, text: str) -> Explanation:
    tree = {
        "package.json": {**STATED, "type": "module"},
        "tsconfig.json": TSCONFIG,
        "src/index.ts": SOURCES["src/mail.ts"],
    }
    return explained(tools, text, tree)


COMPILED = """\
export async function send(mail) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("https://mail.example/send", { method: "POST", headers, body: JSON.stringify(mail) });
    if (!answer.ok) {
        await discard(mail);
        throw new Error("refused: " + answer.status);
    }
    return answer.statusText;
}
export async function discard(mail) {
    const answer = await fetch("https://mail.example/discard", { method: "DELETE", body: mail.to });
    return answer.statusText;
}
"""


def test_a_compiled_file_from_which_a_line_was_taken_is_never_traced_away(tools):
    assert compiled(tools, COMPILED).file_class is FileClass.RECOMPILED
    for label in ("", "// src/index.ts\n", "var __export = Object.defineProperty;\n"):
        file = compiled(tools, label + COMPILED.replace("        await discard(mail);\n", ""))
        assert file.file_class is FileClass.UNEXPLAINED
        assert file.trace is None
        assert "-        await discard(mail);" in file.diff


def test_a_file_of_the_size_of_its_source_that_no_bundler_wrote_is_not_traced(tools):
    tree = {**TREE, "src/index.js": COMPILED, "src/index.ts": ""}
    altered = "\n".join(
        f"  {line.replace(';', ' ;')}" for line in COMPILED.replace("await discard(mail);", "").split("\n")
    )
    file = explained(tools, altered, tree)
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.trace is None


def test_a_test_of_the_repository_is_no_source(tools):
    bundle = bundled(
        tools, "plain", {**SOURCES, "src/policy.ts": SOURCES["src/policy.ts"] + 'fetch("https://x.example");\n'}
    )
    tree = {
        **TREE,
        "tests/policy.test.ts": 'fetch("https://x.example");\n',
        "src/a.test.ts": 'fetch("https://x.example");\n',
    }
    file = explained(tools, bundle, tree)
    assert file.file_class is FileClass.UNEXPLAINED
    assert '+fetch("https://x.example")' in file.diff
    policy = SOURCES["src/policy.ts"] + 'fetch("https://x.example");\n'
    assert explained(tools, bundle, {**TREE, "src/policy.ts": policy}).file_class is FileClass.TRACED


def test_the_version_of_the_release_is_that_of_the_manifest(tools):
    sources = {
        **SOURCES,
        "src/index.ts": 'import { version } from "../package.json";\nconsole.log(version);\n' + SOURCES["src/index.ts"],
    }
    for version, class_ in (("1.3.0", FileClass.TRACED), ("1.3.1", FileClass.UNEXPLAINED)):
        text = bundled(tools, "plain", {**sources, "package.json": json.dumps({**STATED, "version": version})})
        tree = {**TREE, **sources, "package.json": {**STATED, "version": "0.0.0-dev"}}
        assert explained(tools, text, tree).file_class is class_


def test_a_package_that_could_not_be_asked_for_leaves_the_bundle_unchecked(tools):
    offline = replace(tools, dependencies=Dependencies(UnavailableError("the registry is away", code="NET_OFFLINE")))
    file = explained(offline, bundled(tools, "plain"))
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.unchecked == "it could not be traced: the registry is away"


def test_a_package_that_is_not_there_is_named_beside_what_comes_from_nowhere(tools):
    gone = replace(tools, dependencies=Dependencies(NotFoundError("it was removed", code="NET_NOT_FOUND")))
    file = explained(gone, bundled(tools, "plain"))
    assert file.file_class is FileClass.UNEXPLAINED
    assert not file.unchecked
    assert file.trace
    assert set(file.trace.missing) == {"ms@2.1.3", "escape-html@1.0.3"}
    assert "ms@2.1.3 could not be had: it was removed" in file.detail
    assert "function parse(str)" in file.diff
    assert "isAllowed" not in "".join(line for line in file.diff.splitlines() if line.startswith("+"))


def test_without_a_lockfile_a_bundle_with_its_dependencies_inside_is_unchecked(tools):
    tree = {path: data for path, data in TREE.items() if path != "package-lock.json"}
    file = explained(tools, bundled(tools, "plain"), tree)
    assert file.unchecked == "it could not be traced: no lockfile says which dependencies are in it"
    broken = explained(tools, bundled(tools, "plain"), {**TREE, "package-lock.json": "{"})
    assert broken.unchecked.startswith("it could not be traced: the lockfile cannot be read: ")


def test_without_a_lockfile_a_bundle_of_sources_alone_is_traced(tools):
    sources = {"src/index.ts": 'export * from "./mail.js";\nexport * from "./policy.js";\n', **SOURCES}
    sources["src/index.ts"] = 'export { send } from "./mail.js";\nexport { log } from "./policy.js";\n'
    tree = {**sources, "package.json": STATED}
    assert explained(tools, bundled(tools, "plain", sources, versions={}), tree).file_class is FileClass.TRACED


def test_without_tools_nothing_is_said(tools):
    file = explained(NO_TOOLS, bundled(tools, "plain"))
    assert (file.file_class, file.trace) == (FileClass.UNEXPLAINED, None)
    assert "traced" not in file.detail + file.unchecked


def test_a_parser_that_cannot_be_fetched_leaves_the_bundle_unchecked(tools):
    with Tracers(NoTransport()) as tracers:
        file = explained(replace(tools, tracers=tracers, compilers=None), bundled(tools, "plain"))
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.unchecked.startswith("it could not be traced: ")


def test_no_tracer_is_started_for_a_package_without_bundles(tools):
    """The parser is fetched when it is needed: a transport that answers nothing is never asked."""
    with Tracers(NoTransport()) as tracers:
        found = compared(
            replace(tools, tracers=tracers, compilers=None), COMPILED, {"package.json": STATED, BUNDLE: COMPILED}
        )
    assert not found.unexplained


def test_code_that_no_source_has_but_without_a_new_word_is_vocabulary_and_not_explained(tools):
    """Another tool wrote the same program in another way: no word is new, and nothing says that it does the same."""
    text = bundled(tools, "plain") + "process.exitCode = 64;\n" * 400
    found = compared(tools, text)
    file = next(one for one in found.files if one.path == BUNDLE)
    assert file.file_class is FileClass.VOCABULARY
    assert file in found.unexplained
    assert "every word of it is in a source or a dependency" in file.detail
    assert file.lines


def test_progress_says_that_it_takes_time(tools):
    class Told(Silence):
        steps: list[str] = []  # noqa: RUF012 - of one test

        def step(self, text):
            self.steps.append(text)

    explained(replace(tools, progress=Told()), bundled(tools, "plain"))
    assert "Tracing bundles" in Told.steps


def test_lock_is_what_the_tests_think(tools):
    assert set(LOCK["packages"]) == {"", "node_modules/ms", "node_modules/escape-html"}


def test_a_file_that_only_passes_on_what_is_in_a_chunk_is_traced_with_it(tools):
    chunk = bundled(tools, "plain")
    tree = {**TREE, "src/mail.ts": SOURCES["src/mail.ts"]}
    found = compared(tools, 'export { send } from "./chunk-ABCDEFGH.js";\n', tree, **{"dist/chunk-ABCDEFGH.js": chunk})
    classes = {file.path: str(file.file_class) for file in found.files}
    assert classes[BUNDLE] == classes["dist/chunk-ABCDEFGH.js"] == "traced"
