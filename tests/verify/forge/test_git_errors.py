"""git's words in the C locale, as git 2.39 printed them against real servers, and what they mean."""

from __future__ import annotations

import pytest

from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.verify.forge.git_errors import failure
from provenly.verify.git import Result

OID = "f467c4be2fda4ac3340dfeb51b7b777e4b2d2892"
ACCESS = "fatal: unable to access 'https://github.com/a/b/': "


@pytest.mark.parametrize(
    ("messages", "kind", "code"),
    [
        (
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n",
            UnavailableError,
            "SOURCE_PRIVATE",
        ),
        ("remote: Not Found\nfatal: Authentication failed for 'https://x/'\n", UnavailableError, "SOURCE_PRIVATE"),
        (ACCESS + "The requested URL returned error: 403\n", UnavailableError, "SOURCE_PRIVATE"),
        ("fatal: repository 'https://github.com/a/b/' not found\n", NotFoundError, "SOURCE_NOT_FOUND"),
        (ACCESS + "The requested URL returned error: 410\n", NotFoundError, "SOURCE_NOT_FOUND"),
        ("fatal: '/srv/x' does not appear to be a git repository\n", NotFoundError, "SOURCE_NOT_FOUND"),
        (ACCESS + "The requested URL returned error: 301\n", UnavailableError, "SOURCE_REDIRECT"),
        (ACCESS + "The requested URL returned error: 429\n", UnavailableError, "SOURCE_UNREACHABLE"),
        (ACCESS + "The requested URL returned error: 500\n", UnavailableError, "SOURCE_UNREACHABLE"),
        (ACCESS + "Could not resolve host: github.com\n", UnavailableError, "SOURCE_UNREACHABLE"),
        (ACCESS + "Operation too slow. Less than 1000 bytes/sec\n", UnavailableError, "SOURCE_TIMEOUT"),
        (f"fatal: remote error: upload-pack: not our ref {OID}\n", NotFoundError, "SOURCE_COMMIT_NOT_FOUND"),
        (
            f"error: Server does not allow request for unadvertised object {OID}\n",
            NotFoundError,
            "SOURCE_COMMIT_NOT_FOUND",
        ),
        (
            f"error: object {OID}: hasDotgit: contains '.git'\nfatal: fsck error in packed object\nfatal: the end\n",
            MalformedError,
            "SOURCE_MALFORMED",
        ),
        ("fatal: fetch-pack: invalid index-pack output\n", MalformedError, "SOURCE_LIMIT"),
        ("fatal: Out of memory, malloc failed (tried to allocate 9 bytes)\n", MalformedError, "SOURCE_LIMIT"),
        ("fatal: early EOF\nfatal: fetch-pack: invalid index-pack output\n", UnavailableError, "SOURCE_UNREACHABLE"),
        ("remote: fatal: repository 'x' not found\nfatal: the end\n", UnavailableError, "SOURCE_UNREACHABLE"),
        ("", UnavailableError, "SOURCE_UNREACHABLE"),
    ],
)
def test_what_git_says_has_one_meaning(messages: str, kind: type[Error], code: str) -> None:
    error = failure(Result(status=128, output=b"", messages=messages.encode()), "cannot read it")
    assert (type(error), error.code) == (kind, code)
    assert error.message.startswith("cannot read it: ")
    assert error.message.isprintable()


def test_the_words_of_a_server_are_escaped_and_short() -> None:
    evil = b"remote: \x1b]0;owned\x07\x9b2J\xff\r\n" + b"x" * 100_000
    error = failure(Result(status=128, output=b"", messages=evil), "cannot read it")
    assert error.message.isprintable()
    assert len(error.message) < 1_000
