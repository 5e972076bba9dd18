"""Disks that ignore case run what npm finds on them."""

import pytest

from provenly.trust.evidence import FileClass
from provenly.verify.checks import install_scripts as check
from tests.verify.checks.subjects import FAILED, artifact, comparison, explanation, outcome


@pytest.mark.parametrize("name", ["Binding.gyp", "BINDING.GYP"])
def test_a_build_file_is_one_however_it_is_written(name):
    files = comparison(explanation("package.json"), explanation(name, FileClass.UNEXPLAINED))
    evidence = outcome(check, artifact=artifact(paths=("package.json", name)), comparison=files)
    assert evidence.status is FAILED
    assert "node-gyp rebuild" in evidence.actual
