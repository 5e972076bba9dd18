"""The real TypeScript compiler, over small projects that are made for one question each."""

import contextlib
import json
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.verify.compiler.compilers import Compilers, Transpile
from provenly.verify.compiler.isolate import MIB, Limits
from provenly.verify.compiler.releases import NEWEST_FIFTH, PINNED, nearest
from provenly.verify.network.cache import Cache

pytestmark = pytest.mark.registry

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
OPTIONS = {"target": "es2022", "module": "nodenext", "rootDir": "src", "outDir": "dist"}


def project(sources, *, config=None, package=None, **options):
    files = {"tsconfig.json": json.dumps(config or {"compilerOptions": {**OPTIONS, **options}, "include": ["src"]})}
    files["package.json"] = json.dumps(package or {"type": "module"})
    return {path: text.encode() if isinstance(text, str) else text for path, text in (files | sources).items()}


def emitted(compilers, sources, *, release=NEWEST_FIFTH, overrides=None, libraries=False, **project_options):
    files = project(sources, **project_options)
    result = compilers.program(release, files, "tsconfig.json", overrides=overrides or {}, libraries=libraries)
    return {path: data.decode() for path, data in result.outputs.items()}


def transpiled(compilers, path, source, *, release=NEWEST_FIFTH, module_format="", **options):
    item = Transpile(path=path, source=source.encode(), options=options, module_format=module_format)
    (answer,) = compilers.transpile(release, [item])
    return answer if isinstance(answer, Error) else answer.decode()


@pytest.mark.parametrize("release", PINNED, ids=lambda release: release.version)
def test_every_pinned_release_compiles_a_project_and_a_file(compilers, release):
    sources = {
        "src/index.ts": "import { one, type Two } from './other.js';\nexport const x: Two = one;\n",
        "src/other.ts": "export const one = 1;\nexport type Two = number;\n",
    }
    assert emitted(compilers, sources, release=release) == {
        "dist/index.js": "import { one } from './other.js';\nexport const x = one;\n",
        "dist/other.js": "export const one = 1;\n",
    }
    alone = transpiled(compilers, "a.ts", "export let a: number;", release=release, module="esnext", target="es2022")
    assert alone == "export let a;\n"


def test_an_output_says_which_source_it_comes_from(compilers):
    result = compilers.program(
        NEWEST_FIFTH, project({"src/a/b.ts": "export {}"}, sourceMap=True, declaration=True), "tsconfig.json"
    )
    assert result.origins == dict.fromkeys(("dist/a/b.js", "dist/a/b.js.map", "dist/a/b.d.ts"), ("src/a/b.ts",))
    assert result.diagnostics == ()


def test_a_configuration_is_extended_by_files_and_by_packages(compilers):
    files = project(
        {
            "pkg/tsconfig.json": '{"extends": ["../base.json", "@x/config/strict"], /* such */ "include": ["a.ts"],}',
            "base.json": '{"compilerOptions": {"target": "es5", "removeComments": true}}',
            "node_modules/@x/config/strict.json": '{"compilerOptions": {"target": "es2022", "outDir": "../../o"}}',
            "pkg/a.ts": "// gone\nexport const f = () => 1;",
        }
    )
    result = compilers.program(NEWEST_FIFTH, files, "pkg/tsconfig.json")
    assert result.outputs == {"node_modules/o/a.js": b"export const f = () => 1;\n"}


@pytest.mark.parametrize(
    ("package", "name", "start"),
    [
        ({"type": "module"}, "a.ts", "import "),
        ({"name": "x"}, "a.ts", '"use strict"'),
        ({"name": "x"}, "a.mts", "import "),
        ({"type": "module"}, "a.cts", '"use strict"'),
    ],
)
def test_extension_and_nearest_manifest_decide_the_module_format(compilers, package, name, start):
    source = "import x from 'y'; x();"
    (output,) = emitted(compilers, {f"src/{name}": source}, package=package).values()
    assert output.startswith(start)
    options = {"module": "nodenext", "target": "es2022"}
    alone = transpiled(compilers, f"src/{name}", source, module_format=package.get("type", ""), **options)
    assert alone == output


