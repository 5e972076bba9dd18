"""npm packages that configurations extend: JSON only, of the version and with the integrity that is locked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from provenly.verify.context import Context, Silence
from provenly.verify.explain.config_packages import ConfigPackages
from provenly.verify.explain.lockfile import Locked
from provenly.verify.network.cache import Cache
from provenly.verify.registry import npmrc
from provenly.verify.transport import HttpTransport

pytestmark = pytest.mark.registry

NODE20 = "sha512-sz+Hqx9zwZDpZIV871WSbUzSqNIsXzghZydypnfgzPKLltVJfkINfUeTct31n/tTSa9ZE1ZOfKdRre1uHHquYQ=="
OTHER = "sha512-" + "A" * 86 + "=="


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    now = datetime.now(tz=UTC)
    settings = npmrc.load(environment={})
    with Cache(tmp_path_factory.mktemp("cache"), now) as cache, HttpTransport(cache, settings) as transport:
        yield Context(now=now, transport=transport, registries=settings, forge=None, progress=Silence(), anchors=None)


def test_the_locked_version_is_fetched_and_only_its_json(context):
    found = ConfigPackages(context).files("@tsconfig/node20", Locked(version="20.1.6", integrity=NODE20), "")
    assert set(found) == {"package.json", "tsconfig.json"}
    assert b'"target": "es2022"' in found["tsconfig.json"]


def test_without_a_lock_the_range_is_asked_for(context):
    assert b"20.1.6" in ConfigPackages(context).files("@tsconfig/node20", None, "20.1.6")["package.json"]


@pytest.mark.parametrize(
    ("name", "locked", "wanted"),
    [
        ("@tsconfig/node20", Locked(version="20.1.6", integrity=OTHER), ""),
        ("@tsconfig/node20", Locked(version="0.0.0"), ""),
        ("@tsconfig/node20", None, ""),
        ("@tsconfig/node20", None, "latest"),
        ("../../etc/passwd", None, "1.0.0"),
        ("@tsconfig", None, "1.0.0"),
    ],
)
def test_what_is_not_the_locked_archive_is_not_read(context, name, locked, wanted):
    assert ConfigPackages(context).files(name, locked, wanted) == {}
