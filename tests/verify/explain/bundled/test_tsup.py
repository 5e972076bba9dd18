"""What tsup asks of esbuild, against what its source says (github.com/egoist/tsup, versions 6.7 to 8.5)."""

import pytest

from provenly.verify.explain.bundled import tsup, tsup_flags
from provenly.verify.explain.bundled.values import Function, Pattern

MANIFEST = {
    "type": "module",
    "dependencies": {"zod": "^3"},
    "peerDependencies": {"react": "*"},
    "devDependencies": {"ms": "2"},
}


def build(format_="esm", *, version="8.5.0", manifest=None, target="", **options):
    around = tsup.Surrounding(directory="", manifest=manifest or MANIFEST, version=version, target=target)
    made = tsup.build(options, format_, ["src/index.ts"], around, "tsup.config.ts")
    assert made is not None
    return made


def flags(*args, **options):
    return build(*args, **options).arguments


def values(name, *args, **options):
    return [word.partition("=")[2] for word in flags(*args, **options) if word.startswith(f"--{name}=")]


def test_dependencies_and_peers_stay_outside():
    assert [word for word in flags(removeNodeProtocol=False) if word.startswith("--external")] == [
        "--external:zod",
        "--external:react",
    ]


@pytest.mark.parametrize("inside", [("zod",), Pattern(source="^zod$"), (Pattern(source=".*"),)])
def test_what_is_not_to_stay_outside_comes_in(inside):
    assert "--external:zod" not in flags(noExternal=inside)


def test_external_adds_names_and_patterns():
    assert {"--external:fsevents", "--external:ms"} < set(flags(external=("fsevents", Pattern(source="^m"))))


def test_the_target_is_the_option_else_that_of_the_project_else_node16():
    assert values("target", target="ES2022") == ["es2022"]
    assert values("target") == ["node16"]
    around = tsup.Surrounding(directory="", manifest={}, target="ES2022")
    made = tsup.build({"target": ("node18", "es2020")}, "esm", ["a.ts"], around, "o")
    assert made is not None
    assert "--target=node18,es2020" in made.arguments


@pytest.mark.parametrize(
    ("type_", "format_", "ending"),
    [
        ("module", "esm", ".js"),
        ("module", "cjs", ".cjs"),
        ("", "esm", ".mjs"),
        ("", "cjs", ".js"),
        ("", "iife", ".global.js"),
    ],
)
def test_the_ending_follows_the_type_of_the_package(type_, format_, ending):
    assert f"--out-extension:.js={ending}" in flags(format_, manifest={"type": type_})


def test_a_function_says_the_ending_for_each_format():
    endings = Function(answers={"esm": {"js": ".esm.js"}, "cjs": {}})
    assert "--out-extension:.js=.esm.js" in flags(outExtension=endings)
    assert "--out-extension:.js=.cjs" in flags("cjs", outExtension=endings)


@pytest.mark.parametrize(
    ("format_", "version", "options", "taken"),
    [
        ("esm", "8.5.0", {}, True),
        ("esm", "8.4.0", {}, False),
        ("cjs", "8.4.0", {}, True),
        ("cjs", "7.2.0", {}, True),
        ("esm", "8.5.0", {"removeNodeProtocol": False}, False),
        ("esm", "", {}, True),
    ],
)
def test_the_protocol_of_node_is_taken_off(format_, version, options, taken):
    assert ("--alias:node:fs=fs" in flags(format_, version=version, **options)) is taken


def test_modules_that_esbuild_knows_by_their_prefix_alone_stay_outside():
    assert {"--alias:node:sqlite=sqlite", "--external:sqlite", "--external:readline/promises"} < set(flags())
    assert "--external:fs" not in flags()


def test_splitting_is_for_es_modules():
    assert "--splitting" in flags()
    assert "--splitting" not in flags(splitting=False)
    assert "--splitting" not in flags("cjs")


def test_maps_are_written_by_tsup_itself():
    assert (build(sourcemap=True).map_line, build(sourcemap="inline").map_line, build().map_line) == (
        "file",
        "inline",
        "",
    )
    assert values("sourcemap", sourcemap=True) == ["external"]


def test_definitions_and_environment():
    made = flags("cjs", env={"A": "x", "B": 1}, define={"V": '"1"'}, shims=True)
    assert {'--define:TSUP_FORMAT="cjs"', '--define:process.env.A="x"', "--define:process.env.B=1"} < set(made)
    assert {'--define:V="1"', "--define:import.meta.url=importMetaUrl", '--define:import.meta.env.A="x"'} < set(made)


def test_shims_come_from_the_package_of_tsup():
    assert (build("cjs", shims=True).shims, build(shims=True).shims) == ("assets/cjs_shims.js", "assets/esm_shims.js")
    assert build(shims=True, platform="browser").shims == ""


def test_options_that_a_function_sets_are_added():
    made = flags(esbuildOptions=Function(answers={"esm": {"banner": {"js": "//x"}, "define": {"A": "1"}}}))
    assert {"--banner:js=//x", "--define:A=1", '--define:TSUP_FORMAT="esm"'} < set(made)


@pytest.mark.parametrize(
    ("options", "format_", "why"),
    [
        ({"treeshake": True}, "esm", "rollup"),
        ({"minify": "terser"}, "esm", "terser"),
        ({"splitting": True}, "cjs", "sucrase"),
        ({"target": "es5"}, "esm", "swc"),
    ],
)
def test_what_esbuild_alone_cannot_do_is_said(options, format_, why):
    (said,) = tsup.refusals(options, format_)
    assert why in said
    assert tsup.refusals({}, format_) == ()


def test_members_that_are_not_known_are_named():
    assert build(esbuildPlugins=({"name": "x"},), wonder=1).left_out == ("esbuildPlugins", "wonder")


def test_the_command_line():
    words = [
        "src/a.ts",
        "--format",
        "esm,cjs",
        "--out-dir=lib",
        "--no-splitting",
        "--minify",
        "--env.NODE_ENV",
        "production",
    ]
    assert tsup_flags.options(words) == {
        "format": ("esm", "cjs"),
        "outDir": "lib",
        "splitting": False,
        "minify": True,
        "env": {"NODE_ENV": "production"},
        "entry": ("src/a.ts",),
    }
    assert tsup_flags.options(["-d", "x", "--", "--stdio"]) == {"outDir": "x"}
    assert tsup_flags.options(["--loader", ".sql=text"]) == {"loader": {".sql": "text"}}
