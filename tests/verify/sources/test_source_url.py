"""Every spelling of a repository, and everything that only looks like one."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from provenly.trust.errors import MalformedError
from provenly.trust.model import Claimant
from provenly.verify.sources.source_url import claim, directory_inside

GITHUB = "https://github.com/owner/name"
SHA = "0123456789abcdef0123456789abcdef01234567"

ACCEPTED = [
    # npm's shorthands
    ("owner/name", GITHUB, "", ""),
    ("owner/name#next", GITHUB, "", "next"),
    ("owner/name.js", "https://github.com/owner/name.js", "", ""),
    ("github:owner/name", GITHUB, "", ""),
    ("GitHub:owner/name", GITHUB, "", ""),
    ("github:owner/name#v1.2.3", GITHUB, "", "v1.2.3"),
    ("gitlab:group/name", "https://gitlab.com/group/name", "", ""),
    ("gitlab:group/sub/name", "https://gitlab.com/group/sub/name", "", ""),
    ("bitbucket:owner/name", "https://bitbucket.org/owner/name", "", ""),
    ("gist:11081aaa281", "https://gist.github.com/11081aaa281", "", ""),
    ("gist:owner/11081aaa281", "https://gist.github.com/11081aaa281", "", ""),
    ("https://gist.github.com/owner/11081aaa281.git", "https://gist.github.com/11081aaa281", "", ""),
    # https, with and without what people add
    ("https://github.com/owner/name", GITHUB, "", ""),
    ("https://github.com/owner/name/", GITHUB, "", ""),
    ("https://github.com/owner/name.git", GITHUB, "", ""),
    ("https://github.com/owner/name.git/", GITHUB, "", ""),
    ("https://github.com:443/owner/name", GITHUB, "", ""),
    ("https://www.github.com/owner/name", GITHUB, "", ""),
    ("HTTPS://GitHub.COM/Owner/Name", "https://github.com/Owner/Name", "", ""),
    ("https://github.com/owner/name#readme", GITHUB, "", ""),
    ("https://github.com/owner/name#main", GITHUB, "", "main"),
    ("https://github.com/owner/name#feature/x", GITHUB, "", "feature/x"),
    (f"https://github.com/owner/name#{SHA}", GITHUB, "", SHA),
    ("https://github.com/owner/name.git#v1.0.0", GITHUB, "", "v1.0.0"),
    ("https://github.com/owner/name?tab=readme-ov-file", GITHUB, "", ""),
    ("https://github.com/owner/name?tab=readme-ov-file#readme", GITHUB, "", ""),
    ("https://git@github.com/owner/name.git", GITHUB, "", ""),
    ("git+https://github.com/owner/name.git", GITHUB, "", ""),
    ("git+https://git@github.com/owner/name.git", GITHUB, "", ""),
    ("GIT+HTTPS://github.com/owner/name.git", GITHUB, "", ""),
    ("http://github.com/owner/name", GITHUB, "", ""),
    ("git+http://github.com/owner/name", GITHUB, "", ""),
    ("github.com/owner/name", GITHUB, "", ""),
    ("www.github.com/owner/name", GITHUB, "", ""),
    ("gitlab.com/group/sub/name", "https://gitlab.com/group/sub/name", "", ""),
    # other transports, rewritten
    ("git://github.com/owner/name.git", GITHUB, "", ""),
    ("git://github.com:9418/owner/name.git", GITHUB, "", ""),
    ("ssh://git@github.com/owner/name.git", GITHUB, "", ""),
    ("ssh://git@github.com:22/owner/name.git", GITHUB, "", ""),
    ("ssh://git@github.com:owner/name.git", GITHUB, "", ""),
    ("git+ssh://git@github.com/owner/name.git", GITHUB, "", ""),
    ("git+ssh://git@github.com:owner/name.git", GITHUB, "", ""),
    ("git@github.com:owner/name.git", GITHUB, "", ""),
    ("git@github.com:owner/name", GITHUB, "", ""),
    ("git@github.com:/owner/name", GITHUB, "", ""),
    ("github.com:owner/name", GITHUB, "", ""),
    ("git@gitlab.com:group/sub/name.git", "https://gitlab.com/group/sub/name", "", ""),
    ("git@codeberg.org:owner/name.git", "https://codeberg.org/owner/name", "", ""),
    # pages of a repository
    ("https://github.com/owner/name/tree/main", GITHUB, "", "main"),
    ("https://github.com/owner/name/tree/main/", GITHUB, "", "main"),
    ("https://github.com/owner/name/tree/main/packages/mcp", GITHUB, "packages/mcp", "main"),
    ("https://github.com/owner/name/blob/main/packages/mcp/README.md", GITHUB, "packages/mcp", "main"),
    ("https://github.com/owner/name/blob/main/README.md", GITHUB, "", "main"),
    (f"https://github.com/owner/name/commit/{SHA}", GITHUB, "", SHA),
    ("https://github.com/owner/name/issues", GITHUB, "", ""),
    ("https://github.com/owner/name/issues/new", GITHUB, "", ""),
    ("https://github.com/owner/name/releases", GITHUB, "", ""),
    ("owner/name/".removesuffix("/"), GITHUB, "", ""),
    ("https://gitlab.com/g/s/name/-/tree/main/pkg", "https://gitlab.com/g/s/name", "pkg", "main"),
    ("https://gitlab.com/group/name/tree/main/pkg", "https://gitlab.com/group/name", "pkg", "main"),
    ("https://gitlab.com/group/name/-/issues", "https://gitlab.com/group/name", "", ""),
    ("https://gitlab.com/tree/name", "https://gitlab.com/tree/name", "", ""),
    ("https://bitbucket.org/owner/name/src/main/pkg/", "https://bitbucket.org/owner/name", "pkg", "main"),
    ("https://bitbucket.org/owner/name/issues", "https://bitbucket.org/owner/name", "", ""),
    ("https://codeberg.org/owner/name", "https://codeberg.org/owner/name", "", ""),
    ("https://codeberg.org/owner/name/src/branch/main/pkg", "https://codeberg.org/owner/name", "pkg", "main"),
    ("https://codeberg.org/owner/name/src/tag/v1.0", "https://codeberg.org/owner/name", "", "v1.0"),
]

REFUSED = [
    # S01 to S15 of the threat catalogue
    "ext::sh -c id",
    "ext::sh",
    "foo::bar",
    "foo://x",
    "fd::17/foo",
    "file:///srv/git/x",
    "/srv/git/x",
    "./rel",
    "../rel",
    "repo.bundle",
    "ssh://-oProxyCommand=id/x",
    "-oProxyCommand=id:x",
    "ssh://git@127.0.0.1/-x",
    "ssh://git@github.com/-x/name",
    "ssh://git@github.com:-oProxyCommand=id",
    "--upload-pack=id",
    "git://github.com/owner/name%0ahost=evil",
    "http://example.org/owner/name",
    "https::http://127.0.0.1/",
    "https://127%2e0.0.1/owner/name",
    "https://127.0.0.1/owner/name",
    "https://2130706433/owner/name",
    "https://0x7f.0.0.1/owner/name",
    "https://[::1]/owner/name",
    "https://localhost/owner/name",
    "https://a\\@b.org/owner/name",
    "https://u:p@github.com/owner/name",
    "https://token@github.com/owner/name",
    "https://github.com@evil.example/owner/name",
    "https://git@evil.example/owner/name",
    "https://git@github.com@evil.example/owner/name",
    "https://github.com\n/owner/name",
    "https://github.com/owner/name\r",
    "https://github.com/owner\t/name",
    "https://github.com/owner/\x1b[31mname",
    " https://github.com/owner/name",
    "https://-x/owner/name",
    "https://",
    "https:///owner/name",
    "https://./owner/name",
    "https://github.com./owner/name",
    "https://github.com/" + "a" * 70_000,
    "https://g\u0456thub.com/owner/name",
    "https://github.com/owner/n\u0430me",
    "https://xn--gthub-n4a.com/owner/name",
    # near misses of the accepted forms
    "https://github.com",
    "https://github.com/owner",
    "https://github.com/owner/",
    "https://github.com//owner/name",
    "https://github.com/owner//name",
    "https://github.com/owner/name//",
    "https://github.com/owner/..",
    "https://github.com/./name",
    "https://github.com/owner/.git",
    "https://github.com/owner/name.git.git",
    "https://github.com/owner/name.GIT",
    "https://github.com:8443/owner/name",
    "ssh://git@github.com:2222/owner/name",
    "ssh://root@github.com/owner/name",
    "root@github.com:owner/name",
    "https://github.com:owner/name",
    "https://github.com/owner/name?x=1",
    "https://gitlab.com/group/name?tab=readme-ov-file",
    "https://github.com/owner/name/unknown/page",
    "https://github.com/owner/name/tree",
    "https://github.com/owner/name/tree/main/../../x",
    "https://github.com/owner/name#semver:^1.0",
    "https://github.com/owner/name#../x",
    "https://github.com/owner/name#a..b",
    "https://github.com/owner/name#a//b",
    "https://github.com/owner/name#a/.b",
    "https://github.com/owner/name#-x",
    "https://github.com/owner/name#a.lock",
    "https://github.com/owner/name#@{u}",
    "https://github.com/orgs/name",
    "https://github.com/sponsors/owner",
    "https://gitlab.com/group/-/name",
    "https://bitbucket.org/owner/name/src/main/..",
    "https://gist.github.com/owner/name/11081aaa281",
    "gist:not-hexadecimal",
    "https://git.example.org/owner/name",
    "https://github.com.evil.example/owner/name",
    "https://evilgithub.com/owner/name",
    "https://api.github.com/repos/owner/name",
    "https://owner.github.io/name",
    "git+git://github.com/owner/name",
    "git+file:///x/y",
    "git@github.com",
    "npm:name",
    "name",
    "owner/name/more",
    "owner/",
    "/name",
    "https://github.com/{owner}/{name}",
    "<https://github.com/owner/name>",
    "https://github.com/a b/name",
    "https://gitlab.com/" + "/".join("a" * 40),
    17,
    True,
    (GITHUB,),
]


@pytest.mark.parametrize(("text", "repository", "directory", "revision"), ACCEPTED)
def test_spelling_is_understood(text: str, repository: str, directory: str, revision: str) -> None:
    found = claim(text, Claimant.MANIFEST)
    assert found is not None
    assert (found.refused, found.repository, found.directory, found.revision) == ("", repository, directory, revision)
    assert (found.text, found.claimant) == (text, Claimant.MANIFEST)


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value)[:60])
def test_anything_else_is_refused_with_its_code(value: object) -> None:
    found = claim(value, Claimant.MANIFEST)  # type: ignore[arg-type]
    assert found is not None
    assert found.refused.startswith(("SOURCE_URL_REFUSED: ", "SOURCE_DIR_REFUSED: "))
    assert (found.repository, found.directory, found.revision) == ("", "", "")
    assert len(found.text) <= 2_048


@pytest.mark.parametrize("value", [None, "", MappingProxyType({}), {"type": "git"}, {"type": "git", "url": ""}])
def test_no_claim_is_no_claim(value: object) -> None:
    assert claim(value, Claimant.MANIFEST) is None  # type: ignore[arg-type]


def test_object_with_a_directory() -> None:
    found = claim(
        {"type": "git", "url": "git+https://github.com/owner/name.git", "directory": "./packages//mcp/"},
        Claimant.REGISTRY,
    )
    assert found is not None
    assert (found.repository, found.directory) == (GITHUB, "packages/mcp")


def test_directory_of_the_object_outranks_that_of_the_address() -> None:
    url = "https://github.com/owner/name/tree/main/packages/old"
    found = claim({"url": url, "directory": "packages/new"}, Claimant.MANIFEST)
    assert found is not None
    assert (found.directory, found.revision) == ("packages/new", "main")


@pytest.mark.parametrize(
    "directory", ["../x", "a/../../b", "/abs", "a\\b", "a\x1bb", "a\nb", "a\u202eb", "a" * 2_000, 17, ("a",)]
)
def test_directory_that_leads_elsewhere_is_refused(directory: object) -> None:
    found = claim({"url": GITHUB, "directory": directory}, Claimant.MANIFEST)  # type: ignore[dict-item]
    assert found is not None
    assert found.refused.startswith("SOURCE_DIR_REFUSED: ")
    assert found.repository == ""


@pytest.mark.parametrize(
    ("text", "inside"), [("", ""), (".", ""), ("./a/", "a"), ("a//b", "a/b"), ("sp ace", "sp ace")]
)
def test_directory_is_normalised(text: str, inside: str) -> None:
    assert directory_inside(text) == inside


def test_directory_refusal_says_why() -> None:
    with pytest.raises(MalformedError, match="leads out of the repository") as caught:
        directory_inside("a/..")
    assert caught.value.code == "SOURCE_DIR_REFUSED"


@pytest.mark.parametrize("system", ["svn", "hg", "SVN"])
def test_other_version_control_is_refused(system: str) -> None:
    found = claim({"type": system, "url": GITHUB}, Claimant.MANIFEST)
    assert found is not None
    assert "only git is read" in found.refused


@pytest.mark.parametrize(
    "text",
    ["https://example.org", "owner/name", "git@github.com:owner/name", "https://owner.github.io/name", "not a url"],
)
def test_homepage_of_no_use_claims_nothing(text: str) -> None:
    assert claim(text, Claimant.HOMEPAGE) is None


@pytest.mark.parametrize(
    "value",
    [
        "https://github.com/owner/name#installation",
        "https://github.com/owner/name#readme",
        {"url": "https://github.com/owner/name/issues"},
        "https://github.com/owner/name?tab=readme-ov-file#how",
    ],
)
def test_homepage_on_a_forge_is_a_claim_without_its_heading(value: object) -> None:
    found = claim(value, Claimant.HOMEPAGE)  # type: ignore[arg-type]
    assert found is not None
    assert (found.repository, found.revision) == (GITHUB, "")


def test_user_may_name_any_host_by_https() -> None:
    found = claim("https://git.example.org/group/name.git#v1", Claimant.USER)
    assert found is not None
    assert (found.repository, found.revision) == ("https://git.example.org/group/name.git", "v1")


@pytest.mark.parametrize(
    "text",
    [
        "http://git.example.org/a/b",
        "ssh://git@git.example.org/a/b",
        "https://git@git.example.org/a/b",
        "https://git.example.org/-a/b",
        "https://git.example.org/a/b[c]",
        "https://git.example.org",
        "https://10.0.0.1/a/b",
        "file:///srv/x",
    ],
)
def test_user_is_held_to_the_grammar(text: str) -> None:
    found = claim(text, Claimant.USER)
    assert found is not None
    assert found.refused.startswith("SOURCE_URL_REFUSED: ")
