"""Measure what a first verification fetches of a repository against what cloning it costs, in one run.

    python bench/fetch_bytes.py --mirror PATTERN=PATH REPOSITORY#TAG[:MANIFEST] …

For example, with bare copies of repositories below /srv/git::

    python bench/fetch_bytes.py --mirror 'https://github.com/{owner}/{repo}=/srv/git/{owner}+{repo}/repo' \
        https://github.com/microsoft/playwright-mcp#v0.0.75:package.json

Each copy is served over smart HTTP on loopback by git's own server, and the bytes of all response bodies are counted:
first the refs, the tagged commit's trees, and its manifest, README and licence, as a verification reads them; then the
rest of what one may ask (the manifest's history, and what leads to the oldest commit in it); then ``git clone
--mirror`` and ``git clone --bare``. The first must be at most a tenth of the mirror clone, else the exit status is 1.

Copies that lack some objects cannot be cloned. Then the pack that a clone would receive is made without the missing
ones and its bytes are counted, which is said; a full clone would take more, so the share is then an upper bound.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provenly import api
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate
from provenly.verify.forge.repository import GitForge, GitRepository
from provenly.verify.network.cache import Cache

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.simulator.forge import Forge
from tests.simulator.repositories import GIT, environment

ALLOWED = 0.1
"""The share of a full clone that a first verification may fetch."""


def verification(repository: GitRepository, tag: str, manifest: str) -> None:
    """Read what a verification reads where a tag names the version."""
    commit = repository.refs().tags[tag]
    tree = repository.tree(commit)
    folder = manifest.rpartition("/")[0]
    names = {manifest, *(f"{folder}/{name}".lstrip("/") for name in ("README.md", "LICENSE"))}
    repository.blobs(tree[name].blob for name in sorted(names & set(tree)))
    repository.contained(commit)


def rest(repository: GitRepository, manifest: str) -> None:
    """Ask what is asked where no tag names the version."""
    changes = repository.history(manifest)
    repository.blobs(change.blob for change in changes[:60])
    repository.contained(changes[-1].commit)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What was taken from one repository.

    :param steps: what was done → bytes and seconds, in the order in which it was done.
    :param partial: whether the copy lacks objects, so that a full clone would take more than is counted here.
    """

    name: str
    steps: dict[str, tuple[int, float]]
    partial: bool

    @property
    def share(self) -> float:
        """The first verification as a share of the mirror clone."""
        return self.steps["first verification"][0] / self.steps["git clone --mirror"][0]

    @property
    def plain_share(self) -> float:
        """The first verification as a share of the bare clone."""
        return self.steps["first verification"][0] / self.steps["git clone --bare"][0]


def clone(forge: Forge, name: str, folder: Path, kind: str) -> tuple[int, bool]:
    """Clone a repository and return how many bytes it took, or would have taken without what its copy lacks."""
    before = forge.sent
    command = [GIT, "clone", "--quiet", kind, f"{forge.url}/{name}.git", str(folder)]
    if subprocess.run(command, check=False, env=environment(), capture_output=True).returncode == 0:
        return forge.sent - before, False
    git = [GIT, f"--git-dir={forge.root / f'{name}.git'}"]
    variables = environment(forge.config)
    names = [] if kind == "--mirror" else ["refs/heads", "refs/tags"]
    command = [*git, "for-each-ref", "--format=%(objectname)", *names]
    tips = subprocess.run(command, check=True, env=variables, capture_output=True).stdout
    command = [*git, "pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset", "--missing=allow-any"]
    with tempfile.TemporaryFile() as pack:
        subprocess.run(command, input=tips, stdout=pack, check=True, env=variables)
        return pack.seek(0, 2), True


def measure(mirror: str, text: str, folder: Path, package: str = "") -> Fetched:
    """Measure one repository.

    :param mirror: the mapping that leads to a bare copy on this machine.
    :param text: ``REPOSITORY#TAG[:MANIFEST]``.
    :param folder: an empty folder to work in.
    :param package: the published package to verify, which asks the registry for it, too (its bytes are not counted);
        without one, the repository is asked for what a verification asks for at least.
    """
    url, _, rest_of_text = text.partition("#")
    tag, _, manifest = rest_of_text.rpartition(":") if ":" in rest_of_text else (rest_of_text, "", "package.json")
    path = locate(url, [Mirror.parse(mirror)], FORGES)
    if not path.local:
        sys.exit(f"{path.target} is not a path")
    name = url.removeprefix("https://github.com/")
    steps: dict[str, tuple[int, float]] = {}
    partial = False
    with (
        Forge(folder / "forge", adopt={name: Path(path.target)}) as forge,
        Cache(folder / "cache", datetime.now(UTC)) as cache,
    ):
        repository = GitForge(cache, [forge.mirror_option()]).open(url)
        options = api.Options(git_mirrors=(forge.mirror_option(),), cache=str(folder / "cache"))

        def first() -> None:
            if package:
                found = api.verify_package(package, options).source
                if found is None or found.repository != url:
                    sys.exit(f"{package} was not verified against {url}")
            else:
                verification(repository, tag, manifest)

        for title, step in (
            ("first verification", first),
            ("history of the manifest, too", lambda: rest(repository, manifest)),
        ):
            before, start = forge.sent, time.perf_counter()
            step()
            steps[title] = forge.sent - before, time.perf_counter() - start
        for kind in ("--mirror", "--bare"):
            start = time.perf_counter()
            sent, lacks = clone(forge, name, folder / kind.strip("-"), kind)
            steps[f"git clone {kind}"] = sent, time.perf_counter() - start
            partial |= lacks
    return Fetched(name=f"{name} {tag}", steps=steps, partial=partial)


def show(fetched: Fetched) -> None:
    print(fetched.name)
    for title, (count, seconds) in fetched.steps.items():
        print(f"  {title:30} {count:>12,} bytes {seconds:8.2f} s")
    if fetched.partial:
        print("  (the copy lacks objects; a clone is counted without them)")
    print(f"  {'share':30} {fetched.share:12.2%} of the mirror clone, {fetched.plain_share:.2%} of the bare one")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", required=True, metavar="PATTERN=PATH", help="where the bare copies are")
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY#TAG[:MANIFEST]")
    given = parser.parse_args()
    within = True
    for text in given.repositories:
        with tempfile.TemporaryDirectory(prefix="provenly-bench-") as folder:
            fetched = measure(given.mirror, text, Path(folder))
        show(fetched)
        within &= fetched.share <= ALLOWED
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
