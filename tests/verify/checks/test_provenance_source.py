"""Whether it was built where the package says that its source is."""

import pytest

from provenly.trust.errors import NotFoundError, UnavailableError
from provenly.verify.checks import provenance_source as check
from tests.verify.checks.attested import parts, provenance, publish
from tests.verify.checks.subjects import ABSENT, FAILED, MANIFEST, PASSED, REPOSITORY, UNCHECKED, outcome


def claiming(registry, packed):
    """Return the parts of a package whose document and package.json claim these."""
    built = parts(manifest=MANIFEST | ({"repository": registry} if registry is not None else {}))
    return built | {"manifest": MANIFEST | ({"repository": packed} if packed is not None else {})}


@pytest.mark.parametrize(
    "text",
    [
        REPOSITORY,
        f"git+{REPOSITORY}.git",
        "git+ssh://git@github.com/example/mail-mcp.git",
        "github:example/mail-mcp",
        "example/mail-mcp",
        {"type": "git", "url": REPOSITORY, "directory": "packages/mail"},
    ],
)
def test_every_spelling_of_the_repository_that_built_it_passes(text):
    evidence = outcome(check, **claiming(text, text))
    assert evidence.status is PASSED
    assert evidence.expected == evidence.actual == REPOSITORY
    assert "written" not in evidence.summary


def test_case_is_told_and_does_not_matter():
    evidence = outcome(check, **claiming("https://GitHub.com/Example/Mail-MCP", REPOSITORY))
    assert evidence.status is PASSED
    assert "https://github.com/Example/Mail-MCP" in evidence.summary


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/example/mail-mcp-evil",
        "https://github.com/thief/mail-mcp",
        "https://gitlab.com/example/mail-mcp",
        "https://github.com/example/mail",
    ],
)
@pytest.mark.parametrize("where", ["registry", "packed"])
def test_another_repository_in_either_place_fails(other, where):
    registry, packed = (other, REPOSITORY) if where == "registry" else (REPOSITORY, other)
    evidence = outcome(check, **claiming(registry, packed))
    assert (evidence.status, evidence.facts) == (FAILED, {"code": "REPO_MISMATCH"})
    assert (evidence.expected, evidence.actual) == (other, REPOSITORY)


def test_a_claim_in_one_place_is_enough_to_pass_or_fail():
    assert outcome(check, **claiming(None, REPOSITORY)).status is PASSED
    assert outcome(check, **claiming(REPOSITORY, None)).status is PASSED
    assert outcome(check, **claiming(None, "thief/mail-mcp")).status is FAILED


def test_a_claim_that_was_left_out_is_no_better_than_one_that_nobody_can_follow():
    evidence = outcome(check, **claiming(None, None))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "REPO_UNCLAIMED"})
    assert REPOSITORY in evidence.summary


def test_a_claim_that_nobody_can_follow_is_unchecked():
    evidence = outcome(check, **claiming("https://git.example.com/a/b", REPOSITORY))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "SOURCE_URL_REFUSED"})
    # What can be followed and differs is worse than what cannot.
    assert outcome(check, **claiming("https://git.example.com/a/b", "thief/mail-mcp")).status is FAILED


def test_a_certificate_of_a_host_that_is_not_followed_is_unchecked():
    old = dict.fromkeys(range(1, 7))  # which have no room for another host than GitHub's
    elsewhere = provenance(facts={"server": "https://github.example.com"}, claims=old)
    evidence = outcome(check, **parts(publish(), elsewhere))
    assert (evidence.status, evidence.facts) == (UNCHECKED, {"code": "SOURCE_URL_REFUSED"})


def test_what_was_claimed_is_a_fact():
    evidence = outcome(check, **claiming("example/mail-mcp", REPOSITORY))
    assert evidence.facts == {
        "repository": REPOSITORY,
        "claims": (
            {"claimant": "registry", "text": "example/mail-mcp"},
            {"claimant": "manifest", "text": REPOSITORY},
        ),
    }


def test_without_a_provenance_it_is_absent_and_without_a_look_unchecked():
    assert outcome(check, provenance=NotFoundError("none", code="ATT_NONE")).status is ABSENT
    assert outcome(check, provenance=UnavailableError("no network")).status is UNCHECKED
    assert outcome(check, **(parts() | {"manifest": UnavailableError("unreadable")})).status is UNCHECKED
