import pytest

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json
from provenly.verify.comparison import manifest
from provenly.verify.comparison.manifest import ABSENT, confusion, differences, examine, load

X = {"name": "x", "version": "1.0.0"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"scripts":{},"scripts":{"install":"node evil.js"}}', "JSON_DUPLICATE_KEY"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "JSON_DEPTH"),
        (b'{"a":' + b"9" * 5_000 + b"}", "JSON_NUMBER"),
        (b'{"a":NaN}', "JSON_SYNTAX"),
        ('{"name":"x"}'.encode("utf-16"), "JSON_ENCODING"),
        (b'{"description":"\\ud800"}', "JSON_SURROGATE"),
        (b'{"scripts\\u0000":{}}', "JSON_CONTROL"),
        (b"{}{}", "JSON_SYNTAX"),
        (b"[]", "MANIFEST_TYPE"),
        (b'"x"', "MANIFEST_TYPE"),
        (b" " * (manifest.MAX_BYTES + 1), "JSON_SIZE"),
    ],
)
def test_a_manifest_that_readers_disagree_about_is_refused(data: bytes, code: str):
    with pytest.raises(MalformedError) as caught:
        load(data, "package.json of x")
    assert caught.value.code == code
    assert "package.json of x" in caught.value.message


def test_a_byte_order_mark_is_skipped_as_npm_does():
    assert load(b'\xef\xbb\xbf{"name":"x"}', "it") == {"name": "x"}


@pytest.mark.parametrize(
    ("left", "right", "texts"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, ["a.b.c: 1 → 2"]),
        ({"a": 1}, {"a": True}, ["a: 1 → true"]),
        ({"a": None}, {}, ["a: null → absent"]),
        ({"a": ("x", "y")}, {"a": ("y", "x")}, ['a: ["x", "y"] → ["y", "x"]']),
        ({"a": {}}, {"a": ()}, ["a: {} → []"]),
        ({"exports": {"a": "1", "b": "2"}}, {"exports": {"b": "2", "a": "1"}}, ['exports: ["a", "b"] → ["b", "a"]']),
    ],
)
def test_differences_name_the_members(left: dict[str, Json], right: dict[str, Json], texts: list[str]):
    assert [change.text for change in differences(left, right)] == texts


def test_a_long_value_is_cut_and_its_length_is_said():
    (change,) = differences({}, {"a": "x" * 10_000})
    assert change.before is ABSENT
    assert len(change.text) < 300
    assert "more characters" in change.text


HONEST: list[tuple[str, dict[str, Json], dict[str, Json]]] = [
    ("a command as a string", {"bin": {"x": "cli.js"}}, {"bin": "./cli.js"}),
    ("a leading ./", {"bin": {"x": "dist/cli.js"}}, {"bin": {"x": "./dist/cli.js"}}),
    ("members of the registry", {"_id": "x@1.0.0", "dist": {}, "gitHead": "a", "maintainers": ()}, {}),
    ("a local tool", {"scripts": {"postinstall": "tsc"}}, {"scripts": {"postinstall": "./node_modules/.bin/tsc"}}),
    ("npm's own install script", {"scripts": {"install": "node-gyp rebuild"}, "gypfile": True}, {}),
    ("npm's own start script", {"scripts": {"start": "node server.js"}}, {}),
    (
        "optional twice",
        {"dependencies": {"a": "1"}, "optionalDependencies": {"a": "1"}},
        {"optionalDependencies": {"a": "1"}},
    ),
    ("empty members", {"dependencies": {}, "scripts": {}}, {}),
    (
        "bundles spelled out",
        {"dependencies": {"a": "1"}, "bundleDependencies": ("a",)},
        {"dependencies": {"a": "1"}, "bundledDependencies": True},
    ),
    ("a shorthand", {"dependencies": {"a": "github:u/a"}}, {"dependencies": {"a": "u/a"}}),
    (
        "git's spelling",
        {"dependencies": {"a": "git+ssh://git@github.com/u/a.git#v1"}},
        {"dependencies": {"a": "git@github.com:u/a.git#v1"}},
    ),
    (
        "cut for packing, restored after",
        {"scripts": {"test": "vitest", "prepare": "husky"}, "devDependencies": {"a": "1"}},
        {},
    ),
    ("an abbreviated document", {"hasInstallScript": True}, {"scripts": {"postinstall": "node x.js"}}),
    (
        "a mirror that trims",
        {},
        {"main": "index.js", "type": "module", "exports": "./index.js", "scripts": {"test": "x"}},
    ),
    ("directories.bin", {"bin": {"a": "bin/a"}, "directories": {"bin": "bin"}}, {"directories": {"bin": "./bin"}}),
    ("build metadata", {}, {"version": "1.0.0+build"}),
]


