"""Bundles that webpack, ncc, rspack and rollup made: traced to the last statement, and what is done to one is shown."""

# ruff: noqa: E501 - tables of cases, one a line

from collections.abc import Mapping
from pathlib import Path

import pytest

from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.tracing.result import Traced
from provenly.verify.tracing.trace import Tracing
from tests.verify.tracing.forms.server import PACKAGES, SOURCES

pytestmark = pytest.mark.registry

FORMS = Path(__file__).parent / "forms"
NAMES = ["ncc", "rollup", "rollup-cjs", "rspack", "webpack", "webpack-2026", "webpack-development"]


def bundle(name: str) -> dict[str, str]:
    """The files that a bundler wrote."""
    return {f"dist/{path.name}": path.read_text() for path in sorted((FORMS / name).glob("*.js"))}


def traced(tracers, files: Mapping[str, str], sources: Mapping[str, str] = SOURCES) -> list[Traced]:
    """What is said of each file."""
    locked = {}
    for owner, inside in PACKAGES.items():
        name, _, version = owner.rpartition("@")
        package = LockedPackage(name=name, version=version, place=f"node_modules/{name}")
        locked[package] = {path: text.encode() for path, text in inside.items()}
    results = Tracing(tracers).run(
        {path: text.encode() for path, text in files.items()},
        {path: text.encode() for path, text in sources.items()},
        list(locked),
        lambda asked: [(package, locked[package]) for package in asked],
    )
    assert all(isinstance(one, Traced) for one in results.values()), results
    return list(results.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_genuine_bundle_is_traced_to_the_last_statement(tracers, name):
    results = traced(tracers, bundle(name))
    assert [piece for one in results for piece in one.pieces] == []
    assert sum(one.untraced for one in results) == 0
    assert sum(one.sources for one in results) > 1_400
    assert {owner for one in results for owner in one.dependencies} == set(PACKAGES)


WEBPACK = {
    "a statement in the require function": ("// Check if module is in cache", "process.emit('x', moduleId);", "process.emit"),
    "another module for a number": ("__nccwpck_require__(783)", "__nccwpck_require__(856)", ""),
    "another module for a name": ("var src_mail = __nccwpck_require__(354)", "var src_mail = __nccwpck_require__(439)", ""),
    "a module that is nowhere": ("__nccwpck_require__(783)", "__nccwpck_require__(7)", ""),
    "a getter that gives another name": ("t: () => (/* binding */ send)", "t: () => (/* binding */ discard)", ""),
    "two getters exchanged": ("t: () => (/* binding */ send),\n/* harmony export */   v: () => (/* binding */ discard)", "t: () => (/* binding */ discard),\n/* harmony export */   v: () => (/* binding */ send)", ""),
    "a getter of code": ("t: () => (/* binding */ send)", "t: () => (process.exit(2), send)", "process.exit(2)"),
    "two names of a CommonJS module exchanged": ("exports.Bq = (text)", "exports.qg = (text)", ""),
    "a name that nobody used": ("__webpack_unused_export__ = function", "exports.qg = function", ""),
    "a name that is not given any more": ("exports.Bq = (text)", "__webpack_unused_export__ = (text)", ""),
    "a use of another name": ("(0,parser/* parse */.qg)", "(0,parser/* parse */.Bq)", ""),
    "a name in a table of a whole module": ("log: () => (log)", "log: () => (isAllowed)", ""),
    "another external module": ('(import.meta.url)("events")', '(import.meta.url)("child_process")', ""),
    "another external module by a name": ('const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises")', 'const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("events")', ""),
    "a statement in a module of data": ("module.exports = /*#__PURE__*/JSON.parse", "process.emit('x'); module.exports = /*#__PURE__*/JSON.parse", "process.emit"),
    "other data": ('"<":"&lt;"', '"<":"<"', ""),
    "a helper that does more": ("__nccwpck_require__.n = (module) => {", "__nccwpck_require__.n = (module) => { process.emit('x', module);", "process.emit"),
    "a table that is filled otherwise": ("get: definition[key] }", "get: () => process.env }", "process.env"),
    "a module that is exchanged when it runs": ("var __webpack_exports__ = {};", "__webpack_modules__[354] = __webpack_modules__[439];\nvar __webpack_exports__ = {};", "__webpack_modules__[354]"),
    "a cache with something in it": ("var __webpack_module_cache__ = {};", "var __webpack_module_cache__ = { 354: { exports: globalThis } };", "globalThis"),
    "a helper that is set again": ("var __webpack_exports__ = {};", "__nccwpck_require__.d = (a, b) => Object.assign(a, process.env);\nvar __webpack_exports__ = {};", "process.env"),
    "the require function elsewhere": ("var __webpack_exports__ = {};", "globalThis.r = __nccwpck_require__;\nvar __webpack_exports__ = {};", "globalThis.r"),
    "an import of another module": ("bind(__nccwpck_require__, 687)", "bind(__nccwpck_require__, 354)", ""),
    "an import of another object": ("bind(__nccwpck_require__, 687)", "bind(globalThis, 687)", ""),
    "an import that does more": (".e(/* import() */ 687)", ".e(process.exit(4))", "process.exit(4)"),
    "another module in a further file": ("__webpack_require__(354)", "__webpack_require__(439)", ""),
    "another name in a further file": (".v)({ to", ".t)({ to", ""),
    "a statement in a further file": ("function report(tools, answer) {", "process.emit('x');\nfunction report(tools, answer) {", "process.emit"),
    "further files from elsewhere": ('"" + chunkId + ".index.js"', '"../evil/" + chunkId + ".index.js"', "evil"),
    "a further module": ("/***/ 434:", "/***/ 9: ((module) => { module.exports = require('child_process') }),\n/***/ 434:", "child_process"),
    "a module of code": ("/***/ 434:", "/***/ 9: ((module) => { process.emit('x') }),\n/***/ 434:", "process.emit"),
    "a module that is no function": ("/***/ 434:", "/***/ 9: process.emit('x'),\n/***/ 434:", "process.emit"),
    "a way out": ("const started = Date.now();", "if (!process.env.X) { throw 1 }\nconst started = Date.now();", "process.env.X"),
    "a parameter with code": ("434:\n/***/ ((module) => {", "434:\n/***/ ((module = process.env) => {", "process.env"),
    "another name of the bundle": ("i: () => (/* binding */ main)", "i: () => (/* binding */ log)", ""),
    "numbers in an object": ("const started = Date.now();", "const started = { 1: 0 };", ""),
    "an enumeration with another number": ('Level[Level["Loud"] = 7] = "Loud"', 'Level[Level["Loud"] = 1] = "Loud"', ""),
    "an enumeration that is called otherwise": ('Level[Level["Loud"] = 7] = "Loud"', 'Level[Level["Loud"] = 7] = "Info"', ""),
    "an enumeration with code": ('Level[Level["Loud"] = 7] = "Loud";', 'Level[Level["Loud"] = 7] = "Loud"; process.emit("x");', "process.emit"),
}  # fmt: skip


@pytest.mark.parametrize("name", WEBPACK)
def test_what_was_done_to_a_bundle_of_webpack_is_shown(tracers, name):
    check(tracers, "ncc", *WEBPACK[name])


def test_what_runs_first_has_no_way_out(tracers):
    """It is in a function of its own there, which could return before anything is done."""
    check(tracers, "webpack", "const started = Date.now();", "return;\nconst started = Date.now();", "return;")


ROLLUP = {
    "a statement in the function of a module": ("hasRequiredUtil = 1;", "hasRequiredUtil = 1; process.emit('x');", "process.emit"),
    "a statement before it": ("if (hasRequiredUtil) return util;", "process.emit('x'); if (hasRequiredUtil) return util;", "process.emit"),
    "another object in return": ("if (hasRequiredUtil) return util;", "if (hasRequiredUtil) return parser;", ""),
    "an object that is not empty": ("var util = {};", "var util = { clean: eval };", "eval"),
    "a module that never runs": ("var hasRequiredUtil;", "var hasRequiredUtil = 1;", ""),
    "a module that is marked as run": ("var parserExports = requireParser();", "hasRequiredUtil = 1;\nvar parserExports = requireParser();", "hasRequiredUtil = 1"),
    "a mark of another": ("hasRequiredUtil = 1;", "hasRequiredParser = 1;", ""),
    "the names of another module": ("parser.trim = (text)", "util.trim = (text)", ""),
    "another name": ("parser.trim = (text)", "parser.parse = (text)", ""),
    "another module": ("const util = requireUtil();", "const util = requireEscaper();", ""),
    "a function instead of a module": ("const util = requireUtil();", "const util = requireUtil;", ""),
    "a use of another name": ("parserExports.parse(", "parserExports.cli(", ""),
    "another module for a name": ("var parserExports = requireParser();", "var parserExports = requireUtil();", ""),
    "a helper that does more": ("function getDefaultExportFromCjs (x) {", "function getDefaultExportFromCjs (x) { process.emit('x');", "process.emit"),
    "another external module": ("import require$$1 from 'events';", "import require$$1 from 'child_process';", ""),
    "a name in a module as a whole": ("log: log", "log: isAllowed", ""),
    "code in a module as a whole": ("log: log", "log: process.exit", "process.exit"),
    "a module as a whole that is not frozen alone": ("Object.freeze({\n\t__proto__: null,\n\tisAllowed", "Object.assign({\n\t__proto__: null,\n\tisAllowed", "Object.assign"),
    "another module as a whole": ("report(tools, answer);", "report(parserExports, answer);", ""),
    "other data": ('"<": "&lt;"', '"<": "<"', ""),
    "data that is used otherwise": ("var tables = require$$0;", "var tables = require$$1;", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ROLLUP)
def test_what_was_done_to_a_bundle_of_rollup_is_shown(tracers, name):
    check(tracers, "rollup", *ROLLUP[name])


def check(tracers, form: str, old: str, new: str, shown: str) -> None:
    """What was replaced in one of the files is among what is shown. What has no genuine runtime is shown as a whole."""
    files = bundle(form)
    changed = {path: text.replace(old, new, 1) for path, text in files.items()}
    assert changed != files
    results = traced(tracers, changed)
    pieces = [piece for one in results for piece in one.pieces]
    assert sum(one.untraced for one in results) > 0
    assert pieces
    assert any(shown in piece.text for piece in pieces), pieces
    assert len(pieces) <= 40, pieces