@pytest.mark.parametrize("release", PINNED, ids=lambda release: release.version)
def test_imports_of_types_go_and_imports_of_values_stay(compilers, release):
    sources = {
        "src/a.ts": "import { T, v, E } from './b.js';\nimport { U } from 'elsewhere';\nimport './c.js';\n"
        "export { T, v } from './b.js';\nexport const x: T | U = [v, E.A];\n",
        "src/b.ts": "export interface T {}\nexport const v = 1;\nexport enum E { A }\n",
        "src/c.ts": "export {};\n",
    }
    assert emitted(compilers, sources, release=release)["dist/a.js"] == (
        "import { v, E } from './b.js';\nimport './c.js';\nexport { v } from './b.js';\nexport const x = [v, E.A];\n"
    )


@pytest.mark.parametrize("release", [PINNED[0], PINNED[-1]], ids=lambda release: release.version)
def test_constant_enumerations_are_inlined(compilers, release):
    sources = {
        "src/a.ts": "import { E } from './b.js';\nexport const x = E.A;\n",
        "src/b.ts": "export const enum E { A = 7 }\n",
    }
    outputs = emitted(compilers, sources, release=release)
    assert outputs["dist/a.js"] == "export const x = 7 /* E.A */;\n"
    assert "enum" not in outputs["dist/b.js"]
    assert "E.A" in emitted(compilers, sources, isolatedModules=True)["dist/a.js"].replace("/*", "")


def test_a_script_that_is_no_module_stays_one(compilers):
    options = {"module": "commonjs", "strict": False, "moduleDetection": "auto"}
    outputs = emitted(compilers, {"src/a.ts": "var x: number = 1;\n", "src/b.ts": "export {}"}, **options)
    assert outputs["dist/a.js"] == "var x = 1;\n"


def test_decorators_record_global_types_by_name(compilers):
    source = "declare const d: any;\nexport class A { @d m(a: Promise<string>, b: Map<string, string>) {} }\n"
    options = {"experimentalDecorators": True, "emitDecoratorMetadata": True}
    assert (
        '__metadata("design:paramtypes", [Promise, Map])'
        in emitted(compilers, {"src/a.ts": source}, **options)["dist/a.js"]
    )


def test_declarations_that_infer_a_global_type_need_the_libraries(compilers):
    sources = {"src/a.ts": "export async function f() { return new Map<string, number>(); }\n"}
    with_libraries = emitted(compilers, sources, declaration=True, libraries=True)
    without = emitted(compilers, sources, declaration=True)
    assert with_libraries["dist/a.d.ts"] == "export declare function f(): Promise<Map<string, number>>;\n"
    assert with_libraries["dist/a.js"] == without["dist/a.js"]


def test_a_referenced_project_is_resolved_by_its_sources_and_not_emitted(compilers):
    files = project(
        {
            "tsconfig.json": json.dumps(
                {"compilerOptions": OPTIONS, "include": ["src"], "references": [{"path": "lib"}]}
            ),
            "lib/tsconfig.json": json.dumps(
                {"compilerOptions": {"composite": True, "outDir": "out"}, "include": ["*.ts"]}
            ),
            "lib/l.ts": "export type T = 1;\nexport const v = 1;\n",
            "src/a.ts": "import { T, v } from '../lib/out/l.js';\nexport const x: T = v;\n",
        }
    )
    assert compilers.program(NEWEST_FIFTH, files, "tsconfig.json").outputs == {
        "dist/a.js": b"import { v } from '../lib/out/l.js';\nexport const x = v;\n"
    }


def test_byte_order_marks_line_ends_and_odd_text_are_kept_as_the_compiler_keeps_them(compilers):
    sources = {
        "src/a.ts": b"\xef\xbb\xbfexport const a = `x\r\ny`;\r\n",
        "src/b.ts": "export const b = '\\ud800', c = 'ä𝒳';\n",
    }
    assert emitted(compilers, sources, emitBOM=True, newLine="crlf") == {
        "dist/a.js": "\ufeffexport const a = `x\r\ny`;\r\n",
        "dist/b.js": "\ufeffexport const b = '\\ud800', c = 'ä𝒳';\r\n",
    }


def test_what_is_off_by_configuration_is_made_all_the_same(compilers):
    sources = {"src/a.ts": "export const a: string = 1;\n"}
    assert emitted(compilers, sources, noEmit=True, noEmitOnError=True, strict=True) == {
        "dist/a.js": "export const a = 1;\n"
    }


