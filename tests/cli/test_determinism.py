"""The same evidence and the same policy give the same bytes, whoever runs it, wherever, whenever."""

import os
import subprocess
import sys

import pytest

from provenly.cli.main import main
from tests.world import INDEX, NAME, files

PLACES = (
    {"TZ": "UTC", "PYTHONHASHSEED": "0"},
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
    {"TZ": "America/St_Johns", "PYTHONHASHSEED": "12345", "LC_ALL": "tr_TR.UTF-8", "COLUMNS": "40"},
)
"""Surroundings that differ in all that must not matter: 14 hours ahead, 3½ behind, other hashes, other letters."""


@pytest.fixture
def evidence(world, tmp_path):
    """Give an evidence folder with files that the source explains and files that it does not."""
    packed = files() | {"index.js": INDEX + "evil();\n", **{f"lib/{letter}.js": f"{letter}();\n" for letter in "ZaÄb"}}
    world.release("1.0.0", packed)
    folder = tmp_path / "evidence"
    assert main(["verify", f"{NAME}@1.0.0", "--quiet", "--save-evidence", str(folder), *world.arguments]) == 3
    return folder


@pytest.mark.parametrize("form", ["json", "cyclonedx", "text"])
def test_a_replay_gives_the_same_bytes_everywhere(evidence, form):
    arguments = ["verify", str(evidence), "--format", form]
    outputs = set()
    for place in PLACES:
        result = subprocess.run(
            [sys.executable, "-c", "from provenly.cli.main import run; run()", *arguments],
            capture_output=True,
            check=False,
            timeout=120,
            env=os.environ | place,
        )
        assert result.returncode == 3, result.stderr
        outputs.add(result.stdout)
    assert len(outputs) == 1
    assert outputs.pop()


def test_the_order_of_the_questions_does_not_change_the_answers(world, capsys):
    """Several at a time, one after the other, the same one twice: a report depends on its package only."""
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        world.release(version)
    names = [f"{NAME}@1.0.{number}" for number in (0, 1, 2, 1)]
    at = ["--format", "json", "--at", "2026-11-01", *world.arguments]
    assert main(["verify", *names, "--jobs", "8", *at]) == 0
    together = capsys.readouterr().out.splitlines()
    assert main(["verify", *names, "--jobs", "1", *at]) == 0
    assert capsys.readouterr().out.splitlines() == together
    assert together[1] == together[3]
    assert main(["verify", *reversed(names), *at]) == 0
    assert capsys.readouterr().out.splitlines() == together[::-1]


def test_two_hundred_references_get_two_hundred_answers(world, capsys):
    world.release()
    names = [f"{NAME}@1.0.0" if number % 50 == 0 else f"mail-{number}@1.0.0" for number in range(200)]
    main(["verify", f"{NAME}@1.0.0", "--quiet", *world.arguments])
    asked = len(world.registry.requests)
    capsys.readouterr()
    assert main(["verify", *names, "--offline", "--quiet", "--jobs", "8", *world.arguments]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1].removesuffix(":") for line in lines] == names
    assert [line.split()[0] for line in lines if f" {NAME}@" in line] == ["WARN"] * 4
    assert len(world.registry.requests) == asked