@pytest.mark.parametrize(("registry", "packed"), [case[1:] for case in HONEST], ids=[case[0] for case in HONEST])
def test_what_publishing_rewrites_is_no_confusion(registry: dict[str, Json], packed: dict[str, Json]):
    assert confusion({**X, **registry}, {**X, **packed}) == ()


LIES: list[tuple[dict[str, Json], dict[str, Json], str]] = [
    ({}, {"name": "y"}, "name"),
    ({}, {"version": "1.0.1"}, "version"),
    ({}, {"version": "1.0.0 || rm -rf"}, "version"),
    ({}, {"name": "x\x1b]0;t\x07"}, "name"),
    ({}, {"scripts": {"postinstall": "node evil.js"}}, "scripts"),
    ({"scripts": {"test": "x"}}, {"scripts": {"test": "x", "preinstall": "node evil.js"}}, "scripts.preinstall"),
    ({"scripts": {"postinstall": "node a.js"}}, {"scripts": {"postinstall": "node b.js"}}, "scripts.postinstall"),
    ({"scripts": {"postinstall": "node a.js"}}, {}, "scripts"),
    ({"scripts": {"install": "node-gyp rebuild"}}, {"scripts": {"install": "node evil.js"}}, "scripts.install"),
    ({"scripts": {"start": "node a.js"}}, {"scripts": {"start": "node evil.js"}}, "scripts.start"),
    ({"hasInstallScript": False}, {"scripts": {"install": "x"}}, "scripts"),
    ({}, {"dependencies": {"evil": "*"}}, "dependencies"),
    ({"dependencies": {"a": "1"}}, {}, "dependencies"),
    ({"dependencies": {"a": "1"}}, {"dependencies": {"a": "npm:evil@1"}}, "dependencies.a"),
    ({"dependencies": {"a": "github:u/a"}}, {"dependencies": {"a": "github:evil/a"}}, "dependencies.a"),
    ({}, {"optionalDependencies": {"evil": "*"}}, "optionalDependencies"),
    ({}, {"peerDependencies": {"evil": "*"}}, "peerDependencies"),
    ({}, {"bundleDependencies": ("evil",)}, "bundleDependencies"),
    ({}, {"bin": {"x": "evil.js"}}, "bin"),
    ({"bin": {"x": "a.js"}}, {"bin": {"x": "evil.js"}}, "bin.x"),
    ({"bin": {"a": "evil.js"}}, {"directories": {"bin": "bin"}}, "bin"),
    ({"main": "a.js"}, {"main": "evil.js"}, "main"),
    ({"exports": {".": "./a.js"}}, {"exports": {".": "./evil.js"}}, "exports.."),
    ({"type": "commonjs"}, {"type": "module"}, "type"),
]


@pytest.mark.parametrize(("registry", "packed", "path"), LIES, ids=[f"{case[2]}-{n}" for n, case in enumerate(LIES)])
def test_what_is_installed_or_run_must_agree(registry: dict[str, Json], packed: dict[str, Json], path: str):
    assert [change.path for change in confusion({**X, **registry}, {**X, **packed})] == [path]