def test_overrides_win_over_the_project(compilers):
    outputs = emitted(
        compilers, {"src/a.ts": "export const a = 1;\n"}, overrides={"outDir": "../other", "module": "commonjs"}
    )
    assert list(outputs) == ["other/a.js"]
    assert "exports.a = 1" in outputs["other/a.js"]


def test_faults_of_syntax_are_told_and_what_comes_out_all_the_same_is_given(compilers):
    files = project({"src/a.ts": "export const a = ;\nconst;\n", "src/b.ts": "export {};\n"})
    result = compilers.program(NEWEST_FIFTH, files, "tsconfig.json")
    assert any("src/a.ts: TS1109" in diagnostic for diagnostic in result.diagnostics)
    assert result.outputs["dist/b.js"] == b"export {};\n"


@pytest.mark.parametrize("path", ["missing.json", "src"])
def test_a_configuration_that_is_not_there_is_an_error(compilers, path):
    with pytest.raises(MalformedError) as caught:
        compilers.program(NEWEST_FIFTH, project({"src/a.ts": ""}), path)
    assert caught.value.code == "COMPILER_SOURCE"


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"compilerOptions": 7}',
        b'{"extends": "./tsconfig.json"}',
        b"\xff\xfe",
        b'{"include": [7], "files": "x"}',
    ],
)
def test_a_configuration_that_makes_no_sense_is_an_error_or_says_so(compilers, config):
    files = {**project({"src/a.ts": "export {}"}), "tsconfig.json": config}
    result = None
    with contextlib.suppress(MalformedError):
        result = compilers.program(NEWEST_FIFTH, files, "tsconfig.json")
    assert result is None or result.diagnostics or result.outputs


def test_names_that_every_object_has_are_names_like_others(compilers):
    names = ("__proto__", "constructor", "toString", "hasOwnProperty")
    sources = {f"src/{name}/{name}.ts": f"export const {name} = 1;\n" for name in names}
    polluting = {"__proto__": {"polluted": True, "target": "es5"}, "constructor": {"prototype": {"polluted": True}}}
    config = json.dumps({"compilerOptions": {**OPTIONS, "constructor": 1, "paths": polluting}, "include": ["src"]})
    config = config.replace('"constructor": 1', '"__proto__": {"removeComments": true}')
    outputs = emitted(compilers, {**sources, "tsconfig.json": config})
    assert outputs == {f"dist/{name}/{name}.js": f"export const {name} = 1;\n" for name in names}
    (clean,) = emitted(compilers, {"src/a.ts": "// kept\nexport const a = Object.keys({});\n"}).values()
    assert clean == "// kept\nexport const a = Object.keys({});\n"


@pytest.mark.parametrize(
    ("options", "source", "expected"),
    [
        ({"jsx": "react-jsx", "module": "esnext", "target": "es2022"}, "export const a = <b>c</b>;", '_jsx("b"'),
        (
            {"module": "commonjs", "target": "es2022", "esModuleInterop": True},
            "import a from 'b'; a(); import('c');",
            "Promise.resolve().then(() => __importStar(require('c')))",
        ),
        (
            {"module": "esnext", "target": "es2022", "sourceMap": True},
            "export const a = 1;",
            "//# sourceMappingURL=a.jsx.map",
        ),
        (
            {"module": "esnext", "target": "es2022", "removeComments": True},
            "/* x */ export const a = 1;",
            "export const a = 1;\n",
        ),
        ({"module": "esnext", "target": "es5"}, "export const a = () => 1;", "var a = function () { return 1; };"),
    ],
)
def test_options_are_written_as_in_a_tsconfig(compilers, options, source, expected):
    assert expected in transpiled(compilers, "src/a.tsx", source, **options)


def test_a_declaration_file_alone_makes_nothing(compilers):
    answer = transpiled(compilers, "a.d.ts", "export declare const a: number;")
    assert isinstance(answer, MalformedError)
    assert answer.code == "COMPILER_SOURCE"


def test_a_source_over_the_limit_is_an_error_of_its_own(compilers):
    items = [
        Transpile(path=path, source=source, options={}) for path, source in (("a.ts", bytes(1_500_001)), ("b.ts", b"2"))
    ]
    first, second = compilers.transpile(NEWEST_FIFTH, items)
    assert isinstance(first, MalformedError)
    assert first.code == "COMPILER_INPUT"
    assert second == b"2;\n"


