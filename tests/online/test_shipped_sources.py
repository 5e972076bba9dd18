"""Packages of the public registry that ship their sources beside the build, against repositories made of those.

The real repositories are not needed: a git server on loopback serves one with just the sources that are in the
archive, and the registry's own archive is verified against it; then against repositories that differ in one thing.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenly import api
from provenly.trust.verdict import Report
from provenly.verify import surroundings
from provenly.verify.context import Silence
from provenly.verify.references import reference
from provenly.verify.registry import npm
from provenly.verify.tarball import artifact
from tests.simulator.forge import Forge
from tests.simulator.repositories import WorkRepo
from tests.world import statuses

pytestmark = pytest.mark.registry


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A package that ships its sources.

    :param built: the folder of what was built from them.
    :param altered: a source file to alter.
    :param removed: a source file to take away.
    :param identical: how many files are sources.
    :param built_files: how many files were built.
    :param compiled: whether they were compiled one by one, so that the compiler explains them.
    :param traced: those of them in which nothing but statements of other sources is.
    """

    package: str
    project: str
    built: str
    altered: str
    removed: str
    identical: int
    built_files: int
    compiled: bool = False
    traced: tuple[str, ...] = ()

    def left(self, *changed: str) -> set[str]:
        """Return the built files that nothing explains once some source files are others."""
        return {path.replace("src/", self.built, 1).replace(".ts", ".js") for path in changed}


PACKAGES = [
    Shipped(
        package="supergateway@3.4.0",
        project="supercorp-ai/supergateway",
        built="dist/",
        altered="src/gateways/stdioToSse.ts",
        removed="src/lib/onSignals.ts",
        identical=40,
        built_files=16,
        compiled=True,
    ),
    Shipped(
        package="mcp-proxy@6.7.19",
        project="punkpeye/mcp-proxy",
        built="dist/",
        altered="src/startHTTPServer.ts",
        removed="src/tapTransport.ts",
        identical=42,
        built_files=8,
        traced=("dist/index.mjs",),
    ),
    Shipped(
        package="@notionhq/notion-mcp-server@2.4.1",
        project="makenotion/notion-mcp-server",
        built="bin/cli.mjs",
        altered="scripts/start-server.ts",
        removed="src/init-server.ts",
        identical=50,
        built_files=1,
    ),
]

every_package = pytest.mark.parametrize("shipped", PACKAGES, ids=lambda shipped: shipped.package)


class Shelf:
    """The archives as the registry serves them, each fetched once, and a cache to begin a verification with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._contents: dict[str, Mapping[str, bytes]] = {}

    def sources(self, shipped: Shipped) -> dict[str, bytes]:
        """Return what was packed and not built."""
        if shipped.package not in self._contents:
            now = datetime.now(tz=UTC)
            asked = surroundings.Surroundings(cache=str(self.folder))
            with surroundings.opened(asked, now, now, Silence()) as opened:
                package = npm.resolve(reference.parse(shipped.package), opened.context)
                self._contents[shipped.package] = artifact.acquire(package, opened.context).contents
        packed = self._contents[shipped.package]
        return {path: data for path, data in packed.items() if not path.startswith(shipped.built)}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


class Scene:
    """A forge with one repository, and the registry's package to hold against it."""

    def __init__(self, shipped: Shipped, forge: Forge, shelf: Shelf, folder: Path) -> None:
        self.shipped = shipped
        self.sources = shelf.sources(shipped)
        self.repository: WorkRepo = forge.create(*shipped.project.split("/"))
        self._cache = folder / "cache"
        shutil.copytree(shelf.folder, self._cache)
        self._forge = forge

    def release(self, *, tag: bool = True, **changes: bytes | None) -> str:
        """Commit the sources with ``changes``, between an earlier and a later commit, and tag the commit."""
        name, _, version = self.shipped.package.rpartition("@")
        before = self.sources["package.json"].replace(version.encode(), b"0.0.1")
        assert before != self.sources["package.json"], f"the manifest of {name} does not name its version"
        self.repository.commit({"package.json": before, "README.md": "soon\n"})
        commit = self.repository.commit({**self.sources, **changes}, f"Release {version}")
        if tag:
            self.repository.tag(f"v{version}", annotated=True)
        after = self.sources["package.json"].replace(version.encode(), b"999.0.0")
        self.repository.commit({"package.json": after, "README.md": "later\n"})
        return commit

    def verify(self) -> Report:
        """Verify the registry's package."""
        options = api.Options(git_mirrors=(self._forge.mirror_option(),), cache=str(self._cache))
        return api.verify_package(self.shipped.package, options)


