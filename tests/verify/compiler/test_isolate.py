"""Every limit of an isolate is reached here, by programs that are not the compiler."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from provenly.trust.errors import MalformedError, UnavailableError
from provenly.verify.compiler.isolate import MIB, Isolate, Limits

ECHO = b"(request) => request"
ENDLESS = b"(request) => { for (;;); }"
HOARDER = b"(request) => { const all = []; for (;;) all.push({ one: new Array(10).fill(1.5) }); }"
BUFFERS = b"(request) => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }"


def isolate(program=ECHO, *, compiler=b"1", **limits):
    return Isolate((compiler, program), what="a test", limits=Limits(**limits))


def gone(pid):
    """Wait until a process that is not our child has ended (a zombie has)."""
    for _ in range(200):
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def echo():
    one = isolate()
    yield one
    one.close()


def test_a_request_gets_its_answer_and_the_next_one_another(echo):
    long = "ä\0\U0001d4b3" * 100_000
    assert [echo.ask(text.encode()).decode() for text in ("one", long, "")] == ["one", long, ""]


def test_a_request_is_handed_over_as_a_string_and_never_evaluated(echo):
    assert echo.ask(b'"; throw 1; //') == b'"; throw 1; //'


def test_a_request_that_takes_too_long_ends_the_process():
    one = isolate(ENDLESS, seconds=0.5)
    # By the clock, five times as long, where the machine is busy.
    with pytest.raises(MalformedError, match=r"more than (0|2)\.5 seconds") as caught:
        one.ask(b"")
    assert caught.value.code == "COMPILER_TIMEOUT"
    assert not one.alive
    assert gone(one.pid)


def test_only_processor_time_counts():
    one = isolate(ECHO, seconds=0.2)
    os.kill(one.pid, signal.SIGSTOP)
    threading.Timer(0.6, os.kill, (one.pid, signal.SIGCONT)).start()
    assert one.ask(b"late") == b"late"


def test_each_request_has_its_own_time():
    busy = b"(request) => { const end = Date.now() + 150; while (Date.now() < end); return request; }"
    one = isolate(busy, seconds=0.4)
    assert [one.ask(b"again") for _ in range(4)] == [b"again"] * 4


def test_a_call_may_allow_less_time_than_the_limit():
    one = isolate(ENDLESS, seconds=60)
    with pytest.raises(MalformedError, match=r"more than 0\.25 seconds"):
        one.ask(b"", seconds=0.25)


def test_v8s_heap_is_limited():
    one = isolate(HOARDER, heap=48 * MIB)
    with pytest.raises(MalformedError, match="of memory and was stopped") as caught:
        one.ask(b"")
    assert caught.value.code == "COMPILER_MEMORY"
    assert not one.alive


def test_memory_outside_of_the_heap_is_limited_by_the_kernel():
    one = isolate(BUFFERS, memory=192 * MIB)
    with pytest.raises(UnavailableError, match="Array buffer allocation failed") as caught:
        one.ask(b"")
    assert caught.value.code == "COMPILER_CRASH"
    assert not one.alive


def test_an_answer_over_the_limit_is_not_taken():
    one = isolate(b"(request) => request.repeat(3)", output=2_000)
    assert len(one.ask(b"x" * 600)) == 1_800
    with pytest.raises(MalformedError, match="2,000 bytes of output") as caught:
        one.ask(b"x" * 1_000)
    assert caught.value.code == "COMPILER_OUTPUT"


def test_a_request_over_the_limit_is_not_sent():
    one = isolate(request=1_000)
    with pytest.raises(MalformedError, match="1,001 bytes") as caught:
        one.ask(b"x" * 1_001)
    assert caught.value.code == "COMPILER_INPUT"


def test_an_exception_in_v8_is_an_error_here():
    one = isolate(b"(request) => { throw new Error('no such thing \\u001b[31m'); }")
    with pytest.raises(UnavailableError, match="no such thing") as caught:
        one.ask(b"")
    assert caught.value.code == "COMPILER_CRASH"
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_was_killed_is_an_error(echo, number):
    os.kill(echo.pid, number)
    with pytest.raises(UnavailableError, match=f"status -{number}") as caught:
        echo.ask(b"hello")
    assert caught.value.code == "COMPILER_CRASH"
    assert not echo.alive


def test_a_child_that_is_killed_while_it_works_is_an_error():
    one = isolate(ENDLESS, seconds=30)
    timer = threading.Timer(0.5, os.kill, (one.pid, signal.SIGKILL))
    timer.start()
    with pytest.raises(UnavailableError) as caught:
        one.ask(b"")
    timer.join()
    assert caught.value.code == "COMPILER_CRASH"


def test_a_program_that_does_not_load_is_an_error():
    with pytest.raises(UnavailableError, match="SyntaxError") as caught:
        isolate(compiler=b"this is no program")
    assert caught.value.code == "COMPILER_START"


def test_loading_has_a_time_limit():
    with pytest.raises(UnavailableError, match="could not be loaded") as caught:
        isolate(compiler=b"for (;;);", start=1)
    assert caught.value.code == "COMPILER_START"


def test_the_child_has_no_environment_and_can_open_nothing(echo, monkeypatch):
    monkeypatch.setenv("SECRET", "canary")
    one = isolate()
    limits = Path(f"/proc/{one.pid}/limits").read_text(encoding="utf-8").splitlines()
    assert b"canary" not in Path(f"/proc/{one.pid}/environ").read_bytes()
    assert [line.split()[3:5] for line in limits if line.startswith(("Max open files", "Max core file"))] in (
        [["0", "0"], ["0", "0"]],
        [["size", "0"], ["0", "0"]],
    )
    one.close()


def test_there_is_nothing_in_v8_but_the_language(echo):
    one = isolate(b"(name) => String(typeof globalThis[name])")
    for name in ("require", "process", "fetch", "XMLHttpRequest", "Deno", "WebSocket", "read", "load", "print"):
        assert one.ask(name.encode()) == b"undefined"
    one.close()


def run(text, **options):
    """Run a Python program that uses isolates."""
    program = f"import sys; from provenly.verify.compiler.isolate import *\n{textwrap.dedent(text)}"
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, **options)


ONE = 'one = Isolate((b"1", b"(request) => { for (;;); }"), what="a test"); print(one.pid, flush=True)'


def test_a_parent_that_ends_by_itself_ends_its_children_and_does_not_hang():
    with run(ONE) as parent:
        child = int(parent.stdout.readline())
        assert parent.wait(20) == 0
    assert gone(child)


def test_a_parent_that_exits_during_a_request_of_another_thread_does_not_hang():
    text = f"""
        {ONE}
        import threading, time
        threading.Thread(target=one.ask, args=(b"",), daemon=True).start()
        time.sleep(0.5)
        sys.exit(3)
    """
    with run(text) as parent:
        child = int(parent.stdout.readline())
        assert parent.wait(20) == 3
    assert gone(child)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_child_does_not_outlive_a_parent_that_is_killed_while_v8_is_busy(number):
    with run(f"{ONE}; one.ask(b'')", stderr=subprocess.DEVNULL) as parent:
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.send_signal(number)
        parent.wait(20)
    assert gone(child)


def test_a_fork_of_the_parent_leaves_the_child_alone(echo):
    pid = os.fork()
    if pid == 0:
        echo.close()
        os._exit(0)
    os.waitpid(pid, 0)
    assert echo.ask(b"still there") == b"still there"
