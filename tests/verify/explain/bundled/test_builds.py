"""Which packed files a call of esbuild may have written: for no others is it made."""

import pytest

from provenly.verify.explain.bundled.builds import Build

ENTRY = "src/index.ts"


def build(*arguments: str, out: str = "dist", single: bool = False) -> Build:
    return Build(tool="esbuild", origin="", directory="", arguments=arguments, out=out, single=single)


@pytest.mark.parametrize(
    ("made", "path", "may"),
    [
        (build(ENTRY), "dist/index.js", True),
        (build(ENTRY), "dist/deep/index.mjs", True),
        (build(ENTRY), "dist/index.global.js", True),
        (build(ENTRY), "dist/index.js.map", True),
        (build(ENTRY), "dist/other.js", False),
        (build(ENTRY), "lib/index.js", False),
        (build(ENTRY), "dist/styles.css", True),
        (build("main=src/index.ts"), "dist/main.js", True),
        (build("main=src/index.ts"), "dist/index.js", False),
        (build("src/*.ts"), "dist/other.js", True),
        (build(ENTRY, "--splitting"), "dist/chunk-ABC.js", True),
        (build(ENTRY, "--entry-names=[hash]"), "dist/ABC.js", True),
        (build(ENTRY, out="dist/cli.js", single=True), "dist/cli.js", True),
        (build(ENTRY, out="dist/cli.js", single=True), "dist/cli.js.map", True),
        (build(ENTRY, out="dist/cli.js", single=True), "dist/cli.css", True),
        (build(ENTRY, out="dist/cli.js", single=True), "dist/index.js", False),
        (build(ENTRY, out="dist/cli.js", single=True), "dist/deep/cli.css", False),
    ],
)
def test_what_a_build_may_write(made: Build, path: str, may: bool) -> None:
    assert made.writes(path) is may
