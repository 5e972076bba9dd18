"""What the repository has, but its own build would not make the package of, explains no bundle."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.compiler.releases import NEWEST_FIFTH
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.esbuild.releases import nearest
from provenly.verify.explain.bundled.folding import Folding
from provenly.verify.surroundings import Surroundings, configured
from tests.verify.explain.bundled.conftest import NOW
from tests.verify.explain.bundled.test_explainer import (
    BY_COMMAND,
    COMMAND,
    MS,
    SOURCES,
    classes,
    compared,
    lockfile,
    manifest,
)
from tests.verify.explain.scenes import scene

pytestmark = pytest.mark.registry

INSIDE = COMMAND.replace(" --packages=external", "")
BY_INSIDE = tuple(word for word in BY_COMMAND if word != "--packages=external")
TOOL = {"esbuild": "0.25.8"}
ASKS = {**SOURCES, "src/index.ts": 'import ms from "ms";\nconsole.log(ms("2 days"));\n'}
TRIES = {**SOURCES, "src/index.ts": 'let ms;\ntry {\n  ms = require("ms");\n} catch {}\nconsole.log(ms);\n'}


def bun_lock(*, patched: bool) -> str:
    document = {
        "lockfileVersion": 1,
        "workspaces": {"": {"dependencies": {"ms": "2"}}},
        "packages": {"ms": ["ms@2.1.3", "", {}, MS["2.1.3"]]},
    }
    return json.dumps({**document, "patchedDependencies": {"ms@2.1.3": "patches/ms.patch"}} if patched else document)


def test_a_dependency_that_the_repository_changes_is_not_the_one_of_the_registry(bench):
    from provenly.verify.dependencies.model import LockedPackage

    stated = manifest(INSIDE, TOOL, dependencies={"ms": "2"})
    ms = LockedPackage(name="ms", version="2.1.3", integrity=MS["2.1.3"], place="node_modules/ms")
    files = bench.tools.dependencies.files(ms, lambda path: path.endswith((".js", ".json")))
    there = {f"node_modules/ms/{path}": data.decode() for path, data in files.items()}
    made = bench.bundle({**ASKS, **there, "package.json": json.dumps(stated)}, *BY_INSIDE)
    (file,) = compared(bench.tools, made, {**ASKS, "bun.lock": bun_lock(patched=False)}, stated).values()
    assert file.file_class is FileClass.RECOMPILED
    (file,) = compared(bench.tools, made, {**ASKS, "bun.lock": bun_lock(patched=True)}, stated).values()
    assert file.file_class is FileClass.UNEXPLAINED
    assert "ms@2.1.3 could not be had: the repository changes it" in file.detail


@pytest.mark.parametrize("folder", ["test/fixtures/ms", "examples/ms", "packages/ms"])
def test_a_folder_with_the_name_of_a_dependency_is_not_that_dependency(bench, folder):
    stated = manifest(INSIDE, TOOL, dependencies={"ms": "^2.1.3"})
    tree = {
        **ASKS,
        f"{folder}/package.json": '{"name": "ms", "version": "9.9.9", "main": "index.js"}',
        f"{folder}/index.js": "module.exports = () => evil();\n",
    }
    whole = {path: text.encode() for path, text in {**tree, "package.json": json.dumps(stated)}.items()}
    links = {"node_modules/ms": folder}
    built = bench.tools.esbuild.build(nearest("0.25.8"), whole, BY_INSIDE, directory="", links=links)
    made = {path: data.decode() for path, data in built.outputs.items()}
    assert "evil()" in made["dist/index.js"]
    assert classes(compared(bench.tools, made, tree, stated)) == {"dist/index.js": "unexplained"}


class Nowhere:
    """A registry that cannot be reached."""

    def get(self, url, **_):
        raise UnavailableError(f"{url} cannot be reached", code="NET_UNREACHABLE")

    download = get


def test_a_bundle_that_lacks_a_locked_package_is_unchecked_while_that_cannot_be_fetched(bench):
    stated = manifest(INSIDE, TOOL, dependencies={"ms": "2"})
    tree = {**TRIES, "package-lock.json": lockfile("2.1.3")}
    made = bench.bundle({**TRIES, "package.json": json.dumps(stated)}, *BY_INSIDE)
    context = Context(
        now=NOW,
        transport=Nowhere(),
        registries=configured(Surroundings(npmrc=())),
        forge=None,
        progress=Silence(),
        anchors=None,
    )
    away = replace(bench.tools, dependencies=Dependencies(context))
    (file,) = compared(away, made, tree, stated).values()
    assert file.file_class is FileClass.UNEXPLAINED
    assert "ms@2.1.3 could not be had" in file.unchecked
    (file,) = compared(bench.tools, made, tree, stated).values()
    assert (file.file_class, file.unchecked) == (FileClass.UNEXPLAINED, "")


def test_a_definition_that_is_not_known_is_left_out_and_named(bench):
    script = """import { build } from "esbuild";
