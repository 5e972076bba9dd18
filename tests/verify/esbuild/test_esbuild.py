"""The real esbuild, over small trees that are made for one question each."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.releases import nearest
from provenly.verify.network.cache import Cache

pytestmark = pytest.mark.registry

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
NEWEST, OLDEST = nearest("0.27.3"), nearest("0.17.19")
BUNDLE = ("a.js", "--bundle", "--outdir=dist", "--format=esm", "--platform=node")


def of(sources):
    return {path: text.encode() if isinstance(text, str) else text for path, text in sources.items()}


def build(esbuild, sources, *arguments, release=NEWEST, directory="", links=None):
    return esbuild.build(release, of(sources), arguments or BUNDLE, directory=directory, links=links or {})


def test_a_package_of_a_repository_is_bundled_where_it_lies(esbuild):
    sources = {
        "packages/a/src/index.ts": "import { b } from './b';\nimport fs from 'node:fs';\nimport z from 'zod';\n"
        "import { c } from '../../c';\nexport default [b, fs, z, c];\n",
        "packages/a/src/b.ts": "export const b: number = 1;\n",
        "packages/c.ts": "export const c = 'c' as const;\n",
        "packages/a/package.json": '{"type": "module"}',
    }
    arguments = ("src/index.ts", "--bundle", "--outdir=dist", "--format=esm", "--platform=node", "--external:zod")
    built = build(esbuild, sources, *arguments, "--sourcemap", directory="packages/a")
    assert built.outputs["packages/a/dist/index.js"].decode() == (
        '// src/b.ts\nvar b = 1;\n\n// src/index.ts\nimport fs from "node:fs";\nimport z from "zod";\n\n'
        '// ../c.ts\nvar c = "c";\n\n// src/index.ts\nvar index_default = [b, fs, z, c];\n'
        "export {\n  index_default as default\n};\n//# sourceMappingURL=index.js.map\n"
    )
    parts = ("packages/a/src/b.ts", "packages/a/src/index.ts", "packages/c.ts")
    assert built.inputs == {"packages/a/dist/index.js": parts, "packages/a/dist/index.js.map": parts}
    assert built.entries == {"packages/a/dist/index.js": "packages/a/src/index.ts"}
    mapped = json.loads(built.outputs["packages/a/dist/index.js.map"])
    assert mapped["sources"] == ["../src/b.ts", "../src/index.ts", "../../c.ts"]


@pytest.mark.parametrize("release", [OLDEST, nearest("0.21.5"), NEWEST], ids=lambda release: release.version)
def test_the_place_of_the_tree_is_not_in_the_output(esbuild, release, monkeypatch, tmp_path):
    sources = {
        "src/a.tsx": "import x from './x.png';\nimport('./lazy');\n"
        "export const a = () => <b>{import.meta.url}{__dirname}{x}</b>;\n",
        "src/lazy.ts": "export const lazy = 1;\n",
        "src/x.png": "image",
        "src/b.ts": "import { a } from './a'; console.log(a, require('./cjs'));\n",
        "src/cjs.js": "exports.x = __filename;\n",
    }
    arguments = ["src/a.tsx", "src/b.ts", "--bundle", "--outdir=dist", "--format=esm", "--splitting", "--jsx=automatic"]
    arguments += ["--jsx-dev", "--loader:.png=file", "--sourcemap", "--external:react", "--minify", "--metafile"]
    first = build(esbuild, sources, *arguments, release=release)
    (tmp_path / "a" / "deeper").mkdir(parents=True)
    monkeypatch.setattr("provenly.verify.esbuild.tree.MEMORY", tmp_path / "none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "a" / "deeper"))
    second = build(esbuild, sources, *arguments, release=release)
    assert first.outputs == second.outputs
    assert len(first.outputs) > 5
    assert not any(b".tmp-" in data for data in first.outputs.values())


def test_installed_packages_are_bundled_through_their_links(esbuild):
    store = "node_modules/.pnpm/foo@1.0.0/node_modules/foo"
    sources = {
        "a.js": "import 'foo';\nimport 'foo/sub';",
        f"{store}/package.json": '{"name": "foo", "exports": {".": "./i.js", "./sub": "./s.js"}}',
        f"{store}/i.js": "console.log('foo', require('bar'));",
        f"{store}/s.js": "console.log('sub');",
        "node_modules/.pnpm/foo@1.0.0/node_modules/bar/index.js": "module.exports = 'bar';",
    }
    for flags in ((), ("--preserve-symlinks",)):
        linked = {"node_modules/foo": store, "node_modules/bar": "node_modules/.pnpm/foo@1.0.0/node_modules/bar"}
        built = build(esbuild, sources, *BUNDLE, *flags, links=linked)
        assert built.inputs["dist/a.js"] == tuple(sorted(path for path in sources if not path.endswith(".json")))


def test_made_up_inputs_and_suffixes_are_no_files(esbuild):
    sources = {
        "a.js": "import 'data:text/javascript,console.log(1)';\nimport './b.js?x';\nimport './b.js#y';\n"
        "import 'foo';\nconsole.log(OBJECT);",
        "b.js": "console.log(2);",
        "node_modules/foo/package.json": '{"main": "i.js", "browser": {"./x.js": false}}',
        "node_modules/foo/i.js": "require('./x.js');",
        "node_modules/foo/x.js": "",
    }
    built = build(esbuild, sources, "a.js", "--bundle", "--outdir=dist", '--define:OBJECT={"a": 1}')
    assert built.inputs["dist/a.js"] == ("a.js", "b.js", "node_modules/foo/i.js")


def test_warnings_come_with_the_output(esbuild):
    built = build(esbuild, {"a.js": "if (x === -0) y();\nz = typeof x === 'nothing';"})
    assert [warning.split(": ")[0] for warning in built.warnings] == ["a.js:1", "a.js:2"]


def test_errors_of_the_sources_are_one_error(esbuild):
    with pytest.raises(MalformedError, match=r'a\.js:2: Could not resolve "\./missing"') as caught:
        build(esbuild, {"a.js": "\nimport './missing';\nimport './\\u001b[31m';"})
    assert caught.value.code == "ESBUILD_SOURCE"
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("flag", ["--target=es1", "--format=umd", "--jsx=x", "--supported:x=1", "--define:a b=c"])
def test_a_value_that_esbuild_does_not_know_is_an_error(esbuild, flag):
    with pytest.raises(MalformedError) as caught:
        build(esbuild, {"a.js": "1"}, *BUNDLE, flag)
    assert caught.value.code == "ESBUILD_SOURCE"


def test_nothing_is_written_and_nothing_is_left(registry, tmp_path, monkeypatch):
    monkeypatch.setattr("provenly.verify.esbuild.tree.MEMORY", tmp_path / "none")
    with Cache(tmp_path / "cache", NOW) as cache, Esbuild(registry, cache) as esbuild:
        build(esbuild, {"a.js": "1"}, *BUNDLE, "--metafile=../x.json", "--outdir=.", "--allow-overwrite")
        with pytest.raises(MalformedError):
            build(esbuild, {"a.js": "import './none'"})
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and "locks" not in path.parts]
    assert sorted(path.name for path in files) == ["esbuild", "result"]


SLOW = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from provenly.verify.esbuild import tree
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.releases import nearest
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.transport import HttpTransport

tree.MEMORY = Path("/nonexistent")
cache = Cache(Path(sys.argv[1]), datetime.now(UTC))
source = b"".join(b"f%d('x', `y`, /z/);\\n" % number for number in range(2_000_000))
with HttpTransport(cache, configured(Surroundings(npmrc=()))) as transport, Esbuild(transport) as esbuild:
    release = nearest("0.27.3")
    esbuild.build(release, {"a.js": b"1"}, ("a.js", "--outdir=dist"), directory="")
    print("ready", flush=True)
    while True:
        esbuild.build(release, {"a.js": source}, ("a.js", "--outdir=dist", "--minify"), directory="")
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_interrupted_build_leaves_no_process(registry, tmp_path, number):
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-c", SLOW, str(tmp_path / "cache")]
    environment = {"TMPDIR": str(tmp_path / "tmp"), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as child:
        assert child.stdout.readline() == b"ready\n"
        end = time.monotonic() + 30
        while not (running := _named(str(tmp_path / "tmp"))) and time.monotonic() < end:
            time.sleep(0.01)
        child.send_signal(number)
        child.wait(30)
    assert running
    while _named(str(tmp_path / "tmp")) and time.monotonic() < end + 10:
        time.sleep(0.05)
    assert _named(str(tmp_path / "tmp")) == []
    if number == signal.SIGINT:
        assert list((tmp_path / "tmp").iterdir()) == []


def _named(text):
    """Return the processes whose command line has a text in it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if text.encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def test_results_are_kept_by_all_that_they_are_made_of(registry, tmp_path):
    sources = {"a.js": "import './b'; x();", "b.js": "y();", "c.js": "z();"}
    with Cache(tmp_path / "cache", NOW) as cache, Esbuild(registry, cache) as esbuild:

        def known():
            return len(list((tmp_path / "cache").rglob("result")))

        first = build(esbuild, sources)
        assert known() == 1
        again = build(esbuild, sources)
        assert (again.outputs, again.inputs, again.entries, again.warnings) == (
            first.outputs,
            first.inputs,
            first.entries,
            first.warnings,
        )
        assert known() == 1
        build(esbuild, sources | {"b.js": "w();"})
        build(esbuild, sources, *BUNDLE, "--minify")
        build(esbuild, sources, release=OLDEST)
        build(esbuild, sources, links={"d.js": "c.js"})
        build(esbuild, {f"d/{path}": text for path, text in sources.items()}, directory="d")
        assert known() == 6
        # And with no esbuild at all.
        offline = Esbuild(_Nothing(), cache)
        assert build(offline, sources).outputs == first.outputs
        with pytest.raises(UnavailableError) as caught:
            build(offline, sources | {"b.js": "v();"})
        assert caught.value.code == "ESBUILD_UNAVAILABLE"


class _Nothing:
    """A transport without a network."""

    def get(self, url, **_):
        raise AssertionError(url)

    def download(self, url, **_):
        raise UnavailableError("the network is off", code="OFFLINE")


def test_threads_may_share_one(esbuild):
    def one(number):
        return build(esbuild, {"a.js": f"x({number});"}, "a.js", "--outdir=d").outputs["d/a.js"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == [f"x({number});\n".encode() for number in range(24)]
