"""What strangers try where a bundler's form has room for an expression: each is one change of a genuine bundle."""

# ruff: noqa: E501 - tables of tricks, one a line

from collections.abc import Mapping
from importlib.resources import files

import pytest

from tests.verify.tracing.forms.server import SOURCES
from tests.verify.tracing.test_forms import bundle, traced

pytestmark = pytest.mark.registry

ROLLUP = files("provenly.verify.tracing").joinpath("helpers/rollup.js").read_text(encoding="utf-8")

END = "module.exports = __webpack_exports__;"
LOOP = "for(var __webpack_i__ in __webpack_exports__)"
TARGET = f"var __webpack_export_target__ = exports;\n{LOOP} __webpack_export_target__[__webpack_i__] = __webpack_exports__[__webpack_i__];"
LIST = (
    LOOP
    + ' { if(-1 === ["a"].indexOf(__webpack_i__)) { exports[__webpack_i__] = __webpack_exports__[__webpack_i__]; } }'
)

TRICKS: Mapping[str, tuple[str, str, str]] = {
    # Webpack.
    "an argument of a module that starts late": ("webpack-2026", "cw((module) => {\n", "cw((module = process.emit('x')) => {\n"),
    "a number that is another one's": ("ncc", "/***/ 354:", "/***/ 9007199254740993: ((module) => { module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)('events'); }),\n/***/ 9007199254740992:"),
    "a getter before the genuine one": ("ncc", "/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {\n/* harmony export */   t:", "/* harmony export */ __nccwpck_require__.d(__webpack_exports__, { t: () => (discard) });\n/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {\n/* harmony export */   t:"),
    "names for a module that has its own": ("ncc", "const started = Date.now();", "__nccwpck_require__.d(parser, { __esModule: () => (log) });\nconst started = Date.now();"),
    "a default export that is given anew": ("ncc", "const started = Date.now();", "escaper_default = log;\nconst started = Date.now();"),
    "a table that is given anew": ("ncc", "const started = Date.now();", "tools_namespaceObject = log;\nconst started = Date.now();"),
    "a table that is declared anew": ("ncc", "const started = Date.now();", "var tools_namespaceObject = log;\nconst started = Date.now();"),
    "a table that is something else": ("ncc", "var tools_namespaceObject = {};", "var tools_namespaceObject = log;"),
    "a further file of another package": ("ncc", ".e(/* import() */ 687)", ".e('../../other/687')"),
    "a use of what nobody uses": ("ncc", "  bus.emit('parsed', text.length);\n  return JSON.parse(util.clean(text));", "  bus.emit('parsed', text.length);\n  return JSON.parse(__webpack_unused_export__(text));"),
    "a line that ends in a comment, in what gives names": ("webpack", END, TARGET.replace("__) __", "__) // \u2028 process.emit('x'),\n __")),
    "texts that look like comments, in what gives names": ("webpack", END, LIST.replace('"a"', "\"a/*\", process.emit('x'), \"*/a\"")),
    # Rollup.
    "a description of a module as a whole": ("rollup", "Object.freeze({\n\t__proto__: null,\n\tisAllowed: isAllowed,\n\tlog: log\n})", "Object.freeze(Object.defineProperty({\n\t__proto__: null,\n\tisAllowed: isAllowed,\n\tlog: log\n}, Symbol.toStringTag, { value: process.emit('x') }))"),
    "a mark of a module as a whole": ("rollup", "Object.freeze({\n\t__proto__: null,\n\tisAllowed: isAllowed,\n\tlog: log\n})", "Object.freeze(Object.defineProperty({\n\t__proto__: null,\n\tisAllowed: isAllowed,\n\tlog: log\n}, Symbol// \u2028[process.emit('x')]\n.toStringTag, { value: 'Module' }))"),
    # Enumerations.
    "an enumeration that ends early": ("rollup", '    Level[Level["Info"] = 1] = "Info";', '    return Level[Level["Info"] = 1] = "Info";'),
    "an enumeration of a list": ("rollup", "(function (Level) {", "(function (...Level) {"),
}  # fmt: skip


