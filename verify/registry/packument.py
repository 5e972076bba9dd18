"""A packument, the registry's document about all versions of a package: fetched, held to its form, and chosen from.

What is in it is claimed by the registry and, for most members, by the publisher; nothing here believes more than that
the document is about the package that was asked for. The members are described in
https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md and, where that is silent, by what npm's own pacote 21
and npm-pick-manifest 11 read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from provenly.trust.errors import MalformedError, NotFoundError, RejectedError, UnavailableError, UsageError
from provenly.trust.model import Note, Reference, Selector
from provenly.trust.strict_json import Json, loads
from provenly.trust.text import show
from provenly.verify.context import Context, Response
from provenly.verify.registry import names, versions
from provenly.verify.registry.popular import POPULAR

ACCEPT: Final = "application/json"
"""The full documents. The abbreviated ones leave out times, repositories and maintainers, and a cache must never
answer for one with the other."""

MAX_PACKUMENT: Final = 64 * 1024 * 1024
"""Bytes of a packument. The largest on the public registry, with thousands of versions, have some 30 MB."""

MAX_DOCUMENT: Final = 8 * 1024 * 1024
"""Bytes of the document of one version. Honest ones stay below 1 MB even with their README."""

MAX_COMPARED: Final = 200
"""Dist-tags that a misspelt one is compared with; packages have a handful."""

MAX_LISTED: Final = 8
"""Dist-tags that a message names."""

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
"""A time as RFC 3339 has it. npm writes milliseconds and ``Z``; some mirrors write microseconds and ``+00:00``."""

_MEMBERS: Final = frozenset({"name", "versions", "dist-tags", "time", "maintainers"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Packument:
    """A packument about the package that was asked for.

    :param name: the package.
    :param versions: the document of each version.
    :param tags: the version of each dist-tag.
    :param times: when each version was published; unsigned. Versions without a readable time are left out.
    :param bad_times: the versions whose time could not be read.
    :param maintainers: the member ``maintainers``.
    :param fetched: when the document was fetched.
    """

    name: str
    versions: Mapping[str, Mapping[str, Json]] = field(repr=False)
    tags: Mapping[str, str]
    times: Mapping[str, datetime] = field(repr=False)
    bad_times: frozenset[str] = frozenset()
    maintainers: Json = None
    fetched: datetime


def fetch(name: str, base: str, context: Context, *, fresh: bool = False) -> Packument:
    """Fetch the packument of a package.

    :param base: the URL of the registry, without a slash at its end.
    :param fresh: whether the registry is asked even where the cache has a recent answer.
    :raises UsageError: the registry has no such package (``REF_NO_SUCH_PACKAGE``).
    :raises RejectedError: it is about another package (``REG_NAME_MISMATCH``), or the package was taken down
        (``REG_UNPUBLISHED``).
    :raises MalformedError: it is not a packument (``REG_PACKUMENT``, ``REG_NOT_JSON``, ``JSON_…``).
    :raises UnavailableError: the registry could not be asked.
    """
    what = f"the packument of {name}"
    try:
        response = context.transport.get(
            f"{base}/{names.escaped(name)}", accept=ACCEPT, max_bytes=MAX_PACKUMENT, what=what, fresh=fresh
        )
    except NotFoundError as error:
        # A finding about a name that exists must be sure; a hint about one that does not may guess.
        resembled = names.near(name) or tuple(difflib.get_close_matches(name, sorted(POPULAR), cutoff=0.8))
        hint = f"Did you mean {' or '.join(resembled[:3])}?" if resembled else "Is the name right, and the registry?"
        raise UsageError(f"{base} has no package {show(name)}", code="REF_NO_SUCH_PACKAGE", hint=hint) from error
    return read(_json(response, what, MAX_PACKUMENT), name, response.fetched)


def read(document: Json, name: str, fetched: datetime) -> Packument:
    """Hold a document to the form of a packument about ``name``; the errors are those of :func:`fetch`."""
    what = f"the packument of {name}"
    if not isinstance(document, Mapping):
        raise MalformedError(f"{what} is not an object", code="REG_PACKUMENT")
    for key in document:
        if key not in _MEMBERS and key.lower() in _MEMBERS:
            message = f"{what} has the member {show(key)}, which some readers take for {key.lower()}"
            raise MalformedError(message, code="REG_MEMBER_CASE")
    _check_same("name", document.get("name"), name, what)
    times, bad_times = _times(document.get("time"))
    listed = document.get("versions")
    if not listed:
        _refuse_unpublished(document, name)
    if not isinstance(listed, Mapping) or not listed:
        raise MalformedError(f"{what} lists no versions", code="REG_PACKUMENT")
    entries = {key: entry for key, entry in listed.items() if isinstance(entry, Mapping)}
    if len(entries) != len(listed):
        raise MalformedError(f"{what} has a version that is not an object", code="REG_PACKUMENT")
    tags = document.get("dist-tags")
    if not isinstance(tags, Mapping):
        raise MalformedError(f"{what} has no dist-tags", code="REG_PACKUMENT")
    return Packument(
        name=name,
        versions=entries,
        tags={tag: version for tag, version in tags.items() if isinstance(version, str)},
        times=times,
        bad_times=bad_times,
        maintainers=document.get("maintainers"),
        fetched=fetched,
    )


def _refuse_unpublished(document: Mapping[str, Json], name: str) -> None:
    """Refuse a package that was taken down as a whole: what is left of it is ``time.unpublished``."""
    time = document.get("time")
    if not isinstance(time, Mapping) or "unpublished" not in time:
        return
    details = time["unpublished"]
    when = details.get("time") if isinstance(details, Mapping) else None
    raise RejectedError(
        f"{name} was unpublished{f' at {show(when)}' if isinstance(when, str) else ''}: all versions are gone",
        code="REG_UNPUBLISHED",
        expected=f"versions of {name}",
        actual="none; somebody else may publish under the name again",
        hint="Do not install it under this name; find out from its author where it went.",
    )


def _times(value: Json) -> tuple[Mapping[str, datetime], frozenset[str]]:
    """Read ``time``. It is unsigned, so a missing or odd time is no error."""
    if not isinstance(value, Mapping):
        return {}, frozenset()
    times: dict[str, datetime] = {}
    bad: set[str] = set()
    for version, text in value.items():
        if version in {"created", "modified", "unpublished"}:
            continue
        when = read_time(text)
        if when is None:
            bad.add(version)
        else:
            times[version] = when
    return times, frozenset(bad)


def read_time(text: Json) -> datetime | None:
    """Return the time that a registry states, or ``None`` for whatever is none."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the right form, and no such day
        return None


