"""Whether a known service built it."""

from dataclasses import replace

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import provenance_builder as check
from tests.simulator.sigstore.predicates import ON_GITLAB, gitlab
from tests.verify.checks.attested import FACTS, TARGET, instance, parts, provenance
from tests.verify.checks.subjects import ABSENT, COMMIT, FAILED, PASSED, UNCHECKED, outcome

GITHUB = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize("runner", ["github-hosted", "self-hosted"])
def test_github_actions_is_known(runner):
    evidence = outcome(check, **parts(provenance(facts={"runner": runner})))
    assert evidence.status is PASSED
    assert evidence.facts == {
        "issuer": GITHUB,
        "builder": f"https://github.com/actions/runner/{runner}",
        "runner": runner,
    }


def test_gitlab_is_known():
    facts = replace(ON_GITLAB, commit=COMMIT)
    evidence = outcome(check, **parts(instance().provenance(TARGET, facts, form=gitlab)))
    assert (evidence.status, evidence.facts["issuer"]) == (PASSED, "https://gitlab.com")


@pytest.mark.parametrize(
    "issuer", [f"{GITHUB}/", f"{GITHUB}/hammer-time", "https://accounts.google.com", "https://gitlab.com.evil.example"]
)
def test_an_issuer_that_resembles_a_known_one_fails(issuer):
    facts = replace(FACTS, issuer=issuer)
    evidence = outcome(check, **parts(instance().provenance(TARGET, facts)))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "ATT_ISSUER"})
    assert evidence.actual == issuer


def test_a_builder_that_is_not_known_fails():
    def elsewhere(predicate):
        predicate["runDetails"]["builder"]["id"] = "https://example.com/builder"

    evidence = outcome(check, **parts(provenance(change=elsewhere)))
    assert (evidence.status, evidence.actual) == (FAILED, "https://example.com/builder")


def test_without_a_provenance_it_is_absent_and_without_a_look_unchecked():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("no network")).status is UNCHECKED
