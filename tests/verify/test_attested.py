"""Whole verifications of attested packages: what provenance adds, and what a liar with a true provenance gains."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from provenly.trust.errors import UsageError
from provenly.trust.source import FoundBy
from tests.attested_world import Attested, saved
from tests.simulator.registry import make_tarball
from tests.simulator.sigstore.instance import Instance, Target
from tests.world import NAME, REPOSITORY, SEND, World, files, statuses

DEPENDENTS = (
    *("provenance-identity", "provenance-builder", "provenance-source", "provenance-commit"),
    "provenance-workflow",
)
ATTESTED = ("publish-attestation", "publish-identity", "provenance", *DEPENDENTS)


@pytest.fixture
def attested(world: World) -> Attested:
    return Attested(world)


def evidence(report, check):
    return next(item for item in report.evidence if item.check == check)


def of(report, checks=ATTESTED):
    return {statuses(report)[check] for check in checks}


def codes(report):
    return {note.code for note in report.notes}


def theirs(world: World):
    """Return the repository of a thief."""
    return world.forge.create("thief", "mail-mcp")


# What it adds


def test_all_checks_of_an_honest_release_pass_and_its_commit_is_compared(attested, world):
    commit = world.commit(tag=False)
    world.publish()
    attested.attest(commit)
    report = attested.verify()
    assert of(report) == {"passed"}
    assert (report.source.found_by, report.source.commit) == (FoundBy.PROVENANCE, commit)
    assert (evidence(report, "source-acknowledged").strength, evidence(report, "version-known").strength) == (
        "provenance",
        "provenance",
    )
    assert report.verdict.action == "warn"
    assert "BUILD_REF_NOT_TAG" in codes(report)


def test_the_attested_commit_is_taken_where_a_tag_and_the_publisher_name_others(attested, world):
    commit = world.repository.commit(files("0.0.1") | {"lib/send.js": SEND + "// attested\n"})
    other = world.commit("1.0.0")
    world.publish("1.0.0", files("1.0.0") | {"lib/send.js": SEND + "// attested\n"})
    world.registry.packuments[NAME]["versions"]["1.0.0"]["gitHead"] = other
    attested.attest(commit)
    report = attested.verify()
    assert report.source.commit == commit
    assert {"PROVENANCE_TAG_DISAGREE", "GIT_HEAD_PROVENANCE_DISAGREE"} <= codes(report)
    assert statuses(report)["source-match"] == "passed"


def test_a_version_that_is_in_no_manifest_and_tag_is_known_by_it(attested, world):
    commit = world.repository.commit(files("0.6.3"))
    world.publish("2026.7.10", files("2026.7.10"))
    assert statuses(attested.verify(f"{NAME}@2026.7.10"))["version-known"] == "failed"
    attested.attest(commit, "2026.7.10")
    report = attested.verify(f"{NAME}@2026.7.10", cache=str(world.folder / "fresh"))
    assert (statuses(report)["version-known"], statuses(report)["source-acknowledged"]) == ("passed", "passed")
    assert report.comparison.unexplained == ()


def test_the_directory_that_is_claimed_is_looked_in(attested, world):
    claim = {"type": "git", "url": f"git+{REPOSITORY}.git", "directory": "packages/mail"}
    packed = files(repository=claim)
    commit = world.repository.commit({f"packages/mail/{path}": content for path, content in packed.items()})
    world.publish("1.0.0", packed)
    attested.attest(commit)
    report = attested.verify()
    assert (report.source.directory, statuses(report)["source-match"]) == ("packages/mail", "passed")


def test_what_the_user_names_is_compared_all_the_same(attested, world):
    first = world.repository.commit(files() | {"later.js": "1"})
    second = world.commit(tag=False)
    world.publish()
    attested.attest(second)
    report = attested.verify(source=f"{REPOSITORY}#{first}")
    assert (report.source.found_by, report.source.commit) == (FoundBy.USER, first)
    failed = evidence(report, "provenance-commit")
    assert (failed.status, failed.facts["code"]) == ("failed", "COMMIT_MISMATCH")
    assert "--source" in failed.hint
    named = attested.verify(source=f"{REPOSITORY}#{second}")
    assert (named.source.found_by, statuses(named)["provenance-commit"]) == (FoundBy.USER, "passed")
    assert evidence(named, "source-acknowledged").strength == "provenance"


def test_without_attestations_all_are_absent(attested, world):
    world.release()
    assert of(attested.verify()) == {"absent"}


# What a liar gains


def test_a_thief_who_builds_in_his_own_fork_is_held_to_the_source_that_is_claimed(attested, world):
    world.release("1.0.0")
    stolen = files("1.0.1") | {"lib/send.js": SEND + "steal();\n"}
    fork = theirs(world)
    commit = fork.commit(stolen)
    fork.tag("v1.0.1")
    world.publish("1.0.1", stolen)
    attested.attest(version="1.0.1", facts=attested.facts(commit, slug="thief/mail-mcp"))
    report = attested.verify(f"{NAME}@1.0.1")
    assert report.source.repository == REPOSITORY
    assert statuses(report)["provenance-identity"] == "passed"
    mismatch = evidence(report, "provenance-source")
    assert (mismatch.status, mismatch.facts) == ("failed", {"code": "REPO_MISMATCH"})
    assert statuses(report)["provenance-commit"] == "failed"
    assert (statuses(report)["version-known"], statuses(report)["source-match"]) == ("failed", "failed")
    assert report.verdict.action == "deny"


@pytest.mark.parametrize("where", ["registry", "packed"])
def test_a_claim_in_one_place_is_enough_to_hold_him_to_it(attested, world, where):
    fork = theirs(world)
    claim = "https://github.com/thief/mail-mcp"
    world.commit()
    commit = fork.commit(files(repository=claim))
    world.publish("1.0.0", files() if where == "packed" else files(repository=claim))
    shown = claim if where == "packed" else REPOSITORY
    world.registry.packuments[NAME]["versions"]["1.0.0"]["repository"] = shown
    attested.attest(facts=attested.facts(commit, slug="thief/mail-mcp"))
    report = attested.verify()
    assert report.source.found_by is not FoundBy.PROVENANCE
    assert statuses(report)["provenance-source"] == "failed"
    assert report.verdict.action == "deny"


def test_a_homepage_elsewhere_is_a_claim_where_there_is_no_other(attested, world):
    commit = theirs(world).commit(files())
    world.commit()
    world.publish("1.0.0", files(repository=None, homepage=f"{REPOSITORY}#readme"))
    attested.attest(facts=attested.facts(commit, slug="thief/mail-mcp"))
    report = attested.verify()
    assert report.source.repository == REPOSITORY
    assert statuses(report)["provenance-source"] == "unchecked"


def test_a_package_that_claims_nothing_is_compared_where_it_was_built(attested, world):
    commit = world.repository.commit(files(repository=None))
    world.publish("1.0.0", files(repository=None))
    attested.attest(commit)
    report = attested.verify()
    assert (report.source.found_by, statuses(report)["provenance-source"]) == (FoundBy.PROVENANCE, "unchecked")
    assert report.verdict.action == "hold"


def test_a_thief_who_claims_his_fork_is_seen_by_the_change(attested, world):
    commit = world.commit("1.0.0")
    world.publish("1.0.0")
    attested.attest(commit, "1.0.0")
    stolen = files("1.0.1", repository="https://github.com/thief/mail-mcp")
    fork = theirs(world)
    forked = fork.commit(stolen)
    world.publish("1.0.1", stolen)
    attested.attest(version="1.0.1", facts=attested.facts(forked, slug="thief/mail-mcp", repository_id="666"))
    report = attested.verify(f"{NAME}@1.0.1")
    assert of(report) == {"passed"}
    assert statuses(report)["continuity"] == "failed"
    assert report.verdict.action == "hold"


def test_a_commit_that_only_a_pull_request_leads_to_fails(attested, world):
    base = world.commit(tag=False)
    imposter = world.repository.commit(files() | {"evil.js": "1"}, ref="refs/pull/66/head", parents=[base])
    world.publish()
    attested.attest(facts=attested.facts(imposter))
    report = attested.verify()
    assert evidence(report, "provenance-commit").facts == {"code": "COMMIT_UNREACHABLE"}
    assert "IMPOSTER_COMMIT" in codes(report)
    assert statuses(report)["source-reachable"] == "failed"
    assert evidence(report, "source-acknowledged").strength != "provenance"
    assert report.verdict.action == "deny"


def test_a_commit_that_is_not_there_cannot_be_looked_at(attested, world):
    world.release()
    attested.attest("1" * 40)
    report = attested.verify()
    checks = ("provenance-commit", "source-match", "version-known")
    assert of(report, checks) == {"unchecked"}


def test_a_branch_that_many_may_push_acknowledges_nothing(attested, world):
    base = world.repository.commit({"README.md": "mail"})
    side = world.repository.commit(files("0.0.1"), ref="refs/heads/feature", parents=[base])
    world.publish()
    attested.attest(facts=attested.facts(side, ref="refs/heads/feature"))
    report = attested.verify()
    assert (report.source.commit, statuses(report)["provenance-commit"]) == (side, "passed")
    assert statuses(report)["source-acknowledged"] == "failed"
    assert statuses(report)["version-known"] == "unchecked"


def test_a_name_that_no_manifest_carries_is_not_acknowledged(attested, world):
    commit = world.commit()
    world.publish("1.0.0", files(name="evil-mcp"), name="evil-mcp")
    attested.attest(commit, name="evil-mcp")
    report = attested.verify("evil-mcp@1.0.0")
    assert of(report) == {"passed"}
    assert statuses(report)["source-acknowledged"] == "failed"
    assert report.verdict.action == "deny"


def test_a_private_manifest_acknowledges_nothing_by_provenance_either(attested, world):
    commit = world.repository.commit(files(private=True))
    world.publish()
    attested.attest(commit)
    assert statuses(attested.verify())["source-acknowledged"] == "failed"


def test_a_fixture_acknowledges_nothing_by_provenance_either(attested, world):
    claim = {"type": "git", "url": f"git+{REPOSITORY}.git", "directory": "tests/fixtures/evil"}
    packed = files(name="evil-mcp", repository=claim)
    fixture = {f"tests/fixtures/evil/{path}": content for path, content in packed.items()}
    commit = world.repository.commit(files() | fixture)
    world.publish("1.0.0", packed, name="evil-mcp")
    attested.attest(commit, name="evil-mcp")
    assert statuses(attested.verify("evil-mcp@1.0.0"))["source-acknowledged"] == "absent"


@pytest.mark.parametrize(
    "changes", [{"trigger": "pull_request_target"}, {"runner": "self-hosted"}, {"ref": "refs/pull/7/merge"}]
)
def test_a_build_that_strangers_may_have_changed_acknowledges_nothing(attested, world, changes):
    commit = world.repository.commit(files("0.0.1"))
    world.publish()
    attested.attest(facts=attested.facts(commit, **changes))
    report = attested.verify()
    assert statuses(report)["provenance-workflow"] == "failed"
    assert statuses(report)["source-acknowledged"] == "absent"
    assert statuses(report)["version-known"] == "unchecked"


def test_what_the_certificate_does_not_say_is_not_followed(attested, world):
    first = world.commit("0.9.0")
    world.release()
    attested.attest(first, certified=attested.facts(world.repository.tip()))
    report = attested.verify()
    assert report.source.found_by is FoundBy.TAG
    assert statuses(report)["provenance-identity"] == "failed"
    assert report.verdict.action == "deny"


def test_an_unknown_issuer_is_not_followed(attested, world):
    world.release()
    facts = attested.facts(world.repository.tip(), issuer="https://token.actions.githubusercontent.com/hammer-time")
    attested.attest(facts=facts)
    report = attested.verify()
    assert report.source.found_by is FoundBy.TAG
    assert statuses(report)["provenance-builder"] == "failed"


@pytest.mark.parametrize(
    "forged",
    [
        lambda attested: Instance().provenance(attested.target(), attested.facts("a" * 40)),
        lambda attested: attested.instance.provenance(Target(data=b"other"), attested.facts("a" * 40)),
        lambda attested: attested.instance.provenance(Target(name="other", data=attested.target().data)),
    ],
    ids=["another authority", "other bytes", "another package"],
)
def test_what_does_not_hold_fails_and_nothing_of_it_is_followed(attested, world, forged):
    world.release()
    attested.serve(attested.publish(attested.target()), forged(attested))
    report = attested.verify()
    assert statuses(report)["publish-attestation"] == "passed"
    assert statuses(report)["provenance"] == "failed"
    assert of(report, DEPENDENTS) == {"unchecked"}
    assert report.source.found_by is FoundBy.TAG
    assert report.verdict.action == "deny"


# What is withheld


def test_what_is_advertised_and_not_served_is_unchecked(attested, world):
    world.release()
    attested.advertise()
    report = attested.verify()
    assert of(report) == {"unchecked"}
    assert evidence(report, "provenance").facts == {"code": "ATT_MISSING"}


def test_a_provenance_that_is_left_out_of_the_document_is_unchecked(attested, world):
    world.release()
    attested.serve(attested.publish(attested.target()))
    report = attested.verify()
    assert statuses(report)["publish-attestation"] == "passed"
    assert statuses(report)["provenance"] == "unchecked"
    attested.advertise(provenance=None)
    assert of(attested.verify(cache=str(world.folder / "fresh")), ("provenance", *DEPENDENTS)) == {"absent"}


def test_a_document_elsewhere_is_asked_for_here(attested, world):
    commit = world.commit()
    world.publish()
    attested.attest(commit)
    attested.advertise(url=f"https://evil.example/-/npm/v1/attestations/{NAME}@1.0.0")
    assert of(attested.verify()) == {"passed"}


def test_a_document_that_is_none_fails(attested, world):
    world.release()
    attested.advertise()
    world.registry.attestations[f"{NAME}@1.0.0"] = b'{"attestations": [], "attestations": []}'
    report = attested.verify()
    assert (statuses(report)["publish-attestation"], statuses(report)["provenance"]) == ("failed", "failed")


def test_a_registry_whose_keys_nobody_knows_leaves_the_provenance(attested, world):
    commit = world.commit()
    world.publish()
    attested.attest(commit)
    report = attested.verify(npm_keys="")
    assert statuses(report)["publish-attestation"] == "unchecked"
    assert of(report, ("provenance", *DEPENDENTS)) == {"passed"}


# Documents obtained elsewhere


def test_a_document_of_the_users_serves_where_the_registry_serves_none(attested, world, tmp_path):
    commit = world.commit()
    world.publish()
    attested.attest(commit)
    path = saved(tmp_path, world.registry.attestations.pop(f"{NAME}@1.0.0"))
    del world.registry.packuments[NAME]["versions"]["1.0.0"]["dist"]["attestations"]
    assert of(attested.verify()) == {"absent"}
    report = attested.verify(attestations=path)
    assert of(report) == {"passed"}
    assert report.source.found_by is FoundBy.PROVENANCE


def test_a_document_about_another_version_fails(attested, world, tmp_path):
    world.release("0.9.0")
    world.release("1.0.0")
    attested.attest(version="0.9.0")
    path = saved(tmp_path, world.registry.attestations[f"{NAME}@0.9.0"])
    report = attested.verify(attestations=path)
    assert (statuses(report)["publish-attestation"], statuses(report)["provenance"]) == ("failed", "failed")


def test_an_archive_on_disk_is_held_to_a_document_too(attested, world, tmp_path):
    commit = world.commit()
    world.publish()
    data = make_tarball(files())
    (tmp_path / "mail.tgz").write_bytes(data)
    target = Target(name=NAME, version="1.0.0", data=data)
    document = attested.instance.document(
        attested.instance.publish(target), attested.instance.provenance(target, attested.facts(commit))
    )
    path = saved(tmp_path, document)
    report = attested.verify(str(tmp_path / "mail.tgz"), attestations=path)
    assert of(report) == {"passed"}
    assert report.source.commit == commit
    assert of(attested.verify(str(tmp_path / "mail.tgz"))) == {"unchecked"}
    # Its own package.json says which package it is: the document of another one does not fit.
    (tmp_path / "other.tgz").write_bytes(make_tarball(files(name="other-mcp")))
    assert statuses(attested.verify(str(tmp_path / "other.tgz"), attestations=path))["provenance"] == "failed"


def test_a_folder_has_no_bytes_to_attest(attested, world, tmp_path):
    world.release()
    (tmp_path / "mail").mkdir()
    for path, content in files().items():
        (tmp_path / "mail" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "mail" / path).write_text(content)
    document = saved(tmp_path, attested.instance.document())
    report = attested.verify(str(tmp_path / "mail"), attestations=document)
    assert of(report) == {"unchecked"}
    assert evidence(report, "provenance").facts == {"code": "ATT_FOLDER"}


def test_a_document_is_about_one_package(attested, tmp_path):
    from provenly import api

    path = saved(tmp_path, b"{}")
    with pytest.raises(UsageError, match="--attestations"):
        api.Request(["a@1.0.0", "b@1.0.0"], attested.options(attestations=path))
    with pytest.raises(UsageError, match="--attestations"):
        attested.verify(attestations=str(tmp_path / "gone.json"))


# The version before


def test_the_version_before_is_asked_for_once_and_never_fatal(attested, world):
    first = world.commit("1.0.0")
    world.publish("1.0.0")
    attested.attest(first, "1.0.0")
    second = world.commit("1.0.1")
    world.publish("1.0.1")
    attested.attest(second, "1.0.1")
    report = attested.verify(f"{NAME}@1.0.1")
    asked = [request.path for request in world.registry.requests if "attestations" in request.path]
    assert len(asked) == len(set(asked)) == 2
    assert statuses(report)["continuity"] == "passed"
    world.registry.attestations[f"{NAME}@1.0.0"] = b"no JSON"
    report = attested.verify(f"{NAME}@1.0.1", cache=str(world.folder / "fresh"))
    assert of(report) == {"passed"}
    assert statuses(report)["continuity"] != "failed"


def test_nothing_of_the_version_before_is_asked_for_where_it_cannot_be_compared(attested, world):
    world.release("1.0.0")
    attested.advertise("1.0.0")
    world.release("1.0.1")
    attested.advertise("1.0.1")
    attested.verify(f"{NAME}@1.0.1")
    assert not [request for request in world.registry.requests if request.path.endswith("@1.0.0")]


# Saved and replayed


def test_a_replay_needs_neither_registry_nor_trust_of_this_machine(attested, world, tmp_path):
    from provenly import api
    from provenly.report import json_report

    commit = world.commit()
    world.publish()
    attested.attest(commit)
    report = attested.verify(save_evidence=str(tmp_path / "saved"))
    again = api.verify_package(str(tmp_path / "saved"), api.Options(evidence=str(tmp_path / "saved")))
    assert json_report.render(again) == json_report.render(report)
    assert of(again) == {"passed"}


def test_a_document_of_the_users_is_saved_too(attested, world, tmp_path):
    from provenly import api

    commit = world.commit()
    world.publish()
    attested.attest(commit)
    path = saved(tmp_path, world.registry.attestations[f"{NAME}@1.0.0"])
    attested.verify(attestations=path, save_evidence=str(tmp_path / "saved"))
    Path(path).unlink()
    again = api.verify_package(str(tmp_path / "saved"), api.Options(evidence=str(tmp_path / "saved")))
    assert of(again) == {"passed"}
    assert not [note for note in again.notes if note.code == "EVIDENCE_DIFFERS"]
    with pytest.raises(UsageError, match="--attestations"):
        api.verify_package(str(tmp_path / "saved"), api.Options(evidence=str(tmp_path / "saved"), attestations="x"))


def test_a_document_that_was_exchanged_in_a_saved_folder_is_refused(attested, world, tmp_path):
    from provenly import api
    from provenly.trust.errors import MalformedError

    commit = world.commit()
    world.publish()
    attested.attest(commit)
    attested.verify(save_evidence=str(tmp_path / "saved"))
    file = next((tmp_path / "saved").glob("attestations*.json"))
    file.write_text(json.dumps({"attestations": []}))
    with pytest.raises(MalformedError):
        api.verify_package(str(tmp_path / "saved"), api.Options(evidence=str(tmp_path / "saved")))


# What it costs where there is nothing to verify


def test_a_package_without_attestations_needs_no_cryptography(world):
    world.release()
    program = (
        "import json, sys; from provenly import api; values = json.loads(sys.argv[1]); "
        "values['git_mirrors'] = tuple(values['git_mirrors']); report = api.verify_package('mail-mcp@1.0.0', "
        "api.Options(**values)); assert report.artifact; print([name for name in sys.modules if name in "
        "{'cryptography', 'sigstore', 'tuf', 'rfc3161_client'}])"
    )
    options = {"registry": world.registry.url, "git_mirrors": [world.forge.mirror_option()]}
    options |= {"cache": str(world.folder / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(options)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "[]\n", done.stderr
