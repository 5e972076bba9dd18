"""Reading where a package says its source is: every spelling of ``repository`` to one canonical https URL.

A claim is written by whoever published the package. What comes out of here is handed to git, so the grammar is closed:
a URL is rebuilt from parts that were each recognised, never passed through, and what is not recognised is refused
with its reason rather than trimmed until it fits.

The spellings are those of https://docs.npmjs.com/cli/configuring-npm/package-json#repository and of git's own URLs
(git-fetch(1), "GIT URLS"), less every transport but https; shorthands, ssh, git and http are rewritten to https for
the forges in :data:`FORGES` only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.model import Claimant, SourceClaim
from provenly.trust.strict_json import Json

MAX_URL: Final = 2_048
"""Characters of a claim. Browsers and servers agree on no longer URL; honest ones stay below 200."""

MAX_DIRECTORY: Final = 1_024
"""Characters of a directory inside a repository. Git's own path limit is 4,096 bytes; real ones stay below 100."""

MAX_SEGMENTS: Final = 32
"""Parts of a path. GitLab nests groups 20 deep at most, and a directory below them is rarely deeper than five."""

FORGES: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gist.github.com"})
"""Hosts whose URLs we understand. A package may claim these; any other host has to be named by the user."""

_ALIASES: Final = {f"www.{host}": host for host in FORGES}
_SHORTHANDS: Final = {
    "github": "github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
    "gist": "gist.github.com",
}
_PORTS: Final = {"https": "443", "http": "80", "ssh": "22", "git": "9418"}
"""The transports that a claim may name, with the one port each may spell out."""

_OTHER_SYSTEMS: Final = frozenset({"svn", "subversion", "hg", "mercurial", "bzr", "cvs", "fossil"})
_RESERVED_OWNERS: Final = frozenset(
    {
        *("about", "apps", "collections", "customer-stories", "enterprise", "explore", "features", "login"),
        *("marketplace", "notifications", "orgs", "pricing", "search", "settings", "sponsors", "stars"),
        *("topics", "trending", "users"),
    }
)
"""First path segments of github.com that are pages of GitHub, not accounts."""

_PLAIN_PAGES: Final = frozenset(
    {"actions", "discussions", "issues", "projects", "pulls", "pull-requests", "releases", "tags", "wiki"}
)
"""Pages of a repository that name the repository and nothing in it."""

_README_QUERY: Final = "tab=readme-ov-file"
"""The one query that GitHub itself puts into addresses that people copy."""

