"""Trees of real packages: those that npm itself writes into a lockfile, package by package."""

import json
import subprocess
from datetime import UTC, datetime

import pytest

from provenly.verify import surroundings
from provenly.verify.context import Silence
from provenly.verify.graph.assemble import assemble
from provenly.verify.graph.resolver import Root

pytestmark = [pytest.mark.registry, pytest.mark.node]


@pytest.mark.parametrize("reference", ["@modelcontextprotocol/server-filesystem@2026.8.31", "sharp@0.35.5"])
def test_the_tree_is_the_one_that_npm_locks(reference, tmp_path):
    name, _, version = reference.rpartition("@")
    (tmp_path / "package.json").write_text(json.dumps({"private": True, "dependencies": {name: version}}))
    plain = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={tmp_path / 'npm'}")
    subprocess.run(["npm", "install", *plain], cwd=tmp_path, check=True, capture_output=True)
    lock = json.loads((tmp_path / "package-lock.json").read_text())
    locked = {
        (entry.get("name") or place.rpartition("node_modules/")[2], entry["version"], entry["integrity"])
        for place, entry in lock["packages"].items()
        if place not in {"", f"node_modules/{name}"}
    }
    now = datetime.now(tz=UTC).replace(microsecond=0)
    asked = surroundings.Surroundings(cache=str(tmp_path / "cache"))
    root = Root(name=name, version=version)
    with surroundings.opened(asked, now, now, Silence()) as opened:
        graph = assemble(opened.context.resolver.resolve(root), root, now).graph
    assert {(one.name, one.version, one.integrity[0].sri) for one in graph.dependencies} == locked
    assert graph.complete
