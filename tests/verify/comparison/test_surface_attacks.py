"""Ways to run a packed file that a reader of the package may miss; each must be executable and reachable."""

import json
from collections.abc import Mapping

import pytest

from provenly.verify.comparison.surface import Surface, survey

EVIL = "evil()\n"
ESM = {"type": "module"}


def of(files: Mapping[str, str | bytes], manifest: Mapping[str, object]) -> Surface:
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return survey({"package.json": json.dumps({"name": "x", **manifest}).encode(), **data}, {})


def decisive(files: Mapping[str, str | bytes], path: str, manifest: Mapping[str, object]) -> bool:
    found = of(files, manifest)
    return path in found.executable and path in found.reachable


@pytest.mark.parametrize(
    "line",
    [
        'eval(readFileSync("./evil.dat", "utf8"))',
        'new Function(readFileSync("./evil.txt"))()',
        'import vm from "node:vm"; new vm.Script(readFileSync(join(dir, "evil.dat")))',
        'execFile("sh", [join(__dirname, "evil.dat")]); require("child_process")',
        'new Worker(new URL("./evil.dat", import.meta.url))',
        'require?.("./evil.dat")',
        'require/**/("./evil.dat")',
        'require.call(null, "./evil.dat")',
        'module["require"]("./evil.dat")',
        'module.constructor._load("./evil.dat")',
        'arguments[1]("./evil.dat")',
        'const o = {require}; o.require("./evil.dat")',
        'const f = () => require; f()("./evil.dat")',
        'const F = Function; F(readFileSync("./evil.dat"))()',
        'const A = Object.getPrototypeOf(async function () {}).constructor; new A(readFileSync("./evil.dat"))',
        '(() => 1).constructor(readFileSync("./evil.dat"))()',
        'const AsyncFunction = f; new AsyncFunction(readFileSync("./evil.dat"))',
        'eval?.(readFileSync("./evil.dat"))',
        'const { eval: e } = globalThis; e(readFileSync("./evil.dat"))',
        'globalThis["ev" + "al"](readFileSync("./evil.dat"))',
        'process.getBuiltinModule("vm").run(readFileSync("./evil.dat"))',
        'const { "createRequire": r } = module; r(__filename)("./evil.dat")',
        'f(createRequire, x)("./evil.dat")',
        'import { execa } from "execa"; execa("sh", [fileURLToPath(new URL("./evil.dat", import.meta.url))])',
    ],
)
@pytest.mark.parametrize("ending", ["dat", "tpl", ""])
def test_text_that_is_run_is_code_whatever_its_name(line: str, ending: str):
    path = f"evil.{ending}" if ending else "evil"
    line = line.replace("evil.dat", path)
    assert decisive({"index.js": line, path: EVIL}, path, {})


@pytest.mark.parametrize(
    "line",
    [
        'eval(readFileSync("./evil.md", "utf8"))',
        'new Function(readFileSync("./evil.md"))()',
        'new vm.Script(readFileSync(join(dir, "evil.md")))',
        'execFile("sh", [join(__dirname, "evil.md")])',
        "child.spawn(process.execPath, ['./evil.md'])",
        'fork("./evil.md")',
        'require?.("./evil.md")',
        'require/**/("./evil.md")',
        'require.call(null, "./evil.md")',
        'module["require"]("./evil.md")',
        'module.constructor._load("./evil.md")',
        'new Worker(new URL("./evil.md", import.meta.url))',
    ],
)
@pytest.mark.parametrize("ending", ["md", "txt", "json", "png"])
def test_even_prose_is_code_where_a_call_that_runs_things_names_it(line: str, ending: str):
    path = f"evil.{ending}"
    assert decisive({"index.js": line.replace("evil.md", path), path: EVIL}, path, {})