_VISIBLE: Final = re.compile(r"[!#$&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~][A-Za-z0-9._~-]*")
_REVISION: Final = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9._/@+-]{0,255}")
_GIST: Final = re.compile(r"[0-9a-f]{5,40}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Location:
    """A repository with the place inside it that a URL pointed at."""

    repository: str
    revision: str = ""
    directory: str = ""


def claim(value: Json, claimant: Claimant) -> SourceClaim | None:
    """Read one claim of where the source is.

    :param value: the member as it was served: a string, or an object with ``url`` and, for ``repository``,
        ``type`` and ``directory``.
    :param claimant: who says so. A homepage is written for people, so it only counts when it is the address of a
        repository on a known forge. A user may name any host; nobody else may.
    :returns: the claim, its ``refused`` set to ``CODE: sentence`` where it names no repository that we follow
        (``SOURCE_URL_REFUSED``, ``SOURCE_DIR_REFUSED``); or ``None`` where nothing is claimed at all.
    """
    text = ""
    try:
        url, directory = _members(value)
        if not url:
            return None
        text = url[:MAX_URL]
        location = _locate(url, claimant)
        inside = directory_inside(directory) if directory else location.directory
    except MalformedError as error:
        if claimant is Claimant.HOMEPAGE:
            return None
        return SourceClaim(claimant=claimant, text=text, refused=f"{error.code}: {error.message}")
    return SourceClaim(
        claimant=claimant,
        text=text,
        repository=location.repository,
        directory=inside,
        revision=location.revision,
    )


def directory_inside(text: str) -> str:
    """Return ``text`` as a path inside a repository: no leading ``./``, no trailing ``/``; ``""`` for the root.

    :raises MalformedError: ``SOURCE_DIR_REFUSED``: absolute, leads out, or has characters no honest path needs.
    """
    problem = ""
    if len(text) > MAX_DIRECTORY:
        problem = f"has {len(text):,} characters, more than {MAX_DIRECTORY:,}"
    elif text.startswith("/"):
        problem = "is absolute"
    elif "\\" in text:
        problem = "has a backslash"
    elif any(unicodedata.category(character).startswith("C") for character in text):
        problem = "has control or invisible characters"
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if not problem and ".." in parts:
        problem = "leads out of the repository"
    if problem:
        raise MalformedError(f"the directory {text[:80]!r} {problem}", code="SOURCE_DIR_REFUSED")
    return "/".join(parts)


def _members(value: Json) -> tuple[str, str]:
    """Return the URL and the directory of a ``repository`` (or ``bugs``) member; an empty URL where there is none."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return value, ""
    if not isinstance(value, Mapping):
        raise _refusal("it is neither a string nor an object")
    url, directory, system = value.get("url"), value.get("directory"), value.get("type")
    if url is None:
        return "", ""
    if not isinstance(url, str):
        raise _refusal("its url is not a string")
    if isinstance(system, str) and system.lower() in _OTHER_SYSTEMS:
        raise _refusal(f"it is kept in {system.lower()}, and only git is read")
    if directory is not None and not isinstance(directory, str):
        raise MalformedError("the directory is not a string", code="SOURCE_DIR_REFUSED")
    return url, directory or ""


def _locate(url: str, claimant: Claimant) -> _Location:
    """Take ``url`` apart and put the recognised parts together again."""
    if len(url) > MAX_URL:
        raise _refusal(f"it has {len(url):,} characters, more than {MAX_URL:,}")
    if not _VISIBLE.fullmatch(url):
        raise _refusal("it has characters that no repository address needs")
    address, _, fragment = url.partition("#")
    address, _, query = address.partition("?")
    transport, host, path = _authority(address, claimant)
    if query and not (host == "github.com" and query == _README_QUERY):
        raise _refusal("it has a query")
    segments = _segments(path)
    if host in FORGES:
        location = _on_forge(host, segments)
    elif claimant is not Claimant.USER:
        raise _refusal(f"the host {host} is not one of {', '.join(sorted(FORGES))}; name it with --source to follow it")
    elif transport != "https":
        raise _refusal(f"only https is spoken with {host}")
    elif not all(map(_SEGMENT.fullmatch, segments)):
        raise _refusal("its path has characters that no repository's path needs")
    else:
        location = _Location(repository=f"https://{host}/{'/'.join(segments)}")
    # The fragment of a page is a heading; that of a repository is a branch, tag or commit, as in npm's git URLs.
    if not fragment or claimant is Claimant.HOMEPAGE or fragment == "readme":
        return location
    return _Location(repository=location.repository, revision=_revision(fragment), directory=location.directory)


def _authority(address: str, claimant: Claimant) -> tuple[str, str, str]:
    """Split an address without query and fragment into transport, canonical host and path (no leading slash)."""
    scheme, separator, rest = address.partition("://")
    if separator:
        return _with_transport(scheme.lower(), rest)
    if claimant is Claimant.HOMEPAGE:
        raise _refusal("it is no web address")
    prefix, colon, path = address.partition(":")
    if colon and prefix.lower() in _SHORTHANDS:
        return "https", _SHORTHANDS[prefix.lower()], path
    if colon:
        host = _host(prefix.removeprefix("git@"))
        if host not in FORGES:
            raise _refusal(f"{prefix[:64]!r} is no host or shorthand that we know")
        return "ssh", host, path.removeprefix("/")
    first, _, path = address.partition("/")
    known = _ALIASES.get(first.lower(), first.lower())
    if known in FORGES:
        return "https", known, path
    if address.count("/") == 1:
        return "https", "github.com", address
    raise _refusal("it is neither an address nor a shorthand such as owner/name")


def _with_transport(scheme: str, rest: str) -> tuple[str, str, str]:
    """Do the work of :func:`_authority` for an address that names its transport."""
    transport = scheme.removeprefix("git+")
    if transport not in _PORTS or scheme == "git+git":
        raise _refusal(f"{scheme[:32]!r} is not a transport that we follow")
    authority, _, path = rest.partition("/")
    user, at, place = authority.rpartition("@")
    name, colon, port = place.partition(":")
    if colon and transport == "ssh" and not port.isdecimal():
        path = f"{port}/{path}"  # ssh://git@github.com:owner/name: a mixture that npm accepts and people write
    elif colon and port != _PORTS[transport]:
        raise _refusal("it names a port")
    host = _host(name)
    if at and (user != "git" or host not in FORGES):
        raise _refusal("it has a user name in it")
    return transport, host, path


def _host(text: str) -> str:
    """Return the canonical spelling of a host name: lower case, and without ``www.`` for the forges we know."""
    host = text.lower()
    if len(host) > 253 or not _HOST.fullmatch(host):  # noqa: PLR2004 - the longest name of RFC 1035
        raise _refusal(f"{text[:64]!r} is no host name")
    return _ALIASES.get(host, host)


def _segments(path: str) -> tuple[str, ...]:
    """Return the parts of a path, one trailing slash forgiven."""
    parts = tuple(path.removesuffix("/").split("/"))
    if len(parts) > MAX_SEGMENTS:
        raise _refusal(f"its path has {len(parts)} parts")
    if "" in parts or "." in parts or ".." in parts:
        raise _refusal("its path has an empty part, or one that is . or ..")
    return parts


def _on_forge(host: str, segments: tuple[str, ...]) -> _Location:
    """Return the repository that ``segments`` name on a known forge, and the place inside it."""
    if host == "gist.github.com":
        identifier = segments[-1].removesuffix(".git")
        if len(segments) > 2 or not _GIST.fullmatch(identifier):  # noqa: PLR2004 - owner and id, or the id alone
            raise _refusal("it is no gist")
        return _Location(repository=f"https://{host}/{identifier}")
    project, page = _split_page(host, segments)
    if len(project) < 2 or (host != "gitlab.com" and len(project) > 2):  # noqa: PLR2004 - owner and name
        raise _refusal(f"its path is not that of a repository on {host}")
    if host == "github.com" and project[0].lower() in _RESERVED_OWNERS:
        raise _refusal(f"{project[0]} is a page of {host}, not an account")
    name = project[-1].removesuffix(".git")
    names = (*project[:-1], name)
    if name.lower().endswith(".git") or not all(_SEGMENT.fullmatch(part) and part not in {".", ".."} for part in names):
        raise _refusal("its path has a name that no forge gives")
    revision, directory = _inside(host, page)
    return _Location(repository=f"https://{host}/{'/'.join(names)}", revision=revision, directory=directory)


def _split_page(host: str, segments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a path into that of the project and that of the page below it."""
    if host != "gitlab.com":
        return segments[:2], segments[2:]
    # A GitLab project may lie under any number of groups; "-" ends its path, and older addresses have no "-".
    for index, part in enumerate(segments):
        if part == "-":
            return segments[:index], segments[index + 1 :]
        if index > 1 and part in {"tree", "blob", "issues"}:
            return segments[:index], segments[index:]
    return segments, ()


def _inside(host: str, page: tuple[str, ...]) -> tuple[str, str]:
    """Return the revision and the directory that the page of a repository shows.

    A branch name may have slashes in it, so that where it ends cannot be told from the address. Its first part is
    taken; a directory that is wrong because of it holds no manifest of the package, and is then searched for.
    """
    if not page or (page[0] in _PLAIN_PAGES and len(page) <= 2):  # noqa: PLR2004 - a page and one of its items
        return "", ""
    kind, *rest = page
    if host == "codeberg.org" and kind == "src" and len(rest) > 1 and rest[0] in {"branch", "tag", "commit"}:
        kind, rest = "tree", rest[1:]
    elif host == "bitbucket.org" and kind == "src":
        kind = "tree"
    if kind == "commit" and len(rest) == 1:
        return _revision(rest[0]), ""
    if kind == "tree" and rest:
        return _revision(rest[0]), directory_inside("/".join(rest[1:]))
    if kind == "blob" and len(rest) > 1:
        return _revision(rest[0]), directory_inside("/".join(rest[1:-1]))
    raise _refusal(f"it goes on after the repository with {'/'.join(page)[:80]!r}")


def _revision(text: str) -> str:
    """Return ``text`` if it can be the name of a branch, tag or commit (a part of git-check-ref-format(1))."""
    parts = text.split("/")
    if (
        not _REVISION.fullmatch(text)
        or ".." in text
        or "@{" in text
        or any(not part or part.startswith(".") or part.endswith((".", ".lock")) for part in parts)
    ):
        raise _refusal(f"{text[:64]!r} is no name of a branch, tag or commit")
    return text


def _refusal(why: str) -> MalformedError:
    return MalformedError(f"the claimed repository is not followed: {why}", code="SOURCE_URL_REFUSED")
