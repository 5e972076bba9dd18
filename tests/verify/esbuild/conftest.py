"""The real esbuild, fetched once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.verify.esbuild.esbuild import Esbuild
from provenly.verify.esbuild.process import Limits
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.transport import HttpTransport


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpTransport]:
    """The public registry, behind a cache that lasts as long as the tests."""
    cache = Cache(tmp_path_factory.mktemp("esbuild") / "cache", datetime.now(UTC))
    with HttpTransport(cache, configured(Surroundings(npmrc=()))) as transport:
        yield transport


@pytest.fixture(scope="session")
def esbuild(registry: HttpTransport) -> Iterator[Esbuild]:
    """An esbuild that keeps no results, and may take less time than usual."""
    with Esbuild(registry, limits=Limits(seconds=20)) as esbuild:
        yield esbuild