def test_prompts_that_are_only_read_are_no_code():
    files = {"index.js": 'eval(x);\nload("./prompts/system.md")', "prompts/system.md": "a", "prompts/other.md": "b"}
    found = of(files, {})
    assert found.doubts
    assert "prompts/system.md" in found.reachable - found.executable
    assert "prompts/other.md" not in found.reachable


@pytest.mark.parametrize("path", ["lib/evil", "lib/evil.dat", "lib/evil.template"])
def test_where_text_is_run_all_files_may_be_code_but_those_that_are_data_by_their_names(path: str):
    line = "for (const file of readdirSync(dir)) eval(read(file))"
    found = of({"index.js": line, path: EVIL, "lib/logo.png": "x", "lib/prompt.md": "x"}, {})
    assert path in found.executable & found.reachable
    assert found.executable.isdisjoint({"lib/logo.png", "lib/prompt.md"})


@pytest.mark.parametrize(
    "line",
    [
        f'import "{"./" * 200}lib/evil.js"',
        f'export * from "{"./" * 200}lib/evil.js"',
        'import "./lib/ev\til.js"',
        'import "./lib/ev\\til.js"',
        'import "./lib/evil.js\\t"',
        'import "./lib/%65vil.js"',
        'import "./x/%2e%2e/lib/evil.js"',
        'import "./lib\\\\evil.js"',
        'import "./lib/ev\\\u2028il.js"',
        'import/**/"./lib/evil.js"',
        'import.meta.resolve("./lib/evil.js")',
        'register("./lib/evil.js", import.meta.url)',
    ],
)
def test_specifiers_are_read_as_node_reads_them(line: str):
    assert decisive({"index.js": line, "lib/evil.js": EVIL}, "lib/evil.js", ESM)


@pytest.mark.parametrize("name", ["e%76il", "evil#1", "evil?1", "e vil"])
def test_commonjs_takes_names_as_they_are(name: str):
    assert decisive({"index.js": f'require("./lib/{name}")', f"lib/{name}.js": EVIL}, f"lib/{name}.js", {})


@pytest.mark.parametrize(
    ("line", "files", "path"),
    [
        ('import "#e"', {"lib/package.json": '{"imports": {"#e": "./evil.js"}}'}, "lib/evil.js"),
        ('import "inner/e"', {"lib/package.json": '{"name": "inner", "exports": {"./e": "./evil"}}'}, "lib/evil"),
        ('import "dep"', {"node_modules/dep/package.json": '{"main": "evil"}'}, "node_modules/dep/evil"),
        ('import "dep/evil.js"', {"node_modules/dep/package.json": "{}"}, "node_modules/dep/evil.js"),
        ('import "@s/dep"', {"lib/node_modules/@s/dep/package.json": "{}"}, "lib/node_modules/@s/dep/evil.js"),
        ('import "dep"', {"node_modules/dep/package.json": '{"exports": {"*": "./*"}}'}, "node_modules/dep/a/evil.js"),
    ],
)
def test_manifests_below_the_root_lead_on(line: str, files: dict[str, str], path: str):
    assert decisive({"index.js": 'import "./lib/a.js"', "lib/a.js": line, **files, path: EVIL}, path, ESM)


def test_what_is_first_named_and_later_loaded_is_followed():
    files = {"index.js": 'f("./c"); import "./b.js"', "b.js": 'require("./c")', "c": 'require("./lib/evil")'}
    for last in ("lib/evil", "lib/evil.js"):
        assert decisive({**files, last: EVIL}, last, {})


def test_a_file_that_starts_processes_and_one_that_knows_its_place_are_a_doubt_together():
    files = {
        "index.js": 'import {root} from "./root.js"; import {spawn} from "child_process"; spawn(x, [join(root, y)])',
        "root.js": "export const root = import.meta.url",
    }
    assert decisive({**files, "tool": EVIL}, "tool", ESM)


