"""What is read of a lockfile, beside what the real npm and pnpm install by it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from provenly.verify.dependencies.read import read

pytestmark = [pytest.mark.node, pytest.mark.registry, pytest.mark.slow]

ROOT = {
    "name": "root",
    "private": True,
    "workspaces": ["packages/*"],
    "dependencies": {"debug": "2.6.9", "pad": "npm:left-pad@1.3.0"},
    "devDependencies": {"ms": "2.1.3"},
}
INNER = {
    "name": "@my/inner",
    "version": "1.0.0",
    "dependencies": {"ms": "1.0.0", "send": "1.2.0"},
    "optionalDependencies": {"fsevents": "2.3.3"},
}
OUTER = {
    "name": "@my/outer",
    "version": "1.0.0",
    "dependencies": {"use-sync-external-store": "1.4.0", "react": "18.3.1"},
}
# A name with capital letters, whose folder pnpm gives a hash.
PNPM_ROOT = {"packageManager": "pnpm@10.11.0", "dependencies": {**ROOT["dependencies"], "JSONStream": "1.3.5"}}


def written(folder: Path, files: Mapping[str, object]) -> dict[str, bytes]:
    """Write manifests into a folder, and return them."""
    manifests = {}
    for path, content in files.items():
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        if path.endswith("package.json"):
            manifests[path] = data
    return manifests


def run(folder: Path, *command: str) -> None:
    """Run a package manager, with a cache of its own and no scripts of packages."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "npm_config_cache": str(folder.parent / "npm"),
        "npm_config_ignore_scripts": "true",
        "CI": "true",
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def installed(root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is in a tree: ``name@version`` by place, and links by place."""
    packages, links = {}, {}
    for path in _entries(root):
        place = str(path.relative_to(root))
        if path.is_symlink():
            links[place] = str(path.resolve().relative_to(root.resolve())).removeprefix(".")
        elif (path / "package.json").exists():
            manifest = json.loads((path / "package.json").read_bytes())
            packages[place] = f"{manifest['name']}@{manifest['version']}"
    return packages, links


def _entries(folder: Path) -> Iterator[Path]:
    """Yield everything that stands in a ``node_modules`` below a folder, those of pnpm's store included."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_dir():
            continue
        if path.name == "node_modules":
            for child in sorted(path.iterdir()):
                if child.name.startswith("@"):
                    yield from sorted(child.iterdir())
                elif not child.name.startswith("."):
                    yield child
        yield from _entries(path)


def held_against(root: Path, name: str, manifests: Mapping[str, bytes]) -> None:
    lock = read(name, (root / name).read_bytes(), manifests)
    packages, links = installed(root)
    assert len(packages) > 10
    optional = {package.place for package in lock.packages if package.optional}
    found = {package.place: f"{package.name}@{package.version}" for package in lock.packages}
    assert {place: what for place, what in found.items() if place in packages or place not in optional} == packages
    kept = {place: target for place, target in lock.links.items() if place in links or target not in optional}
    # pnpm links the packages of the repository there, too, which only their own manifests could tell.
    own = {place for place in links if place.startswith("node_modules/.pnpm/node_modules/@my/")}
    assert kept == {place: target for place, target in links.items() if place not in own}


def test_npm_installs_what_was_read(tmp_path: Path):
    root = tmp_path / "root"
    manifests = written(
        root, {"package.json": ROOT, "packages/inner/package.json": INNER, "packages/outer/package.json": OUTER}
    )
    run(root, "npm", "install", "--no-audit", "--no-fund")
    held_against(root, "package-lock.json", manifests)
    run(root, "npm", "install", "--package-lock-only", "--lockfile-version=1", "--no-audit", "--no-fund")
    lock = read("package-lock.json", (root / "package-lock.json").read_bytes(), manifests)
    assert lock.find("debug", "").version == "2.6.9"
    assert lock.find("pad", "").name == "left-pad"


@pytest.mark.parametrize("version", ["9.15.9", "10.11.0"])
def test_pnpm_installs_what_was_read(tmp_path: Path, version: str):
    root = tmp_path / "root"
    inner = INNER | {"dependencies": INNER["dependencies"] | {"@my/outer": "workspace:*"}}
    manifests = written(
        root,
        {
            "package.json": PNPM_ROOT | {"packageManager": f"pnpm@{version}"},
            "packages/inner/package.json": inner,
            "packages/outer/package.json": OUTER,
            "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
        },
    )
    store = str(tmp_path / "store")
    run(root, "npx", "--yes", f"pnpm@{version}", "install", "--ignore-scripts", "--store-dir", store)
    held_against(root, "pnpm-lock.yaml", manifests)
