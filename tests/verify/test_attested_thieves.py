"""Whole verifications of what thieves and lying registries publish beside honest, attested versions.

Each story ends with the verdicts that it may not get below, and each is told beside an honest one that is let through.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from provenly.trust.verdict import Report
from tests.attested_world import Attested
from tests.simulator.registry import make_tarball
from tests.simulator.sigstore.npm import NpmKey
from tests.simulator.web import Answer
from tests.world import NAME, SEND, World, actions, files, statuses

AT = "2026-08-20T00:00:00Z"
FORK = "https://github.com/thief/mail-mcp"
FORKED = {"slug": "thief/mail-mcp", "repository_id": "666", "owner_id": "667"}
"""What a build in the thief's fork says."""
RETAKEN = {"repository_id": "666", "owner_id": "667"}
"""What a build says in a repository whose name somebody else took over."""


class Story:
    """Publishes versions by whoever is at work, each signed by the registry."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.attested = Attested(world)
        self.registry = world.registry

    def release(
        self, version: str, day: str, *, fork: bool = False, attest: bool = True, commit: str = "", **claims: Any
    ) -> str:
        """Publish a version on a day of 2026.

        :param fork: whether it is built in the thief's fork.
        :param commit: what was built, where that is no new commit.
        :param claims: ``facts`` and ``packed`` of the build; the rest goes into the package.json.
        """
        changes = claims.pop("facts", FORKED if fork else {})
        packed = claims.pop("packed", None) or files(version, **claims)
        repository = self.world.forge.create("thief", "mail-mcp") if fork else self.world.repository
        commit = commit or repository.commit(packed, f"Release {version}")
        document = self.registry.publish(NAME, version, make_tarball(packed), time=f"2026-{day}T12:00:00.000Z")
        document |= {"_npmUser": {"name": "alice"}, "maintainers": [{"name": "alice"}]}
        self.registry.sign(NAME, version, by=self.attested.instance.key)
        if attest:
            self.attested.attest(version=version, facts=self.attested.facts(commit, **changes))
        return commit

    def verify(self, version: str, policy: str = "default") -> Report:
        cache = str(self.world.folder / f"cache-{policy}")
        return self.attested.verify(f"{NAME}@{version}", policy=policy, at=AT, cache=cache)

    def document(self, version: str) -> dict[str, Any]:
        """Return what the registry's packument says about a version, to lie in it."""
        return self.registry.packuments[NAME]["versions"][version]


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def verdicts(story: Story, version: str) -> tuple[str, str]:
    return tuple(str(story.verify(version, policy).verdict.action) for policy in ("default", "strict"))


def stolen(version: str, **claims: Any) -> dict[str, str]:
    return files(version, **claims) | {"lib/send.js": SEND + "steal();\n"}


def test_honest_versions_are_let_through(story):
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01")
    assert verdicts(story, "1.0.1") == ("allow", "allow")


def test_a_workflow_that_was_renamed_is_told_once(story):
    renamed = {"workflow": ".github/workflows/publish.yml"}
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01", facts=renamed)
    story.release("1.0.2", "06-02", facts=renamed)
    assert verdicts(story, "1.0.1") == ("hold", "deny")
    assert verdicts(story, "1.0.2") == ("allow", "allow")


# A stolen token, and a build that is true in every word


@pytest.mark.parametrize("claim", [FORK, None], ids=["claims the fork", "claims nothing"])
@pytest.mark.parametrize("first", [True, False], ids=["attested before", "unattested before"])
@pytest.mark.parametrize("begun", ["01-01", "05-25"], ids=["old project", "young project"])
def test_a_thief_who_publishes_twice_from_his_fork_is_not_compared_with_himself(story, begun, first, claim):
    story.release("1.0.0", begun)
    for version, day, attest in (("1.0.1", "06-01", first), ("1.0.2", "06-02", True)):
        packed = stolen(version, repository=claim)
        story.release(version, day, fork=True, attest=attest, packed=packed)
    assert verdicts(story, "1.0.2") == ("hold", "deny")
    assert statuses(story.verify("1.0.2"))["continuity"] == "failed"


