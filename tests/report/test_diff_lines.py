"""Which lines of a long diff are shown, and which part of a long line."""

import pytest

from provenly.report.diff_lines import LONG, PART, choose
from provenly.verify.comparison.line_diff import Budget, blocks, unified


def body(old, new):
    return unified(old, new, blocks(old, new, Budget(10**6)), ("a", "b")).split("\n")[2:-1]


def texts(lines):
    return [f"{line.mark}{line.text}" if line.mark != "@" else line.text for line in lines]


def test_a_short_diff_is_shown_as_it_is():
    diff = body(["a", "b", "c"], ["a", "x", "c"])
    shown, left_out = choose(diff, 10, ())
    assert (texts(shown), left_out) == (diff, 0)


OLD = [f"line {number}" for number in range(2_000)]
SPARSE = [f"{line}{'!' if number % 20 == 0 else ''}" for number, line in enumerate(OLD)]
ALL = [f"{line}!" for line in OLD]
GROWN = [*OLD, *(f"more {number}" for number in range(2_000))]


@pytest.mark.parametrize("lines", [SPARSE, ALL, GROWN], ids=["many hunks", "one hunk", "one run of new lines"])
@pytest.mark.parametrize("place", [100, 1_000, 1_500])
def test_the_line_that_a_cue_names_is_shown_whatever_surrounds_it(lines, place):
    new = [*lines[:-place], "fetch(evil)", *lines[-place:]]
    diff = body(OLD, new)
    shown, left_out = choose(diff, 100, ("evil",))
    assert "+fetch(evil)" in texts(shown)
    assert len(shown) <= 110
    count = sum(line.mark != "…" for line in shown)
    assert count + left_out == len(diff)
    assert "+fetch(evil)" not in texts(choose(diff, 100, ())[0])


def test_every_diff_gets_a_line():
    assert choose(["@@ -1 +1 @@", "-a", "+b"], 0, ())[1] == 2


def test_a_long_line_is_cut_around_what_changed():
    long = "word " * 100
    shown, _ = choose(body([f"{long}old{long}"], [f"{long}new{long}"]), 10, ())
    old, new = shown[1:]
    assert (old.middle, new.middle) == ("old", "new")
    assert len(new.text) < LONG
    assert "characters)" in new.head
    assert "characters)" in new.tail


def test_what_changed_in_a_short_line_is_marked_and_nothing_cut():
    shown, _ = choose(body(["a = 1;"], ["a = 22;"]), 10, ())
    assert [(line.head, line.middle, line.tail) for line in shown[1:]] == [("a = ", "1", ";"), ("a = ", "22", ";")]


def test_pairs_are_only_made_of_as_many_lines():
    shown, _ = choose(body(["a"], ["b", "c"]), 10, ())
    assert [line.middle for line in shown] == ["", "", "", ""]
    assert PART < 100
