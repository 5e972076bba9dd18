"""Trees that would lead the real esbuild out of their folder, or beyond its limits."""

import json
import os

import pytest

from provenly.trust.errors import Error, MalformedError
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.process import MIB, Limits
from provenly.verify.esbuild.releases import nearest

pytestmark = pytest.mark.registry

RELEASES = [nearest("0.17.19"), nearest("0.27.3")]
BUNDLE = ("a.js", "--bundle", "--outdir=dist", "--format=esm", "--platform=node")
UP = "../" * 40 + "."
"""As far up as it goes: what follows is as good as absolute."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A folder of the user's, with files that nobody else should read."""
    folder = tmp_path_factory.mktemp("elsewhere").resolve()
    (folder / "secret.js").write_text("export default 'canary';", encoding="utf-8")
    (folder / "tsconfig.json").write_text('{"compilerOptions": {"jsxFactory": "canary"}}', encoding="utf-8")
    text = '{"version": 3, "sources": ["canary.ts"], "sourcesContent": ["canary"], "mappings": "AAAA", "names": []}'
    (folder / "secret.js.map").write_text(text, encoding="utf-8")
    os.mkfifo(folder / "pipe")
    return folder


def script(text, *flags, **others):
    """Return a tree with one script, and what esbuild is asked."""
    return {"a.js": text, **others}, (*BUNDLE, *flags)


def style(text, loader):
    return {"a.css": text}, ("a.css", "--bundle", "--outdir=dist", f"--loader:.map={loader}")


def typed(config, *flags, path="tsconfig.json"):
    text = json.dumps(config)
    return {"a.tsx": "import 'x'; <a/>", path: text}, ("a.tsx", *BUNDLE[1:], "--external:nothing", *flags)


def manifest(path, members, text="import 'x';"):
    return {"a.js": text, "b.js": "1", path: json.dumps(members)}, BUNDLE[:3]


def plug_and_play(location, others=None):
    here = {"packageLocation": "./", "packageDependencies": [["x", "npm:1"]]}
    there = {"packageLocation": location, "packageDependencies": []}
    data = {"packageRegistryData": [[None, [[None, here]]], ["x", [["npm:1", there]]]]}
    sources = {"a.js": "import 'x/secret.js'", ".pnp.data.json": json.dumps(data), **(others or {})}
    return sources, (("b.tsx", "--outdir=dist") if others else BUNDLE)


def mapped(source):
    text = {"version": 3, "sources": [source], "mappings": "AAAA", "names": []}
    return {"a.js": "f();\n//# sourceMappingURL=a.map\n", "a.map": json.dumps(text)}, (*BUNDLE, "--sourcemap")


SAID = {
    "import": script("import x from '%s/secret.js'; x();"),
    "import upwards": script(f"import x from '{UP}%s/secret.js'; x();"),
    "require": script("try { require('%s/secret') } catch {}"),
    "dynamic import": script("import('%s/secret.js')"),
    "device": script("import '/dev/zero';", "--loader:=text"),
    "pipe": script("import '%s/pipe';", "--loader:=text"),
    "text": script("import x from '%s/secret.js.map'; x();", "--loader:.map=text"),
    "file": script("import x from '%s/secret.js.map'; x();", "--loader:.map=file"),
    "copy": script("import x from '%s/secret.js.map'; x();", "--loader:.map=copy"),
    "css url": style("a { background: url(%s/secret.js.map) }", "dataurl"),
    "css import": style("@import '%s/secret.js.map';", "css"),
    "paths": typed({"compilerOptions": {"paths": {"x": ["%s/secret.js"]}}}),
    "extends": typed({"extends": "%s/tsconfig.json"}),
    "extends upwards": typed({"extends": f"{UP}%s/tsconfig.json"}),
    "extends a package": typed({"extends": f"x/{UP}%s/tsconfig.json"}),
    "extends in another": typed({"extends": "%s/tsconfig.json"}, "--tsconfig=b", path="b"),
    "tsconfig of a package": (
        {
            "a.tsx": "<a/>",
            "tsconfig.json": '{"extends": "x"}',
            "node_modules/x/package.json": '{"tsconfig": "%s/tsconfig.json"}',
        },
        ("a.tsx", "--outdir=dist"),
    ),
    "browser map": manifest("package.json", {"browser": {"./b.js": f"{UP}%s/secret.js"}}, "import './b.js'"),
    "source map": script("f();\n//# sourceMappingURL=%s/secret.js.map\n", "--sourcemap"),
    "source map upwards": script(f"f();\n//# sourceMappingURL={UP}%s/secret.js.map\n", "--sourcemap=inline"),
    "source of a source map": mapped("file://%s/secret.js"),
}
"""What is refused as leading outside. ``%s`` becomes the path of a folder outside."""

