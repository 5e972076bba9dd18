"""Which projects a source has, as data: scripts, chains of extends, references, and aliases."""

from __future__ import annotations

import pytest

from provenly.verify.explain.jsonc import config, plain
from provenly.verify.explain.projects import Projects
from provenly.verify.explain.source_tree import source_tree
from provenly.verify.explain.tsc_commands import calls
from provenly.verify.explain.twins import TYPED, is_bait, same_module, twin
from tests.verify.explain.scenes import scene

PACKAGE = {"dist/index.js": "x\n"}
MANIFEST = {"name": "left-pad", "version": "1.3.0"}


def projects(tree, directory=""):
    return Projects(scene(PACKAGE, tree, directory)).found()


def with_script(script: str, **more: object) -> dict[str, object]:
    return {**MANIFEST, "scripts": {"build": script}, **more}


@pytest.mark.parametrize(
    ("script", "configs"),
    [
        ("tsc", ["tsconfig.json"]),
        ("rm -rf dist && tsc && chmod +x dist/index.js", ["tsconfig.json"]),
        ("npx tsc -p tsconfig.build.json", ["tsconfig.build.json"]),
        ("tsc --project ./config/", ["config/tsconfig.json"]),
        ("node_modules/.bin/tsc -p a.json; pnpm tsc -p b.json", ["a.json", "b.json"]),
        ('concurrently "tsc -p esm.json" "tsc -p cjs.json"', ["esm.json", "cjs.json"]),
        ("tsc -b packages/a packages/b", ["packages/a/tsconfig.json", "packages/b/tsconfig.json"]),
        ("tsc --noEmit", []),
        ("tsc -p $CONFIG", []),
        ("tsc src/index.ts --outDir dist", []),
        ("echo etsc", []),
        ("tsc-alias", []),
        ("tsup && vite build", []),
        ("cd cli && tsc -p build.json && cd ../server; tsc", ["cli/build.json", "server/tsconfig.json"]),
        ("(cd cli && tsc) && tsc", ["cli/tsconfig.json", "tsconfig.json"]),
        ("cd .. && tsc", ["../tsconfig.json"]),
        ("tsc -b --clean; tsc --showConfig -p a.json; tsc --init", []),
        ("tspc -p a.json && npx tsgo -p b.json && vue-tsc -p c.json", ["a.json", "b.json", "c.json"]),
        ("tsc 'unclosed", []),
    ],
)
def test_calls_of_the_compiler_are_read_from_scripts(script, configs):
    found = [call.config for call in calls(with_script(script))]
    assert found == configs or (script.endswith("'unclosed") and len(found) <= 1)


def test_options_of_the_command_line_are_read():
    (call,) = calls(with_script("tsc --outDir dist/cjs --module commonjs --declaration false --sourceMap -t ES2020"))
    assert call.options == {
        "outDir": "dist/cjs",
        "module": "commonjs",
        "declaration": False,
        "sourceMap": True,
        "target": "ES2020",
    }


def test_the_commands_of_wireit_are_read_where_a_script_only_calls_it():
    manifest = {
        "scripts": {"build": "wireit", "test": "tsc -p test.json"},
        "wireit": {"build": {"dependencies": ["x"], "command": "tsc -p lib.json"}, "x": {"command": 7}, "y": "tsc"},
    }
    assert [call.config for call in calls(manifest)] == ["lib.json", "test.json"]


def test_one_configuration_that_is_called_with_different_options_is_two_projects():
    tree = {
        "package.json": with_script("tsc --outDir dist/esm && tsc --outDir dist/cjs --module commonjs && tsc --watch"),
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}',
    }
    assert [project.out for project in projects(tree)] == ["dist/esm", "dist/cjs", "dist"]


def test_packages_that_are_packed_in_another_are_read_from_their_own_manifests():
    package = {"cli/build/cli.js": "x\n", "server/build/a/b.js": "x\n", "dist/index.js": "x\n"}
    tree = {
        "package.json": with_script("npm run build --workspaces"),
        "cli/package.json": {"scripts": {"build": "tsc -p tsconfig.build.json --outDir build"}},
        "cli/tsconfig.build.json": '{"compilerOptions": {}}',
        "server/tsconfig.json": '{"compilerOptions": {"outDir": "build"}}',
        "other/tsconfig.json": '{"compilerOptions": {"outDir": "build"}}',
    }
    found = Projects(scene(package, tree)).found()
    assert [(project.config, project.out) for project in found] == [
        ("cli/tsconfig.build.json", "cli/build"),
        ("server/tsconfig.json", "server/build"),
    ]


