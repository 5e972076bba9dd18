"""The trojan suite of bundles, carried over to real ones: whatever is done to one is shown, and little beside it.

Each bundle is altered after bundling, and made anew of altered sources by esbuild, minified and not. It is compared
with its clean twin: what is shown of both is not about what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import pytest

from provenly.verify.esbuild.releases import nearest
from provenly.verify.explain.traced import looks
from provenly.verify.explain.traced.corpus import corpus_of, release_of
from provenly.verify.tracing.index import is_code
from provenly.verify.tracing.prepass import Prepass
from provenly.verify.tracing.result import Traced, Untraced
from provenly.verify.tracing.trace import Tracing
from tests.online.copies import Bench, Objects, Real, bench
from tests.online.trojans import TROJANS, Code, Edit

pytestmark = [pytest.mark.copies, pytest.mark.registry, pytest.mark.slow]

MAX_BESIDE = 5
"""Genuine pieces that may be shown beside what was done."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A published bundle.

    :param path: the packed file that is altered.
    :param span: words that stand before and after the part of it that is altered; the second may be empty.
    :param copied: a statement that is in some function of it.
    :param rewritten: whether both sides are rewritten by esbuild.
    :param entry: the source that is bundled anew.
    :param host: the source that is altered before.
    :param within: as ``span``, of the source.
    """

    real: Real
    path: str
    span: tuple[str, str]
    copied: str = "process.exit(1)"
    rewritten: bool
    entry: str
    host: str
    within: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        return self.real.package


BUNDLES = [
    Bundle(
        real=Real(
            package="mcp-remote@0.1.43", project="geelen/mcp-remote", commit="d26e5a821ee7e266109f05871ecc2570d8a7054a"
        ),
        path="dist/client.js",
        span=("async function runClient", ""),
        copied="process.exit(0)",
        rewritten=False,
        entry="src/client.ts",
        host="src/client.ts",
        within=("async function runClient", ""),
    ),
    Bundle(
        real=Real(
            package="figma-developer-mcp@0.13.2",
            project="GLips/Figma-Context-MCP",
            commit="24713d888b56bfbec97abf66db3afea4b8ecb9e4",
        ),
        path="dist/bin.js",
        span=("function P(", ""),
        rewritten=True,
        entry="src/bin.ts",
        host="src/services/figma.ts",
        within=("export class FigmaService", ""),
    ),
    Bundle(
        real=Real(
            package="@supabase/mcp-server-supabase@0.7.0",
            project="supabase-community/supabase-mcp",
            commit="0b10f58d11deb0afcb1c81020c6dfd933994c4a3",
            directory="packages/mcp-server-supabase",
        ),
        path="dist/chunk-4T7KFO7P.js",
        span=("k=class{", ""),
        copied="this.schemaLoaded.catch(()=>{})",
        rewritten=True,
        entry="packages/mcp-server-supabase/src/content-api/index.ts",
        host="packages/mcp-server-supabase/src/content-api/graphql.ts",
        within=("export class GraphQLClient", ""),
    ),
    Bundle(
        real=Real(
            package="@notionhq/notion-mcp-server@2.4.1",
            project="makenotion/notion-mcp-server",
            commit="d7e3bbd62890f9efca2cd54449ac072f3bd1a4ba",
        ),
        path="bin/cli.mjs",
        span=("HttpClientError", "/*! Bundled"),
        rewritten=True,
        entry="scripts/start-server.ts",
        host="src/openapi-mcp-server/client/http-client.ts",
        within=("export class HttpClient ", ""),
    ),
    Bundle(
        real=Real(
            package="@bytebase/dbhub@1.2.1", project="bytebase/dbhub", commit="d91080ff9b3947de4de28095173fd4ec78a22f24"
        ),
        path="dist/index.js",
        span=("// src/server.ts", ""),
        rewritten=False,
        entry="src/index.ts",
        host="src/utils/ssh-tunnel.ts",
    ),
    Bundle(
        real=Real(
            package="mcp-proxy@6.6.0", project="punkpeye/mcp-proxy", commit="91a8d282846389bf627df0d6061c23d9fee20800"
        ),
        path="dist/bin/mcp-proxy.mjs",
        span=("//#region src/StdioClientTransport.ts", ""),
        rewritten=True,
        entry="src/bin/mcp-proxy.ts",
        host="src/StdioClientTransport.ts",
    ),
]

FORMS = {"plain": (), "minified": ("--minify",)}
FLAGS = ("--bundle", "--platform=node", "--format=esm", "--packages=external", "--outfile=out.mjs")
SOURCES = (".ts", ".tsx", ".js", ".mjs", ".json")


class Desk:
    """Traces bundles to what they may be made of, which is looked up once."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.clean = cache(self._clean)
        self.built = cache(self._built)

    def traced(
        self, bundle: Bundle, text: str, *, rewritten: bool | None = None, locked: Mapping[str, str] | None = None
    ) -> Traced:
        """Trace a text in place of the published bundle.

        :param locked: packages that are locked at other versions than they are.
        """
        scene = self._bench.scene(bundle.real, {bundle.path: text.encode()})
        entry = next(entry for entry in scene.artifact.files if entry.path == bundle.path)
        files = looks.imported(scene, [entry])
        labelled = any(looks.is_labelled(data) for data in files.values())
        corpus = corpus_of(scene, labelled=labelled)
        tools = self._bench.tools
        assert tools.tracers is not None
        assert tools.esbuild is not None
        assert tools.dependencies is not None
        dependencies = tools.dependencies
        way = bundle.rewritten if rewritten is None else rewritten
        prepass = Prepass(tools.esbuild, release_of(corpus.lock, bundle.real.directory)) if way else None
        found = Tracing(tools.tracers, tools.prints, prepass).run(
            files,
            corpus.sources,
            [
                replace(package, version=locked[package.name], integrity="", url="")
                if package.name in (locked or {})
                else package
                for package in corpus.packages
            ],
            lambda packages: dependencies.each(packages, is_code),
            directory=bundle.real.directory,
        )[bundle.path]
        assert isinstance(found, Traced), found
        return found

    def published(self, bundle: Bundle) -> str:
        return self._bench.artifact(bundle.real).contents[bundle.path].decode()

    def code(self, bundle: Bundle) -> Code:
        """The published bundle, ready to be altered."""
        start, end = bundle.span
        tracers = self._bench.tools.tracers
        assert tracers is not None
        return Code(tracers, bundle.path, self.published(bundle), start=start, end=end, copied=bundle.copied)

    def source(self, bundle: Bundle) -> Code:
        """The source that is altered before it is bundled."""
        start, end = bundle.within
        tracers = self._bench.tools.tracers
        assert tracers is not None
        text = self._tree(bundle)[bundle.host].decode()
        copied = bundle.copied if bundle.copied in text else ""
        return Code(tracers, bundle.host, text, start=start, end=end, copied=copied, bundle=False)

    def _tree(self, bundle: Bundle) -> dict[str, bytes]:
        objects = Objects(bundle.real, {})
        wanted = {
            path: entry.blob
            for path, entry in objects.tree.items()
            if entry.mode.startswith("100") and path.endswith(SOURCES)
        }
        found = objects.blobs(wanted.values())
        return {path: found[blob] for path, blob in wanted.items()}

    def _built(self, bundle: Bundle, form: str, edit: Edit | None = None) -> str:
        """Return what esbuild bundles of the sources, altered or not, with all packages outside."""
        tree = self._tree(bundle)
        if edit is not None:
            tree[bundle.host] = edit.text.encode()
        esbuild = self._bench.tools.esbuild
        assert esbuild is not None
        done = esbuild.build(nearest("0.25.8"), tree, (bundle.entry, *FLAGS, *FORMS[form]), directory="")
        return done.outputs["out.mjs"].decode()

    def _clean(self, bundle: Bundle, form: str = "") -> Traced:
        text = self.built(bundle, form) if form else self.published(bundle)
        return self.traced(bundle, text, rewritten=form == "minified" if form else None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with bench(tmp_path_factory.mktemp("trojans")) as opened:
        yield Desk(opened)


def further(found: Traced, clean: Traced) -> list[Untraced]:
    """Return the pieces that are not shown of the clean twin."""
    known = {piece.text for piece in clean.pieces}
    return [piece for piece in found.pieces if piece.text not in known]


def assert_shown(found: Traced, clean: Traced, word: str) -> list[Untraced]:
    pieces = further(found, clean)
    assert 1 <= len(pieces) <= 1 + MAX_BESIDE, [piece.text for piece in pieces]
    assert word in "".join(piece.text for piece in pieces)
    return pieces


@pytest.mark.parametrize("bundle", BUNDLES, ids=str)
def test_a_clean_bundle_has_no_new_word(desk: Desk, bundle: Bundle) -> None:
    found = desk.clean(bundle)
    assert found.share < 0.05
    assert not [word for word in found.words if "://" in word.text]


LARGE = {
    "@notionhq/notion-mcp-server@2.4.1": ("bcc", "deleted-check", "swapped", "other-function"),
    "mcp-proxy@6.6.0": ("request", "negated", "copied", "pieces"),
}
"""Of the large bundles, half of the suite each: tracing one takes ten seconds. docs/traced.md has all of it."""

AFTER = [
    pytest.param(bundle, name, id=f"{bundle}-{name}")
    for bundle in BUNDLES
    for name in TROJANS
    if name in LARGE.get(bundle.real.package, TROJANS)
]


@pytest.mark.parametrize(("bundle", "name"), AFTER)
def test_what_is_done_after_bundling_is_shown_at_its_line(desk: Desk, bundle: Bundle, name: str) -> None:
    edit = TROJANS[name](desk.code(bundle))
    pieces = assert_shown(desk.traced(bundle, edit.text), desk.clean(bundle), edit.word)
    # esbuild writes a statement of several lines in one, whose last mark may be that of the line before.
    after = 2 if bundle.rewritten else 0
    assert any(piece.first <= edit.line <= piece.last + after for piece in pieces), (edit.line, pieces)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TROJANS)