@pytest.fixture
def scene(shipped: Shipped, shelf: Shelf, tmp_path: Path):
    with Forge(tmp_path / "forge") as forge:
        yield Scene(shipped, forge, shelf, tmp_path)


def classes(report: Report) -> dict[str, str]:
    assert report.comparison is not None
    return {file.path: str(file.file_class) for file in report.comparison.files}


def check_all_but(path: str, report: Report, scene: Scene) -> None:
    """Assert that ``path`` is unexplained, and that nothing else is beside what was built, or was built from it."""
    found = classes(report)
    left = {name for name, is_class in found.items() if is_class == "unexplained"}
    built = {name for name in found if name.startswith(scene.shipped.built)}
    traced = set(scene.shipped.traced)
    assert left - traced == (scene.shipped.left(path) if scene.shipped.compiled else built - traced) | {path}
    assert {found[name] for name in found.keys() - left - built} == {"identical"}
    assert {found[name] for name in built - left} <= {"recompiled", "traced"}
    assert statuses(report)["source-match"] == "failed"


@every_package
def test_every_shipped_source_file_is_identical(shipped, scene):
    commit = scene.release()
    report = scene.verify()
    assert report.source.commit == commit
    assert report.source.found_by == "tag"
    assert report.source.directory == ""
    found = classes(report)
    built = "recompiled" if shipped.compiled else "unexplained"
    counts = {"identical": shipped.identical, built: shipped.built_files - len(shipped.traced)}
    assert Counter(found.values()) == counts | ({"traced": len(shipped.traced)} if shipped.traced else {})
    assert {path for path, is_class in found.items() if is_class == "traced"} == set(shipped.traced)
    assert {path for path in found if found[path] == "identical"} == scene.sources.keys()
    passed = ["artifact-integrity", "artifact-layout", "manifest-match", "source-reachable", "version-known"]
    assert {statuses(report)[check] for check in passed} == {"passed"}
    assert report.verdict.action == "hold"


@every_package
def test_a_line_that_is_not_in_the_source_is_found_at_its_line(shipped, scene):
    lines = scene.sources[shipped.altered].split(b"\n")
    number = next(n for n, line in enumerate(lines, 1) if n > len(lines) // 2 and lines.count(line) == 1)
    lines[number - 1] = b"// once there was another line here"
    scene.release(**{shipped.altered: b"\n".join(lines)})
    report = scene.verify()
    check_all_but(shipped.altered, report, scene)
    file = next(file for file in report.comparison.files if file.path == shipped.altered)
    assert (file.source, file.lines) == (shipped.altered, ((number, number),))
    assert "\n-// once there was another line here\n" in file.diff


@every_package
def test_a_file_that_is_not_in_the_source_is_found(shipped, scene):
    scene.release(**{shipped.removed: None})
    report = scene.verify()
    check_all_but(shipped.removed, report, scene)
    assert Counter(classes(report).values())["identical"] == shipped.identical - 1
    assert report.source.found_by == "tag"


@every_package
def test_without_its_tag_the_same_commit_is_found_by_its_manifest(shipped, scene):
    commit = scene.release(tag=False)
    report = scene.verify()
    assert (report.source.commit, report.source.found_by) == (commit, "manifest-equal")
    found = classes(report)
    assert {path for path in found if found[path] == "identical"} == scene.sources.keys()
    assert statuses(report)["version-known"] == "passed"
