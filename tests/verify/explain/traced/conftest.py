"""The real parser, the real esbuild and the public registry, each fetched once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.verify.compiler.compilers import Compilers
from provenly.verify.context import Context, Silence
from provenly.verify.dependencies.fetch import Dependencies
from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.explain.scene import Tools
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.tracing.isolates import Tracers
from provenly.verify.transport import HttpTransport

NOW = datetime.now(UTC)


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    """All that explainers get in a verification."""
    settings = configured(Surroundings(npmrc=()))
    with (
        Cache(tmp_path_factory.mktemp("traced") / "cache", NOW) as cache,
        HttpTransport(cache, settings) as transport,
        Compilers(transport, cache) as compilers,
        Esbuild(transport, cache) as esbuild,
        Tracers(transport) as tracers,
    ):
        context = Context(
            now=NOW, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None
        )
        yield Tools(
            compilers=compilers,
            esbuild=esbuild,
            dependencies=Dependencies(context),
            tracers=tracers,
            prints=cache,
        )
