"""The packages that an installation brings along: the resolved tree where there is one, else what is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Child, Html, code, tag, text
from provenly.report.html.verdict import ORDER, badge
from provenly.report.read import Members
from provenly.report.words import sentence
from provenly.trust.evidence import Status
from provenly.trust.text import plural

MAX_ROWS: Final = 1_000
"""Packages on a page: those with something wrong first, then the direct ones. The JSON document has the rest."""

MAX_TEXT: Final = 300
"""Characters of a name, a version or a message in a row."""

MAX_NOTES: Final = 50
"""Notes about the tree."""

COLUMNS: Final = ("Package", "Version", "Asked for by", "Licence (claimed)", "Checks", "Worth knowing")


def section(document: Members) -> Iterator[Html]:
    """Yield the dependencies, and what is not known of them."""
    graph = read.mapping(document, "graph")
    package = read.mapping(document, "package")
    required = list(read.mappings(package, "requires"))
    if graph:
        yield from _graph(graph)
    elif required or "requires" in package:
        yield tag(
            "p",
            "The tree of dependencies was not resolved for this report: these are the packages that this one asks ",
            "for, by ranges. npm chooses their versions, and everything that they ask for, at each installation.",
        )
        yield from _required(required, read.number(package, "requires_left_out"))
    else:
        yield tag("p", "This document does not list the dependencies.")


def _graph(graph: Members) -> Iterator[Html]:
    found = sorted(read.mappings(graph, "dependencies"), key=_weight)
    direct = sum(read.flag(one, "direct") for one in found)
    whole = "the whole tree" if read.flag(graph, "complete") else "not the whole tree"
    yield tag(
        "p",
        f"{plural(len(found), 'package')}, {direct:,} of them asked for directly; {whole}, resolved by ",
        f"{read.text(graph, 'how')} as of {read.moment(read.text(graph, 'at'))}. ",
        "Their bytes were not compared with any source.",
        class_="" if read.flag(graph, "complete") else "look",
    )
    notes = list(read.mappings(graph, "notes"))
    if notes:
        yield tag("ul", (_note(note) for note in notes[:MAX_NOTES]))
    if len(notes) > MAX_NOTES:
        yield tag("p", f"and {plural(len(notes) - MAX_NOTES, 'more note')}")
    if not found:
        yield tag("p", "It brings no other package along.")
        return
    yield from _overview(found)
    asking = _asking(graph)
    rows = [_row(one, asking.get(read.text(one, "id"), [])) for one in found[:MAX_ROWS]]
    yield _table("Packages that an installation brings along", COLUMNS, rows)
    if len(found) > MAX_ROWS:
        rest = Counter(status for one in found[MAX_ROWS:] for status in _statuses(one))
        said = ", ".join(f"{count:,} {status}" for status, count in rest.items())
        yield tag("p", f"{plural(len(found) - MAX_ROWS, 'more package')} left out here (checks: {said or 'none'}).")


def _weight(one: Members) -> tuple[int, bool, str]:
    """Return what decides the place of a package: trouble first, then those that are asked for directly."""
    worst = min((ORDER.get(status, 0) for status in _statuses(one)), default=ORDER["passed"])
    return worst, not read.flag(one, "direct"), read.text(one, "id")


def _statuses(one: Members) -> list[str]:
    checks = read.mapping(one, "checks")
    return [read.text(checks, check) for check in checks]


def _asking(graph: Members) -> dict[str, list[str]]:
    """Return who asks for each package, by its id."""
    asking: dict[str, list[str]] = {}
    edges = read.mapping(graph, "edges")
    for one in edges:
        for other in read.texts(edges, one):
            asking.setdefault(other, []).append(one)
    return asking


def _row(one: Members, asking: list[str]) -> Html:
    alias = read.text(one, "alias")
    return tag(
        "tr",
        tag(
            "th",
            code(read.text(one, "name"), limit=MAX_TEXT),
            [" as ", code(alias, limit=MAX_TEXT)] if alias else None,
            scope="row",
        ),
        tag("td", code(read.text(one, "version"), limit=MAX_TEXT)),
        tag("td", _by(one, asking)),
        tag("td", text(read.text(one, "licence"), limit=MAX_TEXT) or "none claimed"),
        tag("td", _checks(one)),
        tag("td", (tag("div", said) for said in _known(one))),
    )


def _by(one: Members, asking: list[str]) -> Child:
    if read.flag(one, "direct"):
        wanted = read.text(one, "wanted")
        return ["this package", [" (", code(wanted, limit=MAX_TEXT), ")"] if wanted else None]
    if not asking:
        return "not known"
    return [code(asking[0], limit=MAX_TEXT), f" and {len(asking) - 1:,} more" if asking[1:] else None]


def _checks(one: Members) -> Child:
    """Return how the checks of a package came out: a count for each status, and the names of those that failed."""
    checks = read.mapping(one, "checks")
    if not checks:
        return badge("unchecked")
    counts = Counter(_statuses(one))
    failed = [check for check in checks if read.text(checks, check) == "failed"]
    return [
        tag("div", f"{counts[status]} ", badge(status), f": {', '.join(failed)}" if status == "failed" else None)
        for status in sorted(counts, key=lambda status: ORDER.get(status, 0))
    ]


def _overview(found: list[Members]) -> Iterator[Html]:
    """Yield how each check came out over all packages."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        checks = read.mapping(one, "checks")
        for check in checks:
            counts.setdefault(check, Counter())[read.text(checks, check)] += 1
    if not counts:
        yield tag("p", "None of them was looked at by itself; the tree says only what would be installed.")
        return
    statuses = tuple(status.value for status in Status)
    head = (
        tag("th", "Check", scope="col"),
        *(tag("th", badge(status), scope="col", class_="n") for status in statuses),
    )
    rows = [
        tag(
            "tr",
            tag("th", check, scope="row"),
            (tag("td", f"{counts[check][status]:,}", class_="n") for status in statuses),
        )
        for check in sorted(counts)[:MAX_NOTES]
    ]
    caption = "Of how many packages each check came out how"
    table = tag("table", tag("caption", caption), tag("thead", tag("tr", head)), tag("tbody", rows))
    yield tag("div", table, class_="wide few", tabindex="0", role="region", aria_label=caption)


