"""Honest trees: resolved as npm does it, looked at package by package, kept and replayed."""

import json

import pytest

from provenly import api
from provenly.report import json_report, saved
from provenly.sbom import cyclonedx
from provenly.trust.evidence import Status
from provenly.trust.graph import Scope
from tests.attested_world import Attested
from tests.simulator.registry import make_tarball
from tests.simulator.web import Answer
from tests.verify.graph.forest import ROOT, code, found, ids, look, notes, one, publish
from tests.world import actions, statuses

pytestmark = pytest.mark.node

TREE = ("integrity", "signatures", "provenance", "scripts", "status", "age")


@pytest.fixture
def forest(world):
    """Publish a server with a small tree, in which one package is there in two versions."""
    registry = world.registry
    publish(registry, "deep", "1.0.0")
    publish(registry, "deep", "2.0.0")
    publish(registry, "middle", dependencies={"deep": "^1.0.0"})
    publish(registry, "native", os=["linux"], cpu=["x64", "arm64"])
    publish(
        registry,
        "host",
        peerDependencies={"peer": "*", "maybe": "*"},
        peerDependenciesMeta={"maybe": {"optional": True}},
    )
    publish(registry, "peer")
    publish(registry, "maybe")
    publish(registry, "@acme/real", "3.0.0")
    publish(
        registry,
        ROOT,
        dependencies={"deep": "^2.0.0", "middle": "1", "host": "~1.0.0", "other": "npm:@acme/real@^3.0.0"},
        optionalDependencies={"native": "1", "gone": "1"},
        devDependencies={"never": "1"},
    )
    return world


def test_the_tree_is_npms(forest):
    report = look(forest)
    graph = report.graph
    assert ids(report) == [
        *("@acme/real@3.0.0", "deep@1.0.0", "deep@2.0.0", "host@1.0.0", "middle@1.0.0", "native@1.0.0", "peer@1.0.0"),
    ]
    assert graph.root == f"{ROOT}@1.0.0"
    assert graph.edges[graph.root] == (
        *("@acme/real@3.0.0", "deep@2.0.0", "host@1.0.0", "middle@1.0.0", "native@1.0.0"),
    )
    assert graph.edges["middle@1.0.0"] == ("deep@1.0.0",)
    assert graph.edges["host@1.0.0"] == ("peer@1.0.0",)
    assert set(graph.edges) == {graph.root, *ids(report)}
    assert graph.complete
    assert graph.how.startswith("npm ")
    scopes = {item.name: item.scope for item in graph.dependencies}
    assert (scopes["native"], scopes["peer"], scopes["middle"]) == (Scope.OPTIONAL, Scope.PEER, Scope.REQUIRED)
    assert one(report, "native@1.0.0").platforms == ("os=linux", "cpu=x64", "cpu=arm64")
    aliased = one(report, "@acme/real@3.0.0")
    assert (aliased.alias, aliased.purl, aliased.wanted) == (
        "other",
        "pkg:npm/%40acme/real@3.0.0",
        "npm:@acme/real@^3.0.0",
    )
    assert one(report, "deep@2.0.0").direct
    assert not one(report, "deep@1.0.0").direct
    assert all(item.integrity and item.licence == "MIT" and item.url for item in graph.dependencies)
    assert found(report, "tree-complete").status is Status.PASSED
    assert statuses(report)["tree-signatures"] == "absent"


def test_without_being_asked_nothing_is_looked_at(forest):
    report = look(forest, deps="none")
    assert report.graph is None
    assert {statuses(report)[f"tree-{name}"] for name in ("complete", *TREE)} == {"unchecked"}
    assert {actions(report)[f"tree-{name}"] for name in ("complete", *TREE)} == {"allow"}
    assert not any("/deep" in request.path for request in forest.registry.requests)