HOSTILE = {
    "parentheses": "(" * 100_000 + "1" + ")" * 100_000,
    "arrays": "[" * 100_000,
    "blocks": "{" * 50_000,
    "types": "let a: " + "A<" * 50_000,
    "templates": "`${" * 50_000,
    "arrows": "a=>" * 50_000 + "1",
    "conditions": "a?" * 50_000,
    "binary": "1" + "+1" * 100_000,
    "members": "a" + ".b" * 100_000,
    "jsx": "<a>" * 20_000,
    "noise": "".join(chr(33 + number * 7919 % 90) for number in range(100_000)),
    "one line": "a;" * 500_000,
    "generics": "f<" * 3_000 + "x",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_sources_are_compiled_or_refused_but_never_hang(registry, source):
    with Compilers(registry, limits=Limits(seconds=6)) as compilers:
        for path in ("a.ts", "a.tsx"):
            answer = transpiled(compilers, path, source)
            assert isinstance(answer, str) or answer.code in {"COMPILER_SOURCE", "COMPILER_TIMEOUT", "COMPILER_MEMORY"}
        assert transpiled(compilers, "b.ts", "let b = 1;", target="es2022") == "let b = 1;\n"


def test_a_project_over_the_time_limit_is_an_error_and_the_next_one_is_not(registry):
    with Compilers(registry, limits=Limits(seconds=4)) as compilers:
        blow_up = "type A<T> = T extends 1 ? [A<T>, A<T>] : T;\n" + "export const f = " + "(x => " * 60 + "x" + ")" * 60
        nested = {
            f"src/{number}.ts": "export const a = [" + "{a:[1," * 400 + "]}" * 400 + "];\n" + "var y;\n" * 60_000
            for number in range(12)
        }
        with pytest.raises(MalformedError) as caught:
            emitted(compilers, {**nested, "src/blow.ts": blow_up}, declaration=True)
        assert caught.value.code in {"COMPILER_TIMEOUT", "COMPILER_MEMORY", "COMPILER_SOURCE"}
        assert emitted(compilers, {"src/a.ts": "export {};\n"}) == {"dist/a.js": "export {};\n"}


def test_too_much_output_is_an_error(registry):
    with Compilers(registry, limits=Limits(output=100_000)) as compilers:
        with pytest.raises(MalformedError) as caught:
            emitted(compilers, {"src/a.ts": "export const a = 1;\n" + "// a comment that stays\n" * 5_000})
        assert caught.value.code == "COMPILER_OUTPUT"
        items = [
            Transpile(path="a.ts", source=b"1;" * 40_000, options={}),
            Transpile(path="b.ts", source=b"2", options={}),
        ]
        first, second = compilers.transpile(NEWEST_FIFTH, items)
        assert isinstance(first, MalformedError)
        assert first.code == "COMPILER_OUTPUT"
        assert second == b"2;\n"


class Nothing:
    """A transport that has nothing, and counts who asks."""

    asked = 0

    def download(self, url, **_):
        self.asked += 1
        raise UnavailableError("the network is off", code="OFFLINE")


def test_what_was_compiled_before_needs_no_compiler(registry, tmp_path):
    sources = {"src/a.ts": "export const a: number = 1;\n"}
    with Compilers(registry, Cache(tmp_path / "cache", NOW)) as first:
        made = emitted(first, sources), transpiled(first, "a.ts", "let a: 1;")
    with Compilers(Nothing(), Cache(tmp_path / "cache", NOW)) as second:
        assert (emitted(second, sources), transpiled(second, "a.ts", "let a: 1;")) == made
        for path, source, options in (
            ("b.ts", "let a: 1;", {}),
            ("a.ts", "let a: 2;", {}),
            ("a.ts", "let a: 1;", {"target": "es5"}),
        ):
            with pytest.raises(UnavailableError) as caught:
                transpiled(second, path, source, **options)
            assert caught.value.code == "COMPILER_UNAVAILABLE"
        for changed in ({**sources, "src/b.ts": ""}, {"src/a.ts": "export const a: number = 2;\n"}):
            with pytest.raises(UnavailableError):
                emitted(second, changed)
        with pytest.raises(UnavailableError):
            emitted(second, sources, release=nearest("5.8"))


def test_a_compiler_that_cannot_be_had_is_asked_for_once():
    transport = Nothing()
    with Compilers(transport) as compilers:
        for _ in range(3):
            with pytest.raises(UnavailableError):
                emitted(compilers, {"src/a.ts": ""})
    assert transport.asked == 1


SAMPLE = {
    "src/index.ts": """#!/usr/bin/env node
import { helper, type Shape } from './lib/helper.js';
import data from './data.json' with { type: 'json' };
import { T, E } from './types.js';
export * from './types.js';
export { T } from './types.js';
/** Says it. */
export const say = async (x: Shape): Promise<T> => ({ ...helper(x), e: E.B, data } as never);
export default class Q<X> {
  #p = 1; static s?: number;
  constructor(private readonly y: X, public z = 2) {}
  get p() { return this.#p ?? this.z; }
}
""",
    "src/lib/helper.ts": """export interface Shape { a?: { b: string }[] }
export function helper(s: Shape) { return s.a?.map(x => x?.b ?? `n${1}`); }
""",
    "src/types.ts": """export type T = { e: E };
export enum E { A = 'a', B = A + 'b' as never, C = 1 << 3 }
export namespace N { export const q = 1; export type O = 1; }
""",
    "src/data.json": '{"a": 1}',
    "src/view.tsx": "export const View = (p: { a: string }) => <><b key='1' {...p}>{p.a} text</b></>;\n",
    "src/old.cts": "import fs = require('fs');\nexport = { read: () => import('./index.js'), fs };\n",
    "src/loose.js": "export const loose = 1;\n",
}


@pytest.mark.node
@pytest.mark.parametrize("version", ["5.2", "5.9", "6.0"])
def test_it_is_what_the_real_tsc_writes_to_a_disk(compilers, registry, tmp_path, version):
    release = nearest(version)
    data = registry.download(
        "https://registry.npmjs.org" + release.path, expected=release.digest, max_bytes=1 << 24, what="typescript"
    )
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        archive.extractall(tmp_path / "tsc", filter="data")
    files = project(
        SAMPLE, resolveJsonModule=True, jsx="react-jsx", sourceMap=True, declaration=True, declarationMap=True,
        allowJs=True, strict=True, esModuleInterop=True, types=[], skipLibCheck=True,
    )  # fmt: skip
    root = tmp_path / "project"
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    tsc = tmp_path / "tsc/package/lib/tsc.js"
    subprocess.run([shutil.which("node"), tsc, "-p", root], cwd=root, capture_output=True, check=False, timeout=300)
    written = {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("dist/**/*") if path.is_file()
    }
    assert len(written) > 20
    result = compilers.program(release, files, "tsconfig.json", libraries=True)
    assert dict(result.outputs) == written
    javascript = {
        path: data
        for path, data in written.items()
        if not path.endswith((".d.ts", ".d.cts", ".d.ts.map", ".d.cts.map"))
    }
    quick = compilers.program(release, files, "tsconfig.json").outputs
    assert {path: quick[path] for path in javascript} == javascript


def test_that_a_project_is_too_much_is_kept_and_that_it_was_slow_is_not(registry, tmp_path):
    large = {f"src/{number}.ts": "export const a = { b: [1, 2, 3] };\n" + "a.b;\n" * 100_000 for number in range(8)}
    for limits, code in (
        (Limits(heap=48 * MIB, seconds=60), "COMPILER_MEMORY"),
        (Limits(seconds=0.3), "COMPILER_TIMEOUT"),
    ):
        for transport in (registry, Nothing()):
            cache = Cache(tmp_path / "cache", NOW)
            with Compilers(transport, cache, limits=limits) as compilers, pytest.raises(Error) as caught:
                emitted(compilers, large)
            lasting = code == "COMPILER_MEMORY" or transport is registry
            assert caught.value.code == (code if lasting else "COMPILER_UNAVAILABLE")


def test_memory_is_limited_for_the_compiler_too(registry):
    with Compilers(registry, limits=Limits(heap=64 * MIB, seconds=40)) as compilers:
        with pytest.raises(MalformedError) as caught:
            emitted(
                compilers,
                {
                    f"src/{number}.ts": "export const a = { b: [1, 2, 3] };\n" + "a.b;\n" * 100_000
                    for number in range(8)
                },
            )
        assert caught.value.code in {"COMPILER_MEMORY", "COMPILER_TIMEOUT"}
