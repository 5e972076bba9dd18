"""What holds for every claim, however it is spelled.

The grammar is that of git-fetch(1), "GIT URLS", and npm's ``repository``; see
:mod:`provenly.verify.sources.source_url`.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from provenly.trust.errors import MalformedError
from provenly.trust.model import Claimant
from provenly.verify.sources.source_url import claim, directory_inside

CANONICAL = re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~][A-Za-z0-9._~-]*)+")
HOSTS = [
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "gist.github.com",
    "git.example.org",
    "evil.example",
]

pieces = st.sampled_from(
    [
        *HOSTS,
        *(
            "https://",
            "git+https://",
            "ssh://",
            "git://",
            "http://",
            "git@",
            "u:p@",
            "@",
            ":",
            "/",
            "//",
            "#",
            "?",
            "%2e",
        ),
        *(
            "owner",
            "name",
            ".git",
            "tree",
            "main",
            "-",
            "..",
            ".",
            ":443",
            ":22",
            "\\",
            "\n",
            "\x1b",
            "github:",
            "gitlab:",
        ),
    ]
)
assembled = st.lists(pieces, max_size=12).map("".join)
texts = st.one_of(
    assembled, st.text(max_size=60), st.from_regex(r"https://[a-z.]{1,20}/[\x20-\x7e]{0,30}", fullmatch=True)
)


@given(texts, st.sampled_from(list(Claimant)))
def test_what_is_accepted_has_the_one_form(text: str, claimant: Claimant) -> None:
    found = claim(text, claimant)
    if found is None:
        assert not text or claimant is Claimant.HOMEPAGE
        return
    assert bool(found.repository) != bool(found.refused)
    if found.repository:
        assert CANONICAL.fullmatch(found.repository)
        assert ".." not in found.repository.split("/")
        assert claimant is Claimant.USER or not found.repository.endswith(".git")
        assert not re.search(r"[\x00-\x20\x7f@\\]", found.repository)


@given(texts, st.sampled_from(list(Claimant)))
def test_canonicalising_is_idempotent(text: str, claimant: Claimant) -> None:
    found = claim(text, claimant)
    if found is not None and found.repository:
        again = claim(found.repository, claimant)
        assert again is not None
        assert (again.repository, again.directory, again.revision) == (found.repository, "", "")


@given(texts, st.sampled_from(list(Claimant)))
def test_the_host_is_the_one_that_was_written(text: str, claimant: Claimant) -> None:
    found = claim(text, claimant)
    if found is None or not found.repository:
        return
    host = found.repository.split("/")[2]
    written = text.lower()
    shorthand = {
        "github.com": "github:",
        "gitlab.com": "gitlab:",
        "bitbucket.org": "bitbucket:",
        "gist.github.com": "gist:",
    }
    assert host in written or written.startswith(shorthand.get(host, "\0")) or "://" not in written
    if "://" in written:
        authority = re.split(r"[/?#]", written.split("://", 1)[1])[0]
        assert authority.rpartition("@")[2].partition(":")[0].removeprefix("www.") == host.removeprefix("www.")


@given(st.text(max_size=40))
def test_directory_never_leads_out(text: str) -> None:
    try:
        inside = directory_inside(text)
    except MalformedError:
        return
    assert not inside.startswith("/")
    assert not {"", ".", ".."} & set(inside.split("/")) or inside == ""
    assert directory_inside(inside) == inside
