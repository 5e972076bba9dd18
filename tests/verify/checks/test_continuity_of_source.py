"""The repository that a version claims, against that of the version before it."""

import pytest

from provenly.trust.model import Release
from provenly.verify.checks import continuity as check
from tests.verify.checks.subjects import FAILED, PASSED, REPOSITORY, outcome, package


def between(before, now):
    """Return the evidence about a version that claims ``now`` after one that claimed ``before``."""
    return outcome(
        check,
        package=package(
            release=Release(version="1.0.0", publisher="ann", repository=now),
            previous=Release(version="0.9.0", publisher="ann", repository=before),
        ),
    )


@pytest.mark.parametrize("now", ["https://github.com/thief/mail-mcp", "https://gitlab.com/example/mail-mcp", ""])
def test_another_repository_is_a_change(now):
    evidence = between(REPOSITORY, now)
    assert evidence.status is FAILED
    assert REPOSITORY in evidence.summary


@pytest.mark.parametrize(
    ("before", "now"), [(REPOSITORY, REPOSITORY), (REPOSITORY, REPOSITORY.upper()), ("", REPOSITORY), ("", "")]
)
def test_the_same_one_or_a_first_one_is_none(before, now):
    assert between(before, now).status is PASSED