def test_direct_dependencies_need_no_npm(forest, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    report = look(forest, deps="direct")
    assert ids(report) == [
        *("@acme/real@3.0.0", "deep@2.0.0", "gone@1", "host@1.0.0", "middle@1.0.0", "native@1.0.0"),
    ]
    assert notes(report, "gone@1") == ["TREE_UNRESOLVED"]
    assert (report.graph.complete, report.graph.how) == (False, "package.json")
    assert code(report, "tree-complete") == "DEPS_NOT_ASKED"


def test_where_npm_is_missing_the_whole_tree_is_unchecked_and_held(forest, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    report = look(forest)
    assert "middle@1.0.0" in ids(report)
    assert not report.graph.complete
    assert code(report, "tree-complete") == "TREE_NO_NPM"
    assert {statuses(report)[f"tree-{name}"] for name in ("complete", *TREE)} == {"unchecked"}
    assert actions(report)["tree-complete"] == "hold"


def test_a_dependency_that_nobody_has_is_a_failure(world):
    publish(world.registry, ROOT, dependencies={"absent": "1"})
    report = look(world)
    assert (found(report, "tree-complete").status, code(report, "tree-complete")) == (
        Status.FAILED,
        "TREE_UNRESOLVABLE",
    )


def test_a_registry_that_is_down_is_no_answer(world):
    publish(world.registry, "middle")
    publish(world.registry, ROOT, dependencies={"middle": "1"})
    world.registry.files["/middle"] = Answer(status=403)
    report = look(world)
    assert (found(report, "tree-complete").status, code(report, "tree-complete")) == (
        Status.UNCHECKED,
        "TREE_UNAVAILABLE",
    )


def test_an_optional_one_that_cannot_be_had_is_a_gap(world):
    publish(world.registry, "middle")
    publish(world.registry, ROOT, dependencies={"zod": "4"}, optionalDependencies={"middle": "1"})
    world.registry.files["/middle"] = Answer(status=403)
    report = look(world)
    assert ids(report) == ["zod@4.0.0"]
    assert not report.graph.complete
    assert code(report, "tree-complete") == "TREE_GAP"


def test_bundled_packages_are_there_and_covered_by_their_holder(world):
    inner = {"name": "inner", "version": "9.9.9", "license": "MIT", "scripts": {"install": "true"}}
    files = {"node_modules/inner/package.json": json.dumps(inner), "node_modules/inner/index.js": ""}
    publish(world.registry, "holder", files=files, dependencies={"inner": "^9"}, bundleDependencies=["inner"])
    publish(world.registry, ROOT, dependencies={"holder": "1"})
    report = look(world)
    bundled = one(report, "inner@9.9.9")
    assert (bundled.scope, bundled.integrity, bundled.checks["tree-integrity"]) == (Scope.BUNDLED, (), Status.ABSENT)
    assert found(report, "tree-integrity").status is Status.PASSED
    assert "inner@9.9.9" in found(report, "tree-scripts").summary


@pytest.mark.parametrize("lie", [False, True])
def test_a_shipped_shrinkwrap_wins(world, lie):
    old = publish(world.registry, "deep", "1.0.0")
    publish(world.registry, "deep", "1.1.0")
    integrity = "sha512-" + "A" * 86 + "==" if lie else old["dist"]["integrity"]
    inside = {"version": "1.0.0", "resolved": old["dist"]["tarball"], "integrity": integrity}
    lock = {
        "name": "wrapped",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {"": {"name": "wrapped", "dependencies": {"deep": "^1"}}, "node_modules/deep": inside},
    }
    files = {"npm-shrinkwrap.json": json.dumps(lock)}
    publish(world.registry, "wrapped", files=files, _hasShrinkwrap=True, dependencies={"deep": "^1"})
    publish(world.registry, ROOT, dependencies={"wrapped": "1"})
    report = look(world)
    assert ids(report) == ["deep@1.0.0", "wrapped@1.0.0"]
    assert [note.code for note in report.graph.notes] == ["TREE_SHRINKWRAP"]
    assert found(report, "tree-integrity").status is (Status.FAILED if lie else Status.PASSED)


def test_as_of_a_moment(world):
    publish(world.registry, "deep", "1.0.0", time="2026-01-01T00:00:00.000Z")
    publish(world.registry, "deep", "1.1.0", time="2026-06-01T00:00:00.000Z")
    publish(world.registry, ROOT, dependencies={"deep": "^1"}, time="2026-01-02T00:00:00.000Z")
    assert ids(look(world)) == ["deep@1.1.0"]
    for deps in ("all", "direct"):
        assert ids(look(world, at="2026-03-01T00:00:00Z", deps=deps)) == ["deep@1.0.0"]


def test_an_archive_and_a_folder_of_the_users_have_their_trees(forest, tmp_path):
    manifest = {"name": "mine", "version": "0.1.0", "dependencies": {"middle": "1"}, "overrides": {"deep": "2"}}
    archive = tmp_path / "mine.tgz"
    archive.write_bytes(make_tarball({"package.json": json.dumps(manifest), "index.js": ""}))
    report = look(forest, str(archive))
    assert ids(report) == ["deep@1.0.0", "middle@1.0.0"]
    assert report.graph.root == "mine@0.1.0"
    assert "TREE_OVERRIDES" in [note.code for note in report.graph.notes]


def test_an_answer_is_kept_and_given_up_when_a_document_changes(forest):
    before = ids(look(forest))
    asked = len(forest.registry.requests)
    assert ids(look(forest, offline=True)) == before
    assert len(forest.registry.requests) == asked
    publish(forest.registry, "deep", "2.1.0")
    for cached in (forest.folder / "cache" / "v1" / "documents").rglob("*"):
        if cached.is_file() and b"/deep" in cached.read_bytes()[:400]:
            cached.unlink()
    assert "deep@2.1.0" in ids(look(forest))


def test_a_replay_needs_neither_npm_nor_registry(forest, tmp_path, monkeypatch):
    folder = tmp_path / "evidence"
    report = look(forest, save_evidence=str(folder))
    forest.registry.packuments.clear()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    again = api.verify_package(str(folder))
    assert again.graph == report.graph
    assert json_report.render(again) == json_report.render(report)


def test_signatures_of_all_are_verified(forest, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_bytes(forest.registry.keys_file())
    for name, about in forest.registry.packuments.items():
        for version in about["versions"]:
            forest.registry.sign(name, version)
    report = look(forest, npm_keys=str(keys))
    assert found(report, "tree-signatures").status is Status.PASSED
    assert found(report, "tree-signatures").facts["signed"] == 7


@pytest.mark.parametrize(("change", "expected"), [("other", "failed"), ("none", "absent")])
def test_one_signature_decides(forest, tmp_path, change, expected):
    keys = tmp_path / "keys.json"
    keys.write_bytes(forest.registry.keys_file())
    for name, about in forest.registry.packuments.items():
        for version in about["versions"]:
            forest.registry.sign(name, version)
    documents = forest.registry.packuments
    if change == "none":
        del documents["deep"]["versions"]["1.0.0"]["dist"]["signatures"]
    else:
        taken = documents["deep"]["versions"]["2.0.0"]["dist"]["signatures"]
        documents["deep"]["versions"]["1.0.0"]["dist"]["signatures"] = taken
    report = look(forest, npm_keys=str(keys))
    assert found(report, "tree-signatures").status == expected
    assert "deep@1.0.0" in found(report, "tree-signatures").summary


@pytest.mark.parametrize("forged", [False, True])
def test_attestations_are_verified(forest, forged):
    attested = Attested(forest)
    commit = forest.repository.commit({"package.json": "{}"}, "Begin")
    attested.attest(commit, name="middle")
    attested.attest(commit, name="peer")
    if forged:
        forest.registry.attestations["peer@1.0.0"] = forest.registry.attestations["middle@1.0.0"]
    options = attested.options(deps="all")
    report = api.verify_package(f"{ROOT}@1.0.0", options)
    evidence = found(report, "tree-provenance")
    if forged:
        assert evidence.status is Status.FAILED
        assert "peer@1.0.0" in evidence.summary
        assert one(report, "peer@1.0.0").checks["tree-provenance"] is Status.FAILED
    else:
        assert evidence.status is Status.PASSED
        assert evidence.facts["attested"] == 2


@pytest.mark.parametrize(
    ("version", "changes", "check", "action"),
    [
        ("1.0.0", {"deprecated": "use deeper"}, "tree-status", "warn"),
        ("0.0.1-security", {}, "tree-status", "deny"),
        ("1.0.0", {"time": "2099-01-01T00:00:00.000Z"}, "tree-age", "hold"),
    ],
)
def test_what_becomes_of_a_bad_version(world, version, changes, check, action):
    publish(world.registry, "deep", version, **changes)
    publish(world.registry, ROOT, dependencies={"deep": version})
    report = look(world)
    assert found(report, check).status is Status.FAILED
    assert actions(report)[check] == action


def test_a_young_version_is_a_warning(world):
    publish(world.registry, "deep", time="2026-11-01T00:00:00.000Z")
    publish(world.registry, ROOT, dependencies={"deep": "1"}, time="2026-01-01T00:00:00.000Z")
    report = look(world, at="2026-11-01T05:00:00Z")
    assert found(report, "tree-age").facts["hours"] == 5
    assert actions(report)["tree-age"] == "warn"


def test_a_package_without_dependencies_has_none(world):
    publish(world.registry, ROOT)
    report = look(world)
    assert report.graph.dependencies == ()
    assert report.graph.complete
    assert {statuses(report)[f"tree-{name}"] for name in ("complete", *TREE)} == {"absent"}


@pytest.mark.parametrize("said", [False, True])
def test_the_packages_own_shrinkwrap_wins_whether_or_not_the_registry_mentions_it(world, said, tmp_path):
    old = publish(world.registry, "deep", "1.0.0")
    publish(world.registry, "deep", "1.1.0")
    inside = {"version": "1.0.0", "resolved": old["dist"]["tarball"], "integrity": old["dist"]["integrity"]}
    packages = {"": {"name": ROOT, "version": "1.0.0", "dependencies": {"deep": "^1"}}, "node_modules/deep": inside}
    files = {"npm-shrinkwrap.json": json.dumps({"name": ROOT, "lockfileVersion": 3, "packages": packages})}
    publish(
        world.registry, ROOT, files=files, dependencies={"deep": "^1"}, **({"_hasShrinkwrap": True} if said else {})
    )
    assert ids(look(world)) == ["deep@1.0.0"]
    archive = tmp_path / "mine.tgz"
    archive.write_bytes(world.registry.tarballs[f"/{ROOT}/-/{ROOT}-1.0.0.tgz"])
    assert ids(look(world, str(archive))) == ["deep@1.0.0"]


def test_what_a_dependency_says_of_itself(world):
    person = {"name": "Ada <ada@mail.example>", "email": "ada@mail.example"}
    said = {"description": "  It reads\x1b[2J mail. ", "homepage": "https://said.example", "author": person}
    publish(world.registry, "said", **said)
    publish(world.registry, "odd", description=["no text"], homepage={"url": 1}, author=7)
    publish(world.registry, "long", description="x" * 100_000, author="Bob (https://bob.example)")
    publish(world.registry, ROOT, dependencies={"said": "1", "odd": "1", "long": "1"})
    report = look(world)
    known, odd, long = (one(report, f"{name}@1.0.0") for name in ("said", "odd", "long"))
    assert known.description == "It reads\x1b[2J mail."
    assert (known.homepage, known.author) == ("https://said.example", "Ada")
    assert (odd.description, odd.homepage, odd.author) == ("", "", "")
    assert (len(long.description), long.author) == (300, "Bob")
    written = cyclonedx.render(saved.of(report))
    components = {item["name"]: item for item in json.loads(written)["components"]}
    assert (components["said"]["authors"], "description" in components["odd"]) == ([{"name": "Ada"}], False)
    assert "\x1b" not in written
    assert "\\u001b" not in written
    assert "ada@mail" not in written
