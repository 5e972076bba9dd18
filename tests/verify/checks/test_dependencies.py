import pytest

from provenly.verify.checks import dependencies as check
from tests.verify.checks.subjects import ABSENT, FAILED, MANIFEST, PASSED, outcome


@pytest.mark.parametrize("spec", ["^4.0.0", "4.x || >=5", "*", "", "latest", "1.0.0-beta.1+build", "~1", ">=1 <2"])
def test_ranges_and_tags_of_the_registry_pass(spec):
    assert outcome(check, manifest=MANIFEST | {"dependencies": {"zod": spec}}).status is PASSED


@pytest.mark.parametrize(
    "spec",
    [
        "git+https://github.com/a/b.git",
        "git@github.com:a/b.git",
        "GIT+ssh://git@github.com/a/b",
        "https://example.com/x.tgz",
        "http://example.com/x.tgz",
        "file:../x",
        "link:../x",
        "../x",
        "a/b",
        "a/b#v1",
        "github:a/b",
        "gist:123",
        "npm:other@1.0.0",
        "evil.tgz",
        "EVIL.tar.gz",
        "..\\evil",
    ],
)
@pytest.mark.parametrize("member", ["dependencies", "optionalDependencies", "peerDependencies"])
def test_what_passes_the_registry_by_fails(member, spec):
    evidence = outcome(check, manifest=MANIFEST | {member: {"odd": spec}})
    assert evidence.status is FAILED
    assert f"odd: {spec}" in evidence.summary


def test_development_dependencies_are_not_installed():
    manifest = MANIFEST | {"devDependencies": {"x": "github:a/b"}}
    assert outcome(check, manifest=manifest).status is PASSED


def test_none_is_absent():
    assert outcome(check, manifest={"name": "x", "version": "1.0.0"}).status is ABSENT


@pytest.mark.parametrize(
    "spec",
    [
        *(" github:a/b", "git+ssh:evil", "git:evil", "gitlab:evil", "bitbucket:evil", "gist:evil"),
        *("https:evil", "http:evil", "file:evil", "link:evil", "npm:evil"),
    ],
)
def test_how_it_begins_is_enough(spec):
    assert outcome(check, manifest=MANIFEST | {"dependencies": {"odd": spec}}).status is FAILED


def test_the_first_five_are_named_in_order():
    manifest = MANIFEST | {"dependencies": dict.fromkeys("gfedcba", "file:x")}
    evidence = outcome(check, manifest=manifest)
    assert evidence.facts["code"] == "DEP_NOT_REGISTRY"
    assert evidence.actual == "a: file:x, b: file:x, c: file:x, d: file:x, e: file:x"
    assert "7 direct dependencies" in evidence.summary
    assert evidence.expected


def test_the_number_is_a_fact():
    manifest = MANIFEST | {"optionalDependencies": {"a": "1"}, "peerDependencies": {"b": "1", "zod": "4"}}
    assert outcome(check, manifest=manifest).facts == {"direct": 3}


def test_members_of_another_kind_are_no_dependencies():
    assert outcome(check, manifest={"dependencies": ["github:a/b"]}).status is ABSENT


@pytest.mark.parametrize(
    "spec", [".", "..", "./x", "~/x", "c:evil", "C:\\evil", "x.tgz", "workspace:*", "jsr:@a/b", "?"]
)
def test_paths_and_protocols_that_no_registry_knows_fail(spec):
    assert outcome(check, manifest=MANIFEST | {"dependencies": {"odd": spec}}).status is FAILED


def test_a_name_in_two_members_is_looked_at_in_both():
    manifest = MANIFEST | {"dependencies": {"x": "git+https://evil.example/x"}, "peerDependencies": {"x": "*"}}
    assert outcome(check, manifest=manifest).status is FAILED
