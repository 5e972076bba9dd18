"""What modules give, in the ways that compilers and bundlers write it: each beside a change that is one."""

# ruff: noqa: E501 - bundles of a few lines

import pytest

pytestmark = pytest.mark.registry

ENUM = {
    "src/a.ts": "export enum Mode { Read = 1, Write, Both = Read | Write, Name = 'n' }\nexport const a = Mode.Both;\n"
}
FILLED = 'Mode2[Mode2["Read"] = 1] = "Read"; Mode2[Mode2["Write"] = 2] = "Write"; '
FILLED += 'Mode2[Mode2["Both"] = 3] = "Both"; Mode2["Name"] = "n";'
COMPILED = {
    "tsc": f"var Mode; (function (Mode2) {{ {FILLED} }})(Mode || (Mode = {{}}));",
    "esbuild": f"var Mode = /* @__PURE__ */ ((Mode2) => {{ {FILLED} return Mode2; }})(Mode || {{}});",
    "swc": f"var Mode = /*#__PURE__*/ function(Mode2) {{ {FILLED} return Mode2; }}(Mode || {{}});",
    "babel": f"let Mode = /*#__PURE__*/function (Mode2) {{ {FILLED} return Mode2; }}({{}});",
}
USED = "\nvar a = Mode.Both;\nexport { Mode, a };\n"


@pytest.mark.parametrize("compiler", COMPILED)
def test_an_enumeration_is_known_in_every_form(traced, compiler):
    assert traced(COMPILED[compiler] + USED, ENUM).pieces == ()


@pytest.mark.parametrize("compiler", COMPILED)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Write"] = 2', '"Write"] = 4'),
        ('] = "Write";', '] = "Read";'),
        ('"Name"] = "n"', '"Name"] = "m"'),
        ('Mode2["Name"] = "n";', 'Mode2["Name"] = "n"; process.emit("x");'),
        ('Mode2["Name"] = "n";', ""),
        ('"Read"] = 1]', '"Read"] = evil()]'),
    ],
    ids=["a number", "a name", "a text", "code", "nothing", "a call"],
)
def test_another_one_is_shown(traced, compiler, old, new):
    assert old in COMPILED[compiler]
    assert traced(COMPILED[compiler].replace(old, new) + USED, ENUM).pieces != ()


COMMONJS = (
    "var __commonJS = (cb, mod) => () => (mod || cb((mod = { exports: {} }).exports, mod), mod.exports);\n"
    "var require_a = __commonJS((exports) => {\n  exports.open = (b) => b.open(1);\n  exports.shut = (b) => exports.open(b);\n"
    "});\nvar a = require_a();\nexport { a };\n"
)
GIVING = (
    "'use strict';\nmodule.exports.open = (b) => b.open(1);\nmodule.exports.shut = (b) => module.exports.open(b);\n"
)
INDEX = {"src/index.ts": "import * as a from 'a';\nexport { a };\n"}


def test_what_a_module_gives_may_be_written_with_and_without_module(traced):
    """As bun does it, where the module has no other object to give."""
    assert traced(COMMONJS, INDEX, {"a@1.0.0": {"index.js": GIVING}}).pieces == ()


@pytest.mark.parametrize(
    ("old", "new"), [("exports.open(b)", "exports.shut(b)"), ("exports.shut =", "exports.open =")], ids=["use", "name"]
)
def test_another_name_is_shown(traced, old, new):
    assert traced(COMMONJS.replace(old, new), INDEX, {"a@1.0.0": {"index.js": GIVING}}).pieces != ()


def test_it_matters_where_the_module_gives_another_object(traced):
    """What is put into the first one then, nobody sees."""
    packages = {"a@1.0.0": {"index.js": GIVING + "module.exports = Object.create(module.exports);\n"}}
    assert traced(COMMONJS, INDEX, packages).pieces != ()


def test_rollup_gives_at_the_end_what_others_export(traced):
    sources = {"src/a.ts": "export function a(b: string) { return b.at(1); }\n"}
    bundle = "'use strict';\nfunction a(b) { return b.at(1); }\nexports.a = a;\n"
    assert traced(bundle, sources).pieces == ()
    assert traced(bundle.replace("= a;", "= (b) => fetch(b);"), sources).pieces != ()


def test_members_of_the_default_export_of_node_are_its_exports(traced):
    sources = {"src/a.ts": "import path from 'node:path';\nexport const a = (b: string) => path.join(b, 'c');\n"}
    bundle = "'use strict';\nvar path = require('path');\nconst a = (b) => path.join(b, 'c');\nexports.a = a;\n"
    assert traced(bundle, sources).pieces == ()
    assert traced(bundle.replace("path.join", "path.resolve"), sources).pieces != ()
    assert traced(bundle.replace("require('path')", "require('fs')"), sources).pieces != ()


UNIVERSAL = (
    "(function (root, factory) {\n  typeof exports === 'object' && typeof module !== 'undefined' ? module.exports = factory() :\n"
    "  typeof define === 'function' && define.amd ? define(factory) : root.a = factory();\n"
    "})(this, function () { return { open: (b) => b.open(1) }; });\n"
)
KNOWN = (
    "var __commonJS = (cb, mod) => () => (mod || cb((mod = { exports: {} }).exports, mod), mod.exports);\n"
    "var require_a = __commonJS((exports, module) => {\n  (function (root, factory) {\n"
    "     true ? module.exports = factory() : 0;\n"
    "  })(exports, function () { return { open: (b) => b.open(1) }; });\n});\nvar a = require_a();\nexport { a };\n"
)


def test_what_bundlers_know_of_a_module_may_be_left_out(traced):
    packages = {"a@1.0.0": {"index.js": UNIVERSAL}}
    assert traced(KNOWN, INDEX, packages).pieces == ()
    assert traced(KNOWN.replace(" true ?", " false ?"), INDEX, packages).pieces != ()
    assert traced(KNOWN.replace(" true ?", " process.env.X ?"), INDEX, packages).pieces != ()
    assert traced(KNOWN.replace(" true ?", " 'object' == 'string' ?"), INDEX, packages).pieces != ()
    assert traced(KNOWN.replace("= factory() :", "= eval :"), INDEX, packages).pieces != ()
