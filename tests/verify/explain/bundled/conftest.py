"""The real esbuild, the real compiler and the public registry, each fetched once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from provenly.verify.compiler.compilers import Compilers
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.releases import nearest
from provenly.verify.explain.scene import Tools
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.transport import HttpTransport

NOW = datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What explains, and a bundler of the tests' own.

    :param tools: as explainers get them.
    """

    tools: Tools

    def bundle(
        self, files: dict[str, str], *arguments: str, release: str = "0.25.8", directory: str = ""
    ) -> dict[str, str]:
        """Return what esbuild makes of files, by path; the arguments are those of the test."""
        assert self.tools.esbuild is not None
        tree = {path: text.encode() for path, text in files.items()}
        built = self.tools.esbuild.build(nearest(release), tree, arguments, directory=directory)
        return {path: data.decode() for path, data in built.outputs.items()}


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    settings = configured(Surroundings(npmrc=()))
    with (
        Cache(tmp_path_factory.mktemp("bundled") / "cache", NOW) as cache,
        HttpTransport(cache, settings) as transport,
        Compilers(transport, cache) as compilers,
        Esbuild(transport, cache) as esbuild,
    ):
        context = Context(
            now=NOW, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None
        )
        yield Bench(tools=Tools(compilers=compilers, esbuild=esbuild, dependencies=Dependencies(context)))
