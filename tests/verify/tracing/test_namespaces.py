"""Names that stand for another module as a whole: bundles have what they lead to, or an object for the module."""

import pytest

from provenly.verify.tracing.namespaces import NAMESPACE, Namespaces, flat
from provenly.verify.tracing.result import Reason

PACKAGES = {
    "box@1.0.0": {
        "package.json": '{"name": "box", "version": "1.0.0", "exports": "./index.js"}',
        "index.js": 'export * as util from "./util.js";\nexport { run } from "./run.js";\n',
        "util.js": "export function clean(a) { return a.trim(1); }\nexport function wipe(a) { return a.wipe(2); }\n",
        "run.js": 'import { util } from "./index.js";\nexport function run(a) { return util.clean(a, 3); }\n',
    }
}
SOURCES = {"src/a.ts": "import { run } from 'box';\nrun(process.argv, 1);\n"}
UTIL = "function clean(a) { return a.trim(1); }\nfunction wipe(a) { return a.wipe(2); }\n"
FLAT = f"{UTIL}function run(a) {{ return clean(a, 3); }}\nrun(process.argv, 1);\n"
TABLE = f"""var __defProp = Object.defineProperty;
var __export = (target, all) => {{
  for (var name in all)
    __defProp(target, name, {{ get: all[name], enumerable: true }});
}};
var util_exports = {{}};
__export(util_exports, {{ clean: () => clean, wipe: () => wipe }});
{UTIL}function run(a) {{ return util_exports.clean(a, 3); }}
run(process.argv, 1);
"""


@pytest.mark.registry
@pytest.mark.parametrize("bundle", [FLAT, TABLE], ids=["names", "an object"])
def test_a_member_of_a_module_is_followed(traced, bundle):
    assert traced(bundle, SOURCES, PACKAGES).pieces == ()


@pytest.mark.registry
@pytest.mark.parametrize(
    ("bundle", "old", "new"),
    [(FLAT, "return clean(a, 3)", "return wipe(a, 3)"), (TABLE, "clean: () => clean", "clean: () => wipe")],
    ids=["names", "an object"],
)
def test_another_member_is_another(traced, bundle, old, new):
    assert old in bundle
    pieces = traced(bundle.replace(old, new), SOURCES, PACKAGES).pieces
    assert [piece.reason for piece in pieces] == [Reason.LINK]


@pytest.mark.registry
def test_a_member_of_an_object_is_no_module(traced):
    """An object may be another one by the time that its member is read, so its member is read from it."""
    packages = {
        "box@1.0.0": PACKAGES["box@1.0.0"]
        | {
            "index.js": 'import * as u from "./util.js";\nexport const util = { ...u };\nexport * from "./run.js";\n',
        }
    }
    pieces = traced(FLAT, SOURCES, packages).pieces
    assert any("return clean(a, 3)" in piece.text for piece in pieces)


def test_only_what_the_file_itself_passes_on_is_a_module():
    files = {
        "core/index.js": b"export * as util from './util.js';\nexport * as $a from './a.js'",
        "helpers/util.js": b"export const util = {};",
    }
    names = Namespaces(files)
    text = b"import { util, getParsedType } from './helpers/util.js';\n"
    text += b"import d, {\n  util as u,\n  $a,\n} from './core/index';"
    assert names.of("types.js", text) == {"./core/index": {"$a": NAMESPACE, "util": NAMESPACE}}
    assert names.of("core/x.js", b"import { util } from './index.js'") == {"./index.js": {"util": NAMESPACE}}
    assert names.of("x.js", b"import { util } from 'core/index.js'") == {}
    assert Namespaces({}).of("types.js", text) == {}


@pytest.mark.parametrize(
    ("text", "tables", "expected"),
    [(b"a()", False, True), (b"a()", True, False), (b"//#region a.js\na()", True, True)],
    ids=["no tables", "tables", "rolldown"],
)
def test_what_bundles_read_names_themselves(text, tables, expected):
    assert flat({"a.js": text}, tables=tables) is expected
