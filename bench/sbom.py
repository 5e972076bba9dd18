"""The SBOM of a package, beside @cyclonedx/cyclonedx-npm: how long does it take, and what is in it?

    python bench/sbom.py [--mirror PATTERN=PATH] [--sbomqs PROGRAM] [--runs N] [NAME@VERSION …]

cyclonedx-npm describes what is installed, so its side is ``npm install --ignore-scripts`` into an empty folder and then
the program, once with npm's cache empty and then with the folder as it is: all that is left to do then is to describe
it. Provenly's side is ``provenly sbom`` with an empty cache, and again with what it kept; its document has the package
verified against its source, so that is in its times. Both take turns. cyclonedx-npm itself is installed into a
temporary folder first, without running any script. Nothing of a package is run by either side.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from measure import Cost, answer, median

REFERENCES: Final = ("@modelcontextprotocol/server-filesystem@2026.7.10",)

PEER: Final = "@cyclonedx/cyclonedx-npm@6.0.1"
"""What is compared with; pinned, so that a run can be repeated."""

ENDED: Final = (0, 1, 3)
"""The exit codes of provenly that come with a document: it is written whatever the verdict is."""

PLAIN: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

PROFILES: Final = ("ntia", "bsi-v2.1", "fsct")
"""The profiles of sbomqs that buyers ask for."""

Members = Mapping[str, Any]


def _references(kind: str) -> Callable[[Members], bool]:
    return lambda one: any(reference["type"] == kind for reference in one.get("externalReferences", ()))


def _hashed(one: Members) -> bool:
    """Say whether a component has a digest, on itself or, as cyclonedx-npm writes it, on where it is from."""
    references = one.get("externalReferences", ())
    return bool(one.get("hashes")) or any(reference.get("hashes") for reference in references)


FIELDS: Final[Mapping[str, Callable[[Members], bool]]] = {
    "purl": lambda one: bool(one.get("purl")),
    "a digest anywhere": _hashed,
    "a digest of its own": lambda one: bool(one.get("hashes")),
    "licence as SPDX": lambda one: any("expression" in it or "id" in it["license"] for it in one.get("licenses", ())),
    "supplier": lambda one: bool(one.get("supplier")),
    "scope": lambda one: bool(one.get("scope")),
    "description": lambda one: bool(one.get("description")),
    "author or publisher": lambda one: any(one.get(key) for key in ("author", "authors", "publisher")),
    "archive's address": _references("distribution"),
    "repository": _references("vcs"),
    "home page": _references("website"),
    "outcome of checks": lambda one: any(it["name"].startswith("provenly:check:") for it in one.get("properties", ())),
}
"""What is counted: how many components have it."""


def nested(members: Members) -> Iterator[Members]:
    """Yield the components of a document, those inside others too."""
    for one in members.get("components", ()):
        yield one
        yield from nested(one)


def peers(folder: Path) -> Path:
    """Install cyclonedx-npm into a folder, and return its command."""
    folder.mkdir()
    answer("npm", "install", f"--prefix={folder}", f"--cache={folder / 'cache'}", *PLAIN, PEER, home=folder)
    return folder / "node_modules" / ".bin" / "cyclonedx-npm"


def theirs(reference: str, command: Path, folder: Path, written: Path) -> tuple[Cost, Cost, Cost]:
    """Return what installing took, describing after that, and describing once more; the document is written."""
    name, _, version = reference.rpartition("@")
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "project"
    project.mkdir(parents=True)
    manifest = {"name": "bench", "version": "1.0.0", "private": True, "dependencies": {name: version}}
    (project / "package.json").write_text(json.dumps(manifest))
    inside: tuple[str | Path, ...] = ("env", "-C", project)
    _, installing = answer(*inside, "npm", "install", f"--cache={folder / 'cache'}", *PLAIN, home=folder)
    describe = (*inside, command, "--output-format=JSON", "--spec-version=1.6", f"--output-file={written}")
    return installing, answer(*describe, home=folder)[1], answer(*describe, home=folder)[1]


def ours(reference: str, mirrors: Sequence[str], folder: Path, written: Path) -> tuple[Cost, Cost]:
    """Return what it took with an empty cache, and again; the document is written."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    options = [f"--git-mirror={one}" for one in mirrors] + [f"--cache={folder / 'kept'}", "--quiet"]
    script = Path(sys.executable).parent / "provenly"
    command = (script, "sbom", reference, *options, f"--output={written}")
    cold, warm = (answer(*command, codes=ENDED, home=folder)[1] for _ in range(2))
    return cold, warm


