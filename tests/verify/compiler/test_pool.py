import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from provenly.trust.errors import MalformedError
from provenly.verify.compiler.isolate import Isolate, Limits
from provenly.verify.compiler.pool import Pool


def start(program=b"(request) => request"):
    return Isolate((b"1", program), what="a test", limits=Limits(seconds=0.3))


def pid(pool, key="a"):
    with pool.borrowed(key, start) as isolate:
        isolate.ask(b"")
        return isolate.pid


@pytest.fixture
def pool():
    pool = Pool(2)
    yield pool
    pool.close()


def test_an_isolate_serves_many_users_one_after_the_other(pool):
    assert len({pid(pool) for _ in range(5)}) == 1


def test_what_is_loaded_decides_which_isolate_it_is(pool):
    first, other = pid(pool, "a"), pid(pool, "b")
    assert first != other
    assert (pid(pool, "a"), pid(pool, "b")) == (first, other)


def test_the_one_that_was_used_longest_ago_makes_room(pool):
    first, other = pid(pool, "a"), pid(pool, "b")
    third = pid(pool, "c")
    assert pid(pool, "b") == other
    assert pid(pool, "c") == third
    assert pid(pool, "a") != first


def test_those_that_nobody_uses_can_be_ended(pool):
    first = pid(pool)
    with pool.borrowed("b", start) as used:
        pool.rest()
        assert used.ask(b"still here") == b"still here"
    assert pid(pool) != first
    assert pid(pool, "b") == used.pid


def test_after_an_exception_nobody_gets_the_same_isolate(pool):
    first = pid(pool)
    with pytest.raises(ZeroDivisionError), pool.borrowed("a", start):
        raise ZeroDivisionError
    assert pid(pool) != first


def test_after_a_time_out_there_is_a_new_one(pool):
    with pytest.raises(MalformedError), pool.borrowed("a", lambda: start(b"() => { for (;;); }")) as isolate:
        isolate.ask(b"")
    assert pid(pool)


def test_one_that_died_while_it_was_idle_is_replaced(pool):
    with pool.borrowed("a", start) as isolate:
        first = isolate.pid
        process = isolate
    process.close()
    assert pid(pool) != first


def test_no_more_live_at_once_than_the_size_says(pool):
    meeting = threading.Barrier(2, timeout=30)

    def use(_):
        with pool.borrowed("a", start) as isolate:
            meeting.wait()  # nobody goes on alone: two are in here
            return isolate.pid

    with ThreadPoolExecutor(8) as threads:
        pids = list(threads.map(use, range(8)))
    assert len(set(pids)) == 2


def test_a_start_that_fails_leaves_room_for_the_next():
    pool = Pool(1)

    def fail():
        raise OSError("no")

    for _ in range(3):
        with pytest.raises(OSError, match="no"), pool.borrowed("a", fail):
            pass
    assert pid(pool)
    pool.close()


def test_closing_ends_all_and_those_in_use_when_they_come_back():
    pool = Pool(2)
    with pool.borrowed("a", start) as idle:
        pass
    with pool.borrowed("b", start) as used:
        pool.close()
        assert not idle.alive
        assert used.ask(b"still working") == b"still working"
    assert not used.alive