@pytest.mark.parametrize("bundle", BUNDLES, ids=str)
def test_what_is_done_to_the_source_is_shown(desk: Desk, bundle: Bundle, name: str, form: str) -> None:
    source = desk.source(bundle)
    if name == "copied" and not source.copied:
        source.copied = "process.exit(1)"
    try:
        edit = TROJANS[name](source)
    except (AssertionError, IndexError, StopIteration):
        pytest.skip(f"{bundle.host} has no place for it")
    # What esbuild folds is shown as it folds it.
    word = "atob" if name == "pieces" else edit.word
    found = desk.traced(bundle, desk.built(bundle, form, edit), rewritten=form == "minified")
    assert_shown(found, desk.clean(bundle, form), word)


INSIDE = {
    "mcp-remote@0.1.43": (
        "dist/chunk-LB6BHXHQ.js",
        'throw new Error("Existing OAuth client information is required when exchanging an authorization code")',
        'console.error("Existing OAuth client information is required when exchanging an authorization code")',
    ),
    "@notionhq/notion-mcp-server@2.4.1": (
        "bin/cli.mjs",
        '"Request body larger than maxBodyLength limit",E.ERR_BAD_REQUEST,t))',
        '"Request body larger than maxBodyLength limit",E.ERR_NETWORK,t))',
    ),
    "mcp-proxy@6.6.0": (
        "dist/index.mjs",
        'throw new Error("Existing OAuth client information is required when exchanging an authorization code")',
        'console.error("Existing OAuth client information is required when exchanging an authorization code")',
    ),
}
"""Bundles with dependencies inside: the file, and what is replaced by what in one of these."""

