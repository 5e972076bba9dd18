import pytest

from provenly.trust.model import Release
from provenly.verify.checks import continuity as check
from tests.verify.checks.subjects import ABSENT, FAILED, PASSED, UNCHECKED, outcome, package


def pair(before, now):
    return package(
        previous=Release(version="0.9.0", **({"publisher": "ann", "maintainers": ("ann", "bob")} | before)),
        release=Release(version="1.0.0", **({"publisher": "ann", "maintainers": ("ann", "bob")} | now)),
    )


def test_the_same_hands_pass():
    assert outcome(check).status is PASSED


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({}, {"publisher": "eve"}, "ann to eve"),
        ({"trusted_publisher": "github"}, {}, "trusted publisher github is gone"),
        ({"attested": True}, {}, "attestations are gone"),
        ({"git_head": "a" * 40}, {}, "gitHead is gone"),
        ({}, {"maintainers": ("eve",)}, "maintainers were replaced"),
        ({}, {"install_scripts": ("postinstall",)}, "install script postinstall"),
    ],
)
def test_each_loss_or_change_fails(before, now, words):
    evidence = outcome(check, package=pair(before, now))
    assert evidence.status is FAILED
    assert words in evidence.summary


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {"attested": True, "git_head": "a" * 40}),
        ({}, {"trusted_publisher": "github", "publisher": "GitHub Actions"}),
        ({"install_scripts": ("install",)}, {}),
        ({}, {"maintainers": ("bob", "cid")}),
    ],
)
def test_gaining_evidence_or_some_maintainers_is_no_change(before, now):
    assert outcome(check, package=pair(before, now)).status is PASSED


def test_a_first_version_is_absent():
    assert outcome(check, package=package(previous=None)).status is ABSENT


def test_a_registry_that_names_nobody_is_unchecked():
    silent = {"publisher": "", "maintainers": ()}
    assert outcome(check, package=pair(silent, silent)).status is UNCHECKED
    assert outcome(check, package=package(registry="")).status is UNCHECKED


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"publisher": ""}, {}),
        ({}, {"publisher": ""}),
        ({"maintainers": ()}, {}),
        ({}, {"maintainers": ()}),
        ({"attested": True, "git_head": "a" * 40}, {"attested": True, "git_head": "b" * 40}),
        ({"trusted_publisher": "github"}, {"trusted_publisher": "github"}),
        ({"trusted_publisher": "github"}, {"trusted_publisher": "github", "publisher": "eve"}),
    ],
)
def test_what_one_of_the_two_does_not_say_is_no_change(before, now):
    assert outcome(check, package=pair(before, now)).status is PASSED


def test_a_silent_registry_that_still_names_someone_is_enough():
    nobody = {"publisher": "", "maintainers": ()}
    for named in ({"publisher": "ann"}, {"maintainers": ("ann",)}, {"trusted_publisher": "github"}):
        assert outcome(check, package=pair(nobody, nobody | named)).status is PASSED


def test_all_changes_are_told_with_both_sides():
    before = {"trusted_publisher": "github", "attested": True, "git_head": "a" * 40}
    evidence = outcome(check, package=pair(before, {"install_scripts": ("postinstall", "install")}))
    assert evidence.facts["code"] == "CONTINUITY"
    assert evidence.summary == (
        "against version 0.9.0: the trusted publisher github is gone; the attestations are gone; gitHead is gone; "
        "it adds the install script install, postinstall"
    )
    assert evidence.expected == "publisher github, attested, with gitHead"
    assert evidence.actual == "publisher ann, not attested, without gitHead"


def test_what_was_compared_is_a_fact():
    assert outcome(check).facts == {"previous": "0.9.0", "publisher": "ann"}
    silent = {"publisher": "", "maintainers": ()}
    evidence = outcome(check, package=pair(silent, silent))
    assert evidence.facts == {"previous": "0.9.0"}
