"""Measure provenly: what it takes to start, to verify from a warm cache, to read a large archive, to fetch.

    python bench/run.py
    python bench/run.py --mirror 'https://github.com/{owner}/{repo}=/srv/git/{owner}+{repo}/repo' --json

Prints a table, or JSON. Each number is the median of several runs in processes of their own; what is compared with
another program is run in turn with it, on the same input. Nothing is written outside temporary folders. With
``--mirror``, bare copies of microsoft/playwright-mcp and modelcontextprotocol/servers, a real package is verified
(fetched from the registry once) and the bytes of a first verification are counted; see :mod:`fetch_bytes`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import bundles
import fetch_bytes
import peers
from measure import ROOT, Cost, Rate, alternating, process

sys.path.insert(0, str(ROOT))

from tests.attested_world import Attested
from tests.world import NAME, World

REAL_PACKAGE = "@playwright/mcp@0.0.75"
FETCHED = {
    REAL_PACKAGE: "https://github.com/microsoft/playwright-mcp#v0.0.75:package.json",
    "@modelcontextprotocol/server-filesystem@2026.7.10": "https://github.com/modelcontextprotocol/servers#2026.7.10"
    ":src/filesystem/package.json",
}
ALLOW_OR_HOLD = (0, 3)
"""The exit codes of a verification that came to its end without finding something wrong."""

LEAST = {"@sigstore/verify": 1, "sigstore-python": 2}
"""How many times as fast as another verifier of bundles we are to be."""

HASHED_ONE_BY_ONE = 500
"""Files of the comparison with one git process a file, which takes milliseconds for each."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    :param taken: what provenly took, or how often it did a thing; a number is of bytes.
    :param peer: the same of the program it is compared with, or ``None``.
    :param bound: whether the peer would take more than ``peer``, which could not be measured in full.
    :param target: what it should be under, or empty.
    :param kept: whether it is.
    """

    what: str
    taken: Cost | Rate | int
    peer: Cost | Rate | int | None = None
    bound: bool = False
    target: str = ""
    kept: bool = True

    @property
    def ratio(self) -> float:
        """How many times as much the peer took, of bytes or of CPU; 0 where there is no peer.

        Of rates it is how many times as often provenly did it: more is better, everywhere.
        """
        if self.peer is None:
            return 0.0
        if isinstance(self.taken, Rate):
            return amount(self.taken) / amount(self.peer)
        return amount(self.peer) / amount(self.taken)


def amount(taken: Cost | Rate | int) -> float:
    """Return what is compared: the bytes, the rate, or the CPU."""
    if isinstance(taken, Rate):
        return taken.per_second
    return taken if isinstance(taken, int) else taken.cpu


def readable(taken: Cost | Rate | int) -> str:
    if isinstance(taken, Rate):
        return f"{taken.per_second:.0f} a second of CPU"
    if isinstance(taken, int):
        return f"{taken:,} bytes"
    peak = f", {taken.peak:.0f} MiB" if taken.peak else ""
    return f"{taken.cpu:.3f} s CPU, {taken.wall:.3f} s{peak}"


def provenly() -> list[str]:
    """Return the command as users run it: the console script beside this interpreter."""
    script = Path(sys.executable).parent / "provenly"
    if not script.exists():
        sys.exit(f"{script} is not there: install provenly first (make bench does)")
    return [str(script)]


def help_page(runs: int, folder: Path) -> Row:
    (taken,) = alternating(runs, lambda: process(*provenly(), "--help", home=folder))
    return Row(what="provenly --help", taken=taken, target="0.25 s CPU", kept=taken.cpu < 0.25)


def warm(runs: int, folder: Path, reference: str, options: list[str]) -> Row:
    """Verify once to fill the cache, then offline."""
    command = [*provenly(), "verify", reference, *options]
    process(*command, codes=ALLOW_OR_HOLD, home=folder)
    (taken,) = alternating(runs, lambda: process(*command, "--offline", codes=ALLOW_OR_HOLD, home=folder))
    what = f"provenly verify {reference}, warm and offline"
    return Row(what=what, taken=taken, target="0.5 s CPU", kept=taken.cpu < 0.5)


def warm_real(runs: int, folder: Path, mirror: str) -> Row:
    return warm(runs, folder, REAL_PACKAGE, ["--git-mirror", mirror, "--cache", str(folder / "cache")])


def warm_made(runs: int, folder: Path) -> Row:
    """Verify a small package of a registry and a repository made here."""
    with World(folder / "world") as world:
        world.release()
        options = ["--registry", world.registry.url, "--git-mirror", world.forge.local_mirror_option()]
        return warm(runs, folder, f"{NAME}@1.0.0", [*options, "--cache", str(folder / "cache")])


def attested(runs: int, folder: Path) -> Row:
    """Verify one package warm, with and without signature and attestations: the difference is what those add."""
    with World(folder / "plain") as plain, World(folder / "attested") as world:
        plain.release()
        world.release()
        instance = Attested(world)
        instance.attest()
        trust = ["--trusted-root", str(instance.root), "--npm-keys", str(instance.keys)]
        commands = []
        for place, options in ((world, trust), (plain, [])):
            given = ["--registry", place.registry.url, "--git-mirror", place.forge.local_mirror_option(), *options]
            command = [*provenly(), "verify", f"{NAME}@1.0.0", "--cache", str(place.folder / "cache"), *given]
            process(*command, codes=ALLOW_OR_HOLD, home=folder)
            commands.append([*command, "--offline"])
        more, less = alternating(
            runs, *(lambda command=command: process(*command, codes=ALLOW_OR_HOLD, home=folder) for command in commands)
        )
    what = (
        "what publish attestation and provenance add to a warm verification: reading the trusted root, verifying both"
    )
    added = Cost(cpu=more.cpu - less.cpu, wall=more.wall - less.wall)
    return Row(what=what, taken=added, target="0.060 s CPU", kept=added.cpu < 0.06)


def sigstore_bundles(runs: int) -> Iterator[Row]:
    """Verify Sigstore bundles, against two other verifiers."""
    for result in bundles.results(runs):
        least = LEAST[result.peer]
        target = f"{least} times" if least > 1 else "not behind"
        for what, (ours, theirs) in (
            (f"{result.count} Sigstore bundles in one process, against {result.peer}", result.whole),
            (f"the same {result.count} bundles, warm, against {result.peer}", result.warm),
        ):
            row = Row(what=what, taken=ours, peer=theirs, target=target)
            yield replace(row, kept=row.ratio >= least)


def archives(runs: int, folder: Path) -> Iterator[Row]:
    """Read a large archive, alone and against other readers."""
    path = folder / "large.tgz"
    count = str(peers.make_archive(path))
    size = f"{path.stat().st_size / 1e6:.0f} MB, {peers.FILES:,} files"

    def python(program: str) -> Cost:
        return process(sys.executable, "-c", program, path, count, peak=True)

    (whole,) = alternating(runs, lambda: python(peers.OURS_WITH_IDS))
    kept = whole.cpu < 2 and whole.wall < 2 and whole.peak < 300
    what = f"archive of {size}: read, sha256 and git id of each"
    yield Row(what=what, taken=whole, target="2 s, 300 MiB", kept=kept)

    ours, tarfile = alternating(runs, lambda: python(peers.OURS), lambda: python(peers.TARFILE))
    yield Row(what="the same, read and sha256, against Python's tarfile", taken=ours, peer=tarfile)
    if node_tar := peers.node_tar():
        node = ["node", "-e", peers.NODE_TAR, node_tar, path, count]
        ours, theirs = alternating(runs, lambda: python(peers.OURS), lambda: process(*node))
        yield Row(what="the same, against node-tar, which npm uses", taken=ours, peer=theirs)


def object_ids(runs: int, folder: Path) -> Row:
    """Compute git ids in one process for all, and in one process a file."""
    files = folder / "files"
    peers.make_files(files, HASHED_ONE_BY_ONE)
    ours, theirs = alternating(
        runs,
        lambda: process(sys.executable, "-c", peers.ALL_IDS, files),
        lambda: process(sys.executable, "-c", peers.ID_BY_ID, files),
    )
    what = f"git ids of {HASHED_ONE_BY_ONE} files, against one git hash-object a file"
    return Row(what=what, taken=ours, peer=theirs)


def fetched(mirror: str) -> Iterator[Row]:
    """Count what a first verification fetches and what a clone does."""
    for package, repository in FETCHED.items():
        with tempfile.TemporaryDirectory(prefix="provenly-bench-") as folder:
            found = fetch_bytes.measure(mirror, repository, Path(folder), package)
        first, clone = (found.steps[name][0] for name in ("first verification", "git clone --mirror"))
        yield Row(
            what=f"first verification of {package}: bytes from its repository, against git clone --mirror",
            taken=first,
            peer=clone,
            bound=found.partial,
            target=f"{fetch_bytes.ALLOWED:.0%} of it",
            kept=found.share <= fetch_bytes.ALLOWED,
        )


def rows(runs: int, mirror: str) -> Iterator[Row]:
    """Measure one thing after the other."""
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as name:
        folder = Path(name)
        yield help_page(runs, folder)
        yield warm_real(runs, folder, mirror) if mirror else warm_made(runs, folder)
        yield attested(runs, folder)
        yield from archives(max(3, runs // 2), folder)
        yield object_ids(max(3, runs // 2), folder)
    if bundles.missing():
        sys.stderr.write(f"bundles are not measured: {bundles.missing()} is not there\n")
    else:
        yield from sigstore_bundles(max(3, runs // 2))
    if mirror:
        yield from fetched(mirror)


def show(row: Row) -> None:
    print(row.what)
    verdict = f"   (target: {row.target}; {'kept' if row.kept else 'MISSED'})" if row.target else ""
    print(f"    {readable(row.taken)}{verdict}")
    if row.peer is not None:
        least = "at least " if row.bound else ""
        times = "here times as many" if isinstance(row.peer, Rate) else "times as much"
        print(f"    there: {least}{readable(row.peer)}, {row.ratio:.2f} {times}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", default="", metavar="PATTERN=PATH", help="where bare copies of repositories are")
    parser.add_argument("--runs", type=int, default=11, help="how often each thing is measured")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs must be at least 1")
    measured = []
    for row in rows(given.runs, given.mirror):
        measured.append(row)
        if not given.json:
            show(row)
            sys.stdout.flush()
    if given.json:
        print(json.dumps([asdict(row) | {"ratio": round(row.ratio, 2)} for row in measured], indent=2))


if __name__ == "__main__":
    main()