def test_what_a_configuration_extends_is_handed_over_wherever_it_lies():
    tree = {
        "js/packages/a/package.json": with_script("tsc"),
        "js/packages/a/tsconfig.json": '{"extends": "../../base.esm.json", "include": ["src"]}',
        "js/base.esm.json": '{"extends": "./common"}',
        "js/common.json": '{"compilerOptions": {"declaration": true}}',
        "js/other.json": "{}",
        "js/packages/a/src/a.ts": "1;",
    }
    source = scene(PACKAGE, tree, "js/packages/a")
    (project,) = Projects(source).found()
    assert project.chain == ("js/packages/a/tsconfig.json", "js/base.esm.json", "js/common.json")
    handed = source_tree(source, [project], {})
    assert {path for path in handed if path.endswith(".json") and "package" not in path.split("/")[-1]} == {
        *project.chain
    }


def test_paths_of_a_command_are_from_where_it_is_run():
    tree = {
        "package.json": with_script("cd packages/a && tsc -p cfg/x.json --outDir lib"),
        "packages/a/package.json": MANIFEST,
        "packages/a/cfg/x.json": '{"files": []}',
    }
    (project,) = projects(tree, "packages/a")
    assert project.out == "packages/a/lib"


def test_the_directory_of_the_configuration_is_that_of_the_last_one():
    tree = {
        "packages/a/package.json": with_script("tsc"),
        "packages/a/tsconfig.json": '{"extends": "../../base.json"}',
        "base.json": '{"compilerOptions": {"outDir": "${configDir}/dist", "paths": {"@/*": ["${configDir}/src/*"]}}}',
    }
    (project,) = projects(tree, "packages/a")
    assert project.out == "packages/a/dist"
    assert project.options["paths"] == {"@/*": ("packages/a/src/*",)}


def test_what_scripts_build_comes_before_what_is_only_there_and_tests_last():
    tree = {
        "package.json": with_script("tsc -p tsconfig.release.json"),
        **dict.fromkeys(("tsconfig.json", "tsconfig.test.json", "tsconfig.release.json", "tsconfig.build.json"), "{}"),
        "sub/tsconfig.json": "{}",
    }
    # An empty configuration says nothing: it is no project.
    assert projects(tree) == ()
    tree |= {path: '{"compilerOptions": {}}' for path in tree if path.endswith(".json") and path != "package.json"}
    found = [project.config for project in projects(tree)]
    assert found == ["tsconfig.release.json", "tsconfig.build.json", "tsconfig.json", "tsconfig.test.json"]


def test_a_chain_is_followed_through_files_and_the_last_word_counts():
    tree = {
        "packages/a/package.json": with_script("tsc"),
        "packages/a/tsconfig.json": '{"extends": ["../../base", "../../c"], "compilerOptions": {"outDir": "dist"}}',
        "base.json": '{"compilerOptions": {"target": "es2020", "module": "node16", "outDir": "everywhere"}}',
        "c.json": '{"extends": "./deep.json", "compilerOptions": {"target": "es2022"}}',
        "deep.json": '{"compilerOptions": {"strict": true, "target": "es5"}} // its end',
    }
    (project,) = projects(tree, "packages/a")
    assert project.options == {"target": "es2022", "module": "node16", "strict": True, "outDir": "packages/a/dist"}
    assert project.out == "packages/a/dist"


def test_a_chain_goes_through_a_package_of_the_repository():
    tree = {
        "packages/a/package.json": with_script("tsc"),
        "packages/a/tsconfig.json": '{"extends": "@left/config/node.json", "compilerOptions": {}}',
        "tools/config/package.json": {"name": "@left/config"},
        "tools/config/node.json": '{"compilerOptions": {"target": "es2021"}}',
    }
    found = Projects(scene(PACKAGE, tree, "packages/a"))
    assert [project.options for project in found.found()] == [{"target": "es2021"}]
    assert set(found.foreign) == {"node_modules/@left/config/package.json", "node_modules/@left/config/node.json"}


def test_a_fixture_with_the_name_of_a_package_is_not_that_package():
    tree = {
        "tsconfig.json": '{"extends": "@left/config"}',
        "test/fixtures/config/package.json": '{"name": "@left/config", "version": "1.0.0"}',
        "test/fixtures/config/tsconfig.json": '{"compilerOptions": {"jsxFactory": "evil"}}',
    }
    (project,) = projects(tree)
    assert "jsxFactory" not in project.options
    assert len(project.chain) == 1
    moved = {path.replace("test/fixtures", "packages"): text for path, text in tree.items()}
    assert projects(moved)[0].options["jsxFactory"] == "evil"
    entry = {"version": "1.0.0", "integrity": f"sha512-{'A' * 86}=="}
    lock = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/@left/config": entry}}
    assert "jsxFactory" not in projects({**moved, "package-lock.json": lock})[0].options


def test_a_chain_that_turns_around_ends():
    tree = {
        "tsconfig.json": '{"extends": "./a.json"}',
        "a.json": '{"extends": "./tsconfig.json", "compilerOptions": {}}',
    }
    assert [project.config for project in projects(tree)] == ["tsconfig.json"]


