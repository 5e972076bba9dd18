from datetime import timedelta

import pytest

from provenly.verify.checks import version_age as check
from tests.verify.checks.subjects import ABSENT, FAILED, NOW, PASSED, UNCHECKED, outcome, package


@pytest.mark.parametrize(("age", "hours"), [(timedelta(0), 0), (timedelta(minutes=90), 1), (timedelta(days=3), 72)])
def test_the_age_is_a_fact_in_whole_hours(age, hours):
    evidence = outcome(check, package=package(published=NOW - age))
    assert (evidence.status, evidence.facts["hours"]) == (PASSED, hours)


def test_a_clock_a_little_ahead_is_forgiven_and_the_future_is_not():
    assert outcome(check, package=package(published=NOW + timedelta(minutes=4))).facts["hours"] == 0
    assert outcome(check, package=package(published=NOW + timedelta(minutes=6))).status is FAILED


def test_no_time_is_absent_and_no_registry_unchecked():
    assert outcome(check, package=package(published=None)).status is ABSENT
    assert outcome(check, package=package(published=None, registry="")).status is UNCHECKED
