import json
import time
from collections.abc import Mapping

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.comparison.surface import Surface, survey

ELF = b"\x7fELF" + b"\0" * 60
PE = b"MZ" + b"\0" * 58 + b"\x40\0\0\0PE\0\0"


def of(files: Mapping[str, str | bytes], modes: Mapping[str, int] | None = None, **manifest: object) -> Surface:
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return survey({"package.json": json.dumps({"name": "x", **manifest}).encode(), **data}, modes or {})


@pytest.mark.parametrize(
    ("path", "data"),
    [
        *((f"a.{ending}", b"x") for ending in ("js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx")),
        *((f"a.{ending}", b"x") for ending in ("sh", "bash", "ps1", "cmd", "bat", "py", "rb", "pl", "gyp")),
        *((f"a.{suffix}", b"\0x") for suffix in ["node", "wasm", "exe", "dll", "so", "dylib", "jar"]),
        ("lib.js.txt", ELF),
        ("data.bin", PE),
        ("logo.png", b"\xcf\xfa\xed\xfe" + b"\0" * 20),
        ("module.dat", b"\0asm\x01\0\0\0"),
        ("tool", b"#!/bin/sh\n"),
        ("tool.txt", b"\xef\xbb\xbf#!/usr/bin/env node\n"),
        ("page.html", b"<p><SCRIPT src='a'></script>"),
        ("icon.svg", b"<svg onload = 'x()'>"),
        ("libx.so.1", b"x"),
    ],
)
def test_code_is_told_by_name_and_by_content(path: str, data: bytes):
    assert path in of({path: data}).executable


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("README.md", "#! no\n# x"),
        ("a.d.ts", "export {};"),
        ("a.d.mts", "export {};"),
        ("a.js.map", "{}"),
        ("data.json", "{}"),
        ("page.html", "<p>words</p>"),
        ("icon.svg", "<svg><path/></svg>"),
        ("style.css", "a{}"),
        ("note.txt", "MZ is how this begins"),
        ("LICENSE", "MIT"),
    ],
)
def test_data_is_not_code(path: str, data: str):
    found = of({path: " " + data if path == "README.md" else data}, {path: 0o755})
    assert path not in found.executable


def test_an_executable_bit_makes_code_of_a_file_without_an_ending():
    assert "pre-commit" in of({"pre-commit": "make"}, {"pre-commit": 0o755}).executable
    assert "pre-commit" not in of({"pre-commit": "make"}, {"pre-commit": 0o644}).executable


@pytest.mark.parametrize(
    ("manifest", "path", "how"),
    [
        ({"bin": "run"}, "run", "bin x"),
        ({"bin": {"y": "./tools/run.txt"}}, "tools/run.txt", "bin y"),
        ({"main": "lib"}, "lib/index.js", "main"),
        ({"main": "lib/a"}, "lib/a.js", "main"),
        ({}, "index.js", "index"),
        ({"main": "gone.js"}, "index.js", "index"),
        ({"module": "m.mjs"}, "m.mjs", "module"),
        ({"browser": {"./a.js": "./b.js"}}, "b.js", "browser ./a.js"),
        ({"exports": {".": {"node": ["./n.js"], "default": "./d.js"}}}, "n.js", "exports . node"),
        ({"exports": {".": {"node": ["./n.js"], "default": "./d.js"}}}, "d.js", "exports . default"),
        ({"exports": {"./*": "./lib/*.js"}}, "lib/a/b.js", "exports ./*"),
        ({"exports": "./data.json"}, "data.json", "exports"),
        ({"imports": {"#a": {"default": "./internal.js"}}}, "internal.js", "imports #a default"),
        ({"directories": {"bin": "./bin"}}, "bin/tool", "directories.bin"),
        ({"scripts": {"postinstall": "node ./hooks/after.js --x"}}, "hooks/after.js", "postinstall"),
        ({"scripts": {"install": "npm run setup", "setup": "node hooks/after"}}, "hooks/after.js", "setup"),
        ({"scripts": {"preinstall": "sh hooks/a.unknown"}}, "hooks/a.unknown", "preinstall"),
        ({"scripts": {"start": "node app.js"}}, "app.js", "start"),
        ({}, "server.js", "npm start"),
        ({}, "binding.gyp", "node-gyp rebuild"),
        ({"main": "LIB/A.js"}, "lib/a.js", "main"),
    ],
)
def test_execution_starts_here(manifest: dict[str, object], path: str, how: str):
    found = of({path: "x", "lib/other.js": "x"}, **manifest)
    assert (path, how) in {(entry.path, entry.how) for entry in found.entries}
    assert path in found.executable
    assert path in found.reachable


