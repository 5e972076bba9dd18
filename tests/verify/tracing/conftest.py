"""The parser in V8, started once for all tests, and bundles that are traced to a few files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest

from provenly.verify.dependencies.model import LockedPackage
from provenly.verify.network.cache import Cache
from provenly.verify.surroundings import Surroundings, configured
from provenly.verify.tracing.isolates import Tracers
from provenly.verify.tracing.result import Traced
from provenly.verify.tracing.trace import Tracing
from provenly.verify.transport import HttpTransport


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpTransport]:
    """The public registry, behind a cache that lasts as long as the tests."""
    cache = Cache(tmp_path_factory.mktemp("tracing") / "cache", datetime.now(UTC))
    with HttpTransport(cache, configured(Surroundings(npmrc=()))) as transport:
        yield transport


@pytest.fixture(scope="session")
def tracers(registry: HttpTransport) -> Iterator[Tracers]:
    """Isolates with the parser in them."""
    with Tracers(registry) as tracers:
        yield tracers


@pytest.fixture(scope="session")
def traced(tracers: Tracers) -> Callable[..., Traced]:
    """Trace one bundle, ``dist/index.js``, to sources and to packages that are given by ``name@version``."""

    def trace(
        bundle: str, sources: Mapping[str, str], packages: Mapping[str, Mapping[str, str]] | None = None, **others: str
    ) -> Traced:
        locked = {}
        for owner, files in (packages or {}).items():
            name, _, version = owner.rpartition("@")
            package = LockedPackage(name=name, version=version, place=f"node_modules/{name}")
            locked[package] = {path: text.encode() for path, text in files.items()}
        bundles = {"dist/index.js": bundle.encode()} | {path: text.encode() for path, text in others.items()}
        result = Tracing(tracers).run(
            bundles,
            {path: text.encode() for path, text in sources.items()},
            list(locked),
            lambda asked: [(package, locked[package]) for package in asked],
        )["dist/index.js"]
        assert isinstance(result, Traced), result
        return result

    return trace
