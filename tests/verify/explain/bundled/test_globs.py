"""Patterns of entry points over the paths of a tree."""

import time

import pytest

from provenly.verify.explain.bundled.globs import MAX_PATTERNS, by_folder, is_pattern, matching

PATHS = ("src/b.ts", "src/a.ts", "src/a.test.ts", "src/deep/er/c.ts", "index.ts", "src/d.js")


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["src/a.ts"], ("src/a.ts",)),
        (["./src/a.ts"], ("src/a.ts",)),
        (["src/*.ts"], ("src/b.ts", "src/a.ts", "src/a.test.ts")),
        (["src/**/*.ts", "!src/**/*.test.ts"], ("src/b.ts", "src/a.ts", "src/deep/er/c.ts")),
        (["src/{a,b}.ts"], ("src/b.ts", "src/a.ts")),
        (["**/*.js"], ("src/d.js",)),
        (["src/?.ts"], ("src/b.ts", "src/a.ts")),
        (["src"], ()),
    ],
)
def test_patterns(patterns, found):
    assert matching(patterns, PATHS) == found


def test_a_walk_finds_the_files_of_a_folder_first():
    assert by_folder(PATHS) == ("index.ts", "src/a.test.ts", "src/a.ts", "src/b.ts", "src/d.js", "src/deep/er/c.ts")


def test_a_path_is_no_pattern():
    assert [is_pattern(text) for text in ("src/a.ts", "src/*.ts", "!a")] == [False, True, True]


def test_patterns_that_nobody_writes_match_nothing():
    none = [f"none{number}" for number in range(MAX_PATTERNS - 1)]
    assert matching([*none, "index.ts"], PATHS) == ("index.ts",)
    assert matching([*none, "none", "index.ts"], PATHS) == ()


def test_many_hostile_patterns_end():
    started = time.monotonic()
    paths = tuple(f"a/b/c/d/e/f/g/h/i/j/f{number}" for number in range(200))
    assert matching(["**/" * 130 + "*"], paths) == paths
    assert matching(["**/" * 130 + "*"] * 1_000, paths) == ()
    assert time.monotonic() - started < 20


def test_a_hostile_pattern_ends():
    started = time.monotonic()
    assert (
        matching(["**/" * 60 + "*a" * 60 + "b", "{" * 50 + "a,b" + "}" * 50, "{a,b}" * 60], ["x/" * 60 + "a" * 200])
        == ()
    )
    assert time.monotonic() - started < 2
