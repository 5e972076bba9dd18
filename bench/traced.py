"""Measure tracing bundles against building them, and what the index of their dependencies costs.

    python bench/traced.py --mirror PATTERN=PATH [--runs N] [--corpus] [NAME@VERSION#TAG:DIRECTORY …]

For each package, in one run: its bundles are traced with nothing kept, and with the digests of its dependencies kept;
it is verified again with all kept; and it is built, ``npm ci`` and ``npm run build`` in a folder that is thrown away,
the latter in bubblewrap without a network where that is installed. Building runs what the repository's scripts say: do
it where that is acceptable. No script of a dependency is run. The mirror names bare copies of the repositories, as
``--git-mirror`` does. Both sides read from caches that are filled once before.

``--corpus`` measures the index alone: 90 MB of code of real packages are taken apart, and read again.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explained import Asked, copy_of, run
from measure import Cost, answer, process

PACKAGES = (
    "exa-mcp-server@3.4.1#:",
    "@notionhq/notion-mcp-server@2.4.1#:",
    "firecrawl-mcp@3.24.0#:",
)
REPOSITORIES = {
    "exa-mcp-server": "https://github.com/exa-labs/exa-mcp-server",
    "@notionhq/notion-mcp-server": "https://github.com/makenotion/notion-mcp-server",
    "firecrawl-mcp": "https://github.com/firecrawl/firecrawl-mcp-server",
}
CORPUS = (
    *("typescript@5.9.3", "googleapis@148.0.0", "@aws-sdk/client-ec2@3.800.0"),
    *("three@0.170.0", "date-fns@4.1.0", "lodash@4.17.21"),
)
"""Real packages with 90 million bytes of code in them."""

ENDED = (0, 1, 3)
SPEED, INDEX, AGAIN, MEMORY = 1.0, 2.0, 2.0, 1536
"""The targets: MB of bundle a CPU second, CPU seconds a MB of dependencies and of a second verification, MiB."""

SANDBOX = (
    *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
    *("--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"),
    *("--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/home"),
    *("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/home", "--setenv", "CI", "true"),
)


class Memory(threading.Thread):
    """Samples what a process and all that it started hold together: the sum of their proportional sizes, in MiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.peak = 0.0
        self.start()

    def run(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            self.peak = max(self.peak, sum(map(_held, _below(self._pid))))
            time.sleep(0.2)


def _below(pid: int) -> list[int]:
    """Return a process and all that it started."""
    found, waiting = [], [pid]
    while waiting:
        found.append(one := waiting.pop())
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def child(*words: str) -> dict[str, float]:
    """Run this script as a child that measures itself; its answer has the peak of its memory besides."""
    done = subprocess.Popen([sys.executable, __file__, *words], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    memory = Memory(done.pid)
    text, _ = done.communicate()
    if done.returncode:
        sys.exit(f"tracing ended with {done.returncode}")
    return {**json.loads(text.splitlines()[-1]), "peak": memory.peak}


def used() -> float:
    """Return the CPU seconds of this process and of those that it started and that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def traced(text: str, mirror: str, cache: str) -> None:
    """Trace the bundles of a package in the first way that a verification takes, and say what that took."""
    from provenly.verify.explain.scene import Scene, Tools
    from provenly.verify.explain.traced import corpus, looks
    from provenly.verify.gather import look
    from provenly.verify.references.reference import parse
    from provenly.verify.tracing.prepass import Prepass
    from provenly.verify.tracing.trace import Tracing

    now = datetime.now(UTC)
    with _context(cache, mirror, now) as context:
        bare = replace(context, compilers=None, esbuild=None, tracers=None)
        subject = look(parse(text), bare)
        tools = Tools(dependencies=_dependencies(context), tracers=context.tracers, esbuild=context.esbuild)
        found = subject.found_or
        scene = Scene.of(subject.artifact_or, found.source, subject.surface_or, found.repository, tools)
        wanted = looks.bundles(scene, scene.artifact.files)
        minified = [entry for entry in wanted if looks.is_minified(scene.content(entry))]
        wanted = minified or wanted
        files = looks.imported(scene, wanted)
        made_of = corpus.corpus_of(scene, labelled=any(map(looks.is_labelled, files.values())))
        release = corpus.release_of(made_of.lock, scene.source.directory)
        prepass = Prepass(context.esbuild, release) if minified else None
        loader = corpus.Loader(tools.dependencies, time.monotonic() + 3_600)
        tracing = Tracing(context.tracers, context.prints, prepass)
        begun, start = used(), time.perf_counter()
        results = tracing.run(files, made_of.sources, made_of.packages, loader.each, directory=found.source.directory)
        wall = time.perf_counter() - start
        context.tracers.close()
        sizes = {"bundle": sum(map(len, files.values())), "size": tracing.size}
        left = sum(result.untraced for result in results.values()) / max(1, sum(one.size for one in results.values()))
        print(json.dumps({"cpu": used() - begun, "wall": wall, "left": left, **sizes}))


def indexed(cache: str) -> None:
    """Take the corpus apart, or read what is kept of it, and say what that took."""
    from provenly.verify.tracing.trace import Tracing

    with _context(cache, "", datetime.now(UTC)) as context:
        dependencies = _dependencies(context)
        packages = [dependencies.satisfying(*one.rsplit("@", 1)) for one in CORPUS]
        tracing = Tracing(context.tracers, context.prints)
        begun, start = used(), time.perf_counter()
        tracing.run({"index.js": b"console.log(1);\n"}, {}, packages, dependencies.each)
        wall = time.perf_counter() - start
        context.tracers.close()
        print(json.dumps({"cpu": used() - begun, "wall": wall, "size": tracing.size}))


@contextmanager
def _context(cache: str, mirror: str, now: datetime) -> Iterator[Any]:
    from provenly.verify.context import Silence
    from provenly.verify.surroundings import Surroundings, opened

    asked = Surroundings(cache=cache, git_mirrors=(mirror,) if mirror else ())
    with opened(asked, now, now, Silence()) as surroundings:
        yield surroundings.context


def _dependencies(context: Any) -> Any:  # noqa: ANN401 - of a library that only children load
    from provenly.verify.dependencies.fetch import Dependencies

    return Dependencies(context)


def forget(cache: Path) -> None:
    """Remove all that was found in code before; what was downloaded stays."""
    for kept in cache.glob("*/compiled"):
        shutil.rmtree(kept)


def build(text: str, copy: Path, commit: str, directory: str, folder: Path) -> Cost:
    """Build a package from its source in a folder that is thrown away, the second step in a sandbox if there is one."""
    tree, home = folder / "tree", folder / "home"
    shutil.rmtree(tree, ignore_errors=True)
    home.mkdir(exist_ok=True)
    run(folder, ["git", "clone", "--quiet", "--no-checkout", str(copy), str(tree)], home)
    run(tree, ["git", "checkout", "--quiet", "--detach", commit], home)
    manager = "pnpm" if (tree / "pnpm-lock.yaml").exists() else "npm"
    if shutil.which(manager) is None:
        sys.exit(f"{text} is built with {manager}, which is not installed")
    install = ["ci", "--no-audit", "--no-fund"] if manager == "npm" else ["install", "--frozen-lockfile"]
    steps = [(tree, [manager, *install, "--prefer-offline", "--ignore-scripts", "--loglevel=error"])]
    building = [manager, "run", "build"]
    if shutil.which("bwrap"):
        place = f"/build/{directory}"
        building = [*SANDBOX, "--bind", str(tree), "/build", "--chdir", place, "--", *building]
    steps.append((tree / directory, building))
    cpu, start = 0.0, time.perf_counter()
    for place, command in steps:
        _, cost = run(place, command, home)
        cpu += cost.cpu
    return Cost(cpu=cpu, wall=time.perf_counter() - start)


def measure(text: str, mirror: str, runs: int) -> bool:
    """Measure one package; return whether all targets are kept."""
    asked = Asked.parse(text)
    name = asked.reference.rpartition("@")[0]
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as temporary:
        folder = Path(temporary)
        cache = folder / "cache"
        options = ["--git-mirror", mirror, "--cache", str(cache), "--format", "json"]
        verify = [Path(sys.executable).parent / "provenly", "verify", asked.reference, *options]
        done, _ = answer(*verify, codes=ENDED, home=folder)
        commit = asked.tag or json.loads(done.stdout)["source"]["commit"]
        own = ["--child", asked.reference, "--mirror", mirror, "--cache", str(cache)]
        child(*own)
        rows: dict[str, list[float]] = {key: [] for key in ("first", "trace", "again", "built", "peak", "clock")}
        for number in range(runs):
            forget(cache)
            first = child(*own)
            kept = child(*own)
            process(*verify, codes=ENDED, home=folder)
            again = process(*verify, codes=ENDED, home=folder)
            try:
                built = build(asked.reference, copy_of(mirror, REPOSITORIES[name]), commit, asked.directory, folder)
            except SystemExit as error:
                if number == 0:
                    print(f"    it could not be built here: {str(error)[:300]}")
                built = Cost(cpu=0.0, wall=0.0)
            for key, value in (
                *(("first", first["cpu"]), ("trace", kept["cpu"]), ("again", again.cpu)),
                *(("built", built.wall), ("peak", max(first["peak"], kept["peak"])), ("clock", kept["wall"])),
            ):
                rows[key].append(value)
    middle = {key: statistics.median(values) for key, values in rows.items()}
    return _said(asked.reference, first, middle)


def _said(reference: str, about: dict[str, float], middle: dict[str, float]) -> bool:
    """Print what was measured; return whether all targets are kept."""
    bundle, size = about["bundle"] / 1e6, about["size"] / 1e6
    speed = bundle / middle["trace"]
    index = (middle["first"] - middle["trace"]) / size if size else 0.0
    print(f"{reference}: {bundle:.2f} MB, {100 * about['left']:.2f} % untraced; {size:.1f} MB of dependencies")
    print(f"    traced:   {middle['trace']:6.2f} s CPU, {middle['clock']:.2f} s: {speed:.2f} MB a CPU second")
    print(f"    index:    {middle['first'] - middle['trace']:6.2f} s CPU: {index:.2f} s a MB of dependencies")
    print(f"    memory:   {middle['peak']:6.0f} MiB, all processes together")
    print(f"    verified again: {middle['again']:.2f} s CPU")
    if middle["built"]:
        times = middle["built"] / middle["clock"]
        print(f"    built:    {middle['built']:6.2f} s on the clock: {times:.1f} times as long as tracing")
    kept = speed >= SPEED and index <= INDEX and middle["again"] <= AGAIN and middle["peak"] <= MEMORY
    print(f"    targets: {'kept' if kept else 'MISSED'}")
    return kept


def measure_corpus() -> bool:
    """Measure the index of 90 MB of code."""
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as temporary:
        cache = str(Path(temporary) / "cache")
        child("--child-corpus", "--cache", cache)
        forget(Path(cache))
        first, again = (child("--child-corpus", "--cache", cache) for _ in range(2))
    size = first["size"] / 1e6
    print(f"{size:.1f} MB of dependencies")
    for word, found in (("first", first), ("again", again)):
        print(f"    {word}: {found['cpu']:.1f} s CPU, {found['wall']:.1f} s: {found['cpu'] / size:.2f} s CPU a MB")
        print(f"        {found['peak']:.0f} MiB, all processes together")
    return first["cpu"] / size <= INDEX and max(first["peak"], again["peak"]) <= MEMORY


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", metavar="NAME@VERSION#COMMIT:DIRECTORY")
    parser.add_argument("--mirror", default="", metavar="PATTERN=PATH", help="where bare copies of repositories are")
    parser.add_argument("--runs", type=int, default=3, help="how often each is done, in turn")
    parser.add_argument("--corpus", action="store_true", help="measure the index of 90 MB of dependencies alone")
    for hidden in ("--child", "--cache"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--child-corpus", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.child:
        traced(given.child, given.mirror, given.cache)
    elif given.child_corpus:
        indexed(given.cache)
    elif given.corpus:
        sys.exit(not measure_corpus())
    elif not given.mirror:
        parser.error("--mirror says where copies of the repositories are")
    else:
        kept = [measure(text, given.mirror, given.runs) for text in given.packages or PACKAGES]
        sys.exit(not all(kept))


if __name__ == "__main__":
    main(sys.argv[1:])
