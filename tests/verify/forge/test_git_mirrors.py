"""Mirrors are read strictly, and only listed hosts are asked without one."""

from __future__ import annotations

import pytest

from provenly.trust.errors import MalformedError, UnavailableError, UsageError
from provenly.verify.forge.git_mirrors import FORGES, Mirror, locate
from provenly.verify.forge.git_profile import Protocol

GITHUB = "https://github.com/{owner}/{repo}"


@pytest.mark.parametrize(
    ("text", "target", "protocol"),
    [
        (f"{GITHUB}=/srv/git/{{owner}}+{{repo}}/repo", "/srv/git/acme+x.js/repo", Protocol.FILE),
        (
            f"{GITHUB}=http://127.0.0.1:8080/{{owner}}/{{repo}}.git",
            "http://127.0.0.1:8080/acme/x.js.git",
            Protocol.HTTP,
        ),
        (f"{GITHUB}=http://[::1]:8080/{{repo}}", "http://[::1]:8080/x.js", Protocol.HTTP),
        (f"{GITHUB}=https://git.corp.example/{{owner}}/{{repo}}", "https://git.corp.example/acme/x.js", Protocol.HTTPS),
        (f"{GITHUB}=https://10.0.0.7/{{owner}}/{{repo}}", "https://10.0.0.7/acme/x.js", Protocol.HTTPS),
        ("https://github.com/acme/x.js=/srv/one.git", "/srv/one.git", Protocol.FILE),
        ("https://github.com/acme/{repo}=/srv/{repo}=a.git", "/srv/x.js=a.git", Protocol.FILE),
    ],
)
def test_a_mirror_leads_there(text: str, target: str, protocol: Protocol) -> None:
    address = locate("https://github.com/acme/x.js", [Mirror.parse(text)], FORGES)
    assert (address.target, address.protocol) == (target, protocol)
    assert address.url == "https://github.com/acme/x.js"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        GITHUB,
        f"{GITHUB}=",
        "=/srv",
        f"{GITHUB}=relative/{{repo}}",
        f"{GITHUB}=~/git/{{repo}}",
        f"{GITHUB}=/srv/../etc/{{repo}}",
        f"{GITHUB}=/srv/{{project}}",
        f"{GITHUB}=/srv/{{repo",
        f"{GITHUB}=/srv/a b/{{repo}}",
        f"{GITHUB}=/srv/\x1b/{{repo}}",
        f"{GITHUB}=http://git.corp.example/{{repo}}",
        f"{GITHUB}=http://10.0.0.7/{{repo}}",
        f"{GITHUB}=ssh://git@host/{{repo}}",
        f"{GITHUB}=ext::sh -c x",
        f"{GITHUB}=file:///srv/{{repo}}",
        f"{GITHUB}=https://user:secret@host/{{repo}}",
        f"{GITHUB}=https://host/{{repo}}?x=1",
        f"{GITHUB}=https://-host/{{repo}}",
        f"{GITHUB}=https://127%2e0.0.1/{{repo}}",
        f"{GITHUB}=https:///{{repo}}",
        "http://github.com/{owner}/{repo}=/srv/{repo}",
        "https://{owner}/{repo}=/srv/{repo}",
        "https://github.com/{owner}/{owner}=/srv/{owner}",
        "https://github.com/[a]/{repo}=/srv/{repo}",
        "--upload-pack=x",
    ],
)
def test_a_mirror_that_makes_no_sense_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Mirror.parse(text)
    assert caught.value.code == "GIT_MIRROR"
    assert caught.value.hint
    assert "\x1b" not in caught.value.message


def test_the_first_that_fits_wins() -> None:
    mirrors = [
        Mirror.parse("https://gitlab.com/{owner}/{repo}=/other/{owner}/{repo}"),
        Mirror.parse("https://github.com/acme/{repo}=/acme/{repo}"),
        Mirror.parse(f"{GITHUB}=/all/{{owner}}/{{repo}}"),
    ]
    assert locate("https://github.com/acme/x", mirrors, FORGES).target == "/acme/x"
    assert locate("https://github.com/other/x", mirrors, FORGES).target == "/all/other/x"
    assert locate("https://gitlab.com/a/b/c", mirrors, FORGES).target == "/other/a/b/c"
    assert locate("https://codeberg.org/a/b", mirrors, FORGES).protocol is Protocol.HTTPS


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/a",
        "https://github.com/a/../b",
        "https://gist.github.com/a/11081aaa281",
        "https://gist.github.com/xyz",
        "https://github.com/../b/c",
        "https://github.com/a/b/",
        "https://github.com/a/b?x",
        "https://github.com/a/b#x",
        "https://github.com/a/b\n",
        "https://github.com/a/%2e%2e",
        "https://github.com@evil.example/a/b",
        "https://github.com:443/a/b",
        "https://127.0.0.1/a/b",
        "https://[::1]/a/b",
        "https://127%2e0.0.1/a/b",
        "https://a\\@b.example/a/b",
        "https://-x.example/a/b",
        "https://g\u0456thub.com/a/b",  # a Cyrillic letter
        "http://github.com/a/b",
        "git://github.com/a/b",
        "file:///a/b",
        "ext::sh -c x",
        "--upload-pack=x",
        "https://github.com/a/" + "b" * 3_000,
        "",
    ],
)
def test_what_is_no_canonical_url_is_refused_even_with_mirrors(url: str) -> None:
    with pytest.raises(MalformedError) as caught:
        locate(url, [Mirror.parse(f"{GITHUB}=/srv/{{owner}}/{{repo}}")], FORGES)
    assert caught.value.code == "SOURCE_URL_REFUSED"


def test_a_gist_has_no_owner() -> None:
    gist = "https://gist.github.com/11081aaa281"
    assert locate(gist, [], FORGES).target == gist
    assert locate(gist, [Mirror.parse("https://gist.github.com/{repo}=/srv/gist/{repo}")], FORGES).local


def test_other_hosts_need_the_users_word() -> None:
    with pytest.raises(UnavailableError) as caught:
        locate("https://git.internal.example/a/b", [], FORGES)
    assert caught.value.code == "SOURCE_HOST"
    assert "--allow-host git.internal.example" in caught.value.hint
    assert locate("https://git.internal.example/a/b", [], (*FORGES, "git.internal.example")).protocol is Protocol.HTTPS


def test_a_path_becomes_a_url_that_git_reads_back() -> None:
    address = locate("https://github.com/a/b", [Mirror.parse("https://github.com/a/b=/srv/50%/ü.git")], FORGES)
    assert address.local
    assert address.git_url == "file:///srv/50%25/%C3%BC.git"
