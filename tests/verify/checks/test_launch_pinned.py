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


@pytest.mark.parametrize("code", ["LAUNCH_OVERRIDE", "LAUNCH_SHELL", "LAUNCH_NOT_REGISTRY"])
def test_a_launch_line_that_runs_something_else_fails_even_when_pinned(code):
    assert outcome(check, reference=reference(notes=(Note(code=code, text="--registry"),))).status is FAILED


def test_a_path_is_launched_as_it_is():
    local = reference(text="./x.tgz", selector=Selector.FILE, spec="", path="./x.tgz")
    assert outcome(check, reference=local, package=UnavailableError("irrelevant")).status is ABSENT


def test_a_folder_is_launched_as_it_is():
    local = reference(text="./x", selector=Selector.FOLDER, spec="", path="./x")
    assert outcome(check, reference=local, package=UnavailableError("irrelevant")).status is ABSENT


def test_what_was_asked_and_what_would_pin_it_are_told():
    evidence = outcome(check, reference=reference(text="mail-mcp@^1", selector=Selector.RANGE, spec="^1"))
    assert (evidence.facts["code"], evidence.actual) == ("REF_UNPINNED", "mail-mcp@^1")
    assert "names ^1, which is 1.0.0 now" in evidence.summary
    evidence = outcome(check, reference=reference(text="mail-mcp", selector=Selector.NONE, spec=""))
    assert "names no version" in evidence.summary


def test_the_flag_is_told():
    notes = (Note(code="LAUNCH_OVERRIDE", text="--registry is set"),)
    evidence = outcome(check, reference=reference(text="npx --registry x mail-mcp@1.0.0", notes=notes))
    assert (evidence.facts["code"], evidence.actual) == ("LAUNCH_OVERRIDE", "npx --registry x mail-mcp@1.0.0")
    assert evidence.expected
    assert "--registry is set" in evidence.summary


def test_other_notes_do_not_fail():
    assert outcome(check, reference=reference(notes=(Note(code="REF_ALIAS", text="x"),))).status is PASSED
