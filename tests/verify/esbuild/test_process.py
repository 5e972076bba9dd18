"""The process that esbuild runs in, with programs in its place that behave as a broken or hostile one might."""

import os
import sys
import textwrap
import time
from pathlib import Path

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.esbuild.process import MIB, Limits, Process

HEAD = f"#!{sys.executable}\n" + textwrap.dedent(
    """
    import os, sys, time
    def say(data): os.write(1, len(data).to_bytes(4, "little") + data)
    def hear():
        size = int.from_bytes(sys.stdin.buffer.read(4), "little")
        return sys.stdin.buffer.read(size)
    def head(request): return (int.from_bytes(request[:4], "little") | 1).to_bytes(4, "little")
    def answer(value): say(head(hear()) + value)
    VERSION = sys.argv[1].removeprefix("--service=").encode()
    """
)


@pytest.fixture
def ask(tmp_path):
    """Write a program, and ask it."""

    def asked(text, requests=(None,), reply=None, **limits):
        program = tmp_path / "esbuild"
        program.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        program.chmod(0o700)
        with Process(program, "1.2.3", limits=Limits(**({"seconds": 20} | limits))) as process:
            return list(process.ask(requests, reply))

    return asked


def test_a_question_and_its_answer(ask):
    assert ask("say(VERSION); answer(bytes([3, 1, 0, 0, 0, 97]))") == [(0, "a")]


def test_many_questions_are_answered_in_any_order(ask):
    text = """
        say(VERSION)
        heard = [hear() for _ in range(50)]
        for one in reversed(heard):
            say(head(one) + one[4:])
    """
    requests = [b"x" * 100_000 for _ in range(49)] + ["last"]
    found = ask(text, requests)
    assert [number for number, _ in found] == list(reversed(range(50)))
    assert [value for _, value in sorted(found)] == requests


def test_only_so_much_is_sent_before_there_are_answers(ask):
    text = """
        say(VERSION)
        import fcntl, struct, termios
        for _ in range(20):
            one = hear()
            time.sleep(0.02)
            waiting = struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, bytes(4)))[0]
            say(head(one) + bytes([2]) + waiting.to_bytes(4, "little"))
    """
    found = ask(text, [b"x" * 1_000] * 20, waiting=1)
    assert {value for _, value in found} == {0}


def test_what_it_asks_is_answered(ask):
    text = """
        say(VERSION)
        first = hear()
        say(bytes([14, 0, 0, 0, 3, 1, 0, 0, 0, 113]))
        reply = hear()
        say(head(first) + bytes([4]) + len(reply).to_bytes(4, "little") + reply)
    """
    asked = []
    ((_, reply),) = ask(text, reply=lambda value: asked.append(value) or True)
    assert asked == ["q"]
    assert reply == bytes([15, 0, 0, 0, 1, 1])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("say(b'0.0.0'); answer(b'\\0')", "ESBUILD_START"),
        ("say(b'x' * 65); answer(b'\\0')", "ESBUILD_OUTPUT"),
        ("sys.exit(3)", "ESBUILD_CRASH"),
        ("say(VERSION); sys.exit(0)", "ESBUILD_CRASH"),
        ("say(VERSION); os.write(1, bytes(3)); sys.exit(0)", "ESBUILD_CRASH"),
        ("say(VERSION); os.abort()", "ESBUILD_CRASH"),
        ("say(VERSION); answer(b'\\7')", "ESBUILD_CRASH"),
        ("say(VERSION); answer(b'')", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); say(b'\\x63\\0\\0\\0\\0'); time.sleep(30)", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); say(b'\\0\\0\\0\\0\\0'); time.sleep(30)", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); say(b''); time.sleep(30)", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); os.write(1, b'\\xff' * 4); time.sleep(30)", "ESBUILD_OUTPUT"),
        ("say(VERSION); hear(); os.write(2, b'fatal error: out of memory'); sys.exit(2)", "ESBUILD_MEMORY"),
        ("say(VERSION); hear(); os.write(2, b'x' * 100_000); sys.exit(2)", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); os.close(1); time.sleep(30)", "ESBUILD_CRASH"),
        ("open('/dev/shm/x' if 0 else os.path.dirname(__file__) + '/x', 'w').write('x')", "ESBUILD_CRASH"),
        ("say(VERSION); hear(); x = bytes(400 << 20); answer(b'\\0')", "ESBUILD_CRASH"),
    ],
)
def test_what_it_does_wrong_is_an_error_with_a_name(ask, text, code):
    with pytest.raises((UnavailableError, MalformedError)) as caught:
        ask(text, output=1_000, memory=300 * MIB, seconds=10)
    assert caught.value.code == code
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("text", ["time.sleep(60)", "say(VERSION); time.sleep(60)", "say(VERSION)\nwhile True: pass"])
def test_what_takes_too_long_is_stopped(ask, text):
    start = time.monotonic()
    with pytest.raises(MalformedError, match=r"more than 0\.5 seconds|too much processor time") as caught:
        ask(text, seconds=0.5)
    assert caught.value.code == "ESBUILD_TIMEOUT"
    assert time.monotonic() - start < 10


def test_it_gets_nothing_of_ours_and_can_write_no_file(ask, monkeypatch):
    monkeypatch.setenv("NODE_PATH", "/canary")
    monkeypatch.setenv("ESBUILD_BINARY_PATH", "/canary")
    text = """
        import json, resource
        kinds = ("CORE", "FSIZE", "CPU", "NOFILE", "DATA")
        limits = {kind: resource.getrlimit(getattr(resource, "RLIMIT_" + kind)) for kind in kinds}
        about = {"names": sorted(os.environ), "cwd": os.getcwd(), "session": os.getsid(0) == os.getpid(), **limits}
        text = json.dumps(about).encode()
        say(VERSION); answer(bytes([4]) + len(text).to_bytes(4, "little") + text)
    """
    import json

    ((_, said),) = ask(text, memory=512 * MIB, seconds=10)
    about = json.loads(said)
    # Python and the shell add two of their own.
    assert set(about["names"]) - {"LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"} == {
        "GOMAXPROCS",
        "GOMEMLIMIT",
        "GOTRACEBACK",
    }
    assert about["cwd"] == "/"
    assert about["session"] is True
    assert about["CORE"] == about["FSIZE"] == [0, 0]
    assert about["NOFILE"] == [1024, 1024]
    assert about["DATA"] == [512 * MIB] * 2
    assert about["CPU"][0] <= 41


def test_a_child_that_it_starts_ends_with_it(ask, tmp_path):
    text = """
        if os.fork() == 0:
            os.close(0); os.close(1); os.close(2)
            time.sleep(60)
        say(VERSION); answer(b"\\0")
    """
    assert ask(text) == [(0, None)]
    time.sleep(0.2)
    mine = [
        path
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(tmp_path).encode() in _bytes(path) and path.parent.name != str(os.getpid())
    ]
    assert mine == []


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_program_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(UnavailableError) as caught, Process(tmp_path / "none", "1.2.3") as process:
        list(process.ask([None]))
    assert caught.value.code == "ESBUILD_START"
