"""A diff as one web page: the lines that the source does not explain, or what changed between two versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import groupby
from typing import Final

from provenly.report import diff_lines
from provenly.report.diff_groups import groups
from provenly.report.diff_view import File, View
from provenly.report.diff_words import commits, facts, grouped, places, said, title, where
from provenly.report.html import frame
from provenly.report.html.diffs import Diffs
from provenly.report.html.markup import Child, Html, code, tag
from provenly.report.words import foreign, lines, sentence
from provenly.trust.text import plural
from provenly.verify.comparison.cues import Cue
from provenly.verify.comparison.said import Kind

MAX_FILES: Final = 1_000
"""Files on the page."""

MAX_ITEMS: Final = 100
"""Cues of one kind, findings, commits and names on the page; the JSON document has the rest."""

MAX_PROMPTS: Final = 30
"""Sentences among them; most of an honest release's are messages to people."""

ELSEWHERE: Final = "--format patch has them all"


def render(view: View) -> str:
    """Return the diff as an HTML document."""
    name = title(view)
    return frame.page(name, tag("main", tag("h1", name), _body(view)), _footer(view))


def _body(view: View) -> Iterator[Html]:
    yield tag("p", view.summary, class_="look" if view.look else "fine")
    yield from (tag("p", sentence(text), class_="look") for text in (*view.problems, *view.remarks))
    yield tag("dl", ((tag("dt", label), tag("dd", text)) for label, text in places(view)))
    if view.findings:
        yield tag("h2", "Found in these files")
        found = [tag("li", sentence(note.text), " ", code(note.code)) for note in view.findings[:MAX_ITEMS]]
        yield tag("ul", found, _rest(len(view.findings) - MAX_ITEMS, "li"))
    yield from _cues(view)
    yield from _commits(view)
    page = Diffs(diff_lines.words(view), elsewhere=ELSEWHERE)
    yield from _sources(view, page)
    yield from _files(view, page)


def _footer(view: View) -> Html:
    return tag("footer", f"provenly {view.tool_version}, {view.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


def _cues(view: View) -> Iterator[Html]:
    if not view.cues:
        return
    yield tag("h2", "Look at these first")
    yield tag("p", "The version before does not say them.")
    rows: list[Html] = []
    for kind, group in groupby(view.cues, key=lambda cue: cue.kind):
        cues = grouped(group)
        most = MAX_PROMPTS if kind is Kind.PROMPT else MAX_ITEMS
        for number, (cue, others) in enumerate(cues[:most]):
            rows.append(_cue(cue, others, kind.value.replace("-", " ") if not number else ""))
        if len(cues) > most:
            rows.append(tag("tr", tag("td"), tag("td", f"and {len(cues) - most:,} more"), tag("td")))
    yield tag("table", rows, class_="cues")
    if view.cues_left_out:
        yield tag("p", f"{view.cues_left_out:,} more were found and are not listed anywhere.")


def _cue(cue: Cue, others: int, label: str) -> Html:
    text, was = said(cue)
    place, before = where(cue, others)
    old = tag("span", "before: ", code(was), class_="was") if was else None
    then = tag("span", before, class_="was") if was else None
    return tag("tr", tag("td", label), tag("td", code(text), old), tag("td", place, then))


def _commits(view: View) -> Iterator[Html]:
    text = commits(view)
    if not text:
        return
    found = view.between_commits.commits if view.between_commits else ()
    yield tag("h2", sentence(text))
    if found and view.between_commits:
        listed = [
            tag(
                "li",
                foreign(one.subject, limit=200),
                " ",
                tag("span", f"{one.commit[:10]} {one.time:%Y-%m-%d}, {foreign(one.author, limit=80)}", class_="soft"),
            )
            for one in found[:MAX_ITEMS]
        ]
        rest = _rest(view.between_commits.count - len(listed), "li")
        yield tag("details", tag("summary", "Commits, the newest first"), tag("ul", listed, rest))


def _sources(view: View, page: Diffs) -> Iterator[Html]:
    if view.sources_problem:
        yield tag("p", sentence(f"no lines of the source are shown: {view.sources_problem}"))
    if view.source_changes:
        covered = sum(bool(file.source) for file in view.files)
        stands = f", standing for {plural(covered, 'packed file')}" if covered else ""
        yield tag("h2", f"What changed in the source: {plural(len(view.source_changes), 'file')}{stands}")
    for one in view.source_changes[:MAX_FILES]:
        place = f"; {lines(one.lines, limit=6)}" if one.lines else ""
        about = tag("span", f"{one.change}: {foreign(one.detail)}{place}", class_="soft")
        yield page.file([code(one.path), " ", about], page.draw(one.diff))
    yield from filter(None, [_rest(len(view.source_changes) - MAX_FILES, "p")])
    shown = {one.path for one in view.source_changes}
    others = [path for path in view.sources if path not in shown]
    if others:
        what = f"{plural(len(others), 'further file' if shown else 'file')} of the source changed"
        names = [tag("li", code(path)) for path in others[:MAX_ITEMS]]
        rest = _rest(len(others) - MAX_ITEMS, "li")
        yield tag("details", tag("summary", f"{what} that no packed file is known to come of"), tag("ul", names, rest))


def _files(view: View, page: Diffs) -> Iterator[Html]:
    packed = view.between == "versions" and bool(view.source_changes)
    room = MAX_FILES
    for name, files in groups(file for file in view.files if not file.source):
        yield tag("h2", f"Packed {name[:1].lower()}{name[1:]}" if packed else name)
        yield from (_file(file, page) for file in files[: max(0, room)])
        yield from filter(None, [_rest(len(files) - max(0, room), "p")])
        room -= len(files)
    same = [file for file in view.files if file.source]
    if same:
        yield tag("h2", f"{plural(len(same), 'packed file')} changed as the source above did")
        names = [tag("li", code(file.path), " ← ", code(file.source)) for file in same[:MAX_FILES]]
        rest = _rest(len(same) - MAX_FILES, "li")
        yield tag("details", tag("summary", "Their names"), tag("ul", names, rest))


def _file(file: File, page: Diffs) -> Html:
    beside: Child = ["compared with ", code(file.before), "; "] if file.before not in ("", file.path) else None
    summary = [code(file.path), " ", tag("span", facts(file), class_="soft")]
    return page.file(summary, tag("p", beside, sentence(file.detail) if file.detail else None), page.draw(file.diff))


def _rest(count: int, name: str) -> Html | None:
    return tag(name, f"and {count:,} more") if count > 0 else None
