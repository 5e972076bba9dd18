"""A diff as one web page: self-contained, without scripts, under a policy that lets nothing be loaded.

Every text that a stranger wrote is first made safe to show, then escaped for HTML. The lines of diffs are drawn from
left to right whatever characters are in them, so that none can seem to stand where it does not.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator
from datetime import UTC
from itertools import groupby
from typing import Final

from provenly.report import diff_lines
from provenly.report.diff_groups import groups
from provenly.report.diff_view import File, View
from provenly.report.diff_words import body, commits, facts, grouped, places, said, title, where
from provenly.report.words import foreign, lines, sentence
from provenly.trust.text import plural
from provenly.verify.comparison.said import Kind

MAX_LINES: Final = 20_000
"""Lines of all diffs together on one page; browsers draw these at once. The rest is counted."""

MAX_FILE: Final = 2_000
"""Lines of the diff of one file."""

LEAST: Final = 20
"""Lines that the diff of every file gets, whatever there is room for."""

MAX_FILES: Final = 1_000
"""Files on the page."""

MAX_OPEN: Final = 5
"""Diffs that are shown without being asked for."""

MAX_ITEMS: Final = 100
"""Cues of one kind, findings, commits and names on the page; the JSON document has the rest."""

MAX_PROMPTS: Final = 30
"""Sentences among them; most of an honest release's are messages to people."""

MAX_LINE: Final = 1_200
"""Characters of a line."""

_STYLE: Final = """
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #444c56); --soft: light-dark(#57606a, #adbac7);
--page: light-dark(#ffffff, #1c2128); --text: light-dark(#1f2328, #d5dde5); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem;
background: var(--page); color: var(--text); }
h1 { font-size: 1.35rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.look { border-left: .3rem solid #d29922; padding-left: .7rem; } .fine { border-left: .3rem solid #2da44e;
padding-left: .7rem; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, .soft { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .8rem 0; }
summary { cursor: pointer; padding: .5rem .8rem; overflow-wrap: anywhere; } details > p, details > ul {
margin: 0 .8rem .5rem; overflow-wrap: anywhere; }
pre { font: 13px/1.45 ui-monospace, monospace; margin: 0; overflow-x: auto; border-top: 1px solid var(--line);
padding: .5rem 0; } pre span { display: block; padding: 0 .8rem 0 1.6rem; text-indent: -.8rem; white-space: pre-wrap;
overflow-wrap: anywhere; unicode-bidi: bidi-override; direction: ltr; }
code { font: .88em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; unicode-bidi: bidi-override; direction: ltr; }
.a { background: light-dark(#dafbe1, #17361f); } .r { background: light-dark(#ffebe9, #481a1c); }
.a mark { background: light-dark(#9be9a8, #2c6e3a); color: inherit; }
.r mark { background: light-dark(#ffc1ba, #8a2c2e); color: inherit; }
.h { color: var(--soft); } table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: .3rem .6rem; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; padding-left: 0; } td:last-child { color: var(--soft); width: 24%; }
.was { display: block; color: var(--soft); }
@media (max-width: 45rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
td, tr { display: block; border: 0; padding: .1rem 0; } tr { border-top: 1px solid var(--line); padding: .4rem 0; }
td:last-child { width: auto; } td:first-child { font-weight: 600; } }
"""

_MARKS: Final = {"+": "a", "-": "r", "@": "h", "…": "h"}


def render(view: View) -> str:
    """Return the diff as an HTML document."""
    return "\n".join(_document(view)) + "\n"


def policy() -> str:
    """Return the page's content security policy: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _document(view: View) -> Iterator[str]:
    name = _text(title(view))
    yield "<!DOCTYPE html>"
    yield '<html lang="en" dir="ltr"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy())}">'
    yield '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
    yield f"<title>{name}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{name}</h1>"
    yield f'<p class="{"look" if view.look else "fine"}">{_text(view.summary)}</p>'
    yield from (f'<p class="look">{_text(sentence(text))}</p>' for text in (*view.problems, *view.remarks))
    yield "<dl>"
    yield from (f"<dt>{_text(label)}</dt><dd>{_text(text)}</dd>" for label, text in places(view))
    yield "</dl>"
    yield from _findings(view)
    yield from _cues(view)
    yield from _commits(view)
    page = _Diffs(diff_lines.words(view))
    yield from _sources(view, page)
    yield from _files(view, page)
    moment = f"{view.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    yield f'<p class="soft">provenly {_text(view.tool_version)}, {moment}</p></body></html>'


def _findings(view: View) -> Iterator[str]:
    if view.findings:
        yield "<h2>Found in these files</h2><ul>"
        for note in view.findings[:MAX_ITEMS]:
            yield f"<li>{_text(sentence(note.text))} <code>{_foreign(note.code)}</code></li>"
        yield from _rest(len(view.findings) - MAX_ITEMS, "li")
        yield "</ul>"


def _cues(view: View) -> Iterator[str]:
    if not view.cues:
        return
    yield "<h2>Look at these first</h2><p>The version before does not say them.</p><table>"
    for kind, group in groupby(view.cues, key=lambda cue: cue.kind):
        cues = grouped(group)
        most = MAX_PROMPTS if kind is Kind.PROMPT else MAX_ITEMS
        for number, (cue, others) in enumerate(cues[:most]):
            text, was = said(cue)
            place, before = where(cue, others)
            label = _text(kind.value.replace("-", " ")) if not number else ""
            old = f'<span class="was">before: <code>{_text(was)}</code></span>' if was else ""
            then = f'<span class="was">{_text(before)}</span>' if was else ""
            yield f"<tr><td>{label}</td><td><code>{_text(text)}</code>{old}</td><td>{_text(place)}{then}</td></tr>"
        if len(cues) > most:
            yield f"<tr><td></td><td>and {len(cues) - most:,} more</td><td></td></tr>"
    yield "</table>"
    if view.cues_left_out:
        yield f"<p>{view.cues_left_out:,} more were found and are not listed anywhere.</p>"


def _commits(view: View) -> Iterator[str]:
    text = commits(view)
    if not text:
        return
    found = view.between_commits.commits if view.between_commits else ()
    yield f"<h2>{_text(sentence(text))}</h2>"
    if found and view.between_commits:
        yield "<details><summary>Commits, the newest first</summary><ul>"
        for one in found[:MAX_ITEMS]:
            about = f"{one.commit[:10]} {one.time:%Y-%m-%d}, {foreign(one.author, limit=80)}"
            yield f'<li>{_text(foreign(one.subject, limit=200))} <span class="soft">{_text(about)}</span></li>'
        yield from _rest(view.between_commits.count - min(len(found), MAX_ITEMS), "li")
        yield "</ul></details>"


def _rest(count: int, tag: str) -> Iterator[str]:
    if count > 0:
        yield f"<{tag}>and {count:,} more</{tag}>"


class _Diffs:
    """Draws diffs as long as there is room on the page."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self._wanted = wanted
        self._room = MAX_LINES
        self._opened = 0

    def open(self) -> str:
        """Return the tag for the next file: the first ones are open."""
        self._opened += 1
        return f"<details{' open' if self._opened <= MAX_OPEN else ''}>"

    def draw(self, diff: str) -> Iterator[str]:
        """Yield the chosen lines of a diff."""
        if not diff:
            return
        shown, left_out = diff_lines.choose(body(diff), min(MAX_FILE, max(LEAST, self._room)), self._wanted)
        self._room -= len(shown)
        rest = f'<span class="h">… {plural(left_out, "more line")}: --format patch has them all</span>' * bool(left_out)
        yield f"<pre>{''.join(map(_line, shown))}{rest}</pre>"


