"""What a bundle is said to be made of."""

from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.esbuild.esbuild import Built
from provenly.verify.explain.bundled.made import Made

PLACE = "node_modules/.pnpm/ms@2.1.3/node_modules/ms"
BUILT = Built(
    outputs={"dist/a.js": b"", "dist/chunk.js": b"", "dist/index-X.js": b""},
    inputs={
        "dist/a.js": ("src/a.ts", "src/b.ts", f"{PLACE}/index.js", f"{PLACE}/lib/more.js"),
        "dist/chunk.js": (f"{PLACE}/index.js", "src/b.ts"),
        "dist/index-X.js": (f"{PLACE}/index.js",),
    },
    entries={"dist/a.js": "src/a.ts", "dist/index-X.js": f"{PLACE}/index.js"},
    warnings=(),
)
MADE = Made(
    built=BUILT,
    how="bundles to with esbuild",
    tool="esbuild 0.25.8 by build.js",
    places={PLACE: LockedPackage(name="ms", version="2.1.3", place=PLACE)},
)


def test_the_origin_is_the_entry_point_else_a_source_of_the_repository():
    assert [MADE.origin(path) for path in BUILT.outputs] == ["src/a.ts", "src/b.ts", ""]
    assert MADE.origin("dist/a.js.map") == "src/a.ts"


def test_sources_and_packages_are_counted():
    assert MADE.sentence("dist/a.js") == "bundled by esbuild 0.25.8 by build.js from 2 sources and 1 locked package"
    assert (
        MADE.sentence("dist/index-X.js") == "bundled by esbuild 0.25.8 by build.js from 0 sources and 1 locked package"
    )
