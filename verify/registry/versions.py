"""Versions and ranges as npm understands them.

The engine for ranges is `node-semver <https://pypi.org/project/node-semver/>`_ 0.9.1 (the import is ``nodesemver``), a
port of the library that npm itself uses. It and the other kept library, semantic-version's ``NpmSpec``, were put next
to the ``semver`` 7.8.5 inside npm 11.19 with 2,204 generated ranges and 347 versions, in npm's loose mode: NpmSpec
gave another answer for 1,185 of the ranges (operators followed by a space, ``^*``, prereleases below a bound),
nodesemver for 335. All but one of those 335 have one cause, the first of the following gaps, which this adapter closes:

* A number after a wildcard (``1.x.2``, ``*.1``) is no range since semver 7.8, and nodesemver ignores the number.
* ``*`` in a union is the whole union (``* || 1.0.0-rc.1`` leaves out prereleases).
* Build metadata is cut off before a range is read.
* nodesemver's loose reading of a *version* invents one for ``1.2`` or ``1.2.3.4``: :func:`parse` is ours.
* Numbers over 2^53-1 are no versions to npm, whose numbers are doubles; Python's have no end, which takes time.
  Ranges are refused from that number on, npm's ``9007199254740991.0.0`` among them.
* Prerelease numbers have no such limit: npm compares them as doubles, nodesemver as integers. Ours is npm's up to
  2^53, and differs above it: we order what npm would call equal. No published version was seen to have one.

Loose mode is npm's: ``v1.0.0``, ``=1.0.0``, ``01.0.0`` and ``1.0.0beta`` are exact versions to it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

MAX_VERSION: Final = 256
"""Characters of a version, and of a range; the first is semver's own ``MAX_LENGTH``, honest ranges are far shorter."""

MAX_NUMBER: Final = 2**53 - 2
"""The greatest number in a version of which a range can name the next: npm's numbers are doubles."""

MAX_ALTERNATIVES: Final = 32
"""Alternatives (``||``) and comparators in a range. Each costs a pass over all versions; honest ranges have five."""

_IDENTIFIER: Final = r"(?:\d*[A-Za-z-][A-Za-z0-9-]*|\d+)"
_VERSION: Final = re.compile(
    rf"[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-?({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*))?",
    re.ASCII,
)
"""``LOOSE`` in semver's internal/re.js."""