def _line(line: diff_lines.Line) -> str:
    middle = (
        f"<mark>{_foreign(line.middle)}</mark>" if line.middle and (line.head or line.tail) else _foreign(line.middle)
    )
    mark = "" if line.mark == "@" else _foreign(line.mark)
    return f'<span class="{_MARKS.get(line.mark, "")}">{mark}{_foreign(line.head)}{middle}{_foreign(line.tail)}</span>'


def _sources(view: View, page: _Diffs) -> Iterator[str]:
    if view.sources_problem:
        yield f"<p>{_text(sentence(f'no lines of the source are shown: {view.sources_problem}'))}</p>"
    if view.source_changes:
        covered = sum(bool(file.source) for file in view.files)
        stands = f", standing for {plural(covered, 'packed file')}" if covered else ""
        yield f"<h2>What changed in the source: {plural(len(view.source_changes), 'file')}{stands}</h2>"
    for one in view.source_changes[:MAX_FILES]:
        place = f"; {lines(one.lines, limit=6)}" if one.lines else ""
        about = f'<span class="soft">{_text(f"{one.change}: {foreign(one.detail)}{place}")}</span>'
        yield f"{page.open()}<summary><code>{_foreign(one.path)}</code> {about}</summary>"
        yield from page.draw(one.diff)
        yield "</details>"
    yield from _rest(len(view.source_changes) - MAX_FILES, "p")
    shown = {one.path for one in view.source_changes}
    others = [path for path in view.sources if path not in shown]
    if others:
        what = f"{plural(len(others), 'further file' if shown else 'file')} of the source changed"
        yield f"<details><summary>{what} that no packed file is known to come of</summary><ul>"
        yield from (f"<li><code>{_foreign(path)}</code></li>" for path in others[:MAX_ITEMS])
        yield from _rest(len(others) - MAX_ITEMS, "li")
        yield "</ul></details>"


def _files(view: View, page: _Diffs) -> Iterator[str]:
    packed = view.between == "versions" and bool(view.source_changes)
    room = MAX_FILES
    for name, files in groups(file for file in view.files if not file.source):
        yield f"<h2>Packed {name[:1].lower()}{name[1:]}</h2>" if packed else f"<h2>{name}</h2>"
        for file in files[: max(0, room)]:
            yield from _file(file, page)
        yield from _rest(len(files) - max(0, room), "p")
        room -= len(files)
    same = [file for file in view.files if file.source]
    if same:
        yield f"<h2>{plural(len(same), 'packed file')} changed as the source above did</h2>"
        yield "<details><summary>Their names</summary><ul>"
        for file in same[:MAX_FILES]:
            yield f"<li><code>{_foreign(file.path)}</code> ← <code>{_foreign(file.source)}</code></li>"
        yield from _rest(len(same) - MAX_FILES, "li")
        yield "</ul></details>"


def _file(file: File, page: _Diffs) -> Iterator[str]:
    yield f"{page.open()}<summary><code>{_foreign(file.path)}</code> "
    yield f'<span class="soft">{_text(facts(file))}</span></summary>'
    beside = f"compared with <code>{_foreign(file.before)}</code>; " if file.before not in ("", file.path) else ""
    yield f"<p>{beside}{_text(sentence(file.detail)) if file.detail else ''}</p>"
    yield from page.draw(file.diff)
    yield "</details>"


def _foreign(text: str) -> str:
    return html.escape(foreign(text.expandtabs(4), limit=MAX_LINE))


def _text(text: str) -> str:
    """Escape text that was made safe to show already."""
    return html.escape(text)
