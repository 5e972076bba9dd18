"""What the registry says about versions, for comparing a version with the one before it. All of it is claimed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from provenly.trust.model import Claimant, Note, Release
from provenly.trust.strict_json import Json
from provenly.trust.text import show
from provenly.verify.registry import versions
from provenly.verify.registry.packument import Packument, dist

INSTALL_SCRIPTS: Final = ("preinstall", "install", "postinstall")
"""The scripts that npm runs when a package of a registry is installed, in their order."""

HOLDING: Final = re.compile(r"0\.0\.\d+-security(?:\.\d+)?", re.ASCII)
"""The versions that npm's security team puts in the place of a package that it took down."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


def release(about: Packument, version: str, document: Mapping[str, Json]) -> Release:
    """Return what is compared of one version.

    :param document: its version document.
    """
    publisher = document.get("_npmUser")
    publisher = publisher if isinstance(publisher, Mapping) else {}
    trusted = publisher.get("trustedPublisher")
    maintainers = document.get("maintainers")
    head = document.get("gitHead")
    return Release(
        version=version,
        published=about.times.get(version),
        publisher=_text(publisher.get("name")),
        trusted_publisher=_text(trusted.get("id")) if isinstance(trusted, Mapping) else "",
        maintainers=_people(maintainers if maintainers is not None else about.maintainers),
        attested=bool(dist(document).get("attestations")),
        git_head=head if isinstance(head, str) and _COMMIT.fullmatch(head) else "",
        install_scripts=install_scripts(document),
        repository=_repository(document),
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
    this = versions.parse(version)
    if this is None:
        return None
    known = ((versions.parse(other), other) for other in about.versions if other != version)
    others = [
        (parsed, other) for parsed, other in known if parsed is not None and (this.prerelease or not parsed.prerelease)
    ]
    before: str | None = None
    if version in about.times:
        timed = [
            (about.times[other], parsed, other)
            for parsed, other in others
            if other in about.times and about.times[other] <= about.times[version]
        ]
        earlier = [item for item in timed if item[0] < about.times[version] or item[1] < this]
        before = max(earlier)[2] if earlier else None
    if before is None and any(other not in about.times for _, other in others):
        lower = [(parsed, other) for parsed, other in others if parsed < this]
        before = max(lower)[1] if lower else None
    return release(about, before, about.versions[before]) if before is not None else None


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
