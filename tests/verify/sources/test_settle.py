"""Which commit a package is compared with in the end, and what may never follow from a search for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from provenly.trust.errors import Error, MalformedError, UnavailableError
from provenly.trust.evidence import FileClass
from provenly.trust.model import Claimant, SourceClaim
from provenly.trust.source import Candidate, FoundBy, TreeEntry
from provenly.verify.explain.scene import NO_TOOLS
from provenly.verify.sources.acknowledge import Kind, acknowledgement
from provenly.verify.sources.settle import HOPELESS, MANY, MAX_COMPARED, ROUND, Settled, settle
from provenly.verify.sources.source import find
from provenly.verify.sources.source_url import claim
from provenly.verify.sources.window import MAX_COMMITS
from tests.simulator.repository import EPOCH, Files, MemoryForge, MemoryRepository, artifact, context

URL = "https://github.com/owner/name"


def manifest(version: str, **members: object) -> Mapping[str, object]:
    return {"name": "pkg", "version": version, "main": "index.js", **members}


def tree(version: str, code: str, **others: str) -> dict[str, object]:
    files = {f"{name}.js": text for name, text in others.items()}
    return {"package.json": manifest(version), "index.js": code, **files}


@pytest.fixture
def forge() -> MemoryForge:
    return MemoryForge()


@pytest.fixture
def repo(forge: MemoryForge) -> MemoryRepository:
    return forge.create("owner", "name")


def look(
    forge: MemoryForge,
    files: Files,
    *,
    git_head: str = "",
    published: datetime | None = None,
    source: SourceClaim | None = None,
) -> Settled:
    claims = tuple(filter(None, [claim(URL, Claimant.MANIFEST)]))
    item = artifact(files, claims=claims, published=published, git_head=git_head)
    surroundings = context(forge, source)
    found = find(item.package, item, surroundings)
    return settle(found, item, surroundings, surface=None, tools=NO_TOOLS)


def outcome(settled: Settled) -> tuple[str, FoundBy, int]:
    """Return the commit, how it was found, and how many files are left; and hold the records to each other."""
    source = settled.found.source
    (chosen,) = [candidate for candidate in source.candidates if candidate.chosen]
    assert (chosen.commit, chosen.found_by) == (source.commit, source.found_by)
    return source.commit, source.found_by, len(settled.comparison.unexplained)


def notes(settled: Settled) -> dict[str, str]:
    return {note.code: note.text for note in settled.found.source.notes}


def candidate(settled: Settled, commit: str) -> Candidate:
    return next(item for item in settled.found.source.candidates if item.commit == commit)


# What it finds


def test_commit_after_the_one_that_set_the_version(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("0.9.0", "old"))
    setter = repo.commit(tree("1.0.0", "old"))
    later = repo.commit(tree("1.0.0", "new"))
    repo.commit(tree("1.1.0", "newest"))
    settled = look(forge, tree("1.0.0", "new"))
    assert outcome(settled) == (later, FoundBy.SEARCH, 0)
    text = notes(settled)["SOURCE_SEARCH"]
    assert f"{setter[:12]} (manifest-equal main) explains 1 of 2 executable files" in text
    assert "1 further commit compared" in text
    assert f"{later[:12]} (search main) explains 2 and was taken" in text
    assert "it explains 1 of 2 executable files" in candidate(settled, setter).note
    assert candidate(settled, later).reachable is True


def test_commit_before_the_one_that_set_the_version(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("0.9.0", "old"))
    before = repo.commit(tree("0.9.0", "released"))
    repo.commit(tree("1.0.0", "after"), tag="v1.0.0")
    packed = tree("1.0.0", "released") | {"package.json": manifest("1.0.0")}
    commit, found_by, left = outcome(look(forge, packed))
    assert (commit, found_by) == (before, FoundBy.SEARCH)
    assert left == 0


def test_of_two_tags_the_one_that_explains_more(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "first"), tag="1.0.0")
    second = repo.commit(tree("0.9.9", "second"), tag="v1.0.0")
    settled = look(forge, tree("1.0.0", "second"))
    assert outcome(settled)[:2] == (second, FoundBy.TAG)


def test_the_commit_that_explains_most_of_several(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1", a="1", b="1"), tag="v1.0.0")
    repo.commit(tree("1.0.0", "1", a="2", b="1"))
    best = repo.commit(tree("1.0.0", "3", a="2", b="1"))
    repo.commit(tree("1.0.0", "4", a="3", b="1"))
    files = tree("1.0.0", "3", a="2", b="9")
    settled = look(forge, files)
    assert outcome(settled) == (best, FoundBy.SEARCH, 1)
    assert settled.comparison.unexplained[0].diff
    assert "SOURCE_SEVERAL_COMMITS" not in notes(settled)


def test_files_of_several_commits_are_explained_by_none_and_named(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1", a="1", b="1"), tag="v1.0.0")
    one = repo.commit(tree("1.0.0", "2", a="2", b="1"))
    two = repo.commit(tree("1.0.0", "3", a="3", b="2"))
    settled = look(forge, tree("1.0.0", "2", a="2", b="2"))
    assert outcome(settled) == (one, FoundBy.SEARCH, 1)
    assert [file.path for file in settled.comparison.unexplained] == ["b.js"]
    assert f"b.js ({two[:12]})" in notes(settled)["SOURCE_SEVERAL_COMMITS"]


def test_a_package_in_a_folder_is_followed_to_another_folder(forge: MemoryForge, repo: MemoryRepository) -> None:
    def under(folder: str, version: str, code: str) -> dict[str, object]:
        return {f"{folder}/{path}": content for path, content in tree(version, code).items()}

    repo.commit(under("packages/a", "0.9.0", "1"))
    repo.commit(under("packages/a", "1.0.0", "1"))
    moved = repo.commit(under("packages/a", "1.0.0", "2") | {"README.md": "x"})
    settled = look(forge, tree("1.0.0", "2"))
    assert outcome(settled) == (moved, FoundBy.SEARCH, 0)
    assert settled.found.source.directory == "packages/a"


# What it costs


def test_a_package_that_is_explained_costs_nothing_more(forge: MemoryForge, repo: MemoryRepository) -> None:
    for number in range(5):
        repo.commit(tree("1.0.0", str(number)))
    repo.commit(tree("1.0.0", "5"), tag="v1.0.0")
    settled = look(forge, tree("1.0.0", "5") | {"notes.txt": "in no commit"})
    assert outcome(settled)[1:] == (FoundBy.TAG, 1)
    assert not [question for question in repo.asked if question.startswith(("line", "history", "expect"))]
    assert "SOURCE_SEARCH" not in notes(settled)


def test_commits_that_cannot_explain_more_are_not_compared(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    for number in range(30):
        repo.commit(tree("1.0.0", "1", other=str(number)))
    settled = look(forge, tree("1.0.0", "evil"))
    assert outcome(settled)[1:] == (FoundBy.TAG, 1)
    assert "of 30 commits around it none has other sources for what is left" in notes(settled)["SOURCE_SEARCH"]


def test_what_has_the_same_sources_is_looked_at_once(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    for code in ("2", "1", "2", "1"):
        repo.commit(tree("1.0.0", code))
    text = notes(look(forge, tree("1.0.0", "evil")))["SOURCE_SEARCH"]
    assert "1 commit around it looked at, 1 further commit compared" in text


def test_nothing_is_looked_at_once_all_is_explained(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "tagged"), tag="v1.0.0")
    for number in range(3 * ROUND):
        repo.commit(tree("1.0.0", str(number)))
    settled = look(forge, tree("1.0.0", "0"))
    assert outcome(settled)[1:] == (FoundBy.SEARCH, 0)
    assert [question for question in repo.asked if question.startswith("expect")] == [f"expect {ROUND}"]


def test_comparisons_are_counted(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "tagged"), tag="v1.0.0")
    for number in range(MAX_COMMITS + 20):
        repo.commit(tree("1.0.0", str(number)))
    settled = look(forge, tree("1.0.0", "evil"))
    assert outcome(settled)[1:] == (FoundBy.TAG, 1)
    assert f"{MAX_COMPARED} further commits compared" in notes(settled)["SOURCE_SEARCH"]
    assert "SOURCE_SEARCH_LIMIT" in notes(settled)
    assert len([question for question in repo.asked if question.startswith("tree")]) <= MAX_COMMITS + 5


@pytest.mark.parametrize(("made", "count"), [("otherwise", HOPELESS), ("0", MAX_COMPARED)])
def test_what_comes_out_of_no_commit_is_given_up(
    forge: MemoryForge, repo: MemoryRepository, made: str, count: int
) -> None:
    names = [f"part{number}" for number in range(MANY)]
    for number in range(MAX_COMMITS):
        others = {name: f"{number} {name}" for name in names[1:]}
        repo.commit(tree("1.0.0", str(number), part0="0", **others), tag="" if number else "v1.0.0")
    packed = dict.fromkeys(names[1:], "otherwise")
    settled = look(forge, tree("1.0.0", "otherwise", part0=made, **packed))
    assert f"{count} further commits compared" in notes(settled)["SOURCE_SEARCH"]
    assert "SOURCE_SEARCH_LIMIT" in notes(settled)


def test_commits_beyond_the_limit_are_not_looked_at(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "tagged"), tag="v1.0.0")
    for number in range(MAX_COMMITS):
        repo.commit(tree("1.0.0", "tagged", other=str(number)))
    repo.commit(tree("1.0.0", "released"))
    assert outcome(look(forge, tree("1.0.0", "released")))[1:] == (FoundBy.TAG, 1)


def test_the_answer_is_the_same_every_time(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "0", a="0"), tag="v1.0.0")
    for number in range(20):
        repo.commit(tree("1.0.0", str(number % 5), a=str(number % 3)))
    packed = tree("1.0.0", "3", a="9")
    first, second = look(forge, packed), look(forge, packed)
    assert first.found.source == second.found.source
    assert first.comparison == second.comparison


# What it must not do


def test_a_commit_that_the_user_named_is_kept(forge: MemoryForge, repo: MemoryRepository) -> None:
    named = repo.commit(tree("1.0.0", "named"))
    repo.commit(tree("1.0.0", "other"))
    settled = look(forge, tree("1.0.0", "other"), source=claim(f"{URL}#{named}", Claimant.USER))
    assert outcome(settled) == (named, FoundBy.USER, 1)
    assert "SOURCE_SEARCH" not in notes(settled)


@pytest.mark.parametrize("neighbour", ["the version before", "the version after"])
def test_code_of_another_version_explains_nothing(forge: MemoryForge, repo: MemoryRepository, neighbour: str) -> None:
    repo.commit(tree("0.9.0", "the version before"))
    tagged = repo.commit(tree("1.0.0", "fixed"), tag="v1.0.0")
    repo.commit(tree("1.1.0", "the version after"))
    assert outcome(look(forge, tree("1.0.0", neighbour))) == (tagged, FoundBy.TAG, 1)


def test_where_no_manifest_has_a_version_tags_of_others_bound_the_search(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    def unversioned(code: str) -> dict[str, object]:
        return tree("0.0.0", code)

    repo.commit(unversioned("old hole"), tag="v0.9.0")
    between = repo.commit(unversioned("released"))
    repo.commit(unversioned("tagged"), tag="v1.0.0")
    repo.commit(unversioned("next"), tag="v1.1.0")
    for code, found_by in (("old hole", FoundBy.TAG), ("next", FoundBy.TAG), ("released", FoundBy.SEARCH)):
        settled = look(forge, tree("1.0.0", code))
        assert outcome(settled)[1] is found_by, code
    assert settled.found.source.commit == between


def test_a_tag_of_an_older_series_is_not_explained_by_the_default_branch(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    repo.commit(tree("1.0.0", "old"))
    tagged = repo.commit(tree("1.0.1", "mended"), branch="v1", tag="v1.0.1")
    repo.commit(tree("2.0.0", "new"))
    repo.commit(tree("2.0.0", "newer"))
    for code in ("old", "new", "newer"):
        assert outcome(look(forge, tree("1.0.1", code))) == (tagged, FoundBy.TAG, 1), code


def test_commits_after_the_publication_explain_nothing(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    for number in range(5):
        repo.commit(tree("1.0.0", f"x{number}"))
    late = look(forge, tree("1.0.0", "x4"), published=EPOCH + timedelta(days=1))
    assert outcome(late)[1:] == (FoundBy.TAG, 1)
    assert outcome(look(forge, tree("1.0.0", "x4")))[1:] == (FoundBy.SEARCH, 0)


def test_a_branch_and_a_commit_of_nobody_explain_nothing(forge: MemoryForge, repo: MemoryRepository) -> None:
    tagged = repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    repo.commit(tree("1.0.0", "branch"), branch="side")
    orphan = repo.commit(tree("1.0.0", "orphan"), orphan=True)
    assert outcome(look(forge, tree("1.0.0", "branch"))) == (tagged, FoundBy.TAG, 1)
    assert outcome(look(forge, tree("1.0.0", "orphan"), git_head=orphan)) == (tagged, FoundBy.TAG, 1)


def test_an_old_commit_that_only_the_publisher_names_explains_nothing(
    forge: MemoryForge, repo: MemoryRepository
) -> None:
    hole = repo.commit(tree("0.8.0", "hole"))
    repo.commit(tree("0.9.0", "mended"))
    tagged = repo.commit(tree("1.0.0", "mended more"), tag="v1.0.0")
    assert outcome(look(forge, tree("1.0.0", "hole"), git_head=hole)) == (tagged, FoundBy.TAG, 1)


def test_a_search_makes_no_way_stronger(forge: MemoryForge, repo: MemoryRepository) -> None:
    named = repo.commit({"package.json": manifest("1.0.0", x=1), "index.js": "named", "a.js": "named"})
    tagged = repo.commit(tree("1.0.0", "tagged", a="tagged"), tag="v1.0.0")
    assert outcome(look(forge, tree("1.0.0", "tagged", a="tagged"), git_head=named))[:2] == (tagged, FoundBy.TAG)
    settled = look(forge, tree("1.0.0", "named", a="named"), git_head=named)
    assert outcome(settled)[:2] == (named, FoundBy.SEARCH)


def test_a_version_that_nothing_knows_stays_unknown(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("0.9.0", "old"), tag="v0.9.0")
    best = repo.commit(tree("0.9.0", "new"))
    repo.commit(tree("0.9.0", "newer"))
    packed = tree("1.0.0", "new")
    settled = look(forge, packed)
    assert outcome(settled)[:2] == (best, FoundBy.NEAREST)
    assert not [item for item in settled.found.source.candidates if item.knows]
    package = artifact(packed, claims=(), published=None, git_head="").package
    assert acknowledgement(settled.found, package).kind is Kind.NAME_ONLY


def test_a_searched_commit_knows_nothing(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    repo.commit(tree("1.0.0", "2"))
    settled = look(forge, tree("1.0.0", "2"))
    (chosen,) = [item for item in settled.found.source.candidates if item.chosen]
    assert (chosen.found_by, chosen.version, chosen.knows) == (FoundBy.SEARCH, "1.0.0", False)
    assert [str(item.found_by) for item in settled.found.source.candidates if item.knows] == ["tag"]


@pytest.mark.parametrize(
    "fault",
    [UnavailableError("no network", code="NET"), MalformedError("too long", code="SOURCE_LIMIT")],
    ids=["unavailable", "malformed"],
)
@pytest.mark.parametrize("method", ["line", "history"])
def test_a_history_that_cannot_be_read_leaves_the_commit_as_it_is(
    forge: MemoryForge, repo: MemoryRepository, fault: Error, method: str
) -> None:
    tagged = repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    repo.commit(tree("1.0.0", "2"))
    repo.refuses = {method: fault}
    settled = look(forge, tree("1.0.0", "2"))
    assert outcome(settled) == (tagged, FoundBy.TAG, 1)
    assert fault.message in notes(settled)["SOURCE_SEARCH_UNREAD"]


@dataclass(kw_only=True)
class Torn(MemoryRepository):
    """A repository that has lost some of its commits."""

    lost: set[str] = field(default_factory=set)

    def tree(self, commit: str) -> Mapping[str, TreeEntry]:
        if commit in self.lost:
            raise UnavailableError(f"{commit} is lost", code="GIT_FAILED")
        return super().tree(commit)


def test_what_was_found_before_something_went_wrong_counts(forge: MemoryForge) -> None:
    repo = forge.repositories[URL] = Torn(url=URL)
    repo.commit(tree("1.0.0", "1", a="1"), tag="v1.0.0")
    better = repo.commit(tree("1.0.0", "2", a="1"))
    for number in range(ROUND):
        repo.lost = {repo.commit(tree("1.0.0", "1", a="1", b=str(number)))}
    settled = look(forge, tree("1.0.0", "2", a="2"))
    assert outcome(settled) == (better, FoundBy.SEARCH, 1)
    assert "is lost" in notes(settled)["SOURCE_SEARCH_UNREAD"]


def test_a_manifest_that_is_none_at_a_neighbour_is_passed(forge: MemoryForge, repo: MemoryRepository) -> None:
    repo.commit(tree("1.0.0", "1"), tag="v1.0.0")
    repo.commit({"package.json": "<<<<<<<", "index.js": "2"})
    repo.commit(tree("1.0.0", "2"))
    settled = look(forge, tree("1.0.0", "2"))
    assert outcome(settled)[1:] == (FoundBy.SEARCH, 0)
    assert json.loads(repo.data[settled.found.source.tree["package.json"].blob])["name"] == "pkg"
    assert {file.file_class for file in settled.comparison.files} == {FileClass.IDENTICAL}
