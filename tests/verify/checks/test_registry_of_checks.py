"""The list of checks, the policies and the manual know the same checks."""

import re
from pathlib import Path

import pytest

from provenly.policies.rules import CHECK_IDS
from provenly.trust.errors import Error, MalformedError, RejectedError, UnavailableError
from provenly.trust.evidence import Status
from provenly.verify.checks import CHECKS
from provenly.verify.gather import observe
from tests.verify.checks.attested import parts
from tests.verify.checks.subjects import subject

ROOT = Path(__file__).parents[3]
PARTS = (
    *("package", "artifact", "manifest", "surface", "attested", "provenance", "previous"),
    *("found", "acknowledgement", "comparison"),
)


def test_every_check_is_listed_once_and_known_to_policies():
    ids = [check.ID for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(CHECK_IDS)


def test_every_module_in_the_folder_that_is_a_check_runs():
    modules = {path.stem for path in (ROOT / "verify" / "checks").glob("*.py") if "\nID: Final" in path.read_text()}
    assert modules == {check.ID.replace("-", "_") for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_every_check_has_a_test_file(check):
    assert (Path(__file__).parent / f"test_{check.ID.replace('-', '_')}.py").is_file()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_every_check_says_what_it_means(check):
    about = check.ABOUT
    assert about.question.rstrip().endswith(("?", "claim any repository."))
    assert all(len(text) > 25 for text in (about.proves, about.does_not_prove, about.remedy))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_without_any_part_no_check_passes(check):
    lost = {part: UnavailableError("no network") for part in PARTS}
    assert observe(check, subject(**lost)).status in {Status.UNCHECKED, Status.PASSED}
    if check.ID != "launch-pinned":
        assert observe(check, subject(**lost)).status is Status.UNCHECKED


@pytest.mark.parametrize("error", [UnavailableError("x"), MalformedError("x"), RejectedError("x")])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
@pytest.mark.parametrize("attested", [False, True], ids=["plain", "attested"])
def test_losing_a_part_never_turns_an_answer_into_a_pass(check, part, error, attested):
    honest = parts() if attested else {}
    before = observe(check, subject(**honest)).status
    after = observe(check, subject(**(honest | {part: error}))).status
    assert after is not Status.PASSED or before is Status.PASSED


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_a_bug_in_a_check_is_never_evidence(check):
    module = check

    class BrokenError(Exception):
        pass

    class BrokenCheck:
        ID = module.ID
        ABOUT = module.ABOUT

        def check(self, subject):
            raise BrokenError

    with pytest.raises(BrokenError):
        observe(BrokenCheck(), subject())


def test_a_usage_error_is_not_swallowed():
    from provenly.trust.errors import UsageError

    class Confused:
        ID = "x"
        ABOUT = None

        def check(self, subject):
            raise UsageError("no")

    with pytest.raises(Error):
        observe(Confused(), subject())


def test_the_manual_has_a_section_for_each_check():
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert re.findall(r"^## ([a-z-]+)$", page, re.MULTILINE) == [check.ID for check in CHECKS]
    words = " ".join(page.split())
    for check in CHECKS:
        for text in (check.ABOUT.question, check.ABOUT.proves, check.ABOUT.does_not_prove, check.ABOUT.remedy):
            assert text in words
