from provenly.trust.errors import UnavailableError
from provenly.trust.evidence import FileClass
from provenly.verify.checks import bundled_dependencies as check
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

BUNDLED = ("package.json", "node_modules/zod/index.js")


def test_nothing_brought_along_is_absent():
    assert outcome(check).status is ABSENT
    assert outcome(check, artifact=artifact(paths=("package.json", "src/node_modules.js"))).status is ABSENT


def test_node_modules_that_the_source_lacks_are_unexplained():
    files = comparison(explanation(BUNDLED[1], FileClass.UNEXPLAINED), explanation("package.json"))
    evidence = outcome(check, artifact=artifact(paths=BUNDLED), comparison=files)
    assert evidence.status is FAILED
    assert BUNDLED[1] in evidence.summary


def test_node_modules_of_the_source_are_explained():
    files = comparison(explanation(BUNDLED[1]), explanation("package.json"))
    evidence = outcome(check, artifact=artifact(paths=BUNDLED), comparison=files)
    assert evidence.status is PASSED


def test_a_shrinkwrap_decides_dependencies():
    paths = ("package.json", "npm-shrinkwrap.json")
    files = comparison(explanation(paths[1], FileClass.UNEXPLAINED, executable=False))
    evidence = outcome(check, artifact=artifact(paths=paths), comparison=files)
    assert evidence.status is FAILED


def test_a_declared_list_is_seen():
    assert outcome(check, manifest=MANIFEST | {"bundleDependencies": ["zod"]}).status is PASSED


def test_without_a_source_it_is_unchecked():
    evidence = outcome(check, artifact=artifact(paths=BUNDLED), comparison=UnavailableError("no network"))
    assert evidence.status is UNCHECKED


def test_everything_that_is_brought_along_is_told():
    paths = ("package.json", "npm-shrinkwrap.json", "node_modules/a/index.js", "lib/node_modules/b.js")
    everything = artifact(paths=paths)
    declared = MANIFEST | {"bundledDependencies": ["a"]}
    files = comparison(*(explanation(path) for path in paths))
    evidence = outcome(check, manifest=declared, artifact=everything, comparison=files)
    assert evidence.status is PASSED
    assert evidence.facts == {"node_modules_files": 2, "shrinkwrap": True, "declared": True}
    brought = "2 files under node_modules and an npm-shrinkwrap.json and a bundleDependencies list"
    assert brought in evidence.summary
    files = comparison(*(explanation(path, FileClass.UNEXPLAINED) for path in paths[1:]))
    evidence = outcome(check, manifest=declared, artifact=everything, comparison=files)
    assert evidence.facts["code"] == "BUNDLED_DEPENDENCY"
    assert evidence.actual == brought
    assert evidence.expected
    assert "and 2 more" in evidence.summary


def test_what_is_not_brought_along_is_not_told():
    evidence = outcome(check, manifest=MANIFEST | {"bundleDependencies": ["zod"]})
    assert evidence.facts == {"node_modules_files": 0, "shrinkwrap": False, "declared": True}
    assert "brings a bundleDependencies list, all" in evidence.summary


def test_other_unexplained_files_are_another_checks_business():
    files = comparison(explanation(BUNDLED[1]), explanation("package.json", FileClass.UNEXPLAINED))
    assert outcome(check, artifact=artifact(paths=BUNDLED), comparison=files).status is PASSED


def test_one_unexplained_file_is_not_told_as_several():
    files = comparison(explanation(BUNDLED[1], FileClass.UNEXPLAINED))
    assert outcome(check, artifact=artifact(paths=BUNDLED), comparison=files).summary.endswith(BUNDLED[1])


def test_files_that_could_not_be_looked_at_are_unchecked_unless_others_are_unexplained():
    paths = (*BUNDLED, "node_modules/zod/more.js")
    unknown = explanation(paths[1], FileClass.UNEXPLAINED, unchecked="the compiler cannot be fetched")
    files = comparison(unknown, explanation(paths[2]))
    evidence = outcome(check, artifact=artifact(paths=paths), comparison=files)
    assert evidence.status is UNCHECKED
    assert evidence.facts["code"] == "SOURCE_UNCHECKED"
    assert f"{paths[1]} could not be looked at: the compiler cannot be fetched" in evidence.summary
    files = comparison(unknown, explanation(paths[2], FileClass.UNEXPLAINED))
    evidence = outcome(check, artifact=artifact(paths=paths), comparison=files)
    assert evidence.status is FAILED
    assert f"does not explain {paths[2]}" in evidence.summary
