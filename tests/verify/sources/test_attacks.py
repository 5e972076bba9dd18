"""What a liar tries with repositories, tags and claims, from end to end: none of it may be let through."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from provenly.trust.source import FoundBy
from tests.simulator.registry import make_tarball
from tests.world import NAME, REPOSITORY, SEND, actions, files, manifest, statuses

EVIL = "evil-mcp"
FIXED = SEND.replace("return fetch", "check(mail);\n  return fetch")
WORKFLOW = {".github/workflows/release.yml": "jobs:\n  x:\n    steps:\n      - run: npm publish\n"}


def claiming(directory):
    return {"type": "git", "url": f"git+{REPOSITORY}.git", "directory": directory}


def under(directory, packed):
    return {f"{directory}/{path}": content for path, content in packed.items()}


def name_commit(world, version, commit):
    """Let the registry say that a version was built from ``commit``."""
    world.registry.packuments[NAME]["versions"][version]["gitHead"] = commit


def summary(report, check):
    return next(item.summary for item in report.evidence if item.check == check)


# A famous repository has a manifest of the attacker's package somewhere


@pytest.mark.parametrize("folder", ["tests/fixtures/evil", "Examples/evil", "node_modules/evil-mcp", "template"])
def test_a_fixture_to_which_the_package_points_is_no_acknowledgement(world, folder):
    packed = files(name=EVIL, repository=claiming(folder))
    world.repository.commit(files() | under(folder, packed) | WORKFLOW)
    world.repository.tag("v1.0.0")
    world.publish("1.0.0", packed, name=EVIL)
    report = world.verify(f"{EVIL}@1.0.0")
    assert report.verdict.action == "hold"
    assert statuses(report)["source-acknowledged"] == "absent"
    assert folder in summary(report, "source-acknowledged")


@pytest.mark.parametrize(
    "folder", ["docs/evil", "__snapshots__/evil", ".github/evil", "tests-e2e/evil", "packages/app-fixtures/evil"]
)
def test_a_copy_to_which_nobody_points_is_no_acknowledgement(world, folder):
    packed = files(name=EVIL)
    world.repository.commit(files() | under(folder, packed) | WORKFLOW)
    world.publish("1.0.0", packed, name=EVIL)
    report = world.verify(f"{EVIL}@1.0.0")
    assert report.verdict.action == "hold"
    assert statuses(report)["source-acknowledged"] == "absent"


@pytest.mark.parametrize("folder", ["EXAMPLES/evil", "Fixtures/evil", "Node_Modules/evil-mcp"])
def test_a_fixture_is_one_however_its_folder_is_written(world, folder):
    packed = files(name=EVIL)
    world.repository.commit(files() | under(folder, packed))
    world.publish("1.0.0", packed, name=EVIL)
    assert actions(world.verify(f"{EVIL}@1.0.0"))["source-acknowledged"] == "deny"


def test_a_package_among_examples_is_acknowledged_by_a_tag_that_names_it(world):
    packed = files(repository=claiming("examples/mail"))
    world.repository.commit(under("examples/mail", packed))
    world.repository.tag(f"{NAME}@1.0.0")
    world.publish("1.0.0", packed)
    report = world.verify()
    assert report.verdict.action == "warn"
    assert statuses(report)["source-acknowledged"] == "passed"


def test_a_folder_that_is_called_as_the_package_is_its_own(world):
    packed = files(name="mail-test")
    world.repository.commit(under("packages/mail-test", packed))
    world.publish("1.0.0", packed, name="mail-test")
    assert world.verify("mail-test@1.0.0").verdict.action == "warn"


def test_a_link_to_a_manifest_and_a_submodule_are_no_manifests(world):
    world.repository.commit({"package.json": "x/package.json", "x": "c" * 40}, modes={"package.json": "120000"})
    world.repository.tag("v1.0.0")
    world.publish()
    assert actions(world.verify())["source-acknowledged"] == "deny"


# A version of which the repository says nothing


def test_an_old_commit_named_by_the_registry_does_not_know_a_new_version(world):
    old = world.commit("1.0.15")
    world.repository.commit(WORKFLOW | {"package.json": manifest("1.0.16"), "lib/send.js": FIXED})
    world.repository.tag("v1.0.16")
    world.publish("1.0.17")
    name_commit(world, "1.0.17", old)
    report = world.verify(f"{NAME}@1.0.17")
    assert report.source.commit == old
    assert statuses(report)["version-known"] == "failed"
    assert report.verdict.action == "hold"


def test_a_stolen_token_gains_nothing_by_naming_a_commit(world):
    tip = world.commit("1.0.15")
    world.publish("1.0.16", files("1.0.16") | {"lib/send.js": SEND + "steal();\n"})
    name_commit(world, "1.0.16", tip)
    assert world.verify(f"{NAME}@1.0.16").verdict.action == "deny"


def test_a_repository_that_writes_no_version_anywhere_is_believed_its_commit(world):
    head = world.repository.commit(files("0.0.0-development") | WORKFLOW)
    world.publish()
    name_commit(world, "1.0.0", head)
    report = world.verify()
    assert (report.verdict.action, report.source.found_by) == ("warn", FoundBy.GIT_HEAD)


def test_a_repository_that_tags_its_versions_is_not(world):
    old = world.repository.commit(files("0.0.0-development") | WORKFLOW)
    world.repository.tag("v1.0.0")
    world.publish("1.0.1")
    name_commit(world, "1.0.1", old)
    assert actions(world.verify(f"{NAME}@1.0.1"))["version-known"] == "hold"


def test_a_bare_tag_of_another_package_of_the_monorepo(world):
    other = under("packages/a", files("1.0.16", name="a"))
    world.repository.commit(under("packages/b", files("0.3.0")) | other)
    world.repository.tag("v1.0.16")
    world.publish("1.0.16")
    report = world.verify(f"{NAME}@1.0.16")
    assert statuses(report)["version-known"] == "failed"
    assert statuses(report)["source-acknowledged"] == "absent"
    assert "TAG_OF_ANOTHER" in {note.code for note in report.notes}


def test_a_claimed_directory_does_not_make_the_tags_of_its_package_ours(world):
    other = under("packages/a", files("1.0.16", name="a"))
    claim = claiming("packages/a")
    world.repository.commit(under("packages/b", files("0.3.0", repository=claim)) | other)
    world.repository.tag("a@1.0.16")
    world.publish("1.0.16", files("1.0.16", repository=claim))
    report = world.verify(f"{NAME}@1.0.16")
    assert statuses(report)["version-known"] == "failed"
    assert statuses(report)["source-acknowledged"] == "absent"


def test_a_tag_from_before_the_package_existed(world):
    world.repository.commit({"package.json": manifest("1.0.0", name="mail-old")})
    world.repository.tag("v1.0.0")
    world.repository.commit(files("0.1.0") | WORKFLOW)
    world.publish()
    assert statuses(world.verify())["version-known"] == "failed"


@pytest.mark.parametrize("written", ["0.0.0", "0.0.0-semantically-released", "0.9.0", None])
def test_a_tag_of_a_version_that_is_written_at_release_is_known(world, written):
    """Release tools write the version after the tag was set, or never: that is no lie."""
    world.repository.commit(files() | {"package.json": manifest(written)})
    world.repository.tag("v1.0.0")
    world.publish()
    report = world.verify()
    assert (report.verdict.action, statuses(report)["version-known"]) == ("warn", "passed")


# Names that are made to be taken for others


def test_a_branch_that_is_called_as_the_commit_that_the_user_named(world):
    asked = world.commit()
    evil = world.repository.commit({"index.js": "evil()\n"}, ref="refs/heads/x")
    world.repository.branch(asked, evil)
    world.repository.tag(asked, commit=evil)
    world.publish("1.0.0", files() | {"index.js": "evil()\n"})
    report = world.verify(source=f"{REPOSITORY}#{asked}")
    assert report.source.commit == asked
    assert "SOURCE_REVISION_AMBIGUOUS" in {note.code for note in report.notes}


def test_a_branch_that_is_called_as_a_tag(world):
    world.repository.commit(files("0.9.0"))
    evil = files() | {"index.js": "evil()\n"}
    world.repository.commit(evil, ref="refs/heads/v1.0.0")
    world.publish("1.0.0", evil)
    assert world.verify().verdict.action == "deny"


@pytest.mark.parametrize("ref", ["refs/pull/7/head", "refs/notes/v1.0.0", "refs/changes/1", "refs/stash"])
def test_a_commit_to_which_only_other_refs_lead(world, ref):
    world.repository.commit(files("0.9.0"))
    commit = world.repository.commit(files(), ref=ref)
    world.publish()
    name_commit(world, "1.0.0", commit)
    report = world.verify()
    assert report.source.commit != commit
    assert report.verdict.action == "hold"


def test_the_release_that_the_user_names_by_its_tag_is_known(world):
    world.repository.commit(files("0.0.0-development"))
    world.repository.tag("v1.0.0")
    world.publish()
    report = world.verify(source=f"{REPOSITORY}#v1.0.0")
    assert (report.verdict.action, statuses(report)["source-acknowledged"]) == ("warn", "passed")


def test_a_commit_of_no_version_that_the_user_names_is_not_known(world):
    commit = world.repository.commit(files() | {"package.json": manifest(None)})
    world.publish()
    assert statuses(world.verify(source=f"{REPOSITORY}#{commit}"))["version-known"] == "unchecked"


# What could not be read is not denied as a lie


@pytest.mark.parametrize(
    "content",
    [
        manifest().replace('"license": "MIT",', '"license": "MIT", "license": "MIT",').encode(),
        manifest().encode("utf-16"),
        manifest(description="x" * 1_100_000).encode(),
    ],
)
def test_a_manifest_of_the_source_that_cannot_be_read(world, content):
    world.repository.commit(files() | {"package.json": content})
    world.repository.tag("v1.0.0")
    world.publish()
    report = world.verify()
    assert statuses(report)["source-acknowledged"] == "unchecked"
    assert report.verdict.action == "hold"


def test_more_manifests_than_are_read(world):
    many = {f"x/a{number}/package.json": json.dumps({"name": f"n{number}"}) for number in range(405)}
    world.repository.commit(many | under("z/z/z", files()))
    world.repository.tag("v1.0.0")
    world.publish()
    assert statuses(world.verify())["source-acknowledged"] == "unchecked"


def test_a_version_before_all_the_history_that_is_read(world):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    world.repository.commit(files("0.9.0"), date=start)
    world.repository.commit({"package.json": manifest("1.0.0")}, date=start)
    for number in range(1, 403):
        world.repository.commit({"package.json": manifest(f"1.0.{number}")}, date=start + timedelta(days=number))
    world.registry.publish(NAME, "1.0.0", make_tarball(files()), time="2024-01-01T12:00:00.000Z")
    world.registry.publish(NAME, "7.0.0", make_tarball(files("7.0.0")), time="2026-01-01T12:00:00.000Z")
    assert statuses(world.verify())["version-known"] == "unchecked"
    assert statuses(world.verify(f"{NAME}@7.0.0"))["version-known"] == "failed"


def test_a_private_manifest_is_called_private(world):
    world.repository.commit(files() | {"package.json": manifest(private=True)})
    world.publish()
    assert "private" in summary(world.verify(), "source-acknowledged")


def test_a_byte_order_mark_in_the_source_is_nothing(world):
    world.repository.commit(files() | {"package.json": b"\xef\xbb\xbf" + manifest().encode()})
    world.publish()
    assert world.verify().verdict.action == "warn"


def test_a_version_with_security_in_its_name_is_no_placeholder(world):
    world.release("1.2.0-security-fix.1")
    assert world.verify(f"{NAME}@1.2.0-security-fix.1").verdict.action == "warn"
