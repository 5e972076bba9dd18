"""Where a project writes what, and what it writes of single sources: the same bytes that the whole project makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from provenly.trust.errors import Error, MalformedError
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.compiler.installed import Installed
from provenly.verify.compiler.releases import PINNED, nearest
from provenly.verify.compiler.transpilation import Single
from provenly.verify.network.cache import Cache

pytestmark = pytest.mark.registry

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
RELEASE = nearest("5.9.3")
CONFIG = {"target": "es2022", "module": "node16", "outDir": "dist", "sourceMap": True, "declaration": True}
TREE = {
    "package.json": b'{"type": "module"}',
    "tsconfig.json": json.dumps({"compilerOptions": CONFIG, "include": ["src"]}).encode(),
    "src/index.ts": b'import { pad } from "./deep/pad.js";\nexport const main = (text: string): string => pad(text);\n',
    "src/deep/pad.ts": b'export function pad(text: string): string { return text + "\xe2\x82\xac"; }\n',
    "src/deep/types.d.ts": b"export interface A {}\n",
    "test/a.ts": b"export {};\n",
}


def singles(tree, paths):
    return [Single(path=path, source=tree[path], module_format="module") for path in paths]


@pytest.mark.parametrize("release", [PINNED[0], RELEASE, PINNED[-1]], ids=lambda release: release.version)
def test_single_sources_come_out_as_the_project_makes_them(compilers, release):
    config = json.dumps({"compilerOptions": {**CONFIG, "rootDir": "src"}, "include": ["src"]}).encode()
    tree = {**TREE, "tsconfig.json": config}
    outline = compilers.outline(release, tree, "tsconfig.json")
    assert set(outline.outputs) == {"src/index.ts", "src/deep/pad.ts"}
    assert set(outline.outputs["src/deep/pad.ts"]) == {"dist/deep/pad.js", "dist/deep/pad.js.map", "dist/deep/pad.d.ts"}
    made = compilers.emit(release, outline, singles(tree, outline.outputs))
    together = {path: data for one in made for path, data in one.items()}
    assert together == dict(compilers.program(release, tree, "tsconfig.json").outputs)


def test_the_root_is_what_the_sources_have_in_common_or_what_a_release_takes_it_to_be(compilers):
    assert compilers.outline(RELEASE, TREE, "tsconfig.json").outputs["src/index.ts"][0] == "dist/index.js"
    sixth = compilers.outline(PINNED[-1], TREE, "tsconfig.json")
    assert "dist/src/index.js" in sixth.outputs["src/index.ts"]
    given = compilers.outline(RELEASE, TREE, "tsconfig.json", overrides={"rootDir": "/"})
    assert "dist/src/index.js" in given.outputs["src/index.ts"]
    # What no pattern of the project names may be imported; it is there, too.
    assert "test/a.ts" in given.outputs


def test_options_that_make_one_of_many_files_have_no_outline(compilers):
    config = json.dumps({"compilerOptions": {**CONFIG, "emitDecoratorMetadata": True}, "include": ["src"]}).encode()
    assert not compilers.outline(RELEASE, {**TREE, "tsconfig.json": config}, "tsconfig.json").outputs


def test_only_names_count_for_an_outline_and_only_a_source_for_itself(compilers):
    before = compilers.outline(RELEASE, TREE, "tsconfig.json")
    assert compilers.outline(RELEASE, {**TREE, "src/index.ts": b"", "package.json": b"{}"}, "tsconfig.json") == before
    one, two = (compilers.emit(RELEASE, before, singles(TREE, ["src/index.ts"])) for _ in range(2))
    assert one == two


def test_a_source_that_is_too_large_is_an_answer_of_its_own(compilers):
    outline = compilers.outline(RELEASE, TREE, "tsconfig.json")
    items = [*singles(TREE, ["src/index.ts"]), Single(path="src/a.ts", source=b" " * 1_500_001)]
    good, large = compilers.emit(RELEASE, outline, items)
    assert not isinstance(good, Error)
    assert isinstance(large, MalformedError)
    assert large.code == "COMPILER_INPUT"


@pytest.mark.parametrize("config", [b"", b"{", b'{"extends": "./none.json"}', b'{"compilerOptions": {"outDir": 1}}'])
def test_a_configuration_that_is_none_breaks_nothing(compilers, config):
    compilers.outline(RELEASE, {**TREE, "tsconfig.json": config}, "tsconfig.json")
    with pytest.raises(MalformedError) as caught:
        compilers.outline(RELEASE, TREE, "none.json")
    assert caught.value.code == "COMPILER_SOURCE"


class Shelf:
    """Packages that lie beside the sources.

    :ivar asked: how often they were fetched.
    """

    key = "the lockfile"

    def __init__(self, installed):
        self._installed = installed
        self.asked = 0

    def installed(self):
        self.asked += 1
        return self._installed


TYPED = {
    "tsconfig.json": json.dumps({"compilerOptions": {**CONFIG, "rootDir": ".", "types": ["env"]}}).encode(),
    "package.json": b'{"type": "module"}',
    "a.ts": b'import { far } from "far";\nexport const one = far();\nexport const two = env;\n',
}
INSTALLED = {
    "node_modules/.store/far@1.0.0/node_modules/far/package.json": b'{"types": "a.d.ts"}',
    "node_modules/.store/far@1.0.0/node_modules/far/a.d.ts": b'export { far } from "farther";\n',
    "node_modules/.store/farther@1.0.0/node_modules/farther/index.d.ts": b"export function far(): Promise<7>;\n",
    "node_modules/.store/env@1.0.0/node_modules/@types/env/index.d.ts": b"declare const env: 8;\n",
}
LINKS = {
    "node_modules/far": "node_modules/.store/far@1.0.0/node_modules/far",
    "node_modules/@types/env": "node_modules/.store/env@1.0.0/node_modules/@types/env",
    "node_modules/.store/far@1.0.0/node_modules/farther": "node_modules/.store/farther@1.0.0/node_modules/farther",
    "node_modules/loop": "node_modules/loop",
}


def test_packages_beside_the_sources_are_found_through_links(compilers):
    shelf = Shelf(Installed(files=INSTALLED, links=LINKS))
    made = compilers.program(RELEASE, TYPED, "tsconfig.json", libraries=True, packages=shelf)
    assert made.outputs["dist/a.d.ts"] == b"export declare const one: Promise<7>;\nexport declare const two: 8;\n"
    without = compilers.program(RELEASE, TYPED, "tsconfig.json", libraries=True)
    assert without.outputs["dist/a.d.ts"] == b"export declare const one: any;\nexport declare const two: any;\n"
    # Nothing of one request is left for the next.
    assert not {path for path in without.outputs if "node_modules" in path}


def test_packages_are_fetched_for_what_is_not_known_and_what_is_not_final_is_not_kept(registry, tmp_path):
    def asked(*, final):
        shelf = Shelf(Installed(files=INSTALLED, links=LINKS, final=final))
        with Compilers(registry, Cache(tmp_path, NOW)) as compilers:
            compilers.program(RELEASE, TYPED, "tsconfig.json", libraries=True, packages=shelf)
        return shelf.asked

    assert [asked(final=final) for final in (False, True, True, False)] == [1, 1, 0, 0]


def test_a_manifest_that_is_a_source_is_itself_and_not_the_one_that_states_its_format(compilers):
    options = {**CONFIG, "rootDir": ".", "resolveJsonModule": True}
    config = json.dumps({"compilerOptions": options, "include": ["src", "package.json"]}).encode()
    tree = {**TREE, "package.json": b'{"type": "module", "name": "pad"}', "tsconfig.json": config}
    outline = compilers.outline(RELEASE, tree, "tsconfig.json")
    (made,) = compilers.emit(RELEASE, outline, singles(tree, ["package.json"]))
    assert json.loads(made["dist/package.json"]) == {"type": "module", "name": "pad"}


def test_no_file_of_a_tree_takes_the_place_of_the_declarations_of_the_language(compilers):
    config = json.dumps({"compilerOptions": {**CONFIG, "lib": ["es2022"]}, "include": ["src"]}).encode()
    evil = b"declare const evil: { a: 1 };\n"
    names = ("lib.es2022.d.ts", "lib.es2022.full.d.ts", "lib.d.ts", "lib.es5.d.ts")
    tree = {
        "tsconfig.json": config,
        "src/a.ts": b"export const a = evil;\nexport const map = new Map<string, number>();\n",
        **{f".libraries/{name}": evil for name in names},
    }
    made = compilers.program(RELEASE, tree, "tsconfig.json", libraries=True).outputs["dist/a.d.ts"]
    assert made == b"export declare const a: any;\nexport declare const map: Map<string, number>;\n"
