"""Choosing which lines of a long diff are shown, and which part of a long line.

Where not all hunks fit, those with words that a cue names come first, so that a change cannot hide behind a hundred
others; hunks are shown in their order, and what lies between them is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from provenly.report.diff_view import View
from provenly.trust.text import plural
from provenly.verify.comparison.said import Kind

MAX_WORDS: Final = 200
"""Words of cues that are looked for in hunks."""

PART: Final = 30
"""Lines of a hunk that are chosen together; one that is longer is taken apart, if it can be before a line that did not
come."""

LONG: Final = 200
"""Characters of a line that is cut down to what changed in it."""

BESIDE: Final = 60
"""Characters that are left on both sides of what changed in a long line."""

_GONE: Final = re.compile(r" \(now \d+, before \d+\)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a diff as it is shown.

    :param mark: ``+``, ``-``, ``@``, a space, a backslash, or ``…`` for lines that are left out.
    :param head: the line up to what changed in it, without the mark.
    :param middle: what changed; empty where the whole line did, or none of it.
    :param tail: the rest of the line.
    """

    mark: str
    head: str
    middle: str = ""
    tail: str = ""

    @property
    def text(self) -> str:
        """The whole line without its mark."""
        return f"{self.head}{self.middle}{self.tail}"


def words(view: View) -> tuple[str, ...]:
    """Return the words that the cues of a diff name, those of tools and sentences apart: they are too many."""
    named = (cue for cue in view.cues if cue.kind not in {Kind.PROMPT, Kind.TOOL, Kind.UNREAD})
    return tuple(dict.fromkeys(_GONE.sub("", cue.text).replace("(…)", "(") for cue in named))[:MAX_WORDS]


def choose(body: Sequence[str], room: int, wanted: Iterable[str]) -> tuple[list[Line], int]:
    """Return the lines to show of a diff's body, and how many are left out.

    :param room: lines that there is room for; of the first hunk that does not fit, the beginning is shown.
    :param wanted: words; hunks that add lines with one of them go first.
    """
    hunks = list(_hunks(body))
    chosen: dict[int, int] = {}
    left = max(1, room)
    if len(body) <= left:
        chosen = {number: len(hunk) for number, hunk in enumerate(hunks)}
    else:
        search = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE) if wanted else None
        first = [number for number, hunk in enumerate(hunks) if search and _adds(hunk, search)]
        for number in dict.fromkeys((*first, *range(len(hunks)))):
            if left <= 0:
                break
            # One hunk must not take the room of all others that a cue names.
            share = left if number not in first else max(1, left // 2)
            chosen[number] = min(len(hunks[number]), share)
            left -= chosen[number]
    shown: list[Line] = []
    gap = 0
    for number, hunk in enumerate(hunks):
        count = chosen.get(number, 0)
        if count and gap:
            shown.append(Line(mark="…", head=f" {plural(gap, 'line')} of the diff left out here"))
            gap = 0
        shown += _marked(hunk[:count])
        gap += len(hunk) - count
    return shown, len(body) - sum(chosen.values())


def _adds(hunk: Sequence[str], search: re.Pattern[str]) -> bool:
    return any(line.startswith("+") and search.search(line) for line in hunk)


def _hunks(body: Sequence[str]) -> Iterator[list[str]]:
    """Yield the hunks, long ones in parts: where a line in three changed, all is one hunk."""
    hunk: list[str] = []
    for line in body:
        long = len(hunk) >= PART and (not line.startswith("+") or len(hunk) >= 2 * PART)
        if hunk and (long or line.startswith("@@ ")):
            yield hunk
            hunk = []
        hunk.append(line)
    if hunk:
        yield hunk


def _marked(hunk: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of a hunk; where as many lines came as went, each pair is cut down to what changed."""
    position = 0
    while position < len(hunk):
        went = _run(hunk, position, "-")
        came = _run(hunk, position + went, "+")
        if went and went == came:
            pairs = [_pair(hunk[position + n][1:], hunk[position + went + n][1:]) for n in range(went)]
            yield from (pair[0] for pair in pairs)
            yield from (pair[1] for pair in pairs)
            position += went + came
            continue
        for line in hunk[position : position + max(1, went + came)]:
            mark = line[:1] or " "
            yield Line(mark=mark, head=line if mark == "@" else line[1:])
        position += max(1, went + came)


def _run(hunk: Sequence[str], start: int, mark: str) -> int:
    end = start
    while end < len(hunk) and hunk[end].startswith(mark):
        end += 1
    return end - start


def _pair(old: str, new: str) -> tuple[Line, Line]:
    shortest = min(len(old), len(new))
    same = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    behind = next((n for n in range(shortest - same) if old[-1 - n] != new[-1 - n]), shortest - same)
    return _around("-", old, same, behind), _around("+", new, same, behind)


def _around(mark: str, line: str, same: int, behind: int) -> Line:
    head, middle, tail = line[:same], line[same : len(line) - behind], line[len(line) - behind :]
    if len(line) > LONG:
        if len(head) > 2 * BESIDE:
            head = f"…({len(head) - BESIDE} characters) {head[-BESIDE:]}"
        if len(tail) > 2 * BESIDE:
            tail = f"{tail[:BESIDE]} …({len(tail) - BESIDE} characters)"
    return Line(mark=mark, head=head, middle=middle, tail=tail)
