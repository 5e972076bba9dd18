"""npm's own code as the other side of a comparison: one node process answers a whole batch of questions."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


@functools.cache
def npm_modules() -> Path | None:
    """Return the folder of the packages inside the installed npm, or ``None`` where there is none."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    inside = Path(npm).resolve().parent.parent / "node_modules"
    return inside if (inside / "semver").is_dir() else None


def ask(script: str, questions: object) -> Any:
    """Return what a script answers: it sees ``questions``, requires from npm with ``npm(name)``,
    finds npm's packages in ``MODULES``, and returns its answer.

    The test is skipped where npm is not installed.
    """
    modules = npm_modules()
    if modules is None:
        pytest.skip("npm is not installed")
    program = f"""
        const MODULES = {json.dumps(str(modules))}
        const npm = name => require(MODULES + '/' + name)
        const questions = JSON.parse(require('fs').readFileSync(0))
        process.stdout.write(JSON.stringify((() => {{ {script} }})()))
    """
    done = subprocess.run(
        ["node", "-e", program], input=json.dumps(questions), capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)
