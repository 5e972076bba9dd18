"""The trojan suite for bundles: whatever is done to one is shown, with few genuine pieces beside it.

The bundle is made by the real esbuild, of sources that state no build, so that only tracing can say anything.
"""

from __future__ import annotations

import pytest

from provenly.trust.evidence import Explanation, FileClass
from tests.verify.explain.traced.server import BUNDLE, LOCKED, MAX_BESIDE, TROJANS, bundled, compared, explained

pytestmark = pytest.mark.registry

FORMS = ("plain", "minified")


def assert_shown(file: Explanation, word: str) -> None:
    assert file.file_class is FileClass.UNEXPLAINED, file.detail
    assert not file.unchecked
    assert file.explainer == "traced"
    added = [line for line in file.diff.splitlines() if line.startswith("+")]
    assert any(word in line for line in added), file.diff
    assert file.trace
    assert 1 <= file.trace.pieces <= 1 + MAX_BESIDE, file.diff
    assert file.lines
    assert "comes from nowhere" in file.detail


def assert_at_its_line(file: Explanation, bundle: str, altered: str) -> None:
    """The first line that was altered is among the lines that are named."""
    pairs = zip(bundle.split("\n"), altered.split("\n"), strict=False)
    line = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
    assert any(first <= line <= last for first, last in file.lines), (line, file.lines)


@pytest.mark.parametrize("form", FORMS)
def test_the_clean_twin_is_traced_and_has_no_finding(tools, form):
    found = compared(tools, bundled(tools, form))
    assert {file.path: str(file.file_class) for file in found.files} == {
        BUNDLE: "traced",
        "package.json": "identical",
    }
    file = found.files[0]
    assert file.detail.startswith("traced, not reproduced: ")
    assert "to 3 source files" in file.detail
    assert "to 2 locked dependencies" in file.detail
    assert file.trace
    assert set(file.trace.dependencies) == {f"{name}@{version}" for name, version in LOCKED.items()}
    assert (file.trace.untraced, file.trace.pieces, file.trace.words, file.lines) == (0, 0, (), ())
    assert bool(file.trace.rewritten) is (form == "minified")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TROJANS)
def test_what_is_done_after_bundling_is_shown(tools, form, name):
    bundle = bundled(tools, form)
    altered = TROJANS[name].after(bundle, form)
    file = explained(tools, altered)
    assert_shown(file, TROJANS[name].shown)
    assert_at_its_line(file, bundle, altered)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TROJANS)
def test_what_is_done_to_the_source_before_bundling_is_shown(tools, form, name):
    assert_shown(explained(tools, bundled(tools, form, TROJANS[name].before())), TROJANS[name].shown)


@pytest.mark.parametrize("form", FORMS)
def test_a_change_inside_a_dependency_is_shown(tools, form):
    bundle = bundled(tools, form, edit=("ms", "var d = h * 24;", "var d = h * 25;"))
    assert_shown(explained(tools, bundle), "25")


@pytest.mark.parametrize("form", FORMS)
def test_a_dependency_at_another_version_than_the_locked_one_is_shown(tools, form):
    file = explained(tools, bundled(tools, form, versions={**LOCKED, "ms": "0.7.1"}))
    assert file.file_class is FileClass.UNEXPLAINED
    assert file.trace
    assert file.trace.pieces
    assert "seconds?|secs?|s" in file.diff or "milliseconds" in file.diff, file.diff


@pytest.mark.parametrize("form", FORMS)
def test_hosts_and_variables_that_are_new_are_named_first(tools, form):
    file = explained(tools, TROJANS["request"].after(bundled(tools, form), form))
    assert file.trace
    assert [(word.kind, word.text) for word in file.trace.words][:1] == [("host", "https://giftshop.club/")]
    assert "in no source and no dependency: “https://giftshop.club/”" in file.detail
