from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.checks import source_data as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, comparison, explanation, outcome


def test_explained_data_passes_whatever_the_executables_are():
    files = comparison(
        explanation("a.js", FileClass.UNEXPLAINED), explanation("README.md", FileClass.EQUIVALENT, executable=False)
    )
    evidence = outcome(check, comparison=files)
    assert (evidence.status, evidence.strength) == (PASSED, "equivalent")


def test_a_changed_prompt_fails():
    files = comparison(explanation("prompt.md", FileClass.UNEXPLAINED, executable=False, lines=[(3, 4)]))
    evidence = outcome(check, comparison=files)
    assert evidence.status is FAILED
    assert "prompt.md lines 3 to 4" in evidence.summary


def test_an_unreachable_script_fails():
    files = comparison(explanation("old.js", FileClass.UNEXPLAINED, reachable=False))
    assert outcome(check, comparison=files).status is FAILED


def test_a_package_of_executables_only_passes_in_other_words():
    evidence = outcome(check, comparison=comparison(explanation("a.js")))
    assert evidence.status is PASSED
    assert "no data" in evidence.summary


def test_no_claim_and_no_source_differ():
    none = NotFoundError("none", code="SOURCE_NO_CLAIM")
    assert outcome(check, found=none, comparison=none).status is ABSENT
    lost = UnavailableError("no network")
    assert outcome(check, found=lost, comparison=lost).status is UNCHECKED


def test_only_the_files_of_this_check_are_counted():
    files = comparison(
        explanation("a.js", FileClass.REBUILT),
        explanation("b.md", executable=False),
        explanation("c.md", FileClass.EQUIVALENT, executable=False),
    )
    evidence = outcome(check, comparison=files)
    assert evidence.facts == {"files": 2, "unexplained": 0, "traced": 0}
    assert evidence.strength == "equivalent"
    assert "all 2 data" in evidence.summary


def test_without_data_there_is_no_strength():
    assert outcome(check, comparison=comparison(explanation("a.js"))).strength == ""
