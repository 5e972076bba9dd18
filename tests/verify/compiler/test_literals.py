"""Literals are folded out of scripts by the real parser, in its isolate; nothing of a script is evaluated."""

import time

import pytest

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import thaw
from provenly.verify.compiler.releases import NEWEST_FIFTH
from provenly.verify.compiler.scripts import Script

pytestmark = pytest.mark.registry


def folded(compilers, text, *, path="build.mjs", directory="", **given):
    files = {path: text.encode(), **given.pop("files", {})}
    script = Script(path=path, files=files, paths=tuple(files), directory=directory, **given)
    return thaw(compilers.literals(NEWEST_FIFTH, script))


def table(members):
    return ["table", [[name, value] for name, value in members.items()], False]


def built(compilers, text, **given):
    return [
        options for _, _, options in folded(compilers, 'import { build } from "esbuild";\n' + text, **given)["builds"]
    ]


def value(compilers, expression, before="", **given):
    (options,) = built(compilers, f"{before}\nawait build({{ value: {expression} }});", **given)
    return dict(options[1]).get("value")


@pytest.mark.parametrize(
    ("expression", "folds"),
    [
        ('"a" + 1', "a1"),
        ("`x${1 + 1}y`", "x2y"),
        ("!0", True),
        ("[1, ...[2, 3]]", ["list", [1, 2, 3], False]),
        ('{ a: 1, ...{ b: "c" } }.b', "c"),
        ("({ a: { b: [5] } }).a?.b[0]", 5),
        ("undefined ?? null", None),
        ('"A-B".toLowerCase().split("-")', ["list", ["a", "b"], False]),
        ('["a", "b"].map((one) => `${one}.ts`).filter((one) => one !== "a.ts")', ["list", ["b.ts"], False]),
        ("Object.keys({ x: 1 })", ["list", ["x"], False]),
        ('Object.fromEntries(["a"].map((one) => [one, 1]))', ["table", [["a", 1]], False]),
        ("JSON.stringify({ a: [1] })", '{"a":[1]}'),
        ("/^a/i", ["pattern", "^a", "i"]),
        ("fetch()", ["unknown"]),
        ("fetch() + 1", ["unknown"]),
        ("[fetch()]", ["list", [["unknown"]], False]),
        ("fetch() ? 1 : 2", ["unknown"]),
        ("({}).constructor", ["undefined"]),
        ("({}).__proto__", ["undefined"]),
        ('"".constructor', ["unknown"]),
        ("[].constructor", ["unknown"]),
    ],
)
def test_expressions(compilers, expression, folds):
    assert value(compilers, expression) == folds


def test_surroundings_are_those_of_the_request(compilers):
    before = 'import { join, dirname } from "node:path"; import { fileURLToPath } from "url";'
    here = "dirname(fileURLToPath(import.meta.url))"
    assert value(compilers, f'join({here}, "../src/a.ts")', before, path="scripts/build.mjs") == "/src/a.ts"
    assert value(compilers, "process.env.A", environment={"A": "b"}) == "b"
    assert value(compilers, "process.env.HOME") == ["undefined"]
    assert value(compilers, "process.argv.slice(2)", arguments=("--prod",)) == ["list", ["--prod"], False]


def test_files_are_those_of_the_request(compilers):
    before = 'import { readFileSync } from "fs"; const pkg = JSON.parse(readFileSync("package.json", "utf8"));'
    files = {"package.json": b'{"version": "1.2.3"}'}
    assert value(compilers, "pkg.version", before, files=files) == "1.2.3"
    assert (
        value(compilers, "pkg.version", 'import pkg from "./package.json" with { type: "json" };', files=files)
        == "1.2.3"
    )
    answer = folded(compilers, 'import { readFileSync } from "fs"; readFileSync("/etc/passwd"); require("./more.js")')
    assert answer["missing"] == ["etc/passwd", "more.js"]


def test_functions_and_loops_that_build(compilers):
    text = """
    const targets = { a: { out: "a.js" }, b: { out: "b.js" } };
    async function one(name) { const { out } = targets[name]; await build({ outfile: out, minify: true }); }
    async function main() { for (const name of Object.keys(targets)) await one(name); }
    main().catch(console.error);
    """
    assert built(compilers, text) == [
        table({"outfile": "a.js", "minify": True}),
        table({"outfile": "b.js", "minify": True}),
    ]


def test_a_branch_that_is_not_taken_builds_nothing(compilers):
    text = 'if (process.argv.includes("--watch")) await build({ a: 1 }); else await build({ b: 1 });'
    assert built(compilers, text) == [table({"b": 1})]
    assert built(compilers, "if (await fetch()) await build({ a: 1 }); else await build({ b: 1 });") == [
        table({"a": 1}),
        table({"b": 1}),
    ]


