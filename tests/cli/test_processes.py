"""The program as a process: broken streams, foreign encodings, full disks, signals. Never a traceback, never a 0."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from fnmatch import fnmatch

import pytest

from tests.simulator.forge import Misbehaviour
from tests.world import INDEX, NAME, files

PROGRAM = [sys.executable, "-c", "from provenly.cli.main import run; run()"]
ARROW = f"{NAME}@^1"
"""A reference whose report has characters that ASCII lacks: the arrow of the note on the resolved version."""


def shell(line, **environment):
    """Run a line of sh in which $PROVENLY is the program; return the exit code, standard output and error."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    # Where files may not grow, Python would leave half a compiled module behind for every run after this one.
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    result = subprocess.run(
        ["/bin/sh", "-c", line.replace("$PROVENLY", shlex.join(PROGRAM))],
        capture_output=True,
        check=False,
        timeout=120,
        env=variables | environment,
    )
    assert b"Traceback" not in result.stderr
    return result.returncode, result.stdout, result.stderr.decode()


@pytest.fixture
def asked(world):
    """Give a command line that verifies a package with one line too many."""
    world.release("1.0.0", files() | {"index.js": INDEX + "evil();\n"})
    return shlex.join(["verify", ARROW, *world.arguments])


@pytest.mark.parametrize("where", [">&-", ">/dev/full"])
@pytest.mark.parametrize(
    "arguments", ["", " --quiet", " --format json", " --format cyclonedx"], ids=["text", "quiet", "json", "cyclonedx"]
)
def test_a_verdict_that_cannot_be_written_is_an_error_that_says_so(asked, arguments, where):
    code, _, err = shell(f"$PROVENLY {asked}{arguments} {where}")
    assert code == 2
    assert err.startswith("error: standard output cannot be written: ")
    assert "--output" in err


@pytest.mark.parametrize("command", ["--help", "--version", "policy show", "explain", "verify --help"])
@pytest.mark.parametrize("where", [">&-", ">/dev/full"])
def test_no_command_takes_an_unwritable_output_for_a_success_or_a_bug(command, where):
    code, _, err = shell(f"$PROVENLY {command} {where}")
    assert code == 2
    assert err.startswith("error: standard output cannot be written: ")


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_the_verdict_does_not_depend_on_standard_error(asked, where):
    code, out, _ = shell(f"$PROVENLY {asked} --quiet {where}")
    assert code == 3
    assert out.startswith(b"HOLD")
    assert shell(f"$PROVENLY verify '' {where}")[0] == 2


def test_all_streams_closed(asked, tmp_path):
    """The first files that a program opens get the numbers of closed streams: nothing may be written into them."""
    target = tmp_path / "report.json"
    code, _, _ = shell(f"$PROVENLY {asked} --format json --output {target} <&- >&- 2>&-")
    assert code == 3
    assert json.loads(target.read_bytes())["verdict"]["action"] == "hold"


@pytest.mark.parametrize("command", ["policy show", "--help", "explain", "demo"])
def test_a_reader_who_has_gone_is_not_a_deny(command):
    """``typer`` exits with 1, our deny, when nobody reads any more."""
    code, _, err = shell(f"({{ $PROVENLY {command}; echo $? >&2; }} | sh -c 'exec <&-; sleep 3')")
    del code
    assert err == "141\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX"},
        {"LANG": "no_SUCH.locale"},
    ],
    ids=str,
)
def test_a_terminal_without_unicode_gets_escapes_and_machines_get_utf_8(asked, environment):
    code, out, err = shell(f"$PROVENLY {asked}", **environment)
    assert code == 3
    assert b"\\u2192" in out or "→".encode() in out
    assert err == ""
    code, out, _ = shell(f"$PROVENLY {asked} --format json", **environment)
    assert code == 3
    assert "→" in json.loads(out.decode())["notes"][0]["text"]
    code, _, err = shell("$PROVENLY verify l\u043edash", **environment)
    assert code == 2
    assert err.startswith("error: ")
    assert "dash" in err


