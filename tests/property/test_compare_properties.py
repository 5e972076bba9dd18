"""What must hold of every comparison, whatever the package and the source are."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from provenly.trust.evidence import Comparison, FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.comparison.line_diff import Budget, blocks
from tests.verify.explain.scenes import Objects, packed, source_of

FOLDERS = st.sampled_from(["", "src/", "dist/", "lib/", "test/fixtures/", "packages/pad/", "node_modules/evil/"])
NAMES = st.sampled_from(["index.js", "a.ts", "a.js", "README.md", "data.json", "run.sh", "a.d.ts", "tool", "LICENSE"])
PATHS = st.builds(lambda folder, name: folder + name, FOLDERS, NAMES)
CONTENTS = st.sampled_from(
    [
        "",
        "x\n",
        "x\r\n",
        "x",
        "import './a.js'\n",
        '{"a":1}',
        '{"a": 1}\n',
        "\0\xff",
        "#!/bin/sh\n",
        "eval(x)\n",
        "y\n" * 50,
    ]
)
FILES = st.dictionaries(PATHS, CONTENTS, max_size=8)


def compared(package: dict[str, str], tree: dict[str, str], directory: str = "") -> Comparison:
    memory = Objects()
    return compare(packed(package), source_of(memory, tree, directory), memory)


@settings(max_examples=150, deadline=None)
@given(package=FILES, tree=FILES, directory=st.sampled_from(["", "packages/pad", "src"]))
def test_everything_in_the_archive_is_accounted_for(package: dict[str, str], tree: dict[str, str], directory: str):
    found = compared(package, tree, directory)
    assert [entry.path for entry in found.files] == sorted({"package.json", *package})
    for entry in found.files:
        if entry.file_class is FileClass.UNEXPLAINED:
            assert entry.detail
        else:
            assert entry.explainer
            assert entry.source
            assert entry.elsewhere is (entry.source != (f"{directory}/" if directory else "") + entry.path)


@settings(max_examples=100, deadline=None)
@given(package=FILES, tree=FILES, path=PATHS)
def test_an_unmatched_file_never_makes_a_comparison_better(package: dict[str, str], tree: dict[str, str], path: str):
    before = compared(package, tree)
    after = compared({**package, path: "nobody wrote this\n"}, tree)
    classes = {entry.path: entry.file_class for entry in after.files}
    assert classes[path] is FileClass.UNEXPLAINED
    assert all(
        classes[entry.path] is FileClass.UNEXPLAINED
        for entry in before.files
        if entry.file_class is FileClass.UNEXPLAINED and entry.path != path
    )
    assert len(after.unexplained) >= len(before.unexplained)
    reachable = {entry.path for entry in after.files if entry.reachable}
    assert {entry.path for entry in before.files if entry.reachable} - {path} <= reachable | _led_to_by(package, path)


def _led_to_by(package: dict[str, str], path: str) -> set[str]:
    """What only the replaced file led to may be reachable no more; it had to be replaced to lose it."""
    return set(package) if path in package else set()


@settings(max_examples=100, deadline=None)
@given(package=FILES, tree=FILES, order=st.randoms(use_true_random=False))
def test_the_order_of_the_tree_and_of_the_package_changes_nothing(package, tree, order):
    names, paths = list(tree), list(package)
    order.shuffle(names)
    order.shuffle(paths)
    memory = Objects()
    source = source_of(memory, tree)
    shuffled = replace(source, tree=dict(order.sample(list(source.tree.items()), len(source.tree))))
    expected = compare(packed(package), source, memory)
    assert compare(packed({path: package[path] for path in paths}), shuffled, memory) == expected


@settings(max_examples=300, deadline=None)
@given(
    left=st.lists(st.sampled_from("abcd"), max_size=30),
    right=st.lists(st.sampled_from("abcd"), max_size=30),
    steps=st.integers(0, 400),
)
def test_the_blocks_of_a_diff_turn_one_text_into_the_other(left: list[str], right: list[str], steps: int):
    rebuilt: list[str] = []
    position = 0
    for a1, a2, b1, b2 in blocks(left, right, Budget(steps)):
        assert (a2 - a1) + (b2 - b1) > 0
        rebuilt += left[position:a1] + right[b1:b2]
        position = a2
    assert rebuilt + left[position:] == right


LINES = st.lists(st.sampled_from(["a", "b", " a", "c();", "", "}", "evil()"]), max_size=25)


def _in_order(lines: list[str], source: list[str]) -> bool:
    """Whether ``source`` has all of ``lines`` in their order."""
    rest = iter(source)
    return all(line in rest for line in lines)


@settings(max_examples=150, deadline=None)
@given(
    packed_lines=LINES,
    sources=st.dictionaries(st.sampled_from(["src/a.js", "src/a.ts", "a.ts", "lib/b.js", "other/a.js"]), LINES),
)
def test_every_line_that_the_source_lacks_is_shown(packed_lines: list[str], sources: dict[str, list[str]]):
    tree = {path: "\n".join(lines) for path, lines in sources.items()}
    found = next(item for item in compared({"dist/a.js": "\n".join(packed_lines)}, tree).files if "a.js" in item.path)
    if found.file_class is not FileClass.UNEXPLAINED or found.unchecked:
        # Without a compiler here, what only one could explain is not looked at, and says so.
        return
    shown = {number for first, last in found.lines for number in range(first, last + 1)}
    hidden = [line for number, line in enumerate("\n".join(packed_lines).split("\n"), 1) if number not in shown]
    if not found.source:
        assert not any(hidden)
        return
    source = tree[found.source].split("\n")
    if not found.source.endswith(".js"):
        hidden, source = [line.strip() for line in hidden], [line.strip() for line in source]
    assert _in_order([line for line in hidden if line], source)
