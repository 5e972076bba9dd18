"""The sources of two versions: which files are shown, and which packed files they stand for."""

from dataclasses import replace

import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.verify.comparison import sources
from tests.verify.explain.scenes import Objects, source_of

OLD = {"src/a.ts": "one\n", "src/b.ts": "b\n", "test/a.test.ts": "t\n", "src/gone.ts": "g\n"}
NEW = {"src/a.ts": "two\n", "src/b.ts": "b\n", "test/a.test.ts": "u\n", "src/new.ts": "n\n"}


def explained(path, source, file_class=FileClass.RECOMPILED, explainer="recompiled"):
    return Explanation(
        path=path, size=1, file_class=file_class, executable=True, reachable=True, source=source, explainer=explainer
    )


def sides(old, new, before=OLD, after=NEW, directory=""):
    objects = Objects()
    trees = [source_of(objects, files, directory) for files in (before, after)]
    trees[1] = replace(trees[1], commit="f" * 40)
    pairs = [(tree, Comparison(files=tuple(files))) for tree, files in zip(trees, (old, new), strict=True)]
    return pairs[0], pairs[1], objects


A = explained("dist/a.js", "src/a.ts")
B = explained("dist/b.js", "src/b.ts")


def test_sources_of_packed_files_are_shown_and_others_named():
    found = sources.compare(*sides([A, B], [A, B, explained("dist/new.js", "src/new.ts")]))
    assert [(one.path, one.change, one.lines) for one in found.changes] == [
        ("src/a.ts", "changed", ((1, 1),)),
        ("src/new.ts", "added", ((1, 1),)),
    ]
    assert found.changes[0].diff.startswith("--- a/src/a.ts@c0ffee000000\n+++ b/src/a.ts@ffffffffffff\n")
    assert found.others == ("src/gone.ts", "test/a.test.ts")
    assert found.covered == {"dist/a.js": "src/a.ts", "dist/new.js": "src/new.ts"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (replace(A, file_class=FileClass.UNEXPLAINED), A),
        (A, replace(A, file_class=FileClass.UNEXPLAINED)),
        (A, replace(A, file_class=FileClass.TRACED)),
        (A, replace(A, file_class=FileClass.VOCABULARY)),
        (A, replace(A, explainer="bundled")),
        (replace(A, source="src/b.ts"), A),
    ],
)
def test_a_file_that_is_not_explained_on_both_sides_is_not_covered(old, new):
    assert "dist/a.js" not in sources.compare(*sides([old], [new])).covered


def test_of_a_bundle_all_code_of_the_folder_is_shown_but_tests():
    bundle = replace(A, file_class=FileClass.TRACED)
    found = sources.compare(*sides([bundle], [bundle]))
    assert [one.path for one in found.changes] == ["src/a.ts", "src/gone.ts", "src/new.ts"]
    assert found.others == ("test/a.test.ts",)


def test_one_commit_and_two_repositories_have_no_lines_between():
    before, after, objects = sides([A], [A])
    same = sources.compare(before, (replace(after[0], commit=before[0].commit), after[1]), objects)
    assert (same.changes, same.covered) == ((), {})
    assert "same commit" in same.problem
    other = replace(after[0], repository="https://github.com/left/other")
    assert "different repositories" in sources.compare(before, (other, after[1]), objects).problem


class Unreachable(Objects):
    """A repository whose files are out of reach."""

    def blobs(self, ids):
        raise UnavailableError("the forge does not answer", code="FORGE")


@pytest.mark.parametrize("repository", [None, Unreachable()], ids=["none", "unreachable"])
def test_sources_that_cannot_be_read_are_named_and_cover_nothing(repository):
    before, after, _ = sides([A], [A])
    found = sources.compare(before, after, repository)
    assert found.problem
    assert (found.changes, found.covered) == ((), {})
    assert "src/a.ts" in found.others


def test_a_source_that_is_no_text_covers_nothing():
    before, after, objects = sides([A], [A], {"src/a.ts": b"\xff"}, {"src/a.ts": b"\xfe"})
    found = sources.compare(before, after, objects)
    assert found.covered == {}
    assert found.changes[0].diff == ""
