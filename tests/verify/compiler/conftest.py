"""The real compilers, fetched once for all tests, in processes that stay warm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.verify.compiler.compilers import Compilers
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.transport import HttpTransport


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpTransport]:
    """The public registry, behind a cache that lasts as long as the tests."""
    cache = Cache(tmp_path_factory.mktemp("compilers") / "cache", datetime.now(UTC))
    with HttpTransport(cache, configured(Surroundings(npmrc=()))) as transport:
        yield transport


@pytest.fixture(scope="session")
def compilers(registry: HttpTransport) -> Iterator[Compilers]:
    """Compilers that keep no results."""
    with Compilers(registry) as compilers:
        yield compilers