@pytest.mark.parametrize(
    "line",
    [
        "#!/usr/bin/env -S node --import ./evil.mjs",
        "#!/usr/bin/env -S node -r ./evil.mjs",
        "#!/bin/sh",
        "#!/usr/bin/env bash",
        "#!/opt/node-tools/python",
        "\ufeff#!/usr/bin/env node",
        "//bin/true",
    ],
)
def test_a_hashbang_may_make_something_else_of_a_script(line: str):
    assert decisive({"cli.js": f"{line}\n1\n", "evil.mjs": EVIL}, "evil.mjs", {"bin": "cli.js"})


@pytest.mark.parametrize(
    "line",
    [
        *("#!/usr/bin/env node", "#!/usr/bin/env node\r", "#! /usr/local/bin/node", "#!/usr/bin/env -S node"),
        *("#!/usr/bin/env -S node --no-warnings", "#!/usr/bin/env bun", "#!/usr/bin/env -S deno run --allow-net"),
        "#!/usr/bin/env -S node --no-warnings=ExperimentalWarning --enable-source-maps",
    ],
)
def test_ordinary_hashbangs_raise_no_doubt(line: str):
    assert of({"cli.js": f"{line}\n1\n"}, {"bin": "cli.js"}).doubts == ()


@pytest.mark.parametrize("member", ["main", "bin", "module"])
def test_declarations_that_are_named_outright_are_code(member: str):
    # Node.js 20 reads an unknown ending as CommonJS; Bun, and Node.js from 22.18 on, run TypeScript.
    assert decisive({"evil.d.ts": EVIL}, "evil.d.ts", {member: "./evil.d.ts"})


def test_declarations_that_a_pattern_matches_are_not():
    found = of({"lib/a.d.ts": "", "lib/a.js": ""}, {"exports": {"./*": "./lib/*"}})
    assert "lib/a.js" in found.executable
    assert "lib/a.d.ts" not in found.executable


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("cd scripts && node setup", "scripts/setup.js"),
        ("make", "Makefile"),
        ("cmake -B build", "CMakeLists"),
        ("node scripts/*", "scripts/setup.js"),
        ("./configure", "configure"),
        ("node --import=./evil.mjs a.js", "evil.mjs"),
        ("NODE_OPTIONS=--import=./evil.mjs node a.js", "evil.mjs"),
        ("npm --prefix scripts run x", "scripts/setup.js"),
        ("node .", "lib/setup.js"),
        ("node a.js & node b.js", "lib/setup.js"),
        ("gulp", "gulpfile.js"),
    ],
)
def test_install_scripts_that_are_not_understood_may_run_anything(command: str, path: str):
    assert decisive({path: EVIL}, path, {"scripts": {"postinstall": command}})


@pytest.mark.parametrize("command", ["node a.js", "node ./a.js --quiet || exit 0", "echo thanks", "npm run b"])
def test_ordinary_install_scripts_raise_no_doubt(command: str):
    assert of({"a.js": "1"}, {"scripts": {"postinstall": command, "b": "node a.js"}}).doubts == ()


@pytest.mark.parametrize(
    "text",
    [
        "<img/onerror=x>",
        '<img src="a"onerror=x>',
        "<base href=//a>",
        '<meta http-equiv="refresh" content="0">',
        "<a href=java&#x73;cript:x>",
        "<?xml-stylesheet href='a.xsl'?>",
        "<script>".encode("utf-16"),
    ],
)
def test_pages_that_load_or_run_something_are_code(text: str | bytes):
    assert "page.html" in of({"page.html": text}, {}).executable


@pytest.mark.parametrize(
    "line",
    [
        "export { createRequire } from 'module'",
        "class A { constructor() { super() } }",
        "x instanceof Function",
        "const all = [...arguments]; arguments.length",
        "// we require / import things from /usr",
        "process.env['A']; global.x; module.exports = {}",
        "import def, { join } from 'path'",
    ],
)
def test_ordinary_code_raises_no_doubt(line: str):
    assert of({"index.js": line}, {}).doubts == ()
