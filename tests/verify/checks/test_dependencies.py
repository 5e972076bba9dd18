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
    ],
)
@pytest.mark.parametrize("member", check.INSTALLED)
def test_what_passes_the_registry_by_fails(member, spec):
    evidence = outcome(check, manifest=MANIFEST | {member: {"odd": spec}})
    assert evidence.status is FAILED
    assert f"odd: {spec}" in evidence.summary


def test_development_dependencies_are_not_installed():
    manifest = MANIFEST | {"devDependencies": {"x": "github:a/b"}}
    assert outcome(check, manifest=manifest).status is PASSED


def test_none_is_absent():
    assert outcome(check, manifest={"name": "x", "version": "1.0.0"}).status is ABSENT
