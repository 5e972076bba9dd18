"""Which commit a package is compared with, and what is said about those that were passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.trust.model import Claimant, SourceClaim
from provenly.trust.source import Candidate, FoundBy
from provenly.verify.sources.candidates import HISTORY_BATCH
from provenly.verify.sources.source import Found, find
from provenly.verify.sources.source_url import claim
from tests.simulator.repository import EPOCH, Files, MemoryForge, MemoryRepository, artifact, context

URL = "https://github.com/owner/name"


def manifest(version: str, name: str = "pkg", **members: object) -> Mapping[str, object]:
    return {"name": name, "version": version, **members}


@pytest.fixture
def forge() -> MemoryForge:
    return MemoryForge()


@pytest.fixture
def repo(forge: MemoryForge) -> MemoryRepository:
    return forge.create("owner", "name")


def look(  # noqa: PLR0913 - everything after the files is optional
    forge: MemoryForge,
    files: Files,
    *,
    claims: tuple[SourceClaim | None, ...] = (claim(URL, Claimant.MANIFEST),),
    git_head: str = "",
    published: datetime | None = None,
    source: SourceClaim | None = None,
) -> Found:
    item = artifact(files, claims=tuple(filter(None, claims)), published=published, git_head=git_head)
    return find(item.package, item, context(forge, source))


def codes(found: Found) -> list[str]:
    return [note.code for note in found.source.notes]


def chosen(found: Found) -> Candidate:
    (only,) = [candidate for candidate in found.source.candidates if candidate.chosen]
    assert (only.commit, only.found_by) == (found.source.commit, found.source.found_by)
    return only


# Claims


def test_no_claim(forge: MemoryForge) -> None:
    with pytest.raises(NotFoundError) as caught:
        look(forge, {"package.json": manifest("1.0.0")}, claims=())
    assert caught.value.code == "SOURCE_NO_CLAIM"
    assert caught.value.hint


def test_only_refused_claims_are_told_from_none(forge: MemoryForge) -> None:
    with pytest.raises(NotFoundError, match=r"ext::sh.*not followed") as caught:
        look(forge, {"package.json": manifest("1.0.0")}, claims=(claim("ext::sh", Claimant.MANIFEST),))
    assert caught.value.code == "SOURCE_URL_REFUSED"


def test_weaker_claim_is_followed_with_a_note_where_the_stronger_is_refused(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    files = {"package.json": manifest("1.0.0")}
    repo.commit(files, tag="v1.0.0")
    claims = (claim("file:///x", Claimant.MANIFEST), claim(f"{URL}#readme", Claimant.HOMEPAGE))
    found = look(forge, files, claims=claims)
    assert found.source.claim.claimant is Claimant.HOMEPAGE
    assert codes(found) == ["SOURCE_CLAIM_REFUSED"]


def test_claims_that_name_different_repositories_are_noted(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    repo.commit(files, tag="v1.0.0")
    claims = (claim(URL, Claimant.MANIFEST), claim("https://github.com/other/name", Claimant.HOMEPAGE))
    assert codes(look(forge, files, claims=claims)) == ["SOURCE_CLAIMS_DISAGREE"]


def test_user_outranks_the_package(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    repo.commit(files, tag="v1.0.0")
    found = look(
        forge, files, claims=(claim("https://github.com/x/y", Claimant.MANIFEST),), source=claim(URL, Claimant.USER)
    )
    assert (found.source.repository, found.source.found_by) == (URL, FoundBy.TAG)


@pytest.mark.parametrize("by", ["tag", "branch", "commit"])
def test_user_pins_a_revision(forge: MemoryForge, repo: MemoryRepository, by: str) -> None:
    pinned = repo.commit({"package.json": manifest("0.9.0")}, tag="old", branch="side")
    repo.commit({"package.json": manifest("1.0.0")}, tag="v1.0.0")
    revision = {"tag": "old", "branch": "side", "commit": pinned}[by]
    found = look(forge, {"package.json": manifest("1.0.0")}, source=claim(f"{URL}#{revision}", Claimant.USER))
    assert (found.source.commit, found.source.found_by) == (pinned, FoundBy.USER)
    assert chosen(found).reachable is True
    assert len(found.source.candidates) == 1


def test_user_pins_a_commit_of_nobodys(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0")}, tag="v1.0.0")
    orphan = repo.commit({"package.json": manifest("1.0.0")}, orphan=True)
    found = look(forge, {"package.json": manifest("1.0.0")}, source=claim(f"{URL}#{orphan}", Claimant.USER))
    assert chosen(found).reachable is False
    assert codes(found) == ["IMPOSTER_COMMIT"]


def test_user_pins_what_is_not_there(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0")})
    with pytest.raises(NotFoundError) as caught:
        look(forge, {"package.json": manifest("1.0.0")}, source=claim(f"{URL}#nothing", Claimant.USER))
    assert caught.value.code == "SOURCE_REVISION"


def test_revision_that_the_package_itself_claims_is_not_followed(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    tagged = repo.commit(files, tag="v1.0.0")
    repo.commit({"package.json": manifest("1.0.0"), "evil.js": "x"}, branch="evil")
    assert look(forge, files, claims=(claim(f"{URL}#evil", Claimant.MANIFEST),)).source.commit == tagged


def test_missing_repository(forge: MemoryForge) -> None:
    with pytest.raises(NotFoundError) as caught:
        look(forge, {"package.json": manifest("1.0.0")})
    assert caught.value.code == "SOURCE_NOT_FOUND"


def test_repository_without_branches(forge: MemoryForge, repo: MemoryRepository) -> None:
    del repo
    with pytest.raises(NotFoundError) as caught:
        look(forge, {"package.json": manifest("1.0.0")})
    assert caught.value.code == "SOURCE_EMPTY"


# gitHead and tags


def test_tag(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0"), "index.js": "1"}
    tagged = repo.commit(files, tag="v1.0.0")
    repo.commit({"package.json": manifest("1.1.0"), "index.js": "2"}, tag="v1.1.0")
    found = look(forge, files)
    assert (found.source.commit, found.source.found_by, found.source.directory) == (tagged, FoundBy.TAG, "")
    assert chosen(found) == Candidate(
        commit=tagged,
        found_by=FoundBy.TAG,
        name="v1.0.0",
        reachable=True,
        directory="",
        version="1.0.0",
        chosen=True,
        knows=True,
        note="the manifest there is the packed one; 2 packed files found by object id",
    )
    assert found.source.notes == ()
    assert not [question for question in repo.asked if question.startswith("history")]


def test_git_head_that_a_branch_leads_to(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    head = repo.commit(files)
    repo.commit({"package.json": manifest("1.1.0")})
    assert look(forge, files, git_head=head).source.found_by is FoundBy.GIT_HEAD


def test_git_head_of_a_fork_does_not_count(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0"), "index.js": "evil"}
    tagged = repo.commit({"package.json": manifest("1.0.0"), "index.js": "honest"}, tag="v1.0.0")
    imposter = repo.commit(files, orphan=True)
    found = look(forge, files, git_head=imposter)
    assert (found.source.commit, found.source.found_by) == (tagged, FoundBy.TAG)
    assert codes(found) == ["IMPOSTER_COMMIT"]
    passed_over = found.source.candidates[1]
    assert (passed_over.commit, passed_over.found_by, passed_over.reachable) == (imposter, FoundBy.GIT_HEAD, False)


@pytest.mark.parametrize(("head", "code"), [("f" * 40, "IMPOSTER_COMMIT"), ("main", "GIT_HEAD_MALFORMED")])
def test_git_head_of_no_use_is_noted(forge: MemoryForge, repo: MemoryRepository, head: str, code: str) -> None:
    files = {"package.json": manifest("1.0.0")}
    repo.commit(files, tag="v1.0.0")
    found = look(forge, files, git_head=head)
    assert found.source.found_by is FoundBy.TAG
    assert codes(found) == [code]


def test_git_head_and_tag_that_disagree_are_both_tried(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0"), "index.js": "new"}
    head = repo.commit({"package.json": manifest("1.0.0"), "index.js": "old"})
    tagged = repo.commit(files, tag="v1.0.0")
    found = look(forge, files, git_head=head)
    assert (found.source.commit, found.source.found_by) == (tagged, FoundBy.TAG)
    assert codes(found) == ["GIT_HEAD_TAG_DISAGREE"]
    assert {candidate.commit for candidate in found.source.candidates} == {head, tagged}


def test_git_head_wins_over_a_tag_on_the_same_commit(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    head = repo.commit(files, tag="v1.0.0")
    found = look(forge, files, git_head=head)
    assert (found.source.found_by, len(found.source.candidates), codes(found)) == (FoundBy.GIT_HEAD, 2, [])


def test_two_tags_on_different_commits_the_manifest_decides(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("4.1.1"), "a": "1", "b": "2"}, tag="v4.1.2")
    right = repo.commit({"package.json": manifest("4.1.2")}, tag="4.1.2")
    found = look(forge, {"package.json": manifest("4.1.2"), "a": "1", "b": "2"})
    assert (found.source.commit, chosen(found).name) == (right, "4.1.2")
    assert codes(found) == ["TAG_AMBIGUOUS", "TAG_VERSION_MISMATCH"]


def test_two_tags_on_one_commit_are_no_ambiguity(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0")}
    repo.tag_refs["1.0.0"] = repo.commit(files, tag="v1.0.0")
    found = look(forge, files)
    assert (len(found.source.candidates), codes(found)) == (2, [])


def test_two_tags_with_the_version_the_equal_manifest_decides(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0", main="a.js"), "a.js": "1", "b.js": "2"}
    right = repo.commit({"package.json": manifest("1.0.0", main="a.js")}, tag="1.0.0")
    repo.commit({"package.json": manifest("1.0.0", main="b.js"), "a.js": "1", "b.js": "2"}, tag="v1.0.0")
    assert look(forge, files).source.commit == right


def test_two_tags_with_the_manifest_the_files_decide(forge: MemoryForge, repo: MemoryRepository) -> None:
    files = {"package.json": manifest("1.0.0"), "a.js": "1", "b.js": "2"}
    right = repo.commit(files, tag="v1.0.0")
    repo.commit({"package.json": manifest("1.0.0"), "a.js": "1"}, tag="1.0.0")
    found = look(forge, files)
    assert (found.source.commit, codes(found)) == (right, ["TAG_AMBIGUOUS"])


@pytest.mark.parametrize("written", ["0.0.0-development", "0.0.0-semantically-released", "1.0.0"])
def test_repository_that_never_commits_its_versions(forge: MemoryForge, repo: MemoryRepository, written: str) -> None:
    tagged = repo.commit({"package.json": manifest(written), "index.js": "1"}, tag="v2.3.4")
    repo.commit({"package.json": manifest(written), "index.js": "2"}, tag="v2.3.5")
    found = look(forge, {"package.json": manifest("2.3.4"), "index.js": "1"})
    assert (found.source.commit, found.source.found_by) == (tagged, FoundBy.TAG)
    assert codes(found) == ["TAG_VERSION_MISMATCH"]


def test_tag_that_is_not_the_release_loses_to_the_commit_that_is(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.1.4")}, tag="v2.0.0")
    right = repo.commit({"package.json": manifest("2.0.0")})
    found = look(forge, {"package.json": manifest("2.0.0")})
    assert (found.source.commit, found.source.found_by) == (right, FoundBy.MANIFEST_EQUAL)
    assert codes(found) == ["TAG_VERSION_MISMATCH"]


def test_tag_of_a_repository_that_does_not_know_the_package(forge: MemoryForge, repo: MemoryRepository) -> None:
    tagged = repo.commit({"package.json": manifest("1.0.0", name="victim")}, tag="v1.0.0")
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.commit, chosen(found).directory) == (tagged, None)
    assert codes(found) == ["TAG_NAME_MISMATCH", "SOURCE_NAME_UNKNOWN"]


FAULTS = [UnavailableError("no network"), MalformedError("over a limit")]


@pytest.mark.parametrize("fault", FAULTS)
def test_history_that_cannot_be_read_spares_the_tag(forge: MemoryForge, repo: MemoryRepository, fault: Error) -> None:
    tagged = repo.commit({"package.json": manifest("0.0.0-development")}, tag="v1.0.0")
    repo.refuses = {"history": fault, "contained": fault}
    found = look(forge, {"package.json": manifest("1.0.0")}, git_head="a" * 40)
    assert (found.source.commit, found.source.found_by) == (tagged, FoundBy.TAG)
    assert codes(found) == ["GIT_HEAD_UNCHECKED", "SOURCE_HISTORY_UNREAD", "TAG_VERSION_MISMATCH"]
    assert [candidate.reachable for candidate in found.source.candidates] == [True, None]


@pytest.mark.parametrize("fault", FAULTS)
def test_history_that_cannot_be_read_is_fatal_without_a_tag(
    forge: MemoryForge, repo: MemoryRepository, fault: Error
) -> None:
    repo.commit({"package.json": manifest("1.0.0")})
    repo.refuses = {"history": fault}
    with pytest.raises(type(fault), match=fault.message):
        look(forge, {"package.json": manifest("1.0.0")})


# History


def history_of(repo: MemoryRepository, *versions: str, **members: object) -> list[str]:
    return [repo.commit({"package.json": manifest(version, **members)}) for version in versions]


def test_manifest_that_is_the_packed_one(forge: MemoryForge, repo: MemoryRepository) -> None:
    history_of(repo, "0.9.0")
    setter = repo.commit({"package.json": manifest("1.0.0", main="a.js")})
    equal = repo.commit({"package.json": manifest("1.0.0", main="b.js")})
    later = repo.commit({"package.json": manifest("1.0.0", main="c.js")})
    history_of(repo, "1.1.0")
    found = look(forge, {"package.json": manifest("1.0.0", main="b.js")})
    assert (found.source.commit, found.source.found_by) == (equal, FoundBy.MANIFEST_EQUAL)
    assert {candidate.commit for candidate in found.source.candidates} == {setter, equal, later}


def test_commit_that_set_the_version(forge: MemoryForge, repo: MemoryRepository) -> None:
    history_of(repo, "0.9.0")
    setter = repo.commit({"package.json": manifest("1.0.0")})
    repo.commit({"package.json": manifest("1.0.0", private=False)})
    found = look(forge, {"package.json": manifest("1.0.0", rewritten=True)})
    assert (found.source.commit, found.source.found_by) == (setter, FoundBy.VERSION_SET)
    assert len(found.source.candidates) == 2


def test_commit_whose_files_match_best(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0"), "a.js": "1"})
    best = repo.commit({"package.json": manifest("1.0.0", x=1), "a.js": "1", "b.js": "2"})
    repo.commit({"package.json": manifest("1.0.0", x=2), "a.js": "3", "b.js": "2"})
    found = look(forge, {"package.json": manifest("1.0.0", rewritten=True), "a.js": "1", "b.js": "2"})
    assert (found.source.commit, found.source.found_by) == (best, FoundBy.BEST_MATCH)


@pytest.mark.parametrize("written", ["v1.0.0", "1.0.0+build.5", "=1.0.0"])
def test_version_is_read_as_npm_reads_it(forge: MemoryForge, repo: MemoryRepository, written: str) -> None:
    setter = repo.commit({"package.json": manifest(written)})
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.commit, found.source.found_by) == (setter, FoundBy.VERSION_SET)


@pytest.mark.parametrize("written", ["1.0.0-rc.1", "11.0.0", "", 1, None, ["1.0.0"]])
def test_other_versions_are_others(forge: MemoryForge, repo: MemoryRepository, written: object) -> None:
    repo.commit({"package.json": {"name": "pkg", "version": written}})
    assert look(forge, {"package.json": manifest("1.0.0")}).source.found_by is FoundBy.NEAREST


def test_numbers_and_booleans_are_not_the_same_data(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": manifest("1.0.0", sideEffects=1)})
    found = look(forge, {"package.json": manifest("1.0.0", sideEffects=True)})
    assert found.source.found_by is FoundBy.VERSION_SET


def test_order_of_keys_does_not_matter(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"package.json": {"version": "1.0.0", "name": "pkg"}})
    assert look(forge, {"package.json": manifest("1.0.0")}).source.found_by is FoundBy.MANIFEST_EQUAL


def test_version_that_came_back_later_is_another_story(forge: MemoryForge, repo: MemoryRepository) -> None:
    first, _, _ = history_of(repo, "1.0.0", "1.1.0", "1.0.0")
    found = look(forge, {"package.json": manifest("1.0.0")}, published=EPOCH + timedelta(hours=1))
    assert found.source.commit == first


def test_version_that_was_taken_back_and_set_again(forge: MemoryForge, repo: MemoryRepository) -> None:
    again = history_of(repo, "1.0.0", "0.9.9", "1.0.0")[2]
    found = look(forge, {"package.json": manifest("1.0.0", rewritten=True)})
    assert (found.source.commit, len(found.source.candidates)) == (again, 1)


def test_version_that_was_committed_after_it_was_published(forge: MemoryForge, repo: MemoryRepository) -> None:
    history_of(repo, "0.9.0")
    after = history_of(repo, "0.9.1", "0.9.2", "0.9.3", "1.0.0", "1.1.0")[3]
    found = look(forge, {"package.json": manifest("1.0.0")}, published=EPOCH + timedelta(hours=1))
    assert found.source.commit == after


def test_manifest_that_cannot_be_read_is_noted_and_passed(forge: MemoryForge, repo: MemoryRepository) -> None:
    setter = repo.commit({"package.json": manifest("1.0.0")})
    repo.commit({"package.json": "<<<<<<< HEAD\n"})
    repo.commit({"package.json": manifest("1.0.0", x=1)})
    found = look(forge, {"package.json": manifest("1.0.0", rewritten=True)})
    assert found.source.commit == setter
    assert codes(found) == ["SOURCE_MANIFEST_UNREAD"]


def test_long_history_is_read_in_batches(forge: MemoryForge, repo: MemoryRepository) -> None:
    commits = history_of(repo, *(f"1.0.{n}" for n in range(3 * HISTORY_BATCH)))
    found = look(forge, {"package.json": manifest("1.0.7")})
    assert found.source.commit == commits[7]
    assert len([question for question in repo.asked if question.endswith(" blobs")]) < 6


def test_package_that_moved_inside_its_repository(forge: MemoryForge, repo: MemoryRepository) -> None:
    old = repo.commit({"package.json": manifest("1.0.0")})
    repo.commit({"package.json": manifest("0.0.0", name="root"), "packages/pkg/package.json": manifest("2.0.0")})
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.commit, found.source.directory) == (old, "")


# Nothing knows the version


def test_nearest_is_the_tag_below_or_the_branch_whichever_has_the_files(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    below = repo.commit({"package.json": manifest("1.0.0"), "a.js": "1", "b.js": "2"}, tag="v1.0.0")
    branch = repo.commit({"package.json": manifest("1.0.1"), "a.js": "1"})
    found = look(forge, {"package.json": manifest("1.0.16"), "a.js": "1", "b.js": "2", "evil.js": "bcc"})
    assert (found.source.commit, found.source.found_by) == (below, FoundBy.NEAREST)
    assert {(candidate.commit, candidate.found_by) for candidate in found.source.candidates} == {
        (below, FoundBy.NEAREST),
        (branch, FoundBy.NEAREST),
    }


def test_nearest_on_the_branch_is_before_the_publication(forge: MemoryForge, repo: MemoryRepository) -> None:
    history_of(repo, "1.0.0")
    before = history_of(repo, "1.1.0")[0]
    history_of(repo, "1.2.0")
    found = look(forge, {"package.json": manifest("9.9.9")}, published=EPOCH + timedelta(days=1, hours=1))
    assert (found.source.commit, found.source.found_by) == (before, FoundBy.NEAREST)


def test_tag_below_whose_manifest_has_the_version_knows_it_after_all(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    repo.commit({"package.json": manifest("1.0.0")})
    side = repo.commit({"package.json": manifest("2025.4.25")}, tag="2025.4.24", branch="release")
    found = look(forge, {"package.json": manifest("2025.4.25")})
    assert (found.source.commit, found.source.found_by) == (side, FoundBy.MANIFEST_EQUAL)
    assert codes(found) == ["VERSION_ELSEWHERE"]


def test_repository_whose_default_branch_is_not_known(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.default = ""
    tagged = repo.commit({"package.json": manifest("1.0.0")}, tag="v1.0.0")
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.commit, codes(found)) == (tagged, ["SOURCE_DEFAULT_UNKNOWN"])


# Directories


def monorepo(version: str, **others: object) -> dict[str, object]:
    return {
        "package.json": {"name": "root", "private": True},
        "node_modules/pkg/package.json": manifest(version),
        "packages/a/package.json": manifest("5.0.0", name="a"),
        "packages/mcp/package.json": manifest(version),
        "packages/mcp/test/fixtures/package.json": manifest(version),
        **others,
    }


def test_directory_is_found_by_the_name_in_the_manifest(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(monorepo("1.0.0"), tag="pkg@1.0.0")  # type: ignore[arg-type]
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.directory, codes(found)) == ("packages/mcp", [])


def test_directory_that_is_claimed_wrongly_is_only_a_hint(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(monorepo("1.0.0"), tag="v1.0.0")  # type: ignore[arg-type]
    wrong = claim({"url": URL, "directory": "packages/a"}, Claimant.MANIFEST)
    found = look(forge, {"package.json": manifest("1.0.0")}, claims=(wrong,))
    assert (found.source.directory, codes(found)) == ("packages/mcp", ["SOURCE_DIRECTORY_MISMATCH"])


def test_claimed_directory_stays_where_no_manifest_has_the_name(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit({"docs/x.md": "x", "package.json": manifest("1.0.0", name="other")}, tag="v1.0.0")
    there = claim({"url": URL, "directory": "docs"}, Claimant.MANIFEST)
    nowhere = claim({"url": URL, "directory": "nowhere"}, Claimant.MANIFEST)
    files = {"package.json": manifest("1.0.0")}
    assert look(forge, files, claims=(there,)).source.directory == "docs"
    assert look(forge, files, claims=(nowhere,)).source.directory == ""


def test_tag_of_the_directory_is_found_though_no_directory_is_claimed(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    tagged = repo.commit(monorepo("1.0.0"), tag="mcp-v1.0.0")  # type: ignore[arg-type]
    found = look(forge, {"package.json": manifest("1.0.0")})
    assert (found.source.commit, found.source.found_by) == (tagged, FoundBy.TAG)


def test_same_input_same_answer(forge: MemoryForge, repo: MemoryRepository) -> None:
    for number in range(5):
        repo.commit({"package.json": manifest("1.0.0", x=number), "a.js": "1"}, tag=f"{'v' * (number % 2)}1.0.{number}")
    files = {"package.json": manifest("1.0.0"), "a.js": "1"}
    assert look(forge, files).source == look(forge, files).source