await build({ entryPoints: ["src/index.ts"], bundle: true, outfile: "dist/index.js", define: { LIMIT: secret() } });
"""
    tree = {**SOURCES, "src/index.ts": "if (LIMIT) check();\nconsole.log(1);\n", "build.mjs": script}
    words = ("src/index.ts", "--bundle", "--outfile=dist/index.js")
    stated = manifest("node build.mjs", TOOL)
    made = bench.bundle(tree, *words, "--define:LIMIT=null")
    assert classes(compared(bench.tools, made, tree, stated)) == {"dist/index.js": "unexplained"}
    (file,) = compared(bench.tools, bench.bundle(tree, *words), tree, stated).values()
    assert file.file_class is FileClass.RECOMPILED
    assert file.detail.endswith("; `define` of its options is not known here")


def test_a_build_for_another_folder_is_not_the_file_that_the_source_has_itself(bench):
    tree = {**SOURCES, "index.js": "serve();\n", "web/index.ts": "document.title = 'a';\nexport {};\n"}
    words = ("web/index.ts", "--bundle", "--outdir=site")
    made = bench.bundle(tree, *words)["site/index.js"]
    stated = manifest(f"esbuild {' '.join(words)}", TOOL, main="index.js")
    assert classes(compared(bench.tools, {"index.js": made}, tree, stated)) == {"index.js": "unexplained"}
    without = {path: text for path, text in tree.items() if path != "index.js"}
    assert classes(compared(bench.tools, {"index.js": made}, without, stated)) == {"index.js": "recompiled"}


def test_locked_packages_that_are_more_than_is_read_are_missing(bench, monkeypatch):
    stated = manifest(INSIDE, TOOL, dependencies={"ms": "2"})
    tree = {**TRIES, "package-lock.json": lockfile("2.1.3"), "NOTES": "What another test made is kept for its commit."}
    made = bench.bundle({**TRIES, "package.json": json.dumps(stated)}, *BY_INSIDE)
    monkeypatch.setattr("provenly.verify.explain.bundled.installed.MAX_BYTES", 10)
    (file,) = compared(bench.tools, made, tree, stated).values()
    assert (file.file_class, file.unchecked) == (FileClass.UNEXPLAINED, "")
    assert "ms@2.1.3 could not be had: the locked packages are larger than what is read" in file.detail


def test_what_is_committed_below_node_modules_is_not_what_is_installed(bench):
    stated = manifest(INSIDE, TOOL, dependencies={"ms": "2"})
    source = 'import * as ms from "../node_modules/ms/index.js";\nconsole.log(ms);\n'
    tree = {**SOURCES, "src/index.ts": source, "node_modules/ms/index.js": "module.exports = () => evil();\n"}
    made = bench.bundle({**tree, "package.json": json.dumps(stated)}, *BY_INSIDE)
    assert "evil()" in made["dist/index.js"]
    assert classes(compared(bench.tools, made, tree, stated)) == {"dist/index.js": "unexplained"}


def test_scripts_are_not_read_when_there_is_no_time_left(bench):
    there = scene({}, {"build.mjs": "export default 1;\n"})
    folding = Folding(there, bench.tools.compilers, NEWEST_FIFTH, until=0)
    assert folding.fold("build.mjs", (), "", b"{}", {}) is None
    assert list(folding.problems) == ["build.mjs was not read: others took too long"]
    folding = Folding(there, bench.tools.compilers, NEWEST_FIFTH, until=time.monotonic() + 60)
    assert folding.fold("build.mjs", (), "", b"{}", {})["main"] == 1
