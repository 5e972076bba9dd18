"""Measure how many bundles a second are verified: here, by npm's @sigstore/verify under Node, and by sigstore-python.

    python bench/bundles.py [--rounds N] [--runs N] [--json]

All verify the same bundles, which each of them accepts, one after the other on one core. Two things are measured, of
each the CPU time: a process from its start to its end that verifies every bundle once, which is what a command or a
gate costs; and bundles a second of a process that is warm, with the trusted root parsed and after a first round. The
programs are run in turn and their medians compared: the ratios are what to look at. Needs the shared cases
(PROVENLY_TEST_CASES), Node and npm; npm's verifier is installed into a temporary folder from the registry.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import ROOT

sys.path.insert(0, str(ROOT))

from tests.differential import corpus, sigstore_python
from tests.differential.ours import ours
from tests.differential.test_sigstore_js import PACKAGES, PROGRAM

PROGRAM_OF_PYTHON = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from tests.differential import corpus
from tests.differential.{module} import {function} as check
names = set(json.loads(sys.stdin.read())["names"])
data = [(json.dumps(item.bundle), item) for item in corpus.items() if item.name in names]
def run():
    for text, item in data:
        check(text, item)
run()
start = time.process_time()
for _ in range(int(sys.argv[2])):
    run()
print(json.dumps(time.process_time() - start))
"""
OURS = PROGRAM_OF_PYTHON.format(module="ours", function="check")
SIGSTORE_PYTHON = PROGRAM_OF_PYTHON.format(module="sigstore_python", function="verify")


def run(command: list[str], given: object) -> tuple[float, Any]:
    """Run a program; return the CPU seconds of the whole process, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr[-2_000:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(done.stdout)


def python(program: str, items: list[corpus.Item], rounds: int) -> tuple[float, float]:
    """Return the CPU seconds of a Python program as a whole, and of its ``rounds`` after the first."""
    names = {"names": [item.name for item in items]}
    whole, warm = run([sys.executable, "-c", program, str(ROOT), str(rounds)], names)
    return whole, float(warm)


def node(packages: Path, items: list[corpus.Item], rounds: int) -> tuple[float, float]:
    """Return the same of npm's verifier."""
    given = {"packages": str(packages), "items": [corpus.for_node(item) for item in items], "rounds": rounds}
    whole, answer = run(["node", str(PROGRAM)], given)
    return whole, float(answer["seconds"])


def installed(folder: Path) -> Path:
    """Install npm's verifier and return where its packages are."""
    (folder / "package.json").write_text("{}")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet, *PACKAGES], cwd=folder, check=True, capture_output=True)
    return folder / "node_modules"


def accepted(packages: Path) -> tuple[list[corpus.Item], list[corpus.Item]]:
    """Return the bundles that we and Node accept, and those that we and sigstore-python accept; each bundle once."""
    items = [item for item in {repr(item.bundle): item for item in corpus.items()}.values() if not ours(item)]
    given = {"packages": str(packages), "items": [corpus.for_node(item) for item in items], "rounds": 0}
    answers = run(["node", str(PROGRAM)], given)[1]["answers"]
    by_node = [item for item, answer in zip(items, answers, strict=True) if not answer]
    return by_node, [item for item in items if not sigstore_python.refusal(item)]


def measure(
    peer: str, items: list[corpus.Item], given: argparse.Namespace, theirs: Callable[[int], tuple[float, float]]
) -> dict[str, Any]:
    """Run both programs in turn; return CPU seconds of a process that verifies all once, and bundles a second."""
    once: list[tuple[float, float]] = []
    warm: list[tuple[float, float]] = []
    for _ in range(given.runs):
        once.append((python(OURS, items, 0)[0], theirs(0)[0]))
        warm.append((python(OURS, items, given.rounds)[1], theirs(given.rounds)[1]))
    mine, other = (statistics.median(side) for side in zip(*once, strict=True))
    count = len(items) * given.rounds
    rate, their_rate = (count / statistics.median(side) for side in zip(*warm, strict=True))
    return {
        "peer": peer,
        "bundles": len(items),
        "process": {"ours": round(mine, 3), "theirs": round(other, 3), "ratio": round(other / mine, 2)},
        "a_second": {"ours": round(rate), "theirs": round(their_rate), "ratio": round(rate / their_rate, 2)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="how often each bundle is verified by a warm process")
    parser.add_argument("--runs", type=int, default=5, help="how often each program is run")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as name:
        packages = installed(Path(name))
        by_node, by_python = accepted(packages)
        rows = [
            measure("@sigstore/verify", by_node, given, lambda rounds: node(packages, by_node, rounds)),
            measure("sigstore-python", by_python, given, lambda rounds: python(SIGSTORE_PYTHON, by_python, rounds)),
        ]
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        once, warm = row["process"], row["a_second"]
        print(f"{row['bundles']} bundles, against {row['peer']}")
        print(
            f"    a process: {once['ours']:.2f} s CPU, there {once['theirs']:.2f} s: {once['ratio']:.1f} times as much"
        )
        print(f"    warm: {warm['ours']} a second, there {warm['theirs']}: {warm['ratio']:.1f} times as many")


if __name__ == "__main__":
    main()
