"""What all tests share: a scrubbed environment, and the marks that need something of the machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.world import World

REGISTRY = "registry.npmjs.org"
ROOT = Path(__file__).parent.parent


# How long an example takes is for bench/: a machine that is busy with something else is no fault of ours.
hypothesis.settings.register_profile("provenly", deadline=None)
hypothesis.settings.load_profile("provenly")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine cannot run."""
    reasons = {
        "registry": "" if _reachable() else f"{REGISTRY} cannot be reached",
        "copies": ""
        if os.environ.get("PROVENLY_TEST_MIRROR")
        else "PROVENLY_TEST_MIRROR names no copies of repositories",
        "node": "" if shutil.which("node") and shutil.which("npm") else "node and npm are not installed",
    }
    for item in items:
        for mark, reason in reasons.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _reachable() -> bool:
    try:
        with socket.create_connection((REGISTRY, 443), timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _scrubbed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's settings out of every test, and every test out of the user's cache."""
    for name in list(os.environ):
        if name.lower().startswith(("npm_config_", "git_")) or name.lower() in {
            "http_proxy",
            "https_proxy",
            "no_proxy",
        }:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PROVENLY_CACHE", str(home / "cache"))
    monkeypatch.setenv("PROVENLY_TRUST", str(home / "trust"))
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a registry and a forge on loopback with nothing on them."""
    with World(tmp_path) as made:
        yield made
