from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.checks import source_match as check
from tests.verify.checks.subjects import (
    ABSENT,
    FAILED,
    PASSED,
    UNCHECKED,
    comparison,
    explanation,
    outcome,
)


def test_all_explained_passes_with_the_weakest_class_that_was_needed():
    files = comparison(
        explanation("a.js"),
        explanation("b.js", FileClass.EQUIVALENT),
        explanation("README.md", FileClass.UNEXPLAINED, executable=False),
    )
    evidence = outcome(check, comparison=files)
    assert (evidence.status, evidence.strength) == (PASSED, "equivalent")
    assert evidence.facts["files"] == 2


def test_one_unexplained_line_fails_and_is_named():
    files = comparison(explanation("a.js"), explanation("index.js", FileClass.UNEXPLAINED, lines=[(19, 19), (30, 31)]))
    evidence = outcome(check, comparison=files)
    assert evidence.status is FAILED
    assert "index.js line 19 and 1 more run" in evidence.summary


def test_data_and_unreachable_files_are_another_checks_business():
    files = comparison(
        explanation("a.js"),
        explanation("old.js", FileClass.UNEXPLAINED, reachable=False),
        explanation("x.md", FileClass.UNEXPLAINED, executable=False),
    )
    assert outcome(check, comparison=files).status is PASSED


def test_no_claim_and_no_source_differ():
    none = NotFoundError("none", code="SOURCE_NO_CLAIM")
    assert outcome(check, found=none, comparison=none).status is ABSENT
    lost = UnavailableError("no network")
    assert outcome(check, found=lost, comparison=lost).status is UNCHECKED
