"""What a package says about itself: for outputs that repeat it, as claims. Nobody has verified any of it.

The packed package.json speaks, for that is what will be installed; where none can be read, the registry's document of
the version does. Fields that are ill-formed claim nothing: what is wrong with them is evidence of manifest-match.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from provenly.report.bounds import MAX_TEXT, Bounds
from provenly.trust.errors import MalformedError
from provenly.trust.strict_json import Json, loads
from provenly.trust.verdict import Report

MAX_MANIFEST: Final = 8 * 1024 * 1024
"""Bytes of a package.json that are read. npm's registry refuses metadata of more than a few megabytes."""

MAX_PEOPLE: Final = 16
"""Authors and contributors that are written. Who lists more, lists them for thanks."""

MAX_LICENCES: Final = 16
"""Licences of the old array form, and licence files, that are written."""

MAX_REQUIRED: Final = 1_000
"""Direct dependencies that are written; packages of the survey have at most some dozens."""

MAX_LICENCE_TEXT: Final = 64 * 1024
"""Bytes of a licence file that are compared with known texts. The longest of those, the GPL, has 35,000; the time that
the comparison takes grows with the square."""

LICENCE_FILE: Final = re.compile(
    r"(?i)(?:mit-|apache-|bsd-)?(?:un)?licen[cs]es?(?:[.-][\w.-]{0,32})?|copying(?:\.\w{1,8})?"
)
"""Names of files at the root of a package that hold its licence."""

COPYRIGHT: Final = re.compile(r"(?i)(?:copyright\s+(?:\(c\)|©|\d{4})|\(c\)\s+\d{4}|©).{1,256}")
TEMPLATE: Final = re.compile(r"[\[<{](?:yyyy|year|name)")
"""Lines that say whose work it is, at most so long; and what stands in licence templates instead of a name."""

FIELDS: Final = ("peerDependencies", "dependencies", "optionalDependencies")
"""Fields of package.json that npm installs from; of one name in several, the last counts."""


def members(report: Report, bounds: Bounds) -> dict[str, object]:
    """Return the claims as members of ``package`` in the JSON report."""
    packed = _packed(report)
    manifest = packed
    if manifest is None:
        manifest = report.package.manifest if report.package is not None else {}
    bugs = manifest.get("bugs")
    repository = manifest.get("repository")
    required = tuple(_required(manifest))
    left_out = max(0, len(required) - MAX_REQUIRED)
    bounds.items_left_out += left_out
    return {
        "described_by": "manifest" if packed is not None else "registry",
        "description": bounds.optional(_text(manifest.get("description"))),
        "authors": [bounds.text(name) for name in _authors(manifest)],
        "homepage": bounds.optional(_text(manifest.get("homepage"))),
        "issues": bounds.optional(_text(bugs.get("url") if isinstance(bugs, Mapping) else bugs)),
        "repository": bounds.optional(_text(repository.get("url") if isinstance(repository, Mapping) else repository)),
        "licence": {
            "declared": [bounds.text(text) for text in _licences(manifest)],
            "files": [_licence_file(report, path, bounds) for path in _licence_files(report)],
        },
        "commands": bool(manifest.get("bin")),
        "bundles": bool(manifest.get("bundleDependencies") or manifest.get("bundledDependencies")),
        "requires": [
            {"name": bounds.text(name), "range": bounds.text(wanted), "field": field}
            for name, wanted, field in required[:MAX_REQUIRED]
        ],
        "requires_left_out": left_out,
    }


def _packed(report: Report) -> Mapping[str, Json] | None:
    data = report.artifact.contents.get("package.json") if report.artifact is not None else None
    if data is None:
        return None
    try:
        manifest = loads(data, what="package.json", max_bytes=MAX_MANIFEST, allow_bom=True)
    except MalformedError:
        return None
    return manifest if isinstance(manifest, Mapping) else None


def _authors(manifest: Mapping[str, Json]) -> Iterable[str]:
    """Return the names of the author and the contributors, each once and without addresses."""
    others = manifest.get("contributors")
    names: dict[str, None] = {}
    for person in (manifest.get("author"), *(others[:MAX_PEOPLE] if isinstance(others, tuple) else ())):
        name = _text(person.get("name") if isinstance(person, Mapping) else person)[:MAX_TEXT]
        names[re.split(r"[<(]", name, maxsplit=1)[0].strip()] = None
    return [name for name in names if name][:MAX_PEOPLE]


def _licences(manifest: Mapping[str, Json]) -> Iterator[str]:
    """Yield the licences of ``license``, which may be an object, or of the old array ``licenses``."""
    found = manifest.get("license")
    if found is None:
        found = manifest.get("licenses")
    for licence in found[:MAX_LICENCES] if isinstance(found, tuple) else (found,):
        text = _text(licence.get("type") if isinstance(licence, Mapping) else licence).strip()
        if text:
            yield text


def _required(manifest: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield name, range and field of each dependency by name, once: npm lets later :data:`FIELDS` override."""
    found: dict[str, tuple[str, str]] = {}
    for field in FIELDS:
        named = manifest.get(field)
        for name, wanted in named.items() if isinstance(named, Mapping) else ():
            found[name] = _text(wanted), field
    return ((name, *found[name]) for name in sorted(found))


def _licence_files(report: Report) -> list[str]:
    if report.artifact is None:
        return []
    return [file.path for file in report.artifact.files if LICENCE_FILE.fullmatch(file.path)][:MAX_LICENCES]


def _licence_file(report: Report, path: str, bounds: Bounds) -> dict[str, object]:
    """Return a licence file with the SPDX id whose text it has; the text itself only where it is whole."""
    data = report.artifact.contents[path] if report.artifact is not None else b""
    text = data[:MAX_LICENCE_TEXT].decode("utf-8", "replace").replace("\r\n", "\n") if data else ""
    return {
        "path": bounds.text(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "identified": _identified(text) if len(data) <= MAX_LICENCE_TEXT else None,
        "copyright": [bounds.text(line) for line in _copyright(text)],
        "text": bounds.text(text) if text and len(text) <= MAX_TEXT else None,
    }


def _copyright(text: str) -> list[str]:
    """Return the lines that say whose work it is; a template that nobody filled in says nothing."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if COPYRIGHT.match(line) and not TEMPLATE.search(line)][:MAX_LICENCES]


def _identified(text: str) -> str | None:
    """Return the SPDX id of the licence whose text this is, but for the copyright line and a twentieth, or ``None``.

    The package identify reads files only; the texts that it knows are those of https://choosealicense.com.
    """
    from identify.identify import license_id

    with tempfile.TemporaryDirectory(prefix="provenly-") as folder:
        file = Path(folder, "licence")
        file.write_text(text, encoding="utf-8")
        found: str | None = license_id(str(file))
        return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
