"""What the registry says about versions, for comparing a version with the one before it. All of it is claimed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from provenly.trust.model import Claimant, Earlier, Note, Release
from provenly.trust.strict_json import Json
from provenly.trust.text import show
from provenly.verify.registry import versions
from provenly.verify.registry.packument import Packument, dist

INSTALL_SCRIPTS: Final = ("preinstall", "install", "postinstall")
"""The scripts that npm runs when a package of a registry is installed, in their order."""

HOLDING: Final = re.compile(r"0\.0\.\d+-security(?:\.\d+)?", re.ASCII)
"""The versions that npm's security team puts in the place of a package that it took down."""

ESTABLISHED: Final = timedelta(days=30)
"""How old a version is whose publisher and repository nobody had reason to doubt: thefts are found within days."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""The place in the order of versions whose time nobody knows."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


def release(about: Packument, version: str, document: Mapping[str, Json]) -> Release:
    """Return what is compared of one version.

    :param document: its version document.
    """
    maintainers = document.get("maintainers")
    head = document.get("gitHead")
    return Release(
        version=version,
        published=about.times.get(version),
        publisher=_text(_user(document).get("name")),
        trusted_publisher=_trusted(document),
        approver=_approver(document),
        maintainers=_people(maintainers if maintainers is not None else about.maintainers),
        attested=bool(dist(document).get("attestations")),
        integrity=_text(dist(document).get("integrity")),
        git_head=head if isinstance(head, str) and _COMMIT.fullmatch(head) else "",
        install_scripts=install_scripts(document),
        repository=_repository(document),
    )


def alone(document: Mapping[str, Json], version: str, published: datetime | None) -> Release:
    """Return what is compared of one version of which only its own document is known."""
    return Release(
        version=version,
        published=published,
        publisher=_text(_user(document).get("name")),
        trusted_publisher=_trusted(document),
        attested=bool(dist(document).get("attestations")),
        integrity=_text(dist(document).get("integrity")),
        install_scripts=install_scripts(document),
    )


def _repository(document: Mapping[str, Json]) -> str:
    """Return the canonical URL of the repository that a version claims, or an empty string."""
    from provenly.verify.sources import source_url

    claim = source_url.claim(document.get("repository"), Claimant.REGISTRY)
    return claim.repository if claim else ""


def previous(about: Packument, version: str) -> Release | None:
    """Return the version published just before ``version``, or ``None`` where it is the first.

    Times decide, though nobody signs them; where they are missing, the order of versions does. A prerelease comes
    before a release only where ``version`` is a prerelease itself: what is tried out must not lower the bar.
    """
    before = _before(about, version)
    return release(about, before[-1], about.versions[before[-1]]) if before else None


def earlier(about: Packument, version: str) -> Earlier | None:
    """Return what is said about all versions published before ``version``, or ``None`` where it is the first.

    Evidence is counted in the same major version: maintainers mend old ones by hand that never were attested. As long
    as that is younger than :data:`ESTABLISHED`, all are counted: a thief may begin one.
    """
    before = _before(about, version)
    if not before:
        return None
    major = _major(version)
    old = [other for other in before if _old(about, other, version)]
    old_line = [other for other in old if _major(other) == major]
    counted = [other for other in before if _major(other) == major] if old_line else before
    attested = [other for other in counted if dist(about.versions[other]).get("attestations")]
    trusted = [other for other in counted if _trusted(about.versions[other])]
    built = [other for other in before if dist(about.versions[other]).get("attestations")]
    settled = _settled(about, built, version)
    return Earlier(
        count=len(counted),
        attested=len(attested),
        trusted=len(trusted),
        last_attested=_newest(about, attested),
        last_trusted=_newest(about, trusted),
        after_attested=len(counted) - 1 - counted.index(attested[-1]) if attested else 0,
        after_trusted=len(counted) - 1 - counted.index(trusted[-1]) if trusted else 0,
        established=_settled(about, before, version),
        line=_newest(about, old_line),
        build=_newest(about, built),
        settled_build=settled if settled and settled.version != built[-1] else None,
        publishers=tuple(sorted({_text(_user(about.versions[other]).get("name")) for other in old} - {""})),
    )


def _before(about: Packument, version: str) -> list[str]:
    """Return the versions published before ``version`` that it is compared with, the oldest first."""
    this = versions.parse(version)
    if this is None:
        return []
    when = about.times.get(version)
    found: list[tuple[datetime, versions.Version, str]] = []
    for other in about.versions:
        parsed = versions.parse(other)
        if other == version or parsed is None or (parsed.prerelease and not this.prerelease):
            continue
        time = about.times.get(other) if when is not None else None
        if parsed < this if when is None or time is None else (time, parsed) < (when, this):
            found.append((time or _NEVER, parsed, other))
    return [other for _, _, other in sorted(found)]


def _newest(about: Packument, ordered: Sequence[str]) -> Release | None:
    return release(about, ordered[-1], about.versions[ordered[-1]]) if ordered else None


def _settled(about: Packument, ordered: Sequence[str], version: str) -> Release | None:
    """Return the newest of versions that had been there for a while when another came, or the first of young ones.

    A project of three weeks has no version that is old, and its first one is still nearer to who began it than what
    came in last night. Without times nobody knows which are young.
    """
    old = [other for other in ordered if _old(about, other, version)]
    young = [other for other in ordered if other in about.times and version in about.times]
    return _newest(about, old or young[:1])


def _old(about: Packument, other: str, version: str) -> bool:
    """Return whether a version had been there for a while when another came. Without times nobody knows."""
    when, then = about.times.get(version), about.times.get(other)
    return when is not None and then is not None and when - then >= ESTABLISHED


def _major(version: str) -> int | None:
    parsed = versions.parse(version)
    return None if parsed is None else parsed.numbers[0]


def _user(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the account that published a version, with what npm notes about it; empty where it is not named."""
    user = document.get("_npmUser")
    return user if isinstance(user, Mapping) else {}


