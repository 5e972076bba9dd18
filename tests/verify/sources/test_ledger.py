"""What comparisons with some commits say about others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from provenly.trust.evidence import Comparison, Explanation, FileClass
from provenly.trust.source import TreeEntry
from provenly.verify.sources.ledger import Ledger


def tree(files: Mapping[str, str]) -> Mapping[str, TreeEntry]:
    return {
        path: TreeEntry(mode="100644", blob=hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
        for path, text in files.items()
    }


def comparison(*left: str, explainer: str = "", file_class: FileClass = FileClass.UNEXPLAINED) -> Comparison:
    """Return a comparison of three files, of which those of ``left`` are not explained."""
    return Comparison(
        files=tuple(
            Explanation(
                path=path,
                size=10,
                file_class=file_class if path in left else FileClass.RECOMPILED,
                executable=not path.endswith(".md"),
                reachable=True,
                explainer=explainer if path in left else "recompiled",
            )
            for path in ("README.md", "dist/a.js", "dist/esm/tools/b.js")
        )
    )


SOURCES = {"src/a.ts": "a", "src/tools/b.ts": "b", "tsconfig.json": "{}", "src/unrelated.ts": "x"}


def promise(ledger: Ledger, files: Mapping[str, str], directory: str = "") -> tuple[int, int]:
    return ledger.promise(ledger.keys(tree(files), directory)).most


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(comparison("dist/a.js"))
    made.learn(made.keys(tree(SOURCES), ""), comparison("dist/a.js"))
    return made


def test_what_is_the_same_has_the_same_outcome(ledger: Ledger) -> None:
    assert promise(ledger, SOURCES) == (1, 10)
    assert promise(ledger, SOURCES | {"src/unrelated.ts": "y", "README.md": "z"}) == (1, 10)


@pytest.mark.parametrize(
    "changes",
    [{"src/a.ts": "a2"}, {"tsconfig.json": '{"x":1}'}, {"tsconfig.build.json": "{}"}, {"a.ts": "a"}, {"lib/a.js": "a"}],
    ids=["its source", "its settings", "other settings", "another source", "a source in JavaScript"],
)
def test_another_source_may_explain_it(ledger: Ledger, changes: Mapping[str, str]) -> None:
    assert promise(ledger, SOURCES | changes) == (2, 20)


def test_a_file_that_was_explained_is_rather_lost(ledger: Ledger) -> None:
    gain = ledger.promise(ledger.keys(tree(SOURCES | {"src/a.ts": "2"}), ""))
    loss = ledger.promise(ledger.keys(tree(SOURCES | {"src/a.ts": "2", "src/tools/b.ts": "2"}), ""))
    assert gain.most == loss.most
    assert gain.likely > loss.likely


def test_settings_beside_the_package_do_not_count_and_those_above_it_do(ledger: Ledger) -> None:
    inside = {f"packages/p/{path}": text for path, text in SOURCES.items()}
    files = inside | {"tsconfig.json": "{}", "packages/q/tsconfig.json": "{}", "packages/q/src/a.ts": "a"}
    first = ledger.keys(tree(files), "packages/p")
    assert (
        ledger.keys(tree(files | {"packages/q/tsconfig.json": "2", "packages/q/src/a.ts": "2"}), "packages/p") == first
    )
    assert ledger.keys(tree(files | {"tsconfig.json": "2"}), "packages/p") != first


def test_a_bundle_depends_on_everything() -> None:
    bundled = comparison("dist/a.js", explainer="bundled")
    ledger = Ledger(bundled)
    ledger.learn(ledger.keys(tree(SOURCES), ""), bundled)
    assert promise(ledger, SOURCES) == (1, 10)
    assert promise(ledger, SOURCES | {"src/unrelated.ts": "y"}) == (2, 20)


def test_what_is_only_traced_is_not_explained() -> None:
    traced = comparison("dist/a.js", file_class=FileClass.TRACED)
    ledger = Ledger(traced)
    keys = ledger.keys(tree(SOURCES), "")
    ledger.learn(keys, traced)
    assert ledger.explained(keys) == {"dist/esm/tools/b.js"}
    assert ledger.score(ledger.explained(keys)) == (1, 10)


def test_only_what_may_have_changed_has_to_be_compared(ledger: Ledger) -> None:
    assert ledger.unknown(ledger.keys(tree(SOURCES), "")) == frozenset()
    changed = ledger.keys(tree(SOURCES | {"src/tools/b.ts": "2"}), "")
    assert ledger.unknown(changed) == {"dist/esm/tools/b.js"}
    assert ledger.explained(changed) == frozenset()


def test_many_files_of_many_names_do_not_multiply() -> None:
    many = {f"folder{number}/index.js": str(number) for number in range(3_000)}
    files = tuple(
        Explanation(
            path=f"out{number}/index.js", size=1, file_class=FileClass.UNEXPLAINED, executable=True, reachable=True
        )
        for number in range(3_000)
    )
    ledger = Ledger(Comparison(files=files))
    assert len(ledger.keys(tree(many), "")) == 3_000