@pytest.mark.parametrize("versions", [("2.0.0", "2.0.1"), ("2.0.0-rc.1", "2.0.0")], ids=["major", "prerelease"])
def test_neither_a_new_major_version_nor_a_prerelease_prepares_the_way(story, versions):
    story.release("1.0.0", "05-25")
    for version, day in zip(versions, ("06-01", "06-02"), strict=True):
        story.release(version, day, fork=True, packed=stolen(version, repository=FORK))
    assert verdicts(story, versions[1]) == ("hold", "deny")


@pytest.mark.parametrize("between", ["nothing", "an unattested version", "a version of his own"])
@pytest.mark.parametrize("begun", ["01-01", "05-25"], ids=["old project", "young project"])
def test_a_name_that_somebody_else_took_over_is_another_repository(story, begun, between):
    """Claims, names and commits all agree then; only the forge's numbers tell."""
    story.release("1.0.0", begun)
    if between != "nothing":
        story.release("1.0.1", "06-01", facts=RETAKEN, attest=between == "a version of his own")
    story.release("1.0.2", "06-02", facts=RETAKEN, packed=stolen("1.0.2"))
    report = story.verify("1.0.2")
    assert verdicts(story, "1.0.2") == ("hold", "deny")
    assert "number 666" in next(item.summary for item in report.evidence if item.check == "continuity")


def test_what_differs_from_one_build_does_so_whatever_became_of_the_other(story):
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01")
    story.release("1.0.2", "06-02", facts=RETAKEN)
    for lost in ("1.0.0", "1.0.1"):
        documents = dict(story.registry.attestations)
        del story.registry.attestations[f"{NAME}@{lost}"]
        assert verdicts(story, "1.0.2") == ("hold", "deny")
        story.registry.attestations |= documents


def test_the_builds_of_two_versions_are_asked_for_at_most(story):
    for number, day in enumerate(("01-01", "02-01", "05-25", "05-26", "05-27", "05-28")):
        story.release(f"1.0.{number}", day)
    story.verify("1.0.5")
    asked = {request.path.rpartition("@")[2] for request in story.registry.requests if "attestations" in request.path}
    assert asked == {"1.0.5", "1.0.4", "1.0.1"}


@pytest.mark.parametrize(
    ("facts", "default"),
    [
        ({"workflow": ".github/workflows/evil.yml"}, "hold"),
        ({"runner": "self-hosted"}, "hold"),
        ({"trigger": "pull_request_target"}, "warn"),
    ],
    ids=str,
)
def test_another_way_to_build_in_the_same_repository(story, facts, default):
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01", facts=facts)
    assert verdicts(story, "1.0.1") == (default, "deny")


@pytest.mark.parametrize(
    ("ref", "expected"), [("refs/heads/side", ("hold", "deny")), ("refs/pull/6/head", ("deny", "deny"))]
)
def test_a_commit_beside_the_default_branch(story, ref, expected):
    base = story.release("1.0.0", "01-01")
    packed = stolen("1.0.1")
    commit = story.world.repository.commit(packed, ref=ref, parents=[base])
    story.release("1.0.1", "06-01", commit=commit, packed=packed, facts={"ref": ref})
    assert verdicts(story, "1.0.1") == expected


def test_a_package_that_hides_where_it_was_built_is_held(story):
    """The first version has nothing to be compared with, and npm's registry takes in no such provenance."""
    story.release("1.0.0", "01-01", fork=True, packed=stolen("1.0.0", repository=None))
    assert verdicts(story, "1.0.0") == ("hold", "deny")
    assert actions(story.verify("1.0.0"))["provenance-source"] == "hold"


def test_the_same_archive_under_another_name_has_nobody_s_word(story):
    story.release("1.0.0", "01-01")
    attested, other = story.attested, "mail-mpc"
    story.registry.publish(other, "1.0.0", story.registry.tarballs[f"/{NAME}/-/{NAME}-1.0.0.tgz"])
    story.registry.sign(other, "1.0.0", by=attested.instance.key)
    target = attested.target("1.0.0", other)
    provenance = attested.instance.provenance(attested.target(), attested.facts(story.world.repository.tip()))
    attested.serve(attested.publish(target), provenance, name=other)
    assert attested.verify(f"{other}@1.0.0", at=AT).verdict.action == "deny"


