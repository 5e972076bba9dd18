import pytest

from provenly.trust.artifact import Listing, admit_unclaimed
from provenly.trust.digest import Digest
from provenly.trust.errors import RejectedError
from provenly.trust.evidence import FileClass
from provenly.verify.comparison.compare import compare, unmatched_entries
from provenly.verify.comparison.surface import survey
from provenly.verify.explain import EXPLAINERS
from tests.verify.explain.scenes import MANIFEST, Objects, compared, packed, source_of


def test_every_file_gets_one_class():
    files = {
        "index.js": "x\n",
        "README.md": "a\r\n",
        "dist/evil.js": "evil()\n",
        "package.json": {**MANIFEST, "version": "1.3.1"},
    }
    found = compared(files, {"index.js": "x\n", "README.md": "a\n"})
    assert {entry.path: entry.file_class for entry in found.files} == {
        "README.md": FileClass.EQUIVALENT,
        "dist/evil.js": FileClass.UNEXPLAINED,
        "index.js": FileClass.IDENTICAL,
        "package.json": FileClass.MANIFEST,
    }
    assert [entry.path for entry in found.files] == sorted(files)


def test_files_of_the_source_may_be_left_out():
    assert not compared({}, {"src/index.ts": "x", "test/a.js": "y"}).unexplained


def test_what_can_run_comes_first():
    files = {"a.md": "1", "index.js": "import './b.js'", "b.js": "2", "stale.js": "3"}
    assert [entry.path for entry in compared(files, {}).unexplained] == ["b.js", "index.js", "stale.js", "a.md"]


def test_a_package_without_files_is_refused():
    item = packed({})
    empty = admit_unclaimed(item.package, b"", "a test", lambda _: Listing(files=(), contents={}))
    assert empty.sha256 == Digest.of(b"")
    memory = Objects()
    with pytest.raises(RejectedError) as caught:
        compare(empty, source_of(memory, {}), memory)
    assert caught.value.code == "ARTIFACT_EMPTY"


def test_the_reason_of_an_explainer_is_kept():
    found = compared({"package.json": {**MANIFEST, "scripts": {"postinstall": "node evil.js"}}}, {})
    (entry,) = found.unexplained
    assert entry.explainer == "manifest"
    assert "scripts: absent → " in entry.detail
    assert any(line.startswith("+") and "postinstall" in line for line in entry.diff.splitlines())


def test_no_tree_explains_nothing():
    memory = Objects()
    source = source_of(memory, {"index.js": "x"})
    bare = type(source)(**{name: getattr(source, name) for name in source.__slots__} | {"tree": {}})
    found = compare(packed({"index.js": "x"}), bare, memory)
    assert {entry.file_class for entry in found.files} == {FileClass.UNEXPLAINED}


class Twice:
    """An explainer with a bug."""

    name = "twice"

    def explain(self, scene, left):
        return [scene.explanation(left[0], FileClass.TRACED, self.name)] * 2


def test_a_bug_in_an_explainer_is_no_explanation():
    memory = Objects()
    with pytest.raises(AssertionError, match="answered twice"):
        compare(packed({"index.js": "x"}), source_of(memory, {}), memory, explainers=(Twice(),))


def test_explainers_have_distinct_names():
    names = [explainer.name for explainer in EXPLAINERS]
    assert names == ["identical", "manifest", "equivalent", "version-module", "recompiled", "bundled", "traced"]


def test_entry_points_that_the_source_lacks_are_noted():
    exports = {".": {"browser": "./index.js", "default": "./dist/evil.min.js"}}
    files = {"package.json": {**MANIFEST, "exports": exports}, "index.js": "x\n", "dist/evil.min.js": "evil()\n"}
    item = packed(files)
    surface = survey(item.contents, {})
    objects = Objects()
    found = compare(item, source_of(objects, {"index.js": "x\n"}), objects, surface=surface)
    (note,) = unmatched_entries(found, surface)
    assert note.code == "ENTRYPOINT_UNMATCHED"
    assert "1 file that the source does not explain: dist/evil.min.js" in note.text
