"""Where in its repository a workflow is, and at which ref."""

import pytest

from provenly.trust.identity import Identity

GITHUB = "https://github.com/acme/servers"
GITLAB = "https://gitlab.com/acme/tools/servers"
RELEASE = ".github/workflows/release.yml"


@pytest.mark.parametrize(
    ("repository", "workflow", "path", "ref"),
    [
        (GITHUB, f"{GITHUB}/{RELEASE}@refs/tags/v1.0.0", RELEASE, "refs/tags/v1.0.0"),
        (GITHUB, f"{GITHUB}/{RELEASE}@refs/heads/main", RELEASE, "refs/heads/main"),
        # tags of monorepos
        (GITHUB, f"{GITHUB}/{RELEASE}@refs/tags/@acme/files@1.0.0", RELEASE, "refs/tags/@acme/files@1.0.0"),
        (GITHUB, f"{GITHUB}/{RELEASE}@refs/tags/files@1.0.0", RELEASE, "refs/tags/files@1.0.0"),
        (GITHUB, f"{GITHUB}/{RELEASE}@refs/tags/x@refs/tags/y", RELEASE, "refs/tags/x@refs/tags/y"),
        # another file, whose name begins like the one that is trusted
        (GITHUB, f"{GITHUB}/{RELEASE}@x.yml@refs/heads/main", f"{RELEASE}@x.yml", "refs/heads/main"),
        (GITLAB, f"{GITLAB}//.gitlab-ci.yml@refs/heads/main", ".gitlab-ci.yml", "refs/heads/main"),
        # in another repository, or in none that is named
        (GITHUB, f"{GITHUB}-ci/{RELEASE}@refs/heads/main", "", "refs/heads/main"),
        (GITHUB, f"{GITLAB}/{RELEASE}@refs/heads/main", "", "refs/heads/main"),
        ("", f"/{RELEASE}@refs/heads/main", "", "refs/heads/main"),
        # of no form that a build service writes
        (GITHUB, f"{GITHUB}/{RELEASE}", "", ""),
        (GITHUB, f"{GITHUB}/{RELEASE}@v1", "", ""),
        (GITHUB, "", "", ""),
    ],
)
def test_the_path_and_the_ref_of_a_workflow(repository, workflow, path, ref):
    found = Identity(issuer="i", subject="s", repository=repository, workflow=workflow)
    assert (found.workflow_path, found.workflow_ref) == (path, ref)
