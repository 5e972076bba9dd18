"""Measure how packages are explained: one row of a Markdown table for each, as docs/explain.md shows them.

    python tools/survey.py REF[=URL]… [--git-mirror URL=MIRROR] [--cache DIR]

REF=URL compares with the repository at that URL, whatever the package claims: one in ten claims none.

A row names the package, its commit and how that was found, its files by class, the bytes of its code that are
explained, and the seconds that the verification took. The first of a run also loads the compiler.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from provenly import api
from provenly.trust.errors import Error
from provenly.trust.evidence import UNEXPLAINED_CLASSES, Comparison, FileClass
from provenly.trust.verdict import Report

HEAD = ("package", "commit", "found by", *(kind.value for kind in FileClass), "code explained", "seconds")
KILO = 1_000


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", nargs="+", metavar="REF[=URL]")
    parser.add_argument("--git-mirror", action="append", default=[], metavar="URL=MIRROR")
    parser.add_argument("--cache", default="")
    parser.add_argument("--offline", action="store_true")
    asked = parser.parse_args(arguments)
    options = api.Options(git_mirrors=tuple(asked.git_mirror), cache=asked.cache, offline=asked.offline)
    _print(HEAD)
    _print(["---"] * len(HEAD))
    for reference in asked.references:
        _print(row(reference, options))
    return 0


def row(reference: str, options: api.Options) -> list[str]:
    """Return the cells of one package.

    :param reference: the package, and after ``=`` its repository where it does not claim the right one.
    """
    reference, _, source = reference.partition("=")
    options = replace(options, source=source) if source else options
    start = time.perf_counter()
    try:
        report = api.verify_package(reference, options)
    except Error as error:
        return [reference, *[""] * (len(HEAD) - 3), error.message, ""]
    return [*cells(report), f"{time.perf_counter() - start:.1f}"]


def cells(report: Report) -> list[str]:
    """Return what a report says of a package; the seconds are not in it."""
    name = f"{report.package.name}@{report.package.version}" if report.package else report.reference.text
    source, comparison = report.source, report.comparison
    if source is None or comparison is None:
        return [name, *[""] * (len(HEAD) - 3), "not compared"]
    counts = [f"{comparison.count(kind):,}" if comparison.count(kind) else "" for kind in FileClass]
    return [name, source.commit[:12], source.found_by.value, *counts, code(comparison)]


def code(comparison: Comparison) -> str:
    """Return how much of what can run is explained, in files and in bytes."""
    runs = [file for file in comparison.files if file.executable]
    explained = [file for file in runs if file.file_class not in UNEXPLAINED_CLASSES]
    sizes = [sum(file.size for file in files) / KILO for files in (explained, runs)]
    return f"{len(explained):,} of {len(runs):,} files, {sizes[0]:,.0f} of {sizes[1]:,.0f} kB"


def _print(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
