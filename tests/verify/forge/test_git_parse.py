"""What git prints is taken apart strictly: refs, trees, objects and logs."""

from __future__ import annotations

import subprocess
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError
from provenly.verify.forge import git_parse

A, B, C = "a" * 40, "b" * 40, "c" * 40


def listing(*rows: tuple[str, str]) -> bytes:
    return b"".join(f"{value}\t{name}\n".encode("utf-8", "surrogateescape") for value, name in rows)


def test_refs_are_read() -> None:
    refs = git_parse.refs(
        listing(
            ("ref: refs/heads/main", "HEAD"),
            (A, "HEAD"),
            (A, "refs/heads/main"),
            (B, "refs/pull/1/head"),
            (B, "refs/tags/v1"),
            (C, "refs/tags/v1^{}"),
            (B, "refs/tags/@scope/name@1.2.3"),
        )
    )
    assert refs.default == "main"
    assert refs.heads == {"main": A}
    assert refs.tags == {"v1": C, "@scope/name@1.2.3": B}
    assert refs.refused == 0


@pytest.mark.parametrize(
    "name",
    [
        "refs/heads/../../x",
        "refs/heads/-x",
        "refs/heads/a b",
        "refs/heads/\x1b[31m",
        "refs/heads/a\u202eb",
        "refs/heads/a\udcff",
        "refs/heads/.a",
        "refs/heads/a/.b",
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/a.",
        "refs/heads/a/",
        "refs/heads/a//b",
        "refs/heads/a@{1}",
        "refs/heads/@",
        "refs/heads/a~1",
        "refs/heads/a^2",
        "refs/heads/a:b",
        "refs/heads/*",
        "refs/heads/a\\b",
        "refs/heads/",
        "refs/tags/v1^{}^{}",
    ],
)
def test_hostile_names_are_counted_and_left_out(name: str) -> None:
    refs = git_parse.refs(listing((A, "refs/heads/main"), (B, name)))
    assert refs.heads == {"main": A}
    assert refs.tags == {}
    assert refs.refused == (0 if name.endswith("^{}") else 1)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab.-/@{}~^:?*[\\ lock\x7f\x1b"), min_size=1, max_size=10))
def test_no_name_is_accepted_that_git_refuses(name: str) -> None:
    if git_parse.ref_name(f"refs/heads/{name}".encode()) is not None:
        command = ["git", "check-ref-format", f"refs/heads/{name}"]
        assert subprocess.run(command, check=False, cwd="/").returncode == 0


@pytest.mark.parametrize("value", ["", "x" * 40, "a" * 39, "a" * 41, "A" * 40, "a" * 40 + " "])
def test_targets_that_are_no_ids_are_left_out(value: str) -> None:
    refs = git_parse.refs(listing((value, "refs/heads/x")))
    assert (refs.heads, refs.refused) == ({}, 1)


def test_sha256_repositories_are_named() -> None:
    with pytest.raises(MalformedError) as caught:
        git_parse.refs(listing(("a" * 64, "refs/heads/main")))
    assert caught.value.code == "SOURCE_FORMAT"


def test_a_default_branch_that_does_not_exist_is_none() -> None:
    assert git_parse.refs(listing(("ref: refs/heads/gone", "HEAD"), (A, "refs/heads/main"))).default == ""
    assert git_parse.refs(listing(("ref: refs/pull/1/head", "HEAD"), (A, "refs/heads/main"))).default == ""


def test_too_many_refs() -> None:
    rows = b"".join(b"%040x\trefs/heads/%d\n" % (n, n) for n in range(git_parse.MAX_REFS + 1))
    with pytest.raises(MalformedError) as caught:
        git_parse.refs(rows)
    assert caught.value.code == "SOURCE_LIMIT"
    assert len(git_parse.refs(rows[: rows.rindex(b"\n", 0, -1) + 1]).heads) == git_parse.MAX_REFS


def test_a_tree_is_read() -> None:
    output = f"100644 blob {A}\ta b\n.js\x00040000 tree {B}\tsub\x00160000 commit {C}\tsub/module\x00".encode()
    files, folders = git_parse.tree(output)
    assert {path: (entry.mode, entry.blob) for path, entry in files.items()} == {
        "a b\n.js": ("100644", A),
        "sub/module": ("160000", C),
    }
    assert folders == (B,)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (b"../x", "SOURCE_MALFORMED"),
        (b"a/../x", "SOURCE_MALFORMED"),
        (b"a//x", "SOURCE_MALFORMED"),
        (b"/x", "SOURCE_MALFORMED"),
        (b".git/config", "SOURCE_MALFORMED"),
        (b"a/.GiT", "SOURCE_MALFORMED"),
        (b"./x", "SOURCE_MALFORMED"),
        (b"a" * 4097, "SOURCE_LIMIT"),
        (b"a/" * 128 + b"x", "SOURCE_LIMIT"),
        (b"same", "SOURCE_MALFORMED"),
    ],
)
def test_paths_that_no_honest_repository_has(path: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        git_parse.tree(b"100644 blob %s\tsame\x00100644 blob %s\t%s\x00" % (A.encode(), B.encode(), path))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "output",
    [
        b"100644 blob " + A.encode() + b"\ta",
        b"\0",
        b"777777 blob " + A.encode() + b"\ta\0",
        b"100644 blob abc\ta\0",
        b"x\0",
    ],
)
def test_a_listing_that_git_does_not_print(output: bytes) -> None:
    with pytest.raises(MalformedError):
        git_parse.tree(output)


def test_objects_are_read() -> None:
    output = f"{A} blob 3\na\nb\n{B} missing\n{C} blob 0\n\n".encode()
    assert [(oid, kind, bytes(content)) for oid, kind, content in git_parse.batch(output)] == [
        (A, "blob", b"a\nb"),
        (B, "missing", b""),
        (C, "blob", b""),
    ]


@pytest.mark.parametrize(
    "output", [f"{A} blob 9\nabc\n", f"{A} blob -1\n\n", f"{A} blob\n", "x\n", f"{A} blob 3", f"{A} blob 3\nab"]
)
def test_objects_that_are_cut_off(output: str) -> None:
    with pytest.raises(MalformedError):
        list(git_parse.batch(output.encode()))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_readers_refuse_or_answer(output: bytes) -> None:
    for reader in (git_parse.refs, git_parse.tree, git_parse.log, lambda data: list(git_parse.batch(data))):
        with suppress(MalformedError):
            reader(output)