def test_without_a_registry_an_npm_package_is_unknown():
    tree = {"tsconfig.json": '{"extends": "@tsconfig/node20", "compilerOptions": {"outDir": "dist"}}'}
    assert [project.options for project in projects(tree)] == [{"outDir": "dist"}]


def test_what_a_build_refers_to_is_built_inside_the_package_only():
    tree = {
        "packages/a/package.json": with_script("tsc -b"),
        "packages/a/tsconfig.json": '{"references": [{"path": "./lib"}, {"path": "../b"}]}',
        "packages/a/lib/tsconfig.json": '{"compilerOptions": {"outDir": "../dist"}}',
        "packages/b/tsconfig.json": '{"compilerOptions": {"outDir": "../a/dist"}}',
    }
    assert [project.config for project in projects(tree, "packages/a")] == [
        "packages/a/tsconfig.json",
        "packages/a/lib/tsconfig.json",
    ]


def test_paths_of_the_command_line_are_from_the_package():
    tree = {
        "packages/a/package.json": with_script("tsc -p cfg/x.json --outDir lib"),
        "packages/a/cfg/x.json": '{"files": []}',
    }
    (project,) = projects(tree, "packages/a")
    assert project.overrides == {"outDir": "/packages/a/lib"}
    assert project.out == "packages/a/lib"


def test_comments_and_trailing_commas_are_no_part_of_the_data():
    text = b'{ // a "b"\n "x": "// no, /* no */ ,}", /* , */ "y": [1, 2, ], }'
    assert config(text, "a") == {"x": "// no, /* no */ ,}", "y": (1, 2)}
    assert plain(b'{"a": "\\",}"}') == b'{"a": "\\",}"}'


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a": 1, "a": 2}', b"\xff", b"/* open"])
def test_a_configuration_that_has_no_one_meaning_is_empty(text):
    assert config(text, "a") == {}


def test_the_tree_has_what_the_compiler_needs_and_nothing_else():
    tree = {
        "package.json": {"type": "module"},
        "packages/a/package.json": MANIFEST,
        "packages/a/tsconfig.json": '{"extends": "../../tsconfig.base.json", "include": ["src", "../shared/**/*"]}',
        "tsconfig.base.json": '{"compilerOptions": {"outDir": "dist"}}',
        "packages/a/src/index.ts": 'import data from "./data.json";\n',
        "packages/a/src/data.json": "{}",
        "packages/a/src/other.json": "{}",
        "packages/a/src/helper.js": "",
        "packages/a/node_modules/x/index.d.ts": "",
        "packages/a/src/huge.ts": " " * 1_500_001,
        "packages/shared/util.ts": "",
        "packages/b/index.ts": "",
        "packages/a/README.md": "",
    }
    place = scene(PACKAGE, tree, "packages/a")
    found = Projects(place)
    handed = source_tree(place, found.found(), found.foreign)
    assert set(handed) == {
        "package.json",
        "packages/a/package.json",
        "packages/a/tsconfig.json",
        "tsconfig.base.json",
        "packages/a/src/index.ts",
        "packages/a/src/data.json",
        "packages/shared/util.ts",
    }


@pytest.mark.parametrize(
    ("packed", "sources", "expected"),
    [
        ("dist/index.js", ["src/index.ts"], "src/index.ts"),
        ("dist/index.js", ["src/index.ts", "index.ts"], "src/index.ts"),
        ("dist/index.js", ["index.ts"], "index.ts"),
        ("dist/cjs/a/b.js", ["src/a/b.ts"], "src/a/b.ts"),
        ("dist/commonjs/a.js", ["src/a.tsx"], "src/a.tsx"),
        ("dist/src/a.js", ["src/a.ts"], "src/a.ts"),
        ("a.js", ["src/a.ts"], "src/a.ts"),
        ("dist/a.cjs", ["src/a.cts", "src/a.ts"], "src/a.cts"),
        ("dist/index.js", ["test/index.ts", "examples/index.ts", "src/tools/index.ts"], ""),
        ("dist/tools/index.js", ["src/index.ts"], ""),
        ("dist/a.js", ["dist2/a.ts"], ""),
    ],
)
def test_the_source_of_a_compiled_file_by_its_path(packed, sources, expected):
    place = scene({packed: "x\n"}, dict.fromkeys(sources, "y\n"))
    assert twin(place, packed, TYPED) == expected


def test_forms_of_one_module():
    assert same_module("index.js", "dist/index.js")
    assert same_module("dist/esm/a.js", "dist/a.js")
    assert not same_module("dist/a/index.js", "dist/index.js")
    assert not same_module("dist/index.js", "dist/fixtures/index.js")


def test_a_fixture_is_bait():
    place = scene(PACKAGE, {})
    assert is_bait(place, "test/fixtures/index.ts", "dist/index.js")
    assert not is_bait(place, "src/templates/index.ts", "dist/templates/index.js")
    assert not is_bait(place, "src/index.ts", "dist/index.js")