def test_a_pattern_makes_no_code_of_declarations_maps_and_documents():
    files = {"lib/a.js": "1", "lib/a.d.ts": "x", "lib/a.d.ts.map": "{}", "lib/README.md": "x", "lib/a.dat": "x"}
    found = of(files, exports={"./*": "./lib/*"})
    assert found.executable == {"package.json", "lib/a.js", "lib/a.dat"}
    assert of(files, exports={"./map": "./lib/a.d.ts.map"}).executable == {"package.json", "lib/a.js", "lib/a.d.ts.map"}


def test_types_are_no_entry_points():
    found = of({"a.d.ts": "x", "a.js": "y"}, types="a.d.ts", exports={".": {"types": "./a.d.ts", "default": "./a.js"}})
    assert "a.d.ts" not in found.executable
    assert "a.d.ts" not in found.reachable


@pytest.mark.parametrize(
    "line",
    [
        'import "./lib/b.js"',
        "import x from './lib/b.js'",
        "export * from `./lib/b.js`",
        'require("./lib/b")',
        "require ( './lib/b' )",
        "require.resolve('./lib/b.js')",
        'await import("./lib/b.js")',
        'await import("./lib/b.js", { with: {} })',
        'import("x/lib/b.js")',
        'const a = "./lib/b.js"',
        'import "./lib/%62.js?v=1"',
        'import "./lib/\\x62.js"',
        'import "./lib/\\u{62}.js"',
        'import "./lib/\\u0062.js"',
        'import "./lib/\\142.js"',
        'import "./LIB/B.js"',
        'new URL("lib/b.js", base)',
        'open("b.js")',
        "// don't\nimport './lib/b.js'",
        "/['\"]/; import './lib/b.js'",
    ],
)
def test_a_file_that_a_reachable_file_names_is_reachable(line: str):
    found = of({"index.js": line, "lib/b.js": "x", "lib/stale.js": "y"})
    assert "lib/b.js" in found.reachable
    assert "lib/stale.js" not in found.reachable, found.doubts


@pytest.mark.parametrize("loaded", ["LICENSE", "data.json", "notes.txt", "a.d.ts"])
def test_whatever_is_required_is_code(loaded: str):
    assert loaded in of({"index.js": f"require('./{loaded}')", loaded: "evil()"}).executable


@pytest.mark.parametrize(
    "line",
    [
        "import(name)",
        "import(`./${name}.js`)",
        'import("./" + name)',
        "require(name)",
        "require(/* x */ name)",
        "const r = require; r(name)",
        "f(require)",
        'eval("x")',
        "(0, eval)(text)",
        "new Function(text)",
        "Function(text)()",
        "vm.runInNewContext(text)",
        "process.dlopen(m, p)",
        "Module._load(name)",
        "const load = createRequire(import.meta.url); load(name)",
        "import { createRequire as c } from 'module'",
        "\\u0065val(x)",
        "import { fork } from 'child_process'; fork(path.join(__dirname, name))",
        "import { Worker } from 'node:worker_threads'; new Worker(new URL(n, import.meta.url))",
    ],
)
def test_a_doubt_makes_all_code_reachable(line: str):
    found = of({"index.js": line, "lib/stale.js": "y", "notes.txt": "z"})
    assert found.doubts
    assert "lib/stale.js" in found.reachable
    assert "notes.txt" not in found.reachable


@pytest.mark.parametrize(
    "line",
    [
        'const require = createRequire(import.meta.url); require("./package.json")',
        "import { createRequire } from 'node:module'; // some tools require it",
        "import { spawn } from 'child_process'; spawn('git')",
        "evaluate(x); isFunction(y); requires(z)",
        'await import("node:fs")',
        "if (require.main === module) main()",
        "const text = 'caf\\u00e9'",
    ],
)
def test_ordinary_code_raises_no_doubt(line: str):
    assert of({"index.js": line, "stale.js": "y"}).doubts == ()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("run.sh", b"./x"),
        ("run.py", b"x"),
        ("run", b"#!/bin/sh\n"),
        ("a.js", b"\xff\xfe"),
        ("m.node", ELF),
        ("m.wasm", b"\0asm"),
    ],
)
def test_code_that_cannot_be_read_raises_a_doubt(path: str, data: bytes):
    found = of({path: data, "stale.js": "y"}, bin={"y": path})
    assert found.doubts
    assert "stale.js" in found.reachable


def test_install_scripts_that_compute_raise_a_doubt():
    assert of({"a.js": "x"}, scripts={"postinstall": "node -e 'require(process.env.X)'"}).doubts
    assert not of({"a.js": "x"}, scripts={"postinstall": "node a.js", "build": "node -e 1"}).doubts