def test_a_configuration_is_what_it_exports(compilers):
    text = """import { defineConfig } from "tsup";
    const shared = { minify: process.env.NODE_ENV === "production" } satisfies object;
    const outExtension = ({ format }) => ({ js: `.${format}` });
    export default defineConfig((options) => [{ ...shared, entry: ["a.ts"], outExtension }]);
    """
    answer = folded(compilers, text, path="tsup.config.ts", environment={"NODE_ENV": "production"})
    (config,) = answer["main"][1]
    members = dict(config[1])
    assert (members["minify"], members["entry"]) == (True, ["list", ["a.ts"], False])
    assert members["outExtension"] == [
        "function",
        [table({"js": ".esm"}), table({"js": ".cjs"}), table({"js": ".iife"})],
    ]


def test_commonjs_exports_count_too(compilers):
    answer = folded(compilers, 'module.exports = { entry: ["a"] };', path="tsup.config.cjs")
    assert answer["main"] == table({"entry": ["list", ["a"], False]})


def test_other_files_of_the_request_are_followed(compilers):
    files = {"shared.mjs": b'export const common = { target: "node18" };'}
    text = 'import { common } from "./shared.mjs"; await build({ ...common, a: 1 });'
    assert built(compilers, text, files=files) == [table({"target": "node18", "a": 1})]


def test_commands_are_told(compilers):
    answer = folded(compilers, 'import { execSync } from "child_process"; execSync("npx tsup --minify");')
    assert answer["commands"] == [["npx tsup --minify"]]


@pytest.mark.parametrize(
    "text",
    [
        "const f = (n) => f(n + 1); f(0);",
        'let s = "x"; for (const a of Array.from([' + "1," * 40 + "])) s = s + s; build({ s });",
        "const a = []; a.push(a); build({ a });",
        "const t = {}; t.t = t; build(t);",
        "while (true) { build({ a: 1 }) }",
        "throw 1; build({})",
        "process.exit(1); build({})",
        "import x from './build.mjs'; build({ x });",
        "}{ not a program",
    ],
)
def test_whatever_a_script_does_the_answer_ends(compilers, text):
    answer = folded(compilers, 'import { build } from "esbuild";\n' + text)
    assert set(answer) == {"main", "builds", "commands", "missing"}


def test_too_much_to_fold_is_refused(compilers):
    many = "[" + "1," * 200 + "]"
    text = f"const a = {many}; a.map(() => a.map(() => a.map(() => 1)));"
    with pytest.raises(MalformedError, match="too much to fold"):
        folded(compilers, text)


def test_nothing_of_a_script_is_evaluated(compilers):
    text = "globalThis.ts = null; Object.prototype.x = 1; ts.createSourceFile = null; build({ a: ({}).x });"
    assert built(compilers, text) == [table({"a": ["undefined"]})]
    assert value(compilers, "1") == 1


def test_folders_are_listed_and_asked_for(compilers):
    before = 'import { existsSync, readdirSync } from "fs";'
    files = {"src/a.ts": b"", "src/deep/b.ts": b""}
    for expression, folds in {
        'readdirSync("src")': ["list", ["a.ts", "deep"], False],
        'readdirSync("nowhere")': ["list", [], False],
        'readdirSync("src", { withFileTypes: true }).filter((one) => one.isFile()).map((one) => one.name)': [
            "list",
            ["a.ts"],
            False,
        ],
        'existsSync("src/a.ts")': True,
        'existsSync("src/deep")': True,
        'existsSync(".")': True,
        'existsSync("src/b.ts")': False,
        'existsSync("src/a")': False,
    }.items():
        assert value(compilers, expression, before, files=files) == folds, expression


def test_a_script_that_lists_folders_over_and_over_is_stopped_soon(compilers):
    text = """import { existsSync, readdirSync } from "fs";
const many = "%s".split("");
for (const one of many) for (const other of many) WORK;
export default 1;
"""
    paths = tuple(f"p{number}/q/file.ts" for number in range(20_000))
    start = time.monotonic()
    for work in ('readdirSync(".")', 'existsSync("nowhere")'):
        script = (text % ("x" * 200)).replace("WORK", work)
        given = Script(path="build.mjs", files={"build.mjs": script.encode()}, paths=paths)
        with pytest.raises(MalformedError, match="too much to fold"):
            compilers.literals(NEWEST_FIFTH, given)
    assert time.monotonic() - start < 10
