"""Small lockfiles of every kind, and how a lock is shown in a test."""

from __future__ import annotations

from collections.abc import Mapping

from provenly.verify.dependencies.model import Lock
from provenly.verify.dependencies.read import read

A = "sha512-" + "A" * 86 + "=="
B = "sha512-" + "B" * 86 + "=="


def lock(path: str, text: str, manifests: Mapping[str, str] | None = None) -> Lock:
    """Read a lockfile that a test wrote."""
    return read(path, text.encode(), {name: data.encode() for name, data in (manifests or {}).items()})


def places(found: Lock) -> dict[str, str]:
    """Return ``name@version`` by place."""
    return {package.place: f"{package.name}@{package.version}" for package in found.packages}