def choose(packument: Packument, reference: Reference) -> tuple[str, tuple[Note, ...]]:
    """Return the version that npm would install for a reference, and how it was found.

    :raises UsageError: no version is meant (``REF_NO_SUCH_VERSION``); the hint names those that are near.
    :raises RejectedError: the version was published once and is gone (``REG_UNPUBLISHED``).
    :raises MalformedError: a dist-tag leads to a version that is not there (``REG_TAG``).
    """
    spec = reference.spec
    if reference.selector is Selector.EXACT:
        # npm ignores build metadata, and registries store versions without it.
        for spelling in (spec, spec.partition("+")[0]):
            if spelling in packument.versions:
                return spelling, ()
        raise _no_such_version(packument, spec)
    if reference.selector is Selector.TAG:
        version = packument.tags.get(spec)
        if version is None:
            raise _no_such_version(packument, spec)
        how = f"dist-tag {spec}"
    else:
        found = versions.max_satisfying(
            packument.versions,
            spec or "*",
            latest=packument.tags.get("latest", ""),
            deprecated={version for version, entry in packument.versions.items() if entry.get("deprecated")},
        )
        if found is None:
            raise _no_such_version(packument, spec or "*")
        version = found
        how = f"range {spec}" if spec else "no version named"
        if version == packument.tags.get("latest"):
            how += ", dist-tag latest"
    if version not in packument.versions:
        message = f"the dist-tag {show(spec)} of {packument.name} leads to {show(version)}, which is not there"
        raise MalformedError(message, code="REG_TAG")
    when = packument.fetched.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = f"{packument.name}@{spec}" if spec else packument.name
    return version, (Note(code="REF_UNPINNED", text=f"resolved {asked} → {version} ({how}) at {when}"),)


