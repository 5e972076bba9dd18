"""Evidence over all earlier versions: what was lost, what a second theft would hide, and what is no loss."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provenly.trust.attestations.model import Provenance
from provenly.trust.attestations.slsa_v1 import GITHUB_WORKFLOW
from provenly.trust.errors import UnavailableError
from provenly.trust.identity import Identity
from provenly.verify.attested import Built
from provenly.verify.checks import continuity as check
from provenly.verify.registry import releases
from provenly.verify.registry.packument import Packument
from tests.verify.checks.subjects import FAILED, NOW, PASSED, UNCHECKED, outcome, package

ATTESTED = {"dist": {"attestations": {"url": "x"}}}
TRUSTED = {**ATTESTED, "_npmUser": {"name": "GitHub Actions", "trustedPublisher": {"id": "github"}}}


def history(*entries: tuple[str, int, dict[str, object]]) -> Packument:
    """Return a packument of versions, each with the days before now and its document; ``-1`` days: not known."""
    documents = {
        version: {"_npmUser": {"name": "ann"}, "maintainers": ({"name": "ann"},), **document}
        for version, _, document in entries
    }
    times = {version: NOW - timedelta(days=days) for version, days, _ in entries if days >= 0}
    return Packument(name="mail-mcp", versions=documents, tags={}, times=times, fetched=NOW)


def judged(*entries: tuple[str, int, dict[str, object]], **parts: object):
    """Return the evidence about the last of ``entries``."""
    about = history(*entries)
    version = entries[-1][0]
    described = package(
        version=version,
        release=releases.release(about, version, about.versions[version]),
        previous=releases.previous(about, version),
        earlier=releases.earlier(about, version),
    )
    return outcome(check, package=described, **parts)


def run(of: int, document: dict[str, object], *, start: int = 400, every: int = 20) -> list[tuple[str, int, dict]]:
    return [(f"1.{number}.0", start - every * number, document) for number in range(of)]


# --- losses, and hiding them


def test_a_second_version_without_evidence_does_not_hide_the_first():
    evidence = judged(*run(10, ATTESTED), ("1.10.0", 2, {}), ("1.11.0", 1, {}))
    assert evidence.status is FAILED
    assert "the attestations are gone since version 1.9.0, 1 version ago" in evidence.summary


def test_many_versions_in_a_short_time_do_not_hide_it_either():
    thefts = [(f"2.{number}.0", 10, {}) for number in range(50)]
    assert judged(*run(3, ATTESTED, start=100), *thefts, ("2.99.0", 1, {})).status is FAILED


def test_a_lost_trusted_publisher_is_told_beside_what_remains():
    evidence = judged(*run(3, TRUSTED), ("1.3.0", 1, ATTESTED))
    assert evidence.status is FAILED
    assert "the trusted publisher github is gone" in evidence.summary
    assert "attestations" not in evidence.summary


def test_a_newcomer_who_publishes_twice_is_still_new():
    eve = {"_npmUser": {"name": "eve"}}
    evidence = judged(*run(3, {}), ("1.3.0", 5, eve), ("1.4.0", 1, eve))
    assert evidence.status is FAILED
    assert evidence.summary == "against version 1.2.0: the publisher changed from ann to eve"


def test_a_newcomer_is_known_after_a_month():
    eve = {"_npmUser": {"name": "eve"}}
    assert judged(*run(3, {}), ("1.3.0", 31, eve), ("1.4.0", 1, eve)).status is PASSED


def test_a_fork_that_was_named_twice_is_still_another_repository():
    home = {"repository": "github:acme/mail-mcp"}
    fork = {"repository": "github:eve/mail-mcp"}
    evidence = judged(*run(2, home), ("1.3.0", 3, fork), ("1.4.0", 1, fork))
    assert evidence.status is FAILED
    assert "the repository changed from https://github.com/acme/mail-mcp" in evidence.summary


def test_an_install_script_that_was_added_a_week_ago_is_still_new():
    script = {"scripts": {"postinstall": "node x"}}
    assert judged(*run(2, {}), ("1.3.0", 7, script), ("1.4.0", 1, script)).status is FAILED
    assert judged(*run(2, {}), ("1.3.0", 40, script), ("1.4.0", 1, script)).status is PASSED


def test_each_version_is_named_with_what_differs_from_it():
    evidence = judged(
        *run(2, {"repository": "github:acme/a"}),
        ("1.3.0", 3, {"repository": "github:eve/a"}),
        ("1.4.0", 1, {"repository": "github:eve/a", "scripts": {"install": "x"}}),
    )
    assert evidence.summary == (
        "against version 1.3.0: it adds the install script install; "
        "against version 1.1.0: the repository changed from https://github.com/acme/a to https://github.com/eve/a"
    )


# --- what is no loss


def test_a_mended_old_version_is_held_to_its_own_line():
    """semver 6.3.1 came after the attested 7.5; no 6.x was ever attested (pnpm 10202)."""
    entries = [("6.2.0", 900, {}), ("6.3.0", 800, {}), ("7.0.0", 300, TRUSTED), ("7.5.0", 100, TRUSTED)]
    evidence = judged(*entries, ("6.3.1", 1, {}))
    assert (evidence.status, evidence.facts["earlier_attested"]) == (PASSED, 0)
    assert judged(*entries, ("7.5.1", 1, {})).status is FAILED


def test_the_first_version_of_a_line_is_held_to_all():
    assert judged(*run(3, ATTESTED), ("2.0.0", 1, {})).status is FAILED


def test_what_a_line_always_was_like_is_nothing_new_on_it():
    """Install scripts and commits are held to the line as well as to the version before."""
    old = {"scripts": {"install": "node-gyp rebuild"}}
    new = {"gitHead": "a" * 40}
    entries = [("6.0.0", 500, old), ("7.0.0", 200, new), ("7.1.0", 100, new)]
    assert judged(*entries, ("6.0.1", 1, old)).status is PASSED
    evidence = judged(*entries, ("7.1.1", 1, old))
    assert evidence.status is FAILED
    assert "gitHead is gone; it adds the install script install" in evidence.summary


def test_accounts_that_took_turns_a_month_ago_are_no_newcomers():
    bob = {"_npmUser": {"name": "bob"}}
    history_of_two = [("1.0.0", 90, bob), ("1.1.0", 60, {}), ("1.2.0", 10, bob)]
    assert judged(*history_of_two, ("1.3.0", 1, bob)).status is PASSED


def test_a_line_that_was_begun_yesterday_is_held_to_all():
    """Else a thief would publish a new major version twice."""
    assert judged(*run(3, ATTESTED), ("2.0.0", 2, {}), ("2.0.1", 1, {})).status is FAILED


def test_prereleases_do_not_raise_the_bar_for_releases():
    tries = [("2.0.0-rc.1", 5, TRUSTED), ("2.0.0-rc.2", 4, TRUSTED)]
    assert judged(*run(3, {}), *tries, ("2.0.0", 1, {})).status is PASSED
    assert judged(*run(3, {}), *tries, ("2.0.0-rc.3", 1, {})).status is FAILED


def test_what_was_published_later_says_nothing_about_what_came_before():
    entries = [("1.0.0", 50, {}), ("1.2.0", 1, ATTESTED), ("1.1.0", 20, {})]
    assert judged(*entries).status is PASSED


def test_evidence_that_nobody_has_seen_for_half_a_year_is_not_expected():
    since = [(f"1.9.{number}", 180 - number, {}) for number in range(6)]
    assert judged(("1.0.0", 300, TRUSTED), *since, ("1.9.9", 1, {})).status is PASSED
    assert judged(("1.0.0", 170, TRUSTED), *since[-2:], ("1.9.9", 1, {})).status is FAILED
    assert judged(("1.0.0", 300, TRUSTED), *since[:2], ("1.9.9", 1, {})).status is FAILED


def test_without_times_the_order_of_versions_decides_and_nothing_lapses():
    attested = [(f"1.{number}.0", -1, ATTESTED) for number in range(3)]
    since = [(f"1.9.{number}", -1, {}) for number in range(20)]
    assert judged(*attested, *since).status is FAILED
    assert judged(("1.0.0", -1, {}), ("3.0.0", -1, ATTESTED), ("1.1.0", -1, {})).status is PASSED


def test_a_staged_version_is_approved_by_a_person_in_place_of_the_trusted_publisher():
    """Staged publishing leaves the trusted publisher out of the document (pnpm 11887)."""
    staged = {**ATTESTED, "_npmUser": {"name": "ann", "approver": {"name": "ann"}}}
    assert judged(*run(3, TRUSTED), ("1.3.0", 1, staged)).status is PASSED


# --- proven builds

HOME = "https://github.com/acme/mail-mcp"


def identity(**changes: str) -> Identity:
    values = {
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": f"{HOME}/.github/workflows/release.yml@refs/heads/main",
        "repository": HOME,
        "repository_id": "1",
        "owner_id": "2",
        "workflow": f"{HOME}/.github/workflows/release.yml@refs/heads/main",
        "runner": "github-hosted",
    }
    return Identity(**(values | changes))


def moved(now: Identity, before: Identity) -> list[str]:
    return list(check.moved(before, now))


def test_the_same_build_again_is_no_change_even_under_another_name_or_ref():
    renamed = "https://github.com/acme/mail"
    again = identity(repository=renamed, workflow=f"{renamed}/.github/workflows/release.yml@refs/tags/v2")
    assert moved(identity(), identity()) == []
    assert moved(again, identity()) == []
    tagged = identity(workflow=f"{HOME}/.github/workflows/release.yml@refs/tags/@acme/mail-mcp@1.0.0")
    assert moved(tagged, identity()) == moved(identity(), tagged) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"repository_id": "9"}, "the source repository changed from"),
        ({"owner_id": "9"}, "went from owner 2 to owner 9"),
        ({"repository_id": "", "repository": "https://github.com/eve/mail-mcp"}, "the source repository changed from"),
        ({"workflow": f"{HOME}/.github/workflows/evil.yml@refs/heads/main"}, "release.yml to .github/workflows/evil"),
        ({"issuer": "https://gitlab.com"}, "the build service changed from"),
        ({"runner": "self-hosted"}, "the runner changed from github-hosted to self-hosted"),
        ({"runner": ""}, "the runner changed"),
    ],
)
def test_another_origin_is_a_change(changes, words):
    assert any(words in text for text in moved(identity(**changes), identity()))


def test_numbers_that_are_equal_on_two_forges_are_not_the_same_repository():
    there = identity(issuer="https://gitlab.com", repository="https://gitlab.com/acme/mail-mcp")
    assert moved(there, identity())


def built(**changes: str) -> Built:
    """Return a provenance that agrees with its certificate, of which nothing but these two is looked at here."""
    certified = identity(commit="c" * 40, ref="refs/heads/main", **changes)
    stated = Provenance(
        build_type=GITHUB_WORKFLOW,
        builder="https://github.com/actions/runner/github-hosted",
        repository=HOME,
        commit="c" * 40,
        ref="refs/heads/main",
        workflow=".github/workflows/release.yml",
        commits=("c" * 40,),
    )
    return Built(statement=None, identity=certified, provenance=stated)


def test_proven_builds_are_compared_once_the_registry_says_nothing_else():
    versions = (*run(2, ATTESTED), ("1.2.0", 1, ATTESTED))
    assert judged(*versions, provenance=built(), previous=built()).status is PASSED
    other = judged(*versions, provenance=built(), previous=built(repository_id="7"))
    assert other.status is FAILED
    assert other.summary.startswith("against version 1.1.0: the source repository changed from")


def test_what_could_not_be_read_of_the_version_before_is_unchecked_and_never_a_pass():
    versions = (*run(2, ATTESTED), ("1.2.0", 1, ATTESTED))
    assert judged(*versions, provenance=built(), previous=UnavailableError("no network")).status is UNCHECKED
    assert judged(*versions, provenance=built(), previous=None).status is PASSED


def test_a_proven_build_stands_in_for_a_trusted_publisher_and_a_githead():
    """Publishing with a token and provenance where a trusted publisher was at work before (pnpm 10622)."""
    before = {**TRUSTED, "gitHead": "a" * 40}
    versions = (*run(2, before), ("1.2.0", 1, ATTESTED))
    assert judged(*versions, provenance=built(), previous=built()).status is PASSED
    assert judged(*versions).status is FAILED


def test_a_provenance_that_contradicts_its_certificate_stands_in_for_nothing():
    liar = built(repository="https://github.com/eve/mail-mcp")
    assert judged(*run(2, TRUSTED), ("1.2.0", 1, ATTESTED), provenance=liar, previous=built()).status is FAILED


def test_a_version_without_publisher_anywhere_is_unchecked():
    nobody = {"_npmUser": {}, "maintainers": ()}
    assert judged(("1.0.0", 50, nobody), ("1.1.0", 1, nobody)).status is UNCHECKED


def test_the_summary_counts_what_there_was():
    about = history(*run(3, ATTESTED), ("1.3.0", 30, TRUSTED), ("1.4.0", 0, TRUSTED))
    found = releases.earlier(about, "1.4.0")
    assert found is not None
    assert (found.count, found.attested, found.trusted, found.after_attested) == (4, 4, 1, 0)
    assert found.established is not None
    assert (found.established.version, found.publishers) == ("1.3.0", ("GitHub Actions", "ann"))
    assert releases.earlier(about, "1.0.0") is None


# --- young packages, and builds of earlier versions


def test_a_young_package_is_held_to_its_first_version():
    home, fork = {"repository": "github:acme/mail-mcp"}, {"repository": "github:eve/mail-mcp"}
    evidence = judged(("1.0.0", 9, home), ("1.0.1", 3, fork), ("1.0.2", 1, fork))
    assert evidence.status is FAILED
    assert evidence.summary.startswith("against version 1.0.0: the repository changed from")


def test_without_times_nobody_knows_what_is_young():
    home, fork = {"repository": "github:acme/mail-mcp"}, {"repository": "github:eve/mail-mcp"}
    assert judged(("1.0.0", -1, home), ("1.0.1", -1, fork), ("1.0.2", -1, fork)).status is PASSED


@pytest.mark.parametrize(
    ("entries", "build", "settled"),
    [
        ([("1.0.0", 90, ATTESTED), ("1.0.1", 60, ATTESTED), ("1.0.2", 9, ATTESTED)], "1.0.2", "1.0.1"),
        ([("1.0.0", 90, ATTESTED), ("1.0.1", 9, {}), ("1.0.2", 8, {})], "1.0.0", None),
        ([("1.0.0", 9, ATTESTED), ("1.0.1", 8, ATTESTED), ("1.0.2", 7, {})], "1.0.1", "1.0.0"),
        ([("1.0.0", 90, ATTESTED), ("2.0.0-rc.1", 9, ATTESTED)], "1.0.0", None),
        ([("1.0.0", 90, {}), ("1.0.1", 9, {})], None, None),
    ],
)
def test_which_builds_are_compared(entries, build, settled):
    found = releases.earlier(history(*entries, ("2.0.0", 1, ATTESTED)), "2.0.0")
    assert (found.build and found.build.version, found.settled_build and found.settled_build.version) == (
        build,
        settled,
    )


LATER = (("1.0.0", 90, ATTESTED), ("1.0.1", 9, ATTESTED), ("1.0.2", 1, ATTESTED))


def test_a_second_build_elsewhere_does_not_hide_the_first():
    elsewhere = built(repository_id="7")
    evidence = judged(*LATER, provenance=elsewhere, previous=elsewhere, settled=built())
    assert evidence.status is FAILED
    assert evidence.summary.startswith("against version 1.0.0: the source repository changed from")


def test_another_workflow_is_told_against_the_newest_build_only():
    moved = built(workflow=f"{HOME}/.github/workflows/publish.yml@refs/heads/main")
    own = Provenance(
        build_type=GITHUB_WORKFLOW,
        builder="https://github.com/actions/runner/github-hosted",
        repository=HOME,
        commit="c" * 40,
        ref="refs/heads/main",
        workflow=".github/workflows/publish.yml",
        commits=("c" * 40,),
    )
    now = Built(statement=None, identity=moved.identity, provenance=own)
    assert judged(*LATER, provenance=now, previous=built(), settled=built()).status is FAILED
    assert judged(*LATER, provenance=now, previous=now, settled=built()).status is PASSED


@pytest.mark.parametrize("lost", ["previous", "settled"])
def test_one_build_that_could_not_be_read_does_not_hide_the_other(lost):
    parts = {"previous": built(), "settled": built(), lost: UnavailableError("no network")}
    assert judged(*LATER, provenance=built(repository_id="7"), **parts).status is FAILED
    assert judged(*LATER, provenance=built(), **parts).status is UNCHECKED


def test_a_build_that_nobody_proved_is_not_taken_for_the_same():
    lost = UnavailableError("the registry advertises a provenance and does not serve it", code="ATT_MISSING")
    evidence = judged(*LATER, provenance=lost, previous=built())
    assert (evidence.status, "that of 1.0.1" in evidence.summary) == (UNCHECKED, True)