def scores(program: str, document: Path) -> Iterator[tuple[str, str]]:
    """Yield what sbomqs says, in all and by profile."""
    for profile in ("", *PROFILES):
        command = [program, "score", "--json", *([f"--profile={profile}"] if profile else []), str(document)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        file = json.loads(said[said.index("{") :])["files"][0]
        score = file["profiles"][0]["score"] if profile else file["sbom_quality_score"]
        yield f"sbomqs{profile and ', profile '}{profile}", f"{score:.1f}"


def shown(document: Members) -> dict[str, str]:
    """Return what there is in a document, for people."""
    found = list(nested(document))
    counts = {f"with {what}": str(sum(map(has, found))) for what, has in FIELDS.items()}
    edges = sum(len(one.get("dependsOn", ())) for one in document.get("dependencies", ()))
    parts = ("compositions", "formulation", "declarations", "annotations")
    more = ", ".join(part for part in parts if document.get(part)) or "none"
    # cyclonedx-npm lists a package once for each place at which it lies.
    names = {(one.get("group"), one["name"], one.get("version")) for one in found}
    return {
        "components": str(len(found)),
        "distinct packages": str(len(names)),
        **counts,
        "edges": str(edges),
        "further parts": more,
    }


def compare(reference: str, asked: argparse.Namespace, command: Path, folder: Path) -> None:
    """Measure one package, and print the table."""
    documents = {"cyclonedx-npm": folder / "theirs.json", "provenly": folder / "ours.json"}
    taken: list[tuple[Cost, ...]] = []
    for _ in range(asked.runs):
        described = theirs(reference, command, folder / "peer", documents["cyclonedx-npm"])
        taken.append((*described, *ours(reference, asked.mirror, folder / "own", documents["provenly"])))
    installing, first, again, cold, warm = (median(costs) for costs in zip(*taken, strict=True))
    whole = Cost(cpu=installing.cpu + first.cpu, wall=installing.wall + first.wall)
    print(f"\n{reference}\n")
    print("| | cyclonedx-npm | provenly | theirs / ours |\n|---|---|---|---|")
    for what, their, our in (("nothing kept", whole, cold), ("again", again, warm)):
        ratio = f"{their.cpu / our.cpu:.1f} CPU, {their.wall / our.wall:.1f} clock"
        print(f"| {what} | {_cost(their)} | {_cost(our)} | {ratio} |")
    tables = []
    for document in documents.values():
        table = shown(json.loads(document.read_text("utf-8")))
        tables.append(table | (dict(scores(asked.sbomqs, document)) if asked.sbomqs else {}))
    for what in tables[0]:
        print(f"| {what} | {tables[0][what]} | {tables[1][what]} | |")


def _cost(cost: Cost) -> str:
    return f"{cost.cpu:.2f} s CPU, {cost.wall:.2f} s"


def main() -> None:
    """Compare package by package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", nargs="*", default=REFERENCES)
    parser.add_argument("--mirror", action="append", default=[], help="PATTERN=PATH, as provenly's --git-mirror")
    parser.add_argument("--sbomqs", default="", help="the program; without it nothing is scored")
    parser.add_argument("--runs", type=int, default=1, help="of which the medians are shown")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="provenly-bench-") as temporary:
        folder = Path(temporary)
        command = peers(folder / "tool")
        for reference in asked.references:
            compare(reference, asked, command, folder)


if __name__ == "__main__":
    main()
