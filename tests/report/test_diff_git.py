"""Patches, held against git itself: what they make of the left side is the right side, byte for byte."""

import random
import subprocess

import pytest

from provenly.report import diff_git

CONTENTS = {
    "nothing": None,
    "empty": b"",
    "one line": b"a\n",
    "no end": b"a\nb",
    "windows": b"a\r\nb\r\n",
    "mixed": b"a\r\nb\nc\r\n",
    "a bare return": b"a\rb\n",
    "latin-1": b"\xe9t\xe9\n",
    "binary": b"\x7fELF\0\1\2",
    "escape": b"x\x1b]0;owned\x07\n",
    "bidi": "a\u202eb\n".encode(),
    "separator": "a\u2028b\n".encode(),
    "accents": "été\n".encode(),
    "a patch": b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    "a command of a build service": b"a\n  ::set-output name=a::b\n",
    "many lines": b"".join(b"%d\n" % number for number in range(300)),
    "many lines, some others": b"".join(b"%d\n" % (number if number % 50 else 0) for number in range(301)),
    "a long line": b"word " * 40_000,
    "random": random.Random(7).randbytes(5_000),
}
NAMES = [
    "a.js",
    "with space.js",
    "tab\t.js",
    'q"uote.js',
    "ünï/ço dé.js",
    "back\\slash",
    "new\nline",
    "-dash",
    "\u202e.js",
]


def applied(folder, patch, files):
    """Return the files, with their executable bits, that git makes of ``files`` with a patch."""
    tree = folder / "tree"
    tree.mkdir()
    for path, data in files.items():
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    run = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], input=patch.encode(), cwd=tree, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = [place for place in tree.rglob("*") if place.is_file()]
    return {str(place.relative_to(tree)): (place.read_bytes(), bool(place.stat().st_mode & 0o100)) for place in found}


def patch(*arguments):
    return "".join(f"{line}\n" for line in ["# a comment", *diff_git.patch(*arguments), "", "# another"])


@pytest.mark.parametrize("after", CONTENTS)
@pytest.mark.parametrize("before", CONTENTS)
def test_git_makes_the_right_side_of_the_left(before, after, tmp_path):
    old, new = CONTENTS[before], CONTENTS[after]
    if old == new:
        pytest.skip("there is nothing to change")
    name = NAMES[(len(before) + len(after)) % len(NAMES)]
    sides = [None if data is None else (data, 0o644) for data in (old, new)]
    text = patch(name, name, *sides)
    found = applied(tmp_path, text, {} if old is None else {name: old})
    assert found == ({} if new is None else {name: (new, False)})
    assert not {"\x1b", "\u202e", "\u2028"} & set(text)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_quoted_as_git_does(name, tmp_path):
    found = applied(tmp_path, patch(name, f"sub/{name}", (b"a\n", 0o644), (b"b\n", 0o755)), {name: b"a\n"})
    assert found == {f"sub/{name}": (b"b\n", True)}


def test_a_patch_applies_backwards_too(tmp_path):
    text = patch("a", "a", (b"a\xff\n", 0o644), (b"b\n", 0o644))
    (tmp_path / "a").write_bytes(b"b\n")
    subprocess.run(["git", "apply", "-R", "-"], input=text.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "a").read_bytes() == b"a\xff\n"


def test_the_patch_program_reads_hunks(tmp_path):
    (tmp_path / "a b.js").write_bytes(b"1\r\n2\r\n3")
    text = patch("a b.js", "a b.js", (b"1\r\n2\r\n3", 0o644), (b"1\r\nx\r\n3\n", 0o644))
    subprocess.run(["patch", "--binary", "-p1"], input=text.encode(), cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "a b.js").read_bytes() == b"1\r\nx\r\n3\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a/b.js", True), (".git/config", False), ("a/.GIT/hooks/x", False), (".gitignore", True), ("git~1/x", False)],
)
def test_paths_that_git_refuses_are_known(path, expected):
    assert diff_git.applies(path) is expected