HELD = SAID | {
    "plug and play": plug_and_play(f"{UP}%s/"),
    "plug and play of configurations": plug_and_play(
        f"{UP}%s/", {"tsconfig.json": '{"extends": "x/tsconfig.json"}', "b.tsx": "<a/>"}
    ),
    "main of a package": manifest("node_modules/x/package.json", {"main": f"{UP}%s/secret.js"}),
    "exports of a package": manifest("node_modules/x/package.json", {"exports": f"./{UP}%s/secret.js"}),
    "imports of a package": manifest("package.json", {"imports": {"#x": f"./{UP}%s/secret.js"}}, "import '#x'"),
}
"""And what esbuild itself may refuse first."""


def build(esbuild, case, folder, release):
    sources, arguments = case
    given = {path: text.replace("%s", str(folder)).encode() for path, text in sources.items()}
    return esbuild.build(release, given, arguments, directory=""), given


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
@pytest.mark.parametrize("name", SAID)
def test_what_leads_out_of_the_tree_is_said_to(esbuild, elsewhere, name, release):
    with pytest.raises(MalformedError) as caught:
        build(esbuild, SAID[name], elsewhere, release)
    assert caught.value.code == "ESBUILD_OUTSIDE"
    assert "canary" not in caught.value.message


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
@pytest.mark.parametrize("name", HELD)
def test_nothing_outside_of_the_tree_gets_in(esbuild, elsewhere, name, release):
    try:
        built, sources = build(esbuild, HELD[name], elsewhere, release)
    except Error as error:
        said = error.message
    else:
        said = "".join(data.decode() for data in built.outputs.values())
        assert set().union(*built.inputs.values()) <= set(sources)
    assert "canary" not in said


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.version)
@pytest.mark.parametrize("text", ["(", "x=", "`${"])
def test_nesting_without_an_end_is_an_error(registry, text, release):
    with Esbuild(registry, limits=Limits(memory=300 * MIB)) as small, pytest.raises(MalformedError) as caught:
        small.build(release, {"a.js": text.encode() * 1_000_000}, BUNDLE, directory="")
    assert caught.value.code == "ESBUILD_MEMORY"


def test_too_much_memory_is_an_error(registry):
    sources = {"a.js": b"import './b.json';", "b.json": b"[" + b",".join([b"{}"] * 3_000_000) + b"]"}
    with Esbuild(registry, limits=Limits(memory=256 * MIB)) as small, pytest.raises(MalformedError) as caught:
        small.build(RELEASES[1], sources, BUNDLE, directory="")
    assert caught.value.code == "ESBUILD_MEMORY"


def test_too_much_output_is_an_error(registry):
    with Esbuild(registry, limits=Limits(output=40_000)) as small, pytest.raises(MalformedError) as caught:
        small.build(RELEASES[1], {"a.js": b"f('%s')" % (b"x" * 50_000)}, BUNDLE, directory="")
    assert caught.value.code == "ESBUILD_OUTPUT"


def test_too_much_time_is_an_error(registry):
    source = b"".join(b"f%d('x', `y`, /z/);\n" % number for number in range(500_000))
    with Esbuild(registry, limits=Limits(seconds=0.2)) as hasty, pytest.raises(MalformedError) as caught:
        hasty.build(RELEASES[1], {"a.js": source}, (*BUNDLE, "--minify"), directory="")
    assert caught.value.code == "ESBUILD_TIMEOUT"
