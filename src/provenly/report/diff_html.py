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

from provenly.report import diff_text
from provenly.report.diff_view import File, View
from provenly.report.words import foreign, sentence

MAX_LINES: Final = 20_000
"""Lines of all diffs together on one page; browsers draw these at once. The rest is counted."""

MAX_OPEN: Final = 5
"""Files whose lines are shown without being asked for."""

MAX_CUES: Final = 100
"""Cues of one kind on the page; the JSON document has the rest."""

_STYLE: Final = """
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #444c56); --soft: light-dark(#57606a, #adbac7); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.35rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.look { border-left: .3rem solid #d29922; padding-left: .7rem; } .fine { border-left: .3rem solid #2da44e;
padding-left: .7rem; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, .soft { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .8rem 0; }
summary { cursor: pointer; padding: .5rem .8rem; overflow-wrap: anywhere; } details > p { margin: 0 .8rem .5rem; }
pre { font: 13px/1.45 ui-monospace, monospace; margin: 0; overflow-x: auto; border-top: 1px solid var(--line);
padding: .5rem 0; } pre span { display: block; padding: 0 .8rem; white-space: pre-wrap; overflow-wrap: anywhere;
unicode-bidi: bidi-override; direction: ltr; } code { unicode-bidi: bidi-override; direction: ltr; }
.a { background: light-dark(#dafbe1, #1b4721); } .r { background: light-dark(#ffebe9, #5d1a1d); }
.h { color: var(--soft); } table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: .25rem .6rem; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
"""

_MARKS: Final = {"+": "a", "-": "r", "@": "h"}


def render(view: View) -> str:
    """Return the diff as an HTML document."""
    return "\n".join(_document(view)) + "\n"


def policy() -> str:
    """Return the page's content security policy: its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _document(view: View) -> Iterator[str]:
    title = _text(diff_text.title(view))
    yield "<!DOCTYPE html>"
    yield '<html lang="en" dir="ltr"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy())}">'
    yield '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    yield f'<p class="{"look" if view.look else "fine"}">{_text(view.summary)}</p>'
    yield from (f'<p class="look">{_text(sentence(problem))}</p>' for problem in view.problems)
    yield "<dl>"
    yield from (f"<dt>{_text(label)}</dt><dd>{_text(text)}</dd>" for label, text in diff_text.places(view))
    yield "</dl>"
    yield from _cues(view)
    if view.sources:
        yield f"<details><summary>{len(view.sources):,} source files differ between the two commits</summary><p>"
        yield "<br>".join(f"<code>{_foreign(path)}</code>" for path in view.sources[:MAX_CUES])
        yield "</p></details>" if len(view.sources) <= MAX_CUES else "<br>and more</p></details>"
    if view.files:
        yield "<h2>Files</h2>"
    room = MAX_LINES
    for number, file in enumerate(view.files):
        yield from _file(file, room, opened=number < MAX_OPEN)
        room = max(0, room - file.diff.count("\n"))
    moment = f"{view.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    yield f'<p class="soft">provenly {_text(view.tool_version)}, {moment}</p></body></html>'


def _cues(view: View) -> Iterator[str]:
    if not view.cues:
        return
    yield "<h2>Look at these first</h2><p>The version before does not say them.</p><table>"
    for kind, group in groupby(view.cues, key=lambda cue: cue.kind):
        cues = list(group)
        for number, cue in enumerate(cues[:MAX_CUES]):
            where = f"{_foreign(cue.path)}{f':{cue.line}' if cue.line else ''}"
            label = _text(kind.value.replace("-", " ")) if not number else ""
            yield f"<tr><td>{label}</td><td><code>{_foreign(cue.text)}</code></td><td>{where}</td></tr>"
        if len(cues) > MAX_CUES:
            yield f"<tr><td></td><td>and {len(cues) - MAX_CUES:,} more</td><td></td></tr>"
    yield "</table>"
    if view.cues_left_out:
        yield f"<p>{view.cues_left_out:,} more were found and are not listed anywhere.</p>"


def _file(file: File, room: int, *, opened: bool) -> Iterator[str]:
    yield f"<details{' open' if opened else ''}><summary><code>{_foreign(file.path)}</code> "
    yield f'<span class="soft">{_text(diff_text.facts(file))}</span></summary>'
    beside = f"compared with <code>{_foreign(file.before)}</code>; " if file.before not in ("", file.path) else ""
    yield f"<p>{beside}{_text(sentence(file.detail)) if file.detail else ''}</p>"
    shown = diff_text.body(file.diff)
    if shown:
        lines = "".join(f'<span class="{_MARKS.get(line[:1], "")}">{_foreign(line)}</span>' for line in shown[:room])
        rest = f'<span class="h">… {len(shown) - room:,} more lines</span>' if len(shown) > room else ""
        yield f"<pre>{lines}{rest}</pre>"
    yield "</details>"


def _foreign(text: str) -> str:
    return html.escape(foreign(text.expandtabs(4), limit=diff_text.MAX_LINE))


def _text(text: str) -> str:
    """Escape text that was made safe to show already."""
    return html.escape(text)
