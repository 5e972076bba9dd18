"""Running programs and measuring what they take: CPU, time, memory. Nothing here knows what is measured."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PEAK = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)\n"
"""The last line of a Python child: its own peak in KiB. ``ru_maxrss`` would begin with the size of its parent."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a step took: medians over its runs.

    :param cpu: user and system seconds, with the processes that it started.
    :param wall: seconds on the clock.
    :param peak: MiB of the process itself, without the processes that it started; 0 where it was not asked.
    """

    cpu: float
    wall: float
    peak: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How often a program that is warm does a thing.

    :param per_second: of its CPU time.
    """

    per_second: float


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of several runs."""
    return Cost(
        cpu=statistics.median(cost.cpu for cost in costs),
        wall=statistics.median(cost.wall for cost in costs),
        peak=statistics.median(cost.peak for cost in costs),
    )


def process(*command: str | Path, codes: Sequence[int] = (0,), home: Path | None = None, peak: bool = False) -> Cost:
    """Run a program once.

    :param codes: the exit codes that are right; any other ends the measurement.
    :param home: the home folder of the program, so that no user's settings take part.
    :param peak: whether the last line of its standard error is its peak in KiB.
    """
    done, cost = answer(*command, codes=codes, home=home)
    return replace(cost, peak=int(done.stderr.split()[-1]) / 1024) if peak else cost


def answer(
    *command: str | Path, codes: Sequence[int] = (0,), home: Path | None = None, given: str = ""
) -> tuple[subprocess.CompletedProcess[str], Cost]:
    """Run a program once, and return what it wrote with what it took.

    :param given: its standard input.
    """
    variables = os.environ | ({"HOME": str(home)} if home else {})
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command],
        input=given,
        capture_output=True,
        text=True,
        env=variables,
        cwd=ROOT,
        check=False,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2_000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, Cost(cpu=cpu, wall=wall)


def alternating(runs: int, *steps: Callable[[], Cost]) -> list[Cost]:
    """Run several steps in turn, ``runs`` times, and return the medians: a busy machine slows all of them alike."""
    costs: list[list[Cost]] = [[] for _ in steps]
    for _ in range(runs):
        for taken, step in zip(costs, steps, strict=True):
            taken.append(step())
    return [median(taken) for taken in costs]
