"""What CycloneDX has no field for: the verdict, every check, the files by class, and what is claimed only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from provenly.sbom.members import Document, installable, items, number, part, parts, shown, text, texts
from provenly.sbom.subject import conclusion, declared, supplier

if TYPE_CHECKING:
    from cyclonedx.model import Property

MAX_FILES: Final = 1_000
"""Unexplained or traced files that become properties; the JSON report has the rest, and the count is written."""

MAX_DEPENDENCIES: Final = 1_000
"""Direct dependencies under impossible names that become properties."""


def of(document: Document) -> list[Property]:
    """Return the properties of the component that the document is about."""
    verdict = part(document, "verdict")
    members = [
        ("provenly:verdict", text(verdict, "action")),
        ("provenly:policy", shown(text(part(verdict, "policy"), "name"))),
        ("provenly:policy:digest", shown(text(part(verdict, "policy"), "digest"), limit=256)),
        ("provenly:checked-at", text(document, "checked_at")),
        ("provenly:reference", shown(text(document, "reference"))),
    ]
    members += [(f"provenly:check:{text(one, 'check')}", text(one, "status")) for one in parts(document, "evidence")]
    reasons = list(parts(verdict, "reasons"))
    members += [(f"provenly:reason:{text(one, 'check')}", text(one, "action")) for one in reasons]
    members += [
        (f"provenly:waived:{text(one, 'check')}", shown(text(one, "waived"))) for one in reasons if text(one, "waived")
    ]
    members += _nature(document)
    members += _files(document)
    members += _claimed(document)
    return made(members)


def made(members: Iterable[tuple[str, str]]) -> list[Property]:
    """Return pairs as properties."""
    from cyclonedx.model import Property

    return [Property(name=name, value=value) for name, value in members]


def _nature(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what the BSI asks of every file: its name, and whether it is executable, an archive, structured.

    An archive is executable if something in it is, and structured if that can be got out again.
    """
    artifact, files = part(document, "artifact"), part(document, "files")
    if artifact:
        name = text(artifact, "url").rsplit("/", 1)[-1]
        yield "bsi:component:filename", shown(name, limit=256) or "package.tgz"
        runs = not files or number(files, "executable") > 0
        yield "bsi:component:executable", "executable" if runs else "non-executable"
        yield "bsi:component:archive", "archive"
        yield "bsi:component:structured", "structured"
    found = conclusion(document)
    yield "provenly:licence:concluded", f"{found.expression}; {found.why}" if found.expression else f"none; {found.why}"
    who = supplier(document)
    if who is not None:
        yield "provenly:supplier", who.how


def _files(document: Document) -> Iterator[tuple[str, str]]:
    source, files = part(document, "source"), part(document, "files")
    if source:
        yield "provenly:source:directory", shown(text(source, "directory"))
        yield "provenly:source:repository", shown(text(source, "repository"))
        yield "provenly:source:commit", shown(text(source, "commit"))
    if not files:
        return
    yield "provenly:files:total", str(number(files, "total"))
    classes = part(files, "by_class")
    for kind in classes:
        yield f"provenly:files:{kind}", str(number(classes, kind))
    for one in list(parts(files, "traced"))[:MAX_FILES]:
        what = f"{number(one, 'untraced')} of {number(one, 'size')} characters from nowhere"
        yield "provenly:traced", f"{shown(text(one, 'path'))} ({text(one, 'class')}; {what})"
    unexplained = list(parts(files, "unexplained"))
    for one in unexplained[:MAX_FILES]:
        yield "provenly:unexplained", f"{shown(text(one, 'path'))} ({_reach(one)}{_lines(one)})"
    classed = number(classes, "unexplained") + number(classes, "vocabulary")
    left = max(classed, len(unexplained)) - len(unexplained[:MAX_FILES])
    if left > 0:
        yield "provenly:unexplained:not-listed", str(left)


def _reach(file: Document) -> str:
    return ("executable" if file.get("executable") else "data") + (", not looked at" if text(file, "unchecked") else "")


def _lines(file: Document) -> str:
    spans = [one for one in items(file, "lines")[:16] if isinstance(one, tuple) and len(one) == 2]  # noqa: PLR2004 - first, last
    words = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"; line {words}" if words else ""


def _claimed(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what nobody has verified: consumers must not read it as found out."""
    package = part(document, "package")
    values = {
        "author": ", ".join(shown(name, limit=128) for name in texts(package, "authors")[:16]),
        "description": shown(text(package, "description")),
        "licenses": ", ".join(shown(one, limit=128) for one in declared(document)[:16]),
        "publisher": shown(text(package, "publisher")),
        "deprecated": shown(text(package, "deprecated")),
        "published": text(package, "published"),
        "repository": shown(text(package, "repository")),
    }
    claims = list(parts(package, "claims"))[:16]
    values |= {f"source:{text(claim, 'claimant')}": shown(text(claim, "text")) for claim in claims}
    yield from ((f"provenly:claimed:{key}", value) for key, value in values.items() if value)
    asked = list(parts(package, "requires"))
    for one in [one for one in asked if not installable(text(one, "name"))][:MAX_DEPENDENCIES]:
        yield "provenly:claimed:dependency", f"{shown(text(one, 'name'))} {shown(text(one, 'range'))}"
    if number(package, "requires_left_out"):
        yield "provenly:claimed:dependencies:not-listed", str(number(package, "requires_left_out"))
