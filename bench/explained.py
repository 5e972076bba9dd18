"""Measure explaining a package against building it: ``npm ci && npm run build && npm pack``, unpacked and compared.

    python bench/explained.py --mirror PATTERN=PATH [NAME@VERSION#TAG:DIRECTORY …]

The mirror names bare copies of the repositories on this machine, as ``--git-mirror`` does. Building runs what the
repository's scripts say, as whoever compares by building must; run this where that is acceptable. Both sides read from
caches that are filled once before: neither waits for the network. Provenly is measured with its
downloads cached and nothing compiled before, and with what it compiled kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Cost, alternating, answer, process

PACKAGES = (
    "@modelcontextprotocol/server-everything@2026.7.4#2026.7.4:src/everything",
    "@mobilenext/mobile-mcp@1.0.2#1.0.2:",
)
REPOSITORIES = {
    "@modelcontextprotocol/server-everything": "https://github.com/modelcontextprotocol/servers",
    "@mobilenext/mobile-mcp": "https://github.com/mobile-next/mobile-mcp",
}
ENDED = (0, 1, 3)
"""The exit codes of a verification: whatever the verdict, it looked."""

TIMES = 20
"""How many times as fast as building we are to be."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A package and where it is built from.

    :param reference: ``name@version``.
    :param tag: the tag of that version in the repository.
    :param directory: the package's directory in it; empty for the root.
    """

    reference: str
    tag: str
    directory: str

    @classmethod
    def parse(cls, text: str) -> Asked:
        """Read ``NAME@VERSION#TAG:DIRECTORY``."""
        reference, _, rest = text.partition("#")
        tag, _, directory = rest.partition(":")
        return cls(reference=reference, tag=tag, directory=directory)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one package took.

    :param built: to build, pack, unpack and compare it.
    :param first: to explain it with nothing compiled before.
    :param again: with what was compiled kept.
    :param differing: files in which the two ways of packing differ from the registry's archive.
    :param unexplained: files that provenly does not explain.
    """

    reference: str
    built: Cost
    first: Cost
    again: Cost
    differing: int
    unexplained: int


def copy_of(mirror: str, repository: str) -> Path:
    """Return where the mirror has a repository."""
    owner, name = repository.removeprefix("https://github.com/").split("/")
    return Path(mirror.partition("=")[2].format(owner=owner, repo=name))


def build(asked: Asked, copy: Path, published: Path, folder: Path) -> tuple[Cost, int]:
    """Build a package from its source and compare the archive with the published one."""
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    package = tree / asked.directory
    cpu, start = 0.0, time.perf_counter()
    for place, command in (
        (folder, ["git", "clone", "--quiet", "--no-checkout", str(copy), str(tree)]),
        (tree, ["git", "checkout", "--quiet", "--detach", f"refs/tags/{asked.tag}"]),
        (tree, ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]),
        (package, ["npm", "run", "build"]),
        (package, ["npm", "pack", "--loglevel=error", "--pack-destination", str(folder)]),
    ):
        _, cost = run(place, command, home)
        cpu += cost.cpu
    packed = next(folder.glob("*.tgz"))
    differing = differences(packed, published)
    packed.unlink()
    return Cost(cpu=cpu, wall=time.perf_counter() - start), differing


def run(place: Path, command: Sequence[str], home: Path) -> tuple[str, Cost]:
    """Run a program in a folder."""
    done, cost = answer("env", "-C", str(place), *command, home=home)
    return done.stdout, cost


def differences(built: Path, published: Path) -> int:
    """Return how many files of two archives differ, or are in one of them only."""
    contents = []
    for archive in (built, published):
        with tarfile.open(archive) as tar:
            files = (member for member in tar if member.isfile())
            contents.append({member.name: tar.extractfile(member).read() for member in files})  # type: ignore[union-attr]
    left, right = contents
    return sum(left.get(name) != right.get(name) for name in left.keys() | right.keys())


def explain(asked: Asked, mirror: str, folder: Path) -> tuple[Callable[[], Cost], Callable[[], Cost], int]:
    """Fill provenly's cache, and return how to explain a package for the first time and again."""
    script = Path(sys.executable).parent / "provenly"
    cache = folder / "cache"
    options = ["--git-mirror", mirror, "--cache", str(cache), "--format", "json"]
    command = [str(script), "verify", asked.reference, *options]
    done, _ = answer(*command, codes=ENDED, home=folder)
    files = json.loads(done.stdout)["files"]
    if files is None:
        sys.exit(f"{asked.reference}: no source could be read")

    def again() -> Cost:
        return process(*command, "--offline", codes=ENDED, home=folder)

    def first() -> Cost:
        for compiled in cache.glob("*/compiled"):
            shutil.rmtree(compiled)
        return again()

    return first, again, len(files["unexplained"])


def measure(asked: Asked, mirror: str, runs: int) -> Measured:
    """Measure one package; the archive comes from the registry, once."""
    name = asked.reference.rpartition("@")[0]
    copy = copy_of(mirror, REPOSITORIES[name])
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as temporary:
        folder = Path(temporary)
        output, _ = run(folder, ["npm", "pack", asked.reference, "--loglevel=error"], folder)
        published = folder / "published"
        (folder / output.strip().splitlines()[-1]).rename(published)
        build(asked, copy, published, folder)
        first, again, unexplained = explain(asked, mirror, folder)
        again()
        found: list[int] = []

        def built() -> Cost:
            cost, differing = build(asked, copy, published, folder)
            found.append(differing)
            return cost

        building, beginning, warm = alternating(runs, built, first, again)
    return Measured(
        reference=asked.reference,
        built=building,
        first=beginning,
        again=warm,
        differing=found[-1],
        unexplained=unexplained,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", default=PACKAGES, metavar="NAME@VERSION#TAG:DIRECTORY")
    parser.add_argument("--mirror", required=True, metavar="PATTERN=PATH", help="where bare copies of repositories are")
    parser.add_argument("--runs", type=int, default=3, help="how often each way is taken, in turn")
    given = parser.parse_args()
    if shutil.which("npm", path=os.environ.get("PATH")) is None:
        sys.exit("npm is not installed: there is nothing to compare with")
    failed = False
    for text in given.packages:
        found = measure(Asked.parse(text), given.mirror, given.runs)
        print(found.reference)
        print(f"    built:   {found.built.wall:7.2f} s, {found.built.cpu:7.2f} s CPU, {found.differing} files differ")
        for word, cost in (("first:", found.first), ("again:", found.again)):
            times = found.built.wall / cost.wall
            print(f"    {word:<8} {cost.wall:7.2f} s, {cost.cpu:7.2f} s CPU, {times:.0f} times as fast")
        kept = found.built.wall / found.again.wall >= TIMES
        failed |= not kept
        print(f"    {found.unexplained} files unexplained; {TIMES} times as fast: {'kept' if kept else 'MISSED'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
