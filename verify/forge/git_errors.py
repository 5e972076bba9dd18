"""What a failed fetch means, told from git's own words in the C locale.

git ends with status 128 for almost everything, so its words are all there is. The server can put words into them too
(lines that start with ``remote:`` are its, and an ``ERR`` packet's); the worst that a lie brings about is another of
the outcomes below, and none of them is a pass.
"""

from __future__ import annotations

import re
from typing import Final

from provenly.trust.errors import Error, MalformedError, NotFoundError, UnavailableError
from provenly.verify.git import Result

_SAYS: Final = (
    ("SOURCE_CACHE", r"(?:index|multi-pack-index) file \S+ |non-monotonic index |wrong index v|bad config line"),
    ("SOURCE_CACHE", r"packfile \S+ (?:is|does|cannot)|loose object \S+ \(stored in|object file \S+ is empty"),
    ("SOURCE_CACHE", r"not a git repository:"),
    ("SOURCE_LIMIT", r"File size limit exceeded|signal 25|Out of memory|signal 24|pack exceeds maximum"),
    (
        "SOURCE_MALFORMED",
        r"fsck error|error in \w+ [0-9a-f]{40}:|\bobject [0-9a-f]{40}: [a-z][A-Za-z]+:|pack is corrupted|bad pack",
    ),
    ("SOURCE_MALFORMED", r"SHA1 COLLISION|SHA-1 appears to be part of a collision attack"),
    ("SOURCE_REDIRECT", r"unable to update url base from redirection|error: 30[1-8]\b"),
    ("SOURCE_PRIVATE", r"could not read Username|could not read Password|Authentication failed|error: 40[13]\b"),
    ("SOURCE_NOT_FOUND", r"repository '.*' not found|error: 4(?:04|10)\b|does not appear to be a git repository"),
    ("SOURCE_COMMIT_NOT_FOUND", r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref"),
    ("SOURCE_TIMEOUT", r"Operation too slow|timed out"),
    ("SOURCE_UNREACHABLE", r"early EOF|hung up|unexpected disconnect"),
    # Alone, without a reason from the process that takes the pack in: it was killed, by its limit of bytes or memory.
    ("SOURCE_LIMIT", r"\Afatal: fetch-pack: invalid index-pack output\Z"),
)

_MEANS: Final = {
    "SOURCE_CACHE": "what the cache holds of it is damaged",
    "SOURCE_LIMIT": "the repository is too large for git's limits here",
    "SOURCE_MALFORMED": "git refused the repository's objects as ill-formed",
    "SOURCE_REDIRECT": "the server sends git to another place; redirects are not followed",
    "SOURCE_PRIVATE": "the server asks for a password: the repository is private or does not exist (it will not say)",
    "SOURCE_NOT_FOUND": "the server has no such repository",
    "SOURCE_COMMIT_NOT_FOUND": "the repository does not have this commit, or does not hand it out",
    "SOURCE_TIMEOUT": "the server is too slow",
}

_HINTS: Final = {
    "SOURCE_CACHE": "Delete provenly's cache folder and try again.",
    "SOURCE_REDIRECT": "If the repository was renamed, name the new one with --source.",
    "SOURCE_PRIVATE": "If it is private, name a mirror of it that this machine can read with --git-mirror.",
    "SOURCE_TIMEOUT": "Try again later, or name a mirror with --git-mirror.",
}

ZERO_PADDED: Final = re.compile(r"zeroPaddedFilemode")
"""The one mistake of old, honest tools that a fetch is repeated for, with just this check switched off."""

LEFT_OUT: Final = re.compile(r"git(?:attributes|modules)Missing")
"""What git says of a file that it would look into and that is not in a pack."""

FILTER_REFUSED: Final = re.compile(r"filter '[^']*' not supported|tree filter allows max depth")
"""A server that allows partial clone, but not every filter (``uploadpackfilter.*`` of git-config(1))."""


def failure(result: Result, where: str) -> Error:
    """Return the error that a failed network command means.

    :param where: the repository and what was asked of it, for the message.
    """
    text = result.messages.decode("utf-8", "backslashreplace")
    words = "\n".join(line for line in text.splitlines() if not line.startswith("remote:"))
    code = next((code for code, pattern in _SAYS if re.search(pattern, words.strip())), "SOURCE_UNREACHABLE")
    message = f"{where}: {_MEANS.get(code, 'git could not read it')} (git: {result.shown or 'no message'})"
    if code in {"SOURCE_LIMIT", "SOURCE_MALFORMED"}:
        return MalformedError(message, code=code)
    hint = _HINTS.get(code, "Check the network, or name a mirror with --git-mirror.")
    if code in {"SOURCE_NOT_FOUND", "SOURCE_COMMIT_NOT_FOUND"}:
        return NotFoundError(message, code=code, hint="Check the repository that the package names.")
    return UnavailableError(message, code=code, hint=hint)
