"""What a package's own manifest says about it. Nobody has verified any of it; the document says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads
from provenly.trust.text import redact, show
from provenly.trust.verdict import Report

MAX_MANIFEST: Final = 8 * 1024 * 1024
"""Bytes of a package.json that are read. npm's registry refuses metadata of more than a few megabytes."""

MAX_TEXT: Final = 1_024
"""Characters of a description, a name or a licence that are written."""

MAX_URL: Final = 512
"""Characters of a URL that is written as an external reference. Checking an IRI, which the validator of CycloneDX does
with a general parser, takes a quarter of a second at this length and grows faster than the length."""

NAME: Final = re.compile(r"(?:(@[A-Za-z0-9~_-][A-Za-z0-9._~-]*)/)?([A-Za-z0-9~_-][A-Za-z0-9._~-]*)")
"""The grammar of npm package names, old ones with capitals included, as in the package validate-npm-package-name."""

VERSION: Final = re.compile(r"\d{1,16}\.\d{1,16}\.\d{1,16}(?:-[0-9A-Za-z.-]{1,128})?(?:\+[0-9A-Za-z.-]{1,128})?")
"""An exact version as in https://semver.org, bounded."""

_URL: Final = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?"
    r"(?:[/?](?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
"""RFC 3986 for https: a host name, no user or password, and nothing that needs to be escaped once more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """A package that the manifest asks for.

    :param name: as the manifest writes it; any text.
    :param spec: the range, tag, URL or path; any text.
    :param kind: the field of package.json that it stands in.
    """

    name: str
    spec: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What a manifest says.

    :param packed: whether this is the package.json of the archive, as opposed to the registry's version document.
    :param licences: licence names or expressions as they were written.
    :param author: a name, without address.
    :param homepage: an https URL or empty; so is ``issues``.
    :param runs: whether the package installs commands.
    :param bundles: whether the archive says that it carries dependencies inside.
    """

    packed: bool
    description: str
    licences: tuple[str, ...]
    author: str
    homepage: str
    issues: str
    runs: bool
    bundles: bool
    dependencies: tuple[Dependency, ...]


def read(report: Report) -> Claims:
    """Return the claims of the packed manifest, else of the registry's; what is ill-formed claims nothing."""
    packed = _packed(report)
    manifest = packed
    if manifest is None:
        manifest = report.package.manifest if report.package is not None else {}
    author = manifest.get("author")
    name = author.get("name") if isinstance(author, Mapping) else author
    bugs = manifest.get("bugs")
    return Claims(
        packed=packed is not None,
        description=shown(_string(manifest.get("description"))),
        licences=tuple(_licences(manifest)),
        author=shown(re.split(r"[<(]", _string(name), maxsplit=1)[0].strip()),
        homepage=https(_string(manifest.get("homepage"))),
        issues=https(_string(bugs.get("url") if isinstance(bugs, Mapping) else bugs)),
        runs=bool(manifest.get("bin")),
        bundles=bool(manifest.get("bundleDependencies") or manifest.get("bundledDependencies")),
        dependencies=tuple(_dependencies(manifest)),
    )


def https(text: str) -> str:
    """Return ``text`` if it is an https URL that may stand in a document for others, else an empty string."""
    return text if len(text) <= MAX_URL and _URL.fullmatch(text) else ""


def shown(text: str, *, limit: int = MAX_TEXT) -> str:
    """Return foreign text without control characters, passwords or megabytes."""
    return show(redact(text), limit=limit)


def _packed(report: Report) -> Mapping[str, Json] | None:
    data = report.artifact.contents.get("package.json") if report.artifact is not None else None
    if data is None:
        return None
    try:
        manifest = loads(data, what="package.json", max_bytes=MAX_MANIFEST, allow_bom=True)
    except MalformedError:
        return None  # what is wrong with it is evidence of the check manifest-match; here it just claims nothing
    return manifest if isinstance(manifest, Mapping) else None


def _licences(manifest: Mapping[str, Json]) -> Iterable[str]:
    """Yield the licences of ``license``, which may be an object, or of the old array ``licenses``."""
    found = manifest.get("license")
    if found is None:
        found = manifest.get("licenses")
    for licence in found if isinstance(found, tuple) else (found,):
        text = _string(licence.get("type") if isinstance(licence, Mapping) else licence).strip()
        if text:
            yield text


def _dependencies(manifest: Mapping[str, Json]) -> Iterable[Dependency]:
    """Yield each name once: npm lets ``optionalDependencies`` override ``dependencies``."""
    found: dict[str, Dependency] = {}
    for kind in ("peerDependencies", "dependencies", "optionalDependencies"):
        members = manifest.get(kind)
        for name, spec in members.items() if isinstance(members, Mapping) else ():
            found[name] = Dependency(name=name, spec=_string(spec), kind=kind)
    return (found[name] for name in sorted(found))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