# A registry, or a mirror of it, that lies


def answer_for_version(story: Story, version: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Let the version document say something else than the packument."""
    document = json.loads(json.dumps(story.document(version)))
    change(document)
    story.registry.files[f"/{NAME}/{version}"] = Answer(body=json.dumps(document).encode())


@pytest.mark.parametrize("where", ["version document", "packument"])
@pytest.mark.parametrize("left", [None, {"url": "x"}], ids=["all", "the provenance"])
def test_what_one_of_two_documents_advertises_is_not_absent(story, where, left):
    story.release("1.0.0", "01-01")
    honest = json.dumps(story.document("1.0.0")).encode()
    if where == "version document":
        answer_for_version(story, "1.0.0", lambda document: document["dist"].update(attestations=left))
    else:
        story.document("1.0.0")["dist"]["attestations"] = left
        story.registry.files[f"/{NAME}/1.0.0"] = Answer(body=honest)
    publish = story.attested.publish(story.attested.target())
    story.registry.attestations[f"{NAME}@1.0.0"] = story.attested.instance.document(publish)
    report = story.verify("1.0.0")
    assert statuses(report)["provenance"] == "unchecked"
    assert verdicts(story, "1.0.0") == ("hold", "deny")


def test_a_version_is_attested_if_one_of_two_documents_says_so(story):
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01")
    answer_for_version(story, "1.0.1", lambda document: document["dist"].pop("attestations"))
    assert verdicts(story, "1.0.1") == ("allow", "allow")


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:secret@evil.example/-/npm/v1/attestations/{NAME}@1.0.0?x=1#y",
        f"/-/npm/v1/attestations/../../../{NAME}/1.0.0",
        f"/-/npm/v1/attestations/{NAME}@0.9.0",
        f"//evil.example/-/npm/v1/attestations/{NAME}@1.0.0",
        f"/-/npm/v1/attestations/%2e%2e/{NAME}@1.0.0",
        "file:///etc/passwd",
        "https://[",
        "\n",
        ["a"],
        {},
        7,
    ],
    ids=str,
)
def test_wherever_attestations_are_said_to_be_their_own_place_is_asked(story, url):
    story.release("1.0.0", "01-01")
    story.attested.advertise(url=url)
    report = story.verify("1.0.0")
    assert statuses(report)["provenance"] == "passed"
    asked = [request.path for request in story.registry.requests if "attestations" in request.path]
    assert asked == [f"/-/npm/v1/attestations/{NAME}@1.0.0"]
    assert not [request for request in story.registry.requests if "authorization" in request.headers]


def test_the_document_of_another_version_fails(story):
    story.release("1.0.0", "01-01")
    story.release("1.0.1", "06-01")
    story.registry.attestations[f"{NAME}@1.0.1"] = story.registry.attestations[f"{NAME}@1.0.0"]
    assert verdicts(story, "1.0.1") == ("deny", "deny")


def test_a_signature_by_an_unknown_key_does_not_stand_before_a_known_one(story):
    story.release("1.0.0", "01-01")
    dist = story.document("1.0.0")["dist"]
    dist["signatures"].insert(0, NpmKey().sign_version(NAME, "1.0.0", dist["integrity"]))
    assert statuses(story.verify("1.0.0"))["registry-signature"] == "passed"


def test_of_two_signatures_by_known_keys_both_must_hold(story):
    story.release("1.0.0", "01-01")
    dist = story.document("1.0.0")["dist"]
    dist["signatures"].append(story.attested.instance.key.sign_version(NAME, "1.0.1", dist["integrity"]))
    assert verdicts(story, "1.0.0") == ("deny", "deny")


@pytest.mark.parametrize("times", [{}, {"1.0.0": "never"}, None], ids=str)
def test_a_registry_without_times_is_said_and_not_held_for_it(story, times):
    story.release("1.0.0", "01-01")
    story.registry.packuments[NAME]["time"] = times
    report = story.verify("1.0.0")
    assert report.verdict.action == "warn"
    signature = next(item for item in report.evidence if item.check == "registry-signature")
    assert (signature.status, signature.strength) == ("passed", "undated")
