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


@pytest.mark.parametrize(("hours", "words"), [(0, "0 hours"), (47, "47 hours"), (48, "2 days"), (71, "2 days")])
def test_the_age_is_said_in_hours_or_days(hours, words):
    evidence = outcome(check, package=package(published=NOW - timedelta(hours=hours)))
    assert f"published {words} before" in evidence.summary


def test_hours_are_full_ones_and_the_time_is_a_fact():
    published = NOW - timedelta(hours=1000, seconds=-1)
    evidence = outcome(check, package=package(published=published))
    assert evidence.facts == {"hours": 999, "published": published.isoformat()}


def test_a_clock_may_be_ahead_by_five_minutes_and_no_more():
    assert outcome(check, package=package(published=NOW + timedelta(seconds=300))).status is PASSED
    evidence = outcome(check, package=package(published=NOW + timedelta(seconds=301)))
    assert (evidence.status, evidence.facts["code"]) == (FAILED, "REG_TIME")