def _known(one: Members) -> Iterator[Child]:
    scope = read.text(one, "scope")
    if scope and scope != "required":
        yield scope
    if read.flag(one, "install_scripts"):
        yield tag("b", "runs code when it is installed")
    if deprecated := read.text(one, "deprecated"):
        yield text(f"deprecated: {deprecated}", limit=MAX_TEXT)
    platforms = read.texts(one, "platforms")
    if platforms:
        yield text(f"only for {', '.join(platforms[:8])}", limit=MAX_TEXT)
    if not read.items(one, "integrity"):
        yield "no digest is fixed for it"
    for note in list(read.mappings(one, "notes"))[:3]:
        yield text(sentence(read.text(note, "text")), limit=MAX_TEXT)


def _required(required: list[Members], left_out: int) -> Iterator[Html]:
    if not required:
        yield tag("p", "It asks for no other package.")
        return
    rows = [
        tag(
            "tr",
            tag("th", code(read.text(one, "name"), limit=MAX_TEXT), scope="row"),
            tag("td", code(read.text(one, "range") or "any version")),
            tag("td", code(read.text(one, "field"))),
        )
        for one in required[:MAX_ROWS]
    ]
    yield _table("Packages that this one asks for", ("Package", "Versions", "Field of package.json"), rows)
    more = left_out + max(0, len(required) - MAX_ROWS)
    if more:
        yield tag("p", f"and {more:,} more")


def _table(caption: str, columns: tuple[str, ...], rows: list[Html]) -> Html:
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in columns)))
    table = tag("table", tag("caption", caption), head, tag("tbody", rows))
    wide = len(columns) > 3  # noqa: PLR2004 - what a telephone has room for
    return tag("div", table, class_="wide", tabindex="0", role="region", aria_label=caption) if wide else table


def _note(note: Members) -> Html:
    return tag("li", sentence(read.text(note, "text")), " ", code(read.text(note, "code")))