NOTED: list[tuple[dict[str, Json], tuple[str, ...], str]] = [
    ({"Scripts": {"install": "node evil.js"}}, (), "MANIFEST_CASE_KEY"),
    ({"__proto__": {"scripts": {}}}, (), "MANIFEST_PROTO_KEY"),
    ({"config": {"__proto__": 1}}, (), "MANIFEST_PROTO_KEY"),
    ({}, ("binding.gyp",), "INSTALL_IMPLICIT_GYP"),
    ({}, ("other.gyp",), "INSTALL_IMPLICIT_GYP"),
    ({"bin": {"x": "../../evil.js"}}, (), "MANIFEST_PATH_ESCAPE"),
    ({"bin": {"../../../usr/bin/rg": "index.js"}}, (), "MANIFEST_PATH_ESCAPE"),
    ({"bin": {"node": "index.js"}}, (), "BIN_SHADOWS_TOOL"),
    ({"directories": {"bin": "bin"}}, (), "BIN_DIRECTORY"),
    ({"directories": {"bin": "../bin"}}, (), "MANIFEST_PATH_ESCAPE"),
    ({"bundleDependencies": ("left-pad",)}, ("node_modules/left-pad/index.js",), "BUNDLED_DEPENDENCY"),
    ({"dependencies": {"left-pad": "1"}, "bundledDependencies": True}, (), "BUNDLED_DEPENDENCY"),
    ({}, ("node_modules/fs-extra/index.js",), "NESTED_NODE_MODULES"),
    ({}, ("lib/node_modules/@a/b/index.js",), "NESTED_NODE_MODULES"),
    ({"imports": {"#dep": "https://evil.example/x.js"}}, (), "MANIFEST_REMOTE_IMPORT"),
    ({"imports": {"#dep": {"default": ("data:text/javascript,1",)}}}, (), "MANIFEST_REMOTE_IMPORT"),
    ({"dependencies": {"lodash": "npm:evil-lodash@1"}}, (), "DEP_ALIAS"),
    ({"dependencies": {"a": "git+ssh://git@github.com/a/b#main"}}, (), "DEP_NOT_REGISTRY"),
    ({"dependencies": {"a": "a/b"}}, (), "DEP_NOT_REGISTRY"),
    ({"optionalDependencies": {"a": "http://evil.example/x.tgz"}}, (), "DEP_NOT_REGISTRY"),
    ({"dependencies": {"a": "file:../../etc"}}, (), "DEP_NOT_REGISTRY"),
    ({"dependencies": {"a": "workspace:*"}}, (), "DEP_UNRESOLVED"),
    ({}, ("npm-shrinkwrap.json",), "SHRINKWRAP"),
    ({}, ("server.js",), "IMPLICIT_START"),
]


@pytest.mark.parametrize(("members", "paths", "code"), NOTED, ids=[f"{case[2]}-{n}" for n, case in enumerate(NOTED)])
def test_what_is_unusual_is_noted(members: dict[str, Json], paths: tuple[str, ...], code: str):
    assert code in {note.code for note in examine({**X, **members}, ("package.json", *paths))}


def test_an_ordinary_manifest_gets_no_notes():
    ordinary: dict[str, Json] = {
        **X,
        "bin": {"x-server": "dist/index.js"},
        "scripts": {"start": "node server.js", "install": "node-gyp rebuild"},
        "dependencies": {"zod": "^3", "@scope/a": "1.x || 2", "b": "latest"},
        "repository": {"type": "git", "url": "git+https://github.com/a/b.git"},
        "exports": {".": {"types": "./a.d.ts", "default": "./a.js"}},
    }
    assert examine(ordinary, ("package.json", "dist/index.js", "server.js", "binding.gyp")) == ()


BINS: list[dict[str, Json]] = [
    {"name": "x", "bin": "./cli.js"},
    {"name": "@scope/x", "bin": "cli.js"},
    {"name": "x", "bin": {"a": "./dist/../cli.js", "b": "/cli.js", "c": "dist//cli.js"}},
    {"name": "x", "bin": {"a": "../../evil.js", "../../b": "cli.js", "c\\d": "cli.js"}},
    {"name": "x", "bin": {"a": ".\\cli.js", "@s/b": "cli.js"}},
    {"name": "x", "bin": {}},
]


@pytest.mark.node
def test_commands_are_normalised_as_npm_does():
    from tests.simulator.npm_oracle import ask

    script = "const normalize = npm('npm-normalize-package-bin'); return questions.map(q => normalize(q).bin ?? null)"
    answers = ask(script, BINS)
    assert [manifest.normalise(package).get("bin") for package in BINS] == answers