@pytest.mark.parametrize("end", [TARGET, LIST], ids=["all", "some"])
def test_what_gives_the_names_of_a_bundle_is_traced(tracers, end):
    made = {path: text.replace(END, end) for path, text in bundle("webpack").items()}
    assert made != bundle("webpack")
    assert [piece for one in traced(tracers, made) for piece in one.pieces] == []


@pytest.mark.parametrize("name", TRICKS)
def test_what_was_put_into_a_form_is_shown(tracers, name):
    form, old, new = TRICKS[name]
    genuine = bundle(form)
    changed = {path: text.replace(old, new, 1) for path, text in genuine.items()}
    assert changed != genuine
    results = traced(tracers, changed)
    assert sum(one.untraced for one in results) > 0
    assert [piece for one in results for piece in one.pieces]


LAST = 'process.on("exit", () => log(Level.Loud, "end of it"));\n'
ALIASES = {
    "src/alias.ts": "import { log } from './tools.js';\nexport const alias = log;\nexport let later: unknown;\nlater = log;\n"
}
LABEL = ";// CONCATENATED MODULE: ./src/alias.ts\n"

TAKEN = {
    "a default export": ("ncc", LAST, LAST + LABEL + "escaper_default = log;\n"),
    "a default export, declared again": ("ncc", LAST, LAST + LABEL + "var escaper_default = log;\n"),
    "a table": ("ncc", LAST, LAST + LABEL + "tools_namespaceObject = log;\n"),
    "a table, declared again": ("ncc", LAST, LAST + LABEL + "var tools_namespaceObject = log;\n"),
    "a module": ("ncc", LAST, LAST + LABEL + "parser = log;\n"),
    "the modules": ("ncc", LAST, LAST + LABEL + "__webpack_modules__ = log;\n"),
    "the modules that were run": ("ncc", LAST, LAST + LABEL + "__webpack_module_cache__ = log;\n"),
    "the require function": ("ncc", LAST, LAST + LABEL + "__nccwpck_require__ = log;\n"),
    "a module that starts late": ("webpack-2026", LAST, LAST + LABEL + "parser_namespaceFn = log;\n"),
    "what a module of rollup gives": ("rollup", "var parser = {};", "var parser = {};\nparser = log;"),
    "a frozen module": ("rollup", LAST, LAST + "tools = log;\n"),
    "a mark of rollup": ("rollup", LAST, LAST + "hasRequiredUtil = log;\n"),
    "a function of rollup": ("rollup", LAST, LAST + "requireUtil = log;\n"),
}  # fmt: skip


def test_a_statement_that_gives_a_variable_a_value_is_traced(tracers):
    made = {
        path: text.replace(LAST, LAST + LABEL + "let later;\nlater = log;\n") for path, text in bundle("ncc").items()
    }
    assert [piece for one in traced(tracers, made, SOURCES | ALIASES) for piece in one.pieces] == []


@pytest.mark.parametrize("name", TAKEN)
def test_what_stands_for_a_module_is_given_no_other_value(tracers, name):
    form, old, new = TAKEN[name]
    made = {path: text.replace(old, new, 1) for path, text in bundle(form).items()}
    assert made != bundle(form)
    assert sum(one.untraced for one in traced(tracers, made, SOURCES | ALIASES)) > 0


def test_numbers_that_are_one_number_are_one_module(tracers):
    """Of two members of an object with one name, the last one counts."""
    numbers = {"354": "9007199254740992", "439": "9007199254740993"}
    made = bundle("ncc")
    for old, new in numbers.items():
        made = {
            path: text.replace(f"__({old})", f"__({new})").replace(f"{old}:", f"{new}:") for path, text in made.items()
        }
    assert sum(one.untraced for one in traced(tracers, made)) > 0


