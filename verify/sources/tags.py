"""Which tags of a repository mean a given version of a given package.

A tag counts only when all of it is understood: an optional word, an optional label, an optional ``v`` and the version,
nothing else. The label must be a name of this package; a tag with any other label is that of another package. Two
spellings of a version are the same when they are equal as versions (https://semver.org, section 10: build metadata
does not make a version another one); leading zeros, which dates have in tags and never in registries, are forgiven.
So ``v1.2.3-rc.1`` never means 1.2.3, ``v11.2.3`` never ends in 1.2.3, and ``name-cli@1.2.3`` is no tag of ``name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from provenly.verify.registry.versions import Version

MAX_LENGTH: Final = 256
"""Characters of a version; npm's own limit."""

MAX_DIGITS: Final = 18
"""Digits of a number in a version: npm's own limit is 2^53, which has 16."""

WORDS: Final = frozenset({"release", "releases", "rel", "version", "versions", "ver"})
"""Words that say that a tag is a release, and nothing about what of."""

_SEPARATORS: Final = "@/-_"
_VERSION: Final = re.compile(
    r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)


class Form(IntEnum):
    """How a tag names the package, the most specific way first."""

    FULL_NAME = 0
    UNSCOPED_NAME = 1
    DIRECTORY = 2
    BARE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A tag that means a version of the package.

    :param tag: its name, without ``refs/tags/``.
    :param commit: the commit it leads to.
    :param form: how it names the package.
    :param version: the version as the tag spells it.
    :param exact: whether it spells the version that was asked for, build metadata and all.
    """

    tag: str
    commit: str
    form: Form
    version: str
    exact: bool = True


def rank(package_name: str, version: str, tags: Mapping[str, str], directory: str) -> tuple[Match, ...]:
    """Return every tag that means this version of the package, the most specific first.

    :param package_name: as in the registry, with its scope.
    :param version: an exact version. One that is not a semantic version is only found spelled out exactly.
    :param tags: tag name → commit.
    :param directory: the package's directory in the repository, as far as it is known.
    """
    wanted = _parse(version)
    found = [
        Match(tag=tag, commit=commit, form=form, version=spelled, exact=spelled == version)
        for tag, commit, form, spelled in _readings(package_name, tags, directory, version)
        if spelled == version or (wanted is not None and _parse(spelled) == wanted)
    ]
    return tuple(sorted(found, key=lambda match: (match.form, not match.exact, match.tag)))


def below(package_name: str, version: str, tags: Mapping[str, str], directory: str) -> tuple[Match, ...]:
    """Return the tags of the highest version of the package below ``version``, the most specific first.

    Tags that name the package come before tags that name none, which in a monorepo may be anybody's. A prerelease is
    only looked at where ``version`` is one. Empty where no tag is lower, or ``version`` cannot be ordered.
    """
    limit = _parse(version)
    if limit is None:
        return ()
    lower: list[tuple[bool, Version, Match]] = []
    for tag, commit, form, spelled in _readings(package_name, tags, directory, version):
        parsed = _parse(spelled)
        if parsed is not None and parsed < limit and (limit.prerelease or not parsed.prerelease):
            match = Match(tag=tag, commit=commit, form=form, version=spelled, exact=False)
            lower.append((form is not Form.BARE, parsed, match))
    if not lower:
        return ()
    highest = max((named, parsed) for named, parsed, _ in lower)
    matches = [match for named, parsed, match in lower if (named, parsed) == highest]
    return tuple(sorted(matches, key=lambda match: (match.form, match.tag)))


def others(package_name: str, version: str, tags: Mapping[str, str], directory: str) -> frozenset[str]:
    """Return the commits that tags of the package's other versions lead to; a tag that names none counts as one."""
    wanted = _parse(version)
    return frozenset(
        commit
        for _, commit, _, spelled in _readings(package_name, tags, directory, version)
        if spelled != version and _parse(spelled) != wanted
    )


def any_of(package_name: str, tags: Mapping[str, str], directory: str) -> bool:
    """Whether the repository tags versions of the package at all, whichever they are."""
    return any(True for _ in _readings(package_name, tags, directory, ""))


def _readings(
    package_name: str, tags: Mapping[str, str], directory: str, version: str
) -> Iterator[tuple[str, str, Form, str]]:
    """Yield tag, commit, form and spelled version of every tag that is one of this package's."""
    labels = _labels(package_name, directory)
    for tag, commit in tags.items():
        if reading := _read(tag, labels, version):
            yield tag, commit, *reading


def _labels(package_name: str, directory: str) -> tuple[tuple[str, Form], ...]:
    """Return the names that a tag may give to the package, in lower case, the most specific first."""
    scope, _, unscoped = package_name.lower().rpartition("/")
    path = directory.lower().strip("/")
    labels = {path.rpartition("/")[2]: Form.DIRECTORY, path: Form.DIRECTORY, unscoped: Form.UNSCOPED_NAME}
    if scope:
        bare = scope.removeprefix("@")
        labels |= {f"{bare}-{unscoped}": Form.UNSCOPED_NAME, f"{bare}/{unscoped}": Form.FULL_NAME}
    labels[package_name.lower()] = Form.FULL_NAME
    return tuple(sorted(((label, form) for label, form in labels.items() if label), key=lambda item: item[1]))


def _read(tag: str, labels: tuple[tuple[str, Form], ...], version: str) -> tuple[Form, str] | None:
    """Return how ``tag`` names the package and how it spells its version; ``None`` for a tag of anything else."""
    for text in (tag, _after_word(tag)):
        for label, form in labels:
            rest = text[len(label) :]
            if rest[:1] and rest[0] in _SEPARATORS and text[: len(label)].lower() == label:
                spelled = _spelled(rest[1:], version)
                if spelled:
                    return form, spelled
        if spelled := _spelled(text, version):
            return Form.BARE, spelled
    return None


def _after_word(tag: str) -> str:
    """Return what follows a word such as ``release-`` at the start of a tag, or an empty string."""
    for index, character in enumerate(tag):
        if character in _SEPARATORS:
            return tag[index + 1 :] if tag[:index].lower() in WORDS else ""
    return ""


def _spelled(text: str, version: str) -> str:
    """Return the version in ``text``, which may put a ``v`` before it and nothing after it; else an empty string."""
    for prefix in ("", "v.", "v"):
        rest = text[len(prefix) :]
        if text.lower().startswith(prefix) and (rest == version or _parse(rest) is not None):
            return rest
    return ""


def _parse(text: str) -> Version | None:
    """Read a version; ``None`` for what is not one. Numbers too long for any registry are not."""
    match = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    pieces = prerelease.split(".") if prerelease else []
    numbers = [major, minor, patch, *(piece for piece in pieces if piece.isdecimal())]
    if max(map(len, numbers)) > MAX_DIGITS:
        return None
    return Version(
        numbers=(int(major), int(minor), int(patch)),
        prerelease=tuple(int(piece) if piece.isdecimal() else piece for piece in pieces),
    )
