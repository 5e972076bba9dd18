"""Where the statements of bundles come from: shares by source and dependency, and what comes from nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from provenly.report import read
from provenly.report.html.markup import Html, code, tag
from provenly.report.html.picture import bar, key, percent
from provenly.report.read import Members
from provenly.trust.text import plural

MAX_BUNDLES: Final = 50
"""Bundles of which it is shown where they come from."""

MAX_OPEN: Final = 3
"""Bundles that are shown without being asked for."""

MAX_DEPENDENCIES: Final = 40
"""Dependencies of one bundle; the ones with the most code."""

MAX_WORDS: Final = 60
"""Words of one kind that no source has."""

KINDS: Final = {
    "host": "Hosts",
    "address": "Addresses",
    "environment": "Environment variables",
    "word": "Other words and names",
}


def section(document: Members) -> Iterator[Html]:
    """Yield the bundles; nothing where there are none."""
    traced = list(read.mappings(read.mapping(document, "files"), "traced"))
    if not traced:
        return
    yield tag(
        "p",
        "A bundle is many files written into one, which nobody can compare with a single source. Each statement in it ",
        "was looked for in the published source and in the exact dependencies that the source locks.",
    )
    for number, one in enumerate(traced[:MAX_BUNDLES]):
        summary = tag("summary", code(read.text(one, "path")), " ", key(read.text(one, "class")))
        yield tag("details", summary, tag("div", _bundle(one), class_="inside"), open=number < MAX_OPEN)
    if len(traced) > MAX_BUNDLES:
        yield tag("p", f"{plural(len(traced) - MAX_BUNDLES, 'more bundle')} in the JSON document.")


def _bundle(one: Members) -> Iterator[Html]:
    """Yield one bundle; sizes are characters of code, without spaces and comments."""
    whole = read.number(one, "size")
    found = read.mapping(one, "dependencies")
    amounts = {name: read.number(found, name) for name in found}
    sources, glue, untraced = (read.number(one, name) for name in ("sources", "glue", "untraced"))
    together = sum(amounts.values())
    rows = [
        ("identical", f"from {plural(read.number(one, 'source_files'), 'file')} of the published source", sources),
        ("traced", f"from {plural(len(amounts), 'dependency', 'dependencies')}", together),
        ("unchecked", "what the bundler itself adds", glue),
        ("unexplained", f"from nowhere, in {plural(read.number(one, 'pieces'), 'piece')}", untraced),
    ]
    said = ", ".join(f"{percent(amount, whole)} {about}" for _, about, amount in rows)
    yield tag("div", bar([(kind, amount) for kind, _, amount in rows], label=said), class_="big")
    yield tag(
        "table",
        tag("caption", f"Of {whole:,} characters of code"),
        tag("thead", tag("tr", _head("Comes"), _head("Share", "n"), _head("Characters", "n"))),
        tag("tbody", (_row(*row, whole) for row in rows)),
    )
    if rewritten := read.text(one, "rewritten_by"):
        yield tag("p", f"Both sides were rewritten with {rewritten} before they were compared.")
    missing = read.texts(one, "missing")
    if missing:
        names = ", ".join(missing[:MAX_DEPENDENCIES]) + (" and more" if missing[MAX_DEPENDENCIES:] else "")
        yield tag("p", f"Could not be had, so that nothing is traced to it: {names}.", class_="look")
    if amounts:
        yield _dependencies(amounts, whole)
    yield from _words(one)


def _head(name: str, kind: str = "") -> Html:
    return tag("th", name, scope="col", class_=kind)


def _row(kind: str, about: str, amount: int, whole: int) -> Html:
    colour = tag("span", class_=f"key i-{kind}", aria_hidden="true")
    cells = tag("td", percent(amount, whole), class_="n"), tag("td", f"{amount:,}", class_="n")
    return tag("tr", tag("th", colour, about, scope="row"), cells)


def _dependencies(amounts: dict[str, int], whole: int) -> Html:
    most = sorted(amounts, key=lambda name: (-amounts[name], name))
    rows = [
        tag(
            "tr",
            tag("th", code(name), scope="row"),
            tag("td", percent(amounts[name], whole), class_="n"),
            tag("td", f"{amounts[name]:,}", class_="n"),
        )
        for name in most[:MAX_DEPENDENCIES]
    ]
    rest = most[MAX_DEPENDENCIES:]
    more = tag("p", f"and {len(rest):,} more with {sum(amounts[name] for name in rest):,} characters") if rest else None
    return tag(
        "details",
        tag("summary", f"The {plural(len(amounts), 'dependency', 'dependencies')} in it"),
        tag(
            "table",
            tag("thead", tag("tr", _head("Dependency"), _head("Share", "n"), _head("Characters", "n"))),
            tag("tbody", rows),
        ),
        more,
    )


def _words(one: Members) -> Iterator[Html]:
    """Yield the words that no source has: hosts, addresses and variables open, for they are what thieves need."""
    found: dict[str, list[Members]] = {}
    for word in read.mappings(one, "foreign"):
        found.setdefault(read.text(word, "kind"), []).append(word)
    for kind, title in KINDS.items():
        words = found.get(kind, [])
        if not words:
            continue
        shown = [tag("li", code(read.text(word, "text"), limit=300), _line(word)) for word in words[:MAX_WORDS]]
        more = tag("li", f"and {len(words) - MAX_WORDS:,} more") if words[MAX_WORDS:] else None
        yield tag(
            "details",
            tag("summary", f"{title} that no source and no dependency has: {len(words):,}"),
            tag("ul", shown, more),
            open=kind != "word",
        )


def _line(word: Members) -> Html | None:
    line = read.number(word, "line")
    return tag("span", f" line {line:,}", class_="soft") if line else None
