"""The real compilers, fetched once for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.verify.compiler.compilers import Compilers
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport


@pytest.fixture(scope="module")
def compilers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compilers]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    settings = npmrc.load(environment={})
    with (
        Cache(tmp_path_factory.mktemp("cache"), now) as cache,
        HttpTransport(cache, settings) as transport,
        Compilers(transport, cache) as opened,
    ):
        yield opened
