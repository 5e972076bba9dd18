"""esbuild's options as flags, as its own JavaScript makes them."""

from provenly.verify.explain.bundled.esbuild_options import from_table, from_words, variants
from provenly.verify.explain.bundled.values import UNKNOWN, Pattern

ENTRY = {"entryPoints": ("src/a.ts",), "outfile": "dist/a.js"}


def flags(**options):
    build = from_table({**ENTRY, **options}, "", "build.js")
    assert build is not None
    return [word for word in build.arguments if word.startswith("-")][1:]


def test_a_table_is_a_command_line():
    build = from_table({**ENTRY, "bundle": True, "external": ("zod", "*.node")}, "packages/x", "build.js")
    assert build is not None
    assert build.arguments == ("src/a.ts", "--outfile=dist/a.js", "--bundle", "--external:zod", "--external:*.node")
    assert (build.out, build.single, build.left_out) == ("packages/x/dist/a.js", True, ())
    assert build.entries == ("packages/x/src/a.ts",)


def test_every_kind_of_option_has_its_flag():
    assert flags(minify=True, splitting=False, treeShaking=False) == ["--minify", "--tree-shaking=false"]
    assert flags(target=("node18", "es2020"), format="esm") == ["--target=node18,es2020", "--format=esm"]
    assert flags(define={"A": "1", "B": '"x"'}) == ["--define:A=1", '--define:B="x"']
    assert flags(loader={".sql": "text"}, banner={"js": "//"}) == ["--loader:.sql=text", "--banner:js=//"]
    assert flags(sourcemap=True) == ["--sourcemap"]
    assert flags(sourcemap="inline") == ["--sourcemap=inline"]
    assert flags(alias={"a": "b", "c": "/lib/c.ts"}) == ["--alias:a=b", "--alias:c=./lib/c.ts"]
    assert flags(tsconfigRaw={"compilerOptions": {"strict": True}}) == [
        '--tsconfig-raw={"compilerOptions": {"strict": true}}'
    ]


def test_paths_from_the_root_become_paths_from_the_directory():
    build = from_table(
        {"entryPoints": {"main": "/packages/x/src/a.ts"}, "outdir": "/packages/x/out"}, "packages/x", "b"
    )
    assert build is not None
    assert build.arguments == ("main=src/a.ts", "--outdir=out")
    assert build.out == "packages/x/out"


def test_what_is_not_known_is_left_out_and_named():
    some = {"A": UNKNOWN, "B": '"b"', "C": {"d": UNKNOWN}}
    given = {**ENTRY, "minify": UNKNOWN, "define": some, "plugins": (UNKNOWN,), "strange": 1}
    build = from_table(given, "", "build.js")
    assert build is not None
    assert build.left_out == ("strange", "minify", "define", "plugins")
    assert [flag for flag in build.arguments if flag.startswith("--define:")] == ['--define:B="b"']


def test_the_plugin_that_leaves_packages_outside_is_known():
    build = from_table({**ENTRY, "plugins": ({"name": "node-externals"},)}, "", "build.js")
    assert build is not None
    assert (build.arguments[-1], build.left_out) == ("--packages=external", ())


def test_without_entry_points_or_an_output_there_is_no_build():
    assert from_table({"outfile": "a.js"}, "", "b") is None
    assert from_table({"entryPoints": (Pattern(source="a"),), "outfile": "a.js"}, "", "b") is None
    assert from_table({"entryPoints": ("a.ts",)}, "", "b") is None


def test_what_is_not_known_is_tried_either_way():
    assert [one["minify"] for one in variants({"minify": UNKNOWN})] == [True, False]
    assert len(variants({"minify": UNKNOWN, "sourcemap": UNKNOWN})) == 4
    assert variants({"minify": True}) == ({"minify": True},)


def test_a_command_line_is_passed_on():
    build = from_words(
        ["src/a.ts", "--bundle", "--outdir=dist", "--watch", "--log-level=error"], "", "the script build"
    )
    assert build is not None
    assert build.arguments == ("src/a.ts", "--bundle", "--outdir=dist")
    assert (build.out, build.single, build.folder) == ("dist", False, "dist")
    assert from_words(["src/a.ts", "--bundle"], "", "s") is None