def test_the_report_is_whole_or_not_there(asked, tmp_path):
    """A limit on the size of files stands for a full disk: the write fails in the middle."""
    target = tmp_path / "reports" / "report.json"
    target.parent.mkdir()
    shell(f"$PROVENLY {asked} --quiet")
    code, _, err = shell(f"trap '' XFSZ; ulimit -f 1; $PROVENLY {asked} --offline --format json -o {target}")
    assert code == 2
    assert f"{target} cannot be written: File too large" in err
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_leaves_no_half_evidence_folder(asked, tmp_path):
    target = tmp_path / "saved" / "evidence"
    target.parent.mkdir()
    shell(f"$PROVENLY {asked} --quiet")
    code, out, err = shell(f"trap '' XFSZ; ulimit -f 1; $PROVENLY {asked} --offline --save-evidence {target}")
    assert (code, out) == (2, b"")
    assert err.startswith("error: ")
    assert "File too large" in err
    assert list(target.parent.iterdir()) == []


def test_a_cache_that_cannot_be_written_changes_no_verdict(asked, tmp_path):
    plain = shell(f"$PROVENLY {asked} --format json --at 2026-11-01")
    (tmp_path / "file").write_text("")
    code, out, err = shell(f"$PROVENLY {asked} --format json --at 2026-11-01 --cache {tmp_path}/file/cache")
    assert code == plain[0] == 3
    assert json.loads(out)["verdict"] == json.loads(plain[1])["verdict"]
    assert "note: " in err
    assert "cache" in err


@pytest.mark.parametrize("home", [{"HOME": "/nonexistent"}, {"HOME": ""}, {"HOME": "relative"}])
def test_a_home_that_is_none_is_no_obstacle(world, home, tmp_path):
    world.release()
    options = shlex.join(["--registry", world.registry.url, "--git-mirror", world.forge.mirror_option()])
    code, out, _ = shell(
        f"cd {tmp_path}; unset PROVENLY_CACHE XDG_CACHE_HOME; $PROVENLY verify {NAME}@1.0.0 --quiet {options}", **home
    )
    assert code == 0
    assert out.startswith(b"WARN")
    assert not (tmp_path / "relative").exists()


@contextlib.contextmanager
def running(*arguments, **environment):
    """Start the program in the background."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


SIGNALS = [(signal.SIGINT, 130, b"interrupted\n"), (signal.SIGTERM, 143, b"terminated\n")]


@pytest.mark.parametrize("ending", SIGNALS, ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("step", ["packument", "tarball", "repository", "several"])
def test_a_signal_ends_every_step_at_once_and_leaves_nothing_behind(world, tmp_path, step, ending):
    number, expected, said = ending
    world.release()
    awaited = "*.tgz" if step in {"tarball", "repository"} else f"/{NAME}*"
    if step == "repository":
        world.forge.misbehave("example/mail-mcp", Misbehaviour.SILENT)
    else:
        world.registry.fault(awaited, delay=60)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    references = [f"{NAME}@1.0.0", *([f"{NAME}@0.{minor}.0" for minor in range(8)] if step == "several" else [])]
    with running("verify", *references, *world.arguments, "--jobs", "8", TMPDIR=str(temporary)) as process:
        wait_for(lambda: world.registry.paths()[-1:] and fnmatch(world.registry.paths()[-1], awaited))
        # A server that says nothing records nothing: git is started right after the archive has come.
        time.sleep(0.7 if step == "repository" else 0)
        started = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert (process.returncode, out, err) == (expected, b"", said)
    assert list(temporary.iterdir()) == []
    assert list((tmp_path / "cache").rglob("*.tmp*")) == []


def test_a_run_that_was_killed_leaves_nothing_that_spoils_the_next_one(world, tmp_path):
    world.release()
    fault = world.registry.fault("*.tgz", delay=60, times=1)
    with running("verify", f"{NAME}@1.0.0", *world.arguments) as process:
        wait_for(lambda: fault.seen)
        process.kill()
        assert process.wait(timeout=10) == -signal.SIGKILL
    code, out, _ = shell(f"$PROVENLY {shlex.join(['verify', f'{NAME}@1.0.0', '--quiet', *world.arguments])}")
    assert code == 0
    assert out.startswith(b"WARN")


def test_two_processes_share_a_cache(world):
    world.release()
    arguments = ("verify", f"{NAME}@1.0.0", "--format", "json", "--at", "2026-11-01", *world.arguments)
    with running(*arguments) as one, running(*arguments) as other:
        first, second = one.communicate(timeout=60)[0], other.communicate(timeout=60)[0]
    assert one.returncode == other.returncode == 0
    assert json.loads(first)["evidence"] == json.loads(second)["evidence"]
