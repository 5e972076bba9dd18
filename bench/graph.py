"""The tree of dependencies, beside npm itself and @cyclonedx/cyclonedx-npm: the same packages, and in what time?

    python bench/graph.py [--cyclonedx-npm PATH] [REF…]

For each package it is installed for real (``npm install --ignore-scripts``) into a temporary folder and listed with
``npm ls --all``; cyclonedx-npm, where its command is named, describes that folder. Then provenly resolves the package
with an empty cache, and again with what it kept. Times are wall seconds with the processor seconds of all processes in
brackets; the sets of ``name@version`` are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provenly.verify import surroundings
from provenly.verify.context import Silence
from provenly.verify.graph.assemble import assemble
from provenly.verify.graph.examine import examine
from provenly.verify.graph.resolver import Root

REFERENCES = (
    "@modelcontextprotocol/server-filesystem@2026.8.31",
    "@modelcontextprotocol/server-everything@2026.8.31",
    "better-sqlite3@12.4.1",
    "sharp@0.34.4",
    "esbuild@0.25.10",
    "mcp-remote@0.1.29",
)


class Clock:
    """Wall and processor seconds since it was made, children's included."""

    def __init__(self) -> None:
        self._wall, self._times = time.monotonic(), os.times()

    def __str__(self) -> str:
        now = os.times()
        spent = sum(now[:4]) - sum(self._times[:4])
        return f"{time.monotonic() - self._wall:.1f} s ({spent:.1f})"


def run(command: list[str], folder: Path) -> str:
    """Run a command and return what it wrote; ``npm ls`` complains about peers and says all the same."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-500:]}")
    return done.stdout


def listed(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield ``name@version`` of whatever ``npm ls --json`` lists."""
    for name, entry in (tree.get("dependencies") or {}).items():
        if entry.get("version"):
            yield f"{entry.get('name') or name}@{entry['version']}"
        yield from listed(entry)


def described(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the components of a CycloneDX document, nested ones too."""
    for inner in component.get("components") or ():
        yield inner
        yield from described(inner)


def installed(reference: str, cyclonedx: str, folder: Path) -> tuple[set[str], set[str], set[str]]:
    """Return what npm installs here, what it locks for all platforms, and what cyclonedx-npm describes."""
    name, _, version = reference.rpartition("@")
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": {name: version}}))
    plain = ["--ignore-scripts", "--no-audit", "--no-fund", f"--cache={folder / 'cache'}"]
    clock = Clock()
    run(["npm", "install", *plain], folder)
    print(f"  npm install, cold          {clock}")
    here = set(listed(json.loads(run(["npm", "ls", "--all", "--long", "--json"], folder))))
    locked = set(listed(json.loads(run(["npm", "ls", "--all", "--long", "--json", "--package-lock-only"], folder))))
    if not cyclonedx:
        return here, locked, set()
    clock = Clock()
    document = json.loads(run([cyclonedx, "--output-format=JSON"], folder))
    print(f"  cyclonedx-npm              {clock} after that")
    parts = list(described(document))
    fields: dict[str, int] = {}
    for part in parts:
        for field in part:
            fields[field] = fields.get(field, 0) + 1
    print(f"  its fields                 {', '.join(f'{field} {count}' for field, count in sorted(fields.items()))}")
    names = {"/".join(filter(None, (part.get("group"), part["name"]))) + f"@{part['version']}" for part in parts}
    return here, locked, names


def ours(reference: str, cache: Path) -> set[str]:
    """Return what provenly resolves, with an empty cache and again."""
    name, _, version = reference.rpartition("@")
    found: set[str] = set()
    for state in ("cold", "warm"):
        now = datetime.now(tz=UTC).replace(microsecond=0)
        with surroundings.opened(surroundings.Surroundings(cache=str(cache)), now, now, Silence()) as opened:
            clock = Clock()
            root = Root(name=name, version=version)
            resolver = opened.context.resolver
            assembled = assemble(resolver.resolve(root) if resolver else b"", root, now)
            print(f"  provenly resolves, {state}    {clock}")
            clock = Clock()
            seen = examine(assembled, opened.context)
            print(f"  provenly looks, {state}       {clock}")
        found = {f"{one.dependency.name}@{one.dependency.version}" for one in seen}
        if state == "warm":
            platforms = sum(bool(one.dependency.platforms) for one in seen)
            licences = sum(bool(one.dependency.licence) for one in seen)
            edges = sum(map(len, assembled.graph.edges.values()))
            print(f"  {len(seen)} components, {edges} edges, {licences} with a licence, {platforms} with platforms")
    return found


def main() -> None:
    """Compare package by package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("references", nargs="*", default=REFERENCES)
    parser.add_argument("--cyclonedx-npm", default="", help="the command; without it, it is left out")
    asked = parser.parse_args()
    for reference in asked.references:
        print(reference)
        with tempfile.TemporaryDirectory(prefix="provenly-bench-") as folder:
            project, cache = Path(folder) / "project", Path(folder) / "cache"
            project.mkdir()
            here, locked, theirs = installed(reference, asked.cyclonedx_npm, project)
            mine = ours(reference, cache) | {reference}
        print(f"  installed {len(here)}, locked {len(locked)}, provenly {len(mine)}, cyclonedx-npm {len(theirs)}")
        for title, other in (("npm's lockfile", locked), ("what is installed here", here), ("cyclonedx-npm", theirs)):
            if other:
                print(f"  against {title}: only there {sorted(other - mine)}, only here {sorted(mine - other)}")


if __name__ == "__main__":
    main()