OTHER_VERSIONS = {
    "mcp-remote@0.1.43": ("dist/chunk-LB6BHXHQ.js", "@modelcontextprotocol/sdk", "1.12.0"),
    "@notionhq/notion-mcp-server@2.4.1": ("bin/cli.mjs", "axios", "1.7.9"),
}
"""Bundles with dependencies inside: the file, and a dependency that is locked at another version than it is there."""


def placed(package: str, path: str) -> Bundle:
    """Return a bundle of a package, of which another file is altered."""
    return replace(next(one for one in BUNDLES if one.real.package == package), path=path)


@pytest.mark.parametrize("package", INSIDE)
def test_a_change_inside_a_dependency_is_shown(desk: Desk, package: str) -> None:
    path, old, new = INSIDE[package]
    bundle = placed(package, path)
    text = desk.published(bundle)
    assert text.count(old) == 1
    found = desk.traced(bundle, text.replace(old, new))
    pieces = assert_shown(found, desk.clean(bundle), new.split('"')[1])
    line = text.count("\n", 0, text.index(old)) + 1
    assert any(piece.first <= line <= piece.last for piece in pieces)


@pytest.mark.parametrize("package", OTHER_VERSIONS)
def test_a_dependency_at_another_version_than_locked_is_shown(desk: Desk, package: str) -> None:
    path, name, version = OTHER_VERSIONS[package]
    bundle = placed(package, path)
    found = desk.traced(bundle, desk.published(bundle), locked={name: version})
    assert further(found, desk.clean(bundle))
    assert found.untraced > desk.clean(bundle).untraced
    assert f"{name}@{version}" in found.dependencies