def _no_such_version(packument: Packument, wanted: str) -> RejectedError | UsageError:
    name, bare = packument.name, wanted.partition("+")[0]
    if bare in packument.times:
        return RejectedError(
            f"{name}@{bare} was published at {packument.times[bare]:%Y-%m-%d} and is gone",
            code="REG_UNPUBLISHED",
            expected=f"{name}@{bare}",
            actual="unpublished",
            hint="Find out why: npm lets a version be taken down for malice, secrets or a mistake.",
        )
    # A misspelt dist-tag has the form of one, and no version is near it.
    if meant := difflib.get_close_matches(wanted, tuple(packument.tags)[:MAX_COMPARED], n=1):
        return UsageError(
            f"{name} has no version {show(wanted)}",
            code="REF_NO_SUCH_VERSION",
            hint=f"Did you mean {name}@{show(meant[0])}? It is {show(packument.tags[meant[0]])}.",
        )
    near = ", ".join(show(version) for version in versions.nearest(packument.versions, wanted))
    tags = ", ".join(f"{show(tag)} ({show(version)})" for tag, version in tuple(packument.tags.items())[:MAX_LISTED])
    return UsageError(
        f"{name} has no version {show(wanted)}",
        code="REF_NO_SUCH_VERSION",
        hint=f"The nearest: {near or 'none'}; dist-tags: {tags or 'none'}",
    )


def entry(packument: Packument, version: str) -> Mapping[str, Json]:
    """Return the packument's own document of a version.

    :raises RejectedError: it says that it is another package or version (``REG_NAME_MISMATCH``).
    """
    found = packument.versions[version]
    what = f"the packument's entry {version} of {packument.name}"
    _check_same("name", found.get("name"), packument.name, what)
    _check_same("version", found.get("version"), version, what)
    return found


def fetch_version(
    packument: Packument, version: str, base: str, context: Context
) -> tuple[Mapping[str, Json], tuple[Note, ...]]:
    """Return the document of one version: the registry's own, or where that is not to be had the packument's entry.

    The two are one claim in two places; a registry that gives different archives in them is refused.

    :raises RejectedError: it is about something else (``REG_NAME_MISMATCH``), or names another archive than the
        packument does (``REG_DOCUMENTS_DISAGREE``).
    :raises MalformedError: it is not JSON, or not an object.
    """
    inside = entry(packument, version)
    what = f"the version document of {packument.name}@{version}"
    url = f"{base}/{names.escaped(packument.name)}/{quote(version, safe='')}"
    try:
        response = context.transport.get(url, accept=ACCEPT, max_bytes=MAX_DOCUMENT, what=what)
    except UnavailableError as error:
        text = f"{what} could not be read ({error.message}); the packument's entry was used"
        return inside, (Note(code="REG_VERSION_DOCUMENT", text=text),)
    document = _json(response, what, MAX_DOCUMENT)
    if not isinstance(document, Mapping):
        raise MalformedError(f"{what} is not an object", code="REG_VERSION_DOCUMENT")
    require_about(document, packument.name, version)
    for member in ("integrity", "shasum"):
        here, there = dist(document).get(member), dist(inside).get(member)
        if here is not None and there is not None and here != there:
            raise RejectedError(
                f"the registry names two archives for {packument.name}@{version}: its documents differ in {member}",
                code="REG_DOCUMENTS_DISAGREE",
                expected=str(there),
                actual=str(here),
                hint="Try again without a cache or a mirror between.",
            )
    return document, ()


def require_about(document: Mapping[str, Json], name: str, version: str) -> None:
    """Refuse the document of another package or version (``REG_NAME_MISMATCH``).

    :raises RejectedError: it is not about ``name`` and ``version``.
    """
    what = f"the version document of {name}@{version}"
    _check_same("name", document.get("name"), name, what)
    _check_same("version", document.get("version"), version, what)


def dist(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the member ``dist`` of a version document, empty where there is none."""
    value = document.get("dist")
    return value if isinstance(value, Mapping) else {}


def _json(response: Response, what: str, max_bytes: int) -> Json:
    try:
        return loads(response.body, what=what, max_bytes=max_bytes)
    except MalformedError as error:
        if error.code not in {"JSON_SYNTAX", "JSON_ENCODING"}:
            raise
        hint = "Something between may have answered instead of the registry: a proxy, a login page."
        raise MalformedError(error.message, code="REG_NOT_JSON", hint=hint) from error


def _check_same(member: str, found: Json, wanted: str, what: str) -> None:
    if found != wanted:
        raise RejectedError(
            f"{what} has another {member}",
            code="REG_NAME_MISMATCH",
            expected=wanted,
            actual=show(found) if isinstance(found, str) else "none",
            hint="The registry, or a mirror between, answers for something else: do not install from it.",
        )
