"""Where there is no compiler, nobody knows about what one may have made, and the rest of the comparison stands."""

from __future__ import annotations

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.comparison.compare import compare
from provenly.verify.compiler.compilers import Compilers
from provenly.verify.explain.recompiled.markers import MAX_MARKERS
from provenly.verify.explain.scene import Tools
from tests.verify.explain.recompiled.pads import BUILT, MAIN, TREE, classes, compared
from tests.verify.explain.scenes import Objects, packed, source_of

pytestmark = pytest.mark.registry


def test_without_a_compiler_it_is_unchecked_what_one_may_have_made():
    found = compared(None, {**BUILT, "dist/other.js": "evil();\n", "node_modules/a/index.js": "evil();\n"})
    file = found["dist/index.js"]
    assert (file.file_class, file.lines, file.diff) == (FileClass.UNEXPLAINED, (), "")
    assert file.unchecked == file.detail == "nothing was compiled: there is no compiler here"
    # No source has the name of these two: no compiler can have made them.
    assert found["dist/other.js"].unchecked == ""
    assert found["node_modules/a/index.js"].unchecked == ""


class Nowhere:
    """A registry that has no compiler."""

    def get(self, url, **_):
        raise NotFoundError(f"{url} does not exist", code="NET_NOT_FOUND")

    def download(self, url, **_):
        raise NotFoundError(f"{url} does not exist", code="NET_NOT_FOUND")


def test_a_compiler_that_cannot_be_had_leaves_what_needs_none_explained():
    tree = {**TREE, "README.md": "hello", "src/cli.js": "run();\n", "test/fixture.ts": ""}
    package = {
        **BUILT,
        "README.md": "hello",
        "dist/pad.d.ts": "",
        "dist/fixture.js": "evil();\n",
        "dist/cli.js": "#!/usr/bin/env node\nrun();\n",
        "dist/other.js": "evil();\n",
    }
    with Compilers(Nowhere()) as none:
        found = compared(none, package, tree)
    assert classes(found) == {
        "README.md": "identical",
        "dist/cli.js": "recompiled",
        **dict.fromkeys(("dist/index.js", "dist/pad.js", "dist/pad.d.ts", "dist/fixture.js"), "unexplained"),
        "dist/other.js": "unexplained",
    }
    unchecked = {path for path, file in found.items() if file.unchecked}
    assert unchecked == {"dist/index.js", "dist/pad.js", "dist/pad.d.ts"}
    assert "the compiler, cannot be fetched" in found["dist/index.js"].unchecked
    assert found["dist/other.js"].diff == ""


class Unreadable(Objects):
    """A repository that goes away while it is read."""

    def blobs(self, ids):
        raise UnavailableError("the repository is gone", code="GIT_GONE")


def test_a_source_that_cannot_be_read_is_no_answer_about_the_package(compilers):
    objects = Unreadable()
    with pytest.raises(UnavailableError) as caught:
        compare(packed(BUILT), source_of(objects, TREE, ""), objects, tools=Tools(compilers=compilers))
    assert caught.value.code == "GIT_GONE"


def test_a_package_of_plain_javascript_needs_no_compiler():
    with Compilers(Nowhere()) as none:
        found = compared(none, {"index.js": "evil();\n"}, {"index.js": "good();\n", "types.d.ts": "", "a.test.ts": ""})
    assert found["index.js"].file_class is FileClass.UNEXPLAINED


def test_javascript_elsewhere_is_not_what_a_file_is_made_of_where_there_is_typescript_for_it():
    tree = {**TREE, "lib/index.js": "evil();\n", "lib/cli.js": "run();\n"}
    hashbang = "#!/usr/bin/env node\n"
    package = {"dist/index.js": f"{hashbang}evil();\n", "dist/cli.js": f"{hashbang}run();\n"}
    assert classes(compared(None, package, tree)) == {"dist/index.js": "unexplained", "dist/cli.js": "recompiled"}


def test_no_more_markers_are_looked_at_than_a_build_writes():
    code = {f"d{number}/a.js": "run();\n" for number in range(MAX_MARKERS + 1)}
    markers = {f"d{number}/package.json": '{"type": "module"}' for number in range(MAX_MARKERS + 1)}
    found = compared(None, {**code, **markers, "dist/other.js": "evil();\n"}, {**TREE, **code})
    assert [found[path].file_class for path in markers].count(FileClass.RECOMPILED) == MAX_MARKERS


def test_a_comment_in_the_place_of_a_hashbang_is_explained_in_modules_only():
    stated = {**MAIN, "bin": {"pad": "dist/cli.js"}}
    code = '//bin/sh -c "evil"\nrun();\n'
    tree = {**TREE, "package.json": stated, "src/cli.js": "run();\n", "src/other.js": "run();\n"}
    found = compared(None, {"package.json": stated, "dist/cli.js": code, "dist/other.js": code}, tree)
    assert classes(found) == {"dist/cli.js": "unexplained", "dist/other.js": "recompiled"}
