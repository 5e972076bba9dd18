import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.model import Note, Selector
from provenly.verify.checks import launch_pinned as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, outcome, reference


def test_an_exact_version_passes():
    assert outcome(check).status is PASSED


@pytest.mark.parametrize(
    ("selector", "spec"), [(Selector.NONE, ""), (Selector.RANGE, "^1.0.0"), (Selector.TAG, "latest")]
)
def test_what_may_mean_another_version_tomorrow_fails(selector, spec):
    evidence = outcome(check, reference=reference(text=f"mail-mcp@{spec}", selector=selector, spec=spec))
    assert evidence.status is FAILED
    assert evidence.expected == "mail-mcp@1.0.0"


@pytest.mark.parametrize("code", sorted(check.OVERRIDES))
def test_a_launch_line_that_runs_something_else_fails_even_when_pinned(code):
    assert outcome(check, reference=reference(notes=(Note(code=code, text="--registry"),))).status is FAILED


def test_a_path_is_launched_as_it_is():
    local = reference(text="./x.tgz", selector=Selector.FILE, spec="", path="./x.tgz")
    assert outcome(check, reference=local, package=UnavailableError("irrelevant")).status is ABSENT
