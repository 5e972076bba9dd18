"""A report as one web page, for people who review, audit or sign: from the verdict down to the bytes.

It is made of the JSON document alone, so that a saved report gives the page that a live one does. The page is
self-contained, loads nothing and runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provenly.report import read
from provenly.report.html import (
    chain,
    decided,
    dependencies,
    evidence,
    frame,
    glossary,
    picture,
    replay,
    traced,
    tree,
    unexplained,
    verdict,
)
from provenly.report.html.markup import Child, Html, join, tag
from provenly.trust.strict_json import Json
from provenly.trust.text import plural


def render(document: Mapping[str, Json]) -> str:
    """Return the report as an HTML document.

    :param document: a JSON report, as :mod:`provenly.report.saved` gives it.
    """
    subject = verdict.subject(document)
    action = read.text(read.mapping(document, "verdict"), "action")
    return frame.page(
        f"{action.upper()}: {subject}, provenly report",
        tag("a", "Skip to the evidence", href="#evidence", class_="skip"),
        tag(
            "header",
            tag("h1", "Where does ", tag("b", subject), " come from?"),
            tag("p", f"Provenly report of {read.day(read.text(document, 'checked_at'))}", class_="soft"),
        ),
        tag("main", _body(document), class_="report"),
        _footer(document),
    )


def _body(document: Mapping[str, Json]) -> Iterator[Html]:
    sections = list(_sections(document))
    yield tag("section", verdict.banner(document), aria_label="Verdict")
    contents = (tag("li", tag("a", short, href=f"#{name}")) for name, short, _, _ in sections)
    yield tag("nav", tag("ul", contents), aria_label="Contents")
    yield tag("section", verdict.counts(document), verdict.facts(document), aria_label="Overview")
    for name, _, title, inside in sections:
        yield tag("section", tag("h2", title, id=name), inside, aria_labelledby=name)


def _sections(document: Mapping[str, Json]) -> Iterator[tuple[str, str, str, Child]]:
    """Yield the sections: the name by which links lead to each, its name in the contents, its heading, its content."""
    files = read.mapping(document, "files")
    left = len(read.items(files, "unexplained"))
    yield "picture", "Picture", "The package against its source", picture.section(document)
    count, counted = (f": {left:,}", f": {plural(left, 'file')}") if files else ("", ", if anything: not compared")
    yield "unexplained", f"Unexplained{count}", f"What nothing explains{counted}", unexplained.section(document)
    if bundles := join(traced.section(document)):
        yield "traced", "Bundles", "Bundles, traced", bundles
    yield "files", "Files", "All files", tree.section(document)
    yield "chain", "Chain", "From the source to the bytes, link by link", chain.section(document)
    yield "evidence", "Evidence", "Evidence: what was asked, and what was found", evidence.section(document)
    yield "dependencies", "Dependencies", "Dependencies", dependencies.section(document)
    yield "policy", "Policy", "Policy and written exceptions", decided.policy(document)
    yield "unchecked", "Unchecked", "What could not be checked", decided.unchecked(document)
    if notes := join(decided.notes(document)):
        yield "notes", "Notes", "Noticed on the way", notes
    yield "replay", "Replay", "How to replay it", tag("div", replay.section(document), class_="steps")
    yield "glossary", "Glossary", "Glossary", glossary.section()


def _footer(document: Mapping[str, Json]) -> Html:
    version = read.text(read.mapping(document, "tool"), "version")
    when = read.moment(read.text(document, "checked_at"))
    return tag("footer", tag("p", f"Made by provenly {version} from a report as of {when}. All times are in UTC."))
