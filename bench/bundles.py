"""Measure how many bundles a second are verified: here, by npm's @sigstore/verify under Node, and by sigstore-python.

    python bench/bundles.py [--rounds N] [--runs N]

All verify the same bundles, which each of them accepts, one after the other on one core. Two things are measured, of
each the CPU time: a process from its start to its end that verifies every bundle once, which is what a command or a
gate costs; and bundles a second of a process that is warm, with the trusted root parsed and after a first round. The
programs are run in turn and their medians compared: the ratios are what to look at. Needs the shared cases
(PROVENLY_TEST_CASES), Node and npm; npm's verifier is installed into a temporary folder from the registry.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import ROOT, Cost, Rate, answer, median

sys.path.insert(0, str(ROOT))

from tests.cases import CASES
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

ROUNDS = 20
"""How often a warm process verifies each bundle."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How we and another verifier did with the same bundles; of each pair, ours comes first.

    :param count: of the bundles.
    :param whole: what a process takes that verifies each bundle once.
    :param warm: how many bundles a second a process verifies that is warm.
    """

    peer: str
    count: int
    whole: tuple[Cost, Cost]
    warm: tuple[Rate, Rate]


def python(program: str, items: list[corpus.Item], rounds: int) -> tuple[Cost, float]:
    """Return what a Python program takes as a whole, and the CPU seconds of its ``rounds`` after the first."""
    names = json.dumps({"names": [item.name for item in items]})
    done, cost = answer(sys.executable, "-c", program, ROOT, str(rounds), given=names)
    return cost, float(done.stdout)


def node(packages: Path, items: list[corpus.Item], rounds: int) -> tuple[Cost, Any]:
    """Run npm's verifier; return what it takes as a whole, and its answer."""
    given = {"packages": str(packages), "items": [corpus.for_node(item) for item in items], "rounds": rounds}
    done, cost = answer("node", PROGRAM, given=json.dumps(given))
    return cost, json.loads(done.stdout)


def missing() -> str:
    """Return what is needed and not there, or an empty text."""
    return ("" if CASES.is_dir() else "the shared cases") or ("" if shutil.which("npm") else "npm")


def installed(folder: Path) -> Path:
    """Install npm's verifier and return where its packages are."""
    (folder / "package.json").write_text("{}")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet, *PACKAGES], cwd=folder, check=True, capture_output=True)
    return folder / "node_modules"


def accepted(packages: Path) -> tuple[list[corpus.Item], list[corpus.Item]]:
    """Return the bundles that we and Node accept, and those that we and sigstore-python accept; each bundle once."""
    items = [item for item in {repr(item.bundle): item for item in corpus.items()}.values() if not ours(item)]
    answers = node(packages, items, 0)[1]["answers"]
    by_node = [item for item, refusal in zip(items, answers, strict=True) if not refusal]
    return by_node, [item for item in items if not sigstore_python.refusal(item)]


def measure(
    peer: str, items: list[corpus.Item], runs: int, rounds: int, theirs: Callable[[int], tuple[Cost, float]]
) -> Result:
    """Run both programs in turn."""
    whole: list[tuple[Cost, Cost]] = []
    warm: list[tuple[float, float]] = []
    for _ in range(runs):
        whole.append((python(OURS, items, 0)[0], theirs(0)[0]))
        warm.append((python(OURS, items, rounds)[1], theirs(rounds)[1]))
    mine, other = (median(side) for side in zip(*whole, strict=True))
    count = len(items) * rounds
    rate, their_rate = (Rate(per_second=count / statistics.median(side)) for side in zip(*warm, strict=True))
    return Result(peer=peer, count=len(items), whole=(mine, other), warm=(rate, their_rate))


def results(runs: int, rounds: int = ROUNDS) -> list[Result]:
    """Measure against both verifiers."""
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as name:
        packages = installed(Path(name))
        by_node, by_python = accepted(packages)

        def by_npm(rounds: int) -> tuple[Cost, float]:
            cost, answers = node(packages, by_node, rounds)
            return cost, float(answers["seconds"])

        return [
            measure("@sigstore/verify", by_node, runs, rounds, by_npm),
            measure(
                "sigstore-python", by_python, runs, rounds, lambda rounds: python(SIGSTORE_PYTHON, by_python, rounds)
            ),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="how often each bundle is verified by a warm process"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each program is run")
    given = parser.parse_args()
    if missing():
        parser.error(f"{missing()}: not found")
    for result in results(given.runs, given.rounds):
        (whole, their_whole), (warm, their_warm) = result.whole, result.warm
        print(f"{result.count} bundles, against {result.peer}")
        times = their_whole.cpu / whole.cpu
        print(f"    a process: {whole.cpu:.2f} s CPU, there {their_whole.cpu:.2f} s: {times:.1f} times as much")
        times = warm.per_second / their_warm.per_second
        print(f"    warm: {warm.per_second:.0f} a second, there {their_warm.per_second:.0f}: {times:.2f} times as many")


if __name__ == "__main__":
    main()
