import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.esbuild import flags

OURS = ("--metafile", "--log-level=silent", "--log-limit=50", "--color=false")


def build(*arguments, directory="pkg"):
    return flags.for_build(["src/a.ts", "--outdir=dist", *arguments], directory)


GOOD = [
    "--bundle",
    "--bundle=false",
    "--minify",
    "--splitting",
    "--keep-names",
    "--sourcemap",
    "--sourcemap=inline",
    "--format=esm",
    "--platform=node",
    "--target=node18,es2022",
    "--packages=external",
    "--external:zod",
    "--external:*.node",
    "--external:a=b",
    "--define:process.env.X='y'",
    "--define:X=--outfile=/etc/passwd",
    "--banner:js=#!/usr/bin/env node\n",
    "--banner:js=/* http://x/../../../y */",
    "--footer:css=x",
    "--loader:.md=text",
    "--out-extension:.js=.mjs",
    "--alias:node:fs=fs",
    "--alias:x=./src/x",
    "--alias:y=../shared/y",
    "--inject:src/shim.ts",
    "--inject:../shared/shim.js",
    "--tsconfig=tsconfig.build.json",
    "--tsconfig=../tsconfig.json",
    '--tsconfig-raw={"compilerOptions":{"extends_":1}}',
    "--outbase=src",
    "--outfile=../out/x.js",
    "--entry-names=[dir]/[name]-[hash]",
    "--main-fields=module,main",
    "--conditions=worker",
    "--legal-comments=none",
    "--supported:arrow=false",
    "--drop:console",
    "--pure:console.log",
    "--tree-shaking=true",
    "--jsx=automatic",
    "--mangle-props=_$",
    "--public-path=/static",
    "--source-root=/src",
]


@pytest.mark.parametrize("flag", GOOD)
def test_what_decides_about_the_output_is_passed_on(flag):
    assert build(flag).flags == ("--outdir=dist", flag, *OURS)


@pytest.mark.parametrize(
    "flag",
    [
        "--log-level=verbose",
        "--log-override:empty-import-meta=silent",
        "--log-limit=0",
        "--color",
        "--analyze",
        "--analyze=verbose",
        "--metafile=/tmp/x.json",
        "--metafile",
    ],
)
def test_what_says_only_what_is_reported_is_left_out(flag):
    assert build(flag).flags == ("--outdir=dist", *OURS)


@pytest.mark.parametrize(
    "argument",
    [
        "--serve",
        "--serve=0.0.0.0:80",
        "--servedir=.",
        "--watch",
        "--watch=forever",
        "--watch-delay=1",
        "--mangle-cache=x.json",
        "--abs-paths=code",
        "--service=0.25.0",
        "--ping",
        "--heap=x",
        "--trace=x",
        "--cpuprofile=x",
        "--timing",
        "--version",
        "--help",
        "--unknown",
        "--",
        "-o",
        "-",
        "--outdir",
        "--outdir:x",
        "--bundle=maybe",
        "--define",
        "--define:X",
        "--loader=ts",
        "--sourcefile=x",
        "--alias:x",
        "--outdir=/tmp",
        "--outdir=../..",
        "--outdir=dist/../../../x",
        "--outfile=/etc/passwd",
        "--outbase=/",
        "--tsconfig=/etc/tsconfig.json",
        "--tsconfig=../../tsconfig.json",
        '--tsconfig-raw={"extends":"./x"}',
        '--tsconfig-raw={"\\u0065xtends":""}',
        "--inject:/etc/passwd",
        "--inject:../../x.js",
        "--alias:x=/etc/passwd",
        "--alias:x=../../y",
        "--entry-names=../../[name]",
        "--chunk-names=/tmp/[name]",
        "--asset-names=a/../../[name]",
        "/etc/passwd",
        "../../x.ts",
        "src/../../../x.ts",
        "out=/etc/passwd",
        "../../../out=src/a.ts",
        "/out=src/a.ts",
        "--define:X=\0",
        "src/\ud800.ts",
    ],
)
def test_everything_else_is_refused(argument):
    with pytest.raises(MalformedError) as caught:
        build(argument)
    assert caught.value.code == "ESBUILD_FLAG"


@pytest.mark.parametrize("directory", ["..", "/", "a/../..", "../a", "a\udcff", "a\0"])
def test_a_folder_outside_of_the_tree_is_refused(directory):
    with pytest.raises(MalformedError):
        build(directory=directory)


def test_entry_points_may_name_their_output():
    assert build("cli=src/b.ts", "src/c=d=e.ts").entries == (("", "src/a.ts"), ("cli", "src/b.ts"), ("src/c", "d=e.ts"))


@pytest.mark.parametrize("arguments", [["a.ts"], ["--outdir=x"], ["--bundle"], []])
def test_without_an_entry_point_or_a_place_for_the_output_there_is_nothing_to_do(arguments):
    with pytest.raises(MalformedError) as caught:
        flags.for_build(arguments, "")
    assert caught.value.code == "ESBUILD_FLAG"


@pytest.mark.parametrize("extra", [["--minify"] * 5_000, ["--banner:js=" + "x" * 1_000_000]])
def test_too_many_arguments_are_refused(extra):
    with pytest.raises(MalformedError):
        build(*extra)


@pytest.mark.parametrize("flag", ["--minify-syntax", "--target=node18", "--loader=tsx", "--define:A=1", "--format=esm"])
def test_a_single_file_has_flags_of_its_own(flag):
    assert flags.for_transform([flag, "--log-level=info"]) == (flag, *OURS[1:])


@pytest.mark.parametrize(
    "flag", ["--bundle", "--outfile=x", "--tsconfig=x", "--inject:x", "--alias:a=b", "x.ts", "--serve"]
)
def test_a_single_file_has_no_flags_about_files(flag):
    with pytest.raises(MalformedError) as caught:
        flags.for_transform([flag])
    assert caught.value.code == "ESBUILD_FLAG"