MERGED = """\
function _mergeNamespaces(n, m) {
%s
var merged = /*#__PURE__*/_mergeNamespaces({
	__proto__: null,
	default: escape
}, [escaperExports]);
"""
BODY = ROLLUP[ROLLUP.index("function _mergeNamespaces(n, m) {\n") :].split("\n", 1)[1].split("\n}\n")[0] + "\n}"


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("default: escape", "default: process.emit('x')"), ("null", "process.emit('x')"), ("escape\n", "log\n")],
    ids=["genuine", "code", "code before", "another"],
)
def test_a_module_that_rollup_merges_has_its_own_names(tracers, old, new):
    made = {
        path: text.replace(LAST, LAST + (MERGED % BODY).replace(old, new)) for path, text in bundle("rollup").items()
    }
    assert (sum(one.untraced for one in traced(tracers, made)) > 0) is bool(old)


RUNTIME = files("provenly.verify.tracing").joinpath("helpers/webpack.js").read_text(encoding="utf-8")
QUEUES = RUNTIME[RUNTIME.index("(() => {\n\t\tvar webpackQueues") :].split("\n\t})();\n")[0] + "\n\t})();\n"
TYPED = (
    RUNTIME[RUNTIME.index("(() => {\n\t\tvar getProto = Object.getPrototypeOf ?") :].split("\n\t})();\n")[0]
    + "\n\t})();\n"
)
WAITING = """\
__webpack_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   report: () => (/* binding */ report)
/* harmony export */ });
/* harmony import */ var _mail_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(354);
/* harmony import */ var _other = __webpack_require__(783);
var __webpack_async_dependencies__ = __webpack_handle_async_dependencies__([_mail_js__WEBPACK_IMPORTED_MODULE_0__, _other]);
([_mail_js__WEBPACK_IMPORTED_MODULE_0__, _other] = __webpack_async_dependencies__.then ? (await __webpack_async_dependencies__)() : __webpack_async_dependencies__);
"""


def awaiting() -> dict[str, str]:
    """The bundle of ncc with a module that awaits others, as webpack writes those, and one that is used as a whole."""
    made = bundle("ncc")
    text = made["dist/687.index.js"].replace("__unused_webpack_module", "module")
    first, last = text.index("/* harmony export */"), text.index("function report")
    text = text[:first] + WAITING + text[last:]
    made["dist/687.index.js"] = text.replace(
        "\n\n\n/***/ })", "\n__webpack_async_result__();\n} catch(e) { __webpack_async_result__(e); } });\n/***/ })"
    )
    head = "/******/ /* webpack/runtime/compat get default export */\n"
    made["dist/index.js"] = made["dist/index.js"].replace(
        head, (QUEUES + TYPED).replace("__webpack_require__", "__nccwpck_require__") + head
    )
    return made


def test_a_module_that_awaits_others_is_traced(tracers):
    results = traced(tracers, awaiting())
    assert [piece for one in results for piece in one.pieces] == []


AWAITING = {
    "an argument after those of a module that awaits": ("__webpack_async_result__(e); } });", "__webpack_async_result__(e); } }, 1, process.emit('x'));"),
    "modules that were awaited, exchanged": ("([_mail_js__WEBPACK_IMPORTED_MODULE_0__, _other] =", "([_other, _mail_js__WEBPACK_IMPORTED_MODULE_0__] ="),
    "modules that were awaited, from elsewhere": ("= __webpack_async_dependencies__.then ? (await __webpack_async_dependencies__)() : __webpack_async_dependencies__", "= tools.then ? (await tools)() : tools"),
    "a line that ends in a comment": ("([_mail_js__WEBPACK_IMPORTED_MODULE_0__, _other] =", "([_mail_js__WEBPACK_IMPORTED_MODULE_0__, _other] = // \u2028 process.emit('x'),\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", AWAITING)
def test_what_was_done_to_a_module_that_awaits_others_is_shown(tracers, name):
    old, new = AWAITING[name]
    made = awaiting()
    assert sum(text.count(old) for text in made.values()) == 1
    assert (
        sum(one.untraced for one in traced(tracers, {path: text.replace(old, new) for path, text in made.items()})) > 0
    )