def test_manifests_decide_how_code_runs():
    found = of({"index.js": "import './esm/a.js'", "esm/package.json": "{}", "esm/a.js": "x", "old/package.json": "{}"})
    assert {"package.json", "esm/package.json", "old/package.json"} <= found.executable
    assert {"package.json", "esm/package.json"} <= found.reachable
    assert "old/package.json" not in found.reachable


def codes(files: Mapping[str, str | bytes], **manifest: object) -> list[str]:
    return [note.code for note in of(files, **manifest).notes]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("#!/usr/bin/env node\revil()\n", "SRC_HIDDEN_LINE"),
        ("#!/usr/bin/env node\u2028evil()\n", "SRC_HIDDEN_LINE"),
        ("#!/usr/bin/env node\u2029evil()\n", "SRC_HIDDEN_LINE"),
        ("x = '\u202e' // a", "SRC_BIDI"),
        ("let \u3164 = 1", "SRC_INVISIBLE"),
        ("ad\u200bmin()", "SRC_INVISIBLE"),
        ("eval(decode('" + "\U000e0101" * 20 + "'))", "SRC_INVISIBLE"),
        ("\\u0065val(x)", "SRC_ESCAPED_IDENT"),
        ("glo\\u{62}alThis", "SRC_ESCAPED_IDENT"),
        ("x\n<!-- a\n", "SRC_HTML_COMMENT"),
        ("x\n --> a\n", "SRC_HTML_COMMENT"),
        (ELF, "NATIVE_BINARY"),
        (b"\0asm\x01\0\0\0", "WASM"),
    ],
)
def test_hidden_text_is_noted(data: str | bytes, code: str):
    assert codes({"lib.js": data}) == [code]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.js", "#!/usr/bin/env node\r\nx\r\n"),
        ("a.js", "const html = '<!-- x -->'; // \u00e9 \u4e2d\u6587 \U0001f468\u200d\U0001f469"),
        ("a.mjs", "x\n<!-- a\n"),
        ("README.md", "\u2764\ufe0f zero\u200bwidth"),
        ("a.js", "/[\\u0041-\\u005A]/; '\\u0068ello'"),
    ],
)
def test_ordinary_text_is_not(path: str, data: str):
    assert codes({path: data}) == []


def test_module_code_has_no_html_comments():
    assert codes({"a.js": "x\n<!-- a\n"}, type="module") == []


def test_prompts_are_searched_for_hidden_text_too():
    assert codes({"prompt.md": "hello" + "\U000e0041" * 8}) == ["SRC_INVISIBLE"]


def test_a_byte_order_mark_on_the_manifest_is_noted():
    notes = survey({"package.json": b'\xef\xbb\xbf{"name":"x"}'}, {}).notes
    assert [note.code for note in notes] == ["JSON_BOM"]


def test_a_package_without_a_manifest_is_refused():
    with pytest.raises(MalformedError, match=r"no package\.json") as caught:
        survey({"index.js": b"x"}, {})
    assert caught.value.code == "PKG_NO_MANIFEST"


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "'\"`",
        "require",
        "import(",
        'from "',
        "\\",
        "\\u0065",
        "require (",
        "createRequire(",
        'exec("',
        "eval(",
        "require.",
        "constructor",
        "Function ",
        '"a' * 3,
        "<!--",
        " ",
        "\u202e\ue000",
        "a" * 299 + '"',
        "//\n",
    ],
)
def test_two_megabytes_of_anything_are_scanned_in_linear_time(unit: str):
    text = unit * (2 * 1024 * 1024 // len(unit.encode()))
    started = time.process_time()
    of({"index.js": text})
    assert time.process_time() - started < 4


def test_the_answer_does_not_depend_on_the_order_of_files():
    files = {"index.js": "import './b.js'; import('./c.js')", "b.js": "import(name)", "c.js": "eval(x)", "d.js": ""}
    assert of(files) == of(dict(reversed(files.items())))


def test_manifests_cannot_send_the_resolution_in_circles():
    found = of({"index.js": "require('./a')", "a/package.json": '{"main": "../a"}', "a/index.js": "x"})
    assert "a/index.js" in found.reachable


def test_thousands_of_export_patterns_raise_a_doubt_and_cost_little():
    exports = {f"./{n}/*": f"./{n}*.js" for n in range(20_000)}
    files = {f"lib/{n}.js": "x" for n in range(3_000)}
    started = time.process_time()
    found = of(files, exports=exports)
    assert time.process_time() - started < 4
    assert found.doubts
    assert set(files) <= found.reachable
