"""An honest lockfile of each kind, for tests that make hostile ones of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from provenly.verify.dependencies.model import MAX_PLACE, Lock
from provenly.verify.registry import names
from tests.verify.dependencies.test_bun_lock import BUN
from tests.verify.dependencies.test_npm_lock import TREE, V1
from tests.verify.dependencies.test_pnpm_lock import V5, V6, V9
from tests.verify.dependencies.test_yarn import BERRY, CLASSIC, MANIFESTS

SAMPLES: Final[tuple[tuple[str, bytes], ...]] = (
    ("package-lock.json", json.dumps({"lockfileVersion": 3, "packages": TREE}).encode()),
    ("npm-shrinkwrap.json", json.dumps(V1).encode()),
    ("pnpm-lock.yaml", V9.encode()),
    ("pnpm-lock.yaml", V6.encode()),
    ("pnpm-lock.yaml", V5.encode()),
    ("yarn.lock", CLASSIC.encode()),
    ("yarn.lock", BERRY.encode()),
    ("bun.lock", BUN.encode()),
)

BESIDE: Final[Mapping[str, bytes]] = {path: text.encode() for path, text in MANIFESTS.items()}
"""package.json files that are read with each."""


def check(lock: Lock) -> None:
    """Hold a lock to what its users rely on, whatever it was read from."""
    seen = {package.place for package in lock.packages}
    assert len(seen) == len(lock.packages)
    for package in lock.packages:
        assert not names.fault(package.name)
        assert not names.fault(package.place.rpartition("node_modules/")[2])
        assert package.integrity == "" or len(package.integrity) == len("sha512-") + 88
    for path in (*seen, *lock.links, *lock.links.values(), *lock.needs):
        parts = path.split("/")
        assert len(path) <= MAX_PLACE + names.MAX_NAME + len("/node_modules/")
        assert path == "" or not {"", ".", ".."}.intersection(parts)
        assert path.isprintable()
        assert "\\" not in path
    for directory in ("", "packages/a", "packages/inner", "nowhere"):
        reached = lock.reachable(directory, above=True)
        assert len(set(reached)) == len(reached)
        assert seen.issuperset(package.place for package in reached)
        for name in ("zod", "ms", "../x", ""):
            found = lock.find(name, directory, "^3")
            assert found is None or found in lock.packages
    assert lock.led_to(dev=False) <= lock.led_to()
