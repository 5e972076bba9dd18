"""What a person at a real terminal sees: a pseudo-terminal stands for it."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from tests.world import NAME


def at_a_terminal(*arguments, **environment):
    """Run the program with a pseudo-terminal as its standard output and error; return what it wrote to it."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from provenly.cli.main import run; run()", *arguments],
        stdout=follower,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        env=variables | {"TERM": "xterm-256color", "COLUMNS": "80"} | environment,
    )
    os.close(follower)
    seen = b""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([leader], [], [], 0.5)[0]:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(leader)
    return process.wait(timeout=10), seen.decode()


def test_colour_and_progress_on_a_terminal(world):
    world.release()
    code, seen = at_a_terminal("verify", f"{NAME}@1.0.0", *world.arguments)
    assert code == 0
    assert re.search(r"\x1b\[[0-9;]*m", seen)
    assert "Comparing with the source" in seen or "Looking for the source" in seen


@pytest.mark.parametrize("how", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(world, how):
    world.release()
    code, seen = at_a_terminal("verify", f"{NAME}@1.0.0", "--quiet", *world.arguments, **how)
    assert code == 0
    assert "\x1b[" not in seen


def test_quiet_is_one_line(world):
    world.release()
    _, seen = at_a_terminal("verify", f"{NAME}@1.0.0", "--quiet", "--no-color", *world.arguments)
    assert len(seen.strip().splitlines()) == 1
