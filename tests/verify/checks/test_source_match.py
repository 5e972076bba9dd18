from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.checks import source_match as check
from tests.verify.checks.subjects import (
    ABSENT,
    COMMIT,
    FAILED,
    PASSED,
    REPOSITORY,
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


def test_what_was_compared_is_told():
    evidence = outcome(check)
    assert evidence.consulted == (REPOSITORY, COMMIT)
    assert evidence.facts == {"files": 1, "unexplained": 0, "traced": 0}
    assert "explains the one executable file" in evidence.summary
    assert COMMIT[:12] in evidence.summary


def test_a_package_without_executables_passes_in_other_words():
    evidence = outcome(check, comparison=comparison(explanation("README.md", executable=False)))
    assert (evidence.status, evidence.strength) == (PASSED, "")
    assert "no executable file" in evidence.summary


def test_the_first_three_files_are_named_and_the_rest_is_counted():
    names = ["a.js", "b.js", "c.js", "d.js"]
    files = [explanation(name, FileClass.UNEXPLAINED) for name in names]
    evidence = outcome(check, comparison=comparison(*files))
    assert "4 of 4 executable files: a.js; b.js; c.js; and 1 more" in evidence.summary
    assert evidence.facts["code"] == "SOURCE_UNEXPLAINED"
    assert evidence.actual == "4 files unexplained"
    assert evidence.expected
    evidence = outcome(check, comparison=comparison(*files[:3]))
    assert evidence.summary.endswith("a.js; b.js; c.js")


def test_a_run_of_lines_is_named_from_its_first_to_its_last():
    files = comparison(explanation("a.js", FileClass.UNEXPLAINED, lines=[(3, 7)]))
    assert outcome(check, comparison=files).summary.endswith("a.js lines 3 to 7")


def test_the_strength_is_that_of_the_weakest_executable():
    files = comparison(
        explanation("a.js", FileClass.TRACED),
        explanation("b.js", FileClass.RECOMPILED),
        explanation("c.md", FileClass.VOCABULARY, executable=False),
    )
    assert outcome(check, comparison=files).strength == "traced"


def test_another_error_of_the_search_is_no_lack_of_a_claim():
    refused = NotFoundError("cannot be followed", code="SOURCE_URL_REFUSED")
    assert outcome(check, found=refused, comparison=refused).status is UNCHECKED


def unlooked(path):
    return explanation(path, FileClass.UNEXPLAINED, unchecked="the compiler cannot be fetched")


def test_files_that_could_not_be_looked_at_are_unchecked_and_named():
    files = comparison(explanation("z.js"), *(unlooked(f"{name}.js") for name in "abcd"))
    evidence = outcome(check, comparison=files)
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "SOURCE_UNCHECKED")
    assert "explains 1 of 5 executable files; a.js, b.js, c.js and 1 more could not be looked at" in evidence.summary
    assert evidence.summary.endswith(": the compiler cannot be fetched")
    assert evidence.hint


def test_a_file_that_was_looked_at_and_is_unexplained_fails_whatever_else_is_unknown():
    files = comparison(explanation("z.js", FileClass.UNEXPLAINED), *(unlooked(f"{name}.js") for name in "ab"))
    evidence = outcome(check, comparison=files)
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "SOURCE_UNEXPLAINED")
    assert "does not explain 1 of 3 executable files: z.js; 2 others could not be looked at" in evidence.summary


def test_a_traced_file_is_explained_with_the_strength_that_it_has():
    files = comparison(explanation("a.js"), explanation("dist/index.js", FileClass.TRACED))
    evidence = outcome(check, comparison=files)
    assert (evidence.status, evidence.strength) == (PASSED, "traced")
    assert evidence.facts["traced"] == 1
    assert evidence.summary.endswith("; dist/index.js is traced, not reproduced")


def test_a_file_of_which_only_the_vocabulary_is_known_is_not_explained():
    files = comparison(explanation("a.js"), explanation("dist/index.js", FileClass.VOCABULARY, lines=[(7, 9)]))
    evidence = outcome(check, comparison=files)
    assert evidence.status is FAILED
    assert "does not explain 1 of 2 executable files: dist/index.js lines 7 to 9" in evidence.summary