_BUILD: Final = re.compile(r"\+[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_OPERATOR_SPACE: Final = re.compile(r"(<=|>=|<|>|=|~>|~|\^) +")
_HYPHEN: Final = re.compile(r"\S+ - \S+")
_AFTER_WILDCARD: Final = re.compile(r"[<>]?=?[v=]*(?:[xX*]\.[xX*]?\.?\d|\d+\.[xX*]\.\d).*", re.ASCII)
"""A comparator that semver's ``invalidXRangeOrder`` refuses. ``^`` and ``~`` and hyphen ranges never ask it."""

_NUMBERS: Final = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
@functools.total_ordering
class Version:
    """A version, ordered as https://semver.org/#spec-item-11 says; build metadata takes no part in it.

    :param numbers: major, minor and patch.
    :param prerelease: its identifiers; numbers are ``int``.
    :param build: the build metadata, or empty.
    """

    numbers: tuple[int, int, int]
    prerelease: tuple[int | str, ...] = ()
    build: str = ""

    @property
    def _order(self) -> tuple[object, ...]:
        """What versions are compared by: a release comes after its prereleases, numbers come before words."""
        identifiers = tuple((isinstance(part, str), part) for part in self.prerelease)
        return self.numbers, not self.prerelease, identifiers

    def __eq__(self, other: object) -> bool:
        """Compare by precedence."""
        return isinstance(other, Version) and self._order == other._order

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash(self._order)

    def __lt__(self, other: Version) -> bool:
        """Compare by precedence."""
        return self._order < other._order

    def __str__(self) -> str:
        """Return the canonical spelling, without build metadata, as npm stores versions."""
        release = ".".join(map(str, self.numbers))
        return f"{release}-{'.'.join(map(str, self.prerelease))}" if self.prerelease else release


def parse(text: str) -> Version | None:
    """Return the version that npm reads in ``text``, or ``None`` where it reads none."""
    matched = _VERSION.fullmatch(text.strip()) if len(text) <= MAX_VERSION else None
    if matched is None:
        return None
    major, minor, patch = (_number(matched[group]) for group in (1, 2, 3))
    if max(major, minor, patch) > MAX_NUMBER + 1:
        return None
    identifiers = (matched[4] or "").split(".") if matched[4] else []
    prerelease = tuple(int(part) if part.isdecimal() else part for part in identifiers)
    return Version(numbers=(major, minor, patch), prerelease=prerelease, build=matched[5] or "")


def parse_exact(text: str) -> str | None:
    """Return the canonical spelling of an exact version, its build metadata kept; ``None`` for anything else.

    :param text: for example ``1.2.3``, ``v1.2.3``, ``01.2.3`` or ``1.2.3-rc.1+build``.
    """
    version = parse(text)
    if version is None:
        return None
    return f"{version}+{version.build}" if version.build else str(version)


def is_range(text: str) -> bool:
    """Say whether npm reads ``text`` as a range. Exact versions are ranges too; dist-tags are not."""
    return _range(text) is not None


def satisfying(versions: Iterable[str], text: str) -> tuple[str, ...]:
    """Return those of ``versions`` that satisfy a range, the greatest first; nothing where ``text`` is no range.

    Prereleases satisfy it as npm says: only where the range names a prerelease of the same major, minor and patch.
    """
    alternatives = _range(text)
    if alternatives is None:
        return ()
    found: list[tuple[Version, str]] = []
    for spelling in versions:
        version = parse(spelling)
        # nodesemver reads the canonical spelling: no looseness is left for it to interpret.
        if version is not None and alternatives.test(str(version)):
            found.append((version, spelling))
    return tuple(spelling for _, spelling in sorted(found, reverse=True))


def max_satisfying(
    versions: Iterable[str], text: str, *, latest: str = "", deprecated: Collection[str] = ()
) -> str | None:
    """Return the version that npm would install for a range, or ``None``.

    The rules are those of npm-pick-manifest 11: the dist-tag ``latest`` if it satisfies the range and is not
    deprecated, else the greatest that is not deprecated, else the greatest. npm also passes over versions whose
    ``engines`` refuse the user's own Node.js; we do not know that one, and take every version to fit.

    :param versions: all versions of the package.
    :param text: the range.
    :param latest: the version that the dist-tag ``latest`` names, or empty.
    :param deprecated: those of ``versions`` that are deprecated.
    """
    known = tuple(versions)
    # With "*", npm takes latest even where latest is a prerelease, which no range "*" would let through.
    if latest in known and latest not in deprecated and (text.strip() in {"", "*"} or satisfying((latest,), text)):
        return latest
    found = satisfying(known, text)
    return next((version for version in found if version not in deprecated), found[0] if found else None)


def compare(left: str, right: str) -> int:
    """Return -1, 0 or 1: whether ``left`` comes before ``right``, is the same but for build metadata, or comes after.

    :raises ValueError: one of them is no version.
    """
    first, second = parse(left), parse(right)
    if first is None or second is None:
        raise ValueError(f"{left if first is None else right!r} is no version")
    return (first > second) - (first < second)


def nearest(versions: Iterable[str], wanted: str, count: int = 3) -> tuple[str, ...]:
    """Return those of ``versions`` that look most like ``wanted``: what a mistyped version may have meant.

    Versions that share the most leading characters come first, the greatest of them first.
    """
    target = wanted.strip().lstrip("v=")
    known = [(version, spelling) for spelling in versions if (version := parse(spelling)) is not None]
    known.sort(reverse=True)
    known.sort(key=lambda pair: -_common(pair[1], target))
    return tuple(spelling for _, spelling in known[:count])


def _common(left: str, right: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _number(digits: str) -> int:
    """Return the value of digits without converting more than a double could hold."""
    return int(digits) if len(digits.lstrip("0")) <= len(str(MAX_NUMBER)) else MAX_NUMBER + 2


class _Range(Protocol):
    """What we use of nodesemver's ranges."""

    range: str

    def test(self, version: str) -> bool:
        """Say whether a version satisfies the range."""


@functools.lru_cache(maxsize=256)
def _range(text: str) -> _Range | None:
    """Return the parsed range, or ``None`` where npm would read none or we refuse to spend time on it."""
    text = _BUILD.sub("", " ".join(text.split()))
    if len(text) > MAX_VERSION or not text.isascii() or not text.isprintable():
        return None
    if text.count(" ") + text.count("|") > 2 * MAX_ALTERNATIVES:
        return None
    if any(_number(digits) > MAX_NUMBER for digits in _NUMBERS.findall(text)):
        return None
    import nodesemver  # type: ignore[import-untyped]  # it has no annotations

    kept: list[str] = []
    for part in filter(None, (_without_impossible(part.strip()) for part in text.split("||"))):
        try:
            alternative: _Range = nodesemver.make_range(part, loose=True)
        except ValueError:  # nodesemver's way to say that nothing of it is a range; the union is what is left
            continue
        if not alternative.range:
            return alternative
        kept.append(part)
    union: _Range | None = nodesemver.make_range("||".join(kept), loose=True) if kept else None
    return union


def _without_impossible(part: str) -> str:
    """Return one alternative of a range as npm reads it: comparators with a number after a wildcard do not count.

    :returns: an empty string where that leaves nothing, ``*`` for an alternative that was empty to begin with.
    """
    if not part or _HYPHEN.fullmatch(part):
        return part or "*"
    words = _OPERATOR_SPACE.sub(r"\1", part).split(" ")
    return " ".join(word for word in words if not _AFTER_WILDCARD.fullmatch(word))