def _trusted(document: Mapping[str, Json]) -> str:
    trusted = _user(document).get("trustedPublisher")
    return _text(trusted.get("id")) if isinstance(trusted, Mapping) else ""


def _approver(document: Mapping[str, Json]) -> str:
    approver = _user(document).get("approver")
    return _text(approver.get("name")) if isinstance(approver, Mapping) else _text(approver)


def install_scripts(document: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names of the scripts that run at installation, as a version document or a package.json says.

    ``hasInstallScript`` without one of them means ``install``: npm runs node-gyp where there is a ``binding.gyp``.
    """
    scripts = document.get("scripts")
    scripts = scripts if isinstance(scripts, Mapping) else {}
    found = tuple(name for name in INSTALL_SCRIPTS if scripts.get(name))
    return found or (("install",) if document.get("hasInstallScript") is True else ())


def deprecation(document: Mapping[str, Json]) -> str:
    """Return the message with which a version was deprecated, or an empty string."""
    value = document.get("deprecated")
    if isinstance(value, str):
        return value
    return "deprecated without a message" if value else ""


def notes(document: Mapping[str, Json], version: str) -> tuple[Note, ...]:
    """Report what is odd about a version: ``GITHEAD_INVALID``, ``REG_SECURITY_HOLDING``."""
    found: list[Note] = []
    head = document.get("gitHead")
    if head is not None and not (isinstance(head, str) and _COMMIT.fullmatch(head)):
        text = f"gitHead is {show(str(head), limit=128)}, which is not a commit; it is ignored"
        found.append(Note(code="GITHEAD_INVALID", text=text))
    if HOLDING.fullmatch(version):
        text = f"{version} is what npm's security team puts in the place of a package that it took down"
        found.append(Note(code="REG_SECURITY_HOLDING", text=text))
    return tuple(found)


def _people(value: Json) -> tuple[str, ...]:
    """Return the account names of maintainers, who are objects or ``name <address>``, sorted."""
    if not isinstance(value, tuple):
        return ()
    found: set[str] = set()
    for person in value:
        name = person.get("name") if isinstance(person, Mapping) else person
        if isinstance(name, str):
            found.add(name.partition("<")[0].strip())
    return tuple(sorted(found - {""}))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
